"""At a run's end: compare it with earlier ones, and let Spidermon tell somebody."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Self

from scrapy import signals
from scrapy.utils.misc import load_object

from zaobao import runs
from zaobao.archive import store
from zaobao.errors import ArchiveError

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from zaobao.monitoring.odds import Drift
    from zaobao.spiders.base import StorySpider

logger = logging.getLogger(__name__)

OURS = "zaobao.monitoring.monitors.RunSuite"
"""The suite that settings.py names; it has nothing to say of a run that is `ok`."""


class Alarm:
    """Degrades a run whose figures fell, then runs the suites of Spidermon.

    Spidermon's own extension asks for the address of a cloud at every start;
    this one gives the suites the same data, and imports them at the end only.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler, self.store = crawler, store.of(crawler)
        self.start = self.store.archive.length

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        alarm = cls(crawler)
        crawler.signals.connect(alarm.spider_closed, signals.spider_closed)
        return alarm

    def spider_closed(self, spider: StorySpider, reason: str) -> None:
        from zaobao.monitoring.compare import Comparison

        stats = self.crawler.stats
        sections = spider.section_names
        stats.set_value("zaobao/spider", spider.name)
        stats.set_value("zaobao/sections", ",".join(sections))
        stats.set_value("finish_reason", reason)
        drifts: list[Drift] = []
        try:
            run = Comparison(stats, spider, sections, self.start)
            drifts += run.drifts()
            run.review(drifts)
        except ArchiveError as error:
            runs.fail(stats, str(error))
        self._tell(spider, drifts)

    def _tell(self, spider: StorySpider, drifts: list[Drift]) -> None:
        stats = self.crawler.stats
        suites = self.crawler.settings.getlist("SPIDERMON_SPIDER_CLOSE_MONITORS")
        outcome = runs.judge(stats.get_stats(), reads_lists=spider.reads_lists)
        if outcome.verdict == "ok" and suites == [OURS]:
            return  # all would pass, and the import takes a second

        data: dict[str, Any] = {
            "stats": stats.get_stats(),
            "stats_history": [],
            "crawler": self.crawler,
            "spider": spider,
            "sc_spider_name": spider.name,
            "job": None,
            "drifts": drifts,
            "outcome": outcome,
        }
        for path in suites:
            try:
                errors = self._run(path, data)
            except Exception as error:
                logger.exception("%s", path)
                errors = [f"{path}: {error or type(error).__name__}"]
            for message in errors:
                runs.degrade(stats, f"an alert could not be sent: {message}")

    def _run(self, path: str, data: dict[str, Any]) -> list[str]:
        """Run a suite; what went wrong in its actions."""
        from spidermon.runners import MonitorRunner

        suite = load_object(path)(crawler=self.crawler)
        result = MonitorRunner().run(suite, **data)
        done = [*result.monitors_finished_action_results, *result.monitors_passed_action_results]
        done += result.monitors_failed_action_results
        for action in done:
            if action.error:
                logger.error("%s: %s", action.action.name, action.error)
        return getattr(suite, "troubles", []) + [
            f"{action.action.name}: {action.error.strip().splitlines()[-1]}"
            for action in done
            if action.error
        ]
