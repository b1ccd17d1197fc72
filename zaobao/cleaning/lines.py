"""The lines of an element's text: what stands beside a node, in front of it and behind it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from zaobao import dom, text
from zaobao.cleaning.elements import ENDING, SKIPPED

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from zaobao.dom import Node

SENTENCE = re.compile(r"(?:[。？][”」』）)]?|”)$")
"""How a sentence of a story ends."""
_TOLD = 15
"""Characters from which a sentence beside a link is more than the link's own."""
_NOT_COUNTED = ", ".join(["a", *sorted(dom.UNSEEN)])
_LINK_LISTS = frozenset({"a", "ul", "ol", "li", "div", "section", "p"})


def unlinked(node: Node) -> str:
    """The text of a node that is shown and no link's, without any white space."""
    return text.squeeze(_unlinked(node))


def _unlinked(node: Node) -> str:
    if node.tag == "a" or node.tag in dom.UNSEEN:
        return ""
    if node.tag == dom.TEXT or node.css_first(_NOT_COUNTED) is None:
        return node.text()
    return "".join(map(_unlinked, node.iter(include_text=True)))


def holds_sentence(node: Node, part: Node | None, known: Container[Node] = ()) -> bool:
    """Whether a line below `node` ends as a sentence does: a paragraph of the story.

    What is beside `part` is asked for, and what a rule has taken already does
    not count. The line that `node` itself begins with is no paragraph of its own.
    """
    for line in _lines_in(node):
        if SENTENCE.search("".join(map(unlinked, line))):
            holder = line[0] if line[0].tag == dom.RUN else line[0].parent
            if holder is None or not _is_known(holder, part, known):
                return True
    return False


def _is_known(holder: Node, part: Node | None, known: Container[Node]) -> bool:
    if part is not None and dom.is_in(holder, part):
        return True
    return holder in known or any(up in known for up in dom.ancestors(holder))


def _lines_in(node: Node, *, is_top: bool = True) -> Iterator[list[Node]]:
    line: list[Node] = []
    is_told = not is_top
    for child in node.iter(include_text=True):
        if child.tag not in ENDING and child.tag != dom.RUN:
            line.append(child)
            continue
        if line and is_told:
            yield line
        line, is_told = [], True
        if child.tag == dom.RUN:
            yield [child]
        else:
            yield from _lines_in(child, is_top=False)
    if line and is_told:
        yield line


def ends_with(node: Node, known: Container[Node]) -> bool:
    """Whether the last words of `node` are in one of `known`."""
    last = None
    for inner in node.traverse(include_text=True, skip_empty=True):
        if inner.tag == dom.TEXT and inner.text().strip():
            last = inner
    return last is not None and any(up in known for up in dom.ancestors(last))


def is_beside_a_sentence(node: Node) -> bool:
    """Whether a whole sentence stands right before or after an inline element, as a story's does.

    Beside a picture without words any words do.
    """
    sides = [_beside(dom.following(node)), _beside(dom.preceding(node), is_backward=True)]
    if not dom.squeezed(node):
        return any(sides)
    return any(len(words) >= _TOLD and SENTENCE.search(words) for words in sides)


def _beside(nodes: Iterator[Node], *, is_backward: bool = False) -> str:
    found = []
    for node in nodes:
        if node.tag in ENDING:
            break
        found.append(unlinked(node))
    return "".join(reversed(found) if is_backward else found)


def follows_on_line(node: Node) -> str:
    """What follows an inline node on its line: `words`, else `br` where that ends it, else ""."""
    while True:
        for other in dom.following(node):
            if other.tag in ENDING:
                return "br" if other.tag == "br" else ""
            if other.tag not in SKIPPED and other.text().strip():
                return "words"
        parent = node.parent
        if parent is None or parent.tag in ENDING:
            return ""
        node = parent


def line_around(node: Node) -> str:
    """The text outside links on the line of an inline element: up to a block or `<br>`."""
    words, is_whole = unlinked(node), False
    while not is_whole:
        for side in (dom.following(node), dom.preceding(node)):
            for other in side:
                if other.tag in ENDING:
                    is_whole = True
                    break
                words += unlinked(other)
        parent = node.parent
        if parent is None or parent.tag in ENDING:
            break
        node = parent
    return words


def link_lists_after(node: Node) -> list[Node]:
    """The elements right after `node` whose every word is part of a link."""
    found = []
    for sibling in dom.following(node):
        if not sibling.is_element_node:
            if sibling.tag == dom.TEXT and sibling.text().strip():
                break
            continue
        linked = any(dom.squeezed(link) for link in sibling.css("a"))
        if sibling.tag not in _LINK_LISTS or not linked or unlinked(sibling):
            break
        found.append(sibling)
    return found


def is_followed(node: Node, box: Node, found: Container[Node]) -> bool:
    """Whether text that no rule takes comes after `node` in the box."""
    for up in (node, *dom.ancestors(node)):
        if dom.is_same(up, box):
            return False
        if any(_has_words(later, found) for later in dom.following(up)):
            return True
    return False


def _has_words(node: Node, found: Container[Node]) -> bool:
    if node.tag == dom.TEXT:
        return bool(node.text().strip())
    if node in found or node.tag in dom.UNSEEN:
        return False
    return any(_has_words(child, found) for child in node.iter(include_text=True))
