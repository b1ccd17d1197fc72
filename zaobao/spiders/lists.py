"""What the spiders that read lists share: noting what was listed, deciding what is to be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zaobao import urls
from zaobao.archive.exclude import BECAUSE
from zaobao.spiders.base import StorySpider
from zaobao.spiders.run import now
from zaobao.times import SINGAPORE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date, datetime

    from scrapy import Request

    from zaobao.archive.record import Record
    from zaobao.spiders.sections import Section

ASKED = "asked "
"""Before a section's name in the mark that says that a crawl asked for it."""


class ListSpider(StorySpider):
    """Base of `realtime` and `backfill`."""

    sections: list[Section] | None
    """None: all."""

    @property
    def section_names(self) -> list[str]:
        return ["all"] if self.sections is None else [one.name for one in self.sections]

    def note_asked(self) -> None:
        """Note which sections this archive is of, for `scrapy audit`."""
        state = self.store.state
        for name in self.section_names:
            if not state.marked(ASKED + name):
                state.mark(ASKED + name, now())

    def listed(
        self,
        stories: Iterable[urls.StoryUrl],
        name: str,
        seen: datetime,
        times: Mapping[str, datetime] | None = None,
    ) -> list[Record]:
        """Note the stories of the asked days as named by the list `name`; give them as known."""
        inside = [story for story in stories if self.days.may_hold(story.day)]
        known = self.store.state.listed(inside, name, seen, times)
        for entry in known:
            self.meet(entry)
        return known

    def requests(self, stories: Iterable[Record]) -> Iterator[Request]:
        """The requests for those that are to be read and were not yet asked for."""
        for known in stories:
            self.meet(known)
            wanted = self.is_wanted(known) or self._is_doubtful(known)
            if wanted and (request := self.story_request(known)):
                yield request

    def _is_doubtful(self, known: Record) -> bool:
        """Whether a written story is to be read again, since it may not be whole."""
        return known.status == "written" and known.due is not None and known.due <= now()

    def is_wanted(self, known: Record) -> bool:
        """Whether a listed story is to be read in this run, or is being read."""
        story = urls.story(known.url)
        if story is None or known.status == "written" or not self.days.may_hold(story.day):
            return False
        if known.number in self.asked:
            return True
        if self.excludes(known):
            return False
        if known.status == "outside" and not self.days.hold(_day(known, story)):
            return False
        if known.status == "outside" or (known.reason or "").startswith(BECAUSE):
            # Other days are asked for, or the rule of exclude.txt is gone.
            self.store.state.make_due(known.number, now())
            return True
        return known.due is not None and known.due <= now()


def _day(known: Record, story: urls.StoryUrl) -> date:
    """The day of a story that was read: of its publication, where it says that."""
    return known.published.astimezone(SINGAPORE).date() if known.published else story.day
