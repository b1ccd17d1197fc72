"""The reader of last resort, for pages that no layout claims."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zaobao.page import css, resolved

if TYPE_CHECKING:
    from lxml import etree

    from zaobao.page import Page

_MAIN = css("main", "#content", ".content", "body")
_SIDE = ("aside", "nav", "footer", "header")
_SIDE_MARKS = ("sidebar", "hotnews", "hot-news", "recommend", "popular", "trending", "OUTBRAIN")


def main_links(page: Page) -> list[str]:
    """The addresses of the links in the page's main part, side lists cut away, in order."""
    main = next(iter(page.select(_MAIN)), page.root)
    return [
        resolved(page.url, link.get("href"))
        for link in main.iter("a")
        if link.get("href") and not any(_is_side(node) for node in link.iterancestors())
    ]


def _is_side(node: etree._Element) -> bool:
    marks = f"{node.get('class') or ''} {node.get('id') or ''} {node.get('component-url') or ''}"
    return node.tag in _SIDE or any(mark.lower() in marks.lower() for mark in _SIDE_MARKS)
