"""SG-1 (2019-11 to 2024-12) and the list of SG-2. Their markup: docs/site-facts.md, "SG-1"."""

from typing import ClassVar

from zaobao.items import Edition
from zaobao.layouts.base import Layout
from zaobao.layouts.lists import QUERY, Pagination
from zaobao.layouts.place import Selectors


class SgDrupal(Layout):
    """`.article-content-rawhtml` inside the wider `.article-content`."""

    name = "sg_drupal"
    edition: ClassVar[Edition | None] = "sg"

    probe: ClassVar[Selectors] = (".article-content-rawhtml",)
    never: ClassVar[Selectors] = (".articleBody", "script#seo-article-page")
    body: ClassVar[Selectors] = (
        ".article-content-rawhtml",
        ".article-content",
        ".article-content-container",
    )
    title: ClassVar[Selectors] = (".content h1", "div.article-title", "h1")
    time: ClassVar[Selectors] = (
        "h4.title-byline.date-published",
        ".date-published",
        ".published-date",
        ".group-story-postdate",
    )
    byline: ClassVar[Selectors] = ("h4.title-byline.byline a",)
    keywords: ClassVar[Selectors] = ("div.keywords ul li",)
    lead: ClassVar[Selectors] = (
        ".inline-figure .figure-media > img",
        ".inline-figure-img img",
        "figure.inline-figure img",
        ".figure-media > img",
    )
    gallery: ClassVar[Selectors] = (
        ".figure-media-gallery-img img",
        "img.article-rotator-img",
        ".inline-figure-gallery img",
    )

    list_probe: ClassVar[Selectors] = (".article-list .article-type", ".on-listing-pages")
    cards: ClassVar[Selectors] = (
        ".article-list .article-type a.article-type-link",
        ".article-list .article-type a",
        '.on-listing-pages a.article-type-link, .on-listing-pages a[href*="/story"]',
    )
    paginations: ClassVar[tuple[Pagination, ...]] = (
        QUERY,
        Pagination("_wrapper_format", "{path}?_wrapper_format=html&page={page}"),
    )
