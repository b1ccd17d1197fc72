"""What `-a section=` may be, and which paths a section has had."""

from __future__ import annotations

import re

from scrapy.exceptions import UsageError

NAMED = ("china", "singapore", "world", "finance")
"""The realtime sections that have a name."""

_OLD = {"china": "znews/greater-china", "world": "znews/international"}
"""Paths of 2018, besides those that end in a section's name."""

_PATH = re.compile(r"(?:/?[a-z0-9-]+)+/?")


class Section:
    """One asked section: `china`, or a path like `news/sea`.

    paths: the addresses of its list to try in turn; the second, when the first
    is not there (the site moved its lists from /realtime to /news in 2026).
    """

    def __init__(self, name: str) -> None:
        self.name = name.strip("/")
        self.paths: tuple[str, ...]
        if self.name in NAMED:
            self.paths = (f"/realtime/{self.name}", f"/news/{self.name}")
        else:
            self.paths = (f"/{self.name}",)

    def holds(self, path: str) -> bool:
        """Whether a story's section (`news/china`) is this one, under any path that it has had."""
        if self.name not in NAMED or path == self.name:
            return path == self.name
        group, _, last = path.rpartition("/")
        if group in ("finance", "zfinance"):  # china, world, singapore, before 2024-05 realtime
            return self.name == "finance"
        named = group in ("realtime", "news", "znews") and last == self.name
        return named or path == _OLD.get(self.name)


def or_all(value: str | None, said: str = "-a section=") -> list[Section] | None:
    """As `sections`, and None for `all`."""
    return None if (value or "").strip() == "all" else sections(value, said)


def sections(value: str | None, said: str = "-a section=") -> list[Section]:
    """The sections of a comma list; UsageError names what is neither a name nor a path.

    said: what stands before the value in the user's command.
    """
    value = "china" if value is None else value
    names = [part.strip() for part in value.split(",") if part.strip()]
    for name in names:
        if name not in NAMED and not ("/" in name and _PATH.fullmatch(name)):
            raise UsageError(f"{said}{name}: it takes {', '.join(NAMED)}, or a path like news/sea")
    if not names:
        raise UsageError(f"{said.strip()} is empty")
    return list({name.strip("/"): Section(name) for name in names}.values())
