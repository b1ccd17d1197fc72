"""Authors, keywords and length: the places where a page may say them, best first.

Each function gives the value and its source; the source is recorded, so that a
change of the site shows as a shift from one to the next.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

from zaobao import dom, embedded, text
from zaobao.page import SIDES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zaobao.layouts.place import Place, Selectors

_MENUS = SIDES | {"header"}
_TAGS = re.compile(r"<[^>]{0,2000}>")


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
