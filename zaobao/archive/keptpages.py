"""`quarantine/`: pages that could not be read, each with the reason beside it."""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from zaobao.archive import disk

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,99}")


class KeptPages:
    """The part of the output folder for such pages. Methods may raise ArchiveError."""

    folder: Path
    _temporary: Path

    def quarantine(
        self, name: str, page: bytes, reason: str, url: str, details: Mapping[str, Any]
    ) -> None:
        """Keep a page that could not be read: `quarantine/<name>.html` and, beside it, `.json`.

        name: a story's id, or for a list page any plain name. The JSON has
        `reason`, `url`, `time` (UTC) and the details.
        """
        folder = self.folder / "quarantine"
        notes = {"reason": reason, "url": url, "time": datetime.now(UTC).isoformat(), **details}
        text = json.dumps(notes, ensure_ascii=False, indent=1, default=str) + "\n"
        disk.replace(folder, f"{checked(name)}.html", page, self._temporary)
        # A lone surrogate in a detail becomes its JSON escape.
        data = text.encode("utf-8", "backslashreplace")
        disk.replace(folder, f"{name}.json", data, self._temporary)

    def quarantined(self, name: str) -> tuple[bytes, dict[str, Any]] | None:
        """The kept page and its notes; None unless both are there."""
        folder = self.folder / "quarantine"
        page = disk.read(folder / f"{checked(name)}.html")
        notes = disk.read(folder / f"{name}.json")
        if page is None or notes is None:
            return None
        try:
            return page, dict(json.loads(notes))
        except (ValueError, TypeError):
            return None

    def release(self, name: str) -> None:
        """Remove a page from quarantine; nothing happens when it is not there."""
        for ending in (".html", ".json"):
            path = self.folder / "quarantine" / f"{checked(name)}{ending}"
            with disk.guard(path, "Removing"):
                path.unlink(missing_ok=True)

    def quarantine_sizes(self) -> dict[str, int]:
        """The bytes of each kept page by name, in the order in which they were kept."""
        folder = self.folder / "quarantine"
        with disk.guard(folder, "Listing"), os.scandir(folder) as entries:
            kept = [
                (entry.stat().st_mtime_ns, entry.name[:-5], entry.stat().st_size)
                for entry in entries
                if entry.name.endswith(".html") and _ID.fullmatch(entry.name[:-5])
            ]
        return {name: size for _, name, size in sorted(kept)}

    def drop_quarantined(self, name: str) -> None:
        """Remove a page's bytes from quarantine; its notes stay and say so."""
        kept = self.quarantined(name)
        path = self.folder / "quarantine" / f"{checked(name)}.html"
        with disk.guard(path, "Removing"):
            path.unlink(missing_ok=True)
        if kept is not None:
            notes = {**kept[1], "page": "dropped, to make room for newer ones"}
            data = json.dumps(notes, ensure_ascii=False, indent=1).encode("utf-8", "replace")
            disk.replace(path.parent, f"{name}.json", data + b"\n", self._temporary)


def checked(name: str) -> str:
    """An id, as it is; ValueError for what must not be a file's or folder's name."""
    if not _ID.fullmatch(name):
        raise ValueError(f"{name!r} is no id")
    return name
