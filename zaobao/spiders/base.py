"""What the spiders share: arguments and settings, the stories to read, reading one, its failure."""

from __future__ import annotations

import logging
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, Self

from scrapy import Request, Spider, signals
from scrapy.exceptions import UsageError
from scrapy.http import TextResponse
from scrapy.spidermiddlewares.httperror import HttpError

from zaobao import reader, urls, verdict
from zaobao.archive.exclusions import BECAUSE
from zaobao.archive.images import INDEX
from zaobao.archive.removed import mark_removed, unmark_removed
from zaobao.archive.reread import readable
from zaobao.browser import chromium
from zaobao.browser.rendering import RENDERING, Rendering, render_request, rendering_of
from zaobao.downloadermiddlewares.refusals import (
    HostLeftAlone,
    Interrupted,
    Refused,
    RobotsUnavailable,
)
from zaobao.errors import NotAStory, OtherStory, UnreadablePage
from zaobao.extensions import CrawlRun
from zaobao.items import Extraction
from zaobao.ledger import Ledger
from zaobao.logs import without_secrets
from zaobao.options import Options
from zaobao.page import Page
from zaobao.signals import story_written
from zaobao.spiders import arguments
from zaobao.times import SINGAPORE, now

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date, datetime
    from types import ModuleType

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.settings import BaseSettings
    from twisted.python.failure import Failure

    from zaobao.archive.folder import Archive
    from zaobao.archive.record import Record
    from zaobao.extractions import Extractions
    from zaobao.items import Article
    from zaobao.ledger import Row
    from zaobao.spiders.sections import Section

logger = logging.getLogger(__name__)

NOT_ASKED = (HostLeftAlone, Interrupted, RobotsUnavailable)
"""Refusals that are about the host or the run, not about the story."""
MISSING = frozenset({404, 410})
"""Answers that say that there is no such page."""
FIRST_PAGE = "zaobao_first_page"
"""In `meta` of the request for a further page of a story: the answer with the first."""
ASKED_MARK = "asked "
"""Before a section's name in the mark that says that a crawl asked for it."""


