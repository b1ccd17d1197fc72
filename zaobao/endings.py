"""Elements that HTML ends, and libxml2 does not: it takes what follows for their content.

A player's `<embed>` or a drawing that is never closed would take the rest of a
story with it when it is removed.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterable

# Read by lxml, as they stand or as `&#11;`, and refused when they are written.
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
MOST = 20_000
"""Times that these may stand in a page; one with more has too many nodes and is refused."""

_VOID = ("embed", "source", "track", "keygen", "bgsound")
_FOREIGN = ("svg", "math")
TAGS = (*_VOID, *_FOREIGN)
# What may hold HTML inside a drawing or a formula.
_POINTS = {"foreignobject", "desc", "title", "mi", "mo", "mn", "ms", "mtext", "annotation-xml"}
_BREAKING = {
    *("b", "big", "blockquote", "body", "br", "center", "code", "dd", "div", "dl", "dt", "em"),
    *("embed", "h1", "h2", "h3", "h4", "h5", "h6", "head", "hr", "i", "img", "li", "listing"),
    *("menu", "meta", "nobr", "ol", "p", "pre", "ruby", "s", "small", "span", "strong"),
    *("strike", "sub", "sup", "table", "tt", "u", "ul", "var"),
}
"""The start tags that end a drawing or a formula: HTML, 13.2.6.5."""


def mend(nodes: Iterable[etree._Element]) -> bool:
    """End elements with one of `TAGS` where HTML does; what stood in them follows them.

    Whether any was changed.
    """
    is_changed = False
    for node in islice(nodes, MOST):
        if node.tag in _VOID:
            if len(node) or node.text:
                _follow(node, node.text, list(node))
                node.text = None
                is_changed = True
        elif (breaking := _first_breaking(node)) is not None and not _is_inner(node):
            _break_out(breaking, node)
            is_changed = True
    return is_changed


def _is_inner(node: etree._Element) -> bool:
    return next(node.iterancestors(*_FOREIGN), None) is not None


def _first_breaking(node: etree._Element) -> etree._Element | None:
    """The first element below a drawing, outside the parts that may hold HTML, that ends it."""
    for inner in node.iterdescendants():
        if inner.tag in _BREAKING:
            break
    else:
        return None
    walk = etree.iterwalk(node, events=("start",))
    child: etree._Element
    for _, child in walk:
        if child.tag in _BREAKING:
            return child
        if child.tag in _POINTS:
            walk.skip_subtree()
    return None


def _break_out(breaking: etree._Element, foreign: etree._Element) -> None:
    """Put an element, and all that follows it inside `foreign`, behind `foreign`."""
    parent = breaking.getparent()
    if parent is None:
        return
    moved = [breaking, *breaking.itersiblings()]
    while parent is not foreign and parent is not None:
        inner, parent = parent, parent.getparent()
        _append_words(moved, inner.tail)
        inner.tail = None
        moved += inner.itersiblings()
    _follow(foreign, None, moved)


def _append_words(nodes: list[etree._Element], words: str | None) -> None:
    nodes[-1].tail = _settable((nodes[-1].tail or "") + (words or ""))


def _settable(words: str | None) -> str | None:
    """Words without the characters that libxml2 reads and lxml does not take back."""
    return NOT_XML.sub(" ", words) if words else None


def _follow(node: etree._Element, words: str | None, moved: list[etree._Element]) -> None:
    """Put words and elements, with the words after each, right behind `node`."""
    parent = node.getparent()
    if parent is None:
        return
    tail, node.tail = node.tail, _settable(words)
    place = parent.index(node) + 1
    for offset, one in enumerate(moved):
        parent.insert(place + offset, one)
    _append_words([node, *moved], tail)
