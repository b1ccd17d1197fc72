"""Pictures around a story's box: the lead and the gallery."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zaobao import dom, embedded, text
from zaobao.cleaning import links, media
from zaobao.cleaning.blocks import Block, Walk
from zaobao.items import Image, Printed, Spare
from zaobao.page import SIDES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zaobao.dom import Node
    from zaobao.layouts.place import Place, Selectors

_WIDE = frozenset({"article", "main", "body"})
_OWN = ("ld+json", "hydration")
"""Where the story's own data name its lead."""


def images_around(
    place: Place, lead: Selectors, gallery: Selectors
) -> tuple[list[Image], str | None]:
    """Lead picture and gallery from around the box, addresses as written; the lead's source.

    lead, gallery: select their `img` elements. A picture that only metas and
    thumbnails name is spare, shown when the page shows none at all: beside
    others it is a crop of one of them, under another address. One that is not
    kept is among them for its printed caption, which cleaning records.
    """
    media.reveal(place.scope)
    known: dict[int, dict[int, list[Node]]] = {}
    in_front = _first_in_front(place, lead) or _first(place, lead)[:1]
    first = [_shown(node, place.box, known) for node in in_front]
    rest = [_shown(node, place.box, known) for node in _first(place, gallery)]
    leads, others = list(filter(_is_kept, first)), list(filter(_is_kept, rest))
    lost = list(filter(_is_lost, first + rest))
    block = leads.pop(0) if leads else None
    others = leads + others
    if block is None and others:
        return others + lost, None
    others += _undrawn(place) + lost
    for source, address, caption in _declared(place, block):
        if media.editorial(address):
            caption = (block.caption if block else None) or (text.plain(caption or "") or None)
            others = [image for image in others if block is None or not _is_same(image, block)]
            return [_kind(source, block)(address, caption, "lead"), *others], source
    return others, None


def _kind(source: str, block: Image | None) -> type[Image]:
    if block:
        return type(block)
    return Image if source in _OWN else Spare


def _undrawn(place: Place) -> list[Image]:
    """The pictures behind the first of hydration data that hold the text, too. SG-3h."""
    if place.box.parser is place.page.tree:
        return []
    found = embedded.addresses(place.page.hydration.get("images"))[1:]
    return [
        Image(address, text.plain(caption or "") or None, "gallery") for address, caption in found
    ]


def _first_in_front(place: Place, selectors: Selectors) -> list[Node]:
    """The pictures before the box that the first selector that matches any of them does."""
    end, pictures = place.box.mem_id, []
    for node in place.scope.traverse():
        if node.mem_id == end:
            break
        if node.tag == "img" and not dom.is_below(node, SIDES):
            pictures.append(node)
    for selector in selectors:
        if found := [node for node in pictures if node.css_matches(selector)]:
            return found
    return []


def _first(place: Place, selectors: Selectors) -> list[Node]:
    """Those pictures around the box that the first selector that matches any of all does."""
    for selector in selectors:
        nodes = dom.below(place.scope, selector)
        if found := [node for node in nodes if not dom.is_below(node, SIDES)]:
            return [node for node in found if not dom.is_in(node, place.box)]
    return []


def _is_kept(image: Image) -> bool:
    return media.editorial(image.url) is not None


def _is_lost(image: Image) -> bool:
    return isinstance(image, Printed) and not _is_kept(image)


def _is_same(one: Image, other: Image) -> bool:
    first, second = media.editorial(one.url), media.editorial(other.url)
    return bool(first and second) and links.same_picture(first) == links.same_picture(second)  # type: ignore[arg-type]


def _declared(place: Place, block: Image | None) -> Iterator[tuple[str, str, str | None]]:
    page, ld = place.page, place.ld
    for address, caption in embedded.addresses(ld.get("image"))[:1]:
        yield "ld+json", address, caption
    for address, caption in embedded.addresses(page.hydration.get("images"))[:1]:
        yield "hydration", address, caption
    if block:
        yield "block", block.url, block.caption
    for address, _ in embedded.addresses(ld.get("thumbnailUrl"))[:1]:
        yield "thumbnailUrl", address, None
    yield "og:image", page.metas.get("og:image", ""), None


def _shown(node: Node, box: Node, known: dict[int, dict[int, list[Node]]]) -> Image:
    """A picture around the box: its address, and its caption, printed, else of an attribute."""
    parent = node.parent
    sources = [node]
    if parent is not None and parent.tag == "picture":
        sources += parent.css("source")
    address = media.best_address(sources)
    if printed := text.plain(" ".join(map(_words, _captions(node, box, known)))):
        return Printed(address, printed, "gallery")
    said = node.attributes
    named = (said.get(name) for name in ("data-caption", "title", "alt"))
    return Image(address, text.plain(next(filter(None, named), "")) or None, "gallery")


def _captions(picture: Node, box: Node, known: dict[int, dict[int, list[Node]]]) -> list[Node]:
    """A picture's printed captions, in the nearest element that has any and not the box.

    known: element → its pictures' captions, by their places in memory: each is searched once.
    """
    for up in dom.ancestors(picture):
        if up.tag in _WIDE or dom.is_in(box, up):
            break
        if media.is_caption(up):
            return [up]
        if (found := known.get(up.mem_id)) is None:
            found = known[up.mem_id] = _captions_in(up)
        if found:
            return found.get(picture.mem_id, [])
    return []


def _captions_in(up: Node) -> dict[int, list[Node]]:
    """The captions of each picture in an element: those between it and the pictures behind the
    next one; where the first stands in front of all pictures, those in front of it."""
    captions = set(dom.outermost(dom.below(up, media.CAPTION)))
    if not captions:
        return {}
    parts = [
        node
        for node in dom.below(up, f"img, {media.CAPTION}")
        if node in captions or not any(around in captions for around in dom.ancestors(node, up))
    ]
    is_behind = parts[0].tag == "img"
    found: dict[int, list[Node]] = {up.mem_id: []}
    own: list[Node] = []
    is_open = True
    for part in parts if is_behind else reversed(parts):
        if part.tag != "img":
            own.append(part)
            is_open = len(found) == 1
            continue
        if not is_open:
            own, is_open = [], True
        found[part.mem_id] = own
    return found if is_behind else {place: parts[::-1] for place, parts in found.items()}


def _words(caption: Node) -> str:
    hidden = frozenset(filter(dom.is_hidden, dom.below(caption, "*")))
    blocks = Walk(left_out=hidden).blocks_of(caption)
    return "\n".join(block.text for block in blocks if isinstance(block, Block))
