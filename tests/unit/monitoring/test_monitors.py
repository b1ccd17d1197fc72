"""What a run gave against what such runs used to give: no false alarms, and each real fall named."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from datetime import UTC, timedelta
from typing import Any
from unittest import mock

import pytest

from tests.support.archive import ROOT
from tools.simulated import BEGIN, CARDS, Site, Stats, findings
from zaobao.archive.record import Record
from zaobao.monitoring import monitors
from zaobao.monitoring.falls import fall
from zaobao.monitoring.findings import Finding
from zaobao.spiders.base import StorySpider

NOON = timedelta(days=12, hours=5)


@pytest.mark.parametrize(
    ("seed", "minutes"), [(1, 180), (2, 360), (3, 240), (1, 360), (46, 360), (48, 180)]
)
def test_sixty_ordinary_days_raise_at_most_one_alarm(seed: int, minutes: int) -> None:
    site = Site(random.Random(seed), timedelta(minutes=minutes))
    told = [(at, drifts) for at, drifts in site.run() if drifts]
    assert len(site.reports) > 200
    assert len(told) <= 1, told


@pytest.mark.parametrize(
    ("now", "before", "falls"),
    [
        ((1, 29), (13, 30), False),  # by thirty stories a share is not well known
        ((1, 29), (260, 600), True),
        ((0, 12), (20, 20), True),
        ((0, 12), (12, 20), False),
        ((0, 400), (40, 60), True),
    ],
)
def test_few_earlier_stories_prove_little(
    now: tuple[int, int], before: tuple[int, int], *, falls: bool
) -> None:
    assert (fall([before], now) is not None) is falls


class Changed(Site):
    """From one day on, every run's figures go through `change`."""

    change: Callable[[Stats], None]
    since = BEGIN + NOON

    def stats(self, at: Any, come: list[Any]) -> Stats:
        stats = super().stats(at, come)
        if at >= self.since:
            self.change(stats)
        return stats


def first_told(change: Callable[[Stats], None], seed: int = 5) -> tuple[float, list[Finding]]:
    """Stories that were read between a change and the first alarm, and what that said."""
    site = Changed(random.Random(seed), timedelta(hours=3), days=16)
    site.change = change
    for at, drifts in site.run():
        if drifts:
            assert at >= site.since, drifts
            after = [r for r in site.reports if r["started"] >= str(site.since.astimezone(UTC))]
            return sum(report["counts"]["new"] for report in after), drifts
    raise AssertionError("no alarm at all")


def moved(stats: Stats, start: str, to: str) -> None:
    """All stories' sources of a field become `to`."""
    names = [name for name in stats.values if name.startswith(start)]
    count = sum(stats.values.pop(name) for name in names)
    if count:
        stats.set_value(start + to, count)


SOURCES = "zaobao/rung/sg_cards"
CHANGES: dict[str, tuple[Callable[[Stats], None], str, str, int]] = {
    "ld+json vanished": (
        lambda stats: moved(stats, f"{SOURCES}/published/", "visible"),
        "fallbacks",
        "published by 'ld+json' in 0 of",
        15,
    ),
    "pictures gone": (
        lambda stats: stats.values.pop("zaobao/pictured/sg_cards", None),
        "pictures",
        "a picture in 0 of",
        30,
    ),
    "wall": (
        lambda stats: moved(stats, "zaobao/access/sg_cards/", "paywalled"),
        "access",
        "a paywall may have come",
        15,
    ),
    "rule without match": (
        lambda stats: stats.values.pop("zaobao/removing/sg_cards/google-ad", None),
        "rules",
        "a match of rule 'google-ad' in 0 of",
        15,
    ),
    "texts cut": (
        lambda stats: stats.values.update(
            {n: [40] * len(v) for n, v in stats.values.items() if n.startswith("zaobao/lengths")}
        ),
        "lengths",
        "texts are shorter than",
        15,
    ),
    "another edition": (
        lambda stats: stats.values.update(
            {"zaobao/layout/hk_astro": stats.values.pop("zaobao/layout/sg_cards", 0)}
        ),
        "layouts",
        "hk_astro reads them",
        15,
    ),
    "words in every story": (
        lambda stats: stats.set_value("zaobao/repeated/扫码下载客户端", 12),
        "repeated",
        "12 stories hold the same words, no text of theirs: '扫码下载客户端'",
        9,
    ),
    "half the cards": (
        lambda stats: stats.set_value("zaobao/first_page/china", 9),
        "lists",
        "china: 9 of usually 24 cards on the first list page",
        9,
    ),
    "no cards, links": (
        lambda stats: stats.values.update(
            {"zaobao/first_page_links/china": stats.values.pop("zaobao/first_page/china")}
        ),
        "lists",
        "china: list container gone: 0 of usually 24 cards; generic found 2",
        9,
    ),
    "cards by another selector": (
        lambda stats: stats.values.update(
            {"zaobao/list/sg_cards/.card-listing .card a": stats.values.pop(f"zaobao/list/{CARDS}")}
        ),
        "lists",
        "the list's cards were found by '.card-listing .card a', usually by",
        9,
    ),
    "list moved": (
        lambda stats: stats.set_value("zaobao/list_path/china", "/cn/china"),
        "lists",
        "china: the list at /news/china moved to /cn/china",
        9,
    ),
}
"""Change → what it does to the figures; monitor and words of the alarm; stories until then."""


@pytest.mark.parametrize("name", CHANGES)
def test_a_real_fall_is_named_after_few_stories(name: str) -> None:
    change, kind, words, most = CHANGES[name]
    stories, drifts = first_told(change)
    said = [drift.sentence for drift in drifts if drift.kind == kind]
    assert any(words in sentence for sentence in said), drifts
    assert stories <= most


