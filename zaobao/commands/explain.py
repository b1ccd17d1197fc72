"""`scrapy explain URL|FILE`: what would be extracted from a page, and why. Writes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy import Request, Spider
from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from zaobao import console, decoding, layouts, pagechecks, urls
from zaobao.downloadermiddlewares.bounds import check_settings
from zaobao.errors import UnfitError
from zaobao.explain import explain
from zaobao.options import Options
from zaobao.page import Page
from zaobao.spiders.base import page_of
from zaobao.times import now

if TYPE_CHECKING:
    import argparse
    from collections.abc import AsyncIterator

    from scrapy.http import Response


class Fetch(Spider):
    """Asks for one page, by the same rules of conduct as a crawl."""

    name = "explain"
    # None of the project's that open the output folder; stderr stays readable.
    custom_settings: dict[str, Any] | None = {
        "ITEM_PIPELINES": {},
        "EXTENSIONS": {},
        "FEEDS": {},
        "LOG_LEVEL": "WARNING",
    }

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.page: Page | None = None
        self.trouble = ""

    async def start(self) -> AsyncIterator[Request]:
        yield Request(self.address, errback=self.failed, meta={"zaobao_kind": "story"})

    def parse(self, response: Response) -> None:
        self.page = page_of(response)

    def failed(self, failure: Any) -> None:
        self.trouble = str(failure.value) or repr(failure.value)


class Command(ScrapyCommand):
    """Exit codes: 0 explained, 1 the page could not be fetched or read, 2 wrong arguments."""

    requires_project = True

    def syntax(self) -> str:
        return "URL | FILE [--url URL]"

    def short_desc(self) -> str:
        return "Show what would be extracted from a story page, and why"

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        assert self.settings is not None
        self.settings.set("LOG_LEVEL", "WARNING", "command" if opts.loglevel else "cmdline")

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--url", help="the story's address, for a page in a file")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) != 1:
            raise UsageError("it takes the address of a story or a file with its page")
        assert self.settings is not None
        options = Options.from_settings(self.settings)
        page = (
            self._from_file(args[0], opts.url)
            if Path(args[0]).is_file()
            else self._fetched(args[0], options)
        )
        if page is None:
            self.exitcode = 1
            return
        story = urls.story(page.url)
        if story is None:
            raise UsageError(f"{page.url!r} is no story's address; name it with --url")
        if page.is_too_deep:
            console.note(f"{args[0]} is nested too deep to be read whole\n")
            self.exitcode = 1
            return
        text, read = explain(page, story, now(), options)
        console.data(text)
        self.exitcode = 0 if read else 1

    def _from_file(self, name: str, url: str | None) -> Page | None:
        try:
            data = decoding.utf8(Path(name).read_bytes(), None)
            pagechecks.check_html(data)
        except UnfitError as error:
            console.note(f"{name} is no page that can be read ({error.reason}): {error}\n")
            return None
        except OSError as error:
            console.note(f"{name} cannot be read: {error.strerror}\n")
            return None
        page = Page(url or "", data)
        if url is None:
            page.url = layouts.own_address(page) or ""
        return page

    def _fetched(self, address: str, options: Options) -> Page | None:
        asked = options.site.address(address)
        if asked is None or urls.story(address) is None:
            raise UsageError(
                f"{address!r} is neither a file nor a story's address at {options.site.origin}"
            )
        assert self.crawler_process is not None
        assert self.settings is not None
        check_settings(self.settings)
        crawler = self.crawler_process.create_crawler(Fetch)
        self.crawler_process.crawl(crawler, address=asked)
        self.crawler_process.start()
        spider: Fetch = crawler.spider  # type: ignore[assignment]
        if spider.page is None:
            console.note(f"{address} could not be fetched: {spider.trouble}\n")
        return spider.page
