"""What stands in and around an element: its words, its line, the links after it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from zaobao.cleaning.pieces import FLOWING
from zaobao.page import words_of

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from lxml import etree

    from zaobao.selectors import Index

UNSEEN = ("script", "style", "noscript", "template", "iframe", "noembed", "noframes")
SENTENCE = re.compile(r"(?:[。？][”」』）)]?|”)$")
"""How a sentence of a story ends."""
_TOLD = 15
"""Characters from which a sentence beside a link is more than the link's own."""
_LINK_LISTS = frozenset({"a", "ul", "ol", "li", "div", "section", "p"})


def squeezed(node: etree._Element) -> str:
    """All text below `node`, without any white space."""
    return "".join(words_of(node).split())


def seen(node: etree._Element) -> int:
    """Characters of visible text, white space not counted."""
    words = squeezed(node)
    if not words or (not len(node) and node.tag not in UNSEEN):
        return len(words)
    return len(words) - sum(len(squeezed(part)) for part in node.iter(*UNSEEN))


def unseen(index: Index) -> int:
    """Characters below a box that no browser shows, white space not counted."""
    return sum(len(squeezed(part)) for tag in UNSEEN for part in index.get(tag, ()))


def unlinked(node: etree._Element) -> str:
    """The text of an element that is no link's, without any white space."""
    if node.tag == "a":
        return ""
    words = node.text or ""
    words += "".join(unlinked(child) + (child.tail or "") for child in node)
    return "".join(words.split())


def holds_sentence(
    node: etree._Element, part: etree._Element | None, known: Container[etree._Element] = ()
) -> bool:
    """Whether a block of `node` ends as a sentence does: a paragraph of the story.

    What is beside `part` is asked for, and what a rule has taken already does not count.
    """
    return any(
        SENTENCE.search("".join(words.split()))
        and not any(up is part or up in known for up in (holder, *holder.iterancestors()))
        for holder, words in _told_in(node)
    )


def _told_in(node: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    """The words of the innermost blocks below `node`, and those that stand beside blocks."""
    for block in node.iterdescendants():
        if block.tag in FLOWING and block.tag != "run":
            continue
        is_leaf = all(child.tag in FLOWING or child.tag == "br" for child in block)
        if words := unlinked(block) if is_leaf else block.text:
            yield block, words
        parent = block.getparent()
        if block.tail and parent is not None:
            yield parent, block.tail


def ends_with(node: etree._Element, known: Container[etree._Element]) -> bool:
    """Whether the last words of `node` are in one of `known`."""
    last: etree._Element | None = None
    for inner in node.iterdescendants():
        if (inner.text or "").strip():
            last = inner
        if (inner.tail or "").strip():
            last = inner.getparent()
    return last is not None and any(up in known for up in (last, *last.iterancestors()))


def is_beside_a_sentence(node: etree._Element) -> bool:
    """Whether a whole sentence stands right before or after an inline element, as a story's does.

    Beside a picture without words any words do.
    """
    before, after = "", node.tail or ""
    for sibling in node.itersiblings():
        if sibling.tag not in FLOWING:
            break
        after += unlinked(sibling) + (sibling.tail or "")
    for sibling in node.itersiblings(preceding=True):
        before = (sibling.tail or "") + before
        if sibling.tag not in FLOWING:
            break
        before = unlinked(sibling) + before
    else:
        parent = node.getparent()
        before = ((parent.text if parent is not None else "") or "") + before
    sides = ["".join(words.split()) for words in (before, after)]
    if not squeezed(node):
        return any(sides)
    return any(len(words) >= _TOLD and SENTENCE.search(words) for words in sides)


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
