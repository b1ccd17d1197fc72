"""Headline, authors and keywords: the places where a page may say them, best first.

Each function gives the value and its source; the source is recorded, so that a
change of the site shows as a shift from one to the next.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

from zaobao import dom, embedded, text
from zaobao.page import SIDES
from zaobao.plausibility import is_site_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zaobao.dom import Node
    from zaobao.layouts.place import Place, Selectors
    from zaobao.page import Page

_SUFFIXES = (" | 联合早报网", " | 联合早报", " | 早报")
_MENUS = SIDES | {"header"}
_TAGS = re.compile(r"<[^>]{0,2000}>")


def title(place: Place, selectors: Selectors) -> tuple[str, str | None]:
    """The headline and its source; ("", None) when there is none.

    The heading is that beside the story; one elsewhere may be the site's logo.
    """
    page, headline = place.page, place.ld.get("headline")
    heading = ""
    if not isinstance(headline, str) or "&" in headline or not _is_headline(text.plain(headline)):
        heading = _heading(page.select(selectors, place.scope), page)
        heading = heading or _heading(page.select(selectors), page)
    for source, value in _titles(page, headline, heading):
        words = text.plain(value) if isinstance(value, str) else ""
        if _is_headline(words):
            return words, source
    return "", None


def _heading(nodes: list[Node], page: Page) -> str:
    """The page's own of several headings, else the first."""
    found = list(filter(_is_headline, map(dom.text_of, nodes)))
    own = named(page) if len(found) > 1 else ()
    return next((words for words in found if words in own), next(iter(found), ""))


def named(page: Page) -> set[str]:
    """The headlines that the page's metadata give it."""
    said = (page.metas.get("og:title", ""), page.title)
    return {" ".join(without_suffix(words).split()) for words in said} - {""}


def _is_headline(words: str) -> bool:
    return bool(words) and not is_site_name(words)


def _titles(page: Page, headline: Any, heading: str) -> Iterator[tuple[str, Any]]:
    if isinstance(headline, str) and "&" in headline:
        words = html.unescape(headline)
        if words in (heading, _og_title(page)):  # the script holds the headline as HTML
            headline = words
    yield "ld+json", headline
    yield "h1", heading
    yield "og:title", _og_title(page)
    yield "hydration", page.hydration.get("headline")
    yield "title", without_suffix(page.title)


def _og_title(page: Page) -> str:
    return without_suffix(page.metas.get("og:title", ""))


def without_suffix(words: str) -> str:
    """A page's title without the site's name behind it."""
    for suffix in _SUFFIXES:
        words = words.strip().removesuffix(suffix)
    return words


def authors(place: Place, selectors: Selectors) -> list[str]:
    """The authors' names as printed, each once."""
    found = embedded.names(place.ld.get("author"))
    if not found:
        found = [dom.text_of(node) for node in place.page.select(selectors, place.scope)]
    return _distinct(found)


def tags(place: Place, selectors: Selectors) -> tuple[list[str], str | None]:
    """The keywords and their source; the paper's pages may say null (RSSHub #20230)."""
    for source, said in _keywords(place):
        if found := _distinct(embedded.names(said)):
            return found, source
    found = _distinct(_block_tags(place, selectors))
    return found, "block" if found else None


def _keywords(place: Place) -> Iterator[tuple[str, Any]]:
    yield "meta", place.page.metas.get("keywords")
    yield "ld+json", place.ld.get("keywords")
    yield "hydration", place.page.hydration.get("tags")


def _block_tags(place: Place, selectors: Selectors) -> list[str]:
    """Keyword links around the story; those in its text and in the page's menus are others."""
    nodes = place.page.select(selectors, place.scope) or place.page.select(selectors)
    return [
        dom.text_of(node)
        for node in nodes
        if not dom.is_in(node, place.box) and not dom.is_below(node, _MENUS)
    ]


def _distinct(values: list[str]) -> list[str]:
    return list(dict.fromkeys(words for value in values if (words := text.plain(value))))


def declared_chars(ld: dict[str, Any]) -> int | None:
    """How long the page's own data say that the text is, white space not counted; None: unsaid."""
    counts = []
    words = ld.get("wordCount")
    if isinstance(words, str) and words.isascii() and words.isdigit() and len(words) < 9:
        words = int(words)
    if isinstance(words, int) and not isinstance(words, bool):
        counts.append(words)
    body = ld.get("articleBody")
    if isinstance(body, str):
        counts.append(text.count(_TAGS.sub("", html.unescape(body))))
    return max(counts, default=None)
