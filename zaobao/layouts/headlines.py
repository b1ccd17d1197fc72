"""The headline: where a page may say it, best first, each read as a browser shows it."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

from zaobao import dom, text
from zaobao.cleaning import media
from zaobao.cleaning.elements import ENDING, SKIPPED
from zaobao.plausibility import is_site_name, without_site

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from zaobao.dom import Node
    from zaobao.layouts.place import Place, Selectors
    from zaobao.page import Page

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});", re.A)
_TAG = re.compile(
    r"</?(?:br|wbr|nobr|b|strong|i|em|u|s|del|ins|sub|sup|span|font|small|mark|a|p|div|ruby|rt|rb|rp"
    r"|o:p)(?:\s[^<>]{0,200})?/?>",
    re.I,
)
_RAISED = str.maketrans("0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ")
_UNSAID = frozenset({"s", "strike", "del"})
"""Elements whose words are taken back: without markup they would be said."""
_MOST_ESCAPED = 3
"""How many times over a script may hold a headline as HTML."""


def title(place: Place, selectors: Selectors) -> tuple[str, str | None]:
    """The headline and its source; ("", None) when there is none.

    The heading is that beside the story; one elsewhere may be the site's logo.
    """
    page, shown = place.page, _Shown(place.page)
    if isinstance(headline := place.ld.get("headline"), str):
        words = shown.reading(headline)
        if _is_headline(words):
            return words, "ld+json"
    heading = _heading(page.select(selectors, place.scope), page)
    heading = heading or _heading(page.select(selectors), page)
    if heading:
        return heading, "h1"
    for source, value in _others(page):
        words = shown.reading(value) if isinstance(value, str) else ""
        if _is_headline(words):
            return words, source
    return "", None


def _others(page: Page) -> Iterator[tuple[str, Any]]:
    yield "og:title", without_site(page.metas.get("og:title", ""))
    yield "hydration", page.hydration.get("headline")
    yield "title", without_site(page.title)


def _heading(nodes: list[Node], page: Page) -> str:
    """The page's own of several headings, else the first."""
    found = list(filter(_is_headline, map(line, nodes)))
    own = named(page) if len(found) > 1 else ()
    return next((words for words in found if key(words) in own), next(iter(found), ""))


def _is_headline(words: str) -> bool:
    return bool(words) and not is_site_name(words)


class _Shown:
    """The headlines that a page shows, by their keys; looked for when one is asked for."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._lines: Mapping[str, str] | None = None

    def reading(self, words: str) -> str:
        """A headline of a script or a meta as the page shows it.

        Where the page has the same words, its blanks count. HTML, also escaped more
        than once, is read as HTML, unless the page shows it as it is written.
        """
        if words.isprintable() and not any(mark in words for mark in "&< "):
            return words
        for _ in range(_MOST_ESCAPED):
            if (found := self._line_of(words)) is not None:
                return found
            if "&" not in words and "<" not in words:
                break
            inner = line(dom.fragment(words))
            if not _is_html(words) and self._line_of(inner) is None:
                break
            words = inner
        return _one_line(words)

    def _line_of(self, words: str) -> str | None:
        if self._lines is None:
            page = self._page
            metas = map(without_site, (page.title, page.metas.get("og:title", "")))
            # A meta that is HTML says nothing about how the page shows it; a heading does.
            lines = [_one_line(words) for words in metas if not _is_html(words)]
            lines += map(line, page.headings)
            self._lines = {key(words): words for words in lines if _is_headline(words)}
        return self._lines.get(key(words))


def _is_html(words: str) -> bool:
    """Whether words are HTML: a tag of a line, or entities and no `&` beside them."""
    if _TAG.search(words):
        return True
    return bool(_ENTITY.search(words)) and "&" not in _ENTITY.sub("", words)


def line(node: Node) -> str:
    """An element's words as a browser shows them, on one line."""
    if node.first_child is None:
        return ""
    parts: list[str] = []
    _collect(node, parts)
    return _one_line("".join(parts))


def _collect(node: Node, parts: list[str]) -> None:
    for child in node.iter(include_text=True):
        tag = child.tag or ""
        if tag == dom.TEXT:
            parts.append(child.text())
        elif tag == "img":
            parts.append(media.character(child, in_line=True) or "")
        elif tag in ENDING:
            parts.append(" ")
            _collect(child, parts)
            parts.append(" ")
        elif tag == "sup":
            parts.append(_raised(line(child)))
        elif tag == "q":
            parts.append(f"“{line(child)}”")
        elif tag == "rt" and node.css_first("rp") is None:
            parts.append(f"({line(child)})")
        elif (
            tag[:1] != "-"
            and tag not in _UNSAID
            and tag not in SKIPPED
            and not dom.is_hidden(child)
        ):
            _collect(child, parts)


def _raised(words: str) -> str:
    """A power as one; the mark of a note stays as it is."""
    raised = words.translate(_RAISED)
    return raised if not any(char.isalnum() and char.isascii() for char in raised) else words


def _one_line(words: str) -> str:
    return text.plain(words.replace("\xa0", " "))


def key(words: str) -> str:
    """The same for two headlines that differ in blanks, marks without width and forms alone."""
    return text.squeeze(unicodedata.normalize("NFKC", text.plain(words)))


def key_of_html(words: str) -> str:
    """`key` of a headline that a script may hold as HTML."""
    return key(line(dom.fragment(words)) if "&" in words or "<" in words else words)


def named(page: Page) -> set[str]:
    """The keys of the headlines that the page's metadata give it."""
    said = (page.metas.get("og:title", ""), page.title)
    return {key_of_html(without_site(words)) for words in said} - {""}


def shown(page: Page) -> set[str]:
    """The keys of what the page gives as its headline; HK-3 has it in `og:title` alone."""
    lines = map(line, page.headings)
    og_title = key_of_html(without_site(page.metas.get("og:title", "")))
    return {*map(key, lines), og_title} - {""}
