"""SG-1 (2019-11 to 2024-12) and the list of SG-2. Their markup: docs/site-facts.md, "SG-1"."""

from zaobao.layouts.base import Layout
from zaobao.layouts.lists import QUERY, Pagination


class SgDrupal(Layout):
    """`.article-content-rawhtml` inside the wider `.article-content`."""

    name = "sg_drupal"
    edition = "sg"

    probe = (".article-content-rawhtml",)
    never = ("script#seo-article-page", ".articleBody")
    body = (".article-content-rawhtml", ".article-content", ".article-content-container")
    title = (".content h1", "div.article-title", "h1")
    time = (
        "h4.title-byline.date-published",
        ".date-published",
        ".published-date",
        ".group-story-postdate",
    )
    byline = ("h4.title-byline.byline a",)
    keywords = ("div.keywords ul li",)
    lead = (
        ".inline-figure .figure-media > img",
        ".inline-figure-img img",
        "figure.inline-figure img",
        ".figure-media > img",
    )
    gallery = (
        ".figure-media-gallery-img img",
        "img.article-rotator-img",
        ".inline-figure-gallery img",
    )

    list_probe = (".article-list .article-type", ".on-listing-pages")
    cards = (
        ".article-list .article-type a.article-type-link",
        ".article-list .article-type a",
        '.on-listing-pages a.article-type-link, .on-listing-pages a[href*="/story"]',
    )
    paginations = (
        QUERY,
        Pagination("_wrapper_format", "{path}?_wrapper_format=html&page={page}"),
    )
