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

_FULL_NAME = r"(?:(?:新加坡)?联合早报网?(?:\s*lianhe\s*zaobao)?|lianhe\s*zaobao)"
_SITE = rf"(?:{_FULL_NAME}|早报|zaobao(?:\.com(?:\.sg)?)?)"
_SECTION = (
    r"(?:(?:即时|中国|新加坡|国际|世界|全球|亚洲|亚细安|东南亚|财经|社会|两岸|港澳|大中华)(?:新闻|即时|要闻)?"
    r"|体育|娱乐|生活|副刊|言论|评论|观点|社论|专题|新闻)"
)
_PART = r"\s*[|｜_–—-]+\s*"
_APART = r"(?:\s*[|｜]\s*|\s+[_–—-]{1,2}\s+)"
_SITE_NAME = re.compile(
    rf"{_SITE}(?:{_PART}{_SITE})*(?:{_PART}(?:首页|主页|新加坡、中国.*)|{_APART}{_SECTION})?"
    rf"|[^|｜]{{0,12}}[|｜]\s*{_SITE}",
    re.I,
)
"""The name once or more, with the front page's motto or a section, or behind a section's. What
else begins with it is a headline: `联合早报-国大民调`."""
_SITE_BEHIND = re.compile(
    rf"(?:(?:{_APART}|\s+[_–—-]{{1,2}}|[_–—-]{{1,2}}\s+){_SITE}|\s*[_-]{{1,2}}{_FULL_NAME})$", re.I
)
"""The name behind a title. A long dash, and a short name, need a blank: `渔村与早报—早报`."""
_SECTION_BEHIND = re.compile(rf"(?:{_APART}|_){_SECTION}$")
_SITE_BEFORE = re.compile(rf"\A{_FULL_NAME}{_APART}(?=\S)", re.I)
_LONGEST_NAME = 40
_MOST_NAMES = 3
_CUT = ("…", "...", "⋯")
_ENDS = "。！？!?”’」』）)】》～~…：:；;"


def is_site_name(title: str) -> bool:
    """Whether a headline only names the site, or one of its sections: `中国 | 联合早报网`."""
    return _SITE_NAME.fullmatch(title.strip()) is not None


def without_site(title: str) -> str:
    """A page's title without the site's name and sections behind it, or the full name before it.

    A title that is closed with the site's name begins with its own words. One that is no more
    than the site's name keeps it.
    """
    title = title.strip()
    words = _without(title, _SITE_BEHIND)
    if words != title:
        return _without(words, _SECTION_BEHIND)
    return title if is_site_name(title) else _SITE_BEFORE.sub("", title)


def _without(title: str, name: re.Pattern[str]) -> str:
    """A title without what is found at its end, of which no more than a name's length is read."""
    for _ in range(_MOST_NAMES):
        start = max(len(title) - _LONGEST_NAME, 0)
        found = name.search(title, start)
        if found is None or not found.start():
            break
        title = title[: found.start()].rstrip()
    return title


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
        raise NotAStory(
            "short", f"{article.id}: read without a layout, {text.counted(size, 'character')}"
        )
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
