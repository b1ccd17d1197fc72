"""A story's time of publication and its time of change: where a page may say them, best first."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from zaobao import dom, embedded, times
from zaobao.page import is_side

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from zaobao.dom import Node
    from zaobao.layouts.place import Place, Selectors

AHEAD = timedelta(minutes=10)
"""A time further ahead of the crawl than this is not taken: clocks differ by minutes."""
HOUR = timedelta(hours=1)
_WORD = f"(?:{'|'.join(times.WORDS)})"
DATELINE = re.compile(_WORD + r"(?:时间|于)?\s*[/／:：|]?\s*\d{4}")
"""How a dateline begins; a paragraph of the story may start with 发布会 and name a time, too."""

_METAS = (
    *("article:published_time", "og:published_time", "publish_date", "publishdate", "pubdate"),
    *("parsely-pub-date", "dc.date.issued", "DC.date.issued"),
)
_TOLD = re.compile(_WORD + r"[\s/:|／：时间于]{0,12}?[0-9０-９]")
_LONGEST_LINE = 80


@dataclass(slots=True)
class Published:
    """A publication time: the instant, as it stood, its source; and the page's time of change.

    shifted: another source is exactly eight hours off, so one lost its zone.
    unprinted: it is a script's, and the page prints none within an hour of it.
    """

    moment: datetime | None = None
    raw: str | None = None
    source: str | None = None
    updated: datetime | None = None
    shifted: bool = False
    unprinted: bool = False


@dataclass(slots=True)
class Dateline:
    """The times that a page prints: 发布 / …, 更新 / …"""

    line: str = ""
    published: datetime | None = None
    changed: datetime | None = None

    @classmethod
    def of(cls, line: str) -> Dateline:
        """What a printed line says; no times where it is no dateline."""
        return cls(line, *times.visible(line))

    @property
    def is_told(self) -> bool:
        return self.published is not None or self.changed is not None


def published(
    place: Place,
    selectors: Selectors,
    day: date,
    crawled: datetime,
    listed: datetime | None,
) -> Published:
    """The publication time by the best source, in Singapore's zone.

    listed: the list's exact time.

    Of two sources exactly eight hours apart one has lost its zone: then the
    visible Singapore clock wins. Never the clock of the crawl. A time more than
    two days from the address's `day` counts only where no source has a nearer one.
    """
    shown, latest = dateline(place, selectors), crawled + AHEAD
    near = far = None
    off = False
    for source, raw in _sources(place, shown.line, listed):
        moment = shown.published if source == "visible" else times.parse(raw)
        off = off or _is_off(moment, shown.published)
        # Beside a time that is far off the list's counts, too, but makes it suspect (reader.py).
        if moment and moment <= latest and not (far and source == "list"):
            told = Published(moment, str(raw), source)
            if not times.is_off_day(moment, day):
                near = told
                break
            far = far or told
    found = near or far or Published()
    if off and shown.published and shown.published <= latest:
        found.moment, found.raw, found.source = shown.published, shown.line, "visible"
        found.shifted = True
    if found.moment and found.source not in ("visible", "list"):
        found.unprinted = not shown.published or abs(found.moment - shown.published) > HOUR
    found.updated = shown.changed
    changed = _unescaped(place.ld.get("dateModified"))
    # A time that lost its zone is not taken as one of change either; most stories have no change.
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


def _sources(place: Place, line: str, listed: datetime | None) -> Iterator[tuple[str, Any]]:
    page = place.page
    yield "ld+json", _unescaped(place.ld.get("datePublished"))
    yield "drupalSettings", page.drupal.get("created")
    yield "hydration", page.hydration.get("create_time")
    for script in page.scripts_with("pubdate"):
        yield "gaPushParams", embedded.ga_pubdate(script)
    yield "visible", line
    for script in page.scripts_with("publication_date"):
        yield "next_f", embedded.next_publication_date(script)
    for name in _METAS:
        yield "meta", page.metas.get(name)
    yield "time", _stamp(place.scope)
    if listed:
        yield "list", listed.isoformat()


def _unescaped(value: Any) -> Any:
    """A time of a script; some templates write its `+` as an entity of HTML."""
    return html.unescape(value) if isinstance(value, str) and "&" in value else value


def _stamp(scope: Node) -> str | None:
    """The `datetime` of the story's one `time` element; beside a link it is another story's."""
    stamps = {
        node.attributes.get("datetime")
        for node in scope.css("time")
        if not _is_aside(node, scope) and not dom.is_below(node, ("a", "li"))
    }
    return stamps.pop() if len(stamps) == 1 else None


def dateline(place: Place, selectors: Selectors) -> Dateline:
    """The times printed around the story, else anywhere outside side lists."""
    page, scope = place.page, place.scope
    for part in (scope,) if scope.tag in ("main", "html") else (scope, page.root):
        for selector in selectors:
            for node in page.select((selector,), part):
                found = Dateline.of(dom.text_of(node)[:_LONGEST_LINE])
                if found.is_told:
                    return _with_next(node, found)
        found = _found_in(part, place.box)
        if found.line:
            return found
    return Dateline()


def _with_next(node: Node, found: Dateline) -> Dateline:
    """Published and updated may stand in two elements side by side."""
    following = next((other for other in dom.following(node) if other.is_element_node), None)
    if found.changed is None and following is not None:
        line = dom.text_of(following)[:_LONGEST_LINE]
        if line.startswith(times.CHANGED_WORDS):
            found.changed = times.visible(line)[1]
    return found


def _found_in(scope: Node, box: Node) -> Dateline:
    """A line that starts with 发布 or 更新 and a time: in front of the box, else anywhere."""
    found = _first_of(scope, box)
    if found.published is None and _TOLD.search(dom.words_of(scope)):
        return _first_of(scope)
    return found


def _first_of(scope: Node, box: Node | None = None) -> Dateline:
    shown, end = Dateline(), box.mem_id if box is not None else None
    for node in scope.traverse(include_text=True, skip_empty=True):
        if node.tag != dom.TEXT:
            if node.mem_id == end:
                break
            continue
        if not (node.text_content or "").lstrip().startswith(times.WORDS):
            continue
        own = around = node.parent
        for _ in range(3):  # the word and the time may stand in elements of their own
            words = dom.text_of(around) if around is not None else ""
            if around is None or len(words) > _LONGEST_LINE:
                break
            if DATELINE.match(words) and own is not None:
                if _is_aside(own, scope):
                    break
                found = Dateline.of(words)
                if found.is_told:
                    shown.line = shown.line or words
                    shown.published = shown.published or found.published
                    shown.changed = shown.changed or found.changed
                    break
            around = around.parent
        if shown.published and shown.changed:
            break
    return shown


def _is_aside(node: Node, scope: Node) -> bool:
    """Whether an element below `scope` stands in a side list or the page's frame."""
    return any(map(is_side, (node, *dom.ancestors(node, scope))))
