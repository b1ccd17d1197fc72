"""Captures of the paper's pages that other programs made: WARC, WACZ, and saved HTML files.

Nothing is fetched and nothing written here. `survey` finds the captures of stories in a part of
the files, `page` gives the page of one once more.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import logging
import os
import re
import sys
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, Self
from urllib.parse import urlsplit

from w3lib.encoding import http_content_type_encoding
from warcio.bufferedreaders import ChunkedDataReader
from warcio.statusandheaders import StatusAndHeadersParser

from zaobao import layouts, times, urls
from zaobao.archive import warcreader
from zaobao.archive.folder import POSTS
from zaobao.archive.raw import stamp
from zaobao.archive.warc import LISTED
from zaobao.archive.warcreader import Damage, Files, Piece, Record
from zaobao.blockpages import block_page
from zaobao.cleaning.pagers import page_of_story
from zaobao.decoding import unpack, utf8
from zaobao.errors import ArchiveError, UnfitError
from zaobao.layouts.lists import PAGE_CONTENT, page_content_cards, sitemap_cards
from zaobao.page import Page
from zaobao.pagechecks import NO_PAGES, check_html

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zaobao.layouts.lists import Card
    from zaobao.urls import Site

logger = logging.getLogger(__name__)

MOST_BYTES = 16 << 20
"""Of a page, packed or not. Those of the paper have 0.1 MB."""
AHEAD = timedelta(days=1)
"""How far the clock of the program that made a capture may be ahead of this one."""
TABLES = ("pages.csv", "pages.tsv")
"""The table beside saved pages: `file`, `url`, and where it is known `crawled`."""
_UNREAD = {
    **{
        end: f"it is an ARC file: `warcio recompress OLD{end} NEW.warc.gz` makes one that is read"
        for end in (".arc", ".arc.gz")
    },
    ".warc.zst": warcreader.PACKED.format("zstd", "zstd -d"),
    ".warc.bz2": warcreader.PACKED.format("bzip2", "bunzip2"),
    ".warc.xz": warcreader.PACKED.format("xz", "unxz"),
    ".warc.open": "the program that writes it is not done: adopt it when it has its name",
    **dict.fromkeys(
        (".mhtml", ".mht", ".webarchive", ".maff"),
        "a page in this form is not read: save it as HTML, or with SingleFile",
    ),
    **dict.fromkeys(
        (".html.gz", ".htm.gz", ".html.zst", ".html.br"), "it is compressed: unpack it first"
    ),
}
"""Captures in other forms, by the ends of their names, and what to do."""
_TOGETHER = 200
"""Saved pages that are looked at in one go."""
_PAGES = (".html", ".htm")
_KINDS = ("response", "resource", "revisit")
_STORY_LINK = b"/story20"
_FURTHER = re.compile(r"/story20\d{6}-(\d{1,31})[/_-]", re.A | re.I)
_HTTP = StatusAndHeadersParser([], verify=False)
_SAVED_FROM = re.compile(rb"<!--\s*saved from url=\(\d+\)(\S+)")
_SINGLE_FILE = re.compile(
    rb"Page saved with SingleFile\s+url:\s*(\S+)\s+saved date:\s*([^\r\n(]{20,40})"
)
_LOCAL_COPY = re.compile(
    rb"\s(?:src|srcset|data-src|href)\s*=\s*([\"'])(?![a-z]+:|/)[^\"'>]*_files/[^\"'>]*\1", re.I
)
"""An address that a browser put in place of the page's own when it saved a picture beside it."""


class SavedPage(NamedTuple):
    """url, crawled: address and moment as the table says. changed: the file's last change, as
    `raw.stamp` writes it."""

    file: str
    url: str | None
    crawled: str | None
    changed: str


@dataclass(frozen=True, slots=True)
class Saved:
    """Saved pages that are looked at together."""

    pages: tuple[SavedPage, ...]


@dataclass(frozen=True, slots=True)
class Capture:
    """A page of a story at a moment, and where its bytes are.

    page: which page of the story, "" for the first. moment, listed: UTC, ISO 8601, milliseconds.
    record: the id of the WARC record, or the name of the saved file. start: of the record in the
    file; -1 for a saved page. digest: the same for two captures with the same page. said: the
    digest that the record itself has.
    """

    number: str
    id: str
    page: str
    moment: str
    url: str
    record: str
    file: str
    start: int
    last: int
    digest: str
    said: str
    listed: str | None


