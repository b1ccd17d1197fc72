"""CSS selectors, run at the least cost.

XPath over a whole page costs 2 to 3 µs an element, more than parsing it. So a
selector is tried on the elements of its tag alone, or on those that an index
has under the class, id, tag or attribute that a match must have.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, cast

import cssselect
from lxml import etree

from zaobao.paths import Path, paths

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

CONTAINERS = ("div", "article", "section", "main")
"""What a layout's boxes are made of."""
INDEXED = ("script", "link", "meta", "h1", "astro-island")
"""Other elements of a page that are asked for again and again by their tag."""


class Index(defaultdict[str, list[etree._Element]]):
    """The elements below a box by `tag`, `.class` and `#id`, in document order.

    Those with any attribute at all are under `[`. said: names and values of all
    attributes, a line each.
    """

    said: str

    def __init__(self, box: etree._Element) -> None:
        super().__init__(list)
        said = list[str]()
        for node in box.iterdescendants():
            self[node.tag].append(node)
            items: list[tuple[str, str]] = node.items()  # type: ignore[assignment]
            if items:
                self["["].append(node)
                for name, value in items:
                    said += (name, value)
                    if name == "class":
                        for one in dict.fromkeys(value.split()):
                            self[f".{one}"].append(node)
                    elif name == "id":
                        self[f"#{value}"].append(node)
        self.said = "\n".join(said)


class Selector:
    """A CSS selector, compiled when it is first used: most rules' match nothing in a run.

    box: an element with class or id and without a tag is one of `CONTAINERS`.
    """

    def __init__(self, css: str, *, box: bool = False) -> None:
        self.css = css
        self._is_box = box

    @cached_property
    def paths(self) -> tuple[Path, ...]:
        """Its alternatives."""
        return paths(self.css)

    @cached_property
    def mark(self) -> str:
        """A class or id that every match has, or ""."""
        return self.paths[0].mark[1:] if len(self.paths) == 1 else ""

    @cached_property
    def tags(self) -> tuple[str, ...]:
        """The tags that a match may have; () when it may have any, or XPath must tell."""
        tags: dict[str, None] = {}
        for path in self.paths:
            may = (path.tag,) if path.tag else CONTAINERS if self._is_box and path.mark else ()
            if not may or path.more:
                return ()
            tags.update(dict.fromkeys(may))
        return tuple(tags)

    @cached_property
    def is_indexed(self) -> bool:
        """Whether every match is one of a page's `INDEXED` elements, or each a container."""
        return self.is_container or (bool(self.tags) and {*self.tags} <= {*INDEXED})

    @cached_property
    def is_container(self) -> bool:
        """Whether every match is one of a page's containers."""
        return bool(self.tags) and {*self.tags} <= {*CONTAINERS}

    @cached_property
    def _by_key(self) -> tuple[tuple[str, Callable[..., bool] | None], ...] | None:
        if any(path.more for path in self.paths):
            return None
        return tuple((path.key, None if path.is_key else path.fits) for path in self.paths)

    @cached_property
    def _xpath(self) -> Callable[[etree._Element], list[etree._Element]]:
        path = cssselect.HTMLTranslator().css_to_xpath(self.css, prefix="descendant::")
        return cast("Callable[[etree._Element], list[etree._Element]]", etree.XPath(path))

    def __call__(self, top: etree._Element) -> list[etree._Element]:
        """The matching elements below `top`, in document order."""
        if not self.tags:
            return self._xpath(top)
        return self.among(top.iterdescendants(*self.tags), top)

    def among(self, nodes: Iterable[etree._Element], top: etree._Element) -> list[etree._Element]:
        """Those of `nodes`, elements below `top`, that the selector matches."""
        if self._by_key is None:
            matching = set(self._xpath(top))
            return [node for node in nodes if node in matching]
        if len(self.paths) == 1:
            fits = self.paths[0].fits
            return [node for node in nodes if fits(node, top)]
        return [node for node in nodes if any(path.fits(node, top) for path in self.paths)]

    def within(self, box: etree._Element, index: Index) -> list[etree._Element]:
        """As called with `box`, by its index."""
        if self._by_key is None:
            return self._xpath(box)
        parts = [
            [node for node in nodes if fits(node, box)] if fits else nodes
            for key, fits in self._by_key
            if (nodes := index.get(key))
        ]
        parts = [part for part in parts if part]
        if len(parts) < 2:
            return parts[0] if parts else []
        matching = set().union(*parts)
        return [node for node in box.iterdescendants() if node in matching]


def css(*selectors: str) -> tuple[Selector, ...]:
    """Selectors for a class attribute of a layout, best first."""
    return tuple(Selector(selector) for selector in selectors)


def boxes(*selectors: str) -> tuple[Selector, ...]:
    """As `css`, for boxes: an element without a tag is one of `CONTAINERS`."""
    return tuple(Selector(selector, box=True) for selector in selectors)
