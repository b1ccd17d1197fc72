"""At a run's end: compare it with earlier ones, and let Spidermon tell somebody."""

from __future__ import annotations

import logging
import re
import socket
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from scrapy import signals
from scrapy.exceptions import NotConfigured
from scrapy.utils.misc import load_object

from zaobao import runs
from zaobao.errors import ArchiveError
from zaobao.extensions import CrawlArchive
from zaobao.monitoring import history
from zaobao.monitoring.alert import Alert, Told
from zaobao.monitoring.compare import Comparison
from zaobao.monitoring.tally import Tally

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from zaobao.monitoring.odds import Drift, Report
    from zaobao.spiders.base import StorySpider

logger = logging.getLogger(__name__)

OURS = "zaobao.monitoring.monitors.RunSuite"
"""The suite that settings.py names. It runs when there is something to tell, and tells it."""
_BROKE_OFF = (
    "the comparison with earlier runs broke off, so nobody knows whether this run gave less than "
    "usual; the stories are written. The log has the trace: report it as a fault of this program"
)


class Alarm:
    """Degrades a run whose figures fell, then runs the suites of Spidermon.

    Spidermon's own extension asks for the address of a cloud at every start;
    this one gives the suites the same data, and imports them at the end only.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.tally = Tally(crawler)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if not getattr(crawler.spidercls, "writes_archive", False):
            raise NotConfigured
        alarm = cls(crawler)
        crawler.signals.connect(alarm.spider_closed, signals.spider_closed)
        return alarm

    def spider_closed(self, spider: StorySpider, reason: str) -> None:
        archive = CrawlArchive.of(self.crawler)
        if not archive.is_open:
            return
        stats = self.crawler.stats
        sections = spider.section_names
        stats.set_value("zaobao/spider", spider.name)
        stats.set_value("zaobao/sections", ",".join(sections))
        stats.set_value("finish_reason", reason)
        earlier: list[Report] = []
        drifts: list[Drift] = []
        try:
            earlier = history.reports(archive.store.archive.folder)
            self.tally.close(archive.store.archive.folder, archive.start)
            run = Comparison(stats, spider, sections, archive, self.tally, earlier)
            drifts += run.drifts()
            run.review(drifts)
        except ArchiveError as error:
            runs.fail(stats, str(error))
        except Exception as error:  # a fault in a monitor must neither end the run nor pass for ok
            logger.exception("The comparison with earlier runs broke off")
            runs.degrade(stats, f"{_BROKE_OFF} ({_said(error)})")
        self._tell(spider, drifts, earlier)

    def _tell(self, spider: StorySpider, drifts: list[Drift], earlier: list[Report]) -> None:
        stats = self.crawler.stats
        data: dict[str, Any] = {
            "stats": stats.get_stats(),
            "stats_history": [],
            "crawler": self.crawler,
            "spider": spider,
            "sc_spider_name": spider.name,
            "job": None,
            "drifts": drifts,
        }
        suites = self.crawler.settings.getlist("SPIDERMON_SPIDER_CLOSE_MONITORS")
        # Ours comes last: it tells what went wrong in the others.
        for path in sorted(suites, key=lambda one: one == OURS):
            outcome = runs.judge(stats.get_stats(), reads_lists=spider.reads_lists)
            data |= {"outcome": outcome, "alert": self._alert(spider, outcome)}
            if path != OURS:
                self._run(path, data)
                continue
            if not self.crawler.settings.getlist("ZAOBAO_ALERTS"):
                continue
            told = Told([one for one in earlier if _scope(one) == data["alert"].run], _now())
            is_sent = told.is_news(outcome) and self._run(path, data)
            for cause, moment in told.after(outcome, is_sent=is_sent).items():
                stats.set_value(f"zaobao/told/{cause}", moment.isoformat())

    def _alert(self, spider: StorySpider, outcome: runs.Outcome) -> Alert:
        stats = self.crawler.stats
        return Alert(
            outcome=outcome,
            spider=spider.name,
            sections=stats.get_value("zaobao/sections"),
            folder=str(CrawlArchive.of(self.crawler).options.output),
            started=stats.get_value("start_time") or _now(),
            machine=socket.gethostname(),
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
            runs.degrade(stats, f"the monitors {path} could not be run ({_said(error)})")
            return False
        for message in getattr(suite, "troubles", []):
            runs.degrade(stats, f"an alert could not be sent: {message}")
        for monitor in result.monitor_results:
            if monitor.status == MONITOR.STATUS.ERROR:
                logger.error("%s: %s", path, monitor.error)
                runs.degrade(stats, f"a monitor of {path} broke off ({_last(monitor.error)})")
        done = [*result.monitors_finished_action_results, *result.monitors_passed_action_results]
        for action in (*done, *result.monitors_failed_action_results):
            if action.error:
                name = getattr(action.action, "channel", action.action.name)
                logger.error("%s: %s", name, action.error)
                runs.degrade(stats, f"an alert could not be sent: {name}: {_last(action.error)}")
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
