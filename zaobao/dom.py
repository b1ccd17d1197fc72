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

from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser, LexborNode

from zaobao import text

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping

Node = LexborNode
"""An element or, where it is said, a piece of text."""

TEXT = "-text"
"""The `tag` of a piece of text; that of all else that is no element begins with `-`, too."""
UNSEEN = frozenset({"script", "style", "noscript", "template", "iframe", "noembed", "noframes"})
"""Elements whose words no browser shows."""
CLONES = frozenset({"slick-cloned", "swiper-slide-duplicate"})
"""Classes of the copies that a carousel makes of its first and last picture."""
HIDING_CLASSES = (
    *("sr-only", "visually-hidden", "visuallyhidden", "screen-reader-text", "screen-reader-only"),
    *("element-invisible", "element-hidden", "invisible", "hidden", "d-none", "hide"),
    *("visually-hidden-focusable", "is-visually-hidden", "u-visually-hidden", "visuallyHidden"),
    *("cdk-visually-hidden", "govuk-visually-hidden", "is-sr-only", "usa-sr-only", "srOnly"),
    *("show-for-sr", "screenreader-only", "assistive-text", "a11y-hidden", "u-hiddenVisually"),
    *("offscreen", "off-screen", "is-hidden", "is-invisible", "u-hidden", "uk-hidden", "ng-hide"),
    *sorted(CLONES),
)
"""Classes that hide an element, by Bootstrap, Tailwind, Drupal, WordPress, Foundation, Bulma,
UIkit, Angular and the design systems of governments; and those of copies."""
NARROW = (
    ":hidden",
    *(f"d-{size}-none" for size in ("sm", "md", "lg", "xl")),
    *(f"visible-{size}" for size in ("xs", "sm")),
)
"""Parts of the classes that show an element on narrow screens alone, by Tailwind and Bootstrap."""
RUN = "run"
"""The tag of an element that cleaning puts around words that have none of their own."""
REVEALED = "revealed"
"""The attribute of an element that cleaning put into the tree: behind the `noscript` that held it,
or, with the value `DRAWN`, where a style or a drawing shows a picture."""
DRAWN = "drawn"
REVEALING = ("figure", "picture", "img")
"""The tags of these elements."""
_OPTIONS = LexborDocumentOptions.WO_EVENTS
"""Nothing is copied into a `selectedcontent`, which no story has: parsing takes 5 % less."""
LAZY = re.compile("src|original|lazy")
"""In the names of the attributes where a picture's address waits for a script."""
_SHOWING = re.compile(
    r"^(?!.*(?:print|focus|hover|active|open|target|checked|peer|group)[a-z-]*[:-])"
    r"(?:.*[:-](?:block|inline|flex|grid|table|contents|visible|not-sr-only)|visible$|d-(?!none))"
)
"""Classes that show a hidden element again on some screens; in print or at a touch it is none."""
_NARROW = re.compile(r"(?:sm|md|lg|xl):hidden$|d-(?:sm|md|lg|xl)-none$|visible-(?:xs|sm)(?:-|$)")
_MEDIA = "img, picture, svg, video, audio, iframe, object, embed"
_MOVING = frozenset({"transition", "transform", "animation", "will-change"})
_MOVED = re.compile(r"(?i)^data-(?:aos|anim|scroll|sal|sr)|^wow$|anim|fade|reveal|scroll")
"""What says that a script will show an element when the reader comes to it."""
_FAR = -900
"""Pixels from which a place is off any screen."""
_LENGTH = re.compile(r"(-?\d*\.?\d+)(?:px|em|rem|pt|vw|vh|%)?")
_CLIPPED = re.compile(r"rect\((?:[01](?:px)?[,\s]*){4}\)|inset\((?:50|100)%")
_COMMENT = re.compile(r"/\*.*?\*/", re.S)
_KNOWN_DISPLAYS = (
    "none block inline inline-block flow flow-root list-item contents flex inline-flex grid "
    "inline-grid table inline-table table-row-group table-header-group table-footer-group "
    "table-row table-cell table-column-group table-column table-caption ruby ruby-text math "
    "-webkit-box -webkit-inline-box -webkit-flex -webkit-inline-flex inherit initial unset revert"
)
_DISPLAYS = frozenset(_KNOWN_DISPLAYS.split())
_COMMA = re.compile(r",(?![^()]*\))")
_LAST_TAG = re.compile(r"([\w-]+)$")
_MARK = re.compile(r"""[#.]([\w-]+)|=["']([^"']+)["']|\[([\w-]+)""")


def _keep_memory() -> None:
    """Free one large block, so that the C library keeps the memory of a tree for the next one.

    glibc takes the size of such a block for what a program needs for a moment, and gives back
    to the system only more than twice that (mallopt(3), M_MMAP_THRESHOLD). Without it each page
    costs 100 page faults, a seventh of all that is read of it.
    """
    bytes(8 << 20)


_keep_memory()


def parse(source: str | bytes) -> LexborHTMLParser:
    """The tree of a page as a browser with scripts builds it: a `noscript` is text."""
    return LexborHTMLParser(source, scripting=True, options=_OPTIONS)


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


