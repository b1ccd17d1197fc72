"""Blocks that hold blocks: quotes, lists and tables."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

from lxml import etree

from zaobao.cleaning.pieces import FLOWING, SKIPPED, Block, Figure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zaobao.cleaning.blocks import Walk

DEEPEST = 20
"""Lists, quotes and tables inside each other; kramdown's build fails at about 2,000 levels."""


def take_quote(walk: Walk, node: etree._Element, tag: str) -> None:
    html, words = _content(walk, node)
    if html:
        walk.add(Block(f"<{tag}>{html}</{tag}>", words))


def take_list(walk: Walk, node: etree._Element, tag: str) -> None:
    items = [item for part in _parts(node) if (item := _item(walk, part))[0]]
    if items:
        html = "".join(f"<li>{item}</li>" for item, _ in items)
        walk.add(Block(f"<{tag}>{html}</{tag}>", "\n".join(words for _, words in items)))


def take_table(walk: Walk, node: etree._Element, _tag: str) -> None:
    rows, lines = [], []
    for row in _rows(node):
        cells = []
        for part in _parts(row):
            if part.tag in ("td", "th"):
                cells.append((part, *_content(walk, part)))
            else:  # a caption, or words that stand between rows or cells
                walk.plain(part, "p")
        if any(html for _, html, _ in cells):
            rows.append("".join(_cell(cell, html) for cell, html, _ in cells))
            lines.append("\t".join(words.replace("\n", " ") for _, _, words in cells))
    if rows:
        html = "".join(f"<tr>{row}</tr>" for row in rows)
        walk.add(Block(f"<table><tbody>{html}</tbody></table>", "\n".join(lines)))


def _content(walk: Walk, node: etree._Element, *, whole: bool = False) -> tuple[str, str]:
    """The HTML and text of a container's content; pictures come out in front of it.

    whole: take the element itself, not only what is in it.
    """
    if walk.depth >= DEEPEST:
        raise RecursionError(f"more than {DEEPEST} lists, quotes or tables inside each other")
    inner = type(walk)(walk.depth + 1)
    if whole:
        inner.element(node, str(node.tag))
    else:
        inner.flow(node)
    blocks = inner.close()
    walk.blocks += [block for block in blocks if isinstance(block, Figure)]
    kept = [block for block in blocks if isinstance(block, Block)]
    if len(kept) == 1 and kept[0].implied:
        return kept[0].html[3:-4], kept[0].text
    words = "\n".join(block.text for block in kept if block.text)
    return "".join(block.html for block in kept), words


def _item(walk: Walk, part: etree._Element) -> tuple[str, str]:
    """A list's item; a list that stands in it without one keeps its own items."""
    return _content(walk, part, whole=part.tag not in ("li", "div", "p"))


def _parts(node: etree._Element) -> Iterator[etree._Element]:
    """The children of a list or row; words that stand between them come as elements of their own.

    Words and inline elements side by side are one line, so they stay together.
    """
    run: etree._Element | None = None
    if node.text and node.text.strip():
        run = _wrapped(node.text)
    for child in node:
        if isinstance(child.tag, str) and child.tag not in SKIPPED:
            if child.tag in FLOWING or child.tag == "br":
                run = _wrapped("") if run is None else run
                run.append(_alone(child))
            else:
                if run is not None:
                    yield run
                    run = None
                yield child
        if child.tail and child.tail.strip():
            run = _continued(run, child.tail)
    if run is not None:
        yield run


def _alone(child: etree._Element) -> etree._Element:
    child = copy(child)
    child.tail = None
    return child


def _wrapped(words: str) -> etree._Element:
    element = etree.Element("span")
    element.text = words
    return element


def _continued(run: etree._Element | None, words: str) -> etree._Element:
    if run is None:
        return _wrapped(words)
    if len(run):
        run[-1].tail = words
    else:
        run.text = (run.text or "") + words
    return run


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    """The rows of a table, not those of a table inside it; anything else counts as a row."""
    for part in _parts(table):
        if part.tag in ("thead", "tbody", "tfoot"):
            yield from _rows(part)
        elif part.tag == "tr":
            yield part
        else:
            row = etree.Element("tr")
            row.append(_alone(part))
            yield row


def _cell(cell: etree._Element, html: str) -> str:
    spans = "".join(
        f' {name}="{value}"'
        for name in ("colspan", "rowspan")
        if (value := cell.get(name) or "").isascii() and value.isdigit() and len(value) < 4
    )
    return f"<{cell.tag}{spans}>{html}</{cell.tag}>"
