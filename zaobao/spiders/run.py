"""What is one run of a spider: its arguments and settings, its bounds, its clock."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self

from scrapy import Spider, signals
from scrapy.utils.defer import _schedule_coro

from zaobao import runs
from zaobao.archive import store
from zaobao.browser import chromium
from zaobao.extensions import without_secrets
from zaobao.kept.quarantine import Quarantine
from zaobao.ledger import Ledger
from zaobao.options import Options
from zaobao.spiders import arguments

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings

    from zaobao.archive.record import Record
    from zaobao.items import Article
    from zaobao.ledger import Row

logger = logging.getLogger(__name__)


class RunSpider(Spider):
    """Made with wrong arguments it raises UsageError, which names them."""

    arguments: ClassVar[dict[str, str]] = {
        "since": "only stories published on this day or later (2026-11-01, in Singapore)",
        "until": "only stories published on this day or earlier",
        "limit": "write at most so many posts; the rest stays due",
    }
    """What `-a` takes, and what each means."""
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
        self.reread: set[str] = set()
        """Numbers of the stories that are read from kept pages."""
        self.ledger = Ledger()
        self.unprinted: set[str] = set()
        """Ids of written stories whose time is a script's and not the printed one."""
        self.beginless: set[str] = set()
        """Ids of those in front of whose text the page prints the start of its description."""
        self.described: set[str] = set()
        """Ids of those whose text is the page's description."""
        self.unchanged: dict[str, set[str]] = {}
        """By layout, the numbers of the stories in doubt that a re-check found the same."""
        self.stopping = False

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.options = Options.from_settings(crawler.settings)
        spider.store = store.begin(crawler)
        spider.kept_pages = Quarantine(spider.store.archive)
        crawler.signals.connect(spider.item_scraped, signals.item_scraped)
        crawler.signals.connect(spider.item_dropped, signals.item_dropped)
        return spider

    options: Options
    store: store.Store
    kept_pages: Quarantine

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """A contact given with -s is part of the User-Agent too; a browser is got ready."""
        super().update_settings(settings)
        # Before Scrapy logs the settings, which is before any extension is made.
        logging.getLogger("scrapy.crawler").addFilter(without_secrets)
        options = Options.from_settings(settings)
        if options.browser:
            chromium.install(settings, options.site.scheme)
        contact = options.contact
        agent = settings["USER_AGENT"]
        if contact and contact not in agent and settings.getpriority("USER_AGENT") == 20:
            settings.set("USER_AGENT", f"{agent} (+{contact})", priority="spider")

    @property
    def section_names(self) -> list[str]:
        """The sections that were asked for, `all` for all; empty where a spider takes none."""
        return []

    def check(self) -> None:
        """UsageError where an argument is missing, or does not fit the settings."""

    def put(self, number: str, row: Row) -> None:
        """Put a story into its row of the closing table."""
        self.ledger.put(self.crawler.stats, number, row)

    def meet(self, known: Record) -> None:
        """Put a story that the run has to do with into its first row."""
        if self.ledger.row(known.number) is None:
            self.put(known.number, _first_row(known))

    def item_scraped(self, item: Article) -> None:
        number = item.id.partition("-")[2]
        is_known = self.ledger.row(number) == "known"
        if not (is_known and number in self.reread):  # from its kept page it is no edit
            self.put(number, "edited" if is_known else "new")

    def item_dropped(self, item: Article, exception: Exception) -> None:
        if row := getattr(exception, "row", None):
            self.put(item.id.partition("-")[2], row)

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

    def excludes(self, known: Record) -> bool:
        """Whether exclude.txt leaves the story out; it is counted once."""
        rule = self.store.exclude.rule_for(known)
        if rule is not None:
            self.leave_out(known.number, known.id, rule)
        return rule is not None

    def leave_out(self, number: str, story_id: str, rule: str) -> None:
        """Note and log a story that a rule of exclude.txt leaves out, once in a run."""
        if self.ledger.row(number) != "excluded":
            self.put(number, "excluded")
            logger.info("%s is left out: %s in exclude.txt", story_id, rule)


def _first_row(known: Record) -> Row:
    if known.status == "written":
        return "known"
    if known.status == "outside":
        return "outside"
    is_given_up = known.due is None and known.status in ("failed", "quarantined")
    if not is_given_up:
        return "waiting"
    return "quarantined" if known.status == "quarantined" else "failed"


def now() -> datetime:
    """The clock of the crawl: UTC, whole milliseconds."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
