"""One line of the doctor's report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

Level = Literal["ok", "warn", "fail"]
SHOWN = 3
"""How many names a line gives before it only counts."""


@dataclass(frozen=True, slots=True)
class Finding:
    """level: `fail` is what would fail a crawl, has failed one, or is damage to the archive;
    `warn` is what a person should know. message: what was found, and what to do."""

    level: Level
    subject: str
    message: str

    def __str__(self) -> str:
        # A file's name may hold what moves a terminal's cursor.
        text = "".join(char if char.isprintable() else repr(char)[1:-1] for char in self.message)
        return f"{self.level:4}  {self.subject}: {text}"


def ok(subject: str, message: str) -> Finding:
    return Finding("ok", subject, message)


def warn(subject: str, message: str) -> Finding:
    return Finding("warn", subject, message)


def fail(subject: str, message: str) -> Finding:
    return Finding("fail", subject, message)


def some(names: Sequence[str]) -> str:
    """The first names, and how many more there are: `a, b, c and 7 more`."""
    shown = ", ".join(names[:SHOWN])
    return shown if len(names) <= SHOWN else f"{shown} and {len(names) - SHOWN} more"


def size(count: float) -> str:
    """Bytes for people: `12 MB`."""
    for unit in ("bytes", "KB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
