"""What is known: every listed and every written story, in one SQLite file.

The posts are the truth and this is their index: it can be deleted, and
`store.open_store` builds it again. All that is stored here is durable (fsync)
when the call returns, except inside `State.batch`, where it is at its end.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from zaobao.archive.database import Database
from zaobao.archive.frontier import Frontier
from zaobao.archive.passes import Passes
from zaobao.archive.record import Record, checked_again, millis, remembered
from zaobao.names import post_keys

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

GONE_AFTER = timedelta(hours=12)
"""How far two checks that find no page must lie apart for the story to be gone."""


class State(Frontier):
    """The known stories. Every method may raise ArchiveError; `now` is always aware."""

    def __init__(self, path: Path) -> None:
        """Open or create the file.

        A damaged file is set aside with a log line and an empty one takes its
        place (`length` is then None). ArchiveError when the file is of a
        newer program or cannot be written.
        """
        self._db = Database(path)
        self.passes = Passes(self._db)

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Make all that is stored inside one transaction; an exception undoes it."""
        with self._db.transaction():
            yield

    @property
    def length(self) -> int | None:
        """How many bytes of articles.jsonl are remembered; None: the state is not complete."""
        value = self._db.value("SELECT value FROM meta WHERE name = 'length'")
        return None if value is None else int(value)

    @length.setter
    def length(self, value: int) -> None:
        self._db.run("INSERT OR REPLACE INTO meta VALUES ('length', ?)", (value,))

    def distrust(self) -> None:
        """Let the next run read all lines again, unless `length` is set before."""
        self._db.run("DELETE FROM meta WHERE name = 'length'")

    def mark(self, name: str, now: datetime | None) -> None:
        """Note when something was done, or with None forget it."""
        if now is None:
            self._db.run("DELETE FROM meta WHERE name = ?", (f"mark {name}",))
        else:
            values = (f"mark {name}", millis(now))
            self._db.run("INSERT OR REPLACE INTO meta VALUES (?, ?)", values)

    def remember(self, known: Record, *, length: int | None, files: Sequence[str] = ()) -> None:
        """Store a story whose line and post (`known.file`) are durable; it becomes `written`.

        One whose reason says that it is in doubt stays so, and is due again.
        length: of articles.jsonl with that line; None leaves what is remembered.
        files: further posts of the same story, which keep their names too.
        """
        if known.file is None:
            raise ValueError(f"{known.id} has no post")
        with self.batch():
            self._put(remembered(known, datetime.now(UTC)))
            for file in (known.file, *files):
                self._name(file, known.number)
            for file in files:
                self._db.run("INSERT OR IGNORE INTO further VALUES (?, ?)", (file, known.number))
            if length is not None:
                self.length = length

    def checked(
        self,
        number: str,
        now: datetime,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
    ) -> None:
        """Note a re-check that found the story unchanged; a None keeps the former value."""
        known = self._existing(number)
        self._put(
            replace(
                checked_again(known, now),
                etag=etag or known.etag,
                last_modified=last_modified or known.last_modified,
                missing_since=None,
            )
        )

    def missing(self, number: str, now: datetime) -> bool:
        """Note a 404 or 410 of a re-check; True when two checks 12 hours apart agree.

        The caller then marks the post and stores `gone` with `remember`.
        """
        known = self._existing(number)
        since = known.missing_since or now
        self._put(replace(checked_again(known, now), missing_since=since))
        return now - since >= GONE_AFTER

    def withdraw(self, number: str) -> None:
        """Delete all that is known of a story; nothing of it can be read from the file either."""
        self._db.run("PRAGMA secure_delete = ON")
        with self.batch():
            for table in ("stories", "names", "further"):
                sql = f"DELETE FROM {table} WHERE number = ?"  # noqa: S608 (a name above)
                self._db.run(sql, (number,))
        self._db.run("PRAGMA wal_checkpoint(TRUNCATE)")

    def forget_written(self) -> None:
        """Delete all that stands for posts and lines; the stories not yet written stay."""
        with self.batch():
            self._db.run("DELETE FROM stories WHERE status = 'written'")
            for table in ("names", "further", "meta"):
                self._db.run(f"DELETE FROM {table}")  # noqa: S608 (a name above)

    def _name(self, file: str, number: str) -> None:
        for key in post_keys(PurePosixPath(file).name):
            self._db.run("INSERT OR IGNORE INTO names VALUES (?, ?)", (key, number))
