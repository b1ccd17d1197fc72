"""WARC files of other programs, record by record, damaged ones too. Memory does not grow.

warcio parses the heads of records. Where records begin and end is found here: to be read in
pieces and to go on behind a damaged record, each one's exact place is needed, and warcio's
iterator ends at the first damage and takes a torn record for a whole one.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections import OrderedDict
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Self

from warcio.exceptions import ArchiveLoadFailed
from warcio.limitreader import LimitReader
from warcio.statusandheaders import StatusAndHeadersParser, StatusAndHeadersParserException

from zaobao.archive.members import MAGIC, Member, Torn
from zaobao.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PIECE = 64 << 20
"""Bytes of a file that are read in one go; another process may read the next ones."""
MOST_HEAD = 1 << 17
"""Bytes of a record's head."""
_BLOCK = 1 << 20
_BUFFER = 1 << 16
_OPEN = 32
"""Files that a process keeps open."""
PACKED = "it is compressed with {}: unpack it with `{}` and adopt the .warc"
"""Of a whole file in a form that is not read, and of what unpacks that."""
_MARK = b"WARC/"
_ZSTD = b"\x28\xb5\x2f\xfd"
DAMAGES = (ArchiveLoadFailed, EOFError, zlib.error, ValueError)
"""What reading a damaged record raises."""
_VERSIONS = ("WARC/1.1", "WARC/1.0", "WARC/0.18", "WARC/0.17")
_PARSER = StatusAndHeadersParser(_VERSIONS)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a file whose records are read together.

    file: a path or an address for fsspec (`s3://…`). start, end: the bytes in which its records
    begin. last: where the WARC data ends; of a WACZ it is a part of the file. is_first: a record
    begins at `start` exactly. name: for a person.
    """

    file: str
    start: int
    end: int
    last: int
    is_first: bool
    name: str


@dataclass(slots=True)
class Damage:
    """A place where no record could be read, and why. is_file: nothing more of the file can be."""

    name: str
    start: int
    why: str
    is_file: bool = False

    def __str__(self) -> str:
        place = "" if self.is_file else f" the record at byte {self.start}:"
        return f"{self.name}:{place} {self.why}"


class Record:
    """One record: its head, its place, and its content, which can be read once."""

    def __init__(
        self,
        headers: dict[str, str],
        start: int,
        stream: LimitReader,
        check_end: Callable[[], None],
    ) -> None:
        """check_end: raises one of DAMAGES when what follows the content is not as it must be."""
        self.headers, self.start = headers, start
        self._stream, self._check_end = stream, check_end
        self._error: Exception | None = None
        self._is_finished = False

    @property
    def kind(self) -> str:
        return self.headers.get("warc-type", "").lower()

    @property
    def address(self) -> str:
        # Wget 1.19 puts it into brackets.
        return self.headers.get("warc-target-uri", "").strip("<> ")

    @property
    def id(self) -> str:
        return self.headers.get("warc-record-id", "").strip("<> ")

    @property
    def left(self) -> int:
        """Bytes of the content that were not read."""
        return int(self._stream.limit)

    @property
    def is_damaged(self) -> bool:
        """Whether what was read of it by now has shown that; `records` gives the Damage next."""
        return self._error is not None

    def read(self, size: int) -> bytes:
        """At most so many bytes of the content; less only at its end. DAMAGES: it is damaged."""
        parts = []
        with self._noting():
            while size > 0 and self.left:
                part = self._stream.read(min(size, _BLOCK))
                if not part:
                    raise Torn("the file ends inside the record")
                parts.append(part)
                size -= len(part)
        return b"".join(parts)

    def finish(self) -> None:
        """Pass over what was not read, and check the record's end. DAMAGES: it is damaged."""
        if self._error:
            raise self._error
        while self.left:
            self.read(_BLOCK)
        if not self._is_finished:
            with self._noting():
                self._check_end()
            self._is_finished = True

    @contextmanager
    def _noting(self) -> Iterator[None]:
        """Raise the same again when a damaged record is asked for more."""
        try:
            yield
        except DAMAGES as error:
            self._error = error
            raise


class OneStream(ValueError):
    """The file's records are compressed together."""


# --- files


