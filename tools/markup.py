"""Random markup: every element of the HTML standard and the old ones, nested at random by a seed.

What it makes is a tree that can be made smaller step by step.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape, unescape

from zaobao import dom

STANDARD = (
    "a abbr address area article aside audio b base bdi bdo blockquote br button canvas cite code "
    "data datalist dd del details dfn dialog div dl dt em embed fieldset figcaption figure footer "
    "form h1 h2 h3 h4 h5 h6 header hgroup hr i iframe img input ins kbd label legend li link main "
    "map mark math menu meta meter nav noscript object ol optgroup option output p picture pre "
    "progress q rp rt ruby s samp script search section select selectedcontent slot small source "
    "span strong style sub summary sup svg table tbody td template textarea tfoot th thead time "
    "title tr track u ul var video wbr body caption col colgroup head html"
)
"""The standard's list of elements (HTML, "Index")."""
OLD = (
    "acronym applet basefont bgsound big blink center dir font frame frameset isindex keygen "
    "listing marquee menuitem multicol nextid nobr noembed noframes param rb rtc spacer strike tt "
    "xmp"
)
"""Its obsolete ones (HTML, 16.2). Left out are `plaintext`, after which no tag is one, and `image`,
which lexbor does not take out of a table."""
UNKNOWN = "o:p st1:personname zb-note my-element foreignobject annotation-xml mi g"
ELEMENTS = [*STANDARD.split(), *OLD.split(), *UNKNOWN.split()]

_VOID = (
    "area base br col embed hr img input link meta source track wbr param basefont bgsound frame "
    "keygen"
)
_RAW = "script style noscript iframe noembed noframes xmp"
_PLAIN = frozenset({*_VOID.split(), "html", "head", "body"} - {"img", "input", "hr", "embed"})
"""Elements without attributes here: those without words, and those that are the page's own."""
_USUAL = "div p ul ol li table tr td blockquote section figure span b a h2 dl dd details ruby"
VOID = frozenset(_VOID.split())
RAW = frozenset(_RAW.split())
"""What stands in them is text, and no entity in it is one (HTML, 13.1.2)."""
_NESTING = _USUAL.split()
"""Elements that stand in stories, and so more often than the others."""
_INSIDE = {
    "table": ("tr", "tbody", "caption", "thead", "tr", "tr"),
    "tbody": ("tr",),
    "thead": ("tr",),
    "tfoot": ("tr",),
    "tr": ("td", "th", "td"),
    "ul": ("li",),
    "ol": ("li",),
    "menu": ("li",),
    "dl": ("dt", "dd", "div"),
    "ruby": ("rt", "rp", "rb"),
    "details": ("summary", "p"),
    "figure": ("img", "figcaption"),
    "picture": ("source", "img"),
    "select": ("option",),
    "fieldset": ("legend", "p"),
}
_STYLES = (
    *("display:none", "DISPLAY : NONE !important", "visibility:hidden", "display:block"),
    *("display:inline", "display:inline-block", "display:none;display:block", "color:red"),
    *("white-space:pre-wrap", "float:right", "position:absolute", "visibility:visible"),
    *("display:flex", "display:table-cell", "text-align:center", "visibility:collapse"),
)
_CLASSES = (*dom.HIDING_CLASSES, "hidden md:block", "d-none d-md-block", "lead")
_PHOTO = "https://static.zaobao.com/s3fs-public/"
_ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "hidden": ("", "false"),
    "popover": ("",),
    "inert": ("",),
    "aria-hidden": ("true",),
    "style": _STYLES,
    "class": _CLASSES,
    "title": ("题",),
    "lang": ("en",),
    "dir": ("rtl",),
}
_OWN: dict[str, dict[str, tuple[str, ...]]] = {
    "ol": {"start": ("3", "-2", "x"), "reversed": ("",), "type": ("A", "i", "q")},
    "li": {"value": ("7",)},
    "td": {"rowspan": ("2", "0", "9"), "colspan": ("2", "0")},
    "th": {"rowspan": ("2",), "colspan": ("3",), "scope": ("row", "col")},
    "div": {"class": ("figure-caption", "article-pic-title")},
    "details": {"open": ("",)},
    "dialog": {"open": ("",)},
    "a": {"href": ("https://www.zaobao.com/news", "#top", "javascript:x()", "")},
    "iframe": {"src": ("https://player.example/video/1", "about:blank"), "title": ("现场",)},
    "video": {"src": ("https://media.example/a.mp4",)},
    "audio": {"src": ("https://media.example/a.mp3",), "controls": ("",)},
    "object": {"data": ("https://media.example/a.swf",)},
    "embed": {"src": ("https://media.example/a.swf",)},
    "input": {"type": ("hidden", "button"), "value": ("值",)},
    "meter": {"value": ("0.5",)},
    "font": {"size": ("7",)},
    "bdo": {"dir": ("rtl",)},
}


