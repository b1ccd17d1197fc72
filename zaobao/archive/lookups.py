"""What the state is asked: questions about the known stories that change nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from zaobao.archive.record import COLUMNS, Record, Status, from_row, millis
from zaobao.names import post_keys

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zaobao.archive.database import Database

_SELECT = f"SELECT {', '.join(COLUMNS)} FROM stories "  # noqa: S608 (our own column names)
_GET = _SELECT + "WHERE number = ?"


class Lookups:
    """Reads the state. Every method may raise ArchiveError; `now` is always aware."""

    _db: Database

    def marked(self, name: str) -> datetime | None:
        """When `name` was done, or None."""
        value = self._db.value("SELECT value FROM meta WHERE name = ?", (f"mark {name}",))
        return None if value is None else datetime.fromtimestamp(value / 1000, UTC)

    def marks(self, start: str) -> list[str]:
        """What follows `start` in the names of the marks that begin with it."""
        rows = self._db.rows(
            "SELECT name FROM meta WHERE substr(name, 1, ?) = ?",
            (len(f"mark {start}"), f"mark {start}"),
        )
        return sorted(row[0].removeprefix(f"mark {start}") for row in rows)

    def get(self, number: str) -> Record | None:
        row = self._db.row(_GET, (number,))
        return None if row is None else from_row(row)

    def status(self, number: str) -> Status | None:
        """Only the status; None for an unknown story. Half the price of `get`."""
        status: Status | None = self._db.value(
            "SELECT status FROM stories WHERE number = ?", (number,)
        )
        return status

    def due(self, list_names: Sequence[str] | None, now: datetime) -> list[Record]:
        """The stories to fetch now, in the order in which they were first named.

        list_names: only those that one of these lists named; None: all.
        """
        rows = self._db.rows(
            _SELECT + "WHERE due IS NOT NULL AND due <= ? ORDER BY rowid", (millis(now),)
        )
        stories = [from_row(row) for row in rows]
        if list_names is None:
            return stories
        return [story for story in stories if not set(list_names).isdisjoint(story.lists)]

    def recent(self, since: datetime) -> list[Record]:
        """Written stories published since then, or first seen where that is unknown; oldest first.

        The order is that of these times.
        """
        when = "coalesce(published, first_seen)"
        rows = self._db.rows(
            _SELECT + f"WHERE status = 'written' AND {when} >= ? ORDER BY {when}", (millis(since),)
        )
        return [from_row(row) for row in rows]

    def of_month(self, month: str) -> list[Record]:
        """All known stories whose address is of a month (`202608`). It reads the whole table."""
        return [from_row(row) for row in self._db.rows(_SELECT + "WHERE id LIKE ?", (f"{month}%",))]

    def sections(self) -> set[str]:
        """The sections in the addresses of all known stories: `realtime/china`.

        It reads the whole table: half a second for a million stories.
        """
        rows = self._db.rows(
            "SELECT DISTINCT substr(url, 1, instr(url, '/story20') - 1) FROM stories", ()
        )
        return {urlsplit(url).path.strip("/") for (url,) in rows}

    def newest(self, list_name: str) -> datetime | None:
        """When the newest written story of a list was published."""
        value = self._db.value(
            "SELECT published FROM stories WHERE status = 'written' AND published IS NOT NULL "
            "AND ' ' || lists || ' ' LIKE ? ORDER BY coalesce(published, first_seen) DESC LIMIT 1",
            (f"% {list_name} %",),
        )
        return None if value is None else datetime.fromtimestamp(value / 1000, UTC)

    def unread(self) -> list[Record]:
        """Stories whose page is kept because no layout read it: quarantined or `generic`."""
        rows = self._db.rows(_SELECT + "WHERE status = 'quarantined' OR layout = 'generic'", ())
        return [from_row(row) for row in rows]

    def owner(self, file: str) -> str | None:
        """The number of the story whose post has this name, or a name that clashes with it."""
        for key in post_keys(PurePosixPath(file).name):
            number = self._db.value("SELECT number FROM names WHERE key = ?", (key,))
            if number is not None:
                return str(number)
        return None

    def has_post(self, number: str, file: str) -> bool:
        """Whether `file` is known as a post of this story, its first or a further one."""
        known = self.get(number)
        if known is not None and known.file == file:
            return True
        found = self._db.value("SELECT number FROM further WHERE file = ?", (file,))
        return bool(found == number)

    @property
    def is_empty(self) -> bool:
        """Whether no story was ever written."""
        return self._db.value("SELECT 1 FROM stories WHERE status = 'written' LIMIT 1") is None

    def counts(self) -> dict[str, int]:
        """How many stories there are of each status, and under `gone` how many were removed.

        It reads the whole table: a second for a million stories.
        """
        counts = dict(self._db.rows("SELECT status, count(*) FROM stories GROUP BY status", ()))
        gone = self._db.value("SELECT count(*) FROM stories WHERE gone IS NOT NULL")
        return {**counts, "gone": gone or 0}

    def _existing(self, number: str) -> Record:
        known = self.get(number)
        if known is None:
            raise LookupError(f"story {number} was never listed")
        return known
