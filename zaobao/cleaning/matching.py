"""Which elements of a story's box the rules take, and which are players."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from zaobao import dom
from zaobao.cleaning import embeds
from zaobao.cleaning.elements import ENDING, SKIPPED
from zaobao.cleaning.endtags import FORMATTING, EndTags
from zaobao.cleaning.lines import (
    ends_with,
    first_line,
    holds_sentence,
    is_beside_a_sentence,
    is_followed,
    is_heading,
    is_in_sentence,
    is_prose,
    is_told,
    is_told_before,
    is_told_further,
    line_around,
    link_lists_after,
    opens_a_part,
    unlinked,
)
from zaobao.cleaning.rules import RULES, Rule
from zaobao.dom import Markup, Node

if TYPE_CHECKING:
    from collections.abc import Iterator

_MEDIA = "img, figure, table, iframe, video"
_HOLDING_RUNS = frozenset({"div", "section", "article", "center"})
_LONGEST_RUN = 200
_SPEAKING: dict[str, list[tuple[str, int]]] = {}
"""The first character of a rule's words → the words and the places of such rules."""
for _place, _rule in enumerate(RULES):
    if _rule.text:
        _SPEAKING.setdefault(_rule.words[0], []).append((_rule.words, _place))
_CASED = frozenset(rule.words for rule in RULES if rule.words != rule.words.upper())
"""The words of rules that stand in a text in other letters, too."""
_TAGS = {
    rule.selector: frozenset(rule.selector.split(", "))
    for rule in RULES
    if re.fullmatch(r"\w+(, \w+)*", rule.selector)
}
"""The selectors that are tags alone."""
_WHOLE: dict[str, list[int]] = {}
"""A tag, class, id or attribute's name that a rule asks for → the places of such rules."""
_PARTS: list[tuple[str, int]] = []
"""What a rule asks for in an attribute's value, and its place."""
for _place, _rule in enumerate(RULES):
    for _mark in () if _rule.text else dom.marks(_rule.selector):
        if f'="{_mark}"' in _rule.selector:
            _PARTS.append((_mark, _place))
        else:
            _WHOLE.setdefault(_mark.removeprefix("<"), []).append(_place)


@dataclass(frozen=True, slots=True)
class Matches:
    """What is taken out of a box. rules: element → its rule. players: element → the word for it."""

    rules: dict[Node, Rule]
    players: dict[Node, str]

    def outermost(self) -> list[Node]:
        """The elements that a rule takes and that stand in no other."""
        return dom.outermost(self.rules)

    def standing(self) -> list[Node]:
        """The players that a post has a link for."""
        if not self.players:
            return []
        standing = dom.outermost([*self.rules, *self.players])
        return [node for node in standing if node in self.players]


def matched(
    box: Node, ends: EndTags | None = None, html: str = "", words: str | None = None
) -> Matches:
    """The elements below a box that a rule takes, and the players.

    ends: the end tags of the page. html, words: the box's, where they are known. Words that stand
    beside blocks are put into elements of their own when a rule might be about them; the
    words of a link that a rule takes, and that was never closed, are no link's any more.
    Nothing else is changed.
    """
    html = html or box.html or ""
    likely = _likely_by_words(dom.squeezed(box) if words is None else words)
    if likely:
        _wrap_runs(box)
    markup = Markup(box)
    likely |= _likely_by_markup(markup)
    rules = [RULES[place] for place in sorted(likely)]
    found = _by_rules(rules, box, markup, ends or EndTags(b"", dom.Paths()))
    players = embeds.found(box, html, markup, found)
    for node in players:
        found.pop(node, None)
    return Matches(found, players)


