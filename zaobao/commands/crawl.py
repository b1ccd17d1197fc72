"""`scrapy crawl`: Scrapy's own, with arguments checked first and an exit code that tells."""

from __future__ import annotations

import argparse
import gc
import logging
from typing import TYPE_CHECKING, Any

from scrapy.commands import ScrapyHelpFormatter
from scrapy.commands.crawl import Command as CrawlCommand
from scrapy.exceptions import UsageError
from scrapy.spiderloader import SpiderLoader

from zaobao.downloadermiddlewares.bounds import check_settings
from zaobao.extensions import CrawlRun
from zaobao.spiders.base import StorySpider

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)

YOUNG = 5000
"""Objects after which Python looks for those that refer to one another and to nobody else. A page's
own are gone before; at Python's 700 the search takes a twentieth of a crawl's CPU time."""


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
        self.crawler_process.crawl(crawler, **arguments)
        gc.freeze()  # what the imports made lives as long as this process
        gc.set_threshold(YOUNG, *gc.get_threshold()[1:])
        self.crawler_process.start()
        self.exitcode = self._exit_code(crawler)

    def _exit_code(self, crawler: Crawler) -> int:
        """That of the verdict. A crawl that failed to start, or was stopped twice, gets it here."""
        try:
            return CrawlRun.of(crawler).finish().exit_code
        except RuntimeError:  # no extension was made
            self._log("the start of the run failed (exit code 1)", logging.ERROR)
            return 1

    def _log(self, message: str, level: int) -> None:
        """Where the log goes to a file, as Scrapyd has it, nobody sees what is on stderr."""
        assert self.settings is not None
        if self.settings["LOG_FILE"]:
            logger.log(level, "%s", message)

    def _loader(self) -> Any:
        assert self.crawler_process is not None
        return self.crawler_process.spider_loader
