"""SG-3 (2024-08) to SG-4b (since about 2026-07-29): the present pages of www.zaobao.com.sg.

Their markup: docs/site-facts.md, "SG-3 and SG-4".
"""

from typing import ClassVar

from zaobao.items import Edition
from zaobao.layouts.base import Layout
from zaobao.layouts.lists import PAGE_CONTENT, QUERY, Pagination
from zaobao.layouts.place import Selectors
from zaobao.page import Page


class SgCards(Layout):
    """`.articleBody` and card lists; its JSON moved with each variant."""

    name = "sg_cards"
    edition: ClassVar[Edition | None] = "sg"

    probe: ClassVar[Selectors] = (
        ".articleBody",
        "script#seo-article-page",
        ".article-body-container",
    )
    others: ClassVar[Selectors] = (
        "article#article-body",
        ".article-body",
        ".article-content-rawhtml",
    )
    """Boxes of the other layouts: a page that has one has its text there, and not in its data."""
    body: ClassVar[Selectors] = (
        "article .articleBody",
        ".articleBody",
        ".article-body-container",
        ".article-content-container",
    )
    byline: ClassVar[Selectors] = ('a[href*="/byline/"]',)
    keywords: ClassVar[Selectors] = ("div.max-h-max ul a", 'a[href*="/keywords/"]')
    lead: ClassVar[Selectors] = (
        'div[class*="my-[16px]"] > img',
        "img.mx-auto.w-full.object-contain",
    )

    list_probe: ClassVar[Selectors] = (".card-listing",)
    cards: ClassVar[Selectors] = (
        ".card-listing .card .content-header a",
        ".card-listing .content-header a",
        ".card-listing .card a",
        '.card-listing a[href*="/story"]',
    )
    paginations: ClassVar[tuple[Pagination, ...]] = (PAGE_CONTENT, QUERY)

    def claims(self, page: Page) -> bool:
        """SG-3h may carry its text in the hydration data alone."""
        if super().claims(page):
            return True
        return not page.has(self.others + self.never) and bool(page.hydration.get("body_cn"))
