"""The reports of earlier runs, and the figures of this one that need them."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from zaobao import posts
from zaobao.archive.disk import guard
from zaobao.monitoring.falls import Fall, fall

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from scrapy.statscollectors import StatsCollector

    from zaobao.archive.folder import Archive

logger = logging.getLogger(__name__)

Report = dict[str, Any]
"""The content of a file in `runs/`, or the figures of a run that has none yet."""

WEEK = timedelta(days=7)
"""How long a list must have been watched before silence means anything."""
_MOMENTS = ("started", "finished")
"""What every report has."""
_SAME = timedelta(minutes=1)
"""Silence is kept in hundredths of an hour."""


@dataclass(frozen=True)
class History:
    """The figures of a run (`now`), and the reports of its spider's earlier ones, oldest first."""

    now: Report
    earlier: Sequence[Report]

    @cached_property
    def alike(self) -> list[Report]:
        """The earlier runs that were asked for the same sections and read a list."""
        return [one for one in self.earlier if _asks(one) == _asks(self.now) and one.get("list")]

    @property
    def layouts(self) -> dict[str, int]:
        """How many stories each layout read in this run."""
        found: dict[str, int] = self.now.get("layout", {})
        return found

    @property
    def started(self) -> datetime:
        return moment(self.now["started"])

    def fall(self, layout: str, path: str) -> Fall | None:
        """The fall of a share of a layout's stories, with the runs before that were as low.

        path: where reports count it: `rung:sg_cards/title/h1`.
        """
        group, _, name = path.partition(":")

        def counts(report: Report) -> tuple[int, int]:
            return report.get(group, {}).get(name, 0), report.get("layout", {}).get(layout, 0)

        return fall([counts(one) for one in self.earlier], counts(self.now))


def _asks(report: Report) -> tuple[object, object]:
    return report.get("spider"), report.get("sections")


def reports(output: Path) -> list[Report]:
    """The reports in `runs/`, oldest first; what is none is named in the log and left out.

    ArchiveError when the folder cannot be read.
    """
    found = []
    with guard(output / "runs", "Listing"):
        paths = sorted((output / "runs").glob("*.json"))
    for path in paths:
        try:
            report = json.loads(path.read_bytes())
        except (OSError, ValueError) as error:
            logger.warning("%s cannot be read and is passed over: %s", path, error)
            continue
        if isinstance(report, dict) and all(posts.moment(report.get(at)) for at in _MOMENTS):
            found.append(report)
        else:
            logger.warning("%s is no report of a run and is passed over", path)
    return found


def ended(found: Sequence[Report]) -> datetime | None:
    """When the last of the reported runs ended; None without a report."""
    return max((moment(one["finished"]) for one in found), default=None)


def watch(
    stats: StatsCollector, archive: Archive, sections: list[str], earlier: Sequence[Report]
) -> None:
    """Note how long nothing was new in each section, and how long no run was made.

    `longest_quiet` and `watched_since` are handed on from report to report, since
    the reports that are kept may be of one day.
    """
    started: datetime = stats.get_value("start_time") or datetime.now(UTC)
    if earlier:
        stats.set_value("zaobao/dark_hours", hours(started - moment(earlier[-1]["finished"])))
    for section in sections:
        newest = archive.state.newest(section)
        if newest is None:
            continue
        stats.set_value(f"zaobao/quiet_hours/{section}", hours(started - newest))
        last = next((r for r in reversed(earlier) if section in r.get("quiet_hours", {})), None)
        since = last["watched_since"][section] if last else started.isoformat()
        stats.set_value(f"zaobao/watched_since/{section}", since)
        if last:
            longest = _longest(last, section, newest)
            stats.set_value(f"zaobao/longest_quiet/{section}", longest)


def _longest(last: Report, section: str, newest: datetime) -> float:
    """The longest silence that has ended; one that raised an alarm is not what is usual.

    One that still lasts does not count: it would raise its own floor from run to run.
    """
    quiet: float = last["quiet_hours"][section]
    longest: float | None = last.get("longest_quiet", {}).get(section)
    if longest is None:
        return quiet
    has_ended = newest > moment(last["started"]) - timedelta(hours=quiet) + _SAME
    watched = moment(last["started"]) - moment(last["watched_since"][section])
    is_usual = watched < WEEK or quiet <= quiet_floor(longest)
    return max(quiet, longest) if has_ended and is_usual else longest


def quiet_floor(longest: float) -> float:
    """Hours of silence that mean something, where `longest` is the longest that ended by itself.

    Twice as long a one: a weekend in a holiday week is as quiet.
    """
    return 2 * longest + 4


def moment(value: object) -> datetime:
    """A time of a report, or of a run's own figures, where it is a datetime already."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))


def hours(span: timedelta) -> float:
    """Hundredths of hours; 0 for less than none."""
    return round(max(span.total_seconds(), 0) / 3600, 2)
