"""What is known: every listed and every written story, in one SQLite file.

The posts are the truth and this is their index: it can be deleted, and
`recovery.open_archive` builds it again. All that is stored here is durable (fsync)
when the call returns, except inside `State.batch`, where it is at its end, and
between `begin` and `commit`.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from operator import attrgetter
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from zaobao import times
from zaobao.archive.database import Database
from zaobao.archive.record import COLUMNS, Record, Status
from zaobao.names import post_keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from zaobao.errors import ArchiveError
    from zaobao.urls import StoryUrl

GONE_AFTER = timedelta(hours=12)
"""How far two checks that find no page must lie apart for the story to be gone."""

_TIMES = tuple(
    COLUMNS.index(name)
    for name in (
        "due",
        "first_seen",
        "last_checked",
        "list_time",
        "published",
        "missing_since",
        "gone",
    )
)
_REMEMBERED = 2000
"""Records that are held in memory: those of a run, from its lists to their rows, 2 MB."""
_URLS, _LISTS = COLUMNS.index("urls"), COLUMNS.index("lists")
_FILE, _REVISION = COLUMNS.index("file"), COLUMNS.index("revision")

_VALUES = attrgetter(*COLUMNS)
_FIELDS = ", ".join(COLUMNS)
_SELECT = f"SELECT {_FIELDS} FROM stories "  # noqa: S608 (our own column names)
_GET = _SELECT + "WHERE number = ?"
_PLACES = ", ".join("?" * len(COLUMNS))
_NEW = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS[1:])
_PUT = f"INSERT INTO stories ({_FIELDS}) VALUES ({_PLACES}) "  # noqa: S608 (our own column names)
_PUT += f"ON CONFLICT (number) DO UPDATE SET {_NEW}"


class State:
    """The known stories. Every method may raise ArchiveError; `now` is always aware."""

    def __init__(self, path: Path) -> None:
        """Open or create the file.

        A damaged file is set aside with a log line and an empty one takes its
        place (`length` is then None). ArchiveError when the file is of a
        newer program or cannot be written.
        """
        self._db = Database(path)
        self._records_held: dict[str, Record] = {}
        """The records that were read or stored last, by number, as the file has them: a story is
        looked up from its list to its row half a dozen times. Nobody else writes the file."""
        self.passes = Passes(self._db)

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Make all that is stored inside one transaction; an exception undoes it."""
        try:
            with self._db.transaction():
                yield
        except BaseException:
            self._records_held.clear()
            raise

    def begin(self) -> None:
        """Make what is stored from here on durable at `commit`, all at once."""
        self._db.begin()

    def commit(self) -> None:
        self._db.commit()

    def refuse(self, error: ArchiveError) -> None:
        """Undo what is not durable yet, and store nothing more: it would stand without that."""
        self._records_held.clear()
        self._db.refuse(error)

    # --- questions, which change nothing

    def get(self, number: str) -> Record | None:
        record = self._records_held.get(number)
        if record is None and (row := self._db.row(_GET, (number,))):
            record = self._hold(_from_row(row))
        return record

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
        where = "WHERE due IS NOT NULL AND due <= ? ORDER BY rowid"
        stories = self._records(where, _millis(now))
        if list_names is None:
            return stories
        return [story for story in stories if not set(list_names).isdisjoint(story.lists)]

    def recent(self, since: datetime) -> list[Record]:
        """Written stories published since then, or first seen where that is unknown; oldest first.

        The order is that of these times. Both need the very expression of the index `recent`.
        """
        when = "coalesce(published, first_seen)"
        where = f"WHERE status = 'written' AND {when} >= ? ORDER BY {when}"
        return self._records(where, _millis(since))

    def of_month(self, month: str) -> list[Record]:
        """All known stories whose address is of a month (`202608`). It reads the whole table."""
        return [
            _from_row(row) for row in self._db.rows(_SELECT + "WHERE id LIKE ?", (f"{month}%",))
        ]

    def sections(self) -> set[str]:
        """The sections in the addresses of all known stories: `realtime/china`.

        It reads the whole table: half a second for a million stories.
        """
        rows = self._db.rows(
            "SELECT DISTINCT substr(url, 1, instr(url, '/story20') - 1) FROM stories", ()
        )
        return {urlsplit(url).path.strip("/") for (url,) in rows}

    def days(self) -> dict[date, int]:
        """How many written stories there are of each day in Singapore.

        Of one without a time it is the day of its address. It reads the whole table.
        """
        rows = self._db.rows(
            "SELECT coalesce(date(published / 1000 + 28800, 'unixepoch'), substr(id, 1, 4) || '-' "
            "|| substr(id, 5, 2) || '-' || substr(id, 7, 2)) AS day, count(*) FROM stories "
            "WHERE status = 'written' GROUP BY day",
            (),
        )
        return {date.fromisoformat(day): count for day, count in rows}

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
        return self._records("WHERE status = 'quarantined' OR layout = 'generic'")

    def owner(self, file: str) -> str | None:
        """The number of the story whose post has this name, or a name that clashes with it."""
        keys = post_keys(file.rpartition("/")[2])
        # In the order of the keys: that of the file stands before that of the page.
        sql = "SELECT number FROM names WHERE key IN (?, ?) ORDER BY key LIMIT 1"
        number = self._db.value(sql, keys)
        return None if number is None else str(number)

    def has_post(self, number: str, file: str) -> bool:
        """Whether `file` is known as a post of this story, its first or a further one."""
        found = self._db.value(
            "SELECT 1 FROM stories WHERE number = ?1 AND file = ?2 UNION ALL "
            "SELECT 1 FROM further WHERE file = ?2 AND number = ?1",
            (number, file),
        )
        return found is not None

    def posts(self, number: str) -> list[str]:
        """The files of a story's posts, the first and the further ones."""
        rows = self._db.rows(
            "SELECT file FROM stories WHERE number = ?1 AND file IS NOT NULL "
            "UNION SELECT file FROM further WHERE number = ?1",
            (number,),
        )
        return [file for (file,) in rows]

    def unknown(self, files: Iterable[str]) -> list[str]:
        """Those of `files` that are no known story's post, in their order.

        It reads the whole table: a fifth of a second for 100,000 stories.
        """
        left = dict.fromkeys(files)
        for (file,) in self._db.each(
            "SELECT file FROM stories WHERE file IS NOT NULL UNION ALL SELECT file FROM further"
        ):
            left.pop(file, None)
        return list(left)

    @property
    def has_written(self) -> bool:
        """Whether any story is written."""
        return self._db.value("SELECT 1 FROM stories WHERE status = 'written' LIMIT 1") is not None

    def counts(self) -> dict[str, int]:
        """How many stories there are of each status, and under `gone` how many were removed.

        It reads the whole table: a second for a million stories.
        """
        counts = dict(self._db.rows("SELECT status, count(*) FROM stories GROUP BY status", ()))
        gone = self._db.value("SELECT count(*) FROM stories WHERE gone IS NOT NULL")
        return {**counts, "gone": gone or 0}

    # --- stories to be read: named by a list, tried, due

    def listed(
        self,
        stories: Iterable[StoryUrl],
        list_name: str | None,
        now: datetime,
        list_times: Mapping[str, datetime] | None = None,
    ) -> list[Record]:
        """Note that a list (or, with None, the user) named these stories; give them as known.

        A new one is due at once and stays so until it is written or given up. Of
        a known one only the address, the list and the list's time are added.
        list_times: by number, the exact times that the list shows.
        """
        exact, stories = list_times or {}, list(stories)
        before = self._known(story.number for story in stories)
        after = dict(before)
        for story in stories:
            record = after.get(story.number)
            record = record or replace(Record.of(story), due=now, first_seen=now)
            time = exact.get(story.number)
            after[story.number] = record.named(story.canonical, list_name, time)
        with self.batch():
            self._put(*(one for one in after.values() if one != before.get(one.number)))
        return [after[story.number] for story in stories]

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

        quarantined: its page was kept. final: it is known to be unavailable, so it is
        not due again. A written story stays written: only `last_checked` is set, and
        a suspect one is due later.
        LookupError when the story was never listed.
        """
        record = self._existing(number)
        if record.status == "written":
            self._put(record.checked_again(now))
        else:
            status: Status = "quarantined" if quarantined else "failed"
            self._put(record.failed(status, reason, now, final=final))

    def outside(self, number: str, published: datetime | None, now: datetime) -> None:
        """Note that a story was read and not written, as it lies outside the asked days.

        It is not due. A run that asks for other days sees `status` and `published`.
        """
        record = self._existing(number)
        if record.status != "written":
            self._put(
                replace(record, status="outside", published=published, due=None, last_checked=now)
            )

    def make_due(self, number: str, now: datetime) -> None:
        """Let a story that is not written be tried again, as if it had never failed."""
        record = self._existing(number)
        if record.status != "written":
            self._put(replace(record, attempts=0, due=now))

    def lose(self, number: str, now: datetime) -> None:
        """Let a story be written again whose post is no longer there, in its former file."""
        record = self._existing(number)
        self._put(replace(record, status="listed", reason=None, attempts=0, due=now))

    # --- written stories

    def remember(self, record: Record, *, files: Sequence[str] = ()) -> None:
        """Store a story whose line and post (`record.file`) are durable by the time that this is;
        it becomes `written`.

        One whose reason says that it is suspect stays so, and is due again.
        files: further posts of the same story, which keep their names too.
        """
        if record.file is None:
            raise ValueError(f"{record.id} has no post")
        with self.batch():
            self._db.run(_PUT, _to_row(record.written(times.now())))
            # It is hardly looked up again.
            self._records_held.pop(record.number, None)
            self._name((record.file, *files), record.number)
            for file in files:
                self._db.run("INSERT OR IGNORE INTO further VALUES (?, ?)", (file, record.number))

    def checked(
        self,
        number: str,
        now: datetime,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
    ) -> None:
        """Note a re-check that found the story unchanged; a None keeps the former value."""
        record = self._existing(number)
        self._put(
            replace(
                record.checked_again(now),
                etag=etag or record.etag,
                last_modified=last_modified or record.last_modified,
                missing_since=None,
            )
        )

    def missing(self, number: str, now: datetime) -> bool:
        """Note a 404 or 410 of a re-check; True when two checks 12 hours apart agree.

        The caller then marks the post and stores `gone` with `remember`.
        """
        record = self._existing(number)
        since = record.missing_since or now
        self._put(replace(record.checked_again(now), missing_since=since))
        return now - since >= GONE_AFTER

    # --- the whole

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

    def mark(self, name: str, now: datetime | None) -> None:
        """Note when something was done, or with None forget it."""
        if now is None:
            self._db.run("DELETE FROM meta WHERE name = ?", (f"mark {name}",))
        else:
            values = (f"mark {name}", _millis(now))
            self._db.run("INSERT OR REPLACE INTO meta VALUES (?, ?)", values)

    def withdraw(self, number: str) -> None:
        """Delete all that is known of a story; nothing of it can be read from the file either."""
        self._db.run("PRAGMA secure_delete = ON")
        self._records_held.pop(number, None)
        with self.batch():
            for table in ("stories", "names", "further"):
                sql = f"DELETE FROM {table} WHERE number = ?"  # noqa: S608 (a name above)
                self._db.run(sql, (number,))
        self._db.run("PRAGMA wal_checkpoint(TRUNCATE)")

    def forget_written(self) -> None:
        """Delete all that stands for posts and lines; the stories not yet written stay."""
        self._records_held.clear()
        with self.batch():
            self._db.run("DELETE FROM stories WHERE status = 'written'")
            for table in ("names", "further", "meta"):
                self._db.run(f"DELETE FROM {table}")  # noqa: S608 (a name above)

    # ---

    def _records(self, where: str, *values: object) -> list[Record]:
        return [_from_row(row) for row in self._db.rows(_SELECT + where, values)]

    def _known(self, numbers: Iterable[str]) -> dict[str, Record]:
        """Those of these stories that are known, by number."""
        numbers = list(numbers)
        known = {n: held for n in numbers if (held := self._records_held.get(n))}
        where = "WHERE number IN (SELECT value FROM json_each(?))"
        asked = json.dumps([number for number in numbers if number not in known])
        return known | {one.number: self._hold(one) for one in self._records(where, asked)}

    def _hold(self, record: Record) -> Record:
        """Hold a record as the newest one, in place of the oldest."""
        held = self._records_held
        held.pop(record.number, None)
        held[record.number] = record
        if len(held) > _REMEMBERED:
            del held[next(iter(held))]
        return record

    def _existing(self, number: str) -> Record:
        record = self.get(number)
        if record is None:
            raise LookupError(f"story {number} was never listed")
        return record

    def _put(self, *records: Record) -> None:
        rows = [_to_row(record) for record in records]
        self._db.run_many(_PUT, rows)
        for row in rows:
            self._hold(_from_row(row))

    def _name(self, files: Iterable[str], number: str) -> None:
        names = (file.rpartition("/")[2] for file in files)
        rows = [(key, number) for name in names for key in post_keys(name)]
        self._db.run_many("INSERT OR IGNORE INTO names VALUES (?, ?)", rows)


def _millis(moment: datetime) -> int:
    """Epoch milliseconds; ValueError for a naive datetime."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no zone")
    return round(moment.timestamp() * 1000)


