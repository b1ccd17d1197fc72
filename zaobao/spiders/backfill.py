"""`scrapy crawl backfill`: the stories of past months, from the site's monthly sitemaps."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Self

from scrapy import signals
from scrapy.exceptions import UsageError

from zaobao import sitemap, urls
from zaobao.archive.record import AUDIT, SITEMAP
from zaobao.spiders import arguments
from zaobao.spiders.sections import or_all
from zaobao.spiders.sitemaps import SitemapSpider
from zaobao.times import SINGAPORE, now

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator

    from scrapy import Request
    from scrapy.crawler import Crawler

    from zaobao.archive.record import Record

KEPT = {True: timedelta(days=1), False: timedelta(days=30)}
"""How long a sitemap that was taken need not be read again; True: one that may still grow."""


class BackfillSpider(SitemapSpider):
    """`-a months=2021-08..2021-09`.

    The stories that a sitemap names are due until they are written, so a run that
    was killed or has reached a bound is gone on with by the next one, which
    does not read the sitemaps of its unfinished work again. After a run that
    was finished all of them are read anew.
    """

    name = "backfill"
    arguments: ClassVar[dict[str, str]] = {
        "months": "2021-08, or 2021-08..2021-09; several with commas",
        "order": "newest (default) or oldest stories first",
        "section": "as realtime takes it, or all",
        **SitemapSpider.arguments,
    }
    goes_on: ClassVar[bool] = True

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.sections = or_all(given.get("section"))
        today = now().astimezone(SINGAPORE).date()
        months = arguments.months(given["months"], today) if "months" in given else []
        self.order = given.get("order", "newest")
        if self.order not in ("newest", "oldest"):
            raise UsageError(f"-a order={self.order}: it takes newest or oldest")
        self.months = [month for month in months if self._overlaps(month)]
        if months and not self.months:
            raise UsageError(f"-a months={given['months']} lies outside of since and until")
        self.months.sort(reverse=self.order == "newest")
        names = "all" if self.sections is None else ",".join(s.name for s in self.sections)
        self.scope = f"{names} {self.days.since or ''}..{self.days.until or ''}"
        self.taken: list[str] = []

    def check(self) -> None:
        if not self.months:
            raise UsageError("-a months=…: it takes a month like 2021-08, or 2021-08..2021-09")

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.closed_with, signals.spider_closed)
        return spider

    async def first_requests(self) -> AsyncIterator[Request]:
        self.note_asked()
        due = self.archive.state.due([AUDIT, SITEMAP], now())
        due = [known for known in due if AUDIT in known.lists or self._is_ours(known)]
        for request in self.requests(self._ordered(due)):
            yield request
        for request in self.month_requests():
            yield request

    def take(self, stories: list[urls.StoryUrl], path: str, *, is_whole: bool) -> Iterator[Request]:
        """Note what the sitemap names, then ask for what the archive lacks."""
        seen = now()
        known = self.listed(stories, SITEMAP, seen)
        if is_whole:
            self.archive.state.mark(self._mark(path), seen)
            self.taken.append(path)
        yield from self.requests(self._ordered(known))

    def is_taken(self, path: str) -> bool:
        taken = self.archive.state.marked(self._mark(path))
        if taken is None:
            return False
        self.taken.append(path)
        month = sitemap.month_of(path) or max(self.months)
        grows = sitemap.days_of(month)[1] + timedelta(days=2) > taken.astimezone(SINGAPORE).date()
        return now() - taken < KEPT[grows]

    def closed_with(self, reason: str) -> None:
        """After all was asked for, the next run begins with the sitemaps again."""
        if reason == "finished" and self.is_whole:
            with self.archive.state.batch():
                for path in self.taken:
                    self.archive.state.mark(self._mark(path), None)

    def _mark(self, path: str) -> str:
        return f"{path} {self.scope}"

    def _overlaps(self, month: str) -> bool:
        first, last = sitemap.days_of(month)
        day = timedelta(days=2)
        since, until = self.days.since, self.days.until
        return not (since and last + day < since) and not (until and until < first - day)

    def _is_ours(self, known: Record) -> bool:
        story = urls.story(known.url)
        if story is None or not self.asks_section(story):
            return False
        return any(sitemap.is_near(story.day, month, 1) for month in self.months)

    def _ordered(self, stories: Iterable[Record]) -> list[Record]:
        """In the asked order of their days."""
        return sorted(
            stories,
            key=lambda known: (known.id[:8], len(known.number), known.number),
            reverse=self.order == "newest",
        )
