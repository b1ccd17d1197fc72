"""`scrapy crawl realtime`: the list of a section, page by page, and its stories."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from zaobao import runs
from zaobao.archive.exclude import BECAUSE
from zaobao.audit.gaps import AUDIT
from zaobao.spiders import arguments, listpages
from zaobao.spiders.drawnlists import DrawnListSpider
from zaobao.spiders.paging import FIRST_RUN, Bounds, Paging
from zaobao.spiders.run import now
from zaobao.spiders.sections import NAMED, sections
from zaobao.times import SINGAPORE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from datetime import date, datetime

    from scrapy import Request
    from scrapy.http import Response

    from zaobao.layouts.lists import Card
    from zaobao.spiders.listpages import Named
    from zaobao.spiders.sections import Section
    from zaobao.urls import StoryUrl

logger = logging.getLogger(__name__)


class RealtimeSpider(DrawnListSpider):
    """One pass over the lists: stories that are not known become posts."""

    name = "realtime"
    arguments: ClassVar[dict[str, str]] = {
        "section": f"{', '.join(NAMED)} or a path like news/sea; several with commas "
        "(default: china)",
        "pages": "read at most so many list pages of each section",
        "refresh": "also check the stories of the last so many hours for edits and removals",
        **DrawnListSpider.arguments,
    }

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.sections = sections(given.get("section"))
        self.pages = arguments.count("pages", given.get("pages"))
        hours = arguments.count("refresh", given.get("refresh"))
        # Further back than the first story of any paper, and not before the year 1.
        self.refresh = hours and timedelta(hours=min(hours, 10**6))

    async def first_requests(self) -> AsyncIterator[Request]:
        state = self.store.state
        first = now().astimezone(SINGAPORE).date() - FIRST_RUN if state.is_empty else None
        for section in self.sections or ():
            paging = Paging(section, self._bounds(section, first), section.paths[0])
            for request in self.next_list(paging, paging.path):
                yield request
        self.note_asked()
        due = state.due([AUDIT, *self.section_names], now())
        for request in self.requests(due):
            yield request
        if self.refresh:
            for known in state.recent(now() - self.refresh):
                self.meet(known)
                if again := self.story_request(known, check=True):
                    yield again

    def _bounds(self, section: Section, first: date | None) -> Bounds:
        """How far the section's list is read.

        first: the bound of a first run; None: it is not the first. A bound that the user gave
        takes its place, and leaves what lies in between to be read by a later run.
        """
        state, today = self.store.state, now().astimezone(SINGAPORE).date()
        unbounded = self.pages is None and self.days.since is None and self.limit is None
        return Bounds(
            self.pages,
            self.days.since,
            (state.passes.first(section.name) or first) if unbounded else None,
            today,
            state.passes.covered(section.name),
            state.passes.unfinished(section.name) or first,
        )

    def parse_list(self, response: Response, paging: Paging) -> Iterator[Request]:
        """Take the stories that stand in the list's own box, then ask for the next page."""
        seen = now()
        if drawn := self.draw_list(response, paging):
            yield drawn
            return
        cards = self._cards(response, paging, seen)
        if cards is None:
            logger.warning("%s is no list page; the next way is asked", response.url)
            yield from self.next_list(paging, paging.other_way())
            return
        self.count("list_pages")
        self.begin_pass(paging)
        named = self._named(cards)
        if paging.pages == 0:
            self._note_first_page(response.url, paging, len(named.stories))
        self._keep_times(named, paging, seen)
        all_known = True
        if inside := self._allowed(named, paging, seen):
            known = self.listed(inside, paging.section.name, seen, named.times)
            all_known = len(known) == len(inside) and not any(map(self.is_wanted, known))
            yield from self.requests(known)
        following = paging.after(list(named.stories.values()), all_known=all_known)
        if self.scrolled(response, paging):
            following = None
        self.store.state.passes.cover(paging.section.name, paging.covered)
        yield from self.next_list(paging, following)

    def _note_first_page(self, url: str, paging: Paging, number: int) -> None:
        stats, section = self.crawler.stats, paging.section.name
        if not number:
            runs.degrade(stats, f"the list page {url} has no stories")
        group = "first_page" if paging.layout != "unknown" else "first_page_links"
        stats.set_value(f"zaobao/{group}/{section}", number)
        stats.set_value(f"zaobao/list_path/{section}", paging.path)

    def _cards(self, response: Response, paging: Paging, seen: datetime) -> list[Card] | None:
        """The cards of a list page; None when this way of asking gives none at all."""
        if paging.pages > 0:
            rung, cards = paging.way.name, listpages.further_page(response, paging, seen)
        else:
            cards, rung = listpages.first_page(response, paging, seen)
            if paging.layout == "unknown":
                runs.degrade(
                    self.crawler.stats,
                    f"no layout claims the list page {response.url}; story links in its main part "
                    "were taken",
                )
        if cards is not None:
            self.count(f"list/{paging.layout}/{rung}")
        return cards

    def _named(self, cards: list[Card]) -> Named:
        """The stories of the cards; what else they lead to is counted."""
        found = listpages.named(cards, self.options.site)
        for address in found.other:
            self.count("cards/other")
            logger.info("a card leads to %s, which is no story of the paper", address)
        if found.empty:
            self.crawler.stats.inc_value("zaobao/cards/empty", found.empty)
        return found

    def _allowed(self, named: Named, paging: Paging, seen: datetime) -> list[StoryUrl]:
        """The stories that are new in this run, without those that exclude.txt leaves out."""
        allowed = []
        for number, story in named.stories.items():
            if number in paging.seen:
                continue
            rule = self.store.exclude.rule(number, (story.canonical,), named.titles[number])
            if rule is None:
                allowed.append(story)
                continue
            self.leave_out(number, story.id, rule)
            # Where its headline is not known, in a sitemap, the state tells.
            self.store.state.listed([story], paging.section.name, seen)
            self.store.state.fail(number, BECAUSE + rule, seen, final=True)
        return allowed

    def _keep_times(self, named: Named, paging: Paging, seen: datetime) -> None:
        """Keep the exact times that a page has for stories which were listed without one."""
        again = [named.stories[number] for number in named.times if number in paging.seen]
        stories = [story for story in again if self.store.state.get(story.number)]
        self.store.state.listed(stories, paging.section.name, seen, named.times)
