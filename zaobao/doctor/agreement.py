"""Do posts, lines and state tell of the same stories?"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from zaobao.archive import disk, lock
from zaobao.archive.database import SCHEMA
from zaobao.archive.exclusions import number_of
from zaobao.archive.folder import POSTS
from zaobao.doctor import knows, posts
from zaobao.doctor.finding import Finding, fail, ok, some, warn
from zaobao.errors import ArchiveError
from zaobao.lines import decode_line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from zaobao.archive.exclusions import Exclusions

_MOST = 20
"""Files with a fault that get a line of their own."""
_REBUILD = "Delete state.sqlite: the next run writes them again from their lines"


@dataclass(slots=True)
class Lines:
    """length: bytes of the whole lines. torn: bytes after them. files: the post of each line.

    excluded: the ids of stories that exclude.txt leaves out, by number.
    """

    count: int = 0
    length: int = 0
    torn: int = 0
    broken: int = 0
    files: set[str] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)
    excluded: dict[str, str] = field(default_factory=dict)


def look(folder: Path, holder: str | None, now: datetime, rules: Exclusions) -> Iterator[Finding]:
    """Everything about posts, lines and state. rules: of exclude.txt.

    Read in this order, a run that writes meanwhile can only add to what comes
    later: state, posts, lines are written in the reverse one.
    """
    state, trouble = _state(folder / "state.sqlite", running=holder is not None)
    before = _posts(folder)
    lines = read_lines(folder / "articles.jsonl", rules)
    further = lines.files | (state.further if state else set())
    files = _posts(folder)
    if lines.excluded:
        yield ok(
            "exclude.txt",
            f"{len(lines.excluded)} written stories match a rule and stay as they are: "
            f"{some(list(lines.excluded.values()))}. scrapy withdraw removes one",
        )
    yield from _about_posts(folder, further, now)
    yield from _about_lines(lines, running=holder is not None)
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


def read_lines(path: Path, rules: Exclusions) -> Lines:
    """Every line of articles.jsonl; what is no line is counted."""
    lines = Lines()
    try:
        with path.open("rb") as file:
            for data in file:
                if not data.endswith(b"\n"):
                    lines.torn = len(data)
                    break
                lines.length += len(data)
                _take(lines, data, rules)
    except FileNotFoundError:
        pass
    return lines


def _take(lines: Lines, data: bytes, rules: Exclusions) -> None:
    line = decode_line(data)
    number = number_of(str(line.get("id"))) if line else None
    if line is None or number is None or not isinstance(line.get("post"), str):
        lines.broken += 1
        return
    lines.count += 1
    lines.files.add(line["post"])
    lines.numbers.add(number)
    if rules.rule(number, (str(line.get("url")),), str(line.get("title"))):
        lines.excluded[number] = line["id"]
    else:
        lines.excluded.pop(number, None)


def _about_lines(lines: Lines, *, running: bool) -> Iterator[Finding]:
    if lines.broken:
        yield fail("lines", f"{lines.broken} lines of articles.jsonl are no line of a story")
    if lines.torn and not running:
        yield warn("lines", f"the last {lines.torn} bytes are a torn line; the next run cuts it")
    if not lines.broken:
        yield ok("lines", f"{lines.count} lines of {len(lines.numbers)} stories")


def _state(path: Path, *, running: bool) -> tuple[knows.Knowledge | None, Finding | None]:
    if not path.exists():
        return None, warn("state", "no state.sqlite; the next run builds it from lines and posts")
    try:
        return knows.read(path, running=running), None
    except (sqlite3.Error, ValueError, OSError) as error:
        if running or lock.holder(path.with_name(".lock")):
            return None, warn("state", f"a run is at it ({error}); ask again when it has ended")
        return None, fail(
            "state",
            f"state.sqlite: {error}. Move it away: the next run builds it from lines and posts",
        )


def _about_state(state: knows.Knowledge | None, lines: Lines, *, running: bool) -> Finding:
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
    state: knows.Knowledge | None, lines: Lines, there: set[str], now: set[str]
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
