"""Spider arguments (`-a name=value`), checked before anything is asked. Wrong ones: UsageError."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from scrapy.exceptions import UsageError


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


def refuse_unknown(arguments: dict[str, str], known: tuple[str, ...]) -> None:
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


def count(name: str, value: str | None) -> int | None:
    """A whole number above 0, or None when it is not given."""
    if value is None:
        return None
    if not (value.isascii() and value.isdigit() and 0 < int(value) < 10**9):
        raise UsageError(f"-a {name}={value}: it takes a whole number above 0")
    return int(value)
