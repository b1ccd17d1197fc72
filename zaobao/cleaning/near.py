"""What stands in and around an element: its words, its line, the links after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zaobao.cleaning.pieces import FLOWING
from zaobao.page import words_of

if TYPE_CHECKING:
    from collections.abc import Container

    from lxml import etree

UNSEEN = ("script", "style", "noscript", "template")
_LINK_LISTS = frozenset({"a", "ul", "ol", "li", "div", "section", "p"})


def squeezed(node: etree._Element) -> str:
    """All text below `node`, without any white space."""
    return "".join(words_of(node).split())


def unlinked(node: etree._Element) -> str:
    """The text of an element that is no link's, without any white space."""
    if node.tag == "a":
        return ""
    words = node.text or ""
    words += "".join(unlinked(child) + (child.tail or "") for child in node)
    return "".join(words.split())


def line_around(node: etree._Element) -> str:
    """The text outside links on the line of an inline element: up to a block or `<br>`."""
    words, parent = unlinked(node) + (node.tail or ""), node.getparent()
    for after in node.itersiblings():
        if after.tag not in FLOWING:
            break
        words += unlinked(after) + (after.tail or "")
    for before in node.itersiblings(preceding=True):
        words += before.tail or ""
        if before.tag not in FLOWING:
            break
        words += unlinked(before)
    else:
        words += (parent.text or "") if parent is not None else ""
        if parent is not None and parent.tag in FLOWING:
            words += line_around(parent)
    return "".join(words.split())


def link_lists_after(node: etree._Element) -> list[etree._Element]:
    """The siblings right after `node` whose every word is part of a link."""
    found = []
    for sibling in node.itersiblings():
        linked = any(squeezed(link) for link in sibling.iter("a"))
        if sibling.tag not in _LINK_LISTS or not linked or unlinked(sibling):
            break
        found.append(sibling)
    return found


def is_followed(
    node: etree._Element, box: etree._Element, found: Container[etree._Element]
) -> bool:
    """Whether text that no rule takes comes after `node` in the box."""
    for up in (node, *node.iterancestors()):
        if up is box:
            return False
        if (up.tail or "").strip() or any(
            _has_words(later, found) or (later.tail or "").strip() for later in up.itersiblings()
        ):
            return True
    return False


def _has_words(node: etree._Element, found: Container[etree._Element]) -> bool:
    if node in found or node.tag in UNSEEN:
        return False
    return bool((node.text or "").strip()) or any(
        _has_words(child, found) or (child.tail or "").strip() for child in node
    )
