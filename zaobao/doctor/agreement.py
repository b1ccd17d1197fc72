"""Do posts, lines and state tell of the same stories?"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

from zaobao.archive import disk, lock
from zaobao.archive.database import APPLICATION, SCHEMA
from zaobao.archive.exclusions import number_of
from zaobao.archive.folder import POSTS
from zaobao.doctor import posts
from zaobao.doctor.finding import Finding, fail, ok, some, warn
from zaobao.errors import ArchiveError
from zaobao.lines import decode_line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from zaobao.archive.exclusions import Exclusions

_MOST = 20
"""Files with a fault that get a line of their own."""
_REBUILD = "Delete state.sqlite: the next run writes them again from their lines"


def check(folder: Path, holder: str | None, now: datetime, rules: Exclusions) -> Iterator[Finding]:
    """All findings about posts, lines and state. rules: of exclude.txt.

    Read in this order, a run that writes meanwhile can only add to what comes
    later: state, posts, lines are written in the reverse one.
    """
    state, trouble = _state(folder / "state.sqlite", running=holder is not None)
    before = _posts(folder)
    lines = Lines.read(folder / "articles.jsonl", rules)
    further = lines.files | (state.further if state else set())
    files = _posts(folder)
    if lines.excluded:
        yield ok(
            "exclude.txt",
            f"{len(lines.excluded)} written stories match a rule and stay as they are: "
            f"{some(list(lines.excluded.values()))}. scrapy withdraw removes one",
        )
    yield from _about_posts(folder, further, now)
    yield from lines.findings(running=holder is not None)
    yield trouble or _about_state(state, lines, running=holder is not None)
    differences = list(_compare(state, lines, before, files))
    if state and not holder and (new := lines.numbers - state.written.keys()):
        differences.append(warn("agreement", f"{len(new)} stories of the lines are not known yet"))
    if holder and differences:
        yield warn("agreement", f"{differences[0].message}. Ask again when the run has ended")
    elif differences:
        yield from differences
    else:
        yield ok("agreement", f"{len(lines.numbers)} stories, each with its line and its post")


def _posts(folder: Path) -> set[str]:
    """Every Markdown file in `_posts/`, as `_posts/…`."""
    paths = (folder / POSTS).glob("*.m*")
    return {
        f"{POSTS}/{disk.utf8(path.name)}" for path in paths if path.suffix in (".md", ".markdown")
    }


def _about_posts(folder: Path, further: set[str], now: datetime) -> Iterator[Finding]:
    """further: posts that are known; several of one story are then no damage."""
    if not (folder / POSTS).is_dir():
        return
    troubles = []
    try:
        for name, wrong in posts.problems(folder / POSTS, now):
            known = wrong.startswith(posts.SECOND) and f"{POSTS}/{name}" in further
            troubles.append((warn if known else fail)("posts", f"{name}: {wrong}"))
    except ArchiveError as error:
        troubles.append(fail("posts", str(error)))
    yield from troubles[:_MOST] or [ok("posts", f"{len(_posts(folder))} posts of a post's form")]
    if more := troubles[_MOST:]:
        yield fail("posts", f"{len(more)} more files with a fault")


def _state(path: Path, *, running: bool) -> tuple[Knowledge | None, Finding | None]:
    if not path.exists():
        return None, warn("state", "no state.sqlite; the next run builds it from lines and posts")
    try:
        return Knowledge.read(path, running=running), None
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
            f"{said}; articles.jsonl is {state.length - lines.length} bytes shorter than it was: "
            "lines are lost. The next run gives their posts new ones; a copy of the file has more",
        )
    return warn("state", f"{said}; it does not know the last lines yet; the next run reads them")


def _compare(
    state: Knowledge | None, lines: Lines, there: set[str], now: set[str]
) -> Iterator[Finding]:
    """there: the posts before the lines were read; now: those after it."""
    further = state.further if state else set()
    if lost := sorted(lines.files - now):
        yield fail("agreement", f"{len(lost)} lines have no post: {some(lost)}. {_REBUILD}")
    if bare := sorted(there - lines.files - further):
        yield warn(
            "agreement",
            f"{len(bare)} posts have no line: {some(bare)}. scrapy adopt takes them over",
        )
    if state is None:
        return
    if gone := sorted(state.written.keys() - lines.numbers):
        yield fail(
            "agreement",
            f"{len(gone)} stories are known as written and have no line: {some(gone)}. "
            "Delete state.sqlite: the next run builds it from lines and posts",
        )


# --- what lines and state hold


@dataclass(slots=True)
class Lines:
    """What articles.jsonl holds. length: bytes of the whole lines; torn: bytes after them.

    broken: lines that are no line of a story. files: the post of each line.
    excluded: the ids of stories that exclude.txt leaves out, by number.
    """

    count: int = 0
    length: int = 0
    torn: int = 0
    broken: int = 0
    files: set[str] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)
    excluded: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path, rules: Exclusions) -> Self:
        lines = cls()
        try:
            with path.open("rb") as file:
                for data in file:
                    if not data.endswith(b"\n"):
                        lines.torn = len(data)
                        break
                    lines.length += len(data)
                    lines._take(data, rules)
        except FileNotFoundError:
            pass
        return lines

    def _take(self, data: bytes, rules: Exclusions) -> None:
        line = decode_line(data)
        number = number_of(str(line.get("id"))) if line else None
        if line is None or number is None or not isinstance(line.get("post"), str):
            self.broken += 1
            return
        self.count += 1
        self.files.add(line["post"])
        self.numbers.add(number)
        if rules.rule(number, (str(line.get("url")),), str(line.get("title"))):
            self.excluded[number] = line["id"]
        else:
            self.excluded.pop(number, None)

    def findings(self, *, running: bool) -> Iterator[Finding]:
        if self.broken:
            yield fail("lines", f"{self.broken} lines of articles.jsonl are no line of a story")
        if self.torn and not running:
            yield warn("lines", f"the last {self.torn} bytes are a torn line; the next run cuts it")
        if not self.broken:
            yield ok("lines", f"{self.count} lines of {len(self.numbers)} stories")


@dataclass(slots=True)
class Knowledge:
    """What state.sqlite holds, read without writing: SQLite itself would leave files behind.

    written: the files of written stories by number. further: posts of stories beside their
    first. counts: stories by status. length: bytes of articles.jsonl that are remembered.
    """

    written: dict[str, str] = field(default_factory=dict)
    further: set[str] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=dict)
    length: int | None = None

    @classmethod
    def read(cls, path: Path, *, running: bool) -> Self:
        """Raises sqlite3.Error, or ValueError for another program's file or a newer format.

        running: whether a run writes just now. Then SQLite's own files are there
        and shared. After a killed run they are to be recovered, which is done with a
        copy; after any other one there are none, and the file does not change.
        """
        left = path.with_name(f"{path.name}-wal")
        if running and left.exists():
            return cls._read(f"file:{quote(str(path))}?mode=ro")
        if not left.exists():
            return cls._read(f"file:{quote(str(path))}?mode=ro&immutable=1")
        with tempfile.TemporaryDirectory() as folder:
            for one in (path, left):
                shutil.copyfile(one, Path(folder) / one.name)
            return cls._read(f"file:{quote(str(Path(folder) / path.name))}")

    @classmethod
    def _read(cls, uri: str) -> Self:
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
            return cls(
                dict(rows("SELECT number, file FROM stories WHERE status = 'written'")),
                {file for (file,) in rows("SELECT file FROM further")},
                dict(rows("SELECT status, count(*) FROM stories GROUP BY status")),
                int(length[0][0]) if length else None,
            )
