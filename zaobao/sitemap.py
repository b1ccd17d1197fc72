"""A sitemap's entries, by Scrapy's own reader, which resolves no entity.

Their traps: docs/site-facts.md, "Sitemaps".
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from lxml.etree import LxmlError
from scrapy.utils.sitemap import Sitemap

from zaobao import times, urls

if TYPE_CHECKING:
    from collections.abc import Callable

MOST = 50_000
"""Entries of one sitemap; the protocol allows no more."""

_HARMLESS = {
    "ERR_ENTITYREF_SEMICOL_MISSING",
    "ERR_INVALID_CHAR",
    "ERR_RESERVED_XML_NAME",
}
"""Errors of libxml2 that cost no entry: a bare `&`, a control character, blanks at the start."""

_AHEAD = timedelta(minutes=10)
_UNNUMBERED = re.compile(r"/story20\d{6}/?$", re.A)
_MONTH = re.compile(r"(20\d{2})-?(0[1-9]|1[0-2])(?!\d)", re.A)


@dataclass(slots=True)
class Contents:
    """What a sitemap has. stories: of a plain one; sitemaps: addresses, of an index.

    skipped: entries that name no story to fetch now, by why: `future`,
    `no_number`, `foreign`, `other`. is_cut: there are more than MOST entries.
    damage: what is wrong with its XML, so that entries may be lacking; or None.
    """

    is_index: bool
    stories: list[urls.StoryUrl] = field(default_factory=list)
    sitemaps: list[str] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    is_cut: bool = False
    damage: str | None = None


def read(body: bytes, now: datetime, is_ours: Callable[[str], bool]) -> Contents:
    """The entries of a sitemap or an index, each once, in their order.

    `lastmod` is a time of change: it tells an entry from the future, never when a
    story was published. is_ours: whether an address may be asked. ValueError when
    it is neither, or has a document type: no sitemap needs one, a bomb does.
    """
    try:
        sitemap = Sitemap(body)
        if sitemap.type not in ("urlset", "sitemapindex"):
            raise ValueError(f"its root is <{sitemap.type}>, not a sitemap's")
        contents = Contents(is_index=sitemap.type == "sitemapindex")
        entries: dict[str, str] = {}
        for entry in sitemap:
            entries.setdefault(entry.get("loc", ""), entry.get("lastmod", ""))
            if len(entries) > MOST:
                contents.is_cut = True
                break
    except (LxmlError, StopIteration):
        raise ValueError("it is no XML") from None
    if not contents.is_cut:
        contents.damage = _damage(sitemap.xmliter)
    for loc, lastmod in list(entries.items())[:MOST]:
        _take(contents, loc, lastmod, now, is_ours)
    return contents


def _damage(parsed: Any) -> str | None:
    """The first error behind which entries may be lost. ValueError for a document type."""
    if parsed.root.getroottree().docinfo.internalDTD is not None:
        raise ValueError("it has a document type, which a sitemap does not need")
    errors = (error for error in parsed.error_log if error.type_name not in _HARMLESS)
    return next((f"line {error.line}: {error.message.strip()}" for error in errors), None)


def _take(
    contents: Contents, loc: str, lastmod: str, now: datetime, is_ours: Callable[[str], bool]
) -> None:
    story = urls.story(loc)
    if not is_ours(loc):
        contents.skipped["foreign"] += 1
    elif contents.is_index:
        contents.sitemaps.append(loc)
    elif story is None:
        contents.skipped["no_number" if _UNNUMBERED.search(loc) else "other"] += 1
    elif _is_ahead(story, times.parse(lastmod), now):
        contents.skipped["future"] += 1
    else:
        contents.stories.append(story)


def _is_ahead(story: urls.StoryUrl, changed: datetime | None, now: datetime) -> bool:
    today = now.astimezone(times.SINGAPORE).date()
    return (changed is not None and changed > now + _AHEAD) or (story.day - today).days > 1


def days_of(month: str) -> tuple[date, date]:
    """The first and the last day of `202108`."""
    first = date(int(month[:4]), int(month[4:]), 1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def is_near(day: date, month: str, days: int) -> bool:
    """Whether a day lies in a month, or at most `days` beside it."""
    start, end = days_of(month)
    return (start - day).days <= days and (day - end).days <= days


def month_of(address: str) -> str | None:
    """`202108` for the address of a month's sitemap; None for `sitemap-0.xml` and the like."""
    match = _MONTH.search(address.rpartition("/")[2])
    return match[1] + match[2] if match else None
