"""HK-2 (by 2021-06 to 2025-07): `.article-body`, its children shuffled since 2022-07."""

import base64
import binascii

from lxml import etree

from zaobao.layouts.base import Layout
from zaobao.layouts.lists import MORE_SITEMAP, QUERY
from zaobao.page import boxes, css


class HkBootstrap(Layout):
    """Each child of the body carries its place in `data-s` (site-facts 3.7, 4.6, 4.7)."""

    name = "hk_bootstrap"
    edition = "hk"

    probe = boxes("h1.article-title", "#carousel-article", "article#article-body", ".article-body")
    never = boxes(
        "astro-island",
        '[data-testid="article-banner"]',
        "script#seo-article-page",
        ".articleBody",
        ".article-content-rawhtml",
    )
    body = boxes("article#article-body", ".article-body", ".article-container article")
    title = css("h1.article-title", ".article-container h1", "h1")
    time = css(".author-info .mgt10", ".author-info > div:nth-child(2)")
    lead = css("#carousel-article .carousel-inner img")

    list_probe = css(".clearfix .list-block", ".list-block")
    cards = css("a.list-block", ".list-block a", "#more-container a")
    ways = (MORE_SITEMAP, QUERY)

    def restore_order(self, box: etree._Element) -> str | None:
        """Restore the order that `data-s` gives, and say `data-s`.

        Where some values do not decode the served order stays, `served`
        (site-facts 4.7); where most do not it is `hidden`, and no story.

        The children that carry it may stand below a wrapper. A child without it
        follows the child that it was served after.
        """
        marked = [node for node in box.iterdescendants() if node.get("data-s")]
        if not marked:
            return None
        if unread := sum(place(node.get("data-s")) is None for node in marked):
            return "hidden" if unread * 2 > len(marked) else "served"
        parents = {parent for node in marked if (parent := node.getparent()) is not None}
        for parent in parents:
            _sort_children(parent)
        return "data-s"


def _sort_children(parent: etree._Element) -> None:
    keys, last = [], 0
    for child in parent:
        number = place(child.get("data-s"))
        last = last if number is None else number
        keys.append(last)
    for _, child in sorted(zip(keys, parent, strict=True), key=lambda pair: pair[0]):
        parent.append(child)


def place(data_s: str | None) -> int | None:
    """The place of a child among its siblings, from 1; None when there is none.

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
