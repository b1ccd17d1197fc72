"""Pictures in a box: their address, and which printed caption is whose."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from zaobao import text
from zaobao.cleaning import links
from zaobao.cleaning.pieces import Figure
from zaobao.cleaning.rules import NOT_EDITORIAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lxml import etree

    from zaobao.cleaning.blocks import Walk

CAPTIONS = frozenset({"figure-caption", "article-pic-title"})
_SOURCES = ("data-src", "data-original", "src")
_SETS = ("data-srcset", "srcset")


@lru_cache(maxsize=512)  # one page names a picture again and again
def editorial(address: str) -> str | None:
    """The address under which an editorial picture is linked; None for any other picture."""
    kept = links.image(address)
    if kept is None:
        return None
    low = kept.lower()
    return None if any(part in low for part in NOT_EDITORIAL) else kept


def refused(address: str) -> str | None:
    """Why a picture is not shown: `picture-host`, `default-picture`; None for one that is."""
    if editorial(address):
        return None
    return "default-picture" if links.image(address) else "picture-host"


def addresses(sources: Iterable[etree._Element]) -> Iterator[str]:
    """The addresses a picture may have, the lazy one first: read order of site-facts 6.1."""
    sources = list(sources)
    for source in sources:
        for name in _SOURCES:
            address = (source.get(name) or "").strip()
            if address and not address.startswith("data:"):
                yield address
    for source in sources:
        for name in _SETS:
            if value := source.get(name):
                yield from _largest_first(value)


def _largest_first(srcset: str) -> Iterator[str]:
    entries = [entry.split() for entry in srcset.split(",")]
    known = [entry for entry in entries if entry and not entry[0].startswith("data:")]
    for entry in sorted(known, key=_size, reverse=True):
        yield entry[0]


def _size(entry: list[str]) -> float:
    try:
        return float(entry[1][:-1])
    except (IndexError, ValueError):
        return 0.0


def best_address(sources: Iterable[etree._Element]) -> str:
    """The first address that an editorial picture may have, else the first at all, else ""."""
    found = list(addresses(sources))
    return next(filter(editorial, found), found[0] if found else "")


def is_caption(node: etree._Element, tag: str) -> bool:
    if tag == "figcaption":
        return True
    classes = node.get("class")
    return bool(classes) and not CAPTIONS.isdisjoint(classes.split())  # type: ignore[union-attr]


def take_picture(walk: Walk, node: etree._Element, tag: str) -> None:
    """Add the picture of an `img` or `picture`; a caption that waits for one is its own."""
    walk.end_paragraph()
    sources = [*node.iter("img"), *node.iter("source")] if tag == "picture" else [node]
    address = best_address(sources)
    if not address:
        return
    image = next((source for source in sources if source.tag == "img"), node)
    caption = walk.waiting or text.plain(image.get("data-caption") or image.get("title") or "")
    figure = Figure(address, text.plain(image.get("alt") or ""), caption or None)
    figure.printed, walk.waiting = walk.waiting is not None, None
    walk.blocks.append(figure)


def take_figure(walk: Walk, node: etree._Element, _tag: str) -> None:
    """A caption inside a figure belongs to a picture of that figure."""
    outer, walk.since = walk.since, len(walk.blocks)
    walk.plain(node, "div")
    walk.flush_caption()
    walk.since = outer


def take_caption(walk: Walk, node: etree._Element, tag: str) -> None:
    """A printed caption belongs to the picture before it, else to the one after it."""
    if any(True for _ in node.iter("img", "picture")):
        walk.plain(node, tag)
        return
    walk.end_paragraph()
    caption = text.plain("".join(node.itertext()))  # type: ignore[arg-type]
    last = walk.blocks[-1] if len(walk.blocks) > walk.since else None
    if not caption:
        return
    if not isinstance(last, Figure):
        walk.flush_caption()
        walk.waiting = caption
    elif not last.printed or not last.caption:
        last.caption, last.printed = caption, True
    elif caption not in last.caption:
        last.caption = f"{last.caption} {caption}"
