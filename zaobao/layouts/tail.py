"""The text behind a story's box that ended early: an embed's stray `</div>` closes it.

What comes then stands behind the box, or behind an element around it. It is the
story's where it looks like that: paragraphs without a name of their own, or with
that of the box's, which hold a sentence. One stray end tag is the proof; without it
two such paragraphs right behind the box are needed, since a single one may be the
page's own. One behind a box that ends with an embed or another block is no more than
doubtful: an element that is never closed hides the stray end tag in the page's count.
"""

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING

from zaobao import dom
from zaobao.cleaning.elements import BLOCKS
from zaobao.cleaning.lines import SENTENCE, holds_sentence, unlinked
from zaobao.cleaning.rules import RULES
from zaobao.page import is_side

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zaobao.dom import Node
    from zaobao.page import Page

_TAGS = re.compile(
    rb"<!--.*?(?:-->|\Z)|<(script|style|noscript|template|textarea|title)\b.*?(?:</\1|\Z)|"
    rb"<(/?)(div|section|article|main|center|header|footer|nav|aside|table)\b",
    re.S | re.I,
)
_BROKEN = ", ".join(f"[{name}*='</']" for name in ("class", "id", "style", "href", "src"))
"""Elements with a tag in an attribute that never has one."""
_LEAST = 2
_SHOWING = "img, iframe, video, audio, object, embed, blockquote, table, video-js"
_TOLD = frozenset({"figure", "picture", "pre", "ul", "ol", "dl", *_SHOWING.split(", ")})
"""What may end a story behind its last paragraph; a heading begins something else."""
_MARKERS = ", ".join(
    rule.selector for rule in RULES if rule.access == "paywalled" and not rule.text
)
_BOXES = frozenset({"div", "section", "center"})
_PARTS = frozenset({"header", "main", "article"})


def rejoined(box: Node, page: Page) -> tuple[Node, bool]:
    """The box with the text behind it, and whether some more may be the story's.

    An element is put around both then; `dom.Paths` knows it.
    """
    tail, is_doubtful = _behind(box, page)
    if not tail:
        return box, is_doubtful
    whole = box.parser.create_node(dom.RUN)
    box.insert_before(whole, move=True)
    for node in (box, *tail):
        whole.insert_child(node, move=True)
    return whole, is_doubtful


def _behind(box: Node, page: Page) -> tuple[list[Node], bool]:
    tail: list[Node] = []
    is_doubtful = False
    is_stray: bool | None = None
    for up in (box, *dom.ancestors(box)):
        if up.tag in ("body", "html"):
            break
        if not _may_go_on(up):
            continue
        siblings = [*dom.following(up)]
        found, sentences = _paragraphs(siblings, _names(box))
        more = _may_tell(siblings[len(found) :])
        if not (found or more or _marker_first(siblings)):
            continue
        if is_stray is None:
            is_stray = _has_stray(page.source)
        is_next = dom.is_same(up, box)
        marker = _marker_first(siblings)
        if (is_stray and (sentences or is_next or marker)) or (is_next and sentences >= _LEAST):
            tail += found or marker
        else:
            more = more or bool(found)
        may_hide = is_next and sentences > 0 and not _ends_with_paragraph(box)
        is_doubtful = is_doubtful or (more and (is_stray or may_hide))
    return tail, is_doubtful


def _may_go_on(node: Node) -> bool:
    """Whether paragraphs stand behind an element, or a sentence in the first part with words.

    Quick to answer: most often there is nothing, and the rest of the page is large.
    """
    is_first = True
    for other in dom.following(node):
        if _is_other(other):
            return False
        if not is_first and other.tag not in ("p", dom.TEXT):
            continue
        if is_first and other.is_element_node and _is_marker(other):
            return True
        words = "" if other.tag in dom.UNSEEN else other.text()
        if words and not words.isspace():
            if other.tag in ("p", dom.TEXT) or "。" in words or "？" in words or "”" in words:
                return True
            is_first = other.tag not in _BOXES
        if is_first and (_is_told(other) or (other.tag == "p" and _shows(other))):
            return True
    return False


