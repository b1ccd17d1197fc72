"""A file of JSON lines that only grows, and whose lines are whole after any crash."""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from zaobao.archive.disk import guard, line_blocks, replace_parts, sync_folder
from zaobao.errors import ArchiveError
from zaobao.lines import decode_line
from zaobao.text import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

logger = logging.getLogger(__name__)

_BLOCK = 1 << 16


class LineFile:
    """`articles.jsonl`, open for appending. Every method may raise ArchiveError."""

    def __init__(self, path: Path) -> None:
        """Open or create it; bytes after the last whole line are cut, with a log line."""
        self._path = path
        self._open()

    def _open(self) -> None:
        path, self._broken = self._path, False
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
        with guard(path, "Opening"):
            is_new = not path.exists()
            self._descriptor = os.open(path, flags, 0o666)
            try:
                if is_new:
                    sync_folder(path.parent)
                self.length = os.fstat(self._descriptor).st_size
                self._repair()
            except BaseException:
                self.close()
                raise

    def close(self) -> None:
        """May be called twice."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def append(self, lines: bytes) -> int:
        """Add whole lines in one write and make them durable; the new length.

        After a failure the file is cut back to its former length; where that
        fails too, nothing more is written until the next run has repaired it.
        """
        if not lines.endswith(b"\n"):
            raise ValueError("a line ends with a line feed")
        if self._broken:
            raise ArchiveError(f"{self._path} could not be written earlier in this run.")
        with guard(self._path, "Writing"):
            try:
                self._write(lines)
            except OSError:
                self._take_back()
                raise
        self.length += len(lines)
        return self.length

    def replace(self, parts: Iterable[tuple[int, int, bytes]], temporary: Path) -> int:
        """Put other bytes in place of some stretches (start, end, bytes), in one step.

        parts: in the order of their places. temporary: a folder on the same file system.
        The new length.
        """
        with guard(self._path, "Writing"):
            replace_parts(self._path, parts, temporary)
        self.close()
        self._open()
        return self.length

    def _write(self, lines: bytes) -> None:
        written = os.write(self._descriptor, lines)
        # A short write is a disk that is about to be full: the next one says so.
        while written < len(lines):
            written += os.write(self._descriptor, lines[written:])
        os.fsync(self._descriptor)

    def _take_back(self) -> None:
        self._broken = True
        with suppress(OSError):
            os.ftruncate(self._descriptor, self.length)
            os.fsync(self._descriptor)
            self._broken = False

    def change(
        self, changed: Callable[[int, bytes], bytes], temporary: Path, start: int = 0
    ) -> int:
        """Put other bytes in place of lines, in one step; how many. b"" takes a line out.

        changed: is asked with each line's offset and bytes, from the byte `start` on;
        the first may be the end of one.
        """
        parts: list[tuple[int, int, bytes]] = []
        with guard(self._path, "Reading"), self._path.open("rb") as file:
            file.seek(start)
            for line in file:
                if (new := changed(start, line)) != line:
                    parts.append((start, start + len(line), new))
                start += len(line)
        if parts:
            self.replace(parts, temporary)
        return len(parts)

    def find(self, mark: bytes) -> Iterator[tuple[int, bytes]]:
        """Each line that `mark` stands in, with its offset. The others are passed over a block at
        a time."""
        start = 0
        with guard(self._path, "Reading"), self._path.open("rb") as file:
            for block in line_blocks(file):
                place = block.find(mark)
                while place >= 0:
                    begin = block.rfind(b"\n", 0, place) + 1
                    end = block.find(b"\n", place) + 1 or len(block)
                    yield start + begin, block[begin:end]
                    place = block.find(mark, end)
                start += len(block)

    def read(self, start: int) -> Iterator[tuple[int, dict[str, Any]]]:
        """Each line from the byte `start` on, with the offset of its end.

        A line that is no JSON object is passed over with a log line.
        """
        with guard(self._path, "Reading"), self._path.open("rb") as file:
            file.seek(start)
            for data in file:
                start += len(data)
                line = decode_line(data)
                if line is not None:
                    yield start, line
                elif data.strip():
                    logger.warning(
                        "%s: the line that ends at byte %d is no JSON object and was passed over; "
                        "it stays in the file.",
                        self._path,
                        start,
                    )

    def _repair(self) -> None:
        tail = self._tail()
        whole = tail.rfind(b"\n") + 1
        last = tail[tail.rfind(b"\n", 0, max(whole - 1, 0)) + 1 : whole]
        torn = len(tail) - whole
        if last and decode_line(last) is None:
            torn += len(last)
        if torn:
            self._cut(self.length - torn)
            logger.warning(
                "%s ended in a torn line of %s, which was cut; its story is fetched again.",
                self._path,
                counted(torn, "byte"),
            )

    def cut_hole(self, start: int) -> None:
        """Cut the file at the first line from the byte `start` on that has zeros in it.

        So a loss of power leaves the blocks that had not reached the disk; no line has any.
        What follows was not durable either.
        """
        with guard(self._path, "Reading"), self._path.open("rb") as file:
            file.seek(start)
            for line in file:
                if b"\0" in line:
                    logger.warning(
                        "%s has a hole after byte %d: %s cut; their stories are fetched again.",
                        self._path,
                        start,
                        counted(self.length - start, "byte was", "bytes were"),
                    )
                    self._cut(start)
                    return
                start += len(line)

    def _cut(self, length: int) -> None:
        self.length = length
        os.ftruncate(self._descriptor, length)
        os.fsync(self._descriptor)

    def _tail(self) -> bytes:
        """The file's end: all of its last whole line and what follows it."""
        size = _BLOCK
        while True:
            start = max(self.length - size, 0)
            tail = os.pread(self._descriptor, self.length - start, start)
            if start == 0 or tail.count(b"\n") > 1:
                return tail
            size *= 2
