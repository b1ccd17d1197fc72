"""Captures of the demo's newspaper, as other programs write them, and taking them over."""

from __future__ import annotations

import base64
import gzip
import hashlib
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest import mock

from demo.newspaper import Newspaper
from tests.support.older import options
from zaobao import times
from zaobao.archive.recovery import open_archive
from zaobao.archive.takeover import Summary, take_over
from zaobao.options import Options

SITE = "https://www.zaobao.com"
TODAY = datetime(2026, 11, 29, 12, tzinfo=UTC)
MOMENT = "2026-11-30T01:02:03Z"


class Serial:
    """Workers that are none: each task is done when its result is asked for."""

    count = 1
    map = staticmethod(map)


@dataclass
class Answer:
    """A response as a record has it; `body` is as it was transferred."""

    url: str
    body: bytes
    status: str = "200 OK"
    moment: str = MOMENT
    headers: list[tuple[str, str]] = field(default_factory=list)
    kind: str = "response"
    warc: dict[str, str] = field(default_factory=dict)


def clock() -> datetime:
    """When captures are taken over: after they were made, whenever the tests run."""
    return max(times.now(), datetime(2026, 12, 31, tzinfo=UTC))


def paper() -> Newspaper:
    return Newspaper(TODAY)


def page(newspaper: Newspaper, path: str) -> bytes:
    body = newspaper.answer("GET", path, {}).body
    return body.encode() if isinstance(body, str) else body


def stories(newspaper: Newspaper, count: int, host: str = SITE) -> list[Answer]:
    """The first `count` free stories of one page."""
    found = [one for one in newspaper.listed("china") if one.pages == 1 and one.status == 200]
    paths = [one.path_in(one.section) for one in found[:count]]
    return [Answer(host + path, page(newspaper, path)) for path in paths]


def records(answers: Iterable[Answer], *, packed: bool = True) -> list[bytes]:
    """Each record's bytes, a warcinfo first."""
    found = [_record({"WARC-Type": "warcinfo", "WARC-Date": MOMENT}, b"software: a test\r\n")]
    for answer in answers:
        block = answer.body
        if answer.kind == "response":
            headers = [("Content-Type", "text/html; charset=utf-8"), *answer.headers]
            head = "".join(f"{name}: {value}\r\n" for name, value in headers)
            block = f"HTTP/1.1 {answer.status}\r\n{head}\r\n".encode() + block
        kind = "application/http; msgtype=response" if answer.kind == "response" else "text/html"
        warc = {
            "WARC-Type": answer.kind,
            "WARC-Record-ID": f"<urn:uuid:{len(found)}>",
            "WARC-Target-URI": answer.url,
            "WARC-Date": answer.moment,
            "Content-Type": kind,
            "WARC-Block-Digest": _sha1(block),
            "WARC-Payload-Digest": _sha1(answer.body),
            **answer.warc,
        }
        found.append(_record(warc, block))
    return [gzip.compress(one) for one in found] if packed else found


def _record(headers: dict[str, str], block: bytes) -> bytes:
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items() if value)
    return f"WARC/1.1\r\n{head}Content-Length: {len(block)}\r\n\r\n".encode() + block + b"\r\n\r\n"


def _sha1(data: bytes) -> str:
    return "sha1:" + base64.b32encode(hashlib.sha1(data).digest()).decode()


def write(path: Path, answers: Iterable[Answer], *, packed: bool = True) -> Path:
    path.write_bytes(b"".join(records(answers, packed=packed)))
    return path


def wacz(path: Path, files: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as box:
        for name, data in files.items():
            box.writestr(name, data)
    return path


def adopt(output: Path, path: Path | str, workers: Any = None, **changed: Any) -> Summary:
    chosen: Options = options(output, **changed)
    with (
        mock.patch.object(times, "now", return_value=clock()),
        open_archive(chosen, "scrapy adopt") as archive,
    ):
        return take_over(archive, chosen, str(path), workers or Serial())


def same(line: dict[str, Any]) -> dict[str, Any]:
    """A line without what only the capture says."""
    return {key: line[key] for key in line if key not in ("crawled", "capture", "fetched_url")}
