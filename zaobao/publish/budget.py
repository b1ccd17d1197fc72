"""How large the site is, how long it takes, and when that is more than GitHub Pages allows."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from zaobao.archive import disk

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NAME = ".site.json"
"""Where the last build of the site is noted, in the output folder."""
MOST_BYTES, MOST_SECONDS = 1_000_000_000, 600
"""What GitHub Pages takes: a site of 1 GB, ten minutes of work."""
RATE_MONTHS = 12
"""Whole months, the newest ones, by which the rate of stories is judged."""
FAR = 100
"""Years beyond which nobody plans."""
_MONTH = 365.25 / 12


@dataclass(frozen=True, slots=True)
class Budget:
    """Of the site as it was built last.

    seconds: of work for all parts together, each as measured when it was built. stories: by
    month, like `2026-11`.
    """

    posts: int
    bytes: int
    seconds: float
    stories: Mapping[str, int]

    @classmethod
    def read(cls, output: Path) -> Budget | None:
        """None where no site was built by `scrapy site`, or the note cannot be read."""
        try:
            return cls(**json.loads((output / NAME).read_bytes()))
        except (OSError, ValueError, TypeError):
            return None

    def write(self, output: Path) -> None:
        """Note it. ArchiveError: the folder cannot be written."""
        with disk.guard(output / NAME, "Writing"):
            new = output / f"{NAME}.new"
            new.write_text(json.dumps(asdict(self)), "ascii")
            new.replace(output / NAME)

    @property
    def rate(self) -> float | None:
        """Stories a month, by the newest whole months; None where there is no whole one."""
        # The first month may have begun before the archive, and the last one goes on.
        whole = sorted(self.stories)[1:-1][-RATE_MONTHS:]
        return sum(self.stories[month] for month in whole) / len(whole) if whole else None

    def reached(self, today: date) -> dict[str, date | None]:
        """When the bytes and the seconds reach the limits; None where that is not known or far."""
        return {
            "bytes": self._reached(self.bytes, MOST_BYTES, today),
            "seconds": self._reached(self.seconds, MOST_SECONDS, today),
        }

    def _reached(self, now: float, most: int, today: date) -> date | None:
        if now >= most:
            return today
        if not (self.rate and self.posts and now):
            return None
        months = (most - now) / (now / self.posts) / self.rate
        return today + timedelta(days=months * _MONTH) if months < FAR * 12 else None

    def as_report(self, today: date) -> dict[str, Any]:
        """For a run's report."""
        reached = {key: day and f"{day:%Y-%m}" for key, day in self.reached(today).items()}
        return {
            "posts": self.posts,
            "bytes": self.bytes,
            "seconds": self.seconds,
            "stories_a_month": self.rate and round(self.rate),
            "bytes_reach_1_gb": reached["bytes"],
            "seconds_reach_600": reached["seconds"],
        }
