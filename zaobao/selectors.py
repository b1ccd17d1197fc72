"""CSS selectors, compiled when they are first run, and run at the least cost.

XPath over a whole page costs 2 to 3 µs an element, more than parsing it. So a
plain selector is run over the elements of its tag alone, and for any other the
page's bytes are asked first.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from cssselect import HTMLTranslator
from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterable

CONTAINERS = ("div", "article", "section", "main")
"""What a layout's boxes are made of."""
INDEXED = (*CONTAINERS, "script", "link", "meta", "h1", "astro-island")
"""The elements of a page that are asked for again and again by their tag."""

_PLAIN = re.compile(r"(?:([a-z]+) )?([a-z][a-z0-9]*(?:-[a-z]+)*)?((?:[.#][A-Za-z_][\w-]*)*)")
_MARK = re.compile(r"([.#])([\w-]+)")
_PSEUDO = re.compile(r":[\w-]+(?:\([^)]*\))?")
_NAMED = re.compile(r"""\[[^]]*?["']([\w/-]+)["']\]|\[[^]]*\]|[.#]([A-Za-z_][\w-]*)""")


class Selector:
    """A CSS selector.

    box: an element without a tag in the selector is one of `CONTAINERS`. mark: a
    class or id that every match has, or "". marks: what stands in the bytes of
    every page with a match.
    """

    __slots__ = (
        *("_above", "_classes", "_id", "_xpath"),
        *("css", "is_indexed", "mark", "marks", "tags"),
    )

    def __init__(self, css: str, *, box: bool = False) -> None:
        self.css = css
        plain = _PLAIN.fullmatch(css)
        above, tag, marks = plain.groups() if plain else (None, None, "")
        self._above: str | None = above
        self.tags: tuple[str, ...] = (tag,) if tag else CONTAINERS if box and marks else ()
        named = _MARK.findall(marks)
        self._classes = [name for kind, name in named if kind == "."]
        self._id = next((name for kind, name in named if kind == "#"), None)
        self.mark = named[-1][1] if named else ""
        self.is_indexed = bool(self.tags) and all(tag in INDEXED for tag in self.tags)
        self._xpath: etree.XPath | None = None
        # Of several alternatives none need stand in the page.
        found = [] if "," in css or self.tags else _NAMED.findall(_PSEUDO.sub("", css))
        self.marks = tuple(mark.encode() for pair in found for mark in pair if mark)

    def __call__(self, node: etree._Element) -> list[etree._Element]:
        """The matching elements below `node`, in document order."""
        if self.tags:
            return self.among(found for found in node.iter(*self.tags) if found is not node)
        if self._xpath is None:
            # Most rules' selectors match nothing in a run, and a hundred cost a start 20 ms.
            path = HTMLTranslator().css_to_xpath(self.css, prefix="descendant::")
            self._xpath = etree.XPath(path)
        return cast("list[etree._Element]", self._xpath(node))

    def among(self, nodes: Iterable[etree._Element]) -> list[etree._Element]:
        """Those of `nodes`, all of a tag in `tags`, that the selector matches."""
        return [node for node in nodes if self._fits(node)]

    def _fits(self, node: etree._Element) -> bool:
        if self._classes:
            said = node.get("class")
            if said is None or self._classes[0] not in said:
                return False
            names = said.split()
            if not all(name in names for name in self._classes):
                return False
        if self._id is not None and node.get("id") != self._id:
            return False
        return self._above is None or next(node.iterancestors(self._above), None) is not None


def css(*selectors: str) -> tuple[Selector, ...]:
    """Compile selectors for a class attribute of a layout, best first."""
    return tuple(Selector(selector) for selector in selectors)


def boxes(*selectors: str) -> tuple[Selector, ...]:
    """As `css`, for boxes: an element without a tag is one of `CONTAINERS`."""
    return tuple(Selector(selector, box=True) for selector in selectors)
