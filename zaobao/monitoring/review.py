"""A run from its first story to its alert: counted, compared with earlier runs, told."""

from __future__ import annotations

import logging
import re
import socket
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol, Self

from scrapy.exceptions import NotConfigured
from scrapy.utils.misc import load_object

from zaobao import signals, verdict
from zaobao.archive.repeats import Blocks, Headlines
from zaobao.errors import ArchiveError
from zaobao.monitoring import figures, history
from zaobao.monitoring.alert import Alert, Told
from zaobao.monitoring.comparison import Comparison
from zaobao.monitoring.suspects import Suspects
from zaobao.options import Options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.crawler import Crawler

    from zaobao.archive.folder import Archive
    from zaobao.items import Extraction
    from zaobao.monitoring.findings import Finding
    from zaobao.monitoring.history import Report

logger = logging.getLogger(__name__)

RUN_SUITE = "zaobao.monitoring.monitors.RunSuite"
"""The suite that settings.py names. It runs when there is something to tell, and tells it."""
_NOT_COMPARED = (
    "the comparison with earlier runs broke off, so it is not known whether this run gave less "
    "than usual"
)
_NOT_TOLD = "the alerts broke off, so nobody may have been told of this run"
_FAULT = "The stories are written. The log has the trace: report it as a fault of this program"


class JudgedSpider(Protocol):
    """What is asked of a spider that writes to an archive."""

    name: str
    reads_lists: bool

    @property
    def section_names(self) -> list[str]: ...


