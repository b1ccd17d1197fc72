"""Kept pictures: which the archive has, which its stories lack, and those that nothing shows.

`articles.jsonl` says all of it; `.images.sqlite` is its index, and can be deleted. Only how often
a picture was asked for in vain stands there alone.
"""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zaobao import imagechecks, posts, times, urls
from zaobao.archive import disk
from zaobao.errors import ArchiveError
from zaobao.imagechecks import FOLDER
from zaobao.items import Article
from zaobao.lines import decode_line, encode_line, last_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from zaobao.archive.folder import Archive
    from zaobao.exporters import JekyllPostExporter
    from zaobao.items import Image

INDEX = ".images.sqlite"
AGAIN_AFTER = (timedelta(0), timedelta(days=1), timedelta(weeks=1))
"""When a picture is due again after its first, second and third failure: first in the next run."""

_MARKS = (b'"checksum"', f"../{FOLDER}/".encode())
"""What a line has that names a kept picture: of a crawl in `images`, of an adopted post in its
text."""
_PATH = re.compile(rb'["/](%s)' % imagechecks.PATH.encode())
_NAME = re.compile(imagechecks.PATH)
_GROUP = 64
"""Posts that are made durable together."""
_MARK = 4096
"""Bytes before the end of what was read that tell whether the lines are the same."""
_TABLES = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS kept (url TEXT PRIMARY KEY, path TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS lacking (
    number TEXT, url TEXT, start INTEGER NOT NULL, PRIMARY KEY (number, url)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS wanted (
    url TEXT PRIMARY KEY, attempts INTEGER NOT NULL, due INTEGER
) WITHOUT ROWID;
"""
_DUE = """
SELECT number, start, min(due) AS first FROM lacking JOIN wanted USING (url)
WHERE due <= ? AND url NOT IN (SELECT url FROM kept) GROUP BY number ORDER BY first, start LIMIT ?
"""
_SHOWN = "SELECT DISTINCT number, start FROM lacking JOIN kept USING (url) ORDER BY start"


def is_local(store: str) -> bool:
    """Whether Scrapy's store of files is a folder of this machine."""
    return "://" not in store or store.startswith("file://")


def folder_of(store: str) -> Path:
    """The folder of a store that is local."""
    return Path(store.removeprefix("file://"))


def held(folder: Path) -> tuple[int, int]:
    """How many pictures an output folder has in `images/`, and their bytes."""
    sizes = [(folder / FOLDER / name).stat().st_size for name in files(folder / FOLDER)]
    return len(sizes), sum(sizes)


def checksum(path: str) -> str:
    """`sha256:…` of a kept picture, as its name says."""
    return f"sha256:{Path(path).stem}"


def fill(images: Iterable[Image], paths: dict[str, str]) -> None:
    """Note the kept copies of pictures. paths: by the pictures' addresses."""
    for image in images:
        if image.path is None and (path := paths.get(image.url)):
            image.path, image.checksum = path, checksum(path)


class Images:
    """The index of an open archive. Every method may raise ArchiveError."""

    def __init__(self, archive: Archive) -> None:
        """Open or build it, and take over the lines that were written since."""
        self._archive = archive
        self._path = archive.folder / INDEX
        try:
            self._open()
        except sqlite3.DatabaseError:  # damaged: it can be built again
            for path in archive.folder.glob(f"{INDEX}*"):
                with disk.guard(path, "Removing"):
                    path.unlink(missing_ok=True)
            with self._errors():
                self._open()
        try:
            self._catch_up()
        except BaseException:
            self.close()
            raise

    def _open(self) -> None:
        self._db = sqlite3.connect(self._path, isolation_level=None)
        try:
            self._db.executescript(f"PRAGMA journal_mode = WAL; {_TABLES}")
        except BaseException:
            self._db.close()
            raise

    def close(self) -> None:
        with suppress(sqlite3.Error):
            self._db.close()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise ArchiveError(
                f"{self._path}: {error}. Posts and lines are whole; make room, or delete that "
                "file, and run again."
            ) from error

    @contextmanager
    def _batch(self) -> Iterator[None]:
        with self._errors():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def _rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with self._errors():
            return self._db.execute(sql, values).fetchall()

    def _run(self, sql: str, *values: object) -> None:
        with self._errors():
            self._db.execute(sql, values)

    # --- what the lines say

    def _catch_up(self) -> None:
        meta = dict(self._rows("SELECT name, value FROM meta"))
        start = meta.get("length", 0)
        with self._batch():
            if not start or meta.get("mark") != self._mark(start):
                self._db.execute("DELETE FROM lacking")  # the lines are other ones
                start = 0
            for end, line in self._archive.lines(start):
                self._take(start, line)
                start = end
            self._note_length(self._archive.length)

    def _take(self, start: int, line: dict[str, Any]) -> None:
        number = urls.number_in(str(line.get("id")))
        self._db.execute("DELETE FROM lacking WHERE number = ?", (number,))
        for image in line.get("images") or ():
            url, path = image.get("url"), image.get("path")
            if path:
                self._db.execute("INSERT OR REPLACE INTO kept VALUES (?, ?)", (url, path))
            else:
                row = (number, url, start)
                self._db.execute("INSERT OR REPLACE INTO lacking VALUES (?, ?, ?)", row)

    def _note_length(self, length: int) -> None:
        pairs = (("length", length), ("mark", self._mark(length)))
        self._db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", pairs)

    def _mark(self, length: int) -> str:
        """What tells the lines up to a length from others of the same length."""
        path = self._archive.folder / "articles.jsonl"
        with disk.guard(path, "Reading"), path.open("rb") as file:
            status = os.fstat(file.fileno())
            if status.st_size < length:
                return ""
            file.seek(max(0, length - _MARK))
            return hashlib.sha256(file.read(min(length, _MARK))).hexdigest() + f"-{status.st_ino}"

    # --- pictures

    def kept(self, url: str) -> str | None:
        """The path of the copy of the picture at this address; None when there is none."""
        rows = self._rows("SELECT path FROM kept WHERE url = ?", url)
        return rows[0][0] if rows else None

    def keep(self, url: str, path: str) -> None:
        """Note a copy that is in the store, whole and durable."""
        with self._batch():
            self._db.execute("INSERT OR REPLACE INTO kept VALUES (?, ?)", (url, path))
            self._db.execute("DELETE FROM wanted WHERE url = ?", (url,))

    def postpone(self, url: str, now: datetime, *, failed: bool = True) -> None:
        """Note a picture that could not be had: it is due again, after some failures not any more.

        failed: it was asked for.
        """
        rows = self._rows("SELECT attempts, due FROM wanted WHERE url = ?", url)
        attempts, due = rows[0] if rows else (0, _millis(now))
        if failed:
            wait = AGAIN_AFTER[attempts] if attempts < len(AGAIN_AFTER) else None
            attempts, due = attempts + 1, None if wait is None else _millis(now + wait)
        self._run("INSERT OR REPLACE INTO wanted VALUES (?, ?, ?)", url, attempts, due)

    def want(self, numbers: Iterable[str], now: datetime) -> int:
        """Make the pictures due that these stories lack; how many."""
        count = 0
        with self._batch():
            for number in numbers:
                found = self._db.execute(
                    "INSERT OR REPLACE INTO wanted SELECT url, 0, ? FROM lacking WHERE number = ?",
                    (_millis(now), number),
                )
                count += found.rowcount
        return count

    def due(self, now: datetime, most: int) -> Iterator[Article]:
        """The stories with pictures that are due, as their last lines say."""
        for number, start, _ in self._rows(_DUE, _millis(now), most):
            if found := self._line(number, start):
                yield Article.from_dict(found[2])

    def _line(self, number: str, start: int) -> tuple[int, bytes, dict[str, Any]] | None:
        """End, bytes and values of a story's line; None when a newer one was written."""
        end, _ = next(self._archive.lines(start))
        path = self._archive.folder / "articles.jsonl"
        with disk.guard(path, "Reading"), path.open("rb") as file:
            file.seek(start)
            data = file.read(end - start)
        values = decode_line(last_line(data)) or {}
        record = self._archive.state.get(number)
        is_last = record is not None and record.revision == values.get("revision")
        return (end, data, values) if is_last else None

    def show(self, exporter: JekyllPostExporter) -> int:
        """Put the copies that the store has by now into lines and posts; of how many stories.

        Posts first, then all lines at once, then the state: killed and done again it ends
        the same.
        """
        rows = self._rows(_SHOWN)
        parts: list[tuple[int, int, bytes]] = []
        for group in (rows[n : n + _GROUP] for n in range(0, len(rows), _GROUP)):
            written = {}
            for number, start in group:
                if found := self._line(number, start):
                    end, data, values = found
                    article = Article.from_dict(values)
                    wanted = {image.url: self.kept(image.url) for image in article.images}
                    fill(article.images, {url: path for url, path in wanted.items() if path})
                    old = last_line(data)
                    new = encode_line({**values, **article.to_dict()})
                    parts.append((start, end, data.removesuffix(old) + new))
                    if there := self._archive.read_post(str(article.post)):
                        written[str(article.post)] = exporter.post(article, posts.gone(there))
            self._archive.write_posts(written)
        if parts:
            self._replace(parts)
        return len(parts)

    def _replace(self, parts: list[tuple[int, int, bytes]]) -> None:
        state = self._archive.state
        is_complete = state.length is not None
        state.distrust()
        length = self._archive.replace_lines(parts)
        if is_complete:
            state.length = length
        self._run("DELETE FROM meta")  # read again, where what follows is not reached
        with self._batch():
            self._db.execute("DELETE FROM lacking WHERE url IN (SELECT url FROM kept)")
            for start, end, data in reversed(parts):
                moved = (len(data) - (end - start), end)
                self._db.execute("UPDATE lacking SET start = start + ? WHERE start >= ?", moved)
            self._note_length(length)


def _millis(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def make_due(archive: Archive, exporter: JekyllPostExporter, numbers: Iterable[str]) -> int:
    """Show the pictures that the store has, and make the others of these stories due; how many
    those are."""
    index = Images(archive)
    try:
        index.show(exporter)
        return index.want(numbers, times.now())
    finally:
        index.close()


# --- what a withdrawn story leaves


def remove(
    archive: Archive, number: str, lines: Iterable[bytes], store: str
) -> tuple[int, list[str]]:
    """Remove the pictures that no other story shows; how many, and the paths of those that a
    store elsewhere still has.

    lines: the story's, which must still be there. In `images/` of the output folder what a
    killed run left is removed, too.
    """
    home = archive.folder / FOLDER
    names = {path for line in lines for path in _paths(line)}
    is_home = is_local(store) and folder_of(store) == home
    if is_home:
        names = set(files(home))
    if names:
        names -= _named_by_others(archive, number)
        names -= _shown_by_others(archive, number)
    if not is_local(store):
        return 0, sorted(names)
    folder = folder_of(store)
    found = [folder / name for name in sorted(names) if (folder / name).is_file()]
    for path in found:
        with disk.guard(path, "Removing"):
            path.unlink()
    for parent in {path.parent for path in found}:
        with disk.guard(parent, "Removing from"):
            disk.sync_folder(parent)
    return len(found), []


def _named_by_others(archive: Archive, number: str) -> set[str]:
    """The pictures that the lines of all other stories name."""
    return {
        path
        for mark in _MARKS
        for _, line in archive.find_lines(mark)
        if number.encode() not in line
        or urls.number_in(str((decode_line(line) or {}).get("id"))) != number
        for path in _paths(line)
    }


def _shown_by_others(archive: Archive, number: str) -> set[str]:
    """The pictures that the posts of all other stories show: a clone of a repository may have
    posts and no lines."""
    return {
        path
        for post in archive.posts.glob("*")
        if (data := disk.read(post)) and not posts.is_of(data, number)
        for path in _paths(data)
    }


def _paths(line: bytes) -> list[str]:
    return [path.decode() for path in _PATH.findall(line)]


def files(folder: Path) -> list[str]:
    """The paths in a store of its whole pictures; none where there is no folder."""
    return [
        name
        for path in folder.glob("[0-9a-f][0-9a-f]/*.*")
        if _NAME.fullmatch(name := str(path.relative_to(folder))) and path.is_file()
    ]
