"""How far a section's list is read. No requests here, only what to ask for next."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zaobao.layouts.listing import Way
    from zaobao.spiders.sections import Section
    from zaobao.urls import StoryUrl

FIRST_RUN = timedelta(days=3)
"""On an empty archive no further page is asked once a story older than this has appeared."""

REPEATS = 3
"""Pages of a way that may repeat what the first page had."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where to stop. pages: list pages of one section. open_ended: a first run without a bound."""

    pages: int | None
    since: date | None
    open_ended: bool
    today: date


@dataclass(slots=True)
class Paging:
    """Where one section's list has got to.

    path: of the list as it answered. ways: those of its layout that are left;
    the first is in use. pages: read so far. number: of the page asked for last.
    seen: story numbers of all pages. has_served: the way in use has given
    stories of its own; repeats: pages on which it gave none.
    """

    section: Section
    bounds: Bounds
    path: str
    ways: list[Way] = field(default_factory=list)
    sitemap: str | None = None
    pages: int = 0
    number: int = 0
    seen: set[str] = field(default_factory=set)
    has_served: bool = False
    repeats: int = 0

    @property
    def way(self) -> Way:
        """The way in use."""
        return self.ways[0]

    def after(self, stories: list[StoryUrl], *, all_known: bool) -> str | None:
        """The next page's path after one that held `stories`; None at the end of the list.

        all_known: none of them is to be read. An empty page and one that repeats
        is the end, but for the first pages of a way: some count from 0, some
        from 1, and some have smaller pages than the first.
        """
        fresh = {story.number for story in stories} - self.seen
        self.seen |= fresh
        self.pages += 1
        if self.bounds.pages is not None and self.pages >= self.bounds.pages:
            return None
        if self.pages > 1 and not fresh:
            self.repeats += 1
            if self.has_served or self.repeats > REPEATS:
                return None
            return self._step() if stories else self.other_way()
        self.has_served = self.pages > 1
        if not stories or all_known or self._is_past(stories):
            return None
        return self._step()

    def failed(self) -> str | None:
        """The next page's path after one that could not be read; None: the list ends here."""
        return None if self.has_served or self.pages == 0 else self.other_way()

    def other_way(self) -> str | None:
        """The first page of the next way, or None when there is none left."""
        self.ways = self.ways[1:]
        self.number = self.repeats = 0
        return self._step()

    def _step(self) -> str | None:
        usable = [way for way in self.ways if self.sitemap or "{sitemap}" not in way.pattern]
        self.ways = usable
        if not usable:
            return None
        self.number = self.number + 1 if self.number else self.way.first
        return self.way.pattern.format(path=self.path, page=self.number, sitemap=self.sitemap)

    def _is_past(self, stories: list[StoryUrl]) -> bool:
        oldest = min(story.day for story in stories)
        newest = max(story.day for story in stories)
        if self.bounds.since is not None:
            return (self.bounds.since - newest).days > 1
        return self.bounds.open_ended and self.bounds.today - oldest > FIRST_RUN
