"""Correct, not only present: is a story that could be read also one that makes sense? Pure."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from typing import TYPE_CHECKING

from zaobao import text
from zaobao.cleaning.pieces import SKIPPED
from zaobao.errors import NotAStory
from zaobao.page import words_of
from zaobao.times import SINGAPORE

if TYPE_CHECKING:
    from datetime import date, datetime

    from lxml import etree

    from zaobao.items import Article, Extraction

GENERIC_LEAST = 200
"""Characters, white space not counted, below which the generic reader gives no post."""
DAYS_OFF = timedelta(days=2)
"""A time of publication further than this from the address's day is none (site-facts 9.1)."""
REPEAT_LEAST = 60
"""Characters from which two stories with the same text are no accident."""

BEGIN = 16
"""Characters of a description that are looked for in the text."""

_SITE = r"(?:联合早报网?|早报|zaobao(?:\.com(?:\.sg)?)?)"
_SITE_NAME = re.compile(rf"{_SITE}(?:\s*[|｜_–—-].*)?|[^|｜]{{0,12}}[|｜]\s*{_SITE}", re.I)
_CUT = ("…", "...", "⋯")
_ENDS = "。！？!?”’」』）)】》～~…：:；;"


def is_site_name(title: str) -> bool:
    """Whether a headline only names the site, or one of its sections: `中国 | 联合早报网`."""
    return _SITE_NAME.fullmatch(title.strip()) is not None


def day_is_off(article: Article, day: date) -> bool:
    """Whether the time of publication lies more than two days from the address's day.

    The address has the day on which the story was made.
    """
    return article.published is not None and is_off_day(article.published, day)


def is_off_day(moment: datetime, day: date) -> bool:
    """Whether a moment lies more than two days from a day in Singapore."""
    return abs(moment.astimezone(SINGAPORE).date() - day) > DAYS_OFF


def check(extraction: Extraction) -> None:
    """NotAStory for a clean story that must not be published as it is.

    What the generic reader gave has to be more than a layout's: 200 characters
    and no sign at all that the text goes on elsewhere; its access is unknown.
    """
    article = extraction.article
    if not (article.text or article.images or extraction.players):
        reason = "paywalled" if article.access == "paywalled" else "empty"
        raise NotAStory(reason, f"{article.id}: no text, no editorial picture and no video")
    order = extraction.rungs.get("order")
    if order == "hidden" or (order == "served" and article.layout == "generic"):
        raise NotAStory("order_unknown", f"{article.id}: the order of its paragraphs is hidden")
    if is_site_name(article.title):
        raise NotAStory("site_title", f"{article.id}: {article.title!r} is the site's name")
    if is_description(article.text, extraction.description):
        raise NotAStory("only_description", f"{article.id}: the text is the cut description")
    if article.layout == "generic":
        _check_generic(article)


def _check_generic(article: Article) -> None:
    if article.access != "free":
        why = f"{article.access} ({article.access_reason})"
        raise NotAStory("preview", f"{article.id}: read without a layout, {why}")
    if (size := text.count(article.text)) < GENERIC_LEAST:
        raise NotAStory("short", f"{article.id}: read without a layout, {size} characters")
    article.access, article.access_reason = "unknown", "read without a layout"


def is_description(body: str, description: str) -> bool:
    """Whether a text is no more than the page's description, which breaks off.

    A brief of one sentence may equal its description, and ends as a sentence does.
    """
    words, about = "".join(body.split()), "".join(description.split())
    for mark in _CUT:
        words, cut = words.removesuffix(mark), about.removesuffix(mark)
        if words and words == cut:
            return cut != about or words[-1] not in _ENDS
    return False


def is_described(body: str, description: str) -> bool:
    """Whether a text is just the page's description."""
    words = "".join(body.split()) if 0 < len(body) <= 2 * len(description) else ""
    return words != "" and words == "".join(description.split())


def begins(body: str, description: str) -> bool:
    """Whether the start of the page's description, most often the text's own, is in the text."""
    start = "".join(description.split())[:BEGIN]
    return len(start) == BEGIN and start in "".join(body.split())


def begins_outside(box: etree._Element, root: etree._Element, description: str) -> bool:
    """Whether the start of the page's description is printed, but not in the story's box."""
    if begins(words_of(box), description):
        return False
    return any(
        node.tag not in SKIPPED and node.text and begins(node.text, description)
        for node in root.iter()
    )


def is_cut(body: str, description: str) -> bool:
    """Whether the page's description, which is the start of the text, goes on after the text."""
    words, about = "".join(body.split()), "".join(description.split()).rstrip("….")
    return REPEAT_LEAST > len(words) > 0 and len(about) > len(words) and about.startswith(words)


def fingerprint(body: str) -> str | None:
    """The same for two stories with the same text; None for one too short to tell."""
    words = "".join(body.split())
    if len(words) < REPEAT_LEAST:
        return None
    return hashlib.sha256(words.encode()).hexdigest()
