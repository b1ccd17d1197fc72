"""A list read page by page: the cards of each page, what to ask for next, and where it ends.

No requests here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal, Self
from urllib.parse import urlsplit

from zaobao import layouts, urls
from zaobao.layouts import generic
from zaobao.layouts.lists import PAGE_CONTENT, Card, next_number

if TYPE_CHECKING:
    from datetime import datetime

    from zaobao.layouts.lists import Pagination
    from zaobao.page import Page
    from zaobao.spiders.sections import Section
    from zaobao.urls import Site, StoryUrl

FIRST_RUN = timedelta(days=3)
"""On an empty archive no further page is asked once a story older than this has appeared."""

REPEATS = 3
"""Pages in a row that may repeat what was read: a pagination may count from 0 or from 1."""

End = Literal["known", "bound", "empty", "repeated", "pages", "paginations"]
"""Why a list ends: nothing there is to be read; its stories are older than was asked; a page
without stories; the page before once more; `-a pages=`; no pagination gives what lies behind."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where to stop. pages: list pages of one section.

    first: on a first run without a bound, the day before which no story is
    looked for. covered: all stories after this day were listed by earlier runs.
    Where days that `since` asks for lie before it, a page of known stories is
    no end. unfinished: the day down to which the list has to be read, as an earlier
    run was cut off or this is a first one; above it a page of known stories is no
    end either.
    """

    pages: int | None
    since: date | None
    first: date | None
    today: date
    covered: date | None = None
    unfinished: date | None = None


@dataclass(slots=True)
class Paging:
    """Where one section's list has got to.

    path: of the list as it answered. paginations: those of its layout that are left;
    the first is in use. named: the number that the first page gives to the
    next one. pages: read so far; size: stories on the first. number: of the
    page asked for last, None before the first of a pagination. seen: story numbers of
    all pages; last: of the last one. served: the pagination in use has given stories
    of its own; repeats: pages in a row on which it gave none. newest: the day of
    the newest story on the first page; reached: a day down to which this run has
    seen all. failed: whether a page could not be fetched.
    """

    section: Section
    bounds: Bounds
    path: str
    layout: str = "unknown"
    paginations: list[Pagination] = field(default_factory=list)
    sitemap: str | None = None
    named: int | None = None
    pages: int = 0
    size: int = 0
    number: int | None = None
    seen: set[str] = field(default_factory=set)
    last: frozenset[str] = frozenset()
    served: bool = False
    repeats: int = 0
    newest: date | None = None
    reached: date | None = None
    failed: bool = False
    end: End | None = None

    @property
    def pagination(self) -> Pagination:
        """The pagination in use."""
        return self.paginations[0]

    @property
    def covered(self) -> date | None:
        """All stories after this day were listed, by this run and earlier ones."""
        before = self.bounds.covered
        if self.end in ("empty", "repeated"):
            return date.min
        if self.end == "known" and before and self.reached:
            return min(before, self.reached)
        return self.reached

    @property
    def leaves_gap(self) -> bool:
        """Whether this pass, at its end, has left out what it or an earlier one should have read.

        What lies behind a bound of the user's is no gap, unless it was one before.
        """
        unfinished = self.bounds.unfinished
        if self.end == "paginations":
            return self.failed
        if self.end == "bound" and self.bounds.since and unfinished:
            return self.bounds.since > unfinished
        return self.end == "pages" and self._is_above(unfinished)

    def first_page(self, page: Page, seen: datetime) -> tuple[list[Card], str]:
        """The cards of a list's first page, and what found them; it tells how to ask on.

        Where no layout claims the page, or finds no story on it: the links of its
        main part that lead to stories of the section, found by `links`.
        """
        layout = layouts.pick_list(page)
        self.path = "/" + urlsplit(page.url).path.strip("/")
        links = self._links(page)
        if layout is None:
            self.paginations = [PAGE_CONTENT]
            return links, "links"
        self.layout, self.paginations = layout.name, list(layout.paginations)
        self.sitemap, self.named = page.sitemap_id, next_number(page)
        cards, selector = layout.listing(page, seen)
        if links and not any(urls.story(card.address) for card in cards):
            self.layout = "unknown"
            return links, "links"
        return cards, selector or "none"

    def json_page(self, body: bytes, url: str) -> list[Card] | None:
        """The cards of an answer in JSON of the pagination in use; None when it is no list."""
        assert self.pagination.read is not None
        try:
            return self.pagination.read(json.loads(body), self.path, url)
        except (ValueError, RecursionError):
            return None

    def further_page(self, page: Page, seen: datetime) -> list[Card] | None:
        """The cards of a further list page; None when the page is no list at all."""
        layout = layouts.pick_list(page)
        if layout is None:
            # Past its end a list has no card that a layout could be known by.
            return None if self._links(page) else []
        return layout.listing(page, seen)[0]

    def _links(self, page: Page) -> list[Card]:
        return [
            Card(address, "", None)
            for address in generic.main_links(page)
            if (story := urls.story(address)) and self.section.holds(story.section)
        ]

    def after(self, stories: list[StoryUrl], *, all_known: bool) -> str | None:
        """The next page's path after one that held `stories`; None at the end of the list.

        all_known: none of them is to be read. An empty page and one that repeats
        is the end, but for the first pages of a pagination: some count from 0, some
        from 1. A page that repeats in part has moved, since a story came in.
        """
        numbers = frozenset(story.number for story in stories)
        fresh, previous = numbers - self.seen, self.last
        self.seen |= numbers
        self.last = numbers
        self.pages += 1
        if self.pages == 1:
            self.size = len(numbers)
        if fresh:
            self.served, self.repeats = self.pages > 1, 0
            newest = max(story.day for story in stories)
            self.newest = self.newest or min(newest, self.bounds.today)
            self.reached = min(newest, self.reached or newest)
        if self.bounds.pages is not None and self.pages >= self.bounds.pages:
            return self._ended("pages")
        if not numbers:
            return self._after_empty()
        if not fresh:
            return self._after_repeat(is_same=numbers == previous)
        if self.is_past(stories):
            return self._ended("bound")
        return self._ended("known") if all_known and not self._has_gap() else self._step()

    def _after_empty(self) -> str | None:
        if self.pages == 1 and self.paginations:
            # A list that a script renders may be in the JSON that the script asks for.
            return self._step()
        if self.pages == 1 or self.served or self.repeats:
            return self._ended("empty")
        return self.next_pagination()

    def _after_repeat(self, *, is_same: bool) -> str | None:
        self.repeats += 1
        if self.served and (is_same or self.repeats > REPEATS):
            return self._ended("repeated")
        # Two pages alike and nothing of its own: this pagination does not heed the number.
        if self.repeats > REPEATS or (is_same and self.repeats > 1):
            return self.next_pagination()
        return self._step()

    def next_pagination(self) -> str | None:
        """The path by the next pagination, as the one in use has failed; None when none is left."""
        self.paginations = self.paginations[1:]
        self.number, self.repeats, self.served = None, 0, False
        return self._step()

    def _step(self) -> str | None:
        self.paginations = [
            one for one in self.paginations if self.sitemap or "{sitemap}" not in one.pattern
        ]
        if not self.paginations:
            return self._ended("paginations")
        self.number = self._start() if self.number is None else self.number + 1
        return self.pagination.pattern.format(
            path=self.path, page=self.number, sitemap=self.sitemap
        )

    def _start(self) -> int:
        """The number of the pagination's first page: one that has stories which were seen.

        So nothing is left out between them. Where the first page itself names
        the next one, it is that.
        """
        if self.pagination.linked and self.pages == 1 and self.named is not None:
            return self.named
        page = max(len(self.seen) - 1, 0) // (self.pagination.size or self.size or 1)
        return page + 1 if self.pagination.from_one else max(page, 1)

    def _ended(self, why: End) -> str | None:
        self.end = why
        return None

    def is_past(self, stories: list[StoryUrl]) -> bool:
        """Whether what lies behind these stories is older than was asked for."""
        oldest = min(story.day for story in stories)
        newest = max(story.day for story in stories)
        if self.bounds.since is not None:
            return (self.bounds.since - newest).days > 1
        return self.bounds.first is not None and oldest < self.bounds.first

    def _has_gap(self) -> bool:
        unfinished = self.bounds.unfinished
        # How many pages an earlier run has read before it was cut off is not known.
        if self._is_above(unfinished) or (unfinished and self.bounds.pages):
            return True
        since, covered = self.bounds.since, self.bounds.covered
        # The day before `since` counts: an address is up to one day off.
        return since is not None and (covered is None or (since - covered).days <= 1)

    def _is_above(self, day: date | None) -> bool:
        """Whether the stories of this day are not yet all read."""
        return day is not None and (self.reached is None or self.reached >= day)


@dataclass(slots=True)
class Listed:
    """What the cards of a page lead to.

    stories: those of the paper by number, each once, in the cards' order; of
    them titles: the headlines, and times: the exact times that the list shows.
    other: addresses that are no story of the paper. empty: cards without one.
    """

    stories: dict[str, StoryUrl] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    times: dict[str, datetime] = field(default_factory=dict)
    other: list[str] = field(default_factory=list)
    empty: int = 0

    @classmethod
    def of(cls, cards: list[Card], site: Site) -> Self:
        """The stories of a page's cards."""
        found = cls()
        for card in cards:
            story = urls.story(card.address)
            if story and site.address(card.address):
                found.stories.setdefault(story.number, story)
                titles = (found.titles.get(story.number, ""), card.title)
                found.titles[story.number] = max(titles, key=len)
                if card.listed:
                    found.times[story.number] = card.listed
            elif card.address:
                found.other.append(card.address)
            else:
                found.empty += 1
        return found
