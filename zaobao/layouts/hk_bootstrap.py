"""HK-2 (by 2021-06 to 2025-07): `.article-body`, its children shuffled since 2022-07."""

import base64
import binascii

from lxml import etree

from zaobao.layouts.base import Layout
from zaobao.layouts.listing import Way, sitemap_cards
from zaobao.page import css


class HkBootstrap(Layout):
    """Each child of the body carries its place in `data-s` (site-facts 3.7, 4.6, 4.7)."""

    name = "hk_bootstrap"
    edition = "hk"

    probe = css("h1.article-title", "#carousel-article", "article#article-body", ".article-body")
    never = css(
        "astro-island",
        '[data-testid="article-banner"]',
        "script#seo-article-page",
        ".articleBody",
        ".article-content-rawhtml",
    )
    body = css("article#article-body", ".article-body", ".article-container article")
    title = css("h1.article-title", ".article-container h1", "h1")
    time = css(".author-info .mgt10", ".author-info > div:nth-child(2)")
    lead = css("#carousel-article .carousel-inner img")

    list_probe = css(".clearfix .list-block", ".list-block")
    cards = css("a.list-block", ".list-block a", "#more-container a")
    ways = (
        Way(
            "more/sitemap",
            "/more/sitemap/{sitemap}?pageNo={page}&pageSize=9",
            first=3,
            read=sitemap_cards,
        ),
    )

    def in_order(self, box: etree._Element) -> etree._Element:
        """Restore the order that `data-s` gives.

        A child without it follows the child that it was served after; when a
        value does not decode, the served order stays.
        """
        places = [place(child.get("data-s")) for child in box]
        if None in [
            number for number, child in zip(places, box, strict=True) if child.get("data-s")
        ]:
            return box
        keys, last = [], 0
        for number in places:
            last = number if number is not None else last
            keys.append(last)
        children = sorted(zip(keys, box, strict=True), key=lambda pair: pair[0])
        for _, child in children:
            box.append(child)
        return box


def place(data_s: str | None) -> int | None:
    """The place of a child among its siblings, from 1; None when there is none.

    Three characters of salt, then the number in base32 (RSSHub #10308; all 11
    values of the capture decode so).
    """
    if not data_s:
        return None
    encoded = data_s[3:].rstrip("=")
    try:
        number = base64.b32decode(encoded + "=" * (-len(encoded) % 8)).decode("ascii")
    except (binascii.Error, ValueError):
        return None
    return int(number) if number.isdigit() and len(number) < 9 else None
