"""How long nothing came: of a list, of the scheduler, and how few stories in a day. Pure."""

from __future__ import annotations

from bisect import bisect
from datetime import datetime, timedelta
from itertools import accumulate
from statistics import median
from typing import TYPE_CHECKING

from zaobao.monitoring.odds import Drift, at_most
from zaobao.times import SINGAPORE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from zaobao.monitoring.odds import Report

PAGES = 3
"""Earlier runs, or first pages of a list, before their figures are usual."""
DAY, WEEK = timedelta(days=1), timedelta(days=7)
"""How long a list must have been watched before silence means anything."""
HOLIDAY = 0.2
"""The part of the usual stories that a holiday gives at least."""
SLOW, SLOW_WEEKEND = 1 / 2, 1 / 3
"""A day with less than this part of the best one's stories is slow; one that ends on Saturday to
Monday has half of them at any time."""
ODDS = 1e-4
"""Fewer stories than a holiday gives with these odds are too few."""


def dark(now: Report, earlier: Sequence[Report]) -> Iterator[Drift]:
    """Whether no run was made for much longer than ever before."""
    if (dark := now.get("dark_hours")) and len(earlier) >= PAGES:
        ends = [_time(one["finished"]) for one in earlier]
        starts = [_time(one["started"]) for one in earlier]
        gaps = [_hours(b - a) for a, b in zip(ends, starts[1:], strict=False)]
        if dark > max(24.0, 4 * max(gaps)):
            yield Drift("quiet", f"no run was made in the {dark:.0f} hours before this one")


def quiet(now: Report, earlier: Sequence[Report]) -> Iterator[Drift]:
    """Nothing new for longer than ever before, on a list that was watched for a week.

    Twice as long is borne where the stories had become few before they ended: in a
    holiday week a whole day without one is ordinary.
    """
    for section, hours in now.get("quiet_hours", {}).items():
        longest = now.get("longest_quiet", {}).get(section)
        if longest is None or _watched(now, section) < WEEK or not earlier:
            continue
        floor = quiet_floor(longest)
        if hours > floor and not (hours <= 2 * floor and _slowed(earlier)):
            yield Drift(
                "quiet",
                f"{section}: nothing new for {hours:.0f} hours, at most {longest:.0f} before; "
                "the list may stand still",
            )


def quiet_floor(longest: float) -> float:
    """Hours of silence that mean something, where `longest` is the longest that ended by itself.

    Twice as long a one: a weekend in a holiday week is as quiet.
    """
    return 2 * longest + 4


def _watched(now: Report, section: str) -> timedelta:
    since = now.get("watched_since", {}).get(section)
    return _time(now["started"]) - _time(since) if since else timedelta(0)


def _slowed(earlier: Sequence[Report]) -> bool:
    """Whether the day that ended with the last new story gave far fewer than usual."""
    days = _days(earlier)
    last = next((n for n, one in enumerate(reversed(earlier)) if one["counts"]["new"]), len(days))
    if last >= len(days) or _span(earlier) < 2 * DAY:
        return False
    day = _time(earlier[-1 - last]["started"]).astimezone(SINGAPORE).weekday()
    return days[-1 - last] < (SLOW_WEEKEND if day in (5, 6, 0) else SLOW) * max(days)


def too_few(now: Report, earlier: Sequence[Report]) -> Iterator[Drift]:
    """New stories of the last 24 hours, so that the hour of the day does not matter."""
    every = (*earlier, now)
    if _span(every) < WEEK or now.get("dark_hours", 0) > 6:
        return
    *before, found = _days(every)
    usual = median(before)
    if at_most(found, HOLIDAY * usual) < ODDS:
        yield Drift("yield", f"{found} new stories in 24 hours, usually {usual:g}")


def _span(every: Sequence[Report]) -> timedelta:
    return _time(every[-1]["started"]) - _time(every[0]["started"])


def _days(every: Sequence[Report]) -> list[int]:
    """New stories of the 24 hours before the end of each run that has as many before it."""
    moments = [_time(one["started"]) for one in every]
    sums = [0, *accumulate(one["counts"]["new"] for one in every)]
    return [
        sums[place + 1] - sums[bisect(moments, end - DAY)]
        for place, end in enumerate(moments)
        if end - moments[0] >= DAY
    ]


def _time(value: object) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))


def _hours(span: timedelta) -> float:
    return span.total_seconds() / 3600
