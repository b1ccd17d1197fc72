"""Days of ordinary running, simulated: the reports that a scheduler's runs would have left.

    python -m tools.simulated --days 60 --seeds 20

The paper prints little at night, half as much at weekends, and almost nothing in
a holiday week; once it cannot be reached for five hours, once the scheduler
stands still for nine. Every drift that is found is a false alarm.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from zaobao import verdict
from zaobao.monitoring import history
from zaobao.monitoring.findings import Finding
from zaobao.monitoring.history import History
from zaobao.monitoring.monitors import MONITORS
from zaobao.text import counted
from zaobao.times import SINGAPORE

KEPT = 200
"""Reports that an archive keeps."""
BEGIN = datetime(2026, 9, 1, tzinfo=SINGAPORE)
CARDS = "sg_cards/.card-listing .card .content-header a"


def findings(now: dict[str, Any], earlier: list[dict[str, Any]]) -> list[Finding]:
    """What all monitors find in a run."""
    past = History(now, earlier)
    return [found for monitor in MONITORS for found in monitor.find(past)]


class Stats:
    """As much of a stats collector as is needed."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def set_value(self, name: str, value: Any) -> None:
        self.values[name] = value

    def get_value(self, name: str, default: Any = None) -> Any:
        return self.values.get(name, default)

    def inc_value(self, name: str, count: int = 1) -> None:
        self.values[name] = self.values.get(name, 0) + count


@dataclass
class Site:
    """A paper whose stories come at random, and what is known of them.

    last: when the newest story came. reports: as they lie in `runs/`.
    """

    rng: random.Random
    every: timedelta = timedelta(hours=1)
    days: int = 60
    last: datetime = BEGIN
    reports: list[dict[str, Any]] = field(default_factory=list)

    @property
    def state(self) -> Site:
        """It is its own store and state."""
        return self

    def newest(self, _section: str) -> datetime:
        return self.last

    def is_down(self, at: datetime) -> bool:
        return BEGIN + timedelta(days=33, hours=10) <= at < BEGIN + timedelta(days=33, hours=15)

    def is_off(self, at: datetime) -> bool:
        """The scheduler stands still."""
        return BEGIN + timedelta(days=47, hours=1) <= at < BEGIN + timedelta(days=47, hours=10)

    def rate(self, at: datetime) -> float:
        local = at.astimezone(SINGAPORE)
        rate = 2.5 if 8 <= local.hour < 23 else 0.15
        if local.weekday() >= 5:
            rate *= 0.5
        day = (at - BEGIN).days
        return rate * (0.2 if 24 <= day < 31 else 1)

    def moments(self, since: datetime, until: datetime) -> list[datetime]:
        """When stories came between two moments."""
        found, at = [], since
        while at < until:
            if self.rng.random() < self.rate(at) / 12:
                found.append(at)
            at += timedelta(minutes=5)
        return found

    def run(self) -> Iterator[tuple[datetime, list[Finding]]]:
        """Each run's start and what drifted in it."""
        at, last = BEGIN, BEGIN - timedelta(hours=6)
        while at < BEGIN + timedelta(days=self.days):
            if not self.is_off(at):
                come = [] if self.is_down(at) else self.moments(last, at)
                last = last if self.is_down(at) else at
                yield at, self.one(at, come)
            at += self.every + timedelta(minutes=self.rng.randint(0, 6))

    def one(self, at: datetime, come: list[datetime]) -> list[Finding]:
        stats = self.stats(at, come)
        earlier = self.reports[-KEPT:]
        history.watch(stats, self, ["china"], earlier)  # type: ignore[arg-type]
        figures = verdict.figures(stats.values)
        drifts = findings(figures, earlier)
        finished = at + timedelta(minutes=2)
        report = {**figures, "started": at, "finished": finished}
        self.reports.append(json.loads(json.dumps(report, default=str)))
        return drifts

    def stats(self, at: datetime, come: list[datetime]) -> Stats:
        stats = Stats()
        stats.set_value("start_time", at.astimezone(UTC))
        stats.set_value("zaobao/spider", "realtime")
        stats.set_value("zaobao/sections", "china")
        if self.is_down(at):
            return stats
        stats.set_value("zaobao/first_page/china", 24 - self.rng.choice((0, 0, 0, 1, 2)))
        stats.set_value("zaobao/list_path/china", "/news/china")
        stats.set_value(f"zaobao/list/{CARDS}", 1)
        for moment in come:
            self.last = moment.astimezone(UTC)
            self.story(stats)
        return stats

    def story(self, stats: Stats) -> None:
        """One written story's figures: most are alike, some are not."""
        chance, start = self.rng.random, "zaobao/rung/sg_cards"
        stats.inc_value("zaobao/stories/new")
        stats.inc_value("zaobao/layout/sg_cards")
        stats.inc_value(f"{start}/title/{'ld+json' if chance() < 0.99 else 'h1'}")
        stats.inc_value(f"{start}/published/{'ld+json' if chance() < 0.98 else 'visible'}")
        stats.inc_value(f"{start}/body/{'article .articleBody' if chance() < 0.99 else 'body_cn'}")
        stats.inc_value(f"{start}/tags/{'meta' if chance() < 0.9 else 'none'}")
        is_pictured = chance() < 0.7
        stats.inc_value(f"{start}/lead/{'ld+json' if is_pictured else 'none'}")
        if is_pictured:
            stats.inc_value("zaobao/pictured/sg_cards")
        stats.inc_value(f"zaobao/access/sg_cards/{'free' if chance() < 0.93 else 'paywalled'}")
        for rule, share in (("google-ad", 0.95), ("recommend", 0.4), ("reading", 0.1)):
            if chance() < share:
                stats.inc_value(f"zaobao/removing/sg_cards/{rule}")
        lengths = stats.get_value("zaobao/lengths/sg_cards") or []
        length = max(30, int(self.rng.lognormvariate(6.3, 0.6)))
        stats.set_value("zaobao/lengths/sg_cards", [*lengths, length])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.simulated")
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--minutes", type=int, default=60, help="between two runs")
    given = parser.parse_args()
    counts: Counter[int] = Counter()
    for seed in range(given.seeds):
        every = timedelta(minutes=given.minutes)
        site = Site(random.Random(seed), every, given.days)
        told = [(at, drifts) for at, drifts in site.run() if drifts]
        counts[len(told)] += 1
        for at, drifts in told:
            print(
                f"seed {seed}, day {(at - BEGIN).days}:", *(d.sentence for d in drifts), sep="\n  "
            )
    for told_runs, seeds in sorted(counts.items()):
        print(
            f"{counted(told_runs, 'false alarm')} in {counted(given.days, 'day')}: "
            f"{seeds} of {counted(given.seeds, 'seed')}"
        )


if __name__ == "__main__":
    main()
