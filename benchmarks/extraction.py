"""P3: page bytes → clean Article in this process, beside one lxml parse of the same bytes.

And beside what the small spider reads of them.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from lxml import etree
from scrapy.http import HtmlResponse

from benchmarks.tools.with_scrapy import NewsSpider
from zaobao import layouts, urls
from zaobao.cleaning.clean import clean_article
from zaobao.page import Page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zaobao.items import Article

CRAWLED = datetime(2026, 10, 2, tzinfo=UTC)


def article(url: str, source: bytes) -> Article:
    """What a spider does with a page."""
    story = urls.story(url)
    assert story
    page = Page(url, source)
    extraction = layouts.pick(page).extract(page, story, CRAWLED)
    clean_article(extraction)
    return extraction.article


class Reading(NamedTuple):
    """CPU seconds a page."""

    parse: float
    """`lxml.etree.fromstring`, told that the bytes are UTF-8 as a crawler knows it."""
    minimal: float
    """The small spider's callback."""
    whole: float
    """All that the project reads and cleans."""


def read(pages: Mapping[str, bytes]) -> Reading:
    """What each takes, the three in turn page by page."""
    clock, parsing, minimal, whole = time.process_time_ns, 0, 0, 0
    parser, spider = etree.HTMLParser(encoding="utf-8"), NewsSpider()
    for path, source in pages.items():
        url = urls.CANONICAL_ORIGIN + path
        started = clock()
        tree = etree.fromstring(source, parser)
        del tree
        parsed = clock()
        list(spider.parse_story(HtmlResponse(url, body=source, encoding="utf-8")))
        spidered = clock()
        article(url, source)
        parsing += parsed - started
        minimal += spidered - parsed
        whole += clock() - spidered
    return Reading(*(each / len(pages) / 1e9 for each in (parsing, minimal, whole)))
