"""Do posts, lines and state tell of the same stories?"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Self
from urllib.parse import quote

from zaobao import progress
from zaobao.archive import disk, lock
from zaobao.archive.database import APPLICATION, SCHEMA
from zaobao.archive.exclusions import number_of
from zaobao.archive.folder import POSTS
from zaobao.doctor import posts
from zaobao.doctor.finding import Finding, fail, ok, some, warn
from zaobao.doctor.memory import Memory, remembering, text
from zaobao.errors import ArchiveError
from zaobao.lines import decode_line
from zaobao.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from zaobao.archive.exclusions import Exclusions

_MOST = 20
"""Files with a fault that get a line of their own."""
_BLOCK = 1 << 17
_TOGETHER = 500
"""Lines that are stored in one go."""
_REBUILD = "Delete state.sqlite: the next run writes them again from their lines"


def check(
    folder: Path, holder: str | None, now: datetime, rules: Exclusions, *, anew: bool = False
) -> Iterator[Finding]:
    """All findings about posts, lines and state. rules: of exclude.txt.

    anew: posts and lines are read also where they have not changed since the last time.
    """
    try:
        with remembering(folder, anew=anew) as seen:
            found = list(_check(folder, holder, now, rules, seen))
    except sqlite3.Error:  # the disk is full, say: what was seen cannot be kept
        with closing(Memory(None)) as seen:
            found = list(_check(folder, holder, now, rules, seen))
    yield from found


def _check(
    folder: Path, holder: str | None, now: datetime, rules: Exclusions, seen: Memory
) -> Iterator[Finding]:
    """Read in this order, a run that writes meanwhile can only add to what comes
    later: state, posts, lines are written in the reverse one.
    """
    state, trouble = _state(folder / "state.sqlite", seen, running=holder is not None)
    unlisted = _list_posts(folder, seen)
    lines = Lines.read(folder / "articles.jsonl", seen)
    excluded = _excluded(rules, seen)
    if excluded:
        said = counted(
            len(excluded),
            "written story matches a rule and stays as it is",
            "written stories match a rule and stay as they are",
        )
        yield ok("exclude.txt", f"{said}: {some(excluded)}. scrapy withdraw removes one")
    yield from _about_posts(folder, now, seen, unlisted)
    yield from lines.findings(running=holder is not None)
    yield trouble or _about_state(state, lines, running=holder is not None)
    differences = list(_compare(folder, state, seen))
    if state and not holder:
        new = seen.value(
            "SELECT count(*) FROM stories WHERE number NOT IN (SELECT number FROM written)"
        )
        if new:
            said = counted(new, "story of the lines is", "stories of the lines are")
            differences.append(warn("agreement", f"{said} not known yet"))
    if holder and differences:
        yield warn("agreement", f"{differences[0].message}. Ask again when the run has ended")
    elif differences:
        yield from differences
    else:
        said = counted(lines.stories, "story")
        yield ok("agreement", f"{said}, each with its line and its post")


def _list_posts(folder: Path, seen: Memory) -> str | None:
    """Note what lies in `_posts/`; a sentence where that cannot be read."""
    try:
        if (folder / POSTS).is_dir():
            posts.look(folder / POSTS, seen)
    except ArchiveError as error:
        return str(error)
    return None


def _excluded(rules: Exclusions, seen: Memory) -> list[str]:
    """The ids of the stories that exclude.txt leaves out."""
    if (numbers := rules.numbers) is not None:
        asked = "SELECT id FROM stories WHERE number IN (SELECT value FROM json_each(?))"
        return [story for (story,) in seen.rows(f"{asked} ORDER BY rowid", (json.dumps(numbers),))]
    stories = seen.rows("SELECT number, id, url, title FROM stories ORDER BY rowid")
    return [story for number, story, url, title in stories if rules.rule(number, (url,), title)]


def _about_posts(
    folder: Path, now: datetime, seen: Memory, unlisted: str | None
) -> Iterator[Finding]:
    """Several posts of one story are no damage where they are known. unlisted: why `_posts/` could
    not be listed."""
    if not (folder / POSTS).is_dir():
        return
    troubles = [fail("posts", unlisted)] if unlisted else []
    known = "SELECT file FROM lines WHERE file = ?1 UNION SELECT file FROM further WHERE file = ?1"
    try:
        for name, wrong in posts.problems(folder / POSTS, now, seen):
            second = wrong.startswith(posts.SECOND) and seen.value(known, (f"{POSTS}/{name}",))
            troubles.append((warn if second else fail)("posts", f"{name}: {wrong}"))
    except ArchiveError as error:
        troubles.append(fail("posts", str(error)))
    count = seen.value("SELECT count(*) FROM posts")
    yield from troubles[:_MOST] or [ok("posts", f"{counted(count, 'post')}, all well formed")]
    if more := troubles[_MOST:]:
        yield fail("posts", f"{counted(len(more), 'more file')} with a fault")


def _state(path: Path, seen: Memory, *, running: bool) -> tuple[Knowledge | None, Finding | None]:
    if not path.exists():
        return None, warn("state", "no state.sqlite; the next run builds it from lines and posts")
    try:
        return Knowledge.read(path, seen, running=running), None
    except (sqlite3.Error, ValueError, OSError) as error:
        if running or lock.holder(path.with_name(".lock")):
            return None, warn("state", f"a run is at it ({error}); ask again when it has ended")
        return None, fail(
            "state",
            f"state.sqlite: {error}. Move it away: the next run builds it from lines and posts",
        )


def _about_state(state: Knowledge | None, lines: Lines, *, running: bool) -> Finding:
    assert state is not None
    counts = ", ".join(f"{count} {status}" for status, count in sorted(state.counts.items()))
    said = f"format {SCHEMA}, {counts or 'no story'}"
    if running or state.length == lines.length:
        return ok("state", said)
    if state.length is not None and state.length > lines.length:
        return fail(
            "state",
            f"{said}; articles.jsonl lacks {counted(state.length - lines.length, 'byte')} that it "
            "had: lines are lost. The next run gives their posts new ones; a copy of the file has "
            "more",
        )
    return warn("state", f"{said}; it does not know the last lines yet; the next run reads them")


def _compare(folder: Path, state: Knowledge | None, seen: Memory) -> Iterator[Finding]:
    unlisted = seen.values(
        f"SELECT file FROM lines WHERE file NOT GLOB '{POSTS}/*' OR NOT EXISTS "  # noqa: S608 (our own name)
        f"(SELECT 1 FROM posts WHERE posts.file = substr(lines.file, {len(POSTS) + 2})) "
        "ORDER BY file"
    )
    # A run may have written it since the folder was listed.
    lost = [
        file
        for file in unlisted
        if not (file.startswith(f"{POSTS}/") and os.path.lexists(folder / disk.local(file)))
    ]
    if lost:
        said = counted(len(lost), "line has no post", "lines have no post")
        yield fail("agreement", f"{said}: {some(lost)}. {_REBUILD}")
    bare = seen.values(
        f"SELECT '{POSTS}/' || file AS post FROM posts WHERE "  # noqa: S608 (our own name)
        "post NOT IN (SELECT file FROM lines) AND post NOT IN (SELECT file FROM further) "
        "ORDER BY file"
    )
    if bare:
        said = counted(len(bare), "post has no line", "posts have no line")
        yield warn("agreement", f"{said}: {some(bare)}. scrapy adopt takes them over")
    if state is None:
        return
    gone = seen.values(
        "SELECT number FROM written EXCEPT SELECT number FROM stories ORDER BY number"
    )
    if gone:
        said = counted(
            len(gone),
            "story is known as written and has no line",
            "stories are known as written and have no line",
        )
        do = "Delete state.sqlite: the next run builds it from lines and posts"
        yield fail("agreement", f"{said}: {some(gone)}. {do}")


# --- what lines and state hold


@dataclass(slots=True)
class Lines:
    """What articles.jsonl holds, beside the tables `lines` and `stories`.

    length: bytes of the whole lines; torn: bytes after them. broken: lines that are no
    line of a story. count: the others; stories: of how many stories.
    """

    count: int = 0
    length: int = 0
    torn: int = 0
    broken: int = 0
    stories: int = 0

    @classmethod
    def read(cls, path: Path, seen: Memory) -> Self:
        """Read the lines that were not read the last time.

        A file that has changed is compared up to there by its hash: it grows with each
        run, and what was there before stays.
        """
        lines = cls()
        try:
            with path.open("rb") as file:
                lines._read(file, seen)
        except FileNotFoundError:
            lines._forget(seen)
        lines.stories = seen.value("SELECT count(*) FROM stories")
        return lines

    def _read(self, file: BinaryIO, seen: Memory) -> None:
        at = os.fstat(file.fileno())
        facts = f"{at.st_ino} {at.st_size} {at.st_mtime_ns} {at.st_ctime_ns}"
        known = [seen.get(f"lines {name}") for name in ("length", "hash", "count", "broken")]
        if seen.get("lines facts") == facts:
            self.length, _, self.count, self.broken = known
            return
        found = hashlib.blake2b()
        if known[0] is not None and known[0] <= at.st_size:
            _hash(file, found, known[0])
        if known[0] is not None and found.hexdigest() == known[1]:
            self.length, _, self.count, self.broken = known
        else:
            self._forget(seen)
            file.seek(0)
            found = hashlib.blake2b()
        rows: list[tuple[str, ...]] = []
        shown = self.length
        with progress.bar("reading lines, bytes", at.st_size - self.length) as advance:
            for data in file:
                if not data.endswith(b"\n"):
                    self.torn = len(data)
                    break
                found.update(data)
                self.length += len(data)
                if (row := self._row(data)) is not None:
                    rows.append(row)
                if len(rows) == _TOGETHER:
                    _note(rows, seen)
                    advance(self.length - shown)
                    shown = self.length
        _note(rows, seen)
        seen.set("lines facts", facts if not self.torn and seen.is_settled(at.st_ctime_ns) else "")
        seen.set("lines length", self.length)
        seen.set("lines hash", found.hexdigest())
        seen.set("lines count", self.count)
        seen.set("lines broken", self.broken)

    def _forget(self, seen: Memory) -> None:
        for table in ("lines", "stories", "meta WHERE name LIKE 'lines %'"):
            seen.run(f"DELETE FROM {table}")  # noqa: S608 (a name above)

    def _row(self, data: bytes) -> tuple[str, ...] | None:
        """Post, number, id, address and headline of a line; None for what is none."""
        line = decode_line(data)
        number = number_of(str(line.get("id"))) if line else None
        if line is None or number is None or not isinstance(line.get("post"), str):
            self.broken += 1
            return None
        self.count += 1
        about = (text(str(line.get(key))) for key in ("id", "url", "title"))
        return text(line["post"]), number, *about

    def findings(self, *, running: bool) -> Iterator[Finding]:
        if self.broken:
            said = counted(self.broken, "line of articles.jsonl is", "lines of articles.jsonl are")
            yield fail("lines", f"{said} no line of a story")
        if self.torn and not running:
            said = counted(self.torn, "byte is", "bytes are")
            yield warn("lines", f"the last {said} a torn line; the next run cuts it")
        if not self.broken:
            stories = counted(self.stories, "story")
            yield ok("lines", f"{counted(self.count, 'line')} of {stories}")


def _note(rows: list[tuple[str, ...]], seen: Memory) -> None:
    """Store rows of lines, and forget them here."""
    seen.run_many("INSERT OR IGNORE INTO lines VALUES (?)", (row[:1] for row in rows))
    seen.run_many(
        "INSERT INTO stories VALUES (?, ?, ?, ?) ON CONFLICT (number) DO UPDATE SET "
        "id = excluded.id, url = excluded.url, title = excluded.title",
        (row[1:] for row in rows),
    )
    rows.clear()


def _hash(file: BinaryIO, found: hashlib.blake2b, count: int) -> None:
    """Hash the first bytes of a file."""
    while count and (block := file.read(min(count, _BLOCK))):
        found.update(block)
        count -= len(block)


@dataclass(slots=True)
class Knowledge:
    """What state.sqlite holds, read without writing: SQLite itself would leave files behind.

    Beside it the tables `written` and `further`. counts: stories by status. length: bytes
    of articles.jsonl that are remembered.
    """

    counts: dict[str, int] = field(default_factory=dict)
    length: int | None = None

    @classmethod
    def read(cls, path: Path, seen: Memory, *, running: bool) -> Self:
        """Raises sqlite3.Error, or ValueError for another program's file or a newer format.

        running: whether a run writes just now. Then SQLite's own files are there
        and shared. After a killed run they are to be recovered, which is done with a
        copy; after any other one there are none, and the file does not change.
        """
        left = path.with_name(f"{path.name}-wal")
        if running and left.exists():
            return cls._read(f"file:{quote(str(path))}?mode=ro", seen)
        if not left.exists():
            return cls._read(f"file:{quote(str(path))}?mode=ro&immutable=1", seen)
        with tempfile.TemporaryDirectory() as folder:
            for one in (path, left):
                shutil.copyfile(one, Path(folder) / one.name)
            return cls._read(f"file:{quote(str(Path(folder) / path.name))}", seen)

    @classmethod
    def _read(cls, uri: str, seen: Memory) -> Self:
        with closing(sqlite3.connect(uri, uri=True, timeout=10)) as connection:

            def rows(sql: str) -> list[Any]:
                return connection.execute(sql).fetchall()

            [(version,)], [(application,)] = (
                rows("PRAGMA user_version"),
                rows("PRAGMA application_id"),
            )
            if version > SCHEMA:
                raise ValueError(f"it has format {version}, and this program knows {SCHEMA}")
            if application != APPLICATION:
                raise ValueError("it is another program's")
            if (found := rows("PRAGMA quick_check(1)")) != [("ok",)]:
                raise sqlite3.DatabaseError(found[0][0])
            length = rows("SELECT value FROM meta WHERE name = 'length'")
            for table, sql in (
                # In order, so that each row goes to the end of its table.
                ("written", "SELECT number FROM stories WHERE status = 'written' ORDER BY number"),
                ("further", "SELECT file FROM further ORDER BY file"),
            ):
                seen.run_many(f"INSERT INTO {table} VALUES (?)", connection.execute(sql))  # noqa: S608
            return cls(
                dict(rows("SELECT status, count(*) FROM stories GROUP BY status")),
                int(length[0][0]) if length else None,
            )
