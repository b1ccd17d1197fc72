"""The figures of written stories that the run's report keeps and later runs compare with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zaobao import plausibility, runs, signals, text
from zaobao.archive.repeats import Blocks

if TYPE_CHECKING:
    from pathlib import Path

    from scrapy.crawler import Crawler
    from scrapy.statscollectors import StatsCollector

    from zaobao.items import Extraction

FIELDS = ("title", "published", "body", "tags", "lead")
"""Whose rungs are compared; `none` is a rung, too."""
LENGTHS_KEPT = 300
"""Text lengths of one layout in one report."""

_DOUBTS = {
    "time_off_day": "the time of publication lies more than two days from the address's day and "
    "was set aside",
    "order_served": "a place in data-s does not decode and the order stays as it was served",
}


class Tally:
    """Counts the stories of a run as they are written, or found as they were."""

    def __init__(self, crawler: Crawler) -> None:
        self.stats = crawler.stats
        self.unprinted: set[str] = set()
        """Ids of written stories whose time is a script's and not the printed one."""
        self.beginless: set[str] = set()
        """Ids of those in front of whose text the page prints the start of its description."""
        self.described: set[str] = set()
        """Ids of those whose text is the page's description."""
        self.unchanged: dict[str, set[str]] = {}
        """By layout, the numbers of the suspect stories that a re-check found the same."""
        self._blocks = Blocks()
        crawler.signals.connect(self.written, signals.story_written)
        crawler.signals.connect(self.same, signals.story_unchanged)

    def written(self, extraction: Extraction) -> None:
        """Add a written story to the figures; a doubt of its reading degrades the run."""
        item = extraction.article
        self._count(f"layout/{item.layout}")
        self._count(f"access/{item.layout}/{item.access}")
        if item.access == "paywalled":
            self._count("paywalled")
        for name in FIELDS:
            self._count(f"rung/{item.layout}/{name}/{extraction.rungs.get(name, 'none')}")
        for name in extraction.rungs.keys() - FIELDS:
            self._count(f"rung/{item.layout}/{name}/{extraction.rungs[name]}")
        for rule in {removed.rule for removed in item.removed}:
            self._count(f"removing/{item.layout}/{rule}")
        if item.images:
            self._count(f"pictured/{item.layout}")
        count_length(self.stats, item.layout, text.count(item.text))
        for doubt in extraction.doubts:
            self._count(f"doubt/{doubt}")
            if self.stats.get_value(f"zaobao/doubt/{doubt}") == 1:
                runs.degrade(self.stats, f"{_DOUBTS[doubt]}, in {item.id} first")
        self._compare(extraction)

    def _compare(self, extraction: Extraction) -> None:
        """Note what is no fault of one story, and is one of many."""
        item = extraction.article
        if extraction.unprinted:
            self.unprinted.add(item.id)
        if extraction.begins_outside:
            self.beginless.add(item.id)
        if plausibility.is_described(item.text, extraction.description):
            self.described.add(item.id)
        if plausibility.begins(item.text, extraction.description):
            self._count(f"begun/{item.layout}")
        self._blocks.add(item.text)

    def same(self, extraction: Extraction, is_suspect: bool) -> None:
        """Count a story that a re-check found as it was; its times are evidence, too."""
        layout, number = extraction.article.layout, extraction.article.id.partition("-")[2]
        self._count(f"same/{layout}")
        if extraction.rungs.get("zone") == "lost":
            self._count(f"same/{layout}/lost")
        if is_suspect:
            self.unchanged.setdefault(layout, set()).add(number)

    def close(self, folder: Path, start: int) -> None:
        """Set the stats that need all stories: the lines that many have in common.

        start: where the lines of this run begin in the folder's articles.jsonl.
        """
        for words, count in self._blocks.common(folder / "articles.jsonl", start).items():
            self.stats.set_value(f"zaobao/repeated/{words}", count)

    def _count(self, name: str) -> None:
        self.stats.inc_value(f"zaobao/{name}")


def count_length(stats: StatsCollector, layout: str, size: int) -> None:
    """Add the length of a text that a layout read; white space not counted."""
    name = f"zaobao/lengths/{layout}"
    lengths = stats.get_value(name) or []
    if len(lengths) < LENGTHS_KEPT:
        stats.set_value(name, [*lengths, size])