def _by_rules(rules: list[Rule], box: Node, markup: Markup, ends: EndTags) -> dict[Node, Rule]:
    """The first rule in the file names an element; those for the end of the text come last."""
    nodes: dict[str, list[Node]] = {}
    for rule in rules:
        selector = rule.selector
        if tags := _TAGS.get(selector):
            nodes[selector] = [node for node, tag in markup.elements if tag in tags]
        else:
            nodes[selector] = dom.below(box, selector) if rule.text else markup.select(selector)
    known: dict[int, str] = {}
    found: dict[Node, Rule] = {}
    late: dict[Node, Rule] = {}
    for rule in rules:
        own = nodes[rule.selector]
        if rule.text and not rule.titled and rule.words not in _CASED:
            mark = rule.words[0] if rule.links_after else rule.words
            own = [node for node in own if mark in _squeezed(node, known)]
        elif not rule.text and not rule.hidden:
            own = _without_copies(own, ends)
        taken = [match for node in own for match in _judged(node, rule, box, ends)]
        for match in _innermost(taken) if rule.text else taken:
            if rule.boxed and holds_sentence(match, None, found) and not ends_with(match, found):
                continue
            waits = rule.last or _introduces(match, rule)
            (late if waits else found).setdefault(match, rule)
    for node in reversed([node for node in box.traverse() if node in late] if late else []):
        rule = late[node]
        links = _links_after(node, ends) if rule.links_after else []
        if _is_at_its_place(node, rule, box, found) or (links and not rule.last):
            found.setdefault(node, rule)
            for link in links:
                found.setdefault(link, rule)
    return found


def _introduces(node: Node, rule: Rule) -> bool:
    """Whether it is a heading, or words with a colon, that what follows may belong to."""
    if not rule.text or rule.label:
        return False
    return is_heading(node) or (not rule.last and rule.words.endswith("："))


def _is_at_its_place(node: Node, rule: Rule, box: Node, found: dict[Node, Rule]) -> bool:
    """Whether nothing of the story follows a line for the end, or the heading of something else."""
    if _introduces(node, rule):
        if rule.beside and any(one.name == rule.beside for one in found.values()):
            return True
        return not is_followed(node, box, found)
    return not is_told_further(node, box, found)


def _squeezed(node: Node, known: dict[int, str]) -> str:
    """An element's text without white space, each read once. known: by their places in memory."""
    place = node.mem_id
    if (words := known.get(place)) is None:
        words = known[place] = dom.squeezed(node)
    return words


def _likely_by_words(words: str) -> set[int]:
    """The places of the rules whose words stand in those of a box."""
    words = words.casefold()
    return {
        place
        for first, rules in _SPEAKING.items()
        if first in words
        for said, place in rules
        if said in words
    }


def _likely_by_markup(markup: Markup) -> set[int]:
    """The places of the rules without words that may take some of the elements."""
    names = markup.tags.union(markup.attributes.split())
    likely = {place for name in _WHOLE.keys() & names for place in _WHOLE[name]}
    return likely | {place for mark, place in _PARTS if mark in markup.attributes}


def _wrap_runs(box: Node) -> None:
    """Give words that stand beside blocks an element of their own."""
    holding = [node for node in box.traverse() if node.tag in _HOLDING_RUNS]
    for parent in holding if box.tag in _HOLDING_RUNS else [box, *holding]:
        if all(child.tag in ENDING for child in parent.iter(include_text=True, skip_empty=True)):
            continue
        runs = [*_runs(parent)]
        if len(runs) > 1 or any(child.tag in ENDING for child in parent.iter()):
            for run in runs:
                _wrap(run)


def _runs(parent: Node) -> Iterator[list[Node]]:
    """The children that stand in one line with each other, where there are words in it."""
    run: list[Node] = []
    for child in parent.iter(include_text=True):
        if child.tag not in ENDING:
            run.append(child)
            continue
        if run:
            yield run
        run = []
    if run:
        yield run


def _wrap(run: list[Node]) -> None:
    if len(run) == 1 and run[0].is_empty_text_node:
        return
    words = "".join(dom.words_of(node) for node in run if node.tag not in dom.UNSEEN)
    if words.strip() and len(words) <= _LONGEST_RUN:
        element = run[0].parser.create_node(dom.RUN)
        run[0].insert_before(element, move=True)
        for node in run:
            element.insert_child(node, move=True)


def _copies(nodes: list[Node], ends: EndTags) -> list[Node]:
    """Those of the elements that a browser opened again, or that hold a sentence of the story,
    since no end tag closed them."""
    known, copies = set[tuple[object, ...]](), []
    for node in nodes:
        if node.tag in FORMATTING:
            said = (node.tag, *node.attributes.items())
            if (said in known or is_told(dom.squeezed(node))) and ends.is_open(node):
                copies.append(node)
            known.add(said)
    return copies