class StorySpider(Spider):
    """Base of the spiders. Made with wrong arguments it raises UsageError, which names them."""

    arguments: ClassVar[dict[str, str]] = {
        "since": "only stories published on this day or later (2026-11-01, in Singapore)",
        "until": "only stories published on this day or earlier",
        "limit": "write at most so many posts; the rest stays due",
    }
    """What `-a` takes, and what each means."""
    reads_lists: ClassVar[bool] = True
    """Whether a run without any list page has failed."""
    writes_archive: ClassVar[bool] = True
    """Whether a crawl opens the output folder, reports and is judged."""
    goes_on: ClassVar[bool] = False
    """Whether reaching ZAOBAO_MAX_NEW is no trouble, since the next run goes on from there."""
    sections: Sequence[Section] | None = ()
    """The asked ones; None: all."""

    options: Options
    archive: Archive
    """The archive of this crawl; `start` opens it."""
    extractions: Extractions
    """What was noticed about the items in the pipelines."""

    def __init__(self, **given: Any) -> None:
        self.given = dict(given)
        given.pop("_job", None)  # Scrapyd's
        arguments.refuse_unknown(given, self.arguments)
        super().__init__()
        self.days = arguments.days(given.get("since"), given.get("until"))
        self.limit = arguments.count("limit", given.get("limit"))
        self.asked: set[str] = set()
        self.reread: set[str] = set()
        """Numbers of the stories that are read from kept pages."""
        self.wants_images: list[str] = []
        """Numbers of known stories whose missing pictures are wanted in any case."""
        self.ledger = Ledger()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.options = Options.from_settings(crawler.settings)
        spider.require_components(crawler.settings)
        crawler.signals.connect(spider.story_written, story_written)
        crawler.signals.connect(spider.item_dropped, signals.item_dropped)
        return spider

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """A contact given with -s is part of the User-Agent, too. UsageError: a wrong setting."""
        super().update_settings(settings)
        # Before Scrapy logs the settings, which is before any extension is made.
        logging.getLogger("scrapy.crawler").addFilter(without_secrets)
        options = Options.from_settings(settings)
        if options.browser:
            chromium.launch_options(settings)
        contact = options.contact
        agent = settings["USER_AGENT"]
        if contact and contact not in agent and settings.getpriority("USER_AGENT") == 20:
            settings.set("USER_AGENT", f"{agent} (+{contact})", priority="spider")

    def require_components(self, settings: BaseSettings) -> None:
        """Set what a crawl needs, also where the user has set other extensions or handlers.

        Not in `update_settings`: Scrapy's commands give their process a crawler that is
        made, and the process lays its settings over those of the crawler.
        """
        if self.writes_archive:
            settings.setdefault_in_component_priority_dict("EXTENSIONS", CrawlRun, 0)
            if self.options.images or (self.options.output / INDEX).exists():
                _images().install(settings, self.options)
        if self.options.browser:
            chromium.install(settings, self.options.site.scheme)

    @property
    def section_names(self) -> list[str]:
        """The names of the asked sections, or `all`; none of a spider that takes no section."""
        return ["all"] if self.sections is None else [one.name for one in self.sections]

    def asks_for(self, day: date) -> bool:
        """Whether stories published on this day were asked for."""
        return self.days.hold(day)

    def check(self) -> None:
        """UsageError where an argument is missing, or does not fit the settings."""

    # --- which stories are read

    async def start(self) -> AsyncIterator[Article | Request]:
        """The stories whose kept pages a layout reads by now, then the first requests."""
        run = CrawlRun.of(self.crawler)
        try:
            self.check()
        except UsageError as error:
            run.refuse(str(error))
        self.archive, self.extractions = run.begin(), run.extractions
        for extraction in readable(self.archive):
            number = extraction.article.number
            self.reread.add(number)
            if known := self.archive.state.get(number):
                self.enter(known)
            if extraction.further.wanted:
                reader.leave_out_page(extraction, "only the first is kept")
            for article in self.finished(extraction, _stays_in_quarantine):
                yield article
        async for request in self.first_requests():
            yield request
        if self.options.images and (stage := self.crawler.get_item_pipeline(_images().KeepImages)):
            await stage.fill_in(self.wants_images)

    def first_requests(self) -> AsyncIterator[Request]:
        """What the spider asks for without an answer before it."""
        raise NotImplementedError

    def note_asked(self) -> None:
        """Note which sections this archive is of, for `scrapy audit`."""
        state = self.archive.state
        for name in self.section_names:
            if not state.marked(ASKED_MARK + name):
                state.mark(ASKED_MARK + name, now())

    def listed(
        self,
        stories: Iterable[urls.StoryUrl],
        name: str,
        seen: datetime,
        times: Mapping[str, datetime] | None = None,
    ) -> list[Record]:
        """Note the stories of the asked days as named by the list `name`; give them as known."""
        inside = [story for story in stories if self.days.may_hold(story.day)]
        known = self.archive.state.listed(inside, name, seen, times)
        for entry in known:
            self.enter(entry)
        return known

    def requests(self, stories: Iterable[Record]) -> Iterator[Request]:
        """The requests for those that are to be read and were not yet asked for."""
        for known in stories:
            self.enter(known)
            wanted = self.is_wanted(known) or self._is_due_again(known)
            if wanted and (request := self.story_request(known)):
                yield request

    def _is_due_again(self, known: Record) -> bool:
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
        if known.status == "outside" and not self.asks_for(_day(known, story)):
            return False
        if known.status == "outside" or (known.reason or "").startswith(BECAUSE):
            # Other days are asked for, or the rule of exclude.txt is gone.
            self.archive.state.make_due(known.number, now())
            return True
        return known.due is not None and known.due <= now()

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
        check = check and known.reason is None  # a suspect one is read in any case
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
                # Without a condition in the request, 304 is no answer.
                "handle_httpstatus_list": [304] if headers else [],
            },
        )

    def excludes(self, known: Record) -> bool:
        """Whether exclude.txt leaves the story out; it is counted once."""
        rule = self.archive.exclusions.rule_for(known)
        if rule is not None:
            self.leave_out(known.number, known.id, rule)
        return rule is not None

    def leave_out(self, number: str, story_id: str, rule: str) -> None:
        """Note and log a story that a rule of exclude.txt leaves out, once in a run."""
        if self.ledger.row(number) != "excluded":
            self.put(number, "excluded")
            logger.info("%s is left out: %s in exclude.txt", story_id, rule)

    # --- reading one

    def parse_story(self, response: Response) -> Iterator[Article | Request]:
        """The story as its layout reads it.

        Where none does: a request that a browser answers, or what the generic fallback reads.
        For `scrapy parse` and `check`, which ask without an archive: the story alone.
        """
        known: Record | None = response.meta.get("zaobao_known")
        if known is None:
            yield from self._alone(response)
            return
        self.count("answered")
        # Since it was asked for, a list may have told its time.
        known = self.archive.state.get(known.number) or known
        moment = now()
        if response.status == 304:
            unmark_removed(self.archive, known)
            self.archive.state.checked(known.number, moment)
            return
        page = page_of(response)
        if page.is_too_deep:
            self.note_failure(known, "too_deep", "its page is nested too deep to be read whole")
            return
        found = self._extraction(response, page, known, moment)
        if isinstance(found, Extraction):
            found.etag = header(response, "ETag")
            found.last_modified = header(response, "Last-Modified")
            yield from self._with_next_page(found, response)
        elif found is not None:
            yield found

    def _with_next_page(
        self, extraction: Extraction, first: Response
    ) -> Iterator[Article | Request]:
        """The request for the next page of a story of several; the story, where there is none."""
        further, known = extraction.further, first.meta["zaobao_known"]
        if further.wanted:
            address = self.options.site.address(further.wanted)
            if address is not None:
                self.count("further_pages")
                yield Request(
                    address,
                    callback=self.parse_further,
                    errback=self.further_failed,
                    cb_kwargs={"extraction": extraction, "first": first},
                    dont_filter=True,
                    priority=2,  # a story that is begun is finished first
                    meta={"zaobao_kind": "story", "zaobao_known": known, FIRST_PAGE: first},
                )
                return
            self._page_missing(extraction, f"{further.wanted} may not be asked")
        yield from self.finished(
            extraction,
            lambda error: self.story_refused(extraction, known, first, page_of(first), error),
        )

    def parse_further(
        self, response: Response, extraction: Extraction, first: Response
    ) -> Iterator[Article | Request]:
        """A further page of a story: it is joined to those before it."""
        try:
            reader.join(extraction, page_of(response))
        except UnreadablePage as error:
            self._page_missing(extraction, str(error))
        yield from self._with_next_page(extraction, first)

    def further_failed(self, failure: Failure) -> Iterator[Article | Request]:
        """The errback of a further page: the story is written without it, and says so."""
        request: Request = failure.request  # type: ignore[attr-defined]
        extraction, error = request.cb_kwargs["extraction"], failure.value
        if isinstance(error, NOT_ASKED):
            logger.info("%s is left for the next run: %s", extraction.article.id, error)
            return
        why = str(error) or repr(error)
        if isinstance(error, HttpError):
            why = f"the site answered {error.response.status}"
        self._page_missing(extraction, why)
        yield from self._with_next_page(extraction, request.cb_kwargs["first"])

    def _page_missing(self, extraction: Extraction, why: str) -> None:
        """Note that the next page of a story cannot be read; it is to be read again later."""
        self.count("further_pages_missing")
        reader.leave_out_page(extraction, why)
        logger.warning("%s: %s", extraction.article.id, extraction.further.cut)

    def _alone(self, response: Response) -> Iterator[Article]:
        """The story of a page without an archive to look at."""
        page, story = page_of(response), urls.StoryUrl.of(response.url)
        found: Extraction | None
        try:
            found = reader.read(page, story, now(), None)
        except UnreadablePage as error:
            logger.warning("%s: %s", response.url, error)
            found = reader.try_fallback(page, story, now())
        if found is not None:
            try:
                yield reader.finish(found)
            except NotAStory as error:
                logger.warning("%s: %s", response.url, error)

    def finished(
        self, extraction: Extraction, refused: Callable[[NotAStory], object]
    ) -> Iterator[Article]:
        """The clean article, if it may be published; else `refused` is told why not.

        `extractions` keeps for the pipelines what is not in the article.
        """
        try:
            article = reader.finish(extraction)
        except NotAStory as error:
            refused(error)
            return
        self.extractions.expect(extraction)
        yield article

    def _extraction(
        self, response: Response, page: Page, known: Record, crawled: datetime
    ) -> Extraction | Request | None:
        """The story by its layout; else its page is kept, and the browser or the generic fallback
        may give one."""
        story = urls.story(response.url)
        if story is None or story.number != known.number:
            error = OtherStory(f"{known.id} leads to {response.url}")
            self.put_into_quarantine(known, response, page, crawled, error)
            return None
        try:
            return reader.read(page, story, crawled, known.list_time)
        except UnreadablePage as error:
            if rendering_of(response):
                # What a person sees helps more than the page that a script has to fill.
                self.archive.quarantine.keep(known, page, crawled, error)
                return reader.try_fallback(page, story, crawled)
            self.put_into_quarantine(known, response, page, crawled, error)
            if self.options.browser:
                rendered = render_request(response, Rendering(page.source))
                return rendered.replace(errback=self.rendering_failed)
            return reader.try_fallback(page, story, crawled)

    def rendering_failed(self, failure: Failure) -> Iterator[Article]:
        """The errback of a page that was not rendered: the generic fallback gets it as it came."""
        request: Request = failure.request  # type: ignore[attr-defined]
        known: Record = request.meta["zaobao_known"]
        logger.warning("%s was not rendered: %s", known.id, failure.value)
        self.count("browser/failed")
        page = Page(request.url, request.meta[RENDERING].body)
        if extraction := reader.try_fallback(page, urls.StoryUrl.of(request.url), now()):
            yield from self.finished(extraction, lambda error: logger.info("%s", error))

    # --- what could not be read

    def story_failed(self, failure: Failure) -> None:
        """The errback of a story: it is noted and due again later; the run goes on."""
        self.count("answered")
        known: Record = failure.request.meta["zaobao_known"]  # type: ignore[attr-defined]
        error = failure.value
        if isinstance(error, HttpError):
            self._http_failed(known, error.response.status)
            return
        if isinstance(error, NOT_ASKED):
            return  # the story stays due: this says nothing about it
        reason = error.reason if isinstance(error, Refused) else type(error).__name__
        self.note_failure(known, reason, str(error) or repr(error))

    def _http_failed(self, known: Record, status: int) -> None:
        if status in MISSING and known.status == "written":
            self.missing(known)
        else:
            self.note_failure(known, f"http_{status}", f"the site answered {status}")

    def note_failure(self, known: Record, reason: str, message: str) -> None:
        logger.info("%s not read (%s): %s", known.id, reason, message)
        self.put(known.number, "failed")
        self.count(f"failed/{reason}")
        if not known.attempts:
            self.count(f"unread/{reason}")
        self.archive.state.fail(known.number, reason, now())

    def missing(self, known: Record) -> None:
        """A re-check found no page. Two of them, 12 hours apart, mark the post; it is kept."""
        moment = now()
        if self.archive.state.missing(known.number, moment) and not known.gone:
            mark_removed(self.archive, self.archive.state.get(known.number) or known, moment)
            self.put(known.number, "gone")
            logger.info("%s is gone from the site; its post stays and says so", known.id)

    def story_refused(
        self,
        extraction: Extraction,
        known: Record,
        response: Response,
        page: Page,
        error: NotAStory,
    ) -> None:
        """A story that must not be published as it is: its page is kept.

        That of one that no layout read is in quarantine by now.
        """
        article = extraction.article
        if rule := self.archive.exclusions.rule(known.number, (article.url,), article.title):
            self.leave_out(known.number, article.id, rule)
            self.archive.state.fail(known.number, BECAUSE + rule, article.crawled, final=True)
        elif article.layout == "generic":
            logger.info("%s", error)
        else:
            self.put_into_quarantine(known, response, page, article.crawled, error)

    def put_into_quarantine(
        self, known: Record, response: Response, page: Page, crawled: datetime, error: Exception
    ) -> None:
        """Keep a page that gave no story, with the reason; a person should look."""
        reason = getattr(error, "reason", "unreadable")
        logger.warning("%s quarantined (%s): %s", known.id, reason, error)
        self.put(known.number, "quarantined")
        self.count(f"quarantine/{reason}")
        if self.crawler.stats.get_value(f"zaobao/quarantine/{reason}") == 1:
            self.degrade(f"stories quarantined as {reason}, {known.id} first")
        dropped = self.archive.quarantine.keep(
            known,
            page,
            crawled,
            error,
            etag=header(response, "ETag"),
            last_modified=header(response, "Last-Modified"),
        )
        self.crawler.stats.inc_value("zaobao/quarantine_dropped", dropped)
        self.archive.state.fail(known.number, reason, now(), quarantined=True)

    # --- the rows of the closing table

    def put(self, number: str, row: Row) -> None:
        """Put a story into its row of the closing table."""
        self.ledger.put(self.crawler.stats, number, row)

    def enter(self, known: Record) -> None:
        """Enter a story that the run has to do with: it gets its first row."""
        if self.ledger.row(known.number) is None:
            self.put(known.number, _first_row(known))

    def story_written(self, extraction: Extraction) -> None:
        number = extraction.article.number
        is_known = self.ledger.row(number) == "known"
        if not (is_known and number in self.reread):  # from its kept page it is no edit
            self.put(number, "edited" if is_known else "new")

    def item_dropped(self, item: Article, response: Response | None, exception: Exception) -> None:
        """What a pipeline refused: its page is kept, or it goes into the row that fits.

        A kept page, and one that no layout read, is in quarantine by now.
        """
        error = getattr(exception, "error", None)
        if response is not None:
            response = response.meta.get(FIRST_PAGE, response)
        if isinstance(error, NotAStory) and response is not None and item.layout != "generic":
            known = response.meta["zaobao_known"]
            self.put_into_quarantine(known, response, page_of(response), item.crawled, error)
        elif row := getattr(exception, "row", None):
            self.put(item.number, row)

    def count(self, name: str) -> None:
        self.crawler.stats.inc_value(f"zaobao/{name}")

    def degrade(self, reason: str) -> None:
        """Note why a person should look at this run."""
        verdict.degrade(self.crawler.stats, reason)


