"""`scrapy crawl realtime`: the list of a section, page by page, and its stories."""

from __future__ import annotations

import logging
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy import Request
from scrapy.http import HtmlResponse

from zaobao import urls
from zaobao.archive.exclusions import BECAUSE
from zaobao.archive.record import AUDIT
from zaobao.browser.rendering import RENDERING, Rendering, render_request, rendering_of
from zaobao.spiders import arguments
from zaobao.spiders.base import MISSING, StorySpider, page_of, what_failed
from zaobao.spiders.pagination import FIRST_RUN, Bounds, Listed, Paging
from zaobao.spiders.sections import NAMED, sections
from zaobao.text import counted
from zaobao.times import SINGAPORE, now

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from datetime import datetime

    from scrapy.http import Response
    from twisted.python.failure import Failure

    from zaobao.layouts.lists import Card
    from zaobao.spiders.sections import Section
    from zaobao.urls import StoryUrl

logger = logging.getLogger(__name__)


class RealtimeSpider(StorySpider):
    """One pass over the lists: stories that are not known become posts."""

    name = "realtime"
    arguments: ClassVar[dict[str, str]] = {
        "section": f"{', '.join(NAMED)} or a path like news/sea; several with commas "
        "(default: china)",
        "pages": "read at most so many list pages of each section",
        "refresh": "also check the stories of the last so many hours for edits and removals",
        **StorySpider.arguments,
    }

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.list_pages = 0
        self.sections = sections(given.get("section"))
        self.pages = arguments.count("pages", given.get("pages"))
        hours = arguments.count("refresh", given.get("refresh"))
        # Further back than the first story of any paper, and not before the year 1.
        self.refresh = hours and timedelta(hours=min(hours, 10**6))

    async def first_requests(self) -> AsyncIterator[Request]:
        state = self.archive.state
        first = None if state.has_written else now().astimezone(SINGAPORE).date() - FIRST_RUN
        for section in self.sections or ():
            paging = Paging(section, self._bounds(section, first), section.paths[0])
            for request in self._next_list(paging, paging.path):
                yield request
        self.note_asked()
        due = state.due([AUDIT, *self.section_names], now())
        for request in self.requests(due):
            yield request
        if self.refresh:
            for known in state.recent(now() - self.refresh):
                self.enter(known)
                if again := self.story_request(known, check=True):
                    yield again

    def _bounds(self, section: Section, first: date | None) -> Bounds:
        """How far the section's list is read.

        first: the bound of a first run; None: it is not the first. A bound that the user gave
        takes its place, and leaves what lies in between to be read by a later run.
        """
        state, today = self.archive.state, now().astimezone(SINGAPORE).date()
        unbounded = self.pages is None and self.days.since is None and self.limit is None
        return Bounds(
            self.pages,
            self.days.since,
            (state.passes.first(section.name) or first) if unbounded else None,
            today,
            state.passes.covered(section.name),
            state.passes.unfinished(section.name) or first,
        )

    # --- one page of a list

    def parse_list(self, response: Response, paging: Paging) -> Iterator[Request]:
        """Take the stories of the list's own box, then ask for the next page."""
        seen = now()
        if rendered := self._render_list(response, paging):
            yield rendered
            return
        cards = self._cards(response, paging, seen)
        if cards is None:
            logger.warning("%s is no list page; the next pagination is tried", response.url)
            yield from self._next_list(paging, paging.next_pagination())
            return
        self.count("list_pages")
        self._begin_pass(paging)
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
        if self._scrolled(response, paging):
            following = None
        self.archive.state.passes.cover(paging.section.name, paging.covered)
        yield from self._next_list(paging, following)

    def _note_first_page(self, url: str, paging: Paging, number: int) -> None:
        stats, section = self.crawler.stats, paging.section.name
        if not number:
            self.degrade(f"the list page {url} has no stories")
        group = "first_page" if paging.layout != "unknown" else "first_page_links"
        stats.set_value(f"zaobao/{group}/{section}", number)
        stats.set_value(f"zaobao/list_path/{section}", paging.path)

    def _cards(self, response: Response, paging: Paging, seen: datetime) -> list[Card] | None:
        """The cards of a list page; None when this pagination gives none at all."""
        if paging.pages > 0:
            how, cards = paging.pagination.name, self._further_page(response, paging, seen)
        else:
            cards, how = paging.first_page(page_of(response), seen)
            if paging.layout == "unknown":
                self.degrade(
                    f"no layout claims the list page {response.url}; story links in its main part "
                    "were taken",
                )
        if cards is not None:
            self.count(f"list/{paging.layout}/{how}")
        return cards

    def _further_page(
        self, response: Response, paging: Paging, seen: datetime
    ) -> list[Card] | None:
        if paging.pagination.read is not None:
            return paging.json_page(response.body, response.url)
        return paging.further_page(page_of(response), seen)

    def _named(self, cards: list[Card]) -> Listed:
        """The stories of the cards; what else they lead to is counted."""
        found = Listed.of(cards, self.options.site)
        for address in found.other:
            self.count("cards/other")
            logger.info("a card leads to %s, which is no story of the paper", address)
        if found.empty:
            self.crawler.stats.inc_value("zaobao/cards/empty", found.empty)
        return found

    def _allowed(self, named: Listed, paging: Paging, seen: datetime) -> list[StoryUrl]:
        """The stories that are new in this run, without those that exclude.txt leaves out."""
        allowed = []
        for number, story in named.stories.items():
            if number in paging.seen:
                continue
            rule = self.archive.exclusions.rule(number, (story.canonical,), named.titles[number])
            if rule is None:
                allowed.append(story)
                continue
            self.leave_out(number, story.id, rule)
            # Where its headline is not known, in a sitemap, the state tells.
            self.archive.state.listed([story], paging.section.name, seen)
            self.archive.state.fail(number, BECAUSE + rule, seen, final=True)
        return allowed

    def _keep_times(self, named: Listed, paging: Paging, seen: datetime) -> None:
        """Keep the exact times that a page has for stories which were listed without one."""
        again = [named.stories[number] for number in named.times if number in paging.seen]
        stories = [story for story in again if self.archive.state.get(story.number)]
        self.archive.state.listed(stories, paging.section.name, seen, named.times)

    # --- from page to page

    def _list_request(self, paging: Paging, path: str) -> Request:
        is_json = paging.pages > 0 and paging.pagination.read is not None
        site = self.options.site
        return Request(
            site.sg(path) if is_json else site.at(path),
            callback=self.parse_list,
            errback=self.list_failed,
            cb_kwargs={"paging": paging},
            dont_filter=True,
            # Lists first: a list that is read at once moves least while it is paged.
            # With a limit, a further page is asked for only when the stories were too few.
            priority=-1 if self.limit and paging.pages else 1,
            meta={"zaobao_kind": "api" if is_json else "list"},
        )

    def _next_list(self, paging: Paging, path: str | None) -> Iterator[Request]:
        """The request for one more page of the list; None: the list ends here."""
        if path is None:
            self._ended(paging)
        elif self.list_pages >= self.options.max_pages:
            self.degrade(
                f"ZAOBAO_MAX_PAGES={self.options.max_pages} is reached and "
                f"{paging.path} goes on; what lies behind was not listed",
            )
            self.archive.state.passes.end(paging.section.name, paging.newest)
        else:
            self.list_pages += 1
            yield self._list_request(paging, path)

    def _begin_pass(self, paging: Paging) -> None:
        """Note that a list begins to be read, and down to which day it has to be."""
        if paging.pages == 0:
            bounds = paging.bounds
            self.archive.state.passes.begin(
                paging.section.name, bounds.unfinished or bounds.since or date.min
            )

    def _ended(self, paging: Paging) -> None:
        """The list ends here: say why, and where that was not its end."""
        logger.info("%s: %s read, end: %s", paging.path, counted(paging.pages, "page"), paging.end)
        if not paging.leaves_gap:
            self.archive.state.passes.end(paging.section.name, paging.newest)
        if paging.end == "paginations" and paging.layout != "unknown":
            self.degrade(
                f"{paging.path}: no way to further pages gives more after page {paging.pages}; "
                "what lies behind was not listed",
            )

    def list_failed(self, failure: Failure) -> Iterator[Request]:
        """The errback of a list page: its other path, its next pagination, or the end."""
        paging: Paging = failure.request.cb_kwargs["paging"]  # type: ignore[attr-defined]
        status, said = what_failed(failure)
        message = f"list page {said}"
        if paging.pages > 0:
            paging.failed = paging.failed or status not in MISSING
            logger.warning("%s; the next pagination is tried", message)
            yield from self._next_list(paging, paging.next_pagination())
            return
        paths = paging.section.paths
        later = paths[paths.index(paging.path) + 1 :] if paging.path in paths else ()
        if status in MISSING and later:
            paging.path = later[0]
            yield self._list_request(paging, later[0])
        else:
            self.degrade(message)

    # --- lists that only a browser shows: rendered by a script, or growing while they are scrolled

    def _render_list(self, response: Response, paging: Paging) -> Request | None:
        """The request that renders a first page which no layout reads; None where it is read."""
        if not self.options.browser or paging.pages or rendering_of(response):
            return None
        cards, _ = paging.first_page(page_of(response), now())
        if paging.layout != "unknown" and any(urls.story(card.address) for card in cards):
            return None
        left = self.options.max_pages - self.list_pages
        most = max(0, min(left, left if self.pages is None else self.pages - 1))
        rendering = Rendering(response.body, most, self._enough(paging))
        request = render_request(response, rendering)
        return request.replace(errback=self.list_rendering_failed, cb_kwargs={"paging": paging})

    def _enough(self, paging: Paging) -> Callable[[list[str]], bool]:
        """Told the stories that a list shows so far: whether those behind need not be seen."""
        looked_at: set[str] = set()

        def enough(shown: list[str]) -> bool:
            found = {story.number: story for story in map(urls.story, shown) if story}
            fresh = [story for number, story in found.items() if number not in looked_at]
            looked_at.update(found)
            if not fresh:
                return False
            wanted = [story for story in fresh if self._may_be_wanted(story)]
            done = self.limit is not None and len(looked_at) >= self.limit and bool(wanted)
            return done or not wanted or paging.is_past(fresh)

        return enough

    def _may_be_wanted(self, story: urls.StoryUrl) -> bool:
        known = self.archive.state.get(story.number)
        return known is None or self.is_wanted(known)

    def _scrolled(self, response: Response, paging: Paging) -> bool:
        """Whether the list was scrolled, so that no further page of it is to be asked for."""
        rendering = rendering_of(response)
        if rendering is None or not rendering.rounds:
            return False
        self.list_pages += rendering.rounds
        self.crawler.stats.inc_value("zaobao/list_pages", rendering.rounds)
        paging.pages += rendering.rounds
        paging.end = "pages" if rendering.goes_on else "known"
        if rendering.goes_on and self.pages is None:
            self.degrade(
                f"ZAOBAO_MAX_PAGES={self.options.max_pages}: {paging.path} was scrolled "
                f"{counted(rendering.rounds, 'time')} and goes on; what lies behind was not listed",
            )
        return True

    def list_rendering_failed(self, failure: Failure) -> Iterator[Request]:
        """The browser gave no list: what plain HTTP gave is all that there is."""
        request: Request = failure.request  # type: ignore[attr-defined]
        self.degrade(f"list page {request.url} was not rendered: {failure.value}")
        rendering: Rendering = request.meta[RENDERING]
        rendering.rounds = 0
        yield from self.parse_list(
            # As plain HTTP gave it.
            HtmlResponse(request.url, body=rendering.body, encoding="utf-8", request=request),
            **request.cb_kwargs,
        )
