"""Checks whether an article is plausible, also by what its page's description says."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from zaobao import dom, text
from zaobao.cleaning.elements import SKIPPED
from zaobao.errors import NotAStory

if TYPE_CHECKING:
    from zaobao.dom import Node
    from zaobao.items import Article, Extraction

GENERIC_LEAST = 200
"""Characters, white space not counted, below which the generic fallback gives no post."""
REPEAT_LEAST = 60
"""Characters from which two stories with the same text are no accident."""

BEGIN = 16
"""Characters of a description that are looked for in the text."""

_SITE = r"(?:联合早报网?|早报|zaobao(?:\.com(?:\.sg)?)?)"
_PART = r"\s*[|｜_–—-]+\s*"
_SITE_NAME = re.compile(
    rf"{_SITE}(?:{_PART}{_SITE})*(?:{_PART}(?:首页|主页|新加坡、中国.*))?|[^|｜]{{0,12}}[|｜]\s*{_SITE}",
    re.I,
)
"""The name once or more, with the front page's motto, or behind a section's. What else begins
with it is a headline: `联合早报-国大民调`."""
_CUT = ("…", "...", "⋯")
_ENDS = "。！？!?”’」』）)】》～~…：:；;"


def is_site_name(title: str) -> bool:
    """Whether a headline only names the site, or one of its sections: `中国 | 联合早报网`."""
    return _SITE_NAME.fullmatch(title.strip()) is not None


def check(extraction: Extraction) -> None:
    """NotAStory for a clean story that must not be published as it is.

    What the generic fallback gave has to be more than a layout's: 200 characters
    and no sign at all that the text goes on elsewhere; its access is unknown.
    """
    article = extraction.article
    if not (article.text or article.images or extraction.players):
        reason = "paywalled" if article.access == "paywalled" else "empty"
        raise NotAStory(reason, f"{article.id}: no text, no editorial picture and no video")
    order = extraction.sources.get("order")
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
    words, about = text.squeeze(body), text.squeeze(description)
    for mark in _CUT:
        words, cut = words.removesuffix(mark), about.removesuffix(mark)
        if words and words == cut:
            return cut != about or words[-1] not in _ENDS
    return False


def is_described(body: str, description: str) -> bool:
    """Whether a text is just the page's description."""
    words = text.squeeze(body) if 0 < len(body) <= 2 * len(description) else ""
    return words != "" and words == text.squeeze(description)


def begins(body: str, description: str) -> bool:
    """Whether the start of the page's description, most often the text's own, is in the text."""
    start = begin_of(description)
    return start != "" and start in text.squeeze(body)


def begin_of(description: str) -> str:
    """The start of a description, without white space; "" of one too short to tell."""
    start = text.squeeze(description)[:BEGIN]
    return start if len(start) == BEGIN else ""


def begins_outside(box: Node, root: Node, description: str) -> bool:
    """Whether the start of the page's description is printed, but not in the story's box."""
    if begins(dom.words_of(box), description):
        return False
    return any(
        node.tag == dom.TEXT
        and begins(node.text(), description)
        and not dom.is_below(node, SKIPPED)
        for node in root.traverse(include_text=True, skip_empty=True)
    )


def is_cut(body: str, description: str) -> bool:
    """Whether the page's description, which is the start of the text, goes on after the text."""
    words, about = text.squeeze(body), text.squeeze(description).rstrip("….")
    return REPEAT_LEAST > len(words) > 0 and len(about) > len(words) and about.startswith(words)


def fingerprint(body: str) -> str | None:
    """The same for two stories with the same text; None for one too short to tell."""
    words = text.squeeze(body)
    if len(words) < REPEAT_LEAST:
        return None
    return hashlib.sha256(words.encode()).hexdigest()
