"""From the bytes of an answer to UTF-8: content codings and charsets. Pure."""

from __future__ import annotations

import codecs
import re
import zlib
from typing import TYPE_CHECKING

import brotli  # type: ignore[import-untyped]

from zaobao.errors import UnfitError

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_CODINGS = 5

_BOMS = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_META_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.I)
_TITLE = re.compile(rb"<title[^>]*>([^<]*)", re.I)
_FFFD = "\ufffd".encode()
# Encodings whose strict decoding proves something; latin-1 decodes any bytes.
_TELLING = ("gb", "big5", "hz", "utf-16", "utf-32", "utf_16", "utf_32", "euc", "shift")


def content_codings(headers: Iterable[bytes]) -> list[str]:
    """The codings that Content-Encoding headers name, in their order."""
    return [name.strip() for name in b",".join(headers).decode("latin-1").lower().split(",")]


def unpack(body: bytes, codings: Iterable[str], limit: int) -> bytes:
    """Undo the content codings; `codings` in the header's order, so the outermost is last.

    UnfitError: `cut` when a stream does not reach its end (Scrapy's own reader takes
    half a gzip stream for a page), `size` over `limit` bytes, else `encoding`.
    """
    names = [name for name in codings if name not in ("", "identity")]
    if len(names) > MAX_CODINGS:
        raise UnfitError("encoding", f"{len(names)} content codings")
    for name in reversed(names):
        try:
            if name in ("gzip", "x-gzip"):
                body = _inflate(body, 31, limit)
            elif name == "deflate":
                body = _inflate(body, 15 if _has_zlib_header(body) else -15, limit)
            elif name == "br":
                body = _unbrotli(body, limit)
            elif name == "zstd":
                body = _unzstd(body, limit)
            else:
                raise UnfitError("encoding", f"content coding {name!r}")
        except (zlib.error, brotli.error) as error:
            raise UnfitError("encoding", f"not {name}: {error}") from None
    return body


def _unzstd(body: bytes, limit: int) -> bytes:
    """Only captures have it: a crawl does not ask for it."""
    try:
        import zstandard
    except ImportError:
        raise UnfitError("encoding", "zstd, and zstandard is not installed") from None
    try:
        stream = zstandard.ZstdDecompressor().stream_reader(body)
        unpacked: bytes = stream.read(limit + 1)
    except zstandard.ZstdError as error:
        raise UnfitError("encoding", f"not zstd: {error}") from None
    if len(unpacked) > limit:
        raise UnfitError("size", f"over {limit} bytes unpacked")
    return unpacked


def _has_zlib_header(body: bytes) -> bool:
    return len(body) > 1 and body[0] & 15 == 8 and (body[0] << 8 | body[1]) % 31 == 0


def _inflate(body: bytes, wbits: int, limit: int) -> bytes:
    parts, room = [], limit
    while True:
        stream = zlib.decompressobj(wbits)
        part = stream.decompress(body, room + 1)
        room -= len(part)
        if room < 0:
            raise UnfitError("size", f"over {limit} bytes unpacked")
        if not stream.eof:
            raise UnfitError("cut", "the compressed stream ends early")
        parts.append(part)
        body = stream.unused_data
        if not (wbits == 31 and body.startswith(b"\x1f\x8b")):
            return b"".join(parts) if len(parts) > 1 else part


def _unbrotli(body: bytes, limit: int) -> bytes:
    stream = brotli.Decompressor()
    parts, room = [stream.process(body, output_buffer_limit=65536)], limit
    while True:
        room -= len(parts[-1])
        if room < 0:
            raise UnfitError("size", f"over {limit} bytes unpacked")
        if stream.is_finished():
            return b"".join(parts)
        parts.append(stream.process(b"", output_buffer_limit=65536))
        if not parts[-1] and not stream.is_finished():
            raise UnfitError("cut", "the compressed stream ends early")


def utf8(body: bytes, declared: str | None = None) -> bytes:
    """The page as UTF-8 without a byte order mark.

    declared: the header's charset. The site's text is UTF-8 whatever the header
    says, so that is tried first; a declared encoding and GB18030 are used only where
    they decode strictly. Up to 0.1 % U+FFFD outside the title is accepted.
    UnfitError: `charset` when the text would be garbled, `cut` when it ends inside a
    character.
    """
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":
            raise UnfitError("cut", "it ends inside a character") from None
        return _from_other(body, declared)
    if "\ufffd" in text and _garbled(body):
        raise UnfitError("charset", "the page itself has U+FFFD in place of its text")
    return body.removeprefix(codecs.BOM_UTF8)


def _from_other(body: bytes, declared: str | None) -> bytes:
    for mark, name in _BOMS:
        if body.startswith(mark):
            return _strictly(body, name) or _refuse_charset(name)
    mended = body.decode(errors="replace").encode()
    if not _garbled(mended):
        return mended.removeprefix(codecs.BOM_UTF8)
    match = _META_CHARSET.search(body, 0, 4096)
    names = [declared or "", match[1].decode("ascii") if match else "", "gb18030"]
    for name in names:
        if name.lower().startswith(_TELLING) and (text := _strictly(body, name)):
            return text
    return _refuse_charset(", ".join(filter(None, names)))


def _strictly(body: bytes, name: str) -> bytes:
    # GBK and GB2312 are parts of GB18030; pages that say so often use more.
    if name.lower().startswith("gb"):
        name = "gb18030"
    try:
        return body.decode(name).removeprefix("\ufeff").encode()
    except (LookupError, UnicodeError):
        return b""


def _refuse_charset(tried: str) -> bytes:
    raise UnfitError("charset", f"neither UTF-8 nor {tried}")


def _garbled(page: bytes) -> bool:
    title = _TITLE.search(page)
    if title and _FFFD in title[1]:
        return True
    return page.count(_FFFD) * 1000 > len(page.decode())
