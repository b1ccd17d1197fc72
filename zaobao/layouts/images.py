"""Pictures around a story's box: the lead and the gallery."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, Any

from zaobao import embedded, text
from zaobao.cleaning import links, media
from zaobao.items import Image, Spare
from zaobao.page import Page, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree

    from zaobao.layouts.base import Layout
    from zaobao.selectors import Selector

_OWN = ("ld+json", "hydration")
"""Where the story's own data name its lead."""
_ASIDE = ("aside", "footer", "nav")


def outside_images(
    layout: Layout, page: Page, ld: dict[str, Any], box: etree._Element, scope: etree._Element
) -> tuple[list[Image], str | None]:
    """Lead picture and gallery from around the box, addresses as written; the lead's rung.

    A picture that only metas and thumbnails name is spare, shown when the page shows
    none at all: beside others it is a crop of one of them, under another address.
    """
    nodes = _first(layout.lead, _in_front(box, scope), box, scope)
    drawn = [*scope.iterdescendants("img")] if layout.gallery or not nodes else []
    leads = _images(nodes or _first(layout.lead, drawn, box, scope)[:1])
    gallery = _images(_first(layout.gallery, drawn, box, scope))
    block = leads.pop(0) if leads else None
    gallery = leads + gallery
    if block is None and gallery:
        return gallery, None
    gallery += _undrawn(page, box)
    for rung, address, caption in _declared(page, ld, block):
        if media.editorial(address):
            caption = (block.caption if block else None) or (text.plain(caption or "") or None)
            others = [image for image in gallery if block is None or not _is_same(image, block)]
            kind = Image if block or rung in _OWN else Spare
            return [kind(address, caption, "lead"), *others], rung
    return gallery, None


def _undrawn(page: Page, box: etree._Element) -> list[Image]:
    """The pictures behind the first of hydration data that hold the text, too. SG-3h."""
    if box.getroottree().getroot() is page.root:
        return []
    found = embedded.addresses(page.hydration.get("images"))[1:]
    return [
        Image(address, text.plain(caption or "") or None, "gallery") for address, caption in found
    ]


def _in_front(box: etree._Element, scope: etree._Element) -> list[etree._Element]:
    """The `img` elements of the story's part of the page that stand before its box."""
    nodes = takewhile(lambda node: node is not box, scope.iterdescendants("img", str(box.tag)))
    return [node for node in nodes if node.tag == "img"]


def _first(
    selectors: tuple[Selector, ...],
    nodes: list[etree._Element],
    box: etree._Element,
    scope: etree._Element,
) -> list[etree._Element]:
    """Those of `nodes` outside the box that the first selector that matches any of them does."""
    for selector in selectors:
        if found := [node for node in selector.among(nodes, scope) if not _is_aside(node)]:
            return [node for node in found if box not in node.iterancestors()]
    return []


def _images(nodes: list[etree._Element]) -> list[Image]:
    """The editorial pictures among them."""
    found = (Image(*_shown(node), "gallery") for node in nodes)
    return [image for image in found if media.editorial(image.url)]


def _is_same(one: Image, other: Image) -> bool:
    first, second = media.editorial(one.url), media.editorial(other.url)
    return bool(first and second) and links.same_picture(first) == links.same_picture(second)  # type: ignore[arg-type]


def _declared(
    page: Page, ld: dict[str, Any], block: Image | None
) -> Iterator[tuple[str, str, str | None]]:
    for address, caption in embedded.addresses(ld.get("image"))[:1]:
        yield "ld+json", address, caption
    for address, caption in embedded.addresses(page.hydration.get("images"))[:1]:
        yield "hydration", address, caption
    if block:
        yield "block", block.url, block.caption
    for address, _ in embedded.addresses(ld.get("thumbnailUrl"))[:1]:
        yield "thumbnailUrl", address, None
    yield "og:image", page.metas.get("og:image", ""), None


def _is_aside(node: etree._Element) -> bool:
    return next(node.iterancestors(*_ASIDE), None) is not None


def _shown(node: etree._Element) -> tuple[str, str | None]:
    """The address of a picture around the box, and its caption: printed, else in an attribute."""
    printed = None
    figure = next(node.iterancestors("figure"), None)
    if figure is not None:
        captions = (part for part in figure.iter() if media.is_caption(part, str(part.tag)))
        printed = next((text_of(caption) for caption in captions), None)
    named = (node.get(name) for name in ("data-caption", "title", "alt"))
    caption = text.plain(printed or next(filter(None, named), None) or "")
    parent = node.getparent()
    sources = [node]
    if parent is not None and parent.tag == "picture":
        sources += parent.iter("source")
    return media.best_address(sources), caption or None
