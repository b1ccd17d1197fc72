"""Spider arguments (`-a name=value`), checked before anything is asked. Wrong ones: UsageError."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection


@dataclass(frozen=True, slots=True)
class Days:
    """A span of Singapore days, inclusive; None: open."""

    since: date | None = None
    until: date | None = None

    def hold(self, day: date) -> bool:
        return not (self.since and day < self.since) and not (self.until and day > self.until)

    def may_hold(self, day: date) -> bool:
        """Whether a story whose URL says `day` can have been published in the span.

        The URL's date is the day of creation; it is at most one day off.
        """
        early = self.since and (self.since - day).days > 1
        late = self.until and (day - self.until).days > 1
        return not early and not late


def refuse_unknown(arguments: dict[str, str], known: Collection[str]) -> None:
    """UsageError for an argument that the spider does not take."""
    for name in arguments:
        if name not in known:
            raise UsageError(f"-a {name}=…: no such argument; there are {', '.join(known)}")


def days(since: str | None, until: str | None) -> Days:
    span = Days(_day("since", since), _day("until", until))
    if span.since and span.until and span.since > span.until:
        raise UsageError(f"-a since={since} lies after -a until={until}")
    return span


def _day(name: str, value: str | None) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise UsageError(f"-a {name}={value}: it takes a day like 2026-11-01") from None


def months(value: str | None, today: date, said: str = "-a months=") -> list[str]:
    """The months of `2021-08..2021-09`, of one month, or of several with commas; oldest first.

    Each is given as `202108`, as the sitemaps are named. said: what stands
    before the value in the user's command.
    """
    found: set[str] = set()
    for part in (value or "").split(","):
        first, mark, last = part.strip().partition("..")
        start, end = (_month(text, f"{said}{part}") for text in (first, last if mark else first))
        if start > end:
            raise UsageError(f"{said}{part}: {first} lies after {last}")
        found |= {f"{n // 12}{n % 12 + 1:02d}" for n in range(start, end + 1)}
    if ahead := [month for month in found if month > f"{today:%Y%m}"]:
        first = min(ahead)
        raise UsageError(f"{said}{value}: {first[:4]}-{first[4:]} lies in the future")
    return sorted(found)


def _month(text: str, said: str) -> int:
    """Months since the year 0."""
    match = re.fullmatch(r"(20\d{2})-(0[1-9]|1[0-2])", text.strip(), re.A)
    if not match:
        raise UsageError(f"{said}: it takes a month like 2021-08, or 2021-08..2021-09")
    return int(match[1]) * 12 + int(match[2]) - 1


def count(name: str, value: str | None) -> int | None:
    """A whole number above 0, or None when it is not given."""
    if value is None:
        return None
    if not (value.isascii() and value.isdigit() and 0 < int(value) < 10**9):
        raise UsageError(f"-a {name}={value}: it takes a whole number above 0")
    return int(value)
