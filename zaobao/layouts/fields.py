"""The ladder of each field: every place where a page may say it, best first (site-facts 4.1).

A ladder gives (value, rung); the rung that won is recorded, so that a site
change shows as a shift from one rung to the next.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

from zaobao import embedded, text
from zaobao.page import Page, text_of
from zaobao.plausibility import is_site_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree

    from zaobao.layouts.base import Layout

_SUFFIXES = (" | 联合早报网", " | 联合早报", " | 早报")
_MENUS = ("aside", "footer", "header", "nav")
_TAGS = re.compile(r"<[^>]{0,2000}>")


def title(
    layout: Layout, page: Page, ld: dict[str, Any], scope: etree._Element
) -> tuple[str, str | None]:
    """The headline and its rung; ("", None) when no rung has one.

    The heading is that beside the story; one elsewhere may be the site's logo.
    """
    headline = ld.get("headline")
    heading = ""
    if not isinstance(headline, str) or "&" in headline or not _is_headline(text.plain(headline)):
        parts = (page.select(layout.title, scope), page.select(layout.title))
        heading = next(filter(None, (_heading(nodes, page) for nodes in parts)), "")
    for rung, value in _titles(page, ld, heading):
        words = text.plain(value) if isinstance(value, str) else ""
        if _is_headline(words):
            return words, rung
    return "", None


def _heading(nodes: list[etree._Element], page: Page) -> str:
    """The page's own of several headings, else the first."""
    found = list(filter(_is_headline, map(text_of, nodes)))
    own = named(page) if len(found) > 1 else ()
    return next((words for words in found if words in own), next(iter(found), ""))


def named(page: Page) -> set[str]:
    """The headlines that the page's metadata give it."""
    said = (page.metas.get("og:title", ""), page.root.findtext(".//head/title") or "")
    return {" ".join(without_suffix(words).split()) for words in said} - {""}


def _is_headline(words: str) -> bool:
    return bool(words) and not is_site_name(words)


def _titles(page: Page, ld: dict[str, Any], heading: str) -> Iterator[tuple[str, Any]]:
    headline = ld.get("headline")
    if isinstance(headline, str) and "&" in headline:
        words = html.unescape(headline)
        if words in (heading, _og_title(page)):  # the script holds the headline as HTML
            headline = words
    yield "ld+json", headline
    yield "h1", heading
    yield "og:title", _og_title(page)
    yield "hydration", page.hydration.get("headline")
    yield "title", without_suffix(page.root.findtext(".//head/title") or "")


def _og_title(page: Page) -> str:
    return without_suffix(page.metas.get("og:title", ""))


def without_suffix(words: str) -> str:
    """A page's title without the site's name behind it."""
    for suffix in _SUFFIXES:
        words = words.strip().removesuffix(suffix)
    return words


def authors(layout: Layout, page: Page, ld: dict[str, Any], scope: etree._Element) -> list[str]:
    found = embedded.names(ld.get("author"))
    if not found:
        found = [text_of(node) for node in page.select(layout.byline, scope)]
    return _distinct(found)


def tags(
    layout: Layout, page: Page, ld: dict[str, Any], box: etree._Element, scope: etree._Element
) -> tuple[list[str], str | None]:
    """The keywords and their rung; the paper's pages may say null (RSSHub #20230)."""
    for rung, said in _keywords(page, ld):
        if found := _distinct(embedded.names(said)):
            return found, rung
    found = _distinct(_block_tags(layout, page, box, scope))
    return found, "block" if found else None


def _keywords(page: Page, ld: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    yield "meta", page.metas.get("keywords")
    yield "ld+json", ld.get("keywords")
    yield "hydration", page.hydration.get("tags")


def _block_tags(
    layout: Layout, page: Page, box: etree._Element, scope: etree._Element
) -> list[str]:
    """Keyword links around the story; those in its text and in the page's menus are others."""
    nodes = page.select(layout.keywords, scope) or page.select(layout.keywords)
    return [
        text_of(node)
        for node in nodes
        if not any(up is box or up.tag in _MENUS for up in node.iterancestors())
    ]


def _distinct(values: list[str]) -> list[str]:
    return list(dict.fromkeys(words for value in values if (words := text.plain(value))))


def declared_chars(ld: dict[str, Any]) -> int | None:
    """How long the page's own data say that the text is, white space not counted; None: unsaid."""
    counts = []
    words = ld.get("wordCount")
    if isinstance(words, str) and words.isascii() and words.isdigit():
        words = int(words)
    if isinstance(words, int) and not isinstance(words, bool):
        counts.append(words)
    body = ld.get("articleBody")
    if isinstance(body, str):
        counts.append(text.count(_TAGS.sub("", html.unescape(body))))
    return max(counts, default=None)
