"""Scrapy's feed exports (`-O`, `-o`, `FEEDS`), where one that cannot be written fails the run.

The feeds that a reader subscribes to are the site's: `zaobao.publish.feeds`.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

from scrapy import signals
from scrapy.exceptions import CloseSpider, NotConfigured
from scrapy.extensions.feedexport import FeedExporter

from zaobao import verdict
from zaobao.errors import ArchiveError
from zaobao.extensions import CrawlRun, close

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy import Spider
    from scrapy.crawler import Crawler

KEPT = "The stories that this run wrote are in articles.jsonl, and their posts too"


class StrictFeedExporter(FeedExporter):
    """Scrapy's feed exporter, with a failure that counts.

    A target that cannot be opened ends the run before anything is asked. What
    fails later ends it at once; the stories are in the archive all the same,
    since posts and lines are durable before a feed sees an item.
    """

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        try:
            return super().from_crawler(crawler)
        except NotConfigured:
            if not crawler.settings["FEEDS"]:
                raise
            verdict.fail(crawler.stats, "FEEDS cannot be used, nothing was asked; the log has why")
            crawler.signals.connect(_refuse, signals.spider_opened, weak=False)
            raise

    def open_spider(self, spider: Spider) -> None:
        """Open the targets, so that one that cannot be written is known before the first request.

        One that is only made for items (`store_empty` off) is opened with the first. The
        archive comes before them: a run that may not write to it must not overwrite a feed.
        """
        run = self.crawler.get_extension(CrawlRun)
        try:
            if run is not None:
                run.open()
        except ArchiveError as error:
            verdict.fail(self.crawler.stats, str(error))
            raise CloseSpider("refused") from error
        try:
            super().open_spider(spider)
            for slot in self.slots:
                if slot.store_empty:
                    slot.start_exporting()
        except Exception as error:
            verdict.fail(
                self.crawler.stats, f"a feed cannot be written, nothing was asked: {error}"
            )
            self.slots = [slot for slot in self.slots if slot.exporter]
            raise CloseSpider("feed") from error

    def item_scraped(self, item: Any, spider: Spider) -> None:
        try:
            with self._noted():
                super().item_scraped(item, spider)
        except Exception:
            close(self.crawler, "feed")
            raise

    async def close_spider(self, spider: Spider) -> None:
        # Scrapy finishes them in tasks whose errors nobody sees.
        for slot in self.slots:
            if slot.itemcount:
                with self._noted():
                    slot.finish_exporting()
        await super().close_spider(spider)
        stats = self.crawler.stats.get_stats()
        if any(name.startswith("feedexport/failed_count/") for name in stats):
            verdict.fail(self.crawler.stats, f"a feed could not be stored. {KEPT}; the log has why")

    @contextmanager
    def _noted(self) -> Iterator[None]:
        """Let an error of an exporter, whatever it is, fail the run; Scrapy logs it."""
        try:
            yield
        except Exception as error:
            reason = f"a feed could not be written: {type(error).__name__}: {error}. {KEPT}"
            verdict.fail(self.crawler.stats, reason)
            raise


def _refuse() -> None:
    raise CloseSpider("feed")
