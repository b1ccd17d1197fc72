"""A finished post, read back: the fixed form line by line, not YAML.

It takes this project's posts and those of the older archives in the same form,
whose titles YAML cannot always read, with `comments: True` and `<!--NaN-->`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

from lxml import etree

from zaobao import exporters, urls

_KEY = re.compile(r"([A-Za-z_][\w-]*):(?:[ \t]+(.*))?")
_COMMENT = re.compile(r"<!--(-?\d{1,15}|NaN)-->")
_NOTE = re.compile(exporters.excerpt_note('[^"]*') + "$")
_ORIGIN = f"{urls.CANONICAL_ORIGIN}/"
_LINK = re.compile(r"\[(.*)\]\((\S+)\)")
# What the older producer copied from a page, and a post of this project never has.
_COPIED = re.compile(r"<(?:section|script|style|div|iframe|ins)\b|\s(?:class|id|style|data-\w+)=")

# A plain value that every YAML reader takes for the same string.
_WORDS = (
    r"(?!(?i:yes|no|on|off|true|false|null|y|n)\s*(?:[,\]]|\Z))[^\W\d_][^\n\"'\\#:{}\[\],&*!|>%@`]*"
)
FORMS = {
    "layout": "post",
    "title": rf"{exporters.STRING}|{_WORDS}",
    "date": exporters.STAMP,
    "author": _WORDS,
    "from": r"https?://[\w.-]+(?:/[\w-]+)+/?",
    "tags": rf"\[ ?(?:{exporters.STRING}|{_WORDS})(?:, ?(?:{exporters.STRING}|{_WORDS}))* ?\]",
    "categories": r"\[ ?联合早报 ?\]",
    "comments": "True|False|true|false",
    **exporters.NEWS,
    **exporters.ASKED,
}
"""The keys that a post may have, in this project's form and in that of the older archives."""

# The older producer read Singapore's clock as UTC until 2022-02-02, so that its comment is eight
# hours late; where that lay in the future, or the page had no time (`<!--NaN-->`), its `date:` is
# the time of the crawl.
MENDED = date(2022, 2, 2)
"""The first day on which the older producer's comment is the true time."""

Writer = Literal["true", "late", "unknown"]

_LATE = timedelta(hours=8)
_LATER, _LATER_DAYS = timedelta(hours=15), (date(2021, 3, 14), date(2021, 6, 15))
"""How late comments are of a server at UTC-7, and the days on which it fetched: those of 2021-04-27
to 06-15 were measured, and before its summer time it was another."""
_AHEAD = timedelta(minutes=10)

_INLINE_NAMES = (
    "a b strong i em u s del ins sub sup mark small code q cite span font ruby rt rp img"
)
_INLINE = frozenset(["img", "td", "th", "br", "wbr", *_INLINE_NAMES.split()])
_WHOLE = re.compile(r"\s*<(?:html|!doctype)", re.I)
_PARSER = etree.HTMLParser()
_UNSEEN = ("script", "style", "noscript", "template", "figcaption")


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
        return None if "date_from" in self.front else _crawl(self.date, self.comment)

    def published(self, *, legacy_times: bool = False) -> tuple[datetime | None, str | None]:
        """The true instant, and what gave it: `comment`, `comment-8h` or `comment-15h`.

        legacy_times: `ZAOBAO_TIMES=legacy` wrote the posts that are not older.
        """
        if self.comment is None or "date_from" in self.front:
            return None, None
        if "comments" in self.front or (self.story.day >= MENDED and not legacy_times):
            writer: Writer = "true"
        elif legacy_times or _COPIED.search(self.body):
            writer = "late"
        else:
            writer = "unknown"
        return _publication(self.comment, self.date, self.story.day, writer)

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
        return words(self.body)


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
    if b"\ngone:" not in data:
        return None
    lines = data.decode(errors="replace").replace("\r\n", "\n").split("\n")
    try:
        return moment(_front(lines)[0].get("gone"))
    except PostError:
        return None


