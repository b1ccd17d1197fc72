"""`scrapy audit MONTH [MONTH …] [--fix] [--calendar]`: what was listed and what is held."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from zaobao import console, sitemap, urls, verdict
from zaobao.archive.recovery import open_archive
from zaobao.audit import gaps
from zaobao.downloadermiddlewares.bounds import check_settings
from zaobao.errors import ArchiveError
from zaobao.spiders import arguments
from zaobao.spiders.base import ASKED_MARK
from zaobao.spiders.sections import Section, or_all
from zaobao.spiders.sitemaps import SitemapSpider
from zaobao.text import counted
from zaobao.times import SINGAPORE, now

if TYPE_CHECKING:
    import argparse
    from collections.abc import AsyncIterator, Iterator

    from scrapy import Request

    from zaobao.archive.folder import Archive
    from zaobao.archive.record import Record
    from zaobao.archive.state import State
    from zaobao.audit.gaps import Month
    from zaobao.options import Options


class AuditSpider(SitemapSpider):
    """Reads the sitemaps of the audited months, and keeps what they name. It writes nothing.

    `months`: as `backfill` takes them; `section`: likewise, or `all`.
    """

    name = "audit"
    writes_archive = False
    arguments: ClassVar[dict[str, str]] = {"months": "as of backfill", "section": "as of backfill"}
    custom_settings = {
        "ITEM_PIPELINES": {},
        # No figures of a crawl, so nothing for the monitors of crawls.
        "EXTENSIONS": {
            "zaobao.extensions.ErrorWatch": 0,
            "zaobao.extensions.Progress": 0,
        },
    }

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        today = now().astimezone(SINGAPORE).date()
        self.months = arguments.months(given.get("months"), today, "scrapy audit ")
        self.sections = or_all(given.get("section"), "--section ")
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


class Command(ScrapyCommand):
    """Exit 0: nothing is missing that can be fetched, or --fix has queued all of it.

    1: no sitemap could be read, or the archive not written. 2: wrong arguments.
    3: stories are missing, or a sitemap could not be read.
    """

    requires_project = True

    def syntax(self) -> str:
        return "MONTH [MONTH …] [--fix] [--section S] [--calendar] | --calendar"

    def short_desc(self) -> str:
        return "Compare what the site's sitemaps and lists named with what the archive holds"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--fix", action="store_true", help="make the missing stories due for the next run"
        )
        parser.add_argument(
            "--section", help="as -a section=; default: those that this archive's crawls asked for"
        )
        parser.add_argument(
            "--calendar",
            action="store_true",
            help="print the archive's days as a picture; without MONTH nothing is asked for",
        )

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        assert self.settings is not None
        self.settings.set("LOG_LEVEL", "WARNING", "command" if opts.loglevel else "cmdline")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if not args and not opts.calendar:
            raise UsageError("it takes a month like 2021-08, or 2021-08..2021-09")
        if not args and (opts.fix or opts.section):
            raise UsageError("--fix and --section go with a month like 2021-08")
        assert self.settings is not None
        assert self.crawler_process is not None
        options = check_settings(self.settings)
        if not args:
            self.exitcode = self._draw_alone(options)
            return
        asked = {"months": ",".join(args)}
        AuditSpider(section=opts.section, **asked)  # checks the arguments
        crawler = self.crawler_process.create_crawler(AuditSpider)
        try:
            with open_archive(options, f"scrapy audit {' '.join(args)}") as archive:
                section = opts.section or ",".join(_sections(archive))
                asked["section"] = "all" if "all" in section.split(",") else section
                self.crawler_process.crawl(crawler, **asked)
                self.crawler_process.start()
                self.exitcode = self._audit(crawler, archive, asked["section"], opts)
        except ArchiveError as error:
            console.note(f"scrapy audit: {error}\n")
            self.exitcode = 1

    def _draw_alone(self, options: Options) -> int:
        try:
            with open_archive(options, "scrapy audit --calendar") as archive:
                _draw(archive)
        except ArchiveError as error:
            console.note(f"scrapy audit: {error}\n")
            return 1
        return 0

    def _audit(self, crawler: Any, archive: Archive, section: str, opts: argparse.Namespace) -> int:
        outcome = verdict.judge(verdict.stats_of(crawler), reads_lists=True)
        if outcome.verdict != "failed":
            spider: AuditSpider = crawler.spider
            months = [_compare(archive, spider, month) for month in spider.months]
            from zaobao.audit import report  # every scrapy command loads this file, not rich

            audited = report.as_json(months, section, now())
            report.publish(archive, audited, archive.exclusions.withdrawn)
            console.note(report.tables(audited))
            if opts.calendar:
                _draw(archive)
            elif not sys.stdout.isatty():
                console.data(json.dumps(audited, ensure_ascii=False, indent=1) + "\n")
            outcome = self._say(months, archive, outcome, fix=opts.fix)
        for reason in outcome.reasons:
            console.note(f"  {outcome.verdict}: {reason}\n")
        return outcome.exit_code

    def _say(
        self, months: list[Month], archive: Archive, outcome: verdict.Outcome, *, fix: bool
    ) -> verdict.Outcome:
        """Queue what is missing, or make it a reason to look."""
        if fix:
            queued = gaps.queue(archive, months, now())
            stories = counted(queued, "story is", "stories are")
            console.note(f"{stories} queued for the next run of realtime or backfill.\n")
            return outcome
        wanting = sum(gap.reason in gaps.RECOVERABLE for month in months for gap in month.gaps)
        if not wanting:
            return outcome
        said = f"{counted(wanting, 'missing story')} can still be fetched; "
        said += "--fix queues them"
        worse: verdict.Verdict = "degraded" if outcome.verdict == "ok" else outcome.verdict
        return verdict.Outcome(worse, (*outcome.reasons, said), verdict.EXIT_CODES[worse])


def _draw(archive: Archive) -> None:
    """Print the days of the archive's stories, and where audits found some missing."""
    from zaobao.audit import report  # every scrapy command loads this file
    from zaobao.publish import calendar

    audits = calendar.audits(archive.folder / report.DATA)
    drawn = calendar.Calendar.of(archive.state.days(), audits).as_text()
    console.data(f"{drawn}\n{calendar.LEGEND}" if drawn else "The archive has no story yet.\n")


def _sections(archive: Archive) -> list[str]:
    """The sections that crawls of this archive asked for, without those that no story is of.

    Such a one was mistyped, or never had a list.
    """
    asked, known = archive.state.marks(ASKED_MARK), archive.state.sections()
    if "all" in asked:
        return asked
    empty = [name for name in asked if not any(map(Section(name).holds, known))]
    if not empty or len(empty) == len(asked):
        return asked or ["china"]
    console.note(
        f"not audited, since no known story is of it: {', '.join(empty)}; --section takes it\n"
    )
    return [name for name in asked if name not in empty]


def _compare(archive: Archive, spider: AuditSpider, month: str) -> Month:
    named, shown_then = spider.stories[month].values(), spider.shown(month, archive.state)
    return gaps.audit(archive, month, named, shown_then, month in spider.read)
