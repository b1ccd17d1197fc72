"""The types that cross files: `Article`, its parts, and the `Extraction` that made it."""

from __future__ import annotations

from dataclasses import MISSING, dataclass, field, fields
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, Self

from zaobao import times, urls

if TYPE_CHECKING:
    from collections.abc import Mapping

Access = Literal["free", "paywalled", "truncated", "unknown"]
Edition = Literal["sg", "hk"]
Role = Literal["lead", "inline", "gallery"]
Kind = Literal["ad", "dfp", "paywall", "related", "tracking", "chrome"]

PROVISIONAL, FIRST = 0, 1
"""Revisions. A provisional text is a suspect one, or one that no layout has read: the reading
that takes its place is the first, and no edit."""

PAGE_MISSING = "in doubt: page "
"""So begins the `access_reason` of a story of several pages of which one could not be read: it is
suspect, and read again later."""


@dataclass(slots=True)
class Image:
    """One editorial picture.

    url: absolute https address on one of the kept hosts (`urls.is_image_host`); as
    written in the page until the story is clean.
    caption: as printed, or None when the page shows none.
    path, checksum: of the kept copy in the store of pictures, `ab/ab…cd.jpg` and
    `sha256:ab…cd`; None where none is kept.
    """

    url: str
    caption: str | None
    role: Role
    path: str | None = None
    checksum: str | None = None


class Printed(Image):
    """A picture around the box whose caption the page shows, and not only an attribute has."""

    __slots__ = ()


class Spare(Image):
    """A lead picture that only the page's metadata name: shown where the page shows none."""

    __slots__ = ()


@dataclass(slots=True)
class Removed:
    """One element that was taken out of the article's box.

    rule, kind: of `cleaning.rules`, or `repeated-body`, or `picture-host` and `default-picture` for
    a picture that is not linked. path: CSS path of the element in the page as it
    came, of the element around it for words that have none of their own; for a
    picture `img[its address]`. Old lines have an XPath. chars: how many
    characters of visible text went with it, white space not counted.
    """

    rule: str
    kind: Kind
    path: str
    chars: int


def _dicts(parts: list[Any]) -> list[dict[str, Any]]:
    # Their values are words and numbers: `asdict` would look into each for parts of its own.
    return [{one.name: getattr(part, one.name) for one in fields(part)} for part in parts]


def _images(images: list[Image]) -> list[dict[str, Any]]:
    """As `_dicts`; a picture of which no copy is kept has no keys for one."""
    found = _dicts(images)
    for image in found:
        if image["path"] is None:
            del image["path"], image["checksum"]
    return found


def _parts(kind: type[Any], parts: list[dict[str, Any]]) -> list[Any]:
    known = {one.name for one in fields(kind)}
    return [kind(**{key: part[key] for key in part.keys() & known}) for part in parts]


# How a value is written (Scrapy's exporters ask for `serializer`), and read again.
_TIME = {"serializer": times.iso, "parse": datetime.fromisoformat}
_IMAGES = {"serializer": _images, "parse": partial(_parts, Image)}
_REMOVED = {"serializer": _dicts, "parse": partial(_parts, Removed)}


@dataclass(slots=True)
class Article:
    """One story as the page tells it: the item. All datetimes are aware.

    The fields are the keys of a JSON line, in this order; None means that the
    page does not say.
    """

    id: str  # "20210902-1189718", from the first URL whose page was read
    url: str  # https://www.zaobao.com + path of that URL
    fetched_url: str  # the address that answered
    section: str  # path before /story…: "realtime/china"
    edition: Edition | None
    layout: str  # a layout's name, "generic" or "adopted"
    title: str
    published: datetime | None = field(metadata=_TIME)  # never the clock of the crawl
    published_raw: str | None  # as it stood on the page
    published_from: str | None  # the source that gave it
    updated: datetime | None = field(metadata=_TIME)  # the page's own time of change
    crawled: datetime = field(metadata=_TIME)  # UTC, milliseconds
    authors: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    language: str = "zh-Hans"
    images: list[Image] = field(default_factory=list, metadata=_IMAGES)
    body_html: str = ""  # clean, on one line
    text: str = ""  # one block a line, captions left out
    access: Access = "free"
    access_reason: str | None = None
    removed: list[Removed] = field(default_factory=list, metadata=_REMOVED)
    digest: str = ""
    revision: int = FIRST
    post: str | None = None  # path of the post, relative to the output folder

    @property
    def number(self) -> str:
        """The story's number: it alone identifies it."""
        return urls.number_in(self.id)

    def to_dict(self) -> dict[str, Any]:
        """The keys and values of a JSON line: times as ISO 8601 with offset, parts as dicts."""
        values = {name: getattr(self, name) for name in LINE_KEYS}
        for name, serializer in _SERIALIZERS.items():
            values[name] = serializer(values[name])
        return values

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The article of a line, of an earlier or a later version too.

        A missing key is the field's default; an unknown one is left out.
        ValueError when it is not a line of a crawl; an adopted one is not.
        """
        given: dict[str, Any] = {}
        try:
            for one in fields(cls):
                value, parse = values.get(one.name), one.metadata.get("parse")
                if one.name in values:
                    given[one.name] = parse(value) if parse and value is not None else value
            article = cls(**given)
        except (TypeError, AttributeError, ValueError) as error:
            raise ValueError(f"no line of a crawl: {error}") from None
        if None in (article.crawled, article.digest):
            raise ValueError("no line of a crawl: it does not say when the page was read")
        return article


def _default(one: Any) -> Any:
    """What a line without the field stands for, as JSON has it."""
    value = one.default if one.default_factory is MISSING else one.default_factory()
    serializer = one.metadata.get("serializer")
    return serializer(value) if serializer else value


LINE_KEYS = tuple(field.name for field in fields(Article))
"""The keys of a JSON line, in order."""

_SERIALIZERS = {
    one.name: one.metadata["serializer"] for one in fields(Article) if "serializer" in one.metadata
}

LINE_DEFAULTS = {
    one.name: _default(one)
    for one in fields(Article)
    if one.default is not MISSING or one.default_factory is not MISSING
}
"""The value of a key that a line of an earlier version lacks."""


@dataclass(slots=True)
class Extraction:
    """One page read: the article, and what its reading needed and noticed on the way.

    It is never exported: items, feeds and lines see the article alone. Datetimes are aware.
    """

    article: Article
    box: Any = None  # the element with the body, untouched; None once the article is clean
    further: Any = None  # its `layouts.further.FurtherPages`
    base: str = ""  # what the box's relative addresses belong to
    sources: dict[str, str] = field(default_factory=dict)  # field → the source that gave it
    unprinted: bool = False  # the time is a script's alone
    declared_chars: int | None = None  # of the text, as the page's metadata count them
    goes_on: bool = False  # sentences behind the body's end may be the story's
    players: int = 0  # videos and sound that became links to the story
    description: str = ""  # the page's own
    begins_outside: bool = False  # the description's start is printed, but not in the box
    oddities: list[str] = field(default_factory=list)  # `time_off_day`, `order_served`
    page: bytes = b""  # as it came
    listed: datetime | None = None  # the list's time
    kept: bool = False  # read from a page in quarantine
    etag: str | None = None  # of the answer
    last_modified: str | None = None

    @property
    def pages(self) -> list[tuple[str, bytes]]:
        """Address and bytes of each of the story's pages, in order; empty for one not read here."""
        further = self.further.pages if self.further else ()
        first = [(self.article.fetched_url, self.page)] if self.page else []
        return first + [(page.url, page.source) for page in further]
