"""The least files of each type of picture, of any size."""

from __future__ import annotations

import struct
import zlib


def jpg(width: int = 640, height: int = 360) -> bytes:
    frame = struct.pack(">BHHB", 8, height, width, 3) + b"\x01\x22\x00\x02\x11\x01\x03\x11\x01"
    start = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
    # An embedded thumbnail has markers and sizes of its own, inside a segment.
    exif = (
        b"\xff\xe1" + struct.pack(">H", 20) + b"Exif\0\0\xff\xc0\x00\x11\x08\xff\xff\xff\xff\0\0\0"
    )
    sof = b"\xff\xc2" + struct.pack(">H", len(frame) + 2) + frame
    return (
        start
        + exif
        + sof
        + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00"
        + b"\x5a" * 40
        + b"\xff\xd9"
    )


def png(width: int = 640, height: int = 360, frames: int = 0) -> bytes:
    parts = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))]
    parts += [
        (b"fcTL", struct.pack(">IIIIIHHBB", n, width, height, 0, 0, 1, 1, 0, 0))
        for n in range(frames)
    ]
    parts += [(b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")]
    body = (
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(body)


def gif(width: int = 640, height: int = 360, frames: int = 1) -> bytes:
    screen = struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    return b"GIF89a" + screen + b"\x21\xf9\x04\0\0\0\0\0" + frame * frames + b"\x3b"


def webp(kind: bytes = b"VP8 ", width: int = 640, height: int = 360) -> bytes:
    body = {
        b"VP8 ": b"\x30\x01\x00\x9d\x01\x2a"
        + struct.pack("<HH", width & 0x3FFF, height & 0x3FFF)
        + b"\0" * 20,
        b"VP8L": b"\x2f"
        + struct.pack("<I", (width - 1 | (height - 1) << 14) & 0xFFFFFFFF)
        + b"\0" * 20,
        b"VP8X": b"\0\0\0\0"
        + (width - 1).to_bytes(3, "little")
        + (height - 1).to_bytes(3, "little"),
    }[kind]
    chunk = kind + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", len(chunk) + 4) + b"WEBP" + chunk


def avif(width: int = 640, height: int = 360) -> bytes:
    size = struct.pack(">I", 20) + b"ispe" + struct.pack(">III", 0, width, height)
    box = lambda name, data: struct.pack(">I", len(data) + 8) + name + data  # noqa: E731
    return (
        box(b"ftyp", b"avif\0\0\0\0mif1avif")
        + box(b"meta", b"\0\0\0\0" + size)
        + box(b"mdat", b"\1" * 30)
    )