@dataclass(slots=True)
class Found:
    """What a part of the files holds.

    revisits: captures whose page is that of another one with the digest `said`. listed: number,
    moment of the list page, time that it shows. refused: by reason, captures of stories' addresses
    that hold no story's page.
    """

    records: int = 0
    elsewhere: int = 0  # records that are no capture of a page of the paper
    others: Counter[str] = field(default_factory=Counter)  # of those, stories by their origin
    no_story: int = 0  # captures of the paper's other pages
    captures: list[Capture] = field(default_factory=list)
    revisits: list[Capture] = field(default_factory=list)
    listed: list[tuple[str, str, str]] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    damages: list[str] = field(default_factory=list)


class Refused(Exception):
    """A capture that holds no story's page. reason: a stable word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Damaged(Exception):
    """A record that is not as it was written."""


# --- which files


def is_capture(name: str) -> bool:
    """Whether a file by its name is one of captures or a saved page."""
    ends = (".wacz", *_PAGES, *_UNREAD)
    return warcreader.is_warc(name) or name.lower().endswith(ends)


def are_in(address: str) -> bool:
    """Whether there are captures: in a file by its name, in a folder that is no archive."""
    if warcreader.is_remote(address):
        return True
    if Path(address).is_dir():
        return not Path(address, POSTS).is_dir() and any(True for _ in _files(address))
    return is_capture(address)


def parts(address: str) -> Iterator[Piece | Saved | Damage]:
    """What a file, or all files below a folder, are read in. ArchiveError: it cannot be read.

    address: a path, or an address of fsspec's. A folder's files of other kinds are passed over.
    """
    saved: list[SavedPage] = []
    tables: dict[str, _Table] = {}
    for file, time in _files(address):
        if time is None:
            yield Damage(file, 0, "it is no file, or a link that leads nowhere", is_file=True)
            continue
        if why := next((why for end, why in _UNREAD.items() if file.lower().endswith(end)), None):
            yield Damage(file, 0, why, is_file=True)
            continue
        if not file.lower().endswith(_PAGES):
            yield from warcreader.pieces(file)
            continue
        folder, name = _split(file)
        if folder not in tables:
            tables[folder] = _Table.read(folder)
        saved.append(SavedPage(file, *tables[folder].take(name), time))
        if len(saved) == _TOGETHER:
            yield Saved(tuple(saved))
            saved.clear()
    if saved:
        yield Saved(tuple(saved))
    if Path(address).is_dir() or (warcreader.is_remote(address) and not is_capture(address)):
        for table in tables.values():
            for name in table.rows:
                yield Damage(table.file, 0, f"it names {name}, which is not there", is_file=True)


def _files(address: str) -> Iterator[tuple[str, str | None]]:
    """Each file of captures, by name, with the time of its last change; None: it is no file.

    Links to files are followed, those to folders are not.
    """
    if warcreader.is_remote(address):
        yield from _remote_files(address)
        return
    path = Path(address)
    try:
        if not path.is_dir():
            yield str(path), _file_time(path)
            return
        for folder, folders, names in os.walk(path, onerror=_raise):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in folders:
                if Path(folder, name).is_symlink():
                    logger.warning("Passed over: %s is a link to a folder", Path(folder, name))
            for name in sorted(names):
                if is_capture(name) and not name.startswith("."):
                    file = Path(folder, name)
                    yield str(file), _file_time(file)
    except OSError as error:
        raise ArchiveError(f"{address}: {error.strerror or error}. Nothing was changed.") from error


def _raise(error: OSError) -> None:
    raise error


def _remote_files(address: str) -> Iterator[tuple[str, str]]:
    system, path = warcreader.filesystem(address)
    try:
        found: dict[str, dict[str, Any]] = system.find(path, detail=True)
    except _store_errors() as error:
        raise ArchiveError(f"{address}: {error}. Nothing was changed.") from error
    if not found:
        raise ArchiveError(f"{address}: there is no such file or folder. Nothing was changed.")
    for name in sorted(found):
        if is_capture(name):
            about = found[name]
            time = about.get("LastModified") or about.get("created") or about.get("mtime")
            if isinstance(time, (int, float)):
                time = datetime.fromtimestamp(time, UTC)
            yield system.unstrip_protocol(name), stamp(time or datetime.now(UTC))


def _store_errors() -> tuple[type[Exception], ...]:
    """What a store's library raises that gives no answer; S3's has errors of its own."""
    library = sys.modules.get("botocore.exceptions")
    return (OSError, ValueError, *((library.BotoCoreError,) if library else ()))


def _file_time(path: Path) -> str | None:
    if not path.is_file():  # a pipe would be waited for
        return None
    return stamp(datetime.fromtimestamp(path.stat().st_mtime, UTC))


def _split(file: str) -> tuple[str, str]:
    folder, _, name = file.rpartition("/")
    return folder, name


@dataclass(frozen=True, slots=True)
class _Table:
    """Address and moment of each saved page in a folder, as the table there gives them.

    rows: by the file's name; what a page has taken is no longer there.
    """

    file: str
    rows: dict[str, tuple[str | None, str | None]]

    @classmethod
    def read(cls, folder: str) -> Self:
        """No rows where there is no table. ArchiveError: it is not one."""
        for name in TABLES:
            file = f"{folder}/{name}" if folder else name
            try:
                with Files() as files:
                    data = _whole(files.get(file))
            except FileNotFoundError:
                continue
            return cls(file, cls._parsed(file, data))
        return cls("", {})

    @staticmethod
    def _parsed(file: str, data: bytes) -> dict[str, tuple[str | None, str | None]]:
        try:
            text = utf8(data).decode()  # a spreadsheet in China writes GBK
            head = text.partition("\n")[0]
            rows = csv.DictReader(io.StringIO(text), delimiter=max(",\t;", key=head.count))
            columns = rows.fieldnames or ()
            if "file" in columns and "url" in columns:
                return {
                    _plain(str(row["file"])): (row["url"] or None, row.get("crawled") or None)
                    for row in rows
                }
        except (UnfitError, csv.Error) as error:
            raise ArchiveError(f"{file} is no table: {error}. Nothing was changed.") from None
        raise ArchiveError(
            f"{file}: its first line must name the columns file and url, and may name "
            "crawled. Nothing was changed."
        )

    def take(self, name: str) -> tuple[str | None, str | None]:
        return self.rows.pop(_plain(name), (None, None))


def _plain(name: str) -> str:
    """A file's name however a system or a program spells it."""
    return unicodedata.normalize("NFC", name.strip().removeprefix("./"))


