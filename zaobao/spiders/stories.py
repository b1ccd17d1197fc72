"""`scrapy crawl stories`: just the stories that are named, of any section."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from scrapy.exceptions import UsageError

from zaobao import urls
from zaobao.spiders.base import StorySpider
from zaobao.text import counted
from zaobao.times import now

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from scrapy import Request
    from scrapy.http import Response

    from zaobao.archive.record import Record
    from zaobao.items import Article

logger = logging.getLogger(__name__)

SHOWN = 3
"""Stories that could not be read, of those that the run's reason names."""
NEEDED = "it takes either -a urls=URL,URL or -a file=urls.txt"


class StoriesSpider(StorySpider):
    """`-a urls=URL,URL` or `-a file=urls.txt`, one address a line."""

    name = "stories"
    arguments: ClassVar[dict[str, str]] = {
        "urls": "addresses of stories, with commas between them",
        "file": "a file with one address a line; lines that begin with # are left out",
        **StorySpider.arguments,
    }
    reads_lists = False

    def __init__(self, **given: Any) -> None:
        if "_job" in given and "file" in given:
            # Scrapyd takes arguments from the network, and an error would show the file's lines.
            raise UsageError(
                "-a file=…: no path is taken from Scrapyd; name the stories with urls="
            )
        super().__init__(**given)
        if "urls" in given and "file" in given:
            raise UsageError(NEEDED)
        self.addresses: list[str] | None = None
        if "file" in given:
            self.addresses = _lines(given["file"])
        elif "urls" in given:
            self.addresses = [part.strip() for part in given["urls"].split(",") if part.strip()]
        self.stories = [_story(address) for address in self.addresses or ()]
        self.unread: list[str] = []

    def check(self) -> None:
        if self.addresses is None:
            raise UsageError(NEEDED)
        if not self.addresses:
            raise UsageError("no address is given")
        site = self.options.site
        for address in self.addresses:
            if "://" in address and site.address(address) is None:
                hosts = ", ".join(sorted({*urls.PAPER_HOSTS, urlsplit(site.origin).netloc}))
                raise UsageError(f"{address!r} is on none of the hosts that may be asked: {hosts}")

    async def first_requests(self) -> AsyncIterator[Request]:
        for known in self.archive.state.listed(self.stories, None, now()):
            self.enter(known)
            if known.status == "written":
                logger.info("%s is known: %s", known.id, known.file)
                self.wants_images.append(known.number)
            elif not self.days.may_hold(urls.StoryUrl.of(known.url).day):
                self.put(known.number, "outside")
            elif request := self.story_request(known):
                self.put(known.number, "waiting")
                yield request

    def parse_story(self, response: Response) -> Iterator[Article | Request]:
        """The story of a page.

        @url https://www.zaobao.com/realtime/china/story20210902-1189718
        @returns items 1 1
        @returns requests 0 0
        @scrapes id url title published body_html text access
        """
        yield from super().parse_story(response)

    def note_failure(self, known: Record, reason: str, message: str) -> None:
        super().note_failure(known, reason, message)
        self.unread.append(f"{known.id} ({message})")

    def closed(self, reason: str) -> None:
        """A story that the user named and that could not be read is a reason to look."""
        if self.unread:
            said = counted(len(self.unread), "named story was", "named stories were")
            more = " …" if len(self.unread) > SHOWN else ""
            self.degrade(f"{said} not read: {', '.join(self.unread[:SHOWN])}{more}")


def _lines(path: str) -> list[str]:
    """The lines of a file of addresses, as any editor saves it in UTF-8."""
    try:
        lines = Path(path).read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"-a file={path}: {error}") from None
    return [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]


def _story(url: str) -> urls.StoryUrl:
    story = urls.story(url)
    if story is None:
        raise UsageError(
            f"{url!r} is no address of a story like …/realtime/china/story20210902-1189718"
        )
    return story
