"""What every spider does with a story: ask for it once, and read it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from scrapy import Request

from zaobao import reader, urls
from zaobao.archive import gone
from zaobao.browser.drawing import DRAWING, Drawing, draw_request, drawing_of
from zaobao.errors import NotAStory, OtherStory, UnreadablePage
from zaobao.items import Extraction
from zaobao.kept import quarantine
from zaobao.page import Page
from zaobao.spiders.answers import header, utf8
from zaobao.spiders.failures import FailureSpider
from zaobao.spiders.run import now

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from datetime import datetime

    from scrapy.http import Response
    from twisted.python.failure import Failure

    from zaobao.archive.record import Record
    from zaobao.items import Article

logger = logging.getLogger(__name__)


class StorySpider(FailureSpider):
    """Base of the spiders."""

    async def start(self) -> AsyncIterator[Article | Request]:
        """The stories whose kept pages a layout reads by now, then the first requests."""
        for extraction in quarantine.readable(self.store):
            number = extraction.article.id.partition("-")[2]
            self.reread.add(number)
            if known := self.store.state.get(number):
                self.meet(known)
            try:
                yield self.finished(extraction)
            except NotAStory as error:
                logger.info("%s; its page stays in quarantine", error)
        async for request in self.first_requests():
            yield request

    def first_requests(self) -> AsyncIterator[Request]:
        """What the spider asks for without an answer before it."""
        raise NotImplementedError

    def story_request(self, known: Record, *, check: bool = False) -> Request | None:
        """The request for a story; None when it was asked for in this run or is excluded.

        check: a re-check of a written story, conditional where it can be.
        """
        address = self.options.site.address(known.url)
        if address is None or known.number in self.asked or self.excludes(known):
            return None
        self.asked.add(known.number)
        self.count("asked")
        headers = {}
        check = check and known.reason is None  # one in doubt is read, also where it is the same
        if check and known.etag:
            headers["If-None-Match"] = known.etag
        if check and known.last_modified:
            headers["If-Modified-Since"] = known.last_modified
        return Request(
            address,
            callback=self.parse_story,
            errback=self.story_failed,
            headers=headers,
            dont_filter=True,
            meta={
                "zaobao_kind": "story",
                "zaobao_known": known,
                "zaobao_check": check,
                # Of a page that we do not have it is no answer.
                "handle_httpstatus_list": [304] if headers else [],
            },
        )

    def parse_story(self, response: Response) -> Iterator[Article | Request]:
        self.count("answered")
        known: Record = response.meta["zaobao_known"]
        # Since it was asked for, a list may have told its time.
        known = self.store.state.get(known.number) or known
        moment = now()
        if response.status == 304:
            gone.unmark(self.store, known)
            self.store.state.checked(known.number, moment)
            return
        page = Page(response.url, utf8(response))
        if page.is_too_deep:
            self.note_failure(known, "too_deep", "its page is nested too deep to be read whole")
            return
        found = self._extraction(response, page, known, moment)
        if isinstance(found, Extraction):
            found.etag = header(response, "ETag")
            found.last_modified = header(response, "Last-Modified")
            try:
                yield self.finished(found)
            except NotAStory as error:
                self.refused(found, known, response, page, error)
        elif found is not None:
            yield found

    def finished(self, extraction: Extraction) -> Article:
        """The clean article; the store keeps the rest for the pipelines. NotAStory."""
        article = reader.finish(extraction)
        self.store.expect(extraction)
        return article

    def _extraction(
        self, response: Response, page: Page, known: Record, crawled: datetime
    ) -> Extraction | Request | None:
        """The story by its layout; else its page is kept, and the browser or the generic reader
        may give one."""
        story = urls.story(response.url)
        if story is None or story.number != known.number:
            error = OtherStory(f"{known.id} leads to {response.url}")
            self.quarantine(known, response, page, crawled, error)
            return None
        try:
            return reader.read(page, story, crawled, known.list_time)
        except UnreadablePage as error:
            if drawing_of(response):
                # What a person sees helps more than the page that a script has to fill.
                self.kept_pages.keep(known, page, crawled, error)
                return reader.last_resort(page, story, crawled)
            self.quarantine(known, response, page, crawled, error)
            if self.options.browser:
                drawn = draw_request(response, Drawing(page.source))
                return drawn.replace(errback=self.drawing_failed)
            return reader.last_resort(page, story, crawled)

    def drawing_failed(self, failure: Failure) -> Iterator[Article]:
        """The errback of a page that was to be drawn: the generic reader gets it as it came."""
        request: Request = failure.request  # type: ignore[attr-defined]
        known: Record = request.meta["zaobao_known"]
        logger.warning("%s was not drawn: %s", known.id, failure.value)
        self.count("browser/failed")
        page = Page(request.url, request.meta[DRAWING].body)
        if extraction := reader.last_resort(page, urls.StoryUrl.of(request.url), now()):
            try:
                yield self.finished(extraction)
            except NotAStory as error:
                logger.info("%s", error)
