"""SG-1 (2019-11 to 2024-12), the layout of the seed, and the list of SG-2."""

from zaobao.layouts.base import Layout
from zaobao.layouts.lists import QUERY, Way
from zaobao.page import boxes, css


class SgDrupal(Layout):
    """`.article-content-rawhtml` inside the wider `.article-content` (site-facts 3.3, 4.3)."""

    name = "sg_drupal"
    edition = "sg"

    probe = boxes(".article-content-rawhtml")
    never = boxes("script#seo-article-page", ".articleBody")
    body = boxes(".article-content-rawhtml", ".article-content", ".article-content-container")
    title = css(".content h1", "div.article-title", "h1")
    time = css(
        "h4.title-byline.date-published",
        ".date-published",
        ".published-date",
        ".group-story-postdate",
    )
    byline = css("h4.title-byline.byline a")
    keywords = css("div.keywords ul li")
    lead = css(
        ".inline-figure .figure-media > img",
        ".inline-figure-img img",
        "figure.inline-figure img",
        ".figure-media > img",
    )
    gallery = css(
        ".figure-media-gallery-img img", "img.article-rotator-img", ".inline-figure-gallery img"
    )

    list_probe = css(".article-list .article-type", ".on-listing-pages")
    cards = css(
        ".article-list .article-type a.article-type-link",
        ".article-list .article-type a",
        '.on-listing-pages a.article-type-link, .on-listing-pages a[href*="/story"]',
    )
    ways = (
        QUERY,
        Way("_wrapper_format", "{path}?_wrapper_format=html&page={page}"),
    )
