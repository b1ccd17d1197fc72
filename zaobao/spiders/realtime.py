"""`scrapy crawl realtime`: the list of a section, page by page, and its stories."""

from __future__ import annotations

import json
import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from scrapy import Request
from scrapy.spidermiddlewares.httperror import HttpError

from zaobao import generic, layouts, runs, urls
from zaobao.layouts.listing import Card
from zaobao.page import Page
from zaobao.spiders import arguments
from zaobao.spiders.base import MISSING, StorySpider, now, utf8
from zaobao.spiders.paging import Bounds, Paging
from zaobao.spiders.sections import sections
from zaobao.times import SINGAPORE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from scrapy.http import Response
    from twisted.python.failure import Failure

    from zaobao.archive.known import Known

logger = logging.getLogger(__name__)


class RealtimeSpider(StorySpider):
    """One pass over the lists: stories that are not known become posts."""

    name = "realtime"
    arguments = ("section", "pages", "refresh", *StorySpider.arguments)

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.sections = sections(given.get("section"))
        self.pages = arguments.count("pages", given.get("pages"))
        self.refresh = arguments.count("refresh", given.get("refresh"))

    async def start(self) -> AsyncIterator[Request]:
        unbounded = self.pages is None and self.days.since is None and self.limit is None
        bounds = Bounds(
            self.pages,
            self.days.since,
            open_ended=unbounded and self.store.state.is_empty,
            today=now().astimezone(SINGAPORE).date(),
        )
        for section in self.sections:
            yield self._list_request(Paging(section, bounds, section.paths[0]), section.paths[0])
        for known in self.store.state.due([section.name for section in self.sections], now()):
            if request := self._wanted(known):
                yield request
        if self.refresh:
            for known in self.store.state.recent(now() - timedelta(hours=self.refresh)):
                if request := self.story_request(known, check=True):
                    yield request

    # --- asking for lists

    def _list_request(self, paging: Paging, path: str) -> Request:
        is_json = paging.pages > 0 and paging.way.read is not None
        site = self.options.site
        return Request(
            site.sg(path) if is_json else site.at(path),
            callback=self.parse_list,
            errback=self.list_failed,
            cb_kwargs={"paging": paging},
            dont_filter=True,
            # Lists first: a list that is read at once moves least while it is paged.
            # With a limit, a further page is only asked when the stories did not do.
            priority=-1 if self.limit and paging.pages else 1,
            meta={"zaobao_kind": "api" if is_json else "list"},
        )

    def _next_list(self, paging: Paging, path: str | None) -> Iterator[Request]:
        if path is None:
            return
        read = self.crawler.stats.get_value("zaobao/list_pages", 0)
        if read >= self.options.max_pages:
            runs.degrade(
                self.crawler.stats,
                f"ZAOBAO_MAX_PAGES={self.options.max_pages} list pages are read and "
                f"{paging.path} goes on",
            )
            return
        yield self._list_request(paging, path)

    # --- reading lists

    def parse_list(self, response: Response, paging: Paging) -> Iterator[Request]:
        """Take the stories that stand in the list's own box, then ask for the next page."""
        seen = now()
        cards = self._cards(response, paging, seen)
        if cards is None:
            yield from self._next_list(paging, paging.failed())
            return
        self.count("list_pages")
        stories = self._stories(cards)
        if not stories and paging.pages == 0:
            runs.degrade(self.crawler.stats, f"the list page {response.url} has no stories")
        fresh = [story for story in stories if story.number not in paging.seen]
        known = self._listed(fresh, cards, paging, seen)
        requests = [request for entry in known if (request := self._wanted(entry))]
        yield from requests
        all_known = not requests and len(known) == len(fresh)
        yield from self._next_list(paging, paging.after(stories, all_known=all_known))

    def _cards(self, response: Response, paging: Paging, seen: datetime) -> list[Card] | None:
        """The cards of a list page; None when this way of asking gives none at all."""
        if paging.pages > 0 and paging.way.read is not None:
            try:
                return paging.way.read(json.loads(response.body), paging.path, response.url)
            except (ValueError, RecursionError):
                return None
        page = Page(response.url, utf8(response))
        layout = layouts.pick_list(page)
        if paging.pages > 0:
            return layout.listing(page, seen)[0] if layout else None
        paging.path = "/" + response.url.partition("://")[2].partition("/")[2].partition("?")[
            0
        ].strip("/")
        if layout is None:
            return self._unknown_list(page, paging)
        cards, rung = layout.listing(page, seen)
        paging.ways, paging.sitemap = list(layout.ways), page.sitemap_id
        self.count(f"list/{layout.name}/{rung}")
        return cards

    def _unknown_list(self, page: Page, paging: Paging) -> list[Card]:
        runs.degrade(
            self.crawler.stats,
            f"no layout claims the list page {page.url}; story links in its main part were taken",
        )
        self.count("list/unknown/links")
        return [
            Card(address, "", None)
            for address in generic.main_links(page)
            if (story := urls.story(address)) and paging.section.holds(story.section)
        ]

    def _stories(self, cards: list[Card]) -> list[urls.StoryUrl]:
        """The stories of the cards, each once, in their order; other cards are counted."""
        found: dict[str, urls.StoryUrl] = {}
        for card in cards:
            story = urls.story(card.address)
            if story and self.options.site.address(card.address):
                found.setdefault(story.number, story)
            elif card.address:
                self.count("cards/other")
                logger.info("a card leads to %s, which is no story of the paper", card.address)
            else:
                self.count("cards/empty")
        return list(found.values())

    def _listed(
        self, fresh: list[urls.StoryUrl], cards: list[Card], paging: Paging, seen: datetime
    ) -> list[Known]:
        """Note the stories of the asked days as listed; those of the page as they are known."""
        times = {
            story.number: card.listed
            for card in cards
            if card.listed and (story := urls.story(card.address))
        }
        inside = [story for story in fresh if self.days.may_hold(story.day)]
        known = self.store.state.listed(inside, paging.section.name, seen, times)
        for entry in known:
            self.count("listed")
            if entry.status == "written":
                self.count("known")
        return known

    def _wanted(self, known: Known) -> Request | None:
        """The request for a listed story that is to be read in this run."""
        story = urls.story(known.url)
        if story is None or known.status == "written" or not self.days.may_hold(story.day):
            return None
        if known.status == "outside":
            if known.published is None or not self.days.hold(
                known.published.astimezone(SINGAPORE).date()
            ):
                return None
            self.store.state.make_due(known.number, now())
        elif known.due is None or known.due > now():
            return None
        return self.story_request(known)

    # --- lists that could not be had

    def list_failed(self, failure: Failure) -> Iterator[Request]:
        """The errback of a list page: its other path, its other way, or the end."""
        paging: Paging = failure.request.cb_kwargs["paging"]  # type: ignore[attr-defined]
        error = failure.value
        status = error.response.status if isinstance(error, HttpError) else None
        message = f"list page {failure.request.url}: {status or error!r}"  # type: ignore[attr-defined]
        if paging.pages > 0:
            following = paging.failed()
            if following is None and status not in MISSING:
                runs.degrade(self.crawler.stats, f"{message}; what lies behind it was not listed")
            yield from self._next_list(paging, following)
            return
        paths = paging.section.paths
        later = paths[paths.index(paging.path) + 1 :] if paging.path in paths else ()
        if status in MISSING and later:
            paging.path = later[0]
            yield self._list_request(paging, later[0])
        else:
            runs.degrade(self.crawler.stats, message)
