"""A finished post, read back: the fixed form line by line, not YAML.

It takes this project's posts and those of the older archives in the same form,
whose titles YAML cannot always read, with `comments: True` and `<!--NaN-->`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from zaobao import urls
from zaobao.archive import posttext, posttimes

_KEY = re.compile(r"([A-Za-z_][\w-]*):(?:[ \t]+(.*))?")
_COMMENT = re.compile(r"<!--(-?\d{1,15}|NaN)-->")
_LINK = re.compile(r"\[(.*)\]\((\S+)\)")
# What the older producer copied from a page, and a post of this project never has.
_COPIED = re.compile(r"<(?:section|script|style|div|iframe|ins)\b|\s(?:class|id|style|data-\w+)=")


class PostError(ValueError):
    """The file gives no story of the paper; the message says why.

    foreign: it is some other file, not a damaged post of the paper.
    """

    def __init__(self, message: str, *, foreign: bool = False) -> None:
        super().__init__(message)
        self.foreign = foreign


@dataclass(frozen=True, slots=True)
class Post:
    """What a post says. Datetimes are aware, UTC; None where it says nothing.

    comment: the instant in `<!--N-->`. front: the front matter's values as
    written. body: the HTML between `<div>` and `</div>`, Jekyll's escapes undone.
    """

    story: urls.StoryUrl
    title: str | None
    date: datetime | None
    comment: datetime | None
    front: dict[str, str]
    body: str

    @property
    def crawled(self) -> datetime | None:
        """When it was fetched, where `date:` is that and not the publication."""
        return None if "date_from" in self.front else posttimes.crawl(self.date, self.comment)

    def published(self, *, legacy_times: bool = False) -> tuple[datetime | None, str | None]:
        """The true instant, and what gave it; see `posttimes.publication`.

        legacy_times: `ZAOBAO_TIMES=legacy` wrote the posts that are not older.
        """
        if self.comment is None or "date_from" in self.front:
            return None, None
        if "comments" in self.front or (self.story.day >= posttimes.MENDED and not legacy_times):
            writer: posttimes.Writer = "true"
        elif legacy_times or _COPIED.search(self.body):
            writer = "late"
        else:
            writer = "unknown"
        return posttimes.publication(self.comment, self.date, self.story.day, writer)

    @property
    def keywords(self) -> list[str]:
        """The tags after the paper's name."""
        return _list(self.front.get("tags", ""))[1:]

    @property
    def authors(self) -> list[str]:
        """The people, where the post names them."""
        return _list(self.front.get("authors", ""))

    def moment(self, key: str) -> datetime | None:
        """A time in the front matter: `updated`, `gone`."""
        return moment(self.front.get(key))

    @property
    def text(self) -> str:
        """The body's words, one block a line, without captions."""
        return posttext.words(self.body)


def read(data: bytes) -> Post:
    """Take a post apart; PostError says what is wrong with it."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PostError(f"not UTF-8 at byte {error.start}") from None
    lines = text.replace("\r\n", "\n").split("\n")
    if lines[0].rstrip() != "---":
        raise PostError("no front matter", foreign=True)
    front, end = _front(lines)
    body_start = next((n for n in range(end, len(lines)) if lines[n].strip() == "<div>"), None)
    head = lines[end:body_start]
    link = next(filter(None, map(_LINK.fullmatch, head)), None)
    story = _story(front.get("from") or (link[2] if link else ""))
    comment = next(filter(None, map(_COMMENT.match, head)), None)
    return Post(
        story=story,
        title=_title(front.get("title"), link[1] if link else None),
        date=moment(front.get("date")),
        comment=_epoch(comment[1]) if comment else None,
        front=front,
        body=_body(lines, body_start),
    )


def gone(data: bytes) -> datetime | None:
    """The time in `gone:`; None where there is none, also in a file that is no post."""
    lines = data.decode(errors="replace").replace("\r\n", "\n").split("\n")
    try:
        return moment(_front(lines)[0].get("gone"))
    except PostError:
        return None


def moment(value: object) -> datetime | None:
    """An ISO 8601 time with its zone as UTC; None for everything else."""
    try:
        found = datetime.fromisoformat(str(value).strip("\"'"))
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _front(lines: list[str]) -> tuple[dict[str, str], int]:
    front: dict[str, str] = {}
    for number, line in enumerate(lines[1:], 1):
        if line.rstrip() == "---":
            return front, number + 1
        match = _KEY.fullmatch(line)
        if match:
            front.setdefault(match[1], (match[2] or "").rstrip(" \t"))
    raise PostError("the front matter has no end")


def _story(address: str) -> urls.StoryUrl:
    address = address.strip("\"' ")
    story = urls.story(address)
    try:
        host = urlsplit(address).hostname
    except ValueError:
        host = None
    if not address:
        raise PostError("no from: and no link")
    if story is None or host not in urls.PAPER_HOSTS:
        raise PostError(f"{address} is no story of the paper", foreign=True)
    return story


def _title(written: str | None, linked: str | None) -> str | None:
    """The headline; the two producers quote differently, and the link line tells which it was."""
    if written is None or not (len(written) > 1 and written[0] == written[-1] == '"'):
        return (written or linked or "").strip() or None
    readings = [written[1:-1].replace('\\"', '"')]
    try:
        readings.insert(0, str(json.loads(written)))
    except ValueError:
        return readings[0].strip() or None
    same = [reading for reading in readings if reading.strip() == linked]
    return (same or readings)[0].strip() or None


def _body(lines: list[str], start: int | None) -> str:
    end = max((n for n, line in enumerate(lines) if line.strip() == "</div>"), default=-1)
    if start is None or end <= start:
        raise PostError("no body between <div> and </div>: it is cut")
    body = " ".join(lines[start + 1 : end])
    return body.replace("&#123;", "{").replace("&#125;", "}").strip()


def _epoch(digits: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(digits) / 1000, UTC)
    except (ValueError, OverflowError, OSError):  # NaN; a year beyond 9999
        return None


def _list(value: str) -> list[str]:
    """The members of a flow list, quoted or not: `[ 联合早报, "甲, 乙" ]`."""
    inner = re.fullmatch(r"\[(.*)\]", value.strip())
    members = re.findall(r'"((?:[^"\\]|\\.)*)"|([^,"\s][^,]*)', inner[1]) if inner else []
    return [json.loads(f'"{quoted}"') if quoted else plain.strip() for quoted, plain in members]
