"""Monthly sitemaps with all sections mixed."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from demo.story import SINGAPORE, Story

if TYPE_CHECKING:
    from collections.abc import Iterable

HOST = "https://www.zaobao.com.sg"
_SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def month_of(story: Story) -> str:
    """`YYYYMM` of the date in the story's address."""
    day = story.url_day or story.published.astimezone(SINGAPORE).date()
    return f"{day:%Y%m}"


def months(stories: Iterable[Story]) -> list[str]:
    """All months that have a story, oldest first."""
    return sorted({month_of(story) for story in stories})


def index(names: Iterable[str]) -> str:
    """`/sitemap.xml`; `names` are the parts after `sitemap-`."""
    rows = (f"<sitemap><loc>{HOST}/sitemaps/sitemap-{n}.xml</loc></sitemap>" for n in names)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<sitemapindex {_SPACE}>' + _rows(
        rows, "sitemapindex"
    )


def month(stories: Iterable[Story], name: str, form: str, newest: bool, now: datetime) -> bytes:
    """`/sitemaps/sitemap-YYYYMM.xml`. form: `plain`, `cdata`, `gzip` or `broken`.

    `newest`: this is the last month, which also has an entry from the future. `now`: the
    paper's clock, which no time of change is ahead of.
    """
    entries = [(HOST + s.path, _lastmod(s, now)) for s in stories]
    year, number = name[:4], name[4:]
    entries += [
        (f"{HOST}/realtime/world/story{name}28", f"{year}-{number}-28T04:00:00Z"),
        (f"{HOST}/zvideos/news/story{name}05-8{name}1", f"{year}-{number}-05T04:00:00Z"),
        (f"{HOST}/forum/comic/story{name}06-8{name}2", f"{year}-{number}-06T04:00:00Z"),
    ]
    if newest:
        entries.append((f"{HOST}/news/china/story20991231-99000001", "2099-12-31T00:00:00Z"))
    rows = (f"<url><loc>{_loc(u, form)}</loc><lastmod>{t}</lastmod></url>" for u, t in entries)
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset {_SPACE}>' + _rows(rows, "urlset")
    if form == "broken":
        text = text[: len(text) * 2 // 3]
    data = text.encode()
    return gzip.compress(data, mtime=0) if form == "gzip" else data


def _lastmod(story: Story, now: datetime) -> str:
    """A time of change, hours after publication where `now` allows: not to be taken for it."""
    moment = story.updated or story.published
    later = min(moment + timedelta(hours=int(story.number) % 5), max(moment, now))
    return f"{later.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _loc(url: str, form: str) -> str:
    return f"<![CDATA[{url}]]>" if form == "cdata" else escape(url)


def _rows(rows: Iterable[str], root: str) -> str:
    return "\n" + "\n".join(rows) + f"\n</{root}>\n"
