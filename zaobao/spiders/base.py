"""What every spider does with a story: ask for it once, read it, note why it could not be had."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self

from scrapy import Request, Spider
from scrapy.http import Response, TextResponse
from scrapy.spidermiddlewares.httperror import HttpError
from scrapy.utils.defer import _schedule_coro

from zaobao import reading, runs, urls
from zaobao.archive import gone, store
from zaobao.browser import ask, setup
from zaobao.conduct.checks import tree_problem
from zaobao.errors import HostLeftAlone, Interrupted, OtherStory, Refused, UnreadablePage
from zaobao.items import Article
from zaobao.kept.quarantine import Quarantine
from zaobao.options import Options
from zaobao.page import Page
from zaobao.spiders import arguments

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings
    from twisted.python.failure import Failure

    from zaobao.archive.known import Known

logger = logging.getLogger(__name__)

STORY_PRIORITY, LIST_PRIORITY = 0, 10
"""Lists first: a list that is read at once moves least while it is paged."""
NOT_ASKED = (HostLeftAlone, Interrupted)
"""Refusals that are about the host or the run, not about the story."""
MISSING = frozenset({404, 410})
"""Answers that say that there is no such page."""


class StorySpider(Spider):
    """Base of the spiders. Made with wrong arguments it raises UsageError, which names them."""

    arguments: ClassVar[tuple[str, ...]] = ("since", "until", "limit")
    """What `-a` takes."""
    reads_lists: ClassVar[bool] = True
    """Whether a run without any list page has failed."""
    goes_on: ClassVar[bool] = False
    """Whether reaching ZAOBAO_MAX_NEW is no trouble, since the next run goes on from there."""

    def __init__(self, **given: Any) -> None:
        given.pop("_job", None)  # Scrapyd's
        arguments.refuse_unknown(given, self.arguments)
        super().__init__()
        self.days = arguments.days(given.get("since"), given.get("until"))
        self.limit = arguments.count("limit", given.get("limit"))
        self.asked: set[str] = set()
        self.left_out: set[str] = set()
        self.stopping = False

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.options = Options.from_settings(crawler.settings)
        spider.store = store.of(crawler)
        spider.kept_pages = Quarantine(spider.store.archive)
        return spider

    options: Options
    store: store.Store
    kept_pages: Quarantine

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """A contact given with -s is part of the User-Agent too; a browser is got ready."""
        super().update_settings(settings)
        options = Options.from_settings(settings)
        if options.browser:
            setup.install(settings, options.site.scheme)
        contact = options.contact
        agent = settings["USER_AGENT"]
        if contact and contact not in agent and settings.getpriority("USER_AGENT") == 20:
            settings.set("USER_AGENT", f"{agent} (+{contact})", priority="spider")

    def count(self, name: str) -> None:
        self.crawler.stats.inc_value(f"zaobao/{name}")

    def may_write(self) -> bool:
        """Whether one more story may be written; a bound that is reached ends the run."""
        written = self.crawler.stats.get_value("zaobao/new", 0)
        if self.limit is not None and written >= self.limit:
            self.stop("limit")
            return False
        if written >= self.options.max_new:
            said = f"ZAOBAO_MAX_NEW={self.options.max_new} is reached; run again"
            if self.goes_on:
                logger.info("%s", said)
            else:
                runs.degrade(self.crawler.stats, said)
            self.stop("bound")
            return False
        return True

    def stop(self, reason: str) -> None:
        """Ask for nothing more; what is being read is finished."""
        if not self.stopping:
            self.stopping = True
            _schedule_coro(self.crawler.engine.close_spider_async(reason=reason))

    # --- asking

    def story_request(self, known: Known, *, check: bool = False) -> Request | None:
        """The request for a story; None when it was asked for in this run or is excluded.

        check: a re-check of a written story, conditional where it can be.
        """
        address = self.options.site.address(known.url)
        if address is None or known.number in self.asked or self.excludes(known):
            return None
        self.asked.add(known.number)
        headers = {}
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
                "handle_httpstatus_list": [304],
            },
        )

    def excludes(self, known: Known) -> bool:
        """Whether exclude.txt leaves the story out; it is counted once."""
        rule = self.store.exclude.rule_for(known)
        if rule is not None:
            self.leave_out(known.number, known.id, rule)
        return rule is not None

    def leave_out(self, number: str, story_id: str, rule: str) -> None:
        """Count and log a story that a rule of exclude.txt leaves out, once in a run."""
        if number not in self.left_out:
            self.left_out.add(number)
            self.count("excluded")
            logger.info("%s is left out: %s in exclude.txt", story_id, rule)

    # --- reading

    def parse_story(self, response: Response) -> Iterator[Article | Request]:
        known: Known = response.meta["zaobao_known"]
        # Since it was asked for, a list may have told its time.
        known = self.store.state.get(known.number) or known
        moment = now()
        if response.status == 304:
            gone.unmark(self.store, known)
            self.store.state.checked(known.number, moment)
            return
        page = Page(response.url, utf8(response))
        if tree_problem(page.root):
            self.note_failure(known, "too_deep", "its page is nested too deep to be read whole")
            return
        found = self._article(response, page, known, moment)
        if isinstance(found, Article):
            found.etag = _header(response, "ETag")
            found.last_modified = _header(response, "Last-Modified")
        if found is not None:
            yield found

    def _article(
        self, response: Response, page: Page, known: Known, crawled: datetime
    ) -> Article | Request | None:
        """The story by its layout; else its page is kept, and the browser or the generic reader
        may give one."""
        story = urls.story(response.url)
        if story is None or story.number != known.number:
            error = OtherStory(f"{known.id} leads to {response.url}")
            self.quarantine(known, response, page, crawled, error)
            return None
        try:
            return reading.read(page, story, crawled, known.list_time)
        except UnreadablePage as error:
            if ask.drawing_of(response):
                # What a person sees helps more than the page that a script has to fill.
                self.kept_pages.keep(known, page, crawled, error)
                return reading.last_resort(page, story, crawled)
            self.quarantine(known, response, page, crawled, error)
            if self.options.browser:
                drawn = ask.drawn(response, ask.Drawing(page.source))
                return drawn.replace(errback=self.drawing_failed)
            return reading.last_resort(page, story, crawled)

    def drawing_failed(self, failure: Failure) -> Iterator[Article]:
        """The errback of a page that was to be drawn: the generic reader gets it as it came."""
        request: Request = failure.request  # type: ignore[attr-defined]
        known: Known = request.meta["zaobao_known"]
        logger.warning("%s was not drawn: %s", known.id, failure.value)
        self.count("browser/failed")
        page = Page(request.url, request.meta[ask.DRAWING].body)
        if article := reading.last_resort(page, urls.StoryUrl.of(request.url), now()):
            yield article

    # --- what could not be had

    def story_failed(self, failure: Failure) -> None:
        """The errback of a story: it alone is noted, and due again later."""
        known: Known = failure.request.meta["zaobao_known"]  # type: ignore[attr-defined]
        error = failure.value
        if isinstance(error, HttpError):
            self._http_failed(known, error.response.status)
            return
        if isinstance(error, NOT_ASKED) or getattr(error, "reason", "") == "robots_unavailable":
            return  # the story stays due: this says nothing about it
        reason = error.reason if isinstance(error, Refused) else type(error).__name__
        self.note_failure(known, reason, str(error) or repr(error))

    def _http_failed(self, known: Known, status: int) -> None:
        if status in MISSING and known.status == "written":
            self.missing(known)
        else:
            self.note_failure(known, f"http_{status}", f"the site answered {status}")

    def note_failure(self, known: Known, reason: str, message: str) -> None:
        logger.info("%s not read (%s): %s", known.id, reason, message)
        self.count(f"failed/{reason}")
        self.store.state.fail(known.number, reason, now())

    def missing(self, known: Known) -> None:
        """A re-check found no page. Two of them, 12 hours apart, mark the post; it is kept."""
        moment = now()
        if self.store.state.missing(known.number, moment) and not known.gone:
            gone.mark(self.store, self.store.state.get(known.number) or known, moment)
            self.count("gone")
            logger.info("%s is gone from the site; its post stays and says so", known.id)

    def quarantine(
        self, known: Known, response: Response, page: Page, crawled: datetime, error: Exception
    ) -> None:
        """Keep a page that gave no story, with the reason; a person should look."""
        reason = getattr(error, "reason", "unreadable")
        logger.warning("%s quarantined (%s): %s", known.id, reason, error)
        self.count("quarantined")
        self.count(f"quarantine/{reason}")
        if self.crawler.stats.get_value(f"zaobao/quarantine/{reason}") == 1:
            runs.degrade(self.crawler.stats, f"stories quarantined as {reason}, {known.id} first")
        dropped = self.kept_pages.keep(
            known,
            page,
            crawled,
            error,
            etag=_header(response, "ETag"),
            last_modified=_header(response, "Last-Modified"),
        )
        self.crawler.stats.inc_value("zaobao/quarantine_dropped", dropped)
        self.store.state.fail(known.number, reason, now(), quarantined=True)


def now() -> datetime:
    """The clock of the crawl: UTC, whole milliseconds."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def utf8(response: Response) -> bytes:
    """The page's bytes as UTF-8; the gate has decided on the charset before."""
    if isinstance(response, TextResponse) and response.encoding not in ("utf-8", "ascii"):
        return response.text.encode("utf-8", "replace")
    return response.body


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None