def _whole(stream: BinaryIO) -> bytes:
    stream.seek(0)
    return stream.read(MOST_BYTES + 1)


# --- which captures


def survey(part: Piece | Saved, site: Site) -> Found:
    """The captures of stories in a part of the files. ArchiveError: a file cannot be read."""
    found = Found()
    try:
        with Files() as files:
            if isinstance(part, Saved):
                for one in part.pages:
                    _look_at_saved(one, files, site, found)
            else:
                _look_at_records(part, files.get(part.file), site, found)
    except OSError as error:
        file = part.file if isinstance(part, Piece) else part.pages[0][0]
        raise ArchiveError(
            f"{file} cannot be read on {os.uname().nodename}: {error}. Nothing of it was taken "
            "over. Where other machines read, it must lie where all of them see it."
        ) from error
    return found


def _look_at_records(piece: Piece, stream: BinaryIO, site: Site, found: Found) -> None:
    for record in warcreader.records(piece, stream):
        if isinstance(record, Damage):
            found.damages.append(str(record))
            continue
        found.records += 1
        if record.kind not in _KINDS or (site.address(record.address) is None):
            found.elsewhere += 1
            if record.kind in _KINDS and urls.story(record.address) is not None:
                found.others["/".join(record.address.split("/", 3)[:3])] += 1
            continue
        story = _story(record.address)
        try:
            if story is None:
                found.no_story += 1
                if record.kind == "response":
                    _note_times(record, found)
            elif record.kind == "revisit":
                found.revisits.append(_capture(record, piece, *story, b""))
            else:
                page = page_of(record)
                if blocked := block_page(page, "story"):
                    raise Refused(blocked)
                found.captures.append(_capture(record, piece, *story, page))
        except Refused as error:
            if story is not None:
                found.refused[error.reason] += 1
        except _Damaged as error:
            found.damages.append(f"{piece.name}: record {record.id}: {error}")
        except warcreader.DAMAGES as error:
            if not record.is_damaged:  # else the reader says so next
                found.damages.append(f"{piece.name}: record {record.id}: {error}")


def _story(address: str) -> tuple[str, str, str] | None:
    """Number, id and page ("" for the first) of a story's address; None for another."""
    story = urls.story(address)
    if story is not None:
        key = page_of_story(address, story.number)
        return story.number, story.id, json.dumps(key) if key else ""
    match = _FURTHER.search(address)
    key = page_of_story(address, match[1]) if match else None
    return (match[1], "", json.dumps(key)) if match and key else None