class RunReview:
    """An extension that counts what the stories of a run show; at its end it compares the run with
    earlier ones, and tells.

    Each finding degrades the run. Spidermon's own extension asks for the address of a cloud at
    every start; this gives its suites the same data, and imports them at the end only.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.options = Options.from_settings(crawler.settings)
        self.suspects, self.blocks, self.headlines = Suspects(), Blocks(), Headlines()
        crawler.signals.connect(self.story_written, signals.story_written)
        crawler.signals.connect(self.story_unchanged, signals.story_unchanged)
        crawler.signals.connect(self.text_repeated, signals.text_repeated)
        crawler.signals.connect(self.run_ending, signals.run_ending)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if not getattr(crawler.spidercls, "writes_archive", False):
            raise NotConfigured
        return cls(crawler)

    def story_written(self, extraction: Extraction) -> None:
        figures.count(self.crawler.stats, extraction)
        self.suspects.add(extraction)
        self.blocks.add(extraction.article.text)
        self.headlines.add(extraction.article.number, extraction.article.title)

    def story_unchanged(self, extraction: Extraction, is_suspect: bool) -> None:
        figures.count_unchanged(self.crawler.stats, extraction)
        if is_suspect:
            self.suspects.add_unchanged(extraction)

    def text_repeated(self, extraction: Extraction, other: str, is_other_suspect: bool) -> None:
        if is_other_suspect:
            self.suspects.add_repeated(extraction, other)

    def run_ending(self, spider: JudgedSpider, archive: Archive, start: int) -> None:
        """Compare the run with earlier ones and mark its suspect stories, then tell."""
        stats, folder = self.crawler.stats, archive.folder
        stats.set_value("zaobao/spider", spider.name)
        stats.set_value("zaobao/sections", ",".join(spider.section_names))
        earlier: list[Report] = []
        findings: list[Finding] = []
        with self._guarded(_NOT_COMPARED):
            earlier += history.reports(folder)
            lines = folder / "articles.jsonl"
            for words, count in self.blocks.common(lines, start).items():
                stats.set_value(f"zaobao/repeated/{words}", count)
            known = {words for one in earlier for words in one.get("headlines", {})}
            for words, (count, of) in self.headlines.common(lines, start, known).items():
                stats.set_value(f"zaobao/headlines/{words}", [count, of])
            run = Comparison(stats, archive, spider.section_names, start, earlier)
            self.compare(run, findings)
        with self._guarded(_NOT_TOLD):
            self._tell(spider, findings, earlier)

    def compare(self, run: Comparison, findings: list[Finding]) -> None:
        """Add what the monitors find to `findings`; one that breaks off stops no other."""
        from zaobao.monitoring.monitors import MONITORS

        for monitor in MONITORS:
            with self._guarded(_NOT_COMPARED):
                findings += run.find(monitor)
        run.review(findings, self.suspects, self.options)

    @contextmanager
    def _guarded(self, reason: str) -> Iterator[None]:
        """A fault in here must neither end the run nor let it pass for ok."""
        try:
            yield
        except ArchiveError as error:
            verdict.fail(self.crawler.stats, str(error))
        except Exception as error:
            logger.exception("%s", reason)
            verdict.degrade(self.crawler.stats, f"{reason}. {_FAULT} ({_said(error)})")

    def _tell(self, spider: JudgedSpider, findings: list[Finding], earlier: list[Report]) -> None:
        stats = self.crawler.stats
        data: dict[str, Any] = {
            "stats": stats.get_stats(),
            "stats_history": [],
            "crawler": self.crawler,
            "spider": spider,
            "sc_spider_name": spider.name,
            "job": None,
            "findings": findings,
        }
        suites = self.crawler.settings.getlist("SPIDERMON_SPIDER_CLOSE_MONITORS")
        # Ours comes last: it tells what went wrong in the others.
        for path in sorted(suites, key=lambda one: one == RUN_SUITE):
            outcome = verdict.judge(stats.get_stats(), reads_lists=spider.reads_lists)
            data |= {"outcome": outcome, "alert": self._alert(spider, outcome, findings)}
            if path != RUN_SUITE:
                self._run(path, data)
                continue
            if not self.crawler.settings.getlist("ZAOBAO_ALERTS"):
                continue
            told = Told([one for one in earlier if _scope(one) == data["alert"].run], _now())
            is_sent = told.is_news(outcome) and self._run(path, data)
            for cause, moment in told.after(outcome, is_sent=is_sent).items():
                stats.set_value(f"zaobao/told/{cause}", moment.isoformat())

    def _alert(
        self, spider: JudgedSpider, outcome: verdict.Outcome, findings: list[Finding]
    ) -> Alert:
        stats = self.crawler.stats
        return Alert(
            outcome=outcome,
            spider=spider.name,
            sections=stats.get_value("zaobao/sections"),
            folder=str(self.options.output),
            started=stats.get_value("start_time") or _now(),
            machine=socket.gethostname(),
            advice=tuple(dict.fromkeys(finding.advice for finding in findings)),
        )

    def _run(self, path: str, data: dict[str, Any]) -> bool:
        """Run a suite of monitors; whether one of its actions told somebody.

        What went wrong is a reason of the run.
        """
        from spidermon.runners import MonitorRunner
        from spidermon.settings import ACTION, MONITOR

        stats, is_told = self.crawler.stats, False
        try:
            suite = load_object(path)(crawler=self.crawler)
            result = MonitorRunner().run(suite, **data)
        except Exception as error:  # whatever the code of others raises is a reason of the run
            logger.exception("%s", path)
            verdict.degrade(stats, f"the monitors {path} could not be run ({_said(error)})")
            return False
        for message in getattr(suite, "troubles", []):
            verdict.degrade(stats, f"an alert could not be sent: {message}")
        for monitor in result.monitor_results:
            if monitor.status == MONITOR.STATUS.ERROR:
                logger.error("%s: %s", path, monitor.error)
                verdict.degrade(stats, f"a monitor of {path} broke off ({_last(monitor.error)})")
        done = [*result.monitors_finished_action_results, *result.monitors_passed_action_results]
        for action in (*done, *result.monitors_failed_action_results):
            if action.error:
                name = getattr(action.action, "channel", action.action.name)
                logger.error("%s: %s", name, action.error)
                verdict.degrade(stats, f"an alert could not be sent: {name}: {_last(action.error)}")
            elif action.status == ACTION.STATUS.SUCCESS:
                is_told = True
        return is_told


def _scope(report: Report) -> str:
    return f"{report.get('spider')} {report.get('sections') or ''}".strip()


def _said(error: Exception) -> str:
    return str(error) or type(error).__name__


def _last(trace: str) -> str:
    """The error's own words: the last line of a trace without the error's class."""
    last = trace.strip().splitlines()[-1]
    return re.sub(r"^[\w.]+: ", "", last)


def _now() -> datetime:
    return datetime.now(UTC)
