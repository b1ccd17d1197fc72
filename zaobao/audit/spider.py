"""Reads the sitemaps of the audited months, and keeps what they name. It writes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from zaobao import sitemap, urls
from zaobao.spiders import arguments
from zaobao.spiders.sections import or_all
from zaobao.spiders.sitemaps import SitemapSpider
from zaobao.times import SINGAPORE, now

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from scrapy import Request

    from zaobao.archive.record import Record
    from zaobao.archive.state import State


class AuditSpider(SitemapSpider):
    """`months`: as `backfill` takes them; `section`: likewise, or `all`."""

    name = "audit"
    writes_archive = False
    arguments: ClassVar[dict[str, str]] = {"months": "as of backfill", "section": "as of backfill"}
    custom_settings = {
        "ITEM_PIPELINES": {},
        # No figures of a crawl, so nothing for the monitors of crawls.
        "EXTENSIONS": {"zaobao.extensions.Watch": 0, "zaobao.extensions.Progress": 0},
    }

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        today = now().astimezone(SINGAPORE).date()
        self.months = arguments.months(given.get("months"), today, "scrapy audit ")
        self.sections = or_all(given.get("section"))
        self.stories: dict[str, dict[str, urls.StoryUrl]] = {month: {} for month in self.months}
        self.read: set[str] = set()

    async def start(self) -> AsyncIterator[Request]:
        for request in self.month_requests():
            yield request

    def take(self, stories: list[urls.StoryUrl], path: str, *, is_whole: bool) -> Iterator[Request]:
        """Keep the stories by month: their own, where it is audited, else the sitemap's."""
        whose = sitemap.month_of(path)
        if is_whole:
            self.read |= {whose} if whose else set(self.months)
        for story in stories:
            own = f"{story.day:%Y%m}"
            month = own if own in self.stories else whose
            if month in self.stories:
                self.stories[month].setdefault(story.number, story)
        yield from ()

    def shown(self, month: str, state: State) -> list[Record]:
        """The stories of a month that lists of the asked sections showed, as the state has them."""
        names = None if self.sections is None else {section.name for section in self.sections}
        known = state.of_month(month)
        return [one for one in known if self._is_asked_for(one, names)]

    def _is_asked_for(self, known: Record, names: set[str] | None) -> bool:
        story = urls.story(known.url)
        if story is None or not known.lists:
            return False
        return names is None or not names.isdisjoint(known.lists) or self.asks_section(story)
