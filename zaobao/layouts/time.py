"""The ladder of a story's time of publication, and its time of change (site-facts 4.1, 10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from zaobao import embedded, plausibility, times
from zaobao.layouts import timeline

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from lxml import etree

    from zaobao.layouts.base import Layout
    from zaobao.page import Page

AHEAD = timedelta(minutes=10)
"""A time further ahead of the crawl than this is none: clocks differ, stories do not."""
HOUR = timedelta(hours=1)

_METAS = ("article:published_time", "publish_date")
"""Tried by one scraper of 2026 (site-facts 4.4)."""


@dataclass(slots=True)
class Published:
    """A publication time: the instant, as it stood, the rung; and the page's time of change.

    shifted: another source is exactly eight hours off, so one lost its zone.
    unprinted: it is a script's, and the page prints none within an hour of it.
    """

    moment: datetime | None = None
    raw: str | None = None
    rung: str | None = None
    updated: datetime | None = None
    shifted: bool = False
    unprinted: bool = False


def published(
    layout: Layout,
    page: Page,
    ld: dict[str, Any],
    box: etree._Element,
    scope: etree._Element,
    day: date,
    crawled: datetime,
    listed: datetime | None,
) -> Published:
    """The publication time by the ladder, in Singapore's zone. `listed`: the list's exact time.

    Of two sources exactly eight hours apart one has lost its zone: then the
    visible Singapore clock wins. Never the clock of the crawl. A time
    more than two days from the address's `day` counts only where no rung has a nearer one.
    """
    shown, latest = timeline.shown(layout, page, box, scope), crawled + AHEAD
    near = far = None
    off = False
    for rung, raw in _rungs(page, ld, scope, shown.line, listed):
        moment = shown.published if rung == "visible" else times.parse(raw)
        off = off or _is_off(moment, shown.published)
        # Beside a time that is far off the list's counts, too, but leaves a doubt (reading.py).
        if moment and moment <= latest and not (far and rung == "list"):
            told = Published(moment, str(raw), rung)
            if not plausibility.is_off_day(moment, day):
                near = told
                break
            far = far or told
    found = near or far or Published()
    if off and shown.published and shown.published <= latest:
        found.moment, found.raw, found.rung = shown.published, shown.line, "visible"
        found.shifted = True
    if found.moment and found.rung not in ("visible", "list"):
        found.unprinted = not shown.published or abs(found.moment - shown.published) > HOUR
    found.updated = shown.changed
    changed = ld.get("dateModified")
    # A time without its zone is none of change, either; most stories were not changed at all.
    if not found.updated and not found.shifted and changed != found.raw:
        found.updated = times.parse(changed)
    if found.updated and not (found.moment and found.moment < found.updated <= latest):
        found.updated = None
    found.moment, found.updated = _local(found.moment), _local(found.updated)
    return found


def _is_off(moment: datetime | None, shown: datetime | None) -> bool:
    return bool(moment and shown and times.eight_hours_apart(moment, shown))


def _local(moment: datetime | None) -> datetime | None:
    return moment.astimezone(times.SINGAPORE) if moment else None


def _rungs(
    page: Page, ld: dict[str, Any], scope: etree._Element, line: str, listed: datetime | None
) -> Iterator[tuple[str, Any]]:
    yield "ld+json", ld.get("datePublished")
    yield "drupalSettings", page.drupal.get("created")
    yield "hydration", page.hydration.get("create_time")
    for script in page.inline("pubdate"):
        yield "gaPushParams", embedded.ga_pubdate(script)
    yield "visible", line
    for script in page.inline("publication_date"):
        yield "next_f", embedded.next_publication_date(script)
    for name in _METAS:
        yield "meta", page.metas.get(name)
    yield "time", _stamp(scope)
    if listed:
        yield "list", listed.isoformat()


def _stamp(scope: etree._Element) -> str | None:
    """The `datetime` of the story's one `time` element; beside a link it is another story's."""
    stamps = {
        node.get("datetime")
        for node in scope.iter("time")
        if not timeline.is_aside(node, scope) and next(node.iterancestors("a", "li"), None) is None
    }
    return stamps.pop() if len(stamps) == 1 else None
