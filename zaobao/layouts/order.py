"""The order of a story's paragraphs: what `data-s` says, and whether a page hides another.

HK-2 shuffled its paragraphs in 2022 and named their places in `data-s`. The
next page that does so will use another attribute.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING

from zaobao import dom, text
from zaobao.dom import Node, squeezed, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator

LEAST = 2
"""Paragraphs with a mark each, from which the marks may be places."""
_LONGEST = 64
_PARAGRAPH = 16
"""Characters from which a child is a paragraph, white space not counted."""
MARK = "data-s="
"""What stands in the HTML of a box that carries any."""
_PLACED = '[data-s]:not([data-s=""])'
_MARKED = re.compile(r"""[\s"'](?:data-[^\s=]+|order|index|tabindex|style)=""")
_CSS_ORDER = re.compile(r"(?:^|;)\s*order\s*:\s*(-?\d+)")
_NUMBER = re.compile(r"\d+")
_COUNT = re.compile(r"\d{1,8}", re.A)
_IDENTITY = re.compile(r"-(?:[a-z]*id|v|astro|hook|offset-key)(?:-|$)")
"""Names that editors and frameworks give: `data-block-id`, `data-testid`, `data-v-1a2b3c`."""
_UUID = re.compile(r"(?i)[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}")


def by_data_s(box: Node) -> str | None:
    """Restore the order that `data-s` gives, and say `data-s`.

    Where some values do not decode the served order stays, `served`; where
    most do not it is `hidden`, and no story. Plain numbers that rise are nobody's places.

    The children that carry it may stand below a wrapper. A child without it
    follows the child that it was served after. An inline element that is never
    closed puts a wrapper around each of them: then they come out of these,
    unless something else stands there, whose position nothing tells: `hidden`.
    """
    marked = dom.below(box, _PLACED)
    if not marked:
        return None
    values = [node.attributes.get("data-s") or "" for node in marked]
    if all(map(_COUNT.fullmatch, values)) and values == sorted(values, key=int):
        return None
    if unread := sum(_position_of(node) is None for node in marked):
        return "hidden" if unread * 2 > len(marked) else "served"
    for parent in {next(dom.ancestors(node)) for node in marked}:
        _sort_children(parent)
    outer = dom.outermost(dom.below(box, _PLACED))
    positions = [_position_of(node) or 0 for node in outer]
    if positions != sorted(positions):
        if _holds_more(box, outer):
            return "hidden"
        for _, node in sorted(zip(positions, outer, strict=True), key=lambda pair: pair[0]):
            box.insert_child(node, move=True)
    return "data-s"


def has_positions(box: Node) -> bool:
    """Whether some element of a box carries a position in `data-s`."""
    return any(_position_of(node) is not None for node in dom.below(box, _PLACED))


def _sort_children(parent: Node) -> None:
    children, positions, last = [*parent.iter(include_text=True)], [], 0
    for child in children:
        number = _position_of(child) if child.is_element_node else None
        last = last if number is None else number
        positions.append(last)
    for _, child in sorted(zip(positions, children, strict=True), key=lambda pair: pair[0]):
        parent.insert_child(child, move=True)


def _holds_more(box: Node, known: list[Node]) -> bool:
    """Whether a box has words or pictures outside of some elements."""
    inside = set(known)
    return any(
        (node.tag == "img" or (node.tag == dom.TEXT and node.text().strip()))
        and node not in inside
        and not any(up in inside for up in dom.ancestors(node, box))
        for node in box.traverse(include_text=True)
    )


def _position_of(node: Node) -> int | None:
    return position(node.attributes.get("data-s"))


def position(data_s: str | None) -> int | None:
    """The position of a child among its siblings, from 1; None when there is none.

    Three characters of salt, then the number in base32 (RSSHub #10308; all 11
    values of the capture decode so).
    """
    if not data_s:
        return None
    encoded = data_s.strip()[3:].rstrip("=")
    try:
        padded = encoded + "=" * (-len(encoded) % 8)
        number = base64.b32decode(padded, casefold=True).decode("ascii")
    except (binascii.Error, ValueError):
        return None
    return int(number) if number.isdigit() and len(number) < 9 else None


def hidden(box: Node, about: str = "") -> str | None:
    """The attribute in which the order of the paragraphs may be hidden; None when none is.

    Most paragraphs of one parent have a value of their own in it, and these do
    not count the paragraphs as they stand: `p-1`, `p-2`, `p-4`. Names and values
    of identity are none, unless the page's description, `about`, which is the
    start of the text, begins below another paragraph than the first.
    """
    if not _MARKED.search(box.html or ""):
        return None
    for parent in box.traverse():
        if sum(1 for child in parent.iter() if child.attributes) < LEAST:
            continue
        children = [child for child in parent.iter() if _is_paragraph(child)]
        for name, values in _marks(children):
            found = [value for value in values if value]
            many = len(found) >= LEAST and len(found) * 2 > len(children)
            if many and len(set(found)) == len(found) and _is_suspect(name, found, children, about):
                return name
    return None


def _is_suspect(name: str, values: list[str], children: list[Node], about: str) -> bool:
    numbers = _numbers(values)
    if numbers and numbers == sorted(numbers):
        return False
    if numbers and max(numbers) - min(numbers) < 2 * len(numbers):
        return True
    if _IDENTITY.search(name) or all(_UUID.fullmatch(value) for value in values):
        return _begins_later(children, about)
    return True


def _begins_later(children: list[Node], about: str) -> bool:
    """Whether the description begins as a paragraph does that is not served first."""
    start = text.squeeze(about)[:_PARAGRAPH]
    first, *later = map(squeezed, children)
    return len(start) == _PARAGRAPH and any(
        words.startswith(start) and not first.startswith(start) for words in later
    )


def _is_paragraph(child: Node) -> bool:
    return child.is_element_node and text.count(words_of(child)) >= _PARAGRAPH


def _marks(children: list[Node]) -> Iterator[tuple[str, list[str]]]:
    attributes = [child.attributes for child in children]
    names = {name for said in attributes for name in said}
    for name in sorted(names):
        if name.startswith("data-") or name in ("order", "index", "tabindex"):
            values = [(said.get(name) or "").strip() for said in attributes]
            yield name, [v if len(v) <= _LONGEST and "/" not in v else "" for v in values]
    if "style" in names:
        found = [_CSS_ORDER.search(said.get("style") or "") for said in attributes]
        yield "style", [match[1] if match else "" for match in found]


def _numbers(values: list[str]) -> list[int]:
    """The one number of each value, where the values are alike but for it; else none."""
    numbers = [_NUMBER.findall(value) for value in values]
    alike = {_NUMBER.sub("", value) for value in values}
    if len(alike) > 1 or any(len(found) != 1 for found in numbers):
        return []
    return [int(one) for (one,) in numbers]
