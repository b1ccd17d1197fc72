"""A story's text that a page carries only inside its scripts, whatever framework put it there."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from lxml import etree

from zaobao import text
from zaobao.page import fragment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zaobao.page import Page

_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.S)
_LEAST, _MOST = 200, 200_000
_OPENING = 12
"""Characters of the page's description with which a text must begin to be this story's."""
_TAG = re.compile(r"<(?:p|div|br)\b", re.I)
_DEEPEST = 8


def texts(page: Page) -> Iterator[str]:
    """What the page's scripts say, and the properties of its islands."""
    for script in page.scripts:
        if script.text:
            yield script.text
    for island in page.root.iter("astro-island"):
        yield island.get("props") or ""


def longest_body(page: Page) -> etree._Element | None:
    """The longest text in the scripts that begins as the page describes its story."""
    about = page.metas.get("description") or page.metas.get("og:description") or ""
    opening = _squeezed(about.rstrip("…."))[:_OPENING]
    if len(opening) < _OPENING:
        return None
    found: list[etree._Element] = []
    for script in texts(page):
        for value in _strings(script):
            box = _box(value)
            if box is not None and opening in _squeezed(_words(box))[:80]:
                found.append(box)
    return max(found, key=lambda box: text.count(_words(box)), default=None)


def _strings(source: str, depth: int = 0) -> Iterator[str]:
    """The long JSON strings of a script, also those inside of JSON that is itself a string."""
    for match in _STRING.finditer(source):
        if _LEAST <= len(match[0]) <= _MOST * 4:
            try:
                value: Any = json.loads(match[0], strict=False)
            except ValueError:
                continue
            yield value
            if value[:1] in ("{", "[") and depth < _DEEPEST:
                yield from _strings(value, depth + 1)


def _box(value: str) -> etree._Element | None:
    if not _LEAST <= len(value) <= _MOST or value[:1] in ("{", "["):
        return None
    if _TAG.search(value):
        return fragment(value)
    box = etree.Element("div")
    for line in value.split("\n"):
        etree.SubElement(box, "p").text = text.body(line)
    return box


def _words(box: etree._Element) -> str:
    return "".join(box.itertext())  # type: ignore[arg-type]


def _squeezed(words: str) -> str:
    return "".join(words.split())