def _to_row(record: Record) -> list[Any]:
    """The values of COLUMNS as SQLite stores them: times as epoch milliseconds."""
    row = list(_VALUES(record))
    for index in _TIMES:
        if row[index] is not None:
            row[index] = _millis(row[index])
    row[_URLS] = json.dumps(record.urls) if record.urls else ""
    row[_LISTS] = " ".join(record.lists)
    row[_REVISION] = record.revision or 0
    return row


def _from_row(stored: Sequence[Any]) -> Record:
    """The reverse of `_to_row`. A story without a post has no revision."""
    row = list(stored)
    for index in _TIMES:
        if row[index] is not None:
            row[index] = datetime.fromtimestamp(row[index] / 1000, UTC)
    row[_URLS] = tuple(json.loads(row[_URLS])) if row[_URLS] else ()
    row[_LISTS] = tuple(row[_LISTS].split())
    if row[_FILE] is None:
        row[_REVISION] = None
    return Record(*row)


class Passes:
    """How far each list was read, and whether to its end; by the list's name.

    A page on which every story is known ends a list, since what lies behind it is
    known too. That holds only when the pass before came to its end. One that a
    crash cut off has left a gap: its first page may be all known, and the third one
    was never read.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    def unfinished(self, name: str) -> date | None:
        """The day down to which the last pass had to go and did not; None: it ended."""
        return self._day(f"unfinished {name}")

    def first(self, name: str) -> date | None:
        """The same where no pass has ended yet: the first run's bound, which later ones keep.

        None also where that run had to read all there is.
        """
        day = self.unfinished(name) if self._day(f"newest {name}") is None else None
        return None if day == date.min else day

    def covered(self, name: str) -> date | None:
        """The day down to which a list was read without a gap; None: not known."""
        return self._day(f"covered {name}")

    def cover(self, name: str, day: date | None) -> None:
        """Note how far down a list was read; None leaves what is noted."""
        if day is not None and day != self.covered(name):
            self._note(f"covered {name}", day)

    def begin(self, name: str, otherwise: date) -> None:
        """Note that the list's first page was read.

        The pass has to come down to the newest day that the last whole pass saw;
        to `otherwise` where there was none.
        """
        if self.unfinished(name) is None:
            self._note(f"unfinished {name}", self._day(f"newest {name}") or otherwise)

    def end(self, name: str, newest: date | None) -> None:
        """Note that the pass came to its end. newest: day of a story on its first page."""
        if newest is not None:
            self._note(f"newest {name}", newest)
        self._db.run("DELETE FROM meta WHERE name = ?", (f"unfinished {name}",))

    def _day(self, name: str) -> date | None:
        day = self._db.value("SELECT value FROM meta WHERE name = ?", (name,))
        return None if day is None else date.fromisoformat(day)

    def _note(self, name: str, day: date) -> None:
        self._db.run("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, str(day)))
