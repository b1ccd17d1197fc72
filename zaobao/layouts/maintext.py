"""Where a page's main text stands, found by trafilatura; the element itself is given back.

trafilatura says which words are the story's. The page's own element with these
words goes on to the pipelines, since its classes are what the removal rules see.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml import etree, html

from zaobao import text
from zaobao.cleaning import near
from zaobao.cleaning.pieces import FLOWING, HEADINGS, SKIPPED
from zaobao.layouts.timeline import TIME_LINE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_PARAGRAPH = 16
"""Characters from which a block counts as running text: bylines and buttons have fewer."""
_HEAD = 80
"""Characters below which a block that begins with a time of publication is a time line."""
_HELD = 0.9
"""Share of the running text that the story's element must hold."""
_STRANGE = 1.6
"""An element with this many times trafilatura's text holds more than the story."""


@dataclass(slots=True)
class Main:
    """The element with the main text, its characters, and how it was found."""

    box: etree._Element | None
    chars: int
    rung: str


def main_box(root: etree._Element, headlines: Collection[str] = ()) -> Main:
    """The element of the tree that holds the main text; `root` may be changed.

    headlines: what the page may call its story, without white space. A block
    that only repeats one, or tells the time, is no part of the text.
    """
    import trafilatura  # 0.2 s, and only a page without a layout needs it

    extracted = trafilatura.extract(
        etree.tostring(root, encoding="unicode", method="html"),
        output_format="html",
        include_comments=False,
        include_formatting=True,
        include_images=True,
        include_links=True,
    )
    if not extracted:
        return Main(None, 0, "none")
    body = html.fromstring(extracted)
    words = _squeezed(body)
    leaves = list(_leaves(root))
    heads = [block for block in leaves if _is_head(block, headlines)]
    paragraphs = [block for block in leaves if _is_text(block, words) and block not in heads]
    total = sum(map(near.seen, paragraphs))
    own = _holder(paragraphs, total)
    if own is not None:
        own = _cut_to(own, paragraphs, heads)
        if near.seen(own) <= _STRANGE * max(total, len(words)):
            return Main(own, near.seen(own), "page")
    return Main(body, text.count(words), "trafilatura")


def _leaves(root: etree._Element) -> Iterator[etree._Element]:
    """The innermost blocks: elements whose children are all inline."""
    for node in root.iter():
        if isinstance(node.tag, str) and node.tag not in FLOWING | SKIPPED | HEADINGS:
            inner = (child for child in node.iterdescendants() if isinstance(child.tag, str))
            if all(child.tag in FLOWING or child.tag == "br" for child in inner):
                yield node


def _is_text(block: etree._Element, words: str) -> bool:
    own = _squeezed(block)
    return len(own) >= _PARAGRAPH and own in words


def _holder(paragraphs: list[etree._Element], total: int) -> etree._Element | None:
    """The innermost element that holds nearly all of the paragraphs."""
    held: dict[etree._Element, int] = {}
    for block in paragraphs:
        size = near.seen(block)
        for node in (block, *block.iterancestors()):
            held[node] = held.get(node, 0) + size
    enough = [node for node, size in held.items() if size >= _HELD * total > 0]
    return max(enough, key=lambda node: sum(1 for _ in node.iterancestors()), default=None)


def _cut_to(
    box: etree._Element, paragraphs: list[etree._Element], heads: list[etree._Element]
) -> etree._Element:
    """The part of the box from its first to its last paragraph, where the headline is in it too."""
    if not any(_is_in(head, box) for head in heads) and next(box.iter("h1"), None) is None:
        return box
    holding = [child for child in box if any(_is_in(block, child) for block in paragraphs)]
    part = etree.Element("div")
    for child in list(box)[box.index(holding[0]) : box.index(holding[-1]) + 1] if holding else ():
        part.append(child)
    return part


def _is_in(node: etree._Element, other: etree._Element) -> bool:
    return node is other or any(up is other for up in node.iterancestors())


def _is_head(block: etree._Element, headlines: Collection[str]) -> bool:
    words = _squeezed(block)
    return words in headlines or (len(words) < _HEAD and TIME_LINE.match(words) is not None)


def _squeezed(node: etree._Element) -> str:
    return "".join("".join(node.itertext()).split())  # type: ignore[arg-type]
