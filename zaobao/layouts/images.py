"""Pictures around a story's box: the lead and the gallery."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from zaobao import dom, embedded, text
from zaobao.cleaning import links, media
from zaobao.items import Image, Spare
from zaobao.page import SIDES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zaobao.dom import Node
    from zaobao.layouts.place import Place, Selectors

_OWN = ("ld+json", "hydration")
"""Where the story's own data name its lead."""


def images_around(
    place: Place, lead: Selectors, gallery: Selectors
) -> tuple[list[Image], str | None]:
    """Lead picture and gallery from around the box, addresses as written; the lead's source.

    lead, gallery: select their `img` elements. A picture that only metas and
    thumbnails name is spare, shown when the page shows none at all: beside
    others it is a crop of one of them, under another address.
    """
    leads = _images(_first_in_front(place, lead) or _first(place, lead)[:1])
    others = _images(_first(place, gallery))
    block = leads.pop(0) if leads else None
    others = leads + others
    if block is None and others:
        return others, None
    others += _undrawn(place)
    for source, address, caption in _declared(place, block):
        if media.editorial(address):
            caption = (block.caption if block else None) or (text.plain(caption or "") or None)
            rest = [image for image in others if block is None or not _is_same(image, block)]
            kind = Image if block or source in _OWN else Spare
            return [kind(address, caption, "lead"), *rest], source
    return others, None


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
    end = place.box.mem_id
    nodes = takewhile(lambda node: node.mem_id != end, place.scope.traverse())
    pictures = [node for node in nodes if node.tag == "img" and not dom.is_below(node, SIDES)]
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


def _images(nodes: list[Node]) -> list[Image]:
    """The editorial pictures among them."""
    found = (Image(*_shown(node), "gallery") for node in nodes)
    return [image for image in found if media.editorial(image.url)]


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


def _shown(node: Node) -> tuple[str, str | None]:
    """The address of a picture around the box, and its caption: printed, else in an attribute."""
    printed = None
    figure = next((up for up in dom.ancestors(node) if up.tag == "figure"), None)
    if figure is not None:
        captions = (part for part in figure.traverse() if media.is_caption(part))
        printed = next(map(dom.text_of, captions), None)
    said = node.attributes
    named = (said.get(name) for name in ("data-caption", "title", "alt"))
    caption = text.plain(printed or next(filter(None, named), None) or "")
    parent = node.parent
    sources = [node]
    if parent is not None and parent.tag == "picture":
        sources += parent.css("source")
    return media.best_address(sources), caption or None
