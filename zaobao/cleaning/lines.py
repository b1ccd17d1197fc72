"""The lines of an element's text: what stands beside a node, in front of it and behind it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from zaobao import dom, text, urls
from zaobao.cleaning import links
from zaobao.cleaning.elements import ENDING, HEADINGS, SKIPPED

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator

    from zaobao.dom import Node

SENTENCE = re.compile(r"(?:。[”」』）)]?|？[”」』）)]?|”)$")
"""How a sentence of a story ends. Each alternative begins with a character: the search passes the
others at once."""
_TOLD = 15
"""Characters from which a sentence beside a link is more than the link's own."""
_LISTED = 12
"""Characters of a box of several lines without any link from which they are more than labels."""
_LEAST_TOLD = 6
"""Characters of a quotation, table or caption that is more than a label."""
_LONG = 30
"""Characters from which a line tells something, however it ends."""
_OFFER = 60
"""Characters up to which a sentence that speaks of subscribing may be an offer."""
_OFFERS = re.compile(
    r"订阅|订户|登[录入]|注册|会员|体验价|付费|优惠|subscribe|log ?in|sign ?(?:in|up)", re.I
)
_JOINS = re.compile(
    r"订阅|(?:下载|打开).{0,10}(?:app|应用|客户端)|关注.{0,10}(?:公众号|频道|账号|面簿|脸书|电报)|扫[码描]",
    re.I,
)
_HEADLINE = 8
"""Characters from which a link that stands alone is the headline of something."""
_FIELDS = 'input:not([type="hidden" i]), select, textarea'
_FIELD_TAGS = frozenset({"input", "select", "textarea"})
_TOLD_OTHERWISE = "blockquote, q, table, figcaption"
"""What tells something in a box without sentences."""
_NOTE = re.compile("[（(][^（）()]{6,}[）)]")
_RIGHTS = re.compile("版权所有|©|copyright|allrightsreserved", re.I)
_OPENING = ", ".join([*sorted(HEADINGS), "dt", "th", "summary", '[role="heading"]'])
_BOLD = ", ".join([*sorted(HEADINGS), "strong", "b"])
_NOT_COUNTED = dom.UNSEEN | {"a"}
_LETTERS = re.compile(r"[^\W\d_]")
"""What a mark or a number in front of a link has none of."""
_LINK_LISTS = frozenset({"a", "ul", "ol", "li", "div", "section", "p", dom.RUN})


def unlinked(node: Node) -> str:
    """The text of a node that is shown and no link's, without any white space."""
    return text.squeeze(_unlinked(node))


def _unlinked(node: Node) -> str:
    if node.tag in _NOT_COUNTED:
        return ""
    if node.tag == dom.TEXT or _NOT_COUNTED.isdisjoint([part.tag for part in node.traverse()]):
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


def is_in_sentence(node: Node) -> bool:
    """Whether an inline element is followed by the rest of its sentence; one that asks the reader
    for something never is, and a button only behind the first words of it."""
    after = _beside(dom.following(node))
    if node.tag == "button" and not _beside(dom.preceding(node), is_backward=True).strip("。？！”"):
        return False
    return SENTENCE.search(after) is not None and not _JOINS.search(dom.squeezed(node))


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
                if dom.is_hidden(other):
                    continue
                return "br" if other.tag == "br" else ""
            if other.tag not in SKIPPED and other.text().strip():
                return "words"
        parent = node.parent
        if parent is None or parent.tag in ENDING:
            return ""
        node = parent


def words_after(node: Node) -> str:
    """The next words behind an inline node on its line, without white space."""
    while True:
        for other in dom.following(node):
            if other.tag in ENDING:
                return ""
            if other.tag not in SKIPPED and (words := dom.squeezed(other)):
                return words
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
    """The elements right after `node` whose every word is part of a link; an empty slot is none."""
    found = []
    for sibling in dom.following(node):
        if not sibling.is_element_node:
            if sibling.tag == dom.TEXT and sibling.text().strip():
                break
            continue
        if not dom.seen(sibling) and sibling.css_first("img") is None:
            continue
        linked = any(dom.squeezed(link) for link in sibling.css("a"))
        if sibling.tag not in _LINK_LISTS or not linked or _LETTERS.search(unlinked(sibling)):
            break
        found.append(sibling)
    return found