def unshown(node: Node) -> Node:
    """What a `template` holds, or a `noscript` or the like, which is text in the tree.

    A `template` in a formula or a drawing is none: it holds its children itself.
    """
    if node.tag != "template":
        return fragment(node.text())
    return next(iter(node.template_fragments()), node)


def squeezed(node: Node) -> str:
    """An element's text without any white space."""
    return text.squeeze(node.text())


def seen(node: Node, words: str | None = None) -> int:
    """Characters of visible text, white space not counted. words: all of it, where it is known."""
    count = len(squeezed(node) if words is None else words)
    if not count:
        return 0
    hidden = [part for part in node.traverse() if part.tag in UNSEEN]
    if len(hidden) > 1:
        hidden = outermost(hidden)
    return count - sum(text.count(part.text()) for part in hidden)


def is_same(one: Node, other: Node) -> bool:
    """Whether two objects are one node."""
    return one.mem_id == other.mem_id


def is_hidden(node: Node) -> bool:
    """Whether an element's own attributes hide it in a browser, also from readers with one.

    A class that shows it again on some screens (`hidden md:block`) does not; what is
    for the others (`md:hidden`) is hidden beside that. A
    picture that a script will show is one whose address waits in an attribute.
    """
    said = node.attributes
    if node.tag == "img" and any(map(LAZY.search, said.keys() - {"src", "srcset"})):
        return False
    style = declarations(said.get("style") or "")
    display, visibility = style.get("display"), style.get("visibility")
    if display == "none":
        return True
    if visibility in ("hidden", "collapse"):
        return not any(is_visible(inner) for inner in below(node, "[style]"))
    if style and _draws_nothing(node, style) and node.css_first(_MEDIA) is None:
        return True  # one with pictures or players waits for a script
    is_closed = "open" not in said if node.tag == "dialog" else "popover" in said
    if display is None and ("hidden" in said or is_closed):
        return True
    names = (said.get("class") or "").split()
    if any(name in HIDING_CLASSES for name in names):
        return not any(map(_SHOWING.search, names))
    return is_copy(node)


def is_copy(node: Node) -> bool:
    """Whether what an element shows is there in another: one in a carousel, or for wide screens."""
    names = (node.attributes.get("class") or "").split()
    if not CLONES.isdisjoint(names):
        return True
    return any(map(_NARROW.match, names)) and _is_beside_wide(node)


def _is_beside_wide(node: Node) -> bool:
    """Whether what stands beside an element is shown on wide screens alone."""
    for siblings in (preceding(node), following(node)):
        other = next((one for one in siblings if one.is_element_node), None)
        names = ((other.attributes.get("class") if other else None) or "").split()
        if any(n in HIDING_CLASSES for n in names) and any(map(_SHOWING.search, names)):
            return True
    return False


def is_visible(node: Node) -> bool:
    """Whether an element's style shows it, whatever hides the one around it."""
    return declarations(node.attributes.get("style") or "").get("visibility") == "visible"


def _draws_nothing(node: Node, style: Mapping[str, str]) -> bool:
    """Whether a style lets nothing be seen of an element's words: clear, of no size, clipped, or
    off the screen."""
    if style.get("content-visibility") == "hidden":
        return True
    if _length(style, "opacity") == 0:
        return not (_MOVING & style.keys() or any(map(_MOVED.search, _names(node))))
    if _length(style, "font-size") == 0:
        return not below(node, '[style*="font" i], font[size], [class]')
    if (_length(style, "text-indent") or 0) <= _FAR:
        return True
    if style.get("position") in ("absolute", "fixed"):
        clip = style.get("clip", "") + style.get("clip-path", "")
        places = [_length(style, name) or 0 for name in ("left", "top", "right", "bottom")]
        return min(places) <= _FAR or _CLIPPED.search(clip) is not None
    is_flat = 0 in (_length(style, "height"), _length(style, "width"))
    return is_flat and style.get("overflow") == "hidden" and not any("padding" in n for n in style)


def _names(node: Node) -> Iterator[str]:
    """The attributes' names and the classes of an element."""
    said = node.attributes
    yield from said
    yield from (said.get("class") or "").split()


def _length(style: Mapping[str, str], name: str) -> float | None:
    found = _LENGTH.fullmatch(style.get(name, ""))
    return float(found[1]) if found else None


def hide(box: Node, selectors: list[str]) -> None:
    """Mark what a style sheet hides below a box as `hidden`; not what a class shows again."""
    if not selectors:
        return
    for node in below(box, ", ".join(selectors)):
        names = (node.attributes.get("class") or "").split()
        if node.tag != "img" and not any(map(_SHOWING.search, names)):
            node.attrs["hidden"] = ""


