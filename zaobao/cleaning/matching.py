"""Which elements of a story's box the rules match, and how an element is taken out."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from lxml import etree

from zaobao.cleaning.near import (
    SENTENCE,
    ends_with,
    holds_sentence,
    is_beside_a_sentence,
    is_followed,
    line_around,
    link_lists_after,
    squeezed,
    unlinked,
)
from zaobao.cleaning.pieces import FLOWING, HEADINGS
from zaobao.cleaning.rules import RULES, Rule
from zaobao.page import words_of
from zaobao.selectors import Index

if TYPE_CHECKING:
    from collections.abc import Mapping

_MEDIA = ("img", "figure", "table", "iframe", "video")
_LINES = frozenset({"div", "section", "aside", "nav", "form", "p", "ul"})
"""Elements that end a line: the words before and after an advert between lines are not one."""
_LONGEST_RUN = 200
_MARKS = "：:|｜【】［］[]《》>▶。！!"
"""What may stand around the words of a `whole` rule; quotation marks are a story's."""
_PARAGRAPHS = FLOWING | HEADINGS | {"p"}
_SPEAKING = [(rule.words, place) for place, rule in enumerate(RULES) if rule.text]


def matches(box: etree._Element, content: str) -> tuple[dict[etree._Element, Rule], Index]:
    """Every element that a rule matches, and the index of the box. `content`: its text.

    The first rule in the file names it; those for the end of the text come
    after all others. Words that stand beside blocks are put into `run` elements
    when a rule might be about them; nothing else is changed.
    """
    words = "".join(content.split()).casefold()
    likely = {place for said, place in _SPEAKING if said in words}
    if likely:
        _wrap_runs(box)
    index = Index(box)
    silent, said = _silent(), index.said
    for key in index:
        for place, value in silent.get(key, ()):
            if value in said:
                likely.add(place)
    found: dict[etree._Element, Rule] = {}
    late: dict[etree._Element, Rule] = {}
    for rule in [RULES[place] for place in sorted(likely)]:
        nodes = rule.find.within(box, index)
        if rule.text:
            nodes = [node for node in nodes if rule.first in words_of(node)]
        taken = [match for node in nodes for match in _judged(node, rule, box)]
        for match in _innermost(taken) if rule.text else taken:
            if rule.boxed and holds_sentence(match, None, found) and not ends_with(match, found):
                continue
            (late if rule.last else found).setdefault(match, rule)
    if late:
        for node in reversed([node for node in box.iterdescendants() if node in late]):
            if not is_followed(node, box, found):
                found.setdefault(node, late[node])
                for link in link_lists_after(node) if late[node].links_after else ():
                    found.setdefault(link, late[node])
    return found, index


@cache
def _silent() -> dict[str, list[tuple[int, str]]]:
    """The rules without words, by where an index has their matches, with a value of these."""
    found: dict[str, list[tuple[int, str]]] = {}
    for place, rule in enumerate(RULES):
        for path in () if rule.text else rule.find.paths:
            found.setdefault(path.key, []).append((place, path.value))
    return found


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
        words = lead + "".join(squeezed(node) + (node.tail or "") for node in run)
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
        if taken is None and rule.access == "paywalled":
            taken = node  # a marker is one on any line
        return [] if taken is None else [taken]
    if rule.text or rule.longest:
        words = unlinked(node) or squeezed(node) if rule.links_after else squeezed(node)
        if rule.longest and len(words) > rule.longest:
            return []
        if rule.text and not _says(words, rule):
            return []
    return [node, *link_lists_after(node)] if rule.links_after and not rule.last else [node]


def _innermost(nodes: list[etree._Element]) -> list[etree._Element]:
    """Those of `nodes` (in document order) that hold no other beside a sentence of the story."""
    kept, wider = set[etree._Element](), set[etree._Element]()
    for node in reversed(nodes):
        inner = [one for one in node.iterdescendants() if one in kept or one in wider]
        if any(one in wider for one in inner) or (inner and _tells_more(node, inner[-1])):
            wider.add(node)
        else:
            kept.add(node)
    return [node for node in nodes if node in kept]


def _tells_more(node: etree._Element, inner: etree._Element) -> bool:
    return squeezed(node) != squeezed(inner) and holds_sentence(node, inner)


def _says(words: str, rule: Rule) -> bool:
    wanted, words = rule.words, words.casefold()
    if rule.match == "whole":
        return words.strip(_MARKS) == wanted.strip(_MARKS)
    is_said = words.startswith(wanted) if rule.match == "start" else wanted in words
    return is_said and rule.then in words


def _with_block(node: etree._Element, box: etree._Element, most: int) -> etree._Element | None:
    """`node` with the block around it; alone in a longer block; None inside a longer line."""
    while node.tag in FLOWING:
        parent = node.getparent()
        if parent is None or parent is box or not _is_only(node, parent, most):
            return node if len(line_around(node)) <= most else None
        node = parent
    return node


def _is_only(node: etree._Element, parent: etree._Element, most: int) -> bool:
    if len(unlinked(parent)) > most or holds_sentence(parent, node) or is_beside_a_sentence(node):
        return False
    return all(
        other is node or any(up.tag == "a" or up is node for up in other.iterancestors())
        for other in parent.iterdescendants(*_MEDIA)
    )


def is_below(node: etree._Element, others: Mapping[etree._Element, Any]) -> bool:
    """Whether one of `others` is an ancestor of `node`."""
    return not others.keys().isdisjoint(node.iterancestors())


def drop(node: etree._Element) -> None:
    """Take an element out; the text after it stays, after a whole sentence on a line of its own."""
    parent, before = node.getparent(), node.getprevious()
    if parent is None:
        return
    words = parent.text if before is None else before.tail or words_of(before)
    is_line = node.tag in _LINES and parent.tag not in _PARAGRAPHS
    if is_line and SENTENCE.search((words or "").rstrip()):
        node.clear(keep_tail=True)  # type: ignore[call-arg]
        node.tag = "div"
        return
    if node.tail:
        if before is not None:
            before.tail = (before.tail or "") + node.tail
        else:
            parent.text = (parent.text or "") + node.tail
    parent.remove(node)
