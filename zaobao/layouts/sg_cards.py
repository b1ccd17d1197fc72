"""SG-3 (2024-08) to SG-4b (since about 2026-07-29): the present pages of www.zaobao.com.sg."""

from zaobao.layouts.base import Layout
from zaobao.layouts.lists import QUERY, Way, page_content_cards
from zaobao.page import Page, boxes, css


class SgCards(Layout):
    """`.articleBody` and card lists; its JSON moved with each variant (site-facts 3.5, 4.4, 5)."""

    name = "sg_cards"
    edition = "sg"

    probe = boxes(".articleBody", "script#seo-article-page", ".article-body-container")
    elsewhere = boxes("article#article-body", ".article-body", ".article-content-rawhtml")
    """Boxes of the other layouts, whose pages need not be searched for data."""
    body = boxes(
        "article .articleBody",
        ".articleBody",
        ".article-body-container",
        ".article-content-container",
    )
    byline = css('a[href*="/byline/"]')
    keywords = css("div.max-h-max ul a", 'a[href*="/keywords/"]')
    lead = css('div[class*="my-[16px]"] > img', "img.mx-auto.w-full.object-contain")

    list_probe = css(".card-listing")
    cards = css(
        ".card-listing .card .content-header a",
        ".card-listing .content-header a",
        ".card-listing .card a",
        '.card-listing a[href*="/story"]',
    )
    ways = (
        Way(
            "page-content",
            "/_plat/api/v2/page-content{path}?page={page}",
            read=page_content_cards,
        ),
        QUERY,
    )

    def claims(self, page: Page) -> bool:
        """SG-3h may carry its text in the hydration data alone."""
        if super().claims(page):
            return True
        return not page.select(self.elsewhere) and bool(page.hydration.get("body_cn"))
