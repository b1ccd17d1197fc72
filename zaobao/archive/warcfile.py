"""One month's story pages in a WARC file that only grows, and an index of its records.

Each record is a gzip member of its own, written at once and made durable; what
a crash tore off is cut at the next start. The index beside it can be deleted:
it is built again from the records.
"""

from __future__ import annotations

import json
import logging
import os
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from zaobao.archive import warcrecords
from zaobao.archive.disk import guard, sync_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

logger = logging.getLogger(__name__)

STORY, LISTED = "Zaobao-Story", "Zaobao-List-Time"
"""Record headers of our own: the story's id, and the exact time that a list showed for it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One record: the story's id, when and where its page was read, its place in the file.

    page: where the record with the page itself begins; `start`, but for a
    revisit, whose page an earlier record of the same story has.
    """

    id: str
    crawled: str
    url: str
    listed: str | None
    digest: str
    start: int
    end: int
    page: int

    @property
    def number(self) -> str:
        return self.id.partition("-")[2]


class WarcFile:
    """`2026-11.warc.gz`, open for reading and appending. Methods may raise ArchiveError."""

    def __init__(self, path: Path) -> None:
        """Open or create it; a torn record at its end is cut, with a log line."""
        self.path = path
        self.index_path = path.with_name(path.name.removesuffix(".warc.gz") + ".index.jsonl")
        with guard(path, "Opening"):
            is_new = not path.exists()
            flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
            self._descriptor = os.open(path, flags, 0o666)
            if is_new:
                sync_folder(path.parent)
            self.size = os.fstat(self._descriptor).st_size
            self.entries = self._index()
        self._first = {(entry.number, entry.digest): entry for entry in reversed(self.entries)}
        self._known = {(entry.number, entry.crawled) for entry in self.entries}

    def close(self) -> None:
        """It can be called twice."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    # --- writing

    def add(self, story: str, crawled: str, url: str, listed: str | None, page: bytes) -> bool:
        """Append a page; False when the one of that moment is there. An equal one is a revisit."""
        number = story.partition("-")[2]
        if (number, crawled) in self._known:
            return False
        data = warcrecords.info(self.path.name) if self.size == 0 else b""
        headers = {"WARC-Date": crawled, STORY: story, **({LISTED: listed} if listed else {})}
        digest = warcrecords.digest(page)
        first = self._first.get((number, digest))
        record = (
            warcrecords.revisit(url, headers, first.digest, first.url, first.crawled)
            if first
            else warcrecords.response(url, headers, page)
        )
        start = self.size + len(data)
        with guard(self.path, "Writing"):
            self._append(data + record)
            entry = Entry(
                story,
                crawled,
                url,
                listed,
                digest,
                start,
                self.size,
                first.page if first else start,
            )
            with self.index_path.open("ab") as index:
                index.write(_line(entry))
        self._first.setdefault((number, digest), entry)
        self._known.add((number, crawled))
        self.entries.append(entry)
        return True

    def _append(self, data: bytes) -> None:
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(self._descriptor, view) :]
            os.fsync(self._descriptor)
        except OSError:
            os.ftruncate(self._descriptor, self.size)
            raise
        self.size += len(data)

    # --- reading

    def page(self, entry: Entry) -> bytes:
        """The page's bytes, UTF-8."""
        with guard(self.path, "Reading"):
            return warcrecords.page(self._descriptor, entry.page)

    def record(self, entry: Entry) -> bytes:
        """The record as it lies in the file."""
        return os.pread(self._descriptor, entry.end - entry.start, entry.start)

    def _index(self) -> list[Entry]:
        entries = list(_stored(self.index_path))
        end = entries[-1].end if entries else 0
        if end > self.size or any(one.end > other.start for one, other in pairwise(entries)):
            entries, end = [], 0
        if end == self.size and (entries or not self.size):
            return entries
        for start, stop, data in self._members(end):
            if (entry := _entry(data, start, stop, entries)) is not None:
                entries.append(entry)
        self.index_path.write_bytes(b"".join(map(_line, entries)))
        return entries

    def _members(self, start: int) -> Iterator[tuple[int, int, bytes]]:
        """The gzip members from `start` on, unpacked; a torn last one is cut off."""
        while start < self.size:
            end, data = warcrecords.member(self._descriptor, start)
            if end is None:
                logger.warning(
                    "%s ended in a torn record of %d bytes, which was cut.",
                    self.path,
                    self.size - start,
                )
                os.ftruncate(self._descriptor, start)
                os.fsync(self._descriptor)
                self.size = start
                return
            yield start, end, data
            start = end


def _entry(data: bytes, start: int, end: int, before: list[Entry]) -> Entry | None:
    kind, header = warcrecords.head(data)
    story, url, crawled = header(STORY), header("WARC-Target-URI"), header("WARC-Date")
    if kind not in ("response", "revisit") or not (story and url and crawled):
        return None
    digest, page = header("WARC-Payload-Digest") or "", start
    if kind == "revisit":
        number = story.partition("-")[2]
        page = next(e.page for e in before if (e.number, e.digest) == (number, digest))
    return Entry(story, crawled, url, header(LISTED), digest, start, end, page)


def _stored(path: Path) -> Iterator[Entry]:
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return
    for line in lines:
        try:
            yield Entry(**json.loads(line))
        except (ValueError, TypeError):
            return


def _line(entry: Entry) -> bytes:
    values: dict[str, Any] = asdict(entry)
    return json.dumps(values, ensure_ascii=False).encode() + b"\n"
