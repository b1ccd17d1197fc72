"""Which elements of a story's box the rules match, and how an element is taken out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zaobao.blocks import INLINE
from zaobao.rules import RULES, Rule

if TYPE_CHECKING:
    from collections.abc import Container

    from lxml import etree

_UNSEEN = ("script", "style", "noscript", "template")
_LINK_LISTS = frozenset({"a", "ul", "ol", "li", "div", "section", "p"})


def matches(box: etree._Element) -> dict[etree._Element, Rule]:
    """Every element that a rule matches; the first rule in the file names it."""
    present, words = _present(box), _squeezed(box)
    found: dict[etree._Element, Rule] = {}
    for rule in RULES:
        if not any(keys <= present for keys in rule.keys):
            continue
        if rule.text and rule.text.replace(" ", "") not in words:
            continue
        for node in rule.find(box):
            for match in _judged(node, rule, box):
                found.setdefault(match, rule)
    return found


def _present(box: etree._Element) -> set[str]:
    """The tags, `.classes` and `#ids` below the box: rules that need others are not tried."""
    present = set()
    for node in box.iterdescendants():
        present.add(node.tag)
        if classes := node.get("class"):
            present.update(f".{name}" for name in classes.split())
        if name := node.get("id"):
            present.add(f"#{name}")
    return present


def _judged(node: etree._Element, rule: Rule, box: etree._Element) -> list[etree._Element]:
    """The elements that go because the rule's selector found `node`; none if it does not fit."""
    if rule.around:
        node = _block_around(node, box)
    words = _squeezed(node) if rule.text or rule.longest else ""
    if rule.longest and len(words) > rule.longest:
        return []
    if rule.text and not _says(words, rule):
        return []
    if rule.last and any(_squeezed(later) for later in node.itersiblings()):
        return []
    return [node, *_link_lists_after(node)] if rule.links_after else [node]


def _says(words: str, rule: Rule) -> bool:
    wanted = rule.text.replace(" ", "")
    if rule.match == "whole":
        return words.rstrip("：:") == wanted.rstrip("：:")
    return words.startswith(wanted) if rule.match == "start" else wanted in words


def _block_around(node: etree._Element, box: etree._Element) -> etree._Element:
    while node.tag in ("a", "img", "span", "picture") or node.tag in INLINE:
        parent = node.getparent()
        if parent is None or parent is box:
            break
        node = parent
    return node


def _link_lists_after(node: etree._Element) -> list[etree._Element]:
    """The siblings right after `node` whose every word is part of a link."""
    found = []
    for sibling in node.itersiblings():
        linked = "".join(_squeezed(link) for link in sibling.iter("a"))
        if sibling.tag not in _LINK_LISTS or not linked or linked != _squeezed(sibling):
            break
        found.append(sibling)
    return found


def _squeezed(node: etree._Element) -> str:
    """All text below `node`, without any white space."""
    return "".join("".join(node.itertext()).split())  # type: ignore[arg-type]


def seen(node: etree._Element) -> int:
    """Characters of visible text, white space not counted."""
    unseen = sum(len(_squeezed(part)) for part in node.iter(*_UNSEEN))
    return len(_squeezed(node)) - unseen


def is_below(node: etree._Element, others: Container[etree._Element]) -> bool:
    """Whether one of `others` is an ancestor of `node`."""
    return any(ancestor in others for ancestor in node.iterancestors())


def drop(node: etree._Element) -> None:
    """Take an element out; the text after it stays."""
    parent, before = node.getparent(), node.getprevious()
    if parent is None:
        return
    if node.tail:
        if before is not None:
            before.tail = (before.tail or "") + node.tail
        else:
            parent.text = (parent.text or "") + node.tail
    parent.remove(node)
