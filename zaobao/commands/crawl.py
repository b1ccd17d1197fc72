"""`scrapy crawl`: Scrapy's own, with arguments checked first and an exit code that tells."""

from __future__ import annotations

import argparse
import logging
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from scrapy.commands import ScrapyHelpFormatter
from scrapy.commands.crawl import Command as CrawlCommand
from scrapy.exceptions import UsageError
from scrapy.spiderloader import SpiderLoader

from zaobao import console, runs
from zaobao.archive import store
from zaobao.downloadermiddlewares.bounds import check_settings
from zaobao.errors import ArchiveError
from zaobao.spiders.base import StorySpider

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)


class _HelpFormatter(argparse.RawDescriptionHelpFormatter, ScrapyHelpFormatter):
    """Scrapy's, with the lines of a description as they are."""


class Command(CrawlCommand):
    """Exit codes: 0 ok, 1 failed, 2 wrong arguments or settings, 3 degraded or interrupted."""

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        assert self.settings is not None
        parser.formatter_class = _HelpFormatter
        loader = SpiderLoader.from_settings(self.settings)
        for name in loader.list():
            taken = getattr(loader.load(name), "arguments", {})
            width = max(map(len, taken), default=0)
            parser.add_argument_group(
                f"Arguments of {name}",
                "\n".join(f"{argument:{width}}  {taken[argument]}" for argument in taken),
            )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        try:
            self._check_and_run(args, opts)
        except UsageError as error:
            self._log(f"{error} (exit code 2)", logging.ERROR)
            raise

    def _check_and_run(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) != 1:
            raise UsageError("it takes one spider: " + ", ".join(self._loader().list()))
        if args[0] not in self._loader().list():
            raise UsageError(f"no spider {args[0]!r}; there are {', '.join(self._loader().list())}")
        if not issubclass(self._loader().load(args[0]), StorySpider):
            super().run(args, opts)
            return
        self._run(args[0], opts.spargs)

    def _run(self, name: str, arguments: dict[str, Any]) -> None:
        assert self.settings is not None
        assert self.crawler_process is not None
        options = check_settings(self.settings)
        spidercls = self._loader().load(name)
        checked = spidercls(**arguments)
        checked.options = options
        checked.check()
        crawler = self.crawler_process.create_crawler(spidercls)
        opened = self._open(name, crawler)
        if opened is None:
            self.exitcode = 1
            return
        with opened:
            self.crawler_process.crawl(crawler, **arguments)
            self.crawler_process.start()
            self.exitcode = self._close(crawler, spidercls, arguments, opened)

    def _open(self, name: str, crawler: Crawler) -> store.Store | None:
        """The output folder; None after a sentence on why it could not be opened."""
        try:
            with _stoppable():
                return store.begin(crawler)
        except ArchiveError as error:
            said = str(error)
        except KeyboardInterrupt:
            said = "stopped before its first request. What was written before is whole."
        console.note(f"scrapy crawl {name}: {said}\n")
        self._log(f"{said} (exit code 1)", logging.ERROR)
        return None

    def _close(
        self, crawler: Crawler, spidercls: type[Any], arguments: dict[str, Any], opened: store.Store
    ) -> int:
        stats = crawler.stats.get_stats() if crawler._stats else {}
        outcome = runs.judge(stats, reads_lists=spidercls.reads_lists)
        try:
            opened.archive.write_report(*runs.report(stats, outcome, arguments))
        except ArchiveError as error:
            outcome = runs.failed(outcome, str(error))
        table = runs.table(stats, outcome)
        console.note(table)  # stdout carries only data
        level = logging.ERROR if outcome.exit_code else logging.INFO
        self._log(f"The run's end, exit code {outcome.exit_code}:\n{table}", level)
        return outcome.exit_code

    def _log(self, message: str, level: int) -> None:
        """Where the log goes to a file, as Scrapyd has it, nobody sees what is on stderr."""
        assert self.settings is not None
        if self.settings["LOG_FILE"]:
            logger.log(level, "%s", message)

    def _loader(self) -> Any:
        assert self.crawler_process is not None
        return self.crawler_process.spider_loader


@contextmanager
def _stoppable() -> Iterator[None]:
    """SIGTERM stops as Ctrl-C does, also before Scrapy looks after both of them."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
