"""Reading the monthly sitemaps, for `backfill` and `audit` (site-facts 3.10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zaobao import sitemap
from zaobao.spiders.discovery import SitemapDiscovery
from zaobao.spiders.run import now

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy import Request
    from scrapy.http import Response

    from zaobao.spiders.discovery import Part
    from zaobao.urls import StoryUrl


class SitemapSpider(SitemapDiscovery):
    """Reads the sitemaps of `months` in their order, and hands each one's stories to `take`."""

    def take(self, stories: list[StoryUrl], path: str, *, is_whole: bool) -> Iterator[Request]:
        """What to ask for after the sitemap at `path` named these stories of the sections.

        is_whole: whether it came undamaged.
        """
        raise NotImplementedError

    def asks_section(self, story: StoryUrl) -> bool:
        return self.sections is None or any(one.holds(story.section) for one in self.sections)

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
        self.count(f"list/sitemap/{part.rung}")
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
        days = 1 if part.rung == "named" else 0
        why = None
        if not any(sitemap.is_near(story.day, month, days) for month in part.months):
            why = "other_month"
        elif not self.asks_section(story):
            why = "other_section"
        if why:
            self.count(f"sitemap/{why}")
        return why is None
