"""The visible time line of a story: 发布 / …, 更新 / … (site-facts 10)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from zaobao import times
from zaobao.page import text_of, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from lxml import etree

    from zaobao.layouts.base import Layout
    from zaobao.page import Page

_TIMED = ("发布", "更新")
# One form a word: a search that starts with fixed characters is twice as fast.
_TIME_LINES = tuple(re.compile(f"{word}[\\s/:|／：时间于]{{0,12}}?[0-9０-９]") for word in _TIMED)
_LONGEST_LINE = 80
TIME_LINE = re.compile(r"(?:发布|更新)(?:时间|于)?\s*[/／:：|]?\s*\d{4}")
"""How a time line begins; a paragraph of the story may start with 发布会 and name a time, too."""
_SIDE_TAGS = frozenset({"aside", "footer", "nav"})
_SIDE_MARKS = ("recommend", "related", "sidebar", "hotnews", "hot-news", "outbrain", "further")


@dataclass(slots=True)
class Shown:
    """The page's visible time line."""

    line: str = ""
    published: datetime | None = None
    changed: datetime | None = None


def shown(layout: Layout, page: Page, box: etree._Element, scope: etree._Element) -> Shown:
    """The time line around the story, else anywhere outside side lists."""
    for part in (scope,) if scope.tag in ("main", "html") else (scope, page.root):
        for selector in layout.time:
            for node in page.select((selector,), part):
                found = _read(text_of(node)[:_LONGEST_LINE])
                if found.published or found.changed:
                    return _with_next(node, found)
        found = _time_line(part, box)
        if found.line:
            return found
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


def _time_line(scope: etree._Element, box: etree._Element) -> Shown:
    """A line that starts with 发布 or 更新 and a time: in front of the box, else anywhere."""
    shown = _first_of(scope, until=box)
    if shown.published is None:
        words = words_of(scope)
        if any(form.search(words) for form in _TIME_LINES):
            return _first_of(scope)
    return shown


def _first_of(scope: etree._Element, until: etree._Element | None = None) -> Shown:
    shown = Shown()
    for node in _time_lines(scope, until):
        around: etree._Element | None = node
        for _ in range(3):  # the word and the time may stand in elements of their own
            words = text_of(around) if around is not None else ""
            if around is None or len(words) > _LONGEST_LINE:
                break
            is_line = TIME_LINE.match(words) and not is_aside(node, scope)
            found = _read(words) if is_line else Shown()
            if found.published or found.changed:
                shown.line = shown.line or words
                shown.published = shown.published or found.published
                shown.changed = shown.changed or found.changed
                break
            around = around.getparent()
        if shown.published and shown.changed:
            break
    return shown


def is_aside(node: etree._Element, scope: etree._Element) -> bool:
    """Whether an element below `scope` stands in a side list or the page's frame."""
    ups = [node, *takewhile(lambda up: up is not scope, node.iterancestors())]
    if any(up.tag in _SIDE_TAGS for up in ups):
        return True
    said = [up.get("class") for up in ups] + [up.get("id") for up in ups]
    names = " ".join(filter(None, said)).lower()
    return any(mark in names for mark in _SIDE_MARKS)


def _time_lines(scope: etree._Element, until: etree._Element | None) -> Iterator[etree._Element]:
    """The elements with a text that starts with 发布 or 更新, in front of `until`."""
    for node in scope.iter():
        if node is until:
            break
        if (part := node.text) and part.lstrip().startswith(_TIMED):
            yield node
        if (part := node.tail) and part.lstrip().startswith(_TIMED):
            parent = node.getparent()
            if parent is not None:
                yield parent