def is_followed(node: Node, box: Node, found: Container[Node]) -> bool:
    """Whether text that no rule takes comes after `node` in the box."""
    return any(_has_words(later, found) for later in _from(node, box, dom.following))


def is_told_further(node: Node, box: Node, found: Container[Node]) -> bool:
    """Whether a sentence of the story comes after `node` in the box."""
    return any(tells(later, found) for later in _from(node, box, dom.following))


def is_told_before(node: Node, box: Node) -> bool:
    """Whether a sentence of the story comes before `node` in the box."""
    return any(tells(earlier) for earlier in _from(node, box, dom.preceding))


def _from(node: Node, box: Node, siblings: Callable[[Node], Iterator[Node]]) -> Iterator[Node]:
    """What stands on one side of a node in its box, the nearest first."""
    for up in (node, *dom.ancestors(node)):
        if dom.is_same(up, box):
            return
        yield from siblings(up)


def tells(node: Node, found: Container[Node] = ()) -> bool:
    """Whether some words in a node, no link's and in no element of `found`, end as a sentence."""
    if node.tag == dom.TEXT:
        return is_told(dom.squeezed(node))
    if node in found or node.tag == "a" or node.tag in dom.UNSEEN:
        return False
    return any(tells(child, found) for child in node.iter(include_text=True))


def is_told(words: str) -> bool:
    """Whether a line without white space is a sentence of a story, and no offer to subscribe."""
    if len(words) < _LONG and not SENTENCE.search(words):
        return False
    return len(words) > _OFFER or not _OFFERS.search(words)


def is_heading(node: Node) -> bool:
    """Whether all words of a block are a heading's, or bold as one is."""
    words = dom.squeezed(node)
    if node.tag in HEADINGS:
        return True
    return any(dom.squeezed(part) == words for part in node.css(_BOLD)) and unlinked(node) != ""


def first_line(node: Node) -> str:
    """The first words of an element that stand on one line, without white space."""
    line = ""
    for part in node.traverse(include_text=True):
        if part.tag in ENDING and line:
            break
        if part.tag == dom.TEXT and not dom.is_below(part, dom.UNSEEN, node):
            line += dom.squeezed(part)
    return line


def is_prose(node: Node) -> bool:
    """Whether a box is the story's: whole sentences, or facts, a quotation or a note in brackets
    without any link.

    One with fields to fill in, with a link to another story, or that asks the
    reader to subscribe or follow is none.
    """
    tags = {part.tag for part in node.traverse()}
    has_fields = not _FIELD_TAGS.isdisjoint(tags) and node.css_first(_FIELDS) is not None
    if node.tag in SKIPPED or has_fields:
        return False
    anchors = [link for link in node.css("a") if dom.squeezed(link)] if "a" in tags else []
    if any(map(_leads_on, anchors)):
        return False
    words = unlinked(node)
    is_bare = not anchors and "button" not in tags
    if (not is_bare or len(words) <= _OFFER) and _JOINS.search(words):
        return False
    if SENTENCE.search(words) or holds_sentence(node, None):
        return True
    if not is_bare or _RIGHTS.search(words):
        return False
    if len(words) >= _LISTED and sum(1 for _ in _lines_in(node)) > 1:
        return True
    if "a" in tags:  # around an advert's picture
        return False
    return _NOTE.fullmatch(words) is not None or any(
        len(dom.squeezed(part)) >= _LEAST_TOLD for part in node.css(_TOLD_OTHERWISE)
    )


def opens_a_part(node: Node) -> bool:
    """Whether a button is all of a heading: a click on it opens what stands below, or sorts it."""
    words = dom.squeezed(node)
    return (
        words != ""
        and not _JOINS.search(words)
        and any(
            up.css_matches(_OPENING) and dom.squeezed(up) == words for up in dom.ancestors(node)
        )
    )


def _leads_on(link: Node) -> bool:
    """Whether a link leads to another story, or is a line of its own as a headline is."""
    if urls.story(links.link(link.attributes.get("href") or "") or ""):
        return True
    return len(dom.squeezed(link)) >= _HEADLINE and not line_around(link)


def _has_words(node: Node, found: Container[Node]) -> bool:
    if node.tag == dom.TEXT:
        return bool(node.text().strip())
    if node in found or node.tag in dom.UNSEEN:
        return False
    return any(_has_words(child, found) for child in node.iter(include_text=True))
