"""Which elements of a story's box the rules match, and how an element is taken out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from zaobao.cleaning.pieces import FLOWING
from zaobao.page import words_of
from zaobao.rules import RULES, Rule

if TYPE_CHECKING:
    from collections.abc import Container

_UNSEEN = ("script", "style", "noscript", "template")
_LINK_LISTS = frozenset({"a", "ul", "ol", "li", "div", "section", "p"})
_MEDIA = ("img", "figure", "table", "iframe", "video")
_LONGEST_RUN = 200


def matches(box: etree._Element) -> dict[etree._Element, Rule]:
    """Every element that a rule matches.

    The first rule in the file names it; those for the end of the text come
    after all others. Words that stand beside blocks are put into `run` elements
    when a rule might be about them; nothing else is changed.
    """
    source, words = _source(box), _squeezed(box).casefold()
    spoken = {rule.name for rule in RULES if rule.text and rule.words in words}
    if spoken:
        _wrap_runs(box)
    found: dict[etree._Element, Rule] = {}
    late: dict[etree._Element, Rule] = {}
    for rule in RULES:
        if rule.name not in spoken if rule.text else not _may_match(rule, source):
            continue
        for node in rule.find(box):
            for match in _judged(node, rule, box):
                (late if rule.last else found).setdefault(match, rule)
    if late:
        for node in reversed([node for node in box.iterdescendants() if node in late]):
            if not _is_followed(node, box, found):
                found.setdefault(node, late[node])
                for link in _link_lists_after(node) if late[node].links_after else ():
                    found.setdefault(link, late[node])
    return found


def _may_match(rule: Rule, source: str) -> bool:
    for key in rule.keys:  # noqa: SIM110 (a generator costs as much as all the rest)
        if key in source:
            return True
    return False


def _source(box: etree._Element) -> str:
    """The box as HTML: a rule that needs what is not in it is not tried."""
    return etree.tostring(box, encoding="unicode", method="html")


def _wrap_runs(box: etree._Element) -> None:
    """Give words that stand beside blocks an element of their own."""
    for parent in [box, *box.iterdescendants("div", "section", "article", "center")]:
        if not _is_one_line(parent):
            _wrap_runs_in(parent)


def _is_one_line(parent: etree._Element) -> bool:
    return all(child.tag in FLOWING and child.tag != "run" for child in parent)


def _wrap_runs_in(parent: etree._Element) -> None:
    before, run = None, list[etree._Element]()
    for child in [*parent, None]:
        if child is not None and child.tag in FLOWING and child.tag != "run":
            run.append(child)
            continue
        lead = (parent.text if before is None else before.tail) or ""
        words = lead + "".join(_squeezed(node) + (node.tail or "") for node in run)
        if words.strip() and len(words) <= _LONGEST_RUN:
            element = etree.Element("run")
            element.text = lead
            if before is None:
                parent.text = None
                parent.insert(0, element)
            else:
                before.tail = None
                before.addnext(element)
            element.extend(run)
        before, run = child, []


def _judged(node: etree._Element, rule: Rule, box: etree._Element) -> list[etree._Element]:
    """The elements that go because the rule's selector found `node`; none if it does not fit."""
    if rule.around is not None:
        taken = _with_block(node, box, rule.around)
        return [] if taken is None else [taken]
    if rule.text or rule.longest:
        words = _unlinked(node) or _squeezed(node) if rule.links_after else _squeezed(node)
        if rule.longest and len(words) > rule.longest:
            return []
        if rule.text and not _says(words, rule):
            return []
    return [node, *_link_lists_after(node)] if rule.links_after and not rule.last else [node]


def _says(words: str, rule: Rule) -> bool:
    wanted, words = rule.words, words.casefold()
    if rule.match == "whole":
        return words.rstrip("：:") == wanted.rstrip("：:")
    return words.startswith(wanted) if rule.match == "start" else wanted in words


def _with_block(node: etree._Element, box: etree._Element, most: int) -> etree._Element | None:
    """`node` with the block around it; alone in a longer block; None inside a longer line."""
    while node.tag in FLOWING:
        parent = node.getparent()
        if parent is None or parent is box or not _is_only(node, parent, most):
            return node if len(_line_around(node)) <= most else None
        node = parent
    return node


def _is_only(node: etree._Element, parent: etree._Element, most: int) -> bool:
    if len(_unlinked(parent)) > most:
        return False
    return all(
        other is node or any(up.tag == "a" or up is node for up in other.iterancestors())
        for other in parent.iterdescendants(*_MEDIA)
    )


def _unlinked(node: etree._Element) -> str:
    """The text of an element that is no link's, without any white space."""
    if node.tag == "a":
        return ""
    words = node.text or ""
    words += "".join(_unlinked(child) + (child.tail or "") for child in node)
    return "".join(words.split())


def _line_around(node: etree._Element) -> str:
    """The text outside links on the line of an inline element: up to a block or `<br>`."""
    words, parent = _unlinked(node) + (node.tail or ""), node.getparent()
    for after in node.itersiblings():
        if after.tag not in FLOWING:
            break
        words += _unlinked(after) + (after.tail or "")
    for before in node.itersiblings(preceding=True):
        words += before.tail or ""
        if before.tag not in FLOWING:
            break
        words += _unlinked(before)
    else:
        words += (parent.text or "") if parent is not None else ""
        if parent is not None and parent.tag in FLOWING:
            words += _line_around(parent)
    return "".join(words.split())


def _link_lists_after(node: etree._Element) -> list[etree._Element]:
    """The siblings right after `node` whose every word is part of a link."""
    found = []
    for sibling in node.itersiblings():
        linked = any(_squeezed(link) for link in sibling.iter("a"))
        if sibling.tag not in _LINK_LISTS or not linked or _unlinked(sibling):
            break
        found.append(sibling)
    return found


def _is_followed(
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
    if node in found or node.tag in _UNSEEN:
        return False
    return bool((node.text or "").strip()) or any(
        _has_words(child, found) or (child.tail or "").strip() for child in node
    )


def _squeezed(node: etree._Element) -> str:
    """All text below `node`, without any white space."""
    return "".join(words_of(node).split())


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