@dataclass
class Element:
    """An element of generated markup; a `str` among its children is text."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element | str] = field(default_factory=list)

    def html(self) -> str:
        said = "".join(f' {name}="{escape(value)}"' for name, value in self.attributes.items())
        if self.tag in VOID:
            return f"<{self.tag}{said}>"
        words = inner(self.children)
        return f"<{self.tag}{said}>{unescape(words) if self.tag in RAW else words}</{self.tag}>"


Nodes = list[Element | str]


def inner(children: Nodes) -> str:
    """The HTML of some nodes."""
    return "".join(
        child.html() if isinstance(child, Element) else escape(child, quote=False)
        for child in children
    )


class Maker:
    """Makes bodies from a seed. Every piece of text in one is another."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)
        self._words = 0

    def body(self) -> Nodes:
        """Some paragraphs with a few random elements in and between them."""
        nodes: Nodes = []
        for _ in range(self._random.randint(1, 3)):
            nodes += [Element("p", {}, [self._text(ends=True)]), *self._nodes("div", 0)]
        return nodes

    def _nodes(self, parent: str, depth: int) -> Nodes:
        count = self._random.choice((1, 1, 2, 3)) if depth < 5 else 0
        nodes: Nodes = []
        for _ in range(count):
            if self._random.random() < 0.55 and parent != "picture":
                nodes.append(self._text())
            nodes.append(self._element(parent, depth))
        if not nodes or (self._random.random() < 0.6 and parent != "picture"):
            nodes.append(self._text())
        return nodes

    def _element(self, parent: str, depth: int) -> Element:
        roll = self._random.random()
        if parent in _INSIDE and roll < 0.75:
            tag = self._random.choice(_INSIDE[parent])
        elif roll < 0.9:
            tag = self._random.choice(ELEMENTS)
        else:
            tag = self._random.choice(_NESTING)
        children = [] if tag in VOID else self._nodes(tag, depth + 1)
        return Element(tag, self._attributes(tag), children)

    def _attributes(self, tag: str) -> dict[str, str]:
        if tag in _PLAIN:
            return {}
        if tag == "img":
            address = f"{_PHOTO}{self._random.randint(1, 10**6)}.jpg"
            return {"src": address, "alt": self._text() if self._random.random() < 0.3 else ""}
        found = {}
        for name, values in _OWN.get(tag, {}).items():
            if self._random.random() < 0.5:
                found[name] = self._random.choice(values)
        if self._random.random() < 0.25:
            name = self._random.choice(sorted(_ATTRIBUTES))
            found[name] = self._random.choice(_ATTRIBUTES[name])
        return found

    def _text(self, *, ends: bool = False) -> str:
        self._words += 1
        blanks = self._random.choice(("", "", "", " ", "\n"))
        return f"{blanks}字{self._words}{'。' if ends or self._random.random() < 0.2 else '，'}"


def parsed(html: str) -> Nodes:
    """A piece of HTML as a tree that can be made smaller."""
    return [*_parsed(dom.fragment(html))]


def _parsed(node: dom.Node) -> Iterator[Element | str]:
    for child in node.iter(include_text=True):
        if child.tag == dom.TEXT:
            yield child.text()
        elif child.is_element_node:
            said = {name: value or "" for name, value in child.attributes.items()}
            children = [*_parsed(child)]
            yield Element(str(child.tag), said, children)


def smaller(nodes: Nodes) -> Iterator[Nodes]:
    """Each tree that is one step smaller: without a node, with its children in its place, without
    an attribute, with a plainer element."""
    if len(nodes) > 3:
        yield nodes[len(nodes) // 2 :]
        yield nodes[: len(nodes) // 2]
    for place, node in enumerate(nodes):
        before, after = nodes[:place], nodes[place + 1 :]
        yield [*before, *after]
        if isinstance(node, str):
            if len(node) > 20:
                yield [*before, node[: len(node) // 2], *after]
            continue
        yield [*before, *node.children, *after]
        for name in node.attributes:
            rest = {key: value for key, value in node.attributes.items() if key != name}
            yield [*before, Element(node.tag, rest, node.children), *after]
        for children in smaller(node.children):
            yield [*before, Element(node.tag, node.attributes, children), *after]
