"""Whether a story's paragraphs stand in an order that the page hides. Pure.

HK-2 shuffled its paragraphs in 2022 and named their places in `data-s`
(site-facts 4.7). The next page that does so will use another attribute.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from zaobao import text
from zaobao.page import words_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree

LEAST = 2
"""Paragraphs with a mark each, from which the marks may be places."""
_LONGEST = 64
_PARAGRAPH = 16
"""Characters from which a child is a paragraph, white space not counted."""
_CSS_ORDER = re.compile(r"(?:^|;)\s*order\s*:\s*(-?\d+)")
_NUMBER = re.compile(r"\d+")


def hidden(box: etree._Element) -> str | None:
    """The attribute in which the order of the paragraphs may be hidden; None when none is.

    Most paragraphs of one parent have a value of their own in it, and these do
    not count the paragraphs as they stand: `p-1`, `p-2`, `p-4`.
    """
    for parent in box.iter():
        if sum(1 for child in parent if child.keys()) < LEAST:
            continue
        children = [child for child in parent if _is_paragraph(child)]
        for name, values in _marks(children):
            found = [value for value in values if value]
            many = len(found) >= LEAST and len(found) * 2 > len(children)
            if many and len(set(found)) == len(found) and not _count_up(found):
                return name
    return None


def _is_paragraph(child: etree._Element) -> bool:
    return isinstance(child.tag, str) and text.count(words_of(child)) >= _PARAGRAPH


def _marks(children: list[etree._Element]) -> Iterator[tuple[str, list[str]]]:
    names = {str(key) for child in children for key in child.attrib}
    for name in sorted(names):
        if name.startswith("data-") or name in ("order", "index", "tabindex"):
            values = [(child.get(name) or "").strip() for child in children]
            yield name, [v if len(v) <= _LONGEST and "/" not in v else "" for v in values]
    if "style" in names:
        found = [_CSS_ORDER.search(child.get("style") or "") for child in children]
        yield "style", [match[1] if match else "" for match in found]


def _count_up(values: list[str]) -> bool:
    """Whether the values are alike but for one number each, and these rise."""
    numbers = [_NUMBER.findall(value) for value in values]
    alike = {_NUMBER.sub("", value) for value in values}
    if len(alike) > 1 or any(len(found) != 1 for found in numbers):
        return False
    found = [int(one) for (one,) in numbers]
    return found == sorted(found)