class Files:
    """Files that are read, kept open until the end of the block; the oldest is closed for one
    more."""

    def __init__(self) -> None:
        self._open: OrderedDict[str, BinaryIO] = OrderedDict()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        while self._open:
            self._open.popitem()[1].close()

    def get(self, file: str) -> BinaryIO:
        """The file, open for reading. OSError as of `open`; ArchiveError as of `filesystem`."""
        found = self._open.pop(file, None) or _open(file)
        self._open[file] = found
        if len(self._open) > _OPEN:
            self._open.popitem(last=False)[1].close()
        return found


def is_remote(address: str) -> bool:
    return "://" in address


def filesystem(address: str) -> tuple[Any, str]:
    """fsspec's file system of an address, and the path in it. ArchiveError: it is not there."""
    try:
        import fsspec
    except ImportError:
        raise ArchiveError(
            f"{address}: to read it fsspec is needed: pip install -r requirements-dask.txt. "
            "Nothing was changed."
        ) from None
    try:
        system, path = fsspec.core.url_to_fs(address)
    except (ImportError, ValueError) as error:
        raise ArchiveError(f"{address}: {error}. Nothing was changed.") from None
    return system, path


def _open(file: str) -> BinaryIO:
    if not is_remote(file):
        return Path(file).open("rb")
    system, path = filesystem(file)
    opened: BinaryIO = system.open(path, "rb")
    return opened


def _read(stream: BinaryIO, last: int, size: int, at: int) -> bytes:
    stream.seek(at)
    return stream.read(max(0, min(size, last - at)))


# --- pieces


def pieces(file: str) -> Iterator[Piece | Damage]:
    """The pieces of a WARC or WACZ file; a Damage says why there are none."""
    try:
        with _open(file) as stream:
            size = stream.seek(0, io.SEEK_END)
            if size == 0:
                yield Damage(file, 0, "it is empty", is_file=True)
            elif file.lower().endswith(".wacz"):
                yield from _wacz(file, stream)
            else:
                yield from _pieces(file, stream, 0, size, file)
    except OSError as error:
        yield Damage(file, 0, f"it cannot be read: {error}", is_file=True)


def _pieces(
    file: str, stream: BinaryIO, start: int, last: int, name: str
) -> Iterator[Piece | Damage]:
    head = _read(stream, last, 8, start)
    if head.startswith(_ZSTD):
        yield Damage(name, start, PACKED.format("zstd", "zstd -d"), is_file=True)
    elif head.startswith(MAGIC):
        for begin in range(start, last, PIECE):
            end = min(begin + PIECE, last)
            yield Piece(file, begin, end, last, begin == start, name)
    elif head.lstrip().startswith(_MARK):
        # A page may quote the head of a record: only from the first on it is sure where one begins.
        yield Piece(file, start, last, last, True, name)
    else:
        yield Damage(name, start, f"it is no WARC file: it begins with {head!r}", is_file=True)


def _wacz(file: str, stream: BinaryIO) -> Iterator[Piece | Damage]:
    """The WARC files of a WACZ, by their places in it; its index is not needed."""
    try:
        with zipfile.ZipFile(stream) as box:
            inside = [one for one in box.infolist() if is_warc(one.filename)]
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        why = f"it is no whole ZIP file ({error}): mend it with `zip -FF`, or adopt its WARC files"
        yield Damage(file, 0, why, is_file=True)
        return
    if not inside:
        yield Damage(file, 0, "there is no WARC file in it", is_file=True)
    for one in inside:
        name = f"{file}/{one.filename}"
        if one.compress_type != zipfile.ZIP_STORED or one.flag_bits & 1:
            why = "it is compressed or encrypted inside the WACZ: unzip that and adopt the folder"
            yield Damage(name, 0, why, is_file=True)
            continue
        head = _read(stream, one.header_offset + 30, 30, one.header_offset)
        names = int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
        start = one.header_offset + 30 + names
        yield from _pieces(file, stream, start, start + one.file_size, name)


def is_warc(name: str) -> bool:
    return name.lower().endswith((".warc", ".warc.gz"))


# --- records


