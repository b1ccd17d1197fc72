"""Is it a story to be published, and was it asked for? Exclude, Validate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from scrapy.exceptions import DropItem

from zaobao import runs, times
from zaobao.archive import store
from zaobao.archive.exclusions import BECAUSE, number_of
from zaobao.archive.repeats import Texts
from zaobao.urls import StoryUrl

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from zaobao.items import Article
    from zaobao.spiders.base import StorySpider


class Outside(DropItem):
    """Published outside the days that the user asked for."""

    row = "outside"


class Excluded(DropItem):
    """exclude.txt leaves the story out."""

    row = "excluded"


class Exclude:
    """Drop what exclude.txt leaves out: a headline may be known only now."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.store = store.of(crawler)
        for problem in self.store.exclude.problems:
            runs.degrade(crawler.stats, problem)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_item(self, item: Article) -> Article:
        number = number_of(item.id) or ""
        rule = self.store.exclude.rule(number, (item.url,), item.title)
        if rule is None:
            return item
        self.store.state.fail(number, BECAUSE + rule, item.crawled, final=True)
        raise Excluded(f"{item.id}: left out by {rule} in exclude.txt")


class Validate:
    """Refuse what must not be published as it is, and what was not asked for."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.texts = Texts(store.of(crawler).archive.folder / "articles.jsonl")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_item(self, item: Article) -> Article:
        for removed in item.removed:
            self.crawler.stats.inc_value(f"zaobao/removed/{removed.rule}")
        self.texts.check(item)
        spider: StorySpider = self.crawler.spider  # type: ignore[assignment]
        published = item.published
        day = (
            published.astimezone(times.SINGAPORE).date() if published else StoryUrl.of(item.url).day
        )
        if not spider.days.hold(day):
            number = item.id.partition("-")[2]
            store.of(self.crawler).state.outside(number, item.published, item.crawled)
            raise Outside(f"{item.id}: published {day}, outside the asked days")
        return item
