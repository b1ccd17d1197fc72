"""The types that cross files: `Article`, its `Image`s and what was `Removed` from it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from datetime import datetime

Access = Literal["free", "paywalled", "truncated", "unknown"]
Edition = Literal["sg", "hk"]
Role = Literal["lead", "inline", "gallery"]
Kind = Literal["ad", "dfp", "paywall", "related", "tracking", "chrome"]


@dataclass(slots=True)
class Image:
    """One editorial picture.

    url: absolute https address on one of the kept hosts (`urls.IMAGE_HOSTS`); as
    written in the page until the story is clean.
    caption: as printed, or None when the page shows none.
    """

    url: str
    caption: str | None
    role: Role


class Spare(Image):
    """A lead picture that only the page's metadata name: shown where the page shows none."""

    __slots__ = ()


@dataclass(slots=True)
class Removed:
    """One element that was taken out of the article's box.

    rule, kind: of `rules.RULES`, or `picture-host` and `default-picture` for a
    picture that is not linked. path: XPath of the element in the page as it
    came, children in reading order; a step `run` stands for words that have no
    element of their own. For a picture `img[its address]`. chars: how many
    characters of visible text went with it, white space not counted.
    """

    rule: str
    kind: Kind
    path: str
    chars: int


@dataclass(slots=True)
class Article:
    """One story as the page tells it. All datetimes are aware.

    The fields down to `post` are the keys of a JSON line, in this order;
    None means that the page does not say. Those after it are for the way
    through the pipelines only, never exported and never compared.
    """

    id: str  # "20210902-1189718", from the first URL whose page was read
    url: str  # https://www.zaobao.com + path of that URL
    fetched_url: str  # the address that answered
    section: str  # path before /story…: "realtime/china"
    edition: Edition | None
    layout: str  # a layout's name, "generic" or "adopted"
    title: str
    published: datetime | None  # never the clock of the crawl
    published_raw: str | None  # as it stood on the page
    published_from: str | None  # the rung of the ladder that gave it
    updated: datetime | None  # the page's own time of change
    crawled: datetime  # UTC, milliseconds
    authors: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    language: str = "zh-Hans"
    images: list[Image] = field(default_factory=list)
    body_html: str = ""  # clean, on one line
    text: str = ""  # one block a line, captions left out
    access: Access = "free"
    access_reason: str | None = None
    removed: list[Removed] = field(default_factory=list)
    digest: str = ""
    revision: int = 1
    post: str | None = None  # path of the post, relative to the output folder

    box: Any = field(default=None, repr=False, compare=False)  # lxml element, untouched
    rungs: dict[str, str] = field(default_factory=dict, repr=False, compare=False)
    declared_chars: int | None = field(default=None, repr=False, compare=False)
    players: int = field(default=0, repr=False, compare=False)
    etag: str | None = field(default=None, repr=False, compare=False)
    last_modified: str | None = field(default=None, repr=False, compare=False)
    description: str = field(default="", repr=False, compare=False)  # the page's own
    begins_outside: bool = field(
        default=False, repr=False, compare=False
    )  # the description's start is printed, but not in the box
    doubts: list[str] = field(default_factory=list, repr=False, compare=False)
    listed: datetime | None = field(default=None, repr=False, compare=False)  # the list's time
    source: bytes = field(default=b"", repr=False, compare=False)  # the page
    kept: bool = field(default=False, repr=False, compare=False)  # read from a kept page
    unprinted: bool = field(
        default=False, repr=False, compare=False
    )  # the time is a script's alone


LINE_KEYS = tuple(field.name for field in fields(Article) if field.compare)
"""The keys of a JSON line, in order."""