def _without_copies(nodes: list[Node], ends: EndTags) -> list[Node]:
    copies = set(_copies(nodes, ends))
    for node in copies:
        if "href" in node.attributes:
            del node.attrs["href"]
    return [node for node in nodes if node not in copies] if copies else nodes


def _links_after(node: Node, ends: EndTags) -> list[Node]:
    """The lists of links right after an element, up to where one of their links is never closed."""
    lists = link_lists_after(node)
    copies = _copies([link for part in (node, *lists) for link in part.css("a")], ends)
    return [*takewhile(lambda part: not any(dom.is_in(one, part) for one in copies), lists)]


def _judged(node: Node, rule: Rule, box: Node, ends: EndTags) -> list[Node]:
    """The elements that go because the rule's selector found `node`; none if it does not fit."""
    if rule.hidden:
        return [node] if dom.is_hidden(node) else [*_unseen_parts(node)]
    if rule.around is not None:
        taken = _with_block(node, box, rule.around)
        if taken is None and rule.access == "paywalled":
            taken = node  # a marker is one on any line
        return [] if taken is None else [taken]
    if rule.longest and len(dom.squeezed(node)) > rule.longest:
        return []
    if rule.text and not _says(node, rule):
        return []
    if rule.prose_stays and node.tag not in SKIPPED and is_prose(node):
        return []
    if rule.prose_stays and node.tag == "button" and opens_a_part(node):
        return []
    if rule.in_sentence_stays and node.tag not in SKIPPED and is_in_sentence(node):
        return []
    if rule.first and is_told_before(node, box):
        return []
    return [node, *_links_after(node, ends)] if rule.links_after and not rule.last else [node]


def _unseen_parts(node: Node) -> Iterator[Node]:
    """What a style hides in an element of which it shows a part."""
    style = dom.declarations(node.attributes.get("style") or "")
    if style.get("visibility") not in ("hidden", "collapse") or style.get("display") == "none":
        return
    shown = [inner for inner in dom.below(node, "[style]") if dom.is_visible(inner)]
    for part in [*node.traverse(include_text=True, skip_empty=True)]:
        around = [part, *dom.ancestors(part, node)]
        if part.tag == dom.TEXT and part.text().strip() and not any(up in shown for up in around):
            element = part.parser.create_node(dom.RUN)
            part.insert_before(element, move=True)
            element.insert_child(part, move=True)
            yield element


def _innermost(nodes: list[Node]) -> list[Node]:
    """Those of `nodes` (in document order) that hold no other beside a sentence of the story."""
    kept, wider = set[Node](), set[Node]()
    for node in reversed(nodes):
        inner = [one for one in node.traverse() if one in kept or one in wider]
        if any(one in wider for one in inner) or (inner and _tells_more(node, inner[-1])):
            wider.add(node)
        else:
            kept.add(node)
    return [node for node in nodes if node in kept]


def _tells_more(node: Node, inner: Node) -> bool:
    return dom.squeezed(node) != dom.squeezed(inner) and holds_sentence(node, inner)


def _says(node: Node, rule: Rule) -> bool:
    words = first_line(node) if rule.titled else dom.squeezed(node)
    if rule.links_after and rule.words[:1] in words:
        words = unlinked(node) or words
    words = words.casefold()
    return rule.words in words and rule.pattern.fullmatch(words) is not None


def _with_block(node: Node, box: Node, most: int) -> Node | None:
    """`node` with the block around it; alone in a longer block; None inside a longer line."""
    while node.tag not in ENDING:
        parent = node.parent
        if parent is None or dom.is_same(parent, box) or not _is_only(node, parent, most):
            return node if len(line_around(node)) <= most else None
        node = parent
    return node


def _is_only(node: Node, parent: Node, most: int) -> bool:
    if len(unlinked(parent)) > most or holds_sentence(parent, node) or is_beside_a_sentence(node):
        return False
    return all(
        dom.is_in(other, node) or dom.is_below(other, ("a",)) for other in dom.below(parent, _MEDIA)
    )