def declarations(style: str) -> dict[str, str]:
    """The declarations of a `style` attribute; the last of a property counts, an important one
    more. A `display` that no browser knows counts for nothing."""
    found: dict[str, str] = {}
    important = set[str]()
    for part in _COMMENT.sub("", style).split(";"):
        name, _, value = part.lower().partition(":")
        name, (value, _, mark) = name.strip(), value.partition("!")
        value = value.strip()
        if name == "display" and not _DISPLAYS.issuperset(value.split() or ["?"]):
            continue
        if mark.strip() == "important":
            important.add(name)
        elif name in important:
            continue
        found[name] = value
    return found


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


@cache
def marks(selector: str) -> tuple[str, ...]:
    """For each alternative of a selector a class, id, value or `<tag` that every match has.

    A selector none of whose marks stands in the HTML of a tree matches nothing,
    and finding a mark costs less. "<" stands in every HTML.
    """
    found = []
    for alternative in _COMMA.split(selector):
        alternative = alternative.partition(":")[0].strip()
        words = [word for group in _MARK.findall(alternative) for word in group if word]
        tag = _LAST_TAG.search(alternative)
        found.append(max(words, key=len) if words else "<" + (tag[1] if tag else ""))
    return tuple(found)


@cache
def _alternatives(selector: str) -> list[tuple[str, str]]:
    """The alternatives of a selector, each with its mark in lower case."""
    return [*zip(_COMMA.split(selector), map(str.lower, marks(selector)), strict=True)]


class Markup:
    """The elements below a box, and what stands in their tags and attributes.

    That is far shorter than the HTML, and tells which selectors can match anything.
    elements: each with its tag. attributes: their names and values, each once, on lines of
    their own. said: the same behind the tags, which have a "<" in front.
    """

    def __init__(self, box: Node) -> None:
        self._box = box
        self.elements = [(node, node.tag or "") for node in box.traverse()][1:]
        self.tags = {tag for _, tag in self.elements}
        found = set[str | None]()
        for node, _ in self.elements:
            if said := node.attributes:
                found.update(said, said.values())
        self.attributes = "\n".join(filter(None, found))
        self.said = f"<{'<'.join(self.tags)}\n{self.attributes}"
        self._low = self.said.lower()

    def select(self, selector: str, tags: Iterable[str] = ()) -> list[Node]:
        """What a selector without combinators matches, and the elements with one of these tags.

        Of its alternatives those are asked for whose mark is there. Letter case does not count:
        it does not in the classes of a page without a doctype.
        """
        likely = [one for one, mark in _alternatives(selector) if mark in self._low]
        likely += tags
        if self.tags.issuperset(likely):
            return [node for node, tag in self.elements if tag in likely]
        return below(self._box, ", ".join(likely))


class Paths:
    """CSS paths of elements, from the root, as the page came; those of one tree share their steps.

    Elements that cleaning put in do not count; one of these has its parent's
    path, or that of the `noscript` which held it. A step is named by `data-s`
    where the element has one: HK-2's children stand in another order in the page.
    """

    def __init__(self) -> None:
        self._known: dict[int, str] = {}
        self._alike: dict[tuple[int, str | None], list[int]] = {}
        self._inside: set[int] = set()
        """What a `noscript` held."""

    def of(self, node: Node) -> str:
        """The path of one element."""
        known = self._known.get(node.mem_id)
        if known is None:
            parent = node.parent
            while parent is not None and parent.tag == RUN:
                parent = parent.parent
            if parent is None or not parent.is_element_node:
                known = str(node.tag)
            else:
                known = self.of(parent)
                said = node.attributes
                if said.get(REVEALED, DRAWN) != DRAWN:
                    self._inside.add(node.mem_id)
                    known = self.of(next(one for one in _before(node) if one.tag == "noscript"))
                elif parent.mem_id in self._inside:
                    self._inside.add(node.mem_id)
                elif node.tag != RUN and REVEALED not in said:
                    known += f" > {self._step(node, parent, said.get('data-s'))}"
            self._known[node.mem_id] = known
        return known

    def _step(self, node: Node, parent: Node, place: str | None) -> str:
        tag = node.tag or ""
        if not tag.isalnum():
            tag = re.sub(r"[^\w-]", lambda match: "\\" + match[0], tag)
        if place and place.isalnum():
            return f'{tag}[data-s="{place}"]'
        key = parent.mem_id, node.tag
        if (alike := self._alike.get(key)) is None:
            alike = self._alike[key] = _children(parent, node.tag)
        return f"{tag}:nth-of-type({alike.index(node.mem_id) + 1})" if len(alike) > 1 else tag


def _before(node: Node) -> Iterator[Node]:
    """What stood in front of a child of an element as the page came, the nearest first: what
    cleaning has put words and their neighbours into does not count."""
    for one in preceding(node):
        if one.tag == RUN:
            yield from reversed([*one.iter()])
        else:
            yield one
    parent = node.parent
    if parent is not None and parent.tag == RUN:
        yield from _before(parent)


def _children(parent: Node, tag: str | None) -> list[int]:
    """Where the children of an element are that have a tag, without what cleaning put in."""
    found = []
    for child in parent.iter():
        kind = child.tag
        if kind == RUN:
            found += _children(child, tag)
        elif kind == tag and (kind not in REVEALING or REVEALED not in child.attributes):
            found.append(child.mem_id)
    return found
