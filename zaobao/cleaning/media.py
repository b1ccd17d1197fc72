"""Pictures: their address, whether they are editorial, and where a post shows which."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING

from zaobao import text
from zaobao.cleaning import links
from zaobao.cleaning.rules import NOT_EDITORIAL
from zaobao.items import Image, Removed, Role, Spare

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from zaobao.cleaning.blocks import Block
    from zaobao.dom import Node

CAPTIONS = frozenset({"figure-caption", "article-pic-title"})
"""Classes of printed captions that are no `figcaption`."""
_SOURCES = ("data-src", "data-original", "src")
_CHARACTER = 40
"""Pixels up to which a picture is of the size of a character."""
_LONGEST_CHARACTER = 8
_EMOJI = ("emoji", "smiley", "emoticon")
_JOINERS = re.compile("[\u200d\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]")
_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)()(?:px)?\s*$")
_STYLED = {
    name: re.compile(rf"(?i)(?:^|;)\s*{name}\s*:\s*(\d*\.?\d+)(px|em)")
    for name in ("width", "height")
}
_SETS = ("data-srcset", "srcset")


@dataclass(slots=True)
class Figure:
    """A picture as it stands in the box: the address as written, and its caption.

    printed: the caption is text of the page, not an attribute of the picture.
    """

    address: str
    alt: str
    caption: str | None
    printed: bool = False


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


def best_address(sources: Iterable[Node]) -> str:
    """The first address that an editorial picture may have, else the first at all, else ""."""
    found = list(_addresses(sources))
    return next(filter(editorial, found), found[0] if found else "")


def _addresses(sources: Iterable[Node]) -> Iterator[str]:
    """The addresses that a picture may have, the lazy one first: `src` may be a placeholder."""
    said = [source.attributes for source in sources]
    for attributes in said:
        for name in _SOURCES:
            address = (attributes.get(name) or "").strip()
            if address and not address.startswith("data:"):
                yield address
    for attributes in said:
        for name in _SETS:
            if value := attributes.get(name):
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


def is_caption(node: Node) -> bool:
    """Whether an element is a printed caption."""
    if node.tag == "figcaption":
        return True
    classes = node.attributes.get("class")
    return bool(classes) and not CAPTIONS.isdisjoint(classes.split())  # type: ignore[union-attr]


def character(node: Node, *, in_line: bool) -> str | None:
    """The `alt` of a picture that is a character of its line, an emoji most often; else None.

    in_line: words stand beside it. Then one of unknown size whose `alt` is one character is that.
    """
    said = (node if node.tag == "img" else node.css_first("img") or node).attributes
    alt = text.plain(said.get("alt") or "")
    if not alt or len(alt) > _LONGEST_CHARACTER:
        return None
    names = (said.get("class") or "").lower()
    sizes = [size for name in ("width", "height") if (size := _pixels(said, name)) is not None]
    is_small = bool(sizes) and max(sizes) <= _CHARACTER
    is_one = in_line and not sizes and len(_JOINERS.sub("", alt)) == 1
    return alt if is_small or is_one or any(mark in names for mark in _EMOJI) else None


def _pixels(said: dict[str, str | None], name: str) -> float | None:
    value = _STYLED[name].search(said.get("style") or "") or _SIZE.match(said.get(name) or "")
    return float(value[1]) * (16 if value[2] == "em" else 1) if value else None


def figure(node: Node) -> Figure | None:
    """The picture of an `img` or `picture` with the caption that its attributes give, or None."""
    sources = [*node.css("img"), *node.css("source")]
    address = best_address(sources)
    if not address:
        return None
    said = next((source for source in sources if source.tag == "img"), node).attributes
    caption = text.plain(said.get("data-caption") or said.get("title") or "")
    return Figure(address, text.plain(said.get("alt") or ""), caption or None)


def placed(
    blocks: list[Block | Figure], outside: Iterable[Image], removed: list[Removed]
) -> tuple[str, list[Image]]:
    """The HTML of the blocks with each picture once, lead first, gallery last; the pictures.

    outside: pictures from around the box. What is not shown is added to `removed`.
    """
    found: dict[str, Image] = {}
    alts: dict[str, str] = {}
    parts: list[str] = []
    for role, group in _groups(blocks, tuple(outside)):
        for block in group:
            if not isinstance(block, Figure):
                parts.append(block.html)
            elif address := _kept_address(block, removed):
                key = links.same_picture(address)
                if (known := found.get(key)) is None:
                    known = found[key] = Image(address, None, role)
                    alts[key] = block.alt
                    parts.append(key)
                known.caption = known.caption or block.caption
    html = "".join(_html(found[part], alts[part]) if part in found else part for part in parts)
    return html, list(found.values())


def _groups(
    blocks: list[Block | Figure], outside: tuple[Image, ...]
) -> list[tuple[Role, list[Block | Figure]]]:
    shows = any(isinstance(block, Figure) and editorial(block.address) for block in blocks)
    lead: list[Block | Figure] = []
    gallery: list[Block | Figure] = []
    for image in outside:
        if not (isinstance(image, Spare) and shows):
            group = lead if image.role == "lead" else gallery
            group.append(Figure(image.url, "", image.caption))
    return [("lead", lead), ("inline", blocks), ("gallery", gallery)]


def _kept_address(shown: Figure, removed: list[Removed]) -> str | None:
    """The address of an editorial picture on a kept host; what is not kept is recorded."""
    rule = refused(shown.address)
    if rule is None:
        return editorial(shown.address)
    lost = text.count(shown.caption or "")
    removed.append(Removed(rule, "chrome", f"img[{text.plain(shown.address)[:200]}]", lost))
    return None


def _html(image: Image, alt: str) -> str:
    """A picture as a post has it; what the caption says needs no `alt`."""
    alt = "" if alt == image.caption else escape(alt)
    caption = escape(image.caption or "", quote=False)
    return (
        f'<figure><img src="{escape(image.url)}" alt="{alt}" referrerpolicy="no-referrer"'
        f' loading="lazy">{caption and f"<figcaption>{caption}</figcaption>"}</figure>'
    )