def records(piece: Piece, stream: BinaryIO) -> Iterator[Record | Damage]:
    """The records that begin in a piece, in order; in place of one that cannot be read, or after
    one whose end shows that it is damaged, a Damage.

    stream: the piece's file. What is not read of a record when the next is asked for is passed
    over.
    """
    read = partial(_read, stream, piece.last)
    start = piece.start if piece.is_first else _next(read, piece.start, piece.end)
    while start is not None and start < piece.end:
        try:
            record, end = _record(read, start)
            yield record
            record.finish()
            start = end()
        except OneStream as error:
            yield Damage(piece.name, start, str(error), is_file=True)
            return
        except DAMAGES as error:
            yield Damage(piece.name, start, _why(error))
            start = _next(read, start + 1, piece.end)


def record_at(stream: BinaryIO, start: int, last: int) -> Record:
    """The record that begins at a byte of a file, as `records` has given it."""
    return _record(partial(_read, stream, last), start)[0]


def _record(read: partial[bytes], start: int) -> tuple[Record, Callable[[], int]]:
    """The record at a place, and what gives the place after it once it was finished.

    DAMAGES: there is none.
    """
    if read(len(MAGIC), start) != MAGIC:
        plain = io.BufferedReader(_Plain(read, start), _BUFFER)
        record = _parsed(plain, start, lambda: None)
        return record, lambda: _after_blank(read, start + plain.tell())
    member = Member(read, start)
    content = io.BufferedReader(member, _BUFFER)

    def check_end() -> None:
        if content.read(_BUFFER).strip(b"\r\n"):
            raise OneStream(
                "its records are compressed as one stream, so none can be read by itself: "
                "make it readable with `warcio recompress` and adopt the result"
            )
        while content.read(_BUFFER):
            pass

    return _parsed(content, start, check_end), lambda: member.end


def _parsed(stream: io.BufferedReader[Any], start: int, check_end: Callable[[], None]) -> Record:
    if not stream.peek(len(_MARK)).startswith(_MARK):
        raise ValueError("no WARC record begins there")
    head = LimitReader(stream, MOST_HEAD)
    try:
        parsed = _PARSER.parse(head)
    except StatusAndHeadersParserException as error:
        raise ValueError(str(error)[:200]) from None
    if head.limit == 0:
        raise ValueError("its head does not end")
    headers = {name.lower(): value for name, value in parsed.headers}
    length = headers.get("content-length", "")
    if not (length.isascii() and length.isdigit()):
        raise ValueError(f"its length is {length[:40]!r}")
    return Record(headers, start, LimitReader(stream, int(length)), check_end)


class _Plain(io.RawIOBase):
    """A file from a place on."""

    def __init__(self, read: partial[bytes], start: int) -> None:
        super().__init__()
        self._read, self._start, self._at = read, start, start

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence == io.SEEK_CUR:
            self._at += offset
        elif whence == io.SEEK_SET:
            self._at = self._start + offset
        else:
            raise io.UnsupportedOperation
        return self._at - self._start

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        data = self._read(len(view), self._at)
        view[: len(data)] = data
        self._at += len(data)
        return len(data)


def _after_blank(read: partial[bytes], at: int) -> int:
    """The place after the empty lines that end a record."""
    data = read(64, at)
    return at + len(data) - len(data.lstrip(b"\r\n"))


def _next(read: partial[bytes], at: int, end: int) -> int | None:
    """Where the next record begins from `at` on and before `end`; None for nowhere."""
    while at < end:
        data = read(_BLOCK + 8, at)
        if len(data) < len(_MARK):
            return None
        found = [place for mark in (MAGIC, b"\nWARC/1.") if (place := data.find(mark)) >= 0]
        if not found or min(found) >= _BLOCK:
            at += _BLOCK
            continue
        place = at + min(found)
        is_packed = data.startswith(MAGIC, min(found))
        if place < end and (not is_packed or _begins_record(read, place)):
            return place if is_packed else place + 1
        at = place + 1
    return None


def _begins_record(read: partial[bytes], place: int) -> bool:
    try:
        return Member(read, place).read(len(_MARK)) == _MARK
    except (EOFError, zlib.error):
        return False


def _why(error: Exception) -> str:
    if isinstance(error, zlib.error):
        return f"its compressed data is damaged ({error})"
    if isinstance(error, EOFError) and not str(error):
        return "the file ends inside the record"
    return str(error)
