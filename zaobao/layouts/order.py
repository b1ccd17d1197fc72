"""Whether a story's paragraphs stand in an order that the page hides.

HK-2 shuffled its paragraphs in 2022 and named their places in `data-s`. The
next page that does so will use another attribute.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from zaobao import text
from zaobao.dom import Node, squeezed, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator

LEAST = 2
"""Paragraphs with a mark each, from which the marks may be places."""
_LONGEST = 64
_PARAGRAPH = 16
"""Characters from which a child is a paragraph, white space not counted."""
_MARKED = re.compile(r"""[\s"'](?:data-[^\s=]+|order|index|tabindex|style)=""")
_CSS_ORDER = re.compile(r"(?:^|;)\s*order\s*:\s*(-?\d+)")
_NUMBER = re.compile(r"\d+")
_IDENTITY = re.compile(r"-(?:[a-z]*id|v|astro|hook|offset-key)(?:-|$)")
"""Names that editors and frameworks give: `data-block-id`, `data-testid`, `data-v-1a2b3c`."""
_UUID = re.compile(r"(?i)[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}")


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
