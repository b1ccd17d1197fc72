"""What state.sqlite knows, read without writing: SQLite itself would leave files behind."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from zaobao.archive.database import APPLICATION, SCHEMA


@dataclass(slots=True)
class Knowledge:
    """written: the files of written stories by number. further: posts of stories beside their
    first. counts: stories by status. length: bytes of articles.jsonl that are remembered."""

    written: dict[str, str] = field(default_factory=dict)
    further: set[str] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=dict)
    length: int | None = None


def read(path: Path, *, running: bool) -> Knowledge:
    """Raises sqlite3.Error, or ValueError for another program's file or a newer format.

    running: whether a run writes just now. Then SQLite's own files are there
    and shared. After a killed run they are to be recovered, which is done with a
    copy; after any other one there are none, and the file does not change.
    """
    left = path.with_name(f"{path.name}-wal")
    if running and left.exists():
        return _read(f"file:{quote(str(path))}?mode=ro")
    if not left.exists():
        return _read(f"file:{quote(str(path))}?mode=ro&immutable=1")
    with tempfile.TemporaryDirectory() as folder:
        for one in (path, left):
            shutil.copyfile(one, Path(folder) / one.name)
        return _read(f"file:{quote(str(Path(folder) / path.name))}")


def _read(uri: str) -> Knowledge:
    with closing(sqlite3.connect(uri, uri=True, timeout=10)) as connection:

        def rows(sql: str) -> list[Any]:
            return connection.execute(sql).fetchall()

        [(version,)], [(application,)] = rows("PRAGMA user_version"), rows("PRAGMA application_id")
        if version > SCHEMA:
            raise ValueError(f"it has format {version}, and this program knows {SCHEMA}")
        if application != APPLICATION:
            raise ValueError("it is another program's")
        if (found := rows("PRAGMA quick_check(1)")) != [("ok",)]:
            raise sqlite3.DatabaseError(found[0][0])
        length = rows("SELECT value FROM meta WHERE name = 'length'")
        return Knowledge(
            dict(rows("SELECT number, file FROM stories WHERE status = 'written'")),
            {file for (file,) in rows("SELECT file FROM further")},
            dict(rows("SELECT status, count(*) FROM stories GROUP BY status")),
            int(length[0][0]) if length else None,
        )