def page_key(address: str, number: str) -> str:
    """As `Capture.page`, of any address of a page of the story."""
    key = page_of_story(address, number)
    return json.dumps(key) if key else ""


def _capture(
    record: Record, piece: Piece, number: str, story: str, page: str, data: bytes
) -> Capture:
    headers = record.headers
    moment = _moment_of(record)
    try:
        listed = _moment(headers[LISTED.lower()]) if LISTED.lower() in headers else None
    except (ValueError, OverflowError):
        raise _Damaged(f"its {LISTED} is no moment") from None
    return Capture(
        number,
        story,
        page,
        moment,
        record.address,
        record.id,
        piece.file,
        record.start,
        piece.last,
        hashlib.sha256(data).hexdigest(),
        headers.get("warc-payload-digest", ""),
        listed,
    )


def _moment_of(record: Record) -> str:
    """When a record was made, as `raw.stamp` writes it. Refused, or damaged: it cannot be taken."""
    try:
        return _made(record.headers.get("warc-date", ""))
    except (ValueError, OverflowError):
        raise _Damaged("it does not say when it was made") from None


def _made(value: str) -> str:
    """As `_moment`, when a capture was made. Refused: that lies ahead."""
    moment = _moment(value)
    if moment > stamp(times.now() + AHEAD):
        raise Refused("future")
    return moment


def _moment(value: str) -> str:
    """ISO 8601 as `raw.stamp` writes it; UTC without a zone. ValueError, OverflowError: it is no
    moment."""
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return stamp(moment)


def _note_times(record: Record, found: Found) -> None:
    """Note the exact times that a captured list, a page or JSON, shows for its stories."""
    data = _text_of(record)
    seen = datetime.fromisoformat(_moment_of(record))
    if _STORY_LINK not in data.replace(b"\\/", b"/"):
        return
    for card in _cards(record.address, data, seen):
        story = urls.story(card.address)
        if story and card.listed:
            found.listed.append((story.number, stamp(seen), card.listed.isoformat()))


def _cards(address: str, data: bytes, seen: datetime) -> list[Card]:
    if data.lstrip()[:1] == b"{":
        try:
            answer = json.loads(data)
        except (ValueError, RecursionError):
            return []
        path = urlsplit(address).path.removeprefix(PAGE_CONTENT.pattern.partition("{")[0])
        return (
            page_content_cards(answer, path, address) or sitemap_cards(answer, path, address) or []
        )
    try:
        check_html(data)
    except UnfitError:
        return []
    page = Page(address, data)
    layout = None if page.is_too_deep else layouts.pick_list(page)
    return layout.listing(page, seen)[0] if layout else []


# --- the page of a record


def page_of(record: Record) -> bytes:
    """The page of a response or a resource, UTF-8, whole. Refused, or damaged: there is none."""
    page = _text_of(record)
    try:
        check_html(page)
    except UnfitError as error:
        raise Refused(error.reason) from None
    return page


def _text_of(record: Record) -> bytes:
    """What an answer or a resource holds, UTF-8."""
    headers = record.headers
    if record.left > MOST_BYTES:
        raise Refused("size")
    block = record.read(record.left)
    record.finish()
    if "warc-truncated" in headers:
        raise Refused("cut")
    payload, content_type, is_chunked = block, headers.get("content-type", ""), False
    codings: list[str] = []
    if record.kind == "response":
        content_type, codings, is_chunked, payload = _answer(block)
    _check_digests(headers, block, payload, is_chunked=is_chunked)
    if content_type.lower().startswith(NO_PAGES):
        raise Refused("not_html")
    if is_chunked:
        payload = ChunkedDataReader(io.BytesIO(payload)).read()
    try:
        return utf8(_unpacked(payload, codings), http_content_type_encoding(content_type))
    except UnfitError as error:
        raise Refused(error.reason) from None


def _answer(block: bytes) -> tuple[str, list[str], bool, bytes]:
    """Content type, codings, whether it is in chunks, and what follows the head of an answer."""
    stream = io.BytesIO(block)
    try:
        http = _HTTP.parse(stream)
        status = int(http.statusline.split()[0])
    except (EOFError, ValueError, IndexError):
        raise _Damaged("it holds no HTTP answer") from None
    if 300 <= status < 400:
        raise Refused("redirect" if status != 304 else "http_304")
    if status != 200:
        raise Refused(f"http_{status}")
    said: dict[str, str] = {}
    for name, value in http.headers:
        key = name.lower()
        said[key] = f"{said[key]},{value}" if key in said else value
    payload = stream.read()
    is_chunked = "chunked" in said.get("transfer-encoding", "").lower()
    length = said.get("content-length", "")
    codings = [name.strip() for name in said.get("content-encoding", "").lower().split(",")]
    # A program that stored the page unpacked has left the length of the packed one.
    if not is_chunked and not any(codings) and length.isdigit() and len(payload) < int(length):
        raise Refused("cut")
    return said.get("content-type", ""), codings, is_chunked, payload