def is_of(data: bytes, number: str) -> bool:
    """Whether a post, also a damaged one, is of a story, by the address in its front matter."""
    mark = rb"^from:[^\n]*/story20\d{6}-%s(?!\d)" % number.encode()
    return re.search(mark, data.partition(b"\n---")[0], re.M) is not None


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
        is_ours = address.startswith(_ORIGIN) or urlsplit(address).hostname in urls.PAPER_HOSTS
    except ValueError:
        is_ours = False
    if not address:
        raise PostError("no from: and no link")
    if story is None or not is_ours:
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
    places = reversed(range(len(lines)))
    end = next((n for n in places if lines[n].strip() == "</div>"), -1)
    if start is None or end <= start:
        raise PostError("no body between <div> and </div>: it is cut")
    body = _NOTE.sub("", " ".join(lines[start + 1 : end]).strip())
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


def front_problem(front: str) -> str | None:
    seen = set()
    for line in front.split("\n"):
        key, colon, value = line.partition(":")
        value = value.strip(" ")
        if not colon or key not in FORMS:
            return f"the line {line[:60]!r} in its front matter: no post has it"
        if key in seen:
            return f"the key {key} stands twice in its front matter"
        seen.add(key)
        if not re.fullmatch(FORMS[key], value):
            return f"YAML may not read {line[:60]!r} as it is meant: quote it"
        if key == "date" and (wrong := exporters.date_problem(value)):
            return wrong
    missing = {"layout", "title", "date", "from"} - seen
    return f"no {sorted(missing)[0]} in its front matter" if missing else None


def _crawl(written: datetime | None, comment: datetime | None) -> datetime | None:
    """When the story was fetched: `date:`, where it lies before the comment or there is none."""
    if written is None:
        return None
    return written if comment is None or comment > written else None


def _publication(
    comment: datetime, written: datetime | None, day: date, writer: Writer
) -> tuple[datetime | None, str | None]:
    """The true instant and what gave it; None, None where it is open.

    written: the post's `date:`. day: of the story's address, Singapore's. writer:
    whether who wrote the post is known to give the true time or the late one.
    """
    fetched = _crawl(written, comment)
    if fetched:
        readings = {"comment-8h": comment - _LATE}
        if _LATER_DAYS[0] <= fetched.date() <= _LATER_DAYS[1]:
            readings["comment-15h"] = comment - _LATER
        told = [
            (moment, source)
            for source, moment in readings.items()
            if moment <= fetched + _AHEAD
            and (len(readings) == 1 or abs((moment + _LATE).date() - day) <= timedelta(days=1))
        ]
        return told[0] if len(told) == 1 else (None, None)
    if writer == "unknown":
        writer = _by_day(comment, day)
    if writer == "unknown":
        return None, None
    return (comment - _LATE, "comment-8h") if writer == "late" else (comment, "comment")


def _by_day(comment: datetime, day: date) -> Writer:
    """The reading whose day in Singapore is the one in the address, if only one is."""
    as_true, as_late = (comment + _LATE).date(), comment.date()
    if as_true == as_late or day not in (as_true, as_late):
        return "unknown"
    return "true" if day == as_true else "late"


def words(body: str) -> str:
    """The text of a post's body, one block a line, without captions."""
    if not body.strip():
        return ""
    # lxml.html asks Python for the class of every element.
    whole = body if _WHOLE.match(body) else f"<html><body>{body}</body></html>"
    root = etree.fromstring(whole, _PARSER)
    if root is None or (box := root.find("body")) is None:
        return ""
    box.tail = None
    etree.strip_elements(box, *_UNSEEN, etree.Comment, etree.PI, with_tail=False)
    pieces: list[str] = []
    for event, element in etree.iterwalk(box, events=("start", "end")):
        tag = element.tag
        gap = "" if tag in _INLINE else "\n"
        if tag in ("br", "td", "th"):
            gap = " "
        piece = element.text if event == "start" else element.tail
        pieces += (gap, " ".join((piece or "").splitlines()))
    blocks = (" ".join(block.split()) for block in "".join(pieces).split("\n"))
    return "\n".join(block for block in blocks if block)
