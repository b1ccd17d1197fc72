"""What watches a run: errors that must fail it, and the line that shows how far it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from scrapy import signals
from scrapy.exceptions import DropItem
from scrapy.utils.defer import _schedule_coro

from zaobao import runs
from zaobao.errors import ArchiveError, NotAStory

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.python.failure import Failure


class Watch:
    """Scrapy logs an error and goes on; here a disk that fails ends the run, and others count."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        watch = cls(crawler)
        crawler.signals.connect(watch.spider_error, signals.spider_error)
        crawler.signals.connect(watch.item_error, signals.item_error)
        crawler.signals.connect(watch.item_dropped, signals.item_dropped)
        return watch

    def spider_error(self, failure: Failure, response: Response, spider: Spider) -> None:
        self._note(failure)

    def item_error(self, item: Any, response: Response, spider: Spider, failure: Failure) -> None:
        self._note(failure)

    def item_dropped(self, item: Any, response: Response, exception: DropItem, spider: Any) -> None:
        """A story that must not be published as it is: its page is kept."""
        if isinstance(exception, NotAStory):
            known = response.meta["zaobao_known"]
            spider.quarantine(known, response, exception.reason, str(exception))

    def _note(self, failure: Failure) -> None:
        if isinstance(failure.value, ArchiveError):
            runs.fail(self.crawler.stats, str(failure.value))
            _schedule_coro(self.crawler.engine.close_spider_async(reason="archive"))
        else:
            self.crawler.stats.inc_value("zaobao/callback_errors")
