"""WARC records as bytes: made, found again and read. warcio knows the format."""

from __future__ import annotations

import os
import zlib
from base64 import b32encode
from hashlib import sha1
from io import BytesIO
from typing import TYPE_CHECKING

from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from zaobao import __version__

if TYPE_CHECKING:
    from collections.abc import Callable

_VERSION = "WARC/1.1"
_BLOCK = 1 << 16


def page(descriptor: int, start: int) -> bytes:
    """The page in the record that begins at `start` of an open WARC file."""
    _, data = member(descriptor, start)
    for record in ArchiveIterator(BytesIO(data)):
        return bytes(record.content_stream().read())
    raise OSError(f"no record begins at byte {start}")


def member(descriptor: int, start: int) -> tuple[int | None, bytes]:
    """The end and the content of the gzip member at `start`; None for a torn one."""
    unpack, at, parts = zlib.decompressobj(zlib.MAX_WBITS | 16), start, []
    try:
        while not unpack.eof:
            block = os.pread(descriptor, _BLOCK, at)
            if not block:
                return None, b""
            parts.append(unpack.decompress(block))
            at += len(block)
    except zlib.error:
        return None, b""
    return at - len(unpack.unused_data), b"".join(parts)


def response(url: str, headers: dict[str, str], page: bytes) -> bytes:
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


def revisit(url: str, headers: dict[str, str], same: str, first: str, moment: str) -> bytes:
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


def info(name: str) -> bytes:
    """The record at the head of a file."""
    out = BytesIO()
    writer = WARCWriter(out, gzip=True, warc_version=_VERSION)
    info = {"software": f"zaobao/{__version__}", "format": "WARC File Format 1.1"}
    writer.write_record(writer.create_warcinfo_record(name, info))
    return out.getvalue()


def digest(page: bytes) -> str:
    """In the form in which WARC tools write a payload's digest."""
    return "sha1:" + b32encode(sha1(page, usedforsecurity=False).digest()).decode()


def head(data: bytes) -> tuple[str, Callable[[str], str | None]]:
    """A record's kind and its headers by name."""
    for record in ArchiveIterator(BytesIO(data)):
        return record.rec_type, record.rec_headers.get_header
    return "", lambda _name: None
