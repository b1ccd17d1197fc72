"""The figures of written stories that a run's report keeps and later runs compare with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zaobao import plausibility, text, verdict

if TYPE_CHECKING:
    from scrapy.statscollectors import StatsCollector

    from zaobao.items import Article, Extraction

FIELDS = ("title", "published", "body", "tags", "lead")
"""Whose sources are compared; `none` is one, too."""
LENGTHS_KEPT = 300
"""Text lengths of one layout in one report."""

_ODD = {
    "time_off_day": "the time of publication lies more than two days from the address's day and "
    "was set aside",
    "order_served": "a place in data-s does not decode and the order stays as it was served",
}


def count(stats: StatsCollector, extraction: Extraction) -> None:
    """Add a written story to the run's figures; what is odd about it degrades the run."""
    item = extraction.article
    stats.inc_value(f"zaobao/layout/{item.layout}")
    stats.inc_value(f"zaobao/access/{item.layout}/{item.access}")
    if item.access == "paywalled":
        stats.inc_value("zaobao/paywalled")
    _count_sources(stats, item, extraction.sources)
    _count_extent(stats, item)
    if plausibility.begins(item.text, extraction.description):
        stats.inc_value(f"zaobao/begun/{item.layout}")
    for oddity in extraction.oddities:
        stats.inc_value(f"zaobao/doubt/{oddity}")
        if stats.get_value(f"zaobao/doubt/{oddity}") == 1:
            verdict.degrade(stats, f"{_ODD[oddity]}, in {item.id} first")


def count_unchanged(stats: StatsCollector, extraction: Extraction) -> None:
    """Count a story that a re-check found as it was; its times are evidence, too."""
    layout = extraction.article.layout
    stats.inc_value(f"zaobao/same/{layout}")
    if extraction.sources.get("zone") == "lost":
        stats.inc_value(f"zaobao/same/{layout}/lost")


def _count_sources(stats: StatsCollector, item: Article, sources: dict[str, str]) -> None:
    for name in FIELDS:
        stats.inc_value(f"zaobao/rung/{item.layout}/{name}/{sources.get(name, 'none')}")
    for name in sources.keys() - FIELDS:
        stats.inc_value(f"zaobao/rung/{item.layout}/{name}/{sources[name]}")
    for rule in {removed.rule for removed in item.removed}:
        stats.inc_value(f"zaobao/removing/{item.layout}/{rule}")


def _count_extent(stats: StatsCollector, item: Article) -> None:
    if item.images:
        stats.inc_value(f"zaobao/pictured/{item.layout}")
    count_length(stats, item.layout, text.count(item.text))


def count_length(stats: StatsCollector, layout: str, size: int) -> None:
    """Add the length of a text that a layout read; white space not counted."""
    name = f"zaobao/lengths/{layout}"
    lengths = stats.get_value(name) or []
    if len(lengths) < LENGTHS_KEPT:
        stats.set_value(name, [*lengths, size])
