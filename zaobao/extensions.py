"""Around a crawl: its output folder, errors that must fail it, the line that shows its progress."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Protocol, Self

from scrapy import signals
from scrapy.exceptions import CloseSpider, NotConfigured
from scrapy.extensions import memusage
from scrapy.statscollectors import MemoryStatsCollector
from scrapy.utils.defer import deferred_from_coro

from zaobao import console, progress, verdict
from zaobao.archive.recovery import open_archive
from zaobao.errors import ArchiveError
from zaobao.extractions import Extractions
from zaobao.logs import without_trace
from zaobao.options import Options
from zaobao.publish.budget import Budget
from zaobao.signals import run_ending
from zaobao.text import counted
from zaobao.times import SINGAPORE, now

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from scrapy import Spider
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.python.failure import Failure

    from zaobao.archive.folder import Archive

logger = logging.getLogger(__name__)


class BoundedSpider(Protocol):
    """What a run asks of its spider."""

    limit: int | None
    """Posts that the run may write; None: as many as ZAOBAO_MAX_NEW."""
    goes_on: ClassVar[bool]
    """Whether reaching ZAOBAO_MAX_NEW is no trouble, since the next run goes on from there."""

    def asks_for(self, day: date) -> bool:
        """Whether stories published on this day were asked for."""


class CrawlRun:
    """One crawl: it opens the output folder, holds the bounds, and is judged at its end.

    A spider's own `start` opens it. So `scrapy shell`, `fetch`, `parse` and `check`, which put
    another start in its place, leave no folder behind. The end is the signal
    `engine_stopped`: by then feeds are closed. `run_ending` lets the monitors look first.
    """

    start = 0
    """Where the lines of this run begin in articles.jsonl."""
    waiting = 0
    """New stories that are not yet durable."""
    outcome: verdict.Outcome | None = None
    """The verdict, at the end."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.options = Options.from_settings(crawler.settings)
        self._archive: Archive | None = None
        self.extractions = Extractions()
        self._refused: str | None = None
        self._has_begun = False
        self._is_stopping = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if not getattr(crawler.spidercls, "writes_archive", False):
            raise NotConfigured
        run = cls(crawler)
        crawler.signals.connect(run.spider_closed, signals.spider_closed)
        crawler.signals.connect(run.engine_stopped, signals.engine_stopped)
        return run

    @classmethod
    def of(cls, crawler: Crawler) -> Self:
        """That of a crawl whose extensions are made; NotConfigured for one that has none."""
        found = crawler.get_extension(cls)
        if found is None:
            raise NotConfigured
        return found

    # --- the folder

    @property
    def is_open(self) -> bool:
        return self._archive is not None

    def open(self) -> Archive:
        """The folder with its state. The first call takes its lock and reads it. ArchiveError."""
        if self._archive is None:
            self._archive = open_archive(
                self.options, f"scrapy crawl {self.crawler.spidercls.name}"
            )
            self.start = self._archive.length
            for problem in self._archive.exclusions.problems:
                verdict.degrade(self.crawler.stats, problem)
            for done in (signals.item_scraped, signals.item_dropped, signals.item_error):
                self.crawler.signals.connect(self.extractions.done, done)
        return self._archive

    def begin(self) -> Archive:
        """As `open`; where it cannot be opened, the crawl ends with the reason."""
        self._has_begun = True
        try:
            with _stoppable():
                return self.open()
        except ArchiveError as error:
            self.refuse(str(error))
        except KeyboardInterrupt:
            self.refuse("stopped before its first request. What was written before is whole.")

    def refuse(self, reason: str) -> NoReturn:
        """End a crawl that cannot begin."""
        self._has_begun = True
        self._refused = reason
        verdict.fail(self.crawler.stats, reason)
        raise CloseSpider("refused")

    # --- its bounds

    @property
    def spider(self) -> BoundedSpider:
        spider: BoundedSpider = self.crawler.spider  # type: ignore[assignment]
        return spider

    def stop_at_bound(self) -> bool:
        """End the run where it has written as many stories as it may; whether it has."""
        written = self.crawler.stats.get_value("zaobao/new", 0) + self.waiting
        if self.spider.limit is not None and written >= self.spider.limit:
            self._stop("limit")
            return True
        if written >= self.options.max_new:
            said = f"ZAOBAO_MAX_NEW={self.options.max_new} is reached; run again"
            if self.spider.goes_on:
                logger.info("%s", said)
            else:
                verdict.degrade(self.crawler.stats, said)
            self._stop("bound")
            return True
        return False

    def _stop(self, reason: str) -> None:
        if not self._is_stopping:
            self._is_stopping = True
            close(self.crawler, reason)

    # --- its end

    def spider_closed(self) -> None:
        """End a crawl that failed before it began: its engine never started, so `engine_stopped` is
        not sent."""
        if not self._has_begun and self.crawler.stats.get_value(verdict.FAILED):
            self.finish()

    def engine_stopped(self) -> None:
        if self.is_open or self._refused:
            self.finish()

    def finish(self) -> verdict.Outcome:
        """Judge the run, write its report and its table, close the folder. Done once."""
        if self.outcome is None:
            if not self.is_open and not self._refused:
                self._try_to_open()
            if self._archive is not None:
                self._keep_last(self._archive)
                self.crawler.signals.send_catch_log(
                    run_ending,
                    spider=self.crawler.spider,
                    archive=self._archive,
                    start=self.start,
                )
            stats = verdict.stats_of(self.crawler)
            reads_lists = getattr(self.crawler.spidercls, "reads_lists", True)
            self.outcome = verdict.judge(stats, reads_lists=reads_lists)
            if self._archive is None:
                said = f"scrapy crawl {self.crawler.spidercls.name}: {self._refused}"
                self._tell(f"{said}\n", f"{said} (exit code {self.outcome.exit_code})")
            else:
                with self._archive:
                    self._report(self._archive, stats, self.outcome)
        return self.outcome

    def _keep_last(self, archive: Archive) -> None:
        """Keep the stories that wait in a run that a second signal has stopped."""
        try:
            archive.close_group()
        except ArchiveError as error:
            verdict.fail(self.crawler.stats, str(error))

    def _report(self, archive: Archive, stats: dict[str, Any], outcome: verdict.Outcome) -> None:
        given = getattr(self.crawler.spider, "given", {})
        site = Budget.read(archive.folder)
        known = site.as_report(now().astimezone(SINGAPORE).date()) if site else None
        try:
            archive.write_report(*verdict.report(stats, outcome, given, known))
        except ArchiveError as error:
            outcome = self.outcome = verdict.failed(outcome, str(error))
        table = verdict.table(stats, outcome)
        self._tell(table, f"The run's end, exit code {outcome.exit_code}:\n{table}")

    def _tell(self, said: str, logged: str) -> None:
        console.note(said)  # stdout carries only data
        if self.crawler.settings["LOG_FILE"]:  # Scrapyd has one, and nobody sees stderr there
            is_bad = self.outcome is None or self.outcome.exit_code
            logger.log(logging.ERROR if is_bad else logging.INFO, "%s", logged)

    def _try_to_open(self) -> None:
        try:
            self.open()
        except ArchiveError as error:
            self._refused = str(error)