@pytest.mark.parametrize(
    ("days", "seed", "hours"), [(0, 5, 36), (-2, 5, 36), (2, 5, 36), (4, 5, 36), (1, 6, 54)]
)
def test_a_list_that_stands_still_is_named(days: int, seed: int, hours: int) -> None:
    """The last one after a day that gave little: that looks like a holiday at first."""
    since = BEGIN + NOON + timedelta(days=days)

    class Still(Site):
        def rate(self, at: Any) -> float:
            return 0 if at >= since else super().rate(at)

    site = Still(random.Random(seed), timedelta(hours=3), days=20)
    at, (drift, *_) = next((at, drifts) for at, drifts in site.run() if drifts)
    assert drift.kind == "quiet"
    assert "nothing new for" in drift.sentence
    assert "the list may stand still" in drift.sentence
    assert at - since < timedelta(hours=hours)


def test_a_busy_list_that_gives_a_twentieth_is_named() -> None:
    class Busy(Site):
        def rate(self, at: Any) -> float:
            return super().rate(at) * (0.15 if at >= BEGIN + NOON else 4)

    site = Busy(random.Random(5), timedelta(hours=3), days=16)
    drifts = next(drifts for _, drifts in site.run() if drifts)
    assert {drift.kind for drift in drifts} == {"yield"}
    assert "new stories in 24 hours, usually 1" in drifts[0].sentence


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [("title", "h1", "ld+json"), ("body", ".articleBody", "article .articleBody")],
)
def test_a_better_rung_is_no_fall(name: str, old: str, new: str) -> None:
    class Old(Changed):
        """Read from one source, until a better one has it."""

        def story(self, stats: Stats) -> None:
            super().story(stats)
            moved(stats, f"{SOURCES}/{name}/", old)

    site = Old(random.Random(5), timedelta(hours=3), days=16)
    site.change = lambda stats: moved(stats, f"{SOURCES}/{name}/", new)
    assert [drifts for _, drifts in site.run() if drifts] == []


def test_a_lower_selector_of_the_body_is_a_fall() -> None:
    _, (drift, *_) = first_told(lambda stats: moved(stats, f"{SOURCES}/body/", ".articleBody"))
    assert "body by 'article .articleBody' in 0 of" in drift.sentence


def test_a_dead_scheduler_is_named_with_its_hours() -> None:
    class Dead(Site):
        def is_off(self, at: Any) -> bool:
            return BEGIN + NOON <= at < BEGIN + NOON + timedelta(days=30)

    site = Dead(random.Random(5), timedelta(hours=3), days=45)
    at, drifts = next((at, drifts) for at, drifts in site.run() if drifts)
    (dark,) = (drift for drift in drifts if "no run was made" in drift.sentence)
    assert dark.kind == "quiet"
    hours = int(dark.sentence.split("in the ")[1].split()[0])
    assert 719 <= hours <= 724
    assert at >= BEGIN + NOON + timedelta(days=30)
    assert "yield" not in {drift.kind for drift in drifts}


def test_the_first_runs_have_nothing_to_compare_with() -> None:
    site = Site(random.Random(1), timedelta(hours=3), days=1)
    assert [drifts for _, drifts in site.run() if drifts] == []
    assert findings({"first_page": {}, "started": BEGIN, "counts": {"new": 0}}, []) == []


@pytest.mark.parametrize(
    ("read", "unread", "sections", "told"),
    [
        (26, {"soft_404": 13}, "china", ["13 of 39 listed stories could not be read: soft_404"]),
        (26, {"soft_404": 13}, "", []),  # asked for by hand, or of years ago
        (26, {"soft_404": 6}, "china", []),
        (4, {"soft_404": 4}, "china", []),  # of so few it may be chance
        (4, {"soft_404": 5}, "china", ["5 of 9 listed stories could not be read: soft_404"]),
        (26, {"http_503": 13}, "china", []),
        (26, {"TimeoutError": 13}, "china", []),
    ],
)
def test_listed_stories_that_answer_with_no_page(
    read: int, unread: dict[str, int], sections: str, told: list[str]
) -> None:
    counts = {"new": read, "quarantined": 0}
    now = {"first_page": {}, "started": BEGIN, "counts": counts, "layout": {"sg_cards": read}}
    found = findings({**now, "sections": sections, "unread": unread}, [])
    assert [drift.sentence for drift in found] == told


def test_only_the_first_answer_of_a_story_counts_as_unread() -> None:
    for attempts, counted in (
        (0, ["failed/soft_404", "unread/soft_404"]),
        (1, ["failed/soft_404"]),
    ):
        spider = mock.MagicMock()
        known = Record("1", "20260901-1", "https://www.zaobao.com/x", attempts=attempts)
        StorySpider.note_failure(spider, known, "soft_404", "no page")
        assert [one.args[0] for one in spider.count.call_args_list] == counted


def test_each_monitor_has_its_line_in_the_document() -> None:
    """And none is defined that no run asks."""
    table = (ROOT / "docs" / "alerts.md").read_text("utf-8")
    defined = {
        name
        for name, one in vars(monitors).items()
        if isinstance(one, type) and issubclass(one, monitors.RunMonitor) and hasattr(one, "kind")
    }
    asked = [one.__name__ for one in monitors.MONITORS]
    assert sorted(asked) == sorted(defined)
    told = re.findall(r"^\| `(\w+)` \|", table, re.M)
    assert sorted(told) == sorted([*asked, "VerdictMonitor"])
    assert len({one.kind for one in monitors.MONITORS}) == len(asked)
    assert all(one.advice.endswith((".", "?")) for one in monitors.MONITORS)
