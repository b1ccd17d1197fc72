"""The reports of earlier runs, and the figures of this one that need them."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from zaobao.archive.disk import guard
from zaobao.monitoring.silence import WEEK, quiet_floor

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from scrapy.statscollectors import StatsCollector

    from zaobao.archive.store import Store
    from zaobao.monitoring.odds import Report

logger = logging.getLogger(__name__)

_SAME = timedelta(minutes=1)
"""Silence is kept in hundredths of an hour."""


def reports(output: Path) -> list[Report]:
    """The reports in `runs/`, oldest first.

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
        if isinstance(report, dict) and "started" in report:
            found.append(report)
    return found


def ended(found: Sequence[Report]) -> datetime | None:
    """When the last of the reported runs ended; None: there is none."""
    return max((_moment(one["finished"]) for one in found), default=None)


def watch(stats: StatsCollector, store: Store, sections: list[str], earlier: list[Report]) -> None:
    """Note how long nothing was new in each section, and how long no run was made.

    `longest_quiet` and `watched_since` are handed on from report to report, since
    the reports that are kept may be of one day.
    """
    started: datetime = stats.get_value("start_time") or datetime.now(UTC)
    if earlier:
        dark = started - datetime.fromisoformat(earlier[-1]["finished"])
        stats.set_value("zaobao/dark_hours", _hours(dark))
    for section in sections:
        newest = store.state.newest(section)
        if newest is None:
            continue
        stats.set_value(f"zaobao/quiet_hours/{section}", _hours(started - newest))
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
    hours: float = last["quiet_hours"][section]
    longest: float | None = last.get("longest_quiet", {}).get(section)
    if longest is None:
        return hours
    has_ended = newest > _moment(last["started"]) - timedelta(hours=hours) + _SAME
    watched = _moment(last["started"]) - _moment(last["watched_since"][section])
    is_usual = watched < WEEK or hours <= quiet_floor(longest)
    return max(hours, longest) if has_ended and is_usual else longest


def _moment(value: Any) -> datetime:
    return datetime.fromisoformat(str(value))


def _hours(span: timedelta) -> float:
    return round(max(span.total_seconds(), 0) / 3600, 2)
