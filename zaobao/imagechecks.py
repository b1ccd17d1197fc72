"""Whether bytes are a picture that a reader's browser may be given. Pure checks, by content.

Nothing is decoded: type, size and end are in the structure of a file. A library that
decodes (Pillow) would unpack the very bombs that are to be refused.
"""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING, NoReturn

from zaobao.errors import UnfitError

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_PIXELS = 100_000_000
"""Of all frames together. A browser takes four bytes for each: 400 MB. A camera's photo has 50."""
FOLDER = "images"
"""Where kept pictures are put, in the output folder, where FILES_STORE names no other place."""
PATH = r"[0-9a-f]{2}/[0-9a-f]{64}\.(?:jpg|png|gif|webp|avif)"
"""A kept picture's path in its store: named by the SHA-256 of its bytes."""

_HTML = re.compile(rb"\s*(?:<!--|<!doctype|<html|<head|<body|<\?xml|<svg|<)", re.I)
_MARKER = re.compile(rb"\xff[^\x00\xff]")
_LOSSY = b"\x9d\x01\x2a"
_NO_SIZE = frozenset({0xC4, 0xC8, 0xCC})
"""Markers of a JPEG among those of its frame that say no size."""
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
"""Markers without a length."""


def check_image(data: bytes) -> str:
    """The ending of a picture's file, by its content: `jpg`, `png`, `gif`, `webp` or `avif`.

    UnfitError: `empty`, `no_picture` (HTML, SVG, any other type), `cut` (its end is missing),
    `bomb` (more pixels than `MOST_PIXELS`).
    """
    if not data:
        raise UnfitError("empty", "nothing in it")
    for ending, (mark, sizes) in _TYPES.items():
        if mark.match(data):
            try:
                pixels = sum(width * height for width, height in sizes(data))
            except IndexError:
                _cut(ending)
            if not 0 < pixels <= MOST_PIXELS:
                raise UnfitError(
                    "bomb" if pixels else "no_picture",
                    f"it is {len(data):,} bytes of {ending} for {pixels:,} pixels, and "
                    f"1 to {MOST_PIXELS:,} are taken",
                )
            return ending
    if _HTML.match(data):
        raise UnfitError("no_picture", f"it is a page or a drawing, {data.strip()[:20]!r}…")
    raise UnfitError("no_picture", f"it is no JPEG, PNG, GIF, WebP or AVIF: {data[:12]!r}…")


def _cut(ending: str) -> NoReturn:
    raise UnfitError("cut", f"it is a {ending} without its end")


def _number(data: bytes, place: int, size: int, order: str = "big") -> int:
    """A number at a place; IndexError behind the end."""
    part = data[place : place + size]
    if len(part) < size:
        raise IndexError
    return int.from_bytes(part, "big" if order == "big" else "little")


def _jpg(data: bytes) -> Iterator[tuple[int, int]]:
    """Marker by marker up to the first scan; behind that an end has to stand."""
    place = 2
    while True:
        if (found := _MARKER.search(data, place)) is None:
            raise IndexError
        marker, place = found[0][1], found.end()
        if marker in _ALONE:
            continue
        if marker == 0xD9:
            raise IndexError
        if 0xC0 <= marker <= 0xCF and marker not in _NO_SIZE:
            yield _number(data, place + 5, 2), _number(data, place + 3, 2)
        if marker == 0xDA:
            if data.find(b"\xff\xd9", place) < 0:
                raise IndexError
            return
        place += _number(data, place, 2)


def _png(data: bytes) -> Iterator[tuple[int, int]]:
    """Chunk by chunk, with their checksums; each frame of an animation counts."""
    place, name = 8, b""
    while name != b"IEND":
        length, name = _number(data, place, 4), data[place + 4 : place + 8]
        end = place + 8 + length
        if _number(data, end, 4) != zlib.crc32(data[place + 4 : end]):
            raise UnfitError("cut", f"it is a png whose part {name!r} is damaged")
        if name in (b"IHDR", b"fcTL"):
            start = place + (8 if name == b"IHDR" else 12)
            yield _number(data, start, 4), _number(data, start + 4, 4)
        place = end + 4


def _gif(data: bytes) -> Iterator[tuple[int, int]]:
    """Block by block up to the trailer. A frame is drawn on the whole screen."""
    screen = _number(data, 6, 2, "little"), _number(data, 8, 2, "little")
    place = 13 + _colours(data[10])
    while (kind := data[place]) != 0x3B:
        if kind == 0x2C:
            width, height = (
                _number(data, place + 5, 2, "little"),
                _number(data, place + 7, 2, "little"),
            )
            yield max(screen[0], width), max(screen[1], height)
            place += 11 + _colours(data[place + 9])
        elif kind == 0x21:
            place += 2
        else:
            raise UnfitError("cut", f"it is a gif with the unknown block 0x{kind:02x}")
        while size := data[place]:
            place += 1 + size
        place += 1


def _colours(flags: int) -> int:
    """Bytes of the table of colours that the flags announce."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _webp(data: bytes) -> Iterator[tuple[int, int]]:
    if len(data) < 8 + _number(data, 4, 4, "little"):
        raise IndexError
    kind = data[12:16]
    if kind == b"VP8X":
        canvas = 1 + _number(data, 24, 3, "little"), 1 + _number(data, 27, 3, "little")
        frames = data.count(b"ANMF") if data[20] & 2 else 1
        yield canvas[0] * max(1, frames), canvas[1]
    elif kind == b"VP8L":
        bits = _number(data, 21, 4, "little")
        yield 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    elif kind == b"VP8 " and data[23:26] == _LOSSY:
        yield (
            _number(data, 26, 2, "little") & 0x3FFF,
            _number(data, 28, 2, "little") & 0x3FFF,
        )


def _avif(data: bytes) -> Iterator[tuple[int, int]]:
    """Box by box up to the end. `ispe` in the metadata says a size, of each tile, too."""
    place, has_data = 0, False
    found: list[tuple[int, int]] = []
    while place < len(data):
        size, name, head = _number(data, place, 4), data[place + 4 : place + 8], 8
        if size == 1:
            size, head = _number(data, place + 8, 8), 16
        size = size or len(data) - place
        if size < head or place + size > len(data):
            raise IndexError
        has_data = has_data or name == b"mdat"
        if name == b"meta":
            box = data[place : place + size]
            for one in re.finditer(b"ispe", box):
                found.append((_number(box, one.end() + 4, 4), _number(box, one.end() + 8, 4)))
        place += size
    if not (found and has_data):
        raise IndexError
    yield max(found, key=lambda one: one[0] * one[1])


_TYPES = {
    "jpg": (re.compile(rb"\xff\xd8\xff"), _jpg),
    "png": (re.compile(rb"\x89PNG\r\n\x1a\n"), _png),
    "gif": (re.compile(rb"GIF8[79]a"), _gif),
    "webp": (re.compile(rb"RIFF....WEBP", re.S), _webp),
    "avif": (re.compile(rb"....ftyp(?:avi[fs]|(?:mif1|msf1).{0,64}avi[fs])", re.S), _avif),
}
