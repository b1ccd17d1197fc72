"""The ladder of a story's time of publication, and its time of change (site-facts 4.1, 10)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from zaobao import embedded, times
from zaobao.page import Page, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree

    from zaobao.layouts.base import Layout

AHEAD = timedelta(minutes=10)
"""A time further ahead of the crawl than this is none: clocks differ, stories do not."""

_LONGEST_LINE = 80
# A paragraph of the story may start with 发布会 and name a time, too.
TIME_LINE = re.compile(r"(?:发布|更新)(?:时间|于)?\s*[/／:：|]?\s*\d{4}")
_SIDE_TAGS = frozenset({"aside", "footer", "nav"})
_SIDE_MARKS = re.compile(r"recommend|related|sidebar|hot-?news|outbrain|further", re.I)


@dataclass(slots=True)
class Published:
    """A publication time: the instant, as it stood, the rung; and the page's time of change.

    shifted: another source is exactly eight hours off, so one lost its zone.
    """

    moment: datetime | None = None
    raw: str | None = None
    rung: str | None = None
    updated: datetime | None = None
    shifted: bool = False


@dataclass(slots=True)
class Shown:
    """The page's visible time line."""

    line: str = ""
    published: datetime | None = None
    changed: datetime | None = None


def published(
    layout: Layout,
    page: Page,
    ld: dict[str, Any],
    scope: etree._Element,
    crawled: datetime,
    listed: datetime | None,
) -> Published:
    """The publication time by the ladder, in Singapore's zone. `listed`: the list's exact time.

    Of two sources exactly eight hours apart one has lost its zone: then the
    visible Singapore clock wins. Never the clock of the crawl.
    """
    shown, latest = _shown(layout, page, scope), crawled + AHEAD
    found = Published()
    off = False
    for rung, raw in _rungs(page, ld, shown.line, listed):
        moment = shown.published if rung == "visible" else times.parse(raw)
        off = off or _is_off(moment, shown.published)
        if moment and moment <= latest:
            found.moment, found.raw, found.rung = moment, str(raw), rung
            break
    if off and shown.published and shown.published <= latest:
        found.moment, found.raw, found.rung = shown.published, shown.line, "visible"
        found.shifted = True
    found.updated = shown.changed
    if not found.shifted:  # else the script's time of change lost its zone, too
        found.updated = found.updated or times.parse(ld.get("dateModified"))
    if found.updated and not (found.moment and found.moment < found.updated <= latest):
        found.updated = None
    found.moment, found.updated = _local(found.moment), _local(found.updated)
    return found


def _is_off(moment: datetime | None, shown: datetime | None) -> bool:
    return bool(moment and shown and times.eight_hours_apart(moment, shown))


def _local(moment: datetime | None) -> datetime | None:
    return moment.astimezone(times.SINGAPORE) if moment else None


def _rungs(
    page: Page, ld: dict[str, Any], line: str, listed: datetime | None
) -> Iterator[tuple[str, Any]]:
    yield "ld+json", ld.get("datePublished")
    yield "drupalSettings", page.drupal.get("created")
    yield "hydration", page.hydration.get("create_time")
    for script in page.inline("pubdate"):
        yield "gaPushParams", embedded.ga_pubdate(script)
    yield "visible", line
    for script in page.inline("publication_date"):
        yield "next_f", embedded.next_publication_date(script)
    if listed:
        yield "list", listed.isoformat()


def _shown(layout: Layout, page: Page, scope: etree._Element) -> Shown:
    """The time line around the story, else anywhere outside side lists."""
    for part in (scope,) if scope.tag in ("main", "html") else (scope, page.root):
        for selector in layout.time:
            for node in page.select((selector,), part):
                shown = _read(text_of(node)[:_LONGEST_LINE])
                if shown.published or shown.changed:
                    return _with_next(node, shown)
        shown = _time_line(page, part)
        if shown.line:
            return shown
    return Shown()


def _read(line: str) -> Shown:
    return Shown(line, *times.visible(line))


def _with_next(node: etree._Element, shown: Shown) -> Shown:
    """Published and updated may stand in two elements side by side."""
    following = node.getnext()
    if shown.changed is None and following is not None:
        line = text_of(following)[:_LONGEST_LINE]
        if line.startswith("更新"):
            shown.changed = times.visible(line)[1]
    return shown


def _time_line(page: Page, scope: etree._Element) -> Shown:
    """A line that starts with 发布 or 更新 and a time, wherever the layout puts it."""
    shown = Shown()
    for node in page.time_lines(scope):
        around: etree._Element | None = node
        for _ in range(3):  # the word and the time may stand in elements of their own
            words = text_of(around) if around is not None else ""
            if around is None or len(words) > _LONGEST_LINE:
                break
            found = _read(words) if TIME_LINE.match(words) and not _is_aside(node) else Shown()
            if found.published or found.changed:
                shown.line = shown.line or words
                shown.published = shown.published or found.published
                shown.changed = shown.changed or found.changed
                break
            around = around.getparent()
        if shown.published and shown.changed:
            break
    return shown


def _is_aside(node: etree._Element) -> bool:
    return any(
        up.tag in _SIDE_TAGS or _SIDE_MARKS.search(f"{up.get('class')} {up.get('id')}")
        for up in (node, *node.iterancestors())
    )
