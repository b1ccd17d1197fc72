"""A run that ends, held against earlier ones: what fell, and which of its stories are in doubt."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from zaobao import runs
from zaobao.exporters import JekyllPostExporter
from zaobao.monitoring import doubts, floors, history, lengths, review, tally

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scrapy.statscollectors import StatsCollector

    from zaobao.extensions import CrawlArchive
    from zaobao.monitoring.doubts import Doubt
    from zaobao.monitoring.odds import Drift, Report
    from zaobao.spiders.base import StorySpider

logger = logging.getLogger(__name__)


class Comparison:
    """One run and the reports before it. Every method may raise ArchiveError."""

    def __init__(
        self,
        stats: StatsCollector,
        spider: StorySpider,
        sections: list[str],
        archive: CrawlArchive,
        counted: tally.Tally,
        every: Sequence[Report],
    ) -> None:
        """counted: the stories of this run. every: the reports of earlier runs, oldest first.

        The stories that a run without a report has written, as it died, are judged with this one.
        """
        self.stats, self.spider, self.archive = stats, spider, archive
        self.tally = counted
        self.earlier = [one for one in every if one.get("spider") == spider.name]
        self.since = history.ended(every)
        history.watch(stats, archive.store, sections, self.earlier)
        for layout, size in review.unreported(archive.store, archive.start, self.since):
            tally.count_length(stats, layout, size)
        self.now = runs.figures(stats.get_stats())

    def drifts(self) -> list[Drift]:
        """What fell; each degrades the run."""
        found = floors.drifts(self.now, self.earlier)
        for drift in found:
            runs.degrade(self.stats, drift.sentence)
        return found

    def review(self, drifts: Sequence[Drift]) -> None:
        """Mark the stories in doubt, and clear those that the run shows to be whole."""
        found = self._doubts(drifts)
        if not found and not self.tally.unchanged:
            return
        exporter = JekyllPostExporter(self.archive.options)
        judged = review.Review(self.archive.store, exporter, self.archive.start)
        for doubt in found:
            if doubt.below:
                self.stats.set_value(f"zaobao/doubted/{doubt.layout}", 0)
        marked = judged.mark(found, self.since or self.now["started"]) if found else {}
        for doubt, ids in marked.items():
            if doubt.below:
                self.stats.inc_value(f"zaobao/doubted/{doubt.layout}", len(ids))
            said = f"{len(ids)} {'story' if len(ids) == 1 else 'stories'}, {ids[0]} first"
            runs.degrade(self.stats, f"in doubt, marked so and due again: {said} ({doubt.why})")
        cleared = judged.clear(self._same(lengths.is_usual), self._same(doubts.is_on_time))
        if cleared:
            logger.info("%d stories are in doubt no more, %s first", len(cleared), cleared[0])

    def _doubts(self, drifts: Sequence[Drift]) -> list[Doubt]:
        refused = self.stats.get_value("zaobao/quarantine/only_description", 0)
        return [
            *doubts.described(self.now, refused, self.tally.described),
            *doubts.beginless(self.now, self.earlier, self.tally.beginless),
            *(drift.doubt for drift in drifts if drift.doubt),
            *doubts.late(self.now, self.earlier, self.tally.unprinted),
        ]

    def _same(self, is_sound: Callable[[Report, Sequence[Report], str], bool]) -> set[str]:
        """Numbers of the stories in doubt that were read again and found the same, where the
        newest runs show their layout to be in order."""
        sound = (n for n in self.tally.unchanged if is_sound(self.now, self.earlier, n))
        return {number for layout in sound for number in self.tally.unchanged[layout]}
