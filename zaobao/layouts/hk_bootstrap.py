"""HK-2 (by 2021-06 to 2025-07): `.article-body`, its children shuffled since 2022-07.

Its markup: docs/site-facts.md, "HK-2" and "Shuffled paragraphs".
"""

from typing import ClassVar

from zaobao.dom import Node
from zaobao.items import Edition
from zaobao.layouts import order
from zaobao.layouts.base import Layout
from zaobao.layouts.lists import MORE_SITEMAP, QUERY, Pagination
from zaobao.layouts.place import Selectors


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
        """Restore the order that `data-s` gives, also where its values cannot be read: `hidden`."""
        return order.by_data_s(box)
