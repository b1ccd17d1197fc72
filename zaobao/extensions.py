"""What watches a run: errors that must fail it, and the line that shows how far it is."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any, Self

from scrapy import signals
from scrapy.exceptions import NotConfigured
from scrapy.utils.defer import _schedule_coro

from zaobao import runs
from zaobao.errors import ArchiveError
from zaobao.logs import without_trace

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.python.failure import Failure


SHOWN = ("known", "new", "edited", "failed", "quarantined")
"""Rows of the closing table on the progress line."""


class Watch:
    """Scrapy logs an error and goes on; here a disk that fails ends the run, and others count."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        watch = cls(crawler)
        for name in ("scrapy.core.engine", "scrapy.core.scraper"):
            logging.getLogger(name).addFilter(without_trace)
        crawler.signals.connect(watch.spider_error, signals.spider_error)
        crawler.signals.connect(watch.item_error, signals.item_error)
        return watch

    def spider_error(self, failure: Failure, response: Response, spider: Spider) -> None:
        self._note(failure)

    def item_error(self, item: Any, response: Response, spider: Spider, failure: Failure) -> None:
        self._note(failure)

    def _note(self, failure: Failure) -> None:
        if isinstance(failure.value, ArchiveError):
            runs.fail(self.crawler.stats, str(failure.value))
            _schedule_coro(self.crawler.engine.close_spider_async(reason="archive"))
        else:
            self.crawler.stats.inc_value("zaobao/callback_errors")


class Progress:
    """One line with counts on a terminal; nothing where stderr is none."""

    def __init__(self, crawler: Crawler) -> None:
        self.stats = crawler.stats
        from rich.console import Console  # for those who look on

        self.status = Console(stderr=True).status("starting")
        self.handlers: list[logging.StreamHandler[Any]] = []

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if not sys.stderr.isatty():
            raise NotConfigured
        progress = cls(crawler)
        crawler.signals.connect(progress.start, signals.spider_opened)
        crawler.signals.connect(progress.update, signals.response_received)
        crawler.signals.connect(progress.update, signals.item_scraped)
        crawler.signals.connect(progress.stop, signals.spider_closed)
        return progress

    def start(self) -> None:
        """Log lines go above the progress line from here on."""
        handlers = [h for h in logging.root.handlers if isinstance(h, logging.StreamHandler)]
        self.handlers = [handler for handler in handlers if handler.stream is sys.stderr]
        self.status.start()
        for handler in self.handlers:
            handler.setStream(sys.stderr)  # rich has put its own there

    def update(self) -> None:
        """The pages of lists, the stories asked for so far and how many were answered."""
        asked, answered, pages = map(self._number, ("asked", "answered", "list_pages"))
        shown = [f"{pages} list pages", f"story {answered} of {asked}"]
        shown += [f"{row} {self._number(f'stories/{row}')}" for row in SHOWN]
        self.status.update("  ".join(shown))

    def _number(self, name: str) -> int:
        return int(self.stats.get_value(f"zaobao/{name}", 0))

    def stop(self) -> None:
        self.update()
        self.status.stop()
        for handler in self.handlers:
            handler.setStream(sys.stderr)
