"""A story of the bundled newspaper, and the files that hold them."""

from __future__ import annotations

import html
import re
import tomllib
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from demo import parts

if TYPE_CHECKING:
    from collections.abc import Callable

SINGAPORE = timezone(timedelta(hours=8))

_PART_LINE = re.compile(r"\{\{\w+\}\}")
_SOFT = re.compile(r"</?(?:strong|em|b|i|a|span|u)\b[^>]*>")
_HARD = re.compile(r"<[^>]*>")


@dataclass
class Story:
    """One story. Every field may be changed while the paper is served; times are aware.

    layout: `sg4b`, `sg4a`, `sg3`, `sg3h`, `hk_astro`, `sg_drupal` or
    `hk_bootstrap`. body: HTML in that layout's markup, one top-level block a
    line, with `{{name}}` for a part. wall: name of a paywall part; when set,
    the page shows `shown` blocks and the part. pages: over so many pages the body goes,
    each with a pager; the first is the address without `?page=`, the second `?page=1`.
    status: what the page answers.
    times: which places tell the time (`all`, `json`, `visible`, `list`, `ga`:
    gaPushParams alone, `shifted`: the JSON is eight hours late). quirks: traps of the paper's JSON
    that this page has. access: what a post must say. mirrors: other sections
    under which it stands, too. list_title: a headline that only the list still has.
    """

    number: str
    layout: str
    section: str
    title: str
    published: datetime
    text: str | Callable[[Story], str] = ""
    updated: datetime | None = None
    keywords: tuple[str, ...] | None = None
    authors: tuple[str, ...] = ()
    leads: list[list[str]] = field(default_factory=list)
    times: str = "all"
    quirks: tuple[str, ...] = ()
    access: str = "free"
    wall: str | None = None
    shown: int = 3
    pages: int = 1
    status: int = 200
    listed: bool = True
    mirrors: tuple[str, ...] = ()
    url_day: date | None = None
    list_title: str | None = None
    extra_keep: tuple[str, ...] = ()
    extra_drop: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """The story's address without the origin."""
        return self.path_in(self.section)

    def path_in(self, section: str) -> str:
        """The same story under another section."""
        day = self.url_day or self.published.astimezone(SINGAPORE).date()
        return f"/{section}/story{day:%Y%m%d}-{self.number}"

    @property
    def body(self) -> str:
        """The whole body, parts not yet filled in."""
        return self.text if isinstance(self.text, str) else self.text(self)

    @body.setter
    def body(self, value: str) -> None:
        self.text = value

    @property
    def served(self) -> str:
        """The body as it is shown: the whole, or a preview and its paywall part."""
        if not self.wall:
            return self.body
        return "\n".join([*self.body.splitlines()[: self.shown], "{{" + self.wall + "}}"])

    def served_on(self, page: int) -> str:
        """What a page, from 0, shows of the body, with the pager where there are several."""
        if self.pages == 1:
            return self.served
        lines = self.served.splitlines()
        size = -(-len(lines) // self.pages)
        return "\n".join([*lines[page * size : (page + 1) * size], self._pager(page)])

    def _pager(self, page: int) -> str:
        links = []
        for n in range(self.pages):
            href = f"?page={n}" if n else self.path
            link = f'<a href="{href}">{n + 1}</a>'
            links.append(f"<li>{n + 1 if n == page else link}</li>")
        if page + 1 < self.pages:
            links.append(
                f'<li><a rel="next" title="到下一页" href="?page={page + 1}">下一页 ›</a></li>'
            )
        return f'<ul class="pager">{"".join(links)}</ul>'

    @property
    def keep(self) -> list[str]:
        """Strings of the story's own text, in order, that must be in its post.

        They are parts of the visible text of `body_html`, captions included.
        """
        own = _PART_LINE.sub("<br>", self.served)
        found = (html.unescape(run).strip() for run in _HARD.split(_SOFT.sub("", own)))
        return [run[:40] for run in found if len(run) > 3] + list(self.extra_keep)

    @property
    def drop(self) -> list[str]:
        """Strings that must not be in its post."""
        found = [s for part in parts.used(self.layout, self.served) for s in part.drop]
        return list(dict.fromkeys([*found, *self.extra_drop]))


def load(today: date) -> list[Story]:
    """The hand-written stories, dated back from the first minute of `today`."""
    names = sorted(f.name for f in files(__package__).joinpath("stories").iterdir())
    return [_read(parts.text("stories", n), today) for n in names if n.endswith(".html")]


def _read(source: str, today: date) -> Story:
    _, head, body = source.split("+++\n", 2)
    data: dict[str, Any] = tomllib.loads(head)
    published = _moment(data, today)
    after = data.pop("updated_after", None)
    day_shift = data.pop("url_day_shift", 0)
    for name in ("keywords", "authors", "quirks", "mirrors"):
        if name in data:
            data[name] = tuple(data[name])
    for name in ("keep", "drop"):
        data[f"extra_{name}"] = tuple(data.pop(name, ()))
    story = Story(published=published, text=body.strip(), **data)
    story.updated = published + timedelta(minutes=after) if after else None
    story.url_day = published.date() + timedelta(days=day_shift) if day_shift else None
    return story


def _moment(data: dict[str, Any], today: date) -> datetime:
    fixed, ago = data.pop("published", None), data.pop("ago", 0)
    if isinstance(fixed, datetime):
        return fixed.replace(tzinfo=SINGAPORE)
    return datetime.combine(today, time(), SINGAPORE) - timedelta(minutes=ago)