def _unpacked(payload: bytes, codings: list[str]) -> bytes:
    try:
        return unpack(payload, codings, MOST_BYTES)
    except UnfitError:
        # Some programs store the page unpacked, and leave the header.
        if payload.lstrip()[:1] == b"<":
            return payload
        raise


def _check_digests(
    headers: dict[str, str], block: bytes, payload: bytes, *, is_chunked: bool
) -> None:
    """_Damaged where a record is not what its digest says.

    That of the payload is looked at where there is none of the block: programs do not
    agree whether it is of the chunks or of what is in them.
    """
    of_block = _fits(headers.get("warc-block-digest", ""), block)
    if of_block is None:
        of_block = _fits(headers.get("warc-payload-digest", ""), payload)
        if of_block is False and is_chunked:
            joined = ChunkedDataReader(io.BytesIO(payload)).read()
            of_block = _fits(headers["warc-payload-digest"], joined)
    if of_block is False:
        raise _Damaged("its digest is not that of its content")


def _fits(digest: str, data: bytes) -> bool | None:
    """Whether a digest is that of some bytes; None where that cannot be said."""
    name, _, said = digest.partition(":")
    name = name.lower().replace("-", "")
    if name not in ("sha1", "sha256", "sha512", "md5") or not said:
        return None
    own = hashlib.new(name, data, usedforsecurity=False).digest()
    forms = (base64.b32encode(own).decode().rstrip("="), own.hex(), base64.b64encode(own).decode())
    return said.rstrip("=").upper() == forms[0] or said.lower() == forms[1] or said == forms[2]


def page(capture: Capture, files: Files) -> bytes:
    """The page of a capture that a survey found. ArchiveError: it cannot be read any more."""
    try:
        stream = files.get(capture.file)
        if capture.start < 0:
            return _saved_page(_whole(stream))
        return page_of(warcreader.record_at(stream, capture.start, capture.last))
    except (OSError, Refused, _Damaged, *warcreader.DAMAGES) as error:
        raise ArchiveError(
            f"{capture.file} cannot be read again on {os.uname().nodename}: {error}. "
            "What was written before it is whole. Run again once it can."
        ) from error


# --- saved pages


def _look_at_saved(one: SavedPage, files: Files, site: Site, found: Found) -> None:
    file, url, crawled, changed = one
    found.records += 1
    data = _whole(files.get(file))
    if len(data) > MOST_BYTES:
        found.refused["size"] += 1
        return
    said, saved = _said_by(data)
    try:
        page = _saved_page(data)
    except Refused as error:
        found.refused[error.reason] += 1
        return
    url = url or said or layouts.own_address(Page("", page))
    story = _story(url or "")
    if url is None or story is None or site.address(url) is None:
        found.no_story += 1
        return
    if blocked := block_page(page, "story"):
        found.refused[blocked] += 1
        return
    try:
        moment = _made(crawled or saved or changed)
    except Refused as error:
        found.refused[error.reason] += 1
        return
    except (ValueError, OverflowError):
        found.damages.append(f"{file}: the table gives it the moment {crawled!r}, which is none")
        return
    digest = hashlib.sha256(page).hexdigest()
    name = _split(file)[1]
    found.captures.append(
        Capture(story[0], story[1], story[2], moment, url, name, file, -1, 0, digest, "", None)
    )


def _said_by(data: bytes) -> tuple[str | None, str | None]:
    """The address, and the moment, that the program which saved a page has put into it."""
    head = data[:4096]
    if match := _SINGLE_FILE.search(head):
        try:
            moment = datetime.strptime(match[2].decode().strip(), "%a %b %d %Y %H:%M:%S GMT%z")
        except ValueError:
            return match[1].decode("utf-8", "replace"), None
        return match[1].decode("utf-8", "replace"), stamp(moment)
    if match := _SAVED_FROM.search(head):
        return match[1].decode("utf-8", "replace"), None
    return None, None


def _saved_page(data: bytes) -> bytes:
    try:
        page = utf8(_LOCAL_COPY.sub(b"", data))
        check_html(page)
    except UnfitError as error:
        raise Refused(error.reason) from None
    return page