def _images() -> ModuleType:
    """The stage that keeps pictures; nobody else waits for Scrapy's pipeline of files."""
    return import_module("zaobao.images")


def _stays_in_quarantine(error: NotAStory) -> None:
    logger.info("%s; its page stays in quarantine", error)


def _first_row(known: Record) -> Row:
    if known.status == "written":
        return "known"
    if known.status == "outside":
        return "outside"
    is_given_up = known.due is None and known.status in ("failed", "quarantined")
    if not is_given_up:
        return "waiting"
    return "quarantined" if known.status == "quarantined" else "failed"


def _day(known: Record, story: urls.StoryUrl) -> date:
    """The day of a story that was read: of its publication, where it says that."""
    return known.published.astimezone(SINGAPORE).date() if known.published else story.day


def page_of(response: Response) -> Page:
    """The page of an answer, as UTF-8; which charset it has was decided when it was checked."""
    if isinstance(response, TextResponse) and response.encoding not in ("utf-8", "ascii"):
        return Page(response.url, response.text.encode("utf-8", "replace"))
    return Page(response.url, response.body)


def what_failed(failure: Failure) -> tuple[int | None, str]:
    """The status of an answer, None where there was none; the request's address with what is
    wrong."""
    error, url = failure.value, failure.request.url  # type: ignore[attr-defined]
    if isinstance(error, HttpError):
        return error.response.status, f"{url}: {error.response.status}"
    # Most errors name the address themselves.
    return None, f"{url}: {(str(error) or repr(error)).removeprefix(f'{url}: ')}"


def header(response: Response, name: str) -> str | None:
    """A header's value; None when there is none."""
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None
