"""The SQLite file behind the state: its tables, its durability, its errors as sentences."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from zaobao.archive.disk import guard
from zaobao.errors import ArchiveError

if TYPE_CHECKING:
    from pathlib import Path

logger = logging.getLogger(__name__)

SCHEMA = 1
APPLICATION = 0x7A616F62  # "zaob"
_TABLES = """
CREATE TABLE stories (
    number TEXT NOT NULL UNIQUE, id TEXT NOT NULL, url TEXT NOT NULL,
    urls TEXT NOT NULL, lists TEXT NOT NULL, status TEXT NOT NULL,
    reason TEXT, attempts INTEGER NOT NULL, due INTEGER,
    first_seen INTEGER NOT NULL, last_checked INTEGER, list_time INTEGER,
    file TEXT, digest TEXT, etag TEXT, last_modified TEXT, published INTEGER,
    access TEXT, revision INTEGER NOT NULL, layout TEXT,
    missing_since INTEGER, gone INTEGER
);
CREATE INDEX due ON stories (due) WHERE due IS NOT NULL;
CREATE INDEX recent ON stories (coalesce(published, first_seen)) WHERE status = 'written';
CREATE INDEX unread ON stories (number) WHERE status = 'quarantined' OR layout = 'generic';
CREATE TABLE names (key TEXT PRIMARY KEY, number TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE further (file TEXT PRIMARY KEY, number TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
"""
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_Values = Sequence[Any]


class Database:
    """One open file. Every sqlite3 error becomes an ArchiveError."""

    def __init__(self, path: Path) -> None:
        """Open or create; a damaged file is set aside and an empty one takes its place."""
        self._path = path
        self._depth = 0
        self._refused: ArchiveError | None = None
        if path.is_symlink():
            raise ArchiveError(f"{path} is a symbolic link; nothing is written through one.")
        try:
            self._connect()
        except sqlite3.DatabaseError as error:
            if not _damaged(error):
                raise self._trouble(error) from error
            kept = self._set_aside()
            logger.warning(
                "%s is damaged (%s). It was moved to %s; what it knew is rebuilt from the posts, "
                "except for stories that were listed and not yet written.",
                path,
                error,
                kept.name,
            )
            self._connect_again()

    def _connect_again(self) -> None:
        try:
            self._connect()
        except sqlite3.Error as error:
            raise self._trouble(error) from error

    def _connect(self) -> None:
        self._connection = sqlite3.connect(self._path, isolation_level=None, timeout=10)
        try:
            self._prepare()
        except BaseException:
            self._connection.close()
            raise

    def _prepare(self) -> None:
        run = self._connection.execute
        # One fsync a transaction, done before the call returns.
        run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = FULL")
        # 8 MB: with a million stories, neighbours are found without reading the file again.
        run("PRAGMA cache_size = -8000")
        version = run("PRAGMA user_version").fetchone()[0]
        if version > SCHEMA:
            raise ArchiveError(
                f"{self._path} has format {version}, and this program knows {SCHEMA}: "
                "use the newer program, or delete the file; it is rebuilt from the posts."
            )
        if version == 0:
            self._create()
        elif run("PRAGMA application_id").fetchone()[0] != APPLICATION:
            raise ArchiveError(f"{self._path} is another program's: move it away.")
        run("SELECT count(*) FROM meta").fetchone()

    def _create(self) -> None:
        if self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            raise ArchiveError(f"{self._path} is another program's: move it away.")
        self._connection.executescript(
            f"BEGIN IMMEDIATE; {_TABLES} PRAGMA application_id = {APPLICATION};"
            f"PRAGMA user_version = {SCHEMA}; COMMIT;"
        )

    def _set_aside(self) -> Path:
        kept = self._path.with_name(
            f"{self._path.name}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}"
        )
        with guard(self._path, "Setting aside"):
            self._path.rename(kept)
        return kept

    def _trouble(self, error: sqlite3.Error) -> ArchiveError:
        if _damaged(error):
            with suppress(sqlite3.Error):
                self._connection.close()
            kept = self._set_aside()
            return ArchiveError(
                f"{self._path} is damaged ({error}). It was moved to {kept.name}; posts and lines "
                "are whole. Run again: the state is rebuilt from the posts."
            )
        return ArchiveError(
            f"{self._path}: {error}. What was written before is whole. "
            "Make room on the disk, or make the folder writable, and run again."
        )

    def run(self, sql: str, values: _Values = ()) -> None:
        with self._changing():
            self._connection.execute(sql, values)

    def run_many(self, sql: str, rows: Iterable[_Values]) -> None:
        """The same statement once for each row."""
        with self._changing():
            self._connection.executemany(sql, rows)

    @contextmanager
    def _changing(self) -> Iterator[None]:
        if self._refused:
            raise self._refused
        try:
            yield
        except sqlite3.Error as error:
            trouble = self._trouble(error)
            if self._depth:
                # SQLite may have undone all of it; what follows must not stand without it.
                self._refused = trouble
            raise trouble from error

    def row(self, sql: str, values: _Values = ()) -> tuple[Any, ...] | None:
        try:
            row: tuple[Any, ...] | None = self._connection.execute(sql, values).fetchone()
        except sqlite3.Error as error:
            raise self._trouble(error) from error
        return row

    def rows(self, sql: str, values: _Values) -> list[tuple[Any, ...]]:
        try:
            return self._connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise self._trouble(error) from error

    def each(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """One row at a time; nothing is changed meanwhile."""
        try:
            yield from self._connection.execute(sql)
        except sqlite3.Error as error:
            raise self._trouble(error) from error

    def value(self, sql: str, values: _Values = ()) -> Any:
        """The first column of the first row, or None."""
        row = self.row(sql, values)
        return None if row is None else row[0]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; one inside another belongs to the outer one."""
        self.begin()
        try:
            yield
        except BaseException:
            self.rollback()
            raise
        self.commit()

    def begin(self) -> None:
        """Begin a transaction that `commit` or `rollback` ends; it may stand around others."""
        if self._depth == 0:
            self.run("BEGIN IMMEDIATE")
        self._depth += 1

    def commit(self) -> None:
        if self._depth == 1:
            try:
                self.run("COMMIT")
            except ArchiveError:
                self.rollback()
                raise
        self._depth -= 1

    def rollback(self) -> None:
        """Undo the transaction; one inside another is undone with the outer one only."""
        self._depth -= 1
        if self._depth == 0:
            with suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")

    def refuse(self, error: ArchiveError) -> None:
        """Undo what is not committed, and let every later change raise `error`."""
        self._depth = 0
        with suppress(sqlite3.Error):
            self._connection.execute("ROLLBACK")
        self._refused = error

    def close(self) -> None:
        with suppress(sqlite3.Error):
            self._connection.close()


def _damaged(error: sqlite3.Error) -> bool:
    return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in _DAMAGED
