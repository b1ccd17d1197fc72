"""Fundus with a parser of its own for the two layouts: ORIGIN PAGES OUT HOW."""

import sys

from durable import keeper
from fundus import Crawler, Sitemap
from fundus.parser import BaseParser, ParserProxy, attribute
from fundus.parser.utility import (
    extract_article_body_with_selector,
    generic_author_parsing,
    generic_date_parsing,
    generic_topic_parsing,
)
from fundus.publishers.base_objects import Publisher
from lxml.cssselect import CSSSelector


class ZaobaoParser(ParserProxy):
    class V1(BaseParser):
        _paragraphs = CSSSelector(".articleBody > p, #article-body > p, #article-body li")
        _subheads = CSSSelector(".articleBody > h2, #article-body > h2")

        @attribute
        def body(self):
            return extract_article_body_with_selector(
                self.precomputed.doc,
                paragraph_selector=self._paragraphs,
                subheadline_selector=self._subheads,
            )

        @attribute
        def title(self):
            return self.precomputed.ld.bf_search("headline")

        @attribute
        def authors(self):
            return generic_author_parsing(self.precomputed.ld.bf_search("author"))

        @attribute
        def publishing_date(self):
            return generic_date_parsing(self.precomputed.ld.bf_search("datePublished"))

        @attribute
        def topics(self):
            return generic_topic_parsing(self.precomputed.meta.get("keywords"))


origin, pages, *kept = sys.argv[1:]
keep = keeper(*kept)
paper = Publisher(
    name="zaobao",
    domain=origin,
    parser=ZaobaoParser,
    sources=[Sitemap(f"{origin}/sitemap/{pages}", languages={"zh"})],
)
crawler = Crawler(paper, delay=0.0, ignore_robots=True)
for article in crawler.crawl(only_complete=False, error_handling="raise"):
    keep(
        {
            "url": article.html.responded_url,
            "title": article.title,
            "published": str(article.publishing_date),
            "authors": article.authors,
            "keywords": article.topics,
            "text": str(article.body),
        }
    )
