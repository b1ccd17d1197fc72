"""HK-2 (by 2021-06 to 2025-07): `.article-body`, its children shuffled since 2022-07.

Its markup: docs/site-facts.md, "HK-2" and "Shuffled paragraphs".
"""

import base64
import binascii
from typing import ClassVar

from zaobao import dom
from zaobao.dom import Node
from zaobao.items import Edition
from zaobao.layouts.base import Layout
from zaobao.layouts.lists import MORE_SITEMAP, QUERY, Pagination
from zaobao.layouts.place import Selectors

_MARKED = '[data-s]:not([data-s=""])'


class HkBootstrap(Layout):
    """Each child of the body carries its position in `data-s`."""

    name = "hk_bootstrap"
    edition: ClassVar[Edition | None] = "hk"

    probe: ClassVar[Selectors] = (
        "h1.article-title",
        "#carousel-article",
        "article#article-body",
        ".article-body",
    )
    never: ClassVar[Selectors] = (
        ".articleBody",
        "script#seo-article-page",
        ".article-content-rawhtml",
        "astro-island",
        '[data-testid="article-banner"]',
    )
    body: ClassVar[Selectors] = (
        "article#article-body",
        ".article-body",
        ".article-container article",
    )
    title: ClassVar[Selectors] = ("h1.article-title", ".article-container h1", "h1")
    time: ClassVar[Selectors] = (".author-info .mgt10", ".author-info > div:nth-child(2)")
    lead: ClassVar[Selectors] = ("#carousel-article .carousel-inner img",)

    list_probe: ClassVar[Selectors] = (".clearfix .list-block", ".list-block")
    cards: ClassVar[Selectors] = ("a.list-block", ".list-block a", "#more-container a")
    paginations: ClassVar[tuple[Pagination, ...]] = (MORE_SITEMAP, QUERY)

    def put_in_order(self, box: Node) -> str | None:
        """Restore the order that `data-s` gives, and say `data-s`.

        Where some values do not decode the served order stays, `served`; where
        most do not it is `hidden`, and no story.

        The children that carry it may stand below a wrapper. A child without it
        follows the child that it was served after. An inline element that is never
        closed puts a wrapper around each of them: then they come out of these,
        unless something else stands there, whose position nothing tells: `hidden`.
        """
        marked = dom.below(box, _MARKED)
        if not marked:
            return None
        if unread := sum(_position_of(node) is None for node in marked):
            return "hidden" if unread * 2 > len(marked) else "served"
        for parent in {next(dom.ancestors(node)) for node in marked}:
            _sort_children(parent)
        outer = dom.outermost(dom.below(box, _MARKED))
        positions = [_position_of(node) or 0 for node in outer]
        if positions != sorted(positions):
            if _holds_more(box, outer):
                return "hidden"
            for _, node in sorted(zip(positions, outer, strict=True), key=lambda pair: pair[0]):
                box.insert_child(node, move=True)
        return "data-s"


def _sort_children(parent: Node) -> None:
    children, positions, last = [*parent.iter(include_text=True)], [], 0
    for child in children:
        number = _position_of(child) if child.is_element_node else None
        last = last if number is None else number
        positions.append(last)
    for _, child in sorted(zip(positions, children, strict=True), key=lambda pair: pair[0]):
        parent.insert_child(child, move=True)


def _holds_more(box: Node, known: list[Node]) -> bool:
    """Whether a box has words or pictures outside of some elements."""
    inside = set(known)
    return any(
        (node.tag == "img" or (node.tag == dom.TEXT and node.text().strip()))
        and node not in inside
        and not any(up in inside for up in dom.ancestors(node, box))
        for node in box.traverse(include_text=True)
    )


def _position_of(node: Node) -> int | None:
    return position(node.attributes.get("data-s"))


def position(data_s: str | None) -> int | None:
    """The position of a child among its siblings, from 1; None when there is none.

    Three characters of salt, then the number in base32 (RSSHub #10308; all 11
    values of the capture decode so).
    """
    if not data_s:
        return None
    encoded = data_s.strip()[3:].rstrip("=")
    try:
        padded = encoded + "=" * (-len(encoded) % 8)
        number = base64.b32decode(padded, casefold=True).decode("ascii")
    except (binascii.Error, ValueError):
        return None
    return int(number) if number.isdigit() and len(number) < 9 else None
