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
from zaobao.archive.known import COLUMNS, Known, Status, failed, millis, named, to_row
from zaobao.archive.lookups import Lookups
from zaobao.archive.names import post_keys
from zaobao.archive.passes import Passes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from zaobao.urls import StoryUrl

GONE_AFTER = timedelta(hours=12)
"""How far two checks that find no page must lie apart for the story to be gone."""

_FIELDS = ", ".join(COLUMNS)
_MARKS = ", ".join("?" * len(COLUMNS))
_NEW = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS[1:])
_PUT = f"INSERT INTO stories ({_FIELDS}) VALUES ({_MARKS}) "  # noqa: S608 (our own column names)
_PUT += f"ON CONFLICT (number) DO UPDATE SET {_NEW}"


class State(Lookups):
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

    def listed(
        self,
        stories: Iterable[StoryUrl],
        list_name: str | None,
        now: datetime,
        list_times: Mapping[str, datetime] | None = None,
    ) -> list[Known]:
        """Note that a list (or, with None, the user) named these stories; give them as known.

        A new one is due at once and stays so until it is written or given up. Of
        a known one only the address, the list and the list's time are added.
        list_times: by number, the exact times that the list shows.
        """
        times = list_times or {}
        with self.batch():
            return [self._list(story, list_name, now, times.get(story.number)) for story in stories]

    def _list(
        self, story: StoryUrl, name: str | None, now: datetime, time: datetime | None
    ) -> Known:
        before = self.get(story.number)
        after = named(before, story, name, now, time)
        if after != before:
            self._put(after)
        return after

    def fail(
        self,
        number: str,
        reason: str,
        now: datetime,
        *,
        quarantined: bool = False,
        final: bool = False,
    ) -> None:
        """Note a failed try: due again after 1 hour, 1 day, 1 week, then not any more.

        quarantined: its page was kept. final: it is known not to be had, so it is
        not due again. A written story stays written: only `last_checked` is set.
        LookupError when the story was never listed.
        """
        known = self._existing(number)
        if known.status == "written":
            self._put(replace(known, last_checked=now))
        else:
            status: Status = "quarantined" if quarantined else "failed"
            self._put(failed(known, status, reason, now, final=final))

    def outside(self, number: str, published: datetime | None, now: datetime) -> None:
        """Note that a story was read and not written, as it lies outside the asked days.

        It is not due. A run that asks for other days sees `status` and `published`.
        """
        known = self._existing(number)
        if known.status != "written":
            self._put(
                replace(known, status="outside", published=published, due=None, last_checked=now)
            )

    def make_due(self, number: str, now: datetime) -> None:
        """Let a story that is not written be tried again, as if it had never failed."""
        known = self._existing(number)
        if known.status != "written":
            self._put(replace(known, attempts=0, due=now))

    def lose(self, number: str, now: datetime) -> None:
        """Let a story be written again whose post is no longer there, in its former file."""
        known = self._existing(number)
        self._put(replace(known, status="listed", reason=None, attempts=0, due=now))

    def remember(self, known: Known, *, length: int | None, files: Sequence[str] = ()) -> None:
        """Store a story whose line and post (`known.file`) are durable; it becomes `written`.

        length: of articles.jsonl with that line; None leaves what is remembered.
        files: further posts of the same story, which keep their names too.
        """
        if known.file is None:
            raise ValueError(f"{known.id} has no post")
        written = replace(
            known,
            status="written",
            reason=None,
            attempts=0,
            due=None,
            first_seen=known.first_seen or known.last_checked or datetime.now(UTC),
        )
        with self.batch():
            self._put(written)
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
                known,
                last_checked=now,
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
        self._put(replace(known, last_checked=now, missing_since=since))
        return now - since >= GONE_AFTER

    def forget(self, number: str) -> None:
        """Delete all that is known of a story, so that its names are free."""
        with self.batch():
            for table in ("stories", "names", "further"):
                sql = f"DELETE FROM {table} WHERE number = ?"  # noqa: S608 (a name above)
                self._db.run(sql, (number,))

    def withdraw(self, number: str) -> None:
        """As `forget`, so that nothing of it can be read from the file either."""
        self._db.run("PRAGMA secure_delete = ON")
        self.forget(number)
        self._db.run("PRAGMA wal_checkpoint(TRUNCATE)")

    def forget_written(self) -> None:
        """Delete all that stands for posts and lines; the stories not yet written stay."""
        with self.batch():
            self._db.run("DELETE FROM stories WHERE status = 'written'")
            for table in ("names", "further", "meta"):
                self._db.run(f"DELETE FROM {table}")  # noqa: S608 (a name above)

    def _put(self, known: Known) -> None:
        self._db.run(_PUT, to_row(known))

    def _name(self, file: str, number: str) -> None:
        for key in post_keys(PurePosixPath(file).name):
            self._db.run("INSERT OR IGNORE INTO names VALUES (?, ?)", (key, number))