def _names(box: Node) -> set[str | None]:
    return {None, "", *(node.attributes.get("class") for node in box.css("p"))}


def _paragraphs(siblings: list[Node], names: set[str | None]) -> tuple[list[Node], int]:
    """The first of the siblings, up to the last paragraph or picture; how many hold a sentence.

    A paywall's marker behind them is with them: it says that the story is cut.
    """
    end = sentences = 0
    for place, node in enumerate(siblings, 1):
        is_paragraph = _is_paragraph(node, names)
        if end and node.is_element_node and _is_marker(node):
            end = place
        elif _is_other(node) or not (is_paragraph or _is_passed(node)):
            break
        elif is_paragraph:
            words = unlinked(node)
            sentences += bool(SENTENCE.search(words))
            end = place if words or _shows(node) else end
        elif _is_told(node) or (sentences and _shows(node)):
            end = place
    return siblings[:end], sentences


def _shows(node: Node) -> bool:
    return node.is_element_node and (node.tag in _TOLD or node.css_first(_SHOWING) is not None)


def _marker_first(siblings: list[Node]) -> list[Node]:
    """The first element of the siblings, where it is a paywall's marker."""
    first = next((node for node in siblings if node.is_element_node), None)
    return [first] if first is not None and _is_marker(first) else []


def _is_marker(node: Node) -> bool:
    return node.css_first(_MARKERS) is not None


def _is_other(node: Node) -> bool:
    return node.is_element_node and (node.tag in _PARTS or is_side(node))


def _is_paragraph(node: Node, names: set[str | None]) -> bool:
    """Whether it is a paragraph or a piece of one."""
    if node.tag == "p":
        return node.attributes.get("class") in names and not node.attributes.get("id")
    return node.tag not in BLOCKS and node.tag not in dom.UNSEEN


def _is_passed(node: Node) -> bool:
    """Whether the story may go on behind it: not behind keywords or links to other stories."""
    if node.tag not in _BOXES or node.css_first("a") is None:
        return True
    return node.css_first(_SHOWING) is not None or _tells(node)


def _is_told(node: Node) -> bool:
    """Whether it is a list, a quote, a table or a picture of a story, and no list of links."""
    return node.tag in _TOLD and (node.css_first("a") is None or _tells(node))


def _may_tell(nodes: Iterable[Node]) -> bool:
    """Whether a sentence stands in one of them, before the first that is no part of the story."""
    ours = takewhile(lambda node: not _is_other(node), nodes)
    return any(node.is_element_node and _tells(node) for node in ours)


def _tells(node: Node) -> bool:
    return holds_sentence(node, None) or bool(SENTENCE.search(unlinked(node)))


def _ends_with_paragraph(box: Node) -> bool:
    last = box.last_child
    while last is not None and (not last.is_element_node or last.tag in ("br", *dom.UNSEEN)):
        last = last.prev
    return last is None or last.tag not in BLOCKS - {"p"}


def is_swallowed(box: Node, page: Page) -> bool:
    """Whether a comment that never ends, or an attribute without its second quotation mark, takes
    what follows: a browser does not show it either."""
    source = page.source
    # Up to the last `!`, which is found at once: most pages have few.
    start = source.rfind(b"<!--", 0, source.rfind(b"!") + len(b"!--"))
    if start >= 0 and source.find(b"-->", start) < 0 and _in_no_script(source, start):
        return True
    return box.css_first(_BROKEN) is not None


def _in_no_script(source: bytes, place: int) -> bool:
    return source.rfind(b"<script", 0, place) <= source.rfind(b"</script", 0, place)


def _has_stray(source: bytes) -> bool:
    """Whether a page closes a block that is not open. One that is never closed ends with the
    block around it."""
    opened: list[bytes] = []
    for match in _TAGS.finditer(source):
        if not match[3]:
            continue
        tag = match[3].lower()
        if not match[2]:
            opened.append(tag)
        elif tag not in opened:
            return True
        else:
            while opened.pop() != tag:
                pass
    return False
