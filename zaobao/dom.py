"""What is asked of a page's elements beside CSS: their words, their neighbours, their place.

The tree is lexbor's, which is the one that a browser builds. A node dies with
its parser, which it holds in `node.parser`. Every access gives a new object:
sets and dicts know the node again by its hash, `is` does not, and `==` compares
the HTML of two nodes, which is slow and no identity. So: `is_same`.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from selectolax.lexbor import LexborHTMLParser, LexborNode

from zaobao import text

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

Node = LexborNode
"""An element or, where it is said, a piece of text."""

TEXT = "-text"
"""The `tag` of a piece of text; that of all else that is no element begins with `-`, too."""
UNSEEN = frozenset({"script", "style", "noscript", "template", "iframe", "noembed", "noframes"})
"""Elements whose words no browser shows."""
RUN = "run"
"""The tag of an element that cleaning puts around words that have none of their own."""
_UNSEEN = ", ".join(sorted(UNSEEN))
_MARK = re.compile(r"""[#.]([\w-]+)|=["']([^"']+)["']|\[([\w-]+)""")


def parse(source: str | bytes) -> LexborHTMLParser:
    """The tree of a page. Bytes are UTF-8."""
    return LexborHTMLParser(source)


def fragment(html: str) -> Node:
    """The element that holds a piece of HTML, parsed like a page."""
    body = parse("<!DOCTYPE html><html><body>" + html.replace("\x00", "")).body
    assert body is not None  # every page has one
    return body


def words_of(node: Node) -> str:
    """All text of an element as it stands, that of scripts and styles too; a template has none."""
    return node.text()


def text_of(node: Node) -> str:
    """An element's text, white space collapsed, outer white space dropped."""
    return " ".join(node.text().split())


def squeezed(node: Node) -> str:
    """An element's text without any white space."""
    return text.squeeze(node.text())


def seen(node: Node) -> int:
    """Characters of visible text, white space not counted."""
    count = text.count(node.text())
    if not count or (node.first_child is not None and node.css_first(_UNSEEN) is None):
        return count
    hidden = [part for part in node.css(_UNSEEN) if not is_below(part, UNSEEN, node)]
    return count - sum(text.count(part.text()) for part in hidden)


def is_same(one: Node, other: Node) -> bool:
    """Whether two objects are one node."""
    return one.mem_id == other.mem_id


def ancestors(node: Node, top: Node | None = None) -> Iterator[Node]:
    """The elements around a node, the nearest first; only those below `top`."""
    end = None if top is None else top.mem_id
    up = node.parent
    while up is not None and up.is_element_node and up.mem_id != end:
        yield up
        up = up.parent


def is_in(node: Node, box: Node) -> bool:
    """Whether a node is an element or stands in it."""
    place = box.mem_id
    return node.mem_id == place or any(up.mem_id == place for up in ancestors(node))


def is_below(node: Node, tags: Container[str | None], top: Node | None = None) -> bool:
    """Whether a node stands in an element, below `top`, with one of these tags."""
    return any(up.tag in tags for up in ancestors(node, top))


def outermost(nodes: Iterable[Node]) -> list[Node]:
    """Those of the elements that stand in no other of them."""
    known = dict.fromkeys(nodes)
    return [node for node in known if not any(up in known for up in ancestors(node))]


def following(node: Node) -> Iterator[Node]:
    """What follows a node among its siblings, text too."""
    while (sibling := node.next) is not None:
        node = sibling
        yield node


def preceding(node: Node) -> Iterator[Node]:
    """What stands in front of a node among its siblings, text too, the nearest first."""
    while (sibling := node.prev) is not None:
        node = sibling
        yield node


def below(node: Node, selector: str) -> list[Node]:
    """The elements below a node that a selector matches, each once, in document order."""
    found = node.css(selector)
    if "," in selector and len(found) > 1:  # one that two alternatives match is found twice
        found = list(dict.fromkeys(found))
    return found[1:] if found and is_same(found[0], node) else found


def may_match(selector: str, html: str) -> bool:
    """Whether a selector may match anything in this HTML: looked up at less than its cost."""
    known = marks(selector)
    for mark in known:
        if mark in html:
            return True
    return not known


@cache
def marks(selector: str) -> tuple[str, ...]:
    """For each alternative of a selector a class, id or value that every match has.

    () where one of them asks for none of these. A selector none of whose marks
    stands in the HTML matches nothing, and finding a mark costs less.
    """
    found = []
    for alternative in selector.split(","):
        said = _MARK.findall(alternative.partition(":")[0])
        words = [word for group in said for word in group if word]
        if not words:
            return ()
        found.append(max(words, key=len))
    return tuple(found)


class Paths:
    """CSS paths of elements, from the root, as the page came; those of one tree share their steps.

    Elements that cleaning put in do not count; one of these has its parent's
    path. A step is named by `data-s` where the element has one: HK-2's children
    stand in another order in the page.
    """

    def __init__(self) -> None:
        self._known: dict[Node, str] = {}

    def of(self, node: Node) -> str:
        """The path of one element."""
        known = self._known.get(node)
        if known is None:
            parent = next(ancestors(node), None)
            known = "" if parent is None else self.of(parent)
            if node.tag != RUN:
                step = _step(node)
                known = f"{known} > {step}" if known else step
            self._known[node] = known
        return known


def _step(node: Node) -> str:
    tag = re.sub(r"[^\w-]", lambda match: "\\" + match[0], node.tag or "")
    place = node.attributes.get("data-s")
    if place and place.isalnum():
        return f'{tag}[data-s="{place}"]'
    parent = next((up for up in ancestors(node) if up.tag != RUN), None)
    alike = [] if parent is None else [one for one in _children(parent) if one.tag == node.tag]
    if len(alike) < 2:
        return tag
    number = next(n for n, one in enumerate(alike, 1) if is_same(one, node))
    return f"{tag}:nth-of-type({number})"


def _children(parent: Node) -> Iterator[Node]:
    for child in parent.iter():
        if child.tag == RUN:
            yield from _children(child)
        elif child.is_element_node:
            yield child
