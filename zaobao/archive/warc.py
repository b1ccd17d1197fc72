"""One month's story pages in a WARC file that only grows, and an index of its records.

Each record is a gzip member of its own, written at once and made durable; what
a crash tore off is cut at the next start. The index beside it can be deleted:
it is built again from the records. warcio knows the format.
"""

from __future__ import annotations

import json
import logging
import os
import re
import zlib
from base64 import b32encode
from dataclasses import asdict, dataclass
from functools import partial
from hashlib import sha1
from io import BytesIO
from itertools import pairwise
from typing import TYPE_CHECKING, Any, BinaryIO

from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from zaobao import __version__
from zaobao.archive.disk import guard, line_blocks, replace_parts, sync_folder
from zaobao.archive.members import Member, Torn
from zaobao.text import counted
from zaobao.urls import number_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

logger = logging.getLogger(__name__)

_VERSION = "WARC/1.1"
_PLACES = re.compile(rb'"start": (\d+), "end": (\d+), "page": (\d+)')
"""In a line of an index. Within a string the quotation marks would have backslashes before them."""
_STRING = rb'"[^"\\\x00-\x1f]*(?:\\.[^"\\\x00-\x1f]*)*"'
_INDEXED = re.compile(
    rb'^\{"id": %s, "crawled": %s, "url": %s, "listed": (?:null|%s), "digest": %s, '
    rb'"start": (\d+), "end": (\d+), "page": \d+(?:, "place": \d+)?\}$'.replace(b"%s", _STRING),
    re.M,
)
"""A whole line of an index; a quarter of the price of reading it as JSON."""

_RESPONSE = re.compile(
    rb"WARC/1\.1\r\n(?:[^\r\n]+\r\n)*?WARC-Type: response\r\n(?:[^\r\n]+\r\n)*?"
    rb"Content-Length: (\d+)\r\n(?:[^\r\n]+\r\n)*?\r\n"
)
STORY, LISTED, PLACE = "Zaobao-Story", "Zaobao-List-Time", "Zaobao-Page"
"""Record headers of our own: the story's id, the exact time that a list showed for it, and the
number of a further page of a story of several."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One record: the story's id, when and where its page was read, its place in the file.

    page: where the record with the page itself begins; `start`, but for a
    revisit, whose page an earlier record of the same story has. place: of the page
    in a story of several.
    """

    id: str
    crawled: str
    url: str
    listed: str | None
    digest: str
    start: int
    end: int
    page: int
    place: int = 1

    @property
    def number(self) -> str:
        return number_in(self.id)