def close(crawler: Crawler, reason: str) -> None:
    """Ask for nothing more; what is being read is finished."""
    deferred_from_coro(crawler.engine.close_spider_async(reason=reason))


@contextmanager
def _stoppable() -> Iterator[None]:
    """SIGTERM and Ctrl-C stop at once what Scrapy would wait for: a large archive is read."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    stops = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(one, signal.default_int_handler) for one in stops]
    try:
        yield
    finally:
        for one, handler in zip(stops, before, strict=True):
            signal.signal(one, handler)


class ErrorWatch:
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
            verdict.fail(self.crawler.stats, str(failure.value))
            close(self.crawler, "archive")
        else:
            self.crawler.stats.inc_value("zaobao/callback_errors")


SHOWN = ("known", "new", "edited", "failed", "quarantined")
"""Rows of the closing table on the progress line."""


class Progress:
    """One line with counts on a terminal; nothing where stderr is not one."""

    def __init__(self, crawler: Crawler) -> None:
        self.stats = crawler.stats
        self.status = progress.console().status("starting")
        self.shown = ExitStack()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if not sys.stderr.isatty():
            raise NotConfigured
        line = cls(crawler)
        crawler.signals.connect(line.start, signals.spider_opened)
        crawler.signals.connect(line.update, signals.response_received)
        crawler.signals.connect(line.update, signals.item_scraped)
        crawler.signals.connect(line.stop, signals.spider_closed)
        return line

    def start(self) -> None:
        self.shown.enter_context(progress.logged_above(self.status.start, self.status.stop))

    def update(self) -> None:
        """The pages of lists, the stories asked for so far and how many were answered."""
        asked, answered, pages = map(self._number, ("asked", "answered", "list_pages"))
        shown = [counted(pages, "list page"), f"story {answered} of {asked}"]
        shown += [f"{row} {self._number(f'stories/{row}')}" for row in SHOWN]
        self.status.update("  ".join(shown))

    def _number(self, name: str) -> int:
        return int(self.stats.get_value(f"zaobao/{name}", 0))

    def stop(self) -> None:
        self.update()
        self.shown.close()


class MemoryUsage(memusage.MemoryUsage):
    """Scrapy's, by what the process holds at the moment.

    Scrapy asks for the highest ever, which Linux hands on from the program that starts the
    crawl: a crawl started by one of 600 MB ended with its first check.
    """

    def get_virtual_size(self) -> int:
        """Bytes of memory that the process holds."""
        try:
            pages = Path("/proc/self/statm").read_text("ascii").split()[1]
        except OSError:  # no Linux
            return super().get_virtual_size()
        size: int = self.resource.getpagesize()
        return int(pages) * size


class StatsCollector(MemoryStatsCollector):
    """Scrapy's, without its look at each access to an attribute for who still passes a `spider`.

    That look is most of what a count costs, and asking for a story makes some twenty.
    """

    __getattribute__ = object.__getattribute__
