"""One gzip member of a file, unpacked as it is read, with the place where it ends."""

from __future__ import annotations

import io
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

MAGIC = b"\x1f\x8b\x08"
_BLOCK = 1 << 16


class Torn(EOFError):
    """The file ends inside a member."""


class Member(io.RawIOBase):
    """The content of the gzip member that begins at a byte of a file.

    Reading raises Torn where the file ends before the member does, and zlib.error where it is
    damaged; its checksum is checked at its end.
    """

    def __init__(self, read: Callable[[int, int], bytes], start: int) -> None:
        """read: gives at most so many bytes of the file from a place on; b"" at its end."""
        super().__init__()
        self._read, self._at = read, start
        self._unpack = zlib.decompressobj(zlib.MAX_WBITS | 16)

    @property
    def end(self) -> int:
        """The first byte after the member, once all of it was read."""
        return self._at - len(self._unpack.unused_data)

    def readable(self) -> bool:
        return True

    def readall(self) -> bytes:
        """The rest of it at once; `io`'s own would ask for 8 KB at a time."""
        parts = []
        while not self._unpack.eof:
            packed = self._unpack.unconsumed_tail or self._more()
            parts.append(self._unpack.decompress(packed))
            if not packed and not self._unpack.eof:
                raise Torn("the file ends inside a gzip member")
        return b"".join(parts)

    def _more(self) -> bytes:
        packed = self._read(_BLOCK, self._at)
        self._at += len(packed)
        return packed

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer)
        while not self._unpack.eof:
            packed = self._unpack.unconsumed_tail or self._more()
            # At the file's end the unpacker may still hold what is smaller than its output.
            data = self._unpack.decompress(packed, len(view))
            if data:
                view[: len(data)] = data
                return len(data)
            if not packed and not self._unpack.eof:
                raise Torn("the file ends inside a gzip member")
        return 0