class WarcFile:
    """`2026-11.warc.gz`, open for reading and appending. Methods may raise ArchiveError."""

    def __init__(self, path: Path) -> None:
        """Open or create it; a torn record at its end is cut, with a log line."""
        self.path = path
        self.index_path = index_path(path)
        with guard(path, "Opening"):
            is_new = not path.exists()
            flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
            self._descriptor = os.open(path, flags, 0o666)
            if is_new:
                sync_folder(path.parent)
            self.size = os.fstat(self._descriptor).st_size
            self.entries = self._index()
        self._first = {(entry.number, entry.digest): entry for entry in reversed(self.entries)}
        self._known = {_moment_of(entry) for entry in self.entries}

    def close(self) -> None:
        """It can be called twice."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    # --- writing

    def add(
        self, story: str, crawled: str, url: str, listed: str | None, page: bytes, place: int = 1
    ) -> bool:
        """Append a page; False when the one of that moment is there. An equal one is a revisit."""
        number = number_in(story)
        if (number, crawled, place) in self._known:
            return False
        data = _info(self.path.name) if self.size == 0 else b""
        headers = {"WARC-Date": crawled, STORY: story}
        headers |= {LISTED: listed} if listed else {}
        headers |= {PLACE: str(place)} if place > 1 else {}
        digest = _digest(page)
        first = self._first.get((number, digest))
        record = (
            _revisit(url, headers, first.digest, first.url, first.crawled)
            if first
            else _response(url, headers, page)
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
                place,
            )
            with self.index_path.open("ab") as index:
                index.write(_line(entry))
        self._first.setdefault((number, digest), entry)
        self._known.add(_moment_of(entry))
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
            return read_page(self._descriptor, entry.page)

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
            end, data = _member(self._descriptor, start)
            if end is None:
                logger.warning(
                    "%s ended in a torn record of %s, which was cut.",
                    self.path,
                    counted(self.size - start, "byte"),
                )
                os.ftruncate(self._descriptor, start)
                os.fsync(self._descriptor)
                self.size = start
                return
            yield start, end, data
            start = end


def _moment_of(entry: Entry) -> tuple[str, str, int]:
    return entry.number, entry.crawled, entry.place


def _entry(data: bytes, start: int, end: int, before: list[Entry]) -> Entry | None:
    kind, header = _head(data)
    story, url, crawled = header(STORY), header("WARC-Target-URI"), header("WARC-Date")
    if kind not in ("response", "revisit") or not (story and url and crawled):
        return None
    digest, page = header("WARC-Payload-Digest") or "", start
    if kind == "revisit":
        number = number_in(story)
        page = next(e.page for e in before if (e.number, e.digest) == (number, digest))
    place = int(header(PLACE) or 1)
    return Entry(story, crawled, url, header(LISTED), digest, start, end, page, place)


def index_path(path: Path) -> Path:
    """The index beside a WARC file."""
    return path.with_name(path.name.removesuffix(".warc.gz") + ".index.jsonl")


def entries(path: Path) -> Iterator[Entry]:
    """The records of a file by its index, one at a time; an index that is not whole is mended."""
    _mend(path)
    with guard(path, "Reading"):
        yield from _stored(index_path(path))


def drop(path: Path, number: str, temporary: Path) -> int:
    """Take all records of a story out of a file; how many. temporary: as in `disk.replace`."""
    _mend(path)
    index = index_path(path)
    if not index.exists():  # the file is empty
        return 0
    mark = f"-{number}".encode()
    with guard(path, "Reading"), index.open("rb") as lines:
        if not any(mark in block for block in line_blocks(lines)):
            return 0
    gone: list[tuple[int, int, bytes]] = []
    new = temporary / index.name
    with guard(path, "Removing from"):
        with index.open("rb") as lines, new.open("wb") as file:
            for block in line_blocks(lines):
                kept = _without(block, number, gone) if mark in block else block
                file.write(_moved(kept, gone) if gone else kept)
        if not gone:
            new.unlink()
            return 0
        index.unlink()
        replace_parts(path, gone, temporary)
        new.replace(index)
        sync_folder(path.parent)
    return len(gone)


def _without(block: bytes, number: str, gone: list[tuple[int, int, bytes]]) -> bytes:
    """Lines of an index without those of a story, whose stretches are added to `gone`."""
    kept = []
    for line in block.splitlines(keepends=True):
        entry = json.loads(line)
        if number_in(entry["id"]) == number:
            gone.append((entry["start"], entry["end"], b""))
        else:
            kept.append(line)
    return b"".join(kept)


def _moved(block: bytes, gone: list[tuple[int, int, bytes]]) -> bytes:
    """Lines of an index when the stretches before their records are no longer there."""

    def moved(match: re.Match[bytes]) -> bytes:
        places = start, stop, page = int(match[1]), int(match[2]), int(match[3])
        for begin, end, _ in gone:
            size = end - begin
            start -= size * (begin < places[0])
            stop -= size * (begin < places[1])
            page -= size * (begin < places[2])
        return b'"start": %d, "end": %d, "page": %d' % (start, stop, page)

    return _PLACES.sub(moved, block)


def _mend(path: Path) -> None:
    """Build the index where it does not tell of the whole file."""
    with guard(path, "Reading"):
        size = path.stat().st_size
        try:
            with index_path(path).open("rb") as lines:
                is_whole = _last_end(lines) == size
        except FileNotFoundError:
            is_whole = False
    if not is_whole:
        WarcFile(path).close()


def _last_end(lines: BinaryIO) -> int | None:
    """Where the last record of an index ends; None where a line is damaged or out of order."""
    last = 0
    for block in line_blocks(lines):
        places = _INDEXED.findall(block)
        if len(places) != block.count(b"\n") or not block.endswith(b"\n"):
            return None
        for start, end in places:
            if int(start) < last:
                return None
            last = int(end)
    return last


def _stored(path: Path) -> Iterator[Entry]:
    try:
        with path.open("rb") as lines:
            for line in lines:
                yield Entry(**json.loads(line))
    except FileNotFoundError:
        return
    except (ValueError, TypeError):  # a torn line; what follows is built from the records
        return


def _line(entry: Entry) -> bytes:
    values: dict[str, Any] = asdict(entry)
    return json.dumps(values, ensure_ascii=False).encode() + b"\n"


# --- records as bytes


def read_page(descriptor: int, start: int) -> bytes:
    """The page in the record that begins at `start` of an open WARC file."""
    _, data = _member(descriptor, start)
    # As `_response` has written it, so three cuts do: warcio takes as long as unpacking the page.
    found = _RESPONSE.match(data)
    if found is None:
        raise OSError(f"no record with a page begins at byte {start}")
    page = data.find(b"\r\n\r\n", found.end()) + 4
    return data[page : found.end() + int(found[1])]


def _member(descriptor: int, start: int) -> tuple[int | None, bytes]:
    """The end and the content of the gzip member at `start`; None for a torn one."""
    member = Member(partial(os.pread, descriptor), start)
    try:
        data = member.readall()
    except (Torn, zlib.error):
        return None, b""
    return member.end, data


def _response(url: str, headers: dict[str, str], page: bytes) -> bytes:
    """A record with a whole page."""
    out = BytesIO()
    writer = WARCWriter(out, gzip=True, warc_version=_VERSION)
    kind = [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(page)))]
    http = StatusAndHeaders("200 OK", kind, protocol="HTTP/1.1")
    writer.write_record(
        writer.create_warc_record(
            url, "response", payload=BytesIO(page), http_headers=http, warc_headers_dict=headers
        )
    )
    return out.getvalue()


def _revisit(url: str, headers: dict[str, str], same: str, first: str, moment: str) -> bytes:
    """A record that says: the page is the one with the digest `same`, read from `first` then."""
    out = BytesIO()
    writer = WARCWriter(out, gzip=True, warc_version=_VERSION)
    http = StatusAndHeaders("200 OK", [], protocol="HTTP/1.1")
    writer.write_record(
        writer.create_revisit_record(
            url, same, first, moment, http_headers=http, warc_headers_dict=headers
        )
    )
    return out.getvalue()


def _info(name: str) -> bytes:
    """The record at the head of a file."""
    out = BytesIO()
    writer = WARCWriter(out, gzip=True, warc_version=_VERSION)
    info = {"software": f"zaobao/{__version__}", "format": "WARC File Format 1.1"}
    writer.write_record(writer.create_warcinfo_record(name, info))
    return out.getvalue()


def _digest(page: bytes) -> str:
    """In the form in which WARC tools write a payload's digest."""
    return "sha1:" + b32encode(sha1(page, usedforsecurity=False).digest()).decode()


def _head(data: bytes) -> tuple[str, Callable[[str], str | None]]:
    """A record's kind and its headers by name."""
    for record in ArchiveIterator(BytesIO(data)):
        return record.rec_type, record.rec_headers.get_header
    return "", lambda _name: None
