"""What is taken for a picture: by the content of its bytes, whole, and of a size that can be shown."""

from __future__ import annotations

import struct
import zlib

import pytest

from zaobao.errors import UnfitError
from zaobao.imagechecks import check_image


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


WHOLE = {
    "jpg": jpg(),
    "png": png(),
    "gif": gif(),
    "webp": webp(),
    "avif": avif(),
}


@pytest.mark.parametrize("ending", WHOLE)
def test_a_picture_is_known_by_its_content(ending: str) -> None:
    assert check_image(WHOLE[ending]) == ending


@pytest.mark.parametrize("kind", [b"VP8 ", b"VP8L", b"VP8X"])
def test_each_form_of_webp_says_its_size(kind: bytes) -> None:
    assert check_image(webp(kind)) == "webp"
    assert check_image(webp(kind, 1, 16_383)) == "webp"


@pytest.mark.parametrize("ending", WHOLE)
def test_a_picture_that_is_cut_anywhere_is_refused(ending: str) -> None:
    data = WHOLE[ending]
    for end in range(1, len(data)):
        with pytest.raises(UnfitError) as refused:
            check_image(data[:end])
        assert refused.value.reason in ("cut", "no_picture"), end
        assert refused.value.reason == "cut" or end < 20


@pytest.mark.parametrize(
    "bomb",
    [
        jpg(60_000, 60_000),
        png(60_000, 60_000),
        png(4_000, 4_000, frames=7),
        gif(60_000, 60_000),
        gif(4_000, 4_000, frames=7),
        webp(b"VP8X", 1 << 24, 1 << 24),
        webp(b"VP8L", 16_384, 16_384),
        avif(60_000, 60_000),
    ],
)
def test_a_bomb_is_refused_by_what_it_says_of_itself(bomb: bytes) -> None:
    with pytest.raises(UnfitError, match="100,000,000 are taken") as refused:
        check_image(bomb)
    assert refused.value.reason == "bomb"
    assert len(bomb) < 2000


@pytest.mark.parametrize(
    ("data", "reason", "said"),
    [
        (b"", "empty", "nothing in it"),
        (b"\n<!DOCTYPE html><title>403</title>", "no_picture", "a page or a drawing"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', "no_picture", "a drawing"),
        (b"%PDF-1.7 " + jpg(), "no_picture", "no JPEG, PNG, GIF, WebP or AVIF"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0isommp42", "no_picture", "no JPEG"),
        (b"BM" + b"\0" * 60, "no_picture", "no JPEG"),
        (png(0, 360), "no_picture", "0 pixels"),
        (png().replace(b"\0\0\2\x80", b"\0\0\2\x81"), "cut", "damaged"),
        (b"\xff\xd8\xff" + b"\xff" * 100_000, "cut", "without its end"),
    ],
)
def test_what_is_no_picture_is_refused_with_what_it_is(data: bytes, reason: str, said: str) -> None:
    with pytest.raises(UnfitError, match=said) as refused:
        check_image(data)
    assert refused.value.reason == reason
