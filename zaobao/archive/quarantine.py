"""`quarantine/`: pages that gave no story, each with the reason and what was tried beside it."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from zaobao import reader
from zaobao.archive import disk

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from zaobao.archive.record import Record
    from zaobao.page import Page

MOST_BYTES = 100 * 1024 * 1024
"""Of kept pages; then the oldest go. At 100 KB a page it is a week of every section."""


class Quarantine:
    """The kept pages of an output folder, by the ids of their stories. Bounded in size.

    Methods may raise ArchiveError, and ValueError for a name that is no id.
    """

    def __init__(self, folder: Path, temporary: Path, most: int = MOST_BYTES) -> None:
        """folder: `quarantine/`, which is there. temporary: as in `disk.replace`."""
        self._folder, self._temporary = folder, temporary
        self._most = most
        self._kept: dict[str, int] | None = None

    def keep(
        self, record: Record, page: Page, crawled: datetime, error: Exception, **details: Any
    ) -> int:
        """Keep a story's page with the error's `reason` and what each layout's probe says of it.

        How many older pages had to go; their notes stay and say so.
        """
        notes = {
            "message": str(error),
            "crawled": crawled.isoformat(timespec="milliseconds"),
            "list_time": record.list_time.isoformat() if record.list_time else None,
            "layouts": reader.said(page),
            **details,
        }
        reason = getattr(error, "reason", "unreadable")
        self.put(record.id, page.source, reason, page.url, notes)
        if self._kept is None:
            self._kept = self.sizes()
        self._kept.pop(record.id, None)
        self._kept[record.id] = len(page.source)
        return self._bound(self._kept)

    def _bound(self, kept: dict[str, int]) -> int:
        dropped, total = 0, sum(kept.values())
        for name in list(kept)[:-1]:
            if total <= self._most:
                break
            total -= kept.pop(name)
            self._drop(name)
            dropped += 1
        return dropped

    def put(
        self, name: str, page: bytes, reason: str, url: str, details: Mapping[str, Any]
    ) -> None:
        """Put a page there, `<name>.html`, and beside it `<name>.json`.

        The JSON has `reason`, `url`, `time` (UTC) and the details.
        """
        notes = {"reason": reason, "url": url, "time": datetime.now(UTC).isoformat(), **details}
        disk.replace(self._folder, f"{disk.check_id(name)}.html", page, self._temporary)
        self._write_notes(name, notes)

    def get(self, name: str) -> tuple[bytes, dict[str, Any]] | None:
        """The kept page and its notes; None unless both are there."""
        page = disk.read(self._folder / f"{disk.check_id(name)}.html")
        notes = disk.read(self._folder / f"{name}.json")
        if page is None or notes is None:
            return None
        try:
            return page, dict(json.loads(notes))
        except (ValueError, TypeError):
            return None

    def release(self, name: str) -> None:
        """Remove a page; nothing happens when it is not there."""
        for ending in (".html", ".json"):
            path = self._folder / f"{disk.check_id(name)}{ending}"
            with disk.guard(path, "Removing"):
                path.unlink(missing_ok=True)

    def sizes(self) -> dict[str, int]:
        """The bytes of each kept page by name, in the order in which they were kept."""
        with disk.guard(self._folder, "Listing"), os.scandir(self._folder) as entries:
            kept = [
                (entry.stat().st_mtime_ns, entry.name[:-5], entry.stat().st_size)
                for entry in entries
                if entry.name.endswith(".html") and disk.is_id(entry.name[:-5])
            ]
        return {name: size for _, name, size in sorted(kept)}

    def _drop(self, name: str) -> None:
        """Remove a page's bytes; its notes stay and say so."""
        kept = self.get(name)
        path = self._folder / f"{name}.html"
        with disk.guard(path, "Removing"):
            path.unlink(missing_ok=True)
        if kept is not None:
            self._write_notes(name, {**kept[1], "page": "dropped, to make room for newer ones"})

    def _write_notes(self, name: str, notes: Mapping[str, Any]) -> None:
        text = json.dumps(notes, ensure_ascii=False, indent=1, default=str) + "\n"
        # A lone surrogate in a detail becomes its JSON escape.
        data = text.encode("utf-8", "backslashreplace")
        disk.replace(self._folder, f"{name}.json", data, self._temporary)
