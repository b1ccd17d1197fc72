"""Reading the site's monthly sitemaps, for `backfill` and `audit`."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy import Request

from zaobao import sitemap
from zaobao.spiders.base import MISSING, StorySpider, what_failed
from zaobao.times import now

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.http import Response
    from twisted.python.failure import Failure

    from zaobao.urls import StoryUrl

logger = logging.getLogger(__name__)

INDEX = "/sitemap.xml"
DEPTH = 2
"""An index may name an index; what that one names is read, and nothing below it."""


@dataclass(frozen=True, slots=True)
class Part:
    """A sitemap to read.

    months: those that it is read for, like `202108`. depth: 0 for the index itself. found_by:
    `named`, `index` or `numbered`. place: of its month in the asked order.
    """

    months: tuple[str, ...]
    depth: int
    found_by: str
    place: int


class SitemapSpider(StorySpider):
    """Reads the sitemaps of `months` in their order, and hands each one's stories to `take`.

    A month has a sitemap of its own name, or one that the index names, or the
    index has numbered ones, which are then all read.
    """

    months: list[str]

    def __init__(self, **given: object) -> None:
        super().__init__(**given)
        self.named: set[str] = set()
        self.index: list[str] | None = None
        self.waiting: list[Part] = []
        self.is_whole = True

    def is_taken(self, path: str) -> bool:
        """Whether a sitemap need not be read."""
        return False

    def take(self, stories: list[StoryUrl], path: str, *, is_whole: bool) -> Iterator[Request]:
        """What to ask for after the sitemap at `path` named these stories of the sections.

        is_whole: whether it came undamaged.
        """
        raise NotImplementedError

    def asks_section(self, story: StoryUrl) -> bool:
        return self.sections is None or any(one.holds(story.section) for one in self.sections)

    def month_requests(self) -> Iterator[Request]:
        """A request for each month's sitemap; a later one waits for the former one's stories."""
        for place, month in enumerate(self.months, 1):
            address = self.options.site.sg(f"/sitemaps/sitemap-{month}.xml")
            yield from self._request(address, Part((month,), 1, "named", place))

    def parse_sitemap(self, response: Response, part: Part, path: str) -> Iterator[Request]:
        """Take the stories of a sitemap, or ask for what an index names."""
        site = self.options.site
        try:
            found = sitemap.read(response.body, now(), lambda url: site.address(url) is not None)
        except ValueError as error:
            self.degrade(f"the sitemap {response.url} could not be read: {error}")
            return
        for why, number in found.skipped.items():
            self.crawler.stats.inc_value(f"zaobao/sitemap/{why}", number)
        if found.is_cut:
            self.degrade(f"{response.url} has over {sitemap.MOST} entries; the rest was not read")
        if found.is_index:
            yield from self.named_by_index(found.sitemaps, part, response.url)
            return
        self.count("list_pages")
        self.count(f"list/sitemap/{part.found_by}")
        if found.damage:
            self.degrade(f"{response.url} is damaged ({found.damage}); what it still has was taken")
        elif not found.stories:
            self.degrade(f"{response.url} names no story")
        stories = [story for story in found.stories if self._is_asked(story, part)]
        yield from self.take(stories, path, is_whole=not found.damage)

    def _is_asked(self, story: StoryUrl, part: Part) -> bool:
        """Whether an entry is of the asked months and sections.

        Around midnight a month's own sitemap may have a neighbour's day.
        """
        days = 1 if part.found_by == "named" else 0
        why = None
        if not any(sitemap.is_near(story.day, month, days) for month in part.months):
            why = "other_month"
        elif not self.asks_section(story):
            why = "other_section"
        if why:
            self.count(f"sitemap/{why}")
        return why is None

    def named_by_index(self, addresses: list[str], part: Part, url: str) -> Iterator[Request]:
        """Ask for what an index names, for the months that wait for it."""
        if part.depth >= DEPTH:
            self.degrade(f"{url} is an index below an index; what it names was not read")
            return
        if part.depth == 0:
            self.index = addresses
            waiting, self.waiting = self.waiting, []
        else:
            waiting = [part]
        for one in waiting:
            for month in one.months:
                own = replace(one, months=(month,))
                yield from self._from_index(addresses, own, part.depth + 1)

    def _from_index(self, addresses: list[str], part: Part, depth: int) -> Iterator[Request]:
        site = self.options.site
        month = part.months[0]
        own = [one for one in addresses if sitemap.month_of(one) == month]
        asked = [address for one in own if (address := site.address(one))]
        if fresh := [address for address in asked if address not in self.named]:
            for address in fresh:
                yield from self._request(address, Part(part.months, depth, "index", part.place))
            return
        numbered = [site.address(one) for one in addresses if not sitemap.month_of(one)]
        if not numbered:
            self.degrade(f"there is no sitemap of {month[:4]}-{month[4:]}")
        for address in filter(None, numbered):
            # Read once, whichever month comes first: it may have stories of all.
            several = Part(tuple(self.months), depth, "numbered", part.place)
            yield from self._request(address, several)

    def sitemap_failed(self, failure: Failure) -> Iterator[Request]:
        """The errback of a sitemap: where it is not there, the index is asked for it."""
        part: Part = failure.request.cb_kwargs["part"]  # type: ignore[attr-defined]
        status, said = what_failed(failure)
        if status not in MISSING or part.found_by != "named":
            self.degrade(f"sitemap {said}; what it lists is not known")
        elif self.index is not None:
            yield from self._from_index(self.index, part, 1)
        else:
            self.waiting.append(part)
            address = self.options.site.sg(INDEX)
            yield from self._request(address, Part(part.months, 0, "index", part.place))

    def _request(self, address: str, part: Part) -> Iterator[Request]:
        if address in self.named:
            return
        if self.is_taken(urlsplit(address).path):
            self.count("lists_resumed")
            return
        if len(self.named) >= self.options.max_pages:
            self._bound()
            return
        self.named.add(address)
        yield Request(
            address,
            callback=self.parse_sitemap,
            errback=self.sitemap_failed,
            cb_kwargs={"part": part, "path": urlsplit(address).path},
            dont_filter=True,
            priority=-part.place,
            meta={"zaobao_kind": "sitemap"},
        )

    def _bound(self) -> None:
        said = f"ZAOBAO_MAX_PAGES={self.options.max_pages} is reached; run again"
        if self.is_whole and self.goes_on:
            logger.info("%s", said)
        elif not self.goes_on:
            self.degrade(said)
        self.is_whole = False
