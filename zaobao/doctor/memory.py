"""What the doctor saw last time, so that it looks only at what has changed since then.

A file counts as unchanged while its size, its inode and both of its times are the same.
A program that writes a file sets the times; damage below the file system does not, and
that is what `scrapy doctor --all` is for.
"""

from __future__ import annotations

import hashlib
import sqlite3
import time
from contextlib import closing, contextmanager, suppress
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from zaobao.archive import disk
from zaobao.archive.folder import DOCTOR

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from importlib.resources.abc import Traversable
    from pathlib import Path

_TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value);
CREATE TABLE sound (
    file TEXT PRIMARY KEY, inode INTEGER, size INTEGER, mtime INTEGER, ctime INTEGER,
    number TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE keys (key TEXT, file TEXT, PRIMARY KEY (key, file)) WITHOUT ROWID;
CREATE TABLE lines (file TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE stories (number TEXT PRIMARY KEY, id TEXT, url TEXT, title TEXT);
"""
_OF_THIS_RUN = """
CREATE TEMP TABLE listing (
    file TEXT PRIMARY KEY, inode INTEGER, size INTEGER, mtime INTEGER, ctime INTEGER,
    mode INTEGER
) WITHOUT ROWID;
CREATE TEMP VIEW posts AS
SELECT file FROM listing WHERE file GLOB '*.md' OR file GLOB '*.markdown';
CREATE TEMP TABLE written (number TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TEMP TABLE further (file TEXT PRIMARY KEY) WITHOUT ROWID;
"""


class Memory:
    """Tables of what was seen. Names of posts are as in a line, or in `_posts/` without that.

    sound: posts without a fault, as they were on the disk, with the story of each. keys: of
    `names.post_keys`, by file. lines: the posts that lines name; stories: those of the lines,
    as the last line has them. Of this look alone: listing (`_posts/` with its files' facts, before
    the lines were read), posts (those that are Markdown), and what the state has as written and
    further.
    """

    def __init__(self, path: Path | None, *, anew: bool = False) -> None:
        """path: the file; None: nothing is kept. anew: what the file has is not used.

        Where the file cannot be read or written, everything is looked at and nothing
        kept. What another version of the program saw is not used either.
        """
        self.began = time.time_ns()
        try:
            if path is not None and _is_damaged(path):
                path.unlink()
            self._open(path if path is None or not path.is_symlink() else None, anew=anew)
        except (sqlite3.Error, OSError):
            self._open(None)

    def _open(self, path: Path | None, *, anew: bool = False) -> None:
        # "" is a file of SQLite's own that nobody sees.
        self._connection = sqlite3.connect(path or "", isolation_level=None, timeout=1)
        try:
            self.run("BEGIN IMMEDIATE")
            self._prepare(anew=anew)
        except BaseException:
            self.close()
            raise

    def _prepare(self, *, anew: bool) -> None:
        for database in ("main", "temp"):
            self.run(f"PRAGMA {database}.cache_size = -16000")
        program = _program()
        is_there = self.value("SELECT 1 FROM sqlite_master WHERE name = 'meta'")
        if anew or not is_there or self.get("program") != program:
            for name in ("meta", "sound", "keys", "lines", "stories"):
                self.run(f"DROP TABLE IF EXISTS {name}")
            self._make(_TABLES)
            self.set("program", program)
        self._make(_OF_THIS_RUN)

    def _make(self, tables: str) -> None:
        for statement in filter(str.strip, tables.split(";")):
            self.run(statement)

    def keep(self) -> None:
        """Let the next look begin from this one."""
        with suppress(sqlite3.Error):  # no room: the next one looks at everything
            self._connection.execute("COMMIT")

    def close(self) -> None:
        self._connection.close()

    def run(self, sql: str, values: Sequence[Any] = ()) -> None:
        self._connection.execute(sql, values)

    def run_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        self._connection.executemany(sql, rows)

    def rows(self, sql: str, values: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """One at a time; the rows that are read must not be changed meanwhile."""
        yield from self._connection.execute(sql, values)

    def values(self, sql: str) -> list[Any]:
        """The first column of all rows."""
        return [value for (value, *_) in self.rows(sql)]

    def value(self, sql: str, values: Sequence[Any] = ()) -> Any:
        """The first column of the first row; None when there is none."""
        found = self._connection.execute(sql, values).fetchone()
        return None if found is None else found[0]

    def get(self, name: str) -> Any:
        return self.value("SELECT value FROM meta WHERE name = ?", (name,))

    def set(self, name: str, value: object) -> None:
        self.run("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def is_settled(self, ctime: int) -> bool:
        """Whether a file of that time cannot change any more and look the same."""
        return ctime < self.began - disk.SETTLED


@contextmanager
def remembering(folder: Path, *, anew: bool = False) -> Iterator[Memory]:
    """The memory of an output folder; what is seen in the block is kept at its end."""
    memory = Memory(folder / DOCTOR, anew=anew)
    try:
        yield memory
        memory.keep()
    finally:
        memory.close()


def text(value: str) -> str:
    """As SQLite can store it: what is no UTF-8 becomes an escape."""
    return value.encode("utf-8", "backslashreplace").decode()


def _is_damaged(path: Path) -> bool:
    """Whether it is no SQLite file, or one that is torn."""
    if not path.is_file() or path.is_symlink():
        return False
    with closing(sqlite3.connect(path, timeout=1)) as connection:
        try:
            return bool(connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",))
        except sqlite3.OperationalError:  # another doctor is at it, or it cannot be read
            return False
        except sqlite3.DatabaseError:
            return True


def _program() -> str:
    """A mark of this program's code, which decides what is a fault."""
    found = hashlib.sha256()
    for file in _code(files("zaobao")):
        found.update(file.read_bytes())
    return found.hexdigest()


def _code(folder: Traversable) -> Iterator[Traversable]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _code(entry)
        elif entry.name.endswith(".py"):
            yield entry
