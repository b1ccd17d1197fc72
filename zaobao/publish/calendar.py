"""The calendar: each day of each year by its stories, and where audits found some missing."""

from __future__ import annotations

import json
from calendar import monthrange
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from zaobao.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

LEVELS = 4
"""Shades of a day with stories."""

Kind = Literal["out", "unknown", "none", "dark", "gaps", "whole"]
"""Of a day. out: before the first story, or after the last one. unknown: no story is held, and no
audit says whether there was one. none: an audit found none listed. dark: some were listed, and none
is held. gaps: some are missing. whole: stories, of which none is known to be missing."""

_MARKS: dict[Kind, str] = {"out": " ", "unknown": "?", "none": ".", "dark": "x"}
_SHADES = "░▒▓█"
_GAPS = "-"
_WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True, slots=True)
class Day:
    """count: stories held. missing: how many listed ones are not. level: its shade, 0 for none."""

    day: date
    count: int
    missing: int
    kind: Kind
    level: int


@dataclass(slots=True)
class Calendar:
    """Whole years of days, the newest year first; empty where there is no story."""

    years: dict[int, list[Day]] = field(default_factory=dict)

    @classmethod
    def of(cls, counts: Mapping[date, int], audits: Mapping[date, tuple[int, int]]) -> Calendar:
        """counts: stories held by day. audits: listed and missing ones by day, for audited days."""
        held = {day: count for day, count in counts.items() if count}
        found = cls()
        if not held:
            return found
        first, last = min(held), max(held)
        # The busiest days would make all others pale; where most days have one story, a single
        # one is not many.
        full = max(LEVELS, sorted(held.values())[len(held) * 9 // 10])
        for year in range(last.year, first.year - 1, -1):
            found.years[year] = [
                _day(day, held.get(day, 0), audits.get(day), full, first <= day <= last)
                for day in _days(year)
            ]
        return found

    def as_data(self) -> list[dict[str, Any]]:
        """For the site's page: years with their months with their days."""
        return [
            {
                "name": str(year),
                "count": sum(day.count for day in days),
                "months": [
                    _month(f"{year}-{month:02}", [day for day in days if day.day.month == month])
                    for month in range(1, 13)
                ],
            }
            for year, days in self.years.items()
        ]

    def as_text(self) -> str:
        """For a terminal: a year is seven lines, a column a week; then what is missing by month."""
        return "\n".join(_drawn(year, days) for year, days in self.years.items())


def _days(year: int) -> Iterable[date]:
    for month in range(1, 13):
        for number in range(1, monthrange(year, month)[1] + 1):
            yield date(year, month, number)


def _day(day: date, count: int, audit: tuple[int, int] | None, full: int, is_inside: bool) -> Day:
    missing = audit[1] if audit else 0
    kind: Kind = "out"
    if count:
        kind = "gaps" if missing else "whole"
    elif missing:
        kind = "dark"
    elif is_inside:
        kind = "unknown" if audit is None else "none"
    level = min(LEVELS, 1 + (count * LEVELS - 1) // full) if count else 0
    return Day(day, count, missing, kind, level)


def _month(name: str, days: list[Day]) -> dict[str, Any]:
    return {
        "name": name,
        "count": sum(day.count for day in days),
        "missing": sum(day.missing for day in days),
        "first": days[0].day.weekday(),
        "days": [
            {
                "name": str(day.day),
                "count": day.count,
                "missing": day.missing,
                "kind": day.kind,
                "level": day.level,
            }
            for day in days
        ],
    }


def _drawn(year: int, days: list[Day]) -> str:
    blanks = days[0].day.weekday()
    cells = [" "] * blanks + [_cell(day) for day in days]
    stories = counted(sum(day.count for day in days), "story")
    rows = [f"{year}  {stories}", "    " + _months(days, blanks)]
    rows += [f"  {name} {''.join(cells[row::7])}" for row, name in enumerate(_WEEKDAYS)]
    for month in range(1, 13):
        inside = [day for day in days if day.day.month == month]
        dark = sum(day.kind == "dark" for day in inside)
        if missing := sum(day.missing for day in inside):
            said = f", {counted(dark, 'day')} without any" if dark else ""
            rows.append(f"  {year}-{month:02}: {missing} missing{said}")
    return "\n".join(row.rstrip() for row in rows) + "\n"


def _cell(day: Day) -> str:
    if day.kind == "gaps":
        return _GAPS
    return _MARKS.get(day.kind) or _SHADES[day.level - 1]


def _months(days: list[Day], blanks: int) -> str:
    """The months' numbers above the weeks in which they begin."""
    line = [" "] * 56
    for place, day in enumerate(days):
        if day.day.day == 1:
            week = (place + blanks) // 7
            line[week : week + len(str(day.day.month))] = str(day.day.month)
    return "".join(line)


LEGEND = (
    "░▒▓█ stories, few to many    - some are missing    x none of those listed is held\n"
    ". none was listed    ? none is held, and no audit has looked\n"
)


def audits(path: Path) -> dict[date, tuple[int, int]]:
    """Listed and missing stories by day, of `_data/audit.json`; every day of an audited month.

    What is no audit, in a file that was edited by hand, is passed over.
    """
    try:
        months = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    found: dict[date, tuple[int, int]] = {}
    for month in months if isinstance(months, list) else ():
        with suppress(KeyError, TypeError, ValueError):
            found = _with_month(found, month)
    return found


def _with_month(
    found: dict[date, tuple[int, int]], month: dict[str, Any]
) -> dict[date, tuple[int, int]]:
    """What was found, and a month's days; around midnight one may be a neighbour's."""
    year, number = map(int, month["month"].split("-"))
    days = range(1, monthrange(year, number)[1] + 1) if month["sitemap"] == "read" else ()
    told = {
        date.fromisoformat(day["day"]): (day["listed"], day["missing"]) for day in month["days"]
    }
    return {date(year, number, day): (0, 0) for day in days} | found | told
