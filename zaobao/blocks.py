"""A story's box → the blocks of a post: paragraphs, headings, lists, tables, figures.

The walk emits only the elements named here, each block on its own level, so
that an HTML parser reads the result back as it stands. Words are never lost:
what is no known element gives its text to the block around it.
"""

from __future__ import annotations

import re
from copy import copy
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

from lxml import etree

from zaobao import links, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

INLINE = frozenset("a b strong i em u s del ins sub sup mark small code q cite ruby rt rp".split())
HEADINGS = frozenset(f"h{level}" for level in range(1, 7))
SKIPPED = frozenset(
    "script style noscript template iframe object embed svg math head title textarea select "
    "option button canvas link meta base area map param source track".split()
)
DEEPEST = 20
"""Lists, quotes and tables inside each other; kramdown's build fails at about 2,000 levels."""
_TRANSPARENT = frozenset(
    "span font tt big nobr wbr acronym abbr dfn kbd samp var time data bdi bdo label".split()
)
_CAPTIONS = frozenset({"figure-caption", "article-pic-title"})
_SOURCES = ("data-src", "data-original", "src")
_SETS = ("data-srcset", "srcset")
_HOLLOW = re.compile(r"<([a-z]+)(?: [^>]*)?></\1>")
_BLANKS = re.compile(r"[ \t\n\r\f\v]+")
_TAGS = re.compile(r"<[^>]*>")


@dataclass(slots=True)
class Figure:
    """A picture as it stands in the box: the address as written, and its caption."""

    address: str
    alt: str
    caption: str | None


@dataclass(slots=True)
class Block:
    """One block of a post: its HTML and its plain text.

    implied: no element of the page asked for this paragraph.
    """

    html: str
    text: str
    implied: bool = False


@dataclass(slots=True)
class Walk:
    """One pass over a box. `blocks` holds the result; nested containers use a walk of their own."""

    depth: int = 0
    blocks: list[Block | Figure] = field(default_factory=list)
    _run: list[str] = field(default_factory=list)
    _open: list[tuple[str, str]] = field(default_factory=list)
    _tag: str | None = None
    _caption: str | None = None

    def flow(self, node: etree._Element) -> None:
        """Take the node's text, children and their tails, in order."""
        if node.text:
            self._text(node.text)
        for child in node:
            if isinstance(child.tag, str):
                self._element(child, child.tag.lower())
            if child.tail:
                self._text(child.tail)

    def close(self) -> list[Block | Figure]:
        """End the last paragraph and give the blocks."""
        self._break()
        return self.blocks

    def _text(self, piece: str) -> None:
        if self._run or not piece.isspace():
            self._run.append(escape(text.body(piece), quote=False))

    def _element(self, node: etree._Element, tag: str) -> None:
        if tag in SKIPPED:
            return
        if tag in INLINE:
            self._inline(node, tag)
        elif tag == "br":
            self._run.append("<br>")
        elif tag == "img":
            self._picture(node, [node])
        elif tag == "picture":
            self._picture(node, [*node.iter("img"), *node.iter("source")])
        elif tag == "figcaption" or not _CAPTIONS.isdisjoint((node.get("class") or "").split()):
            self._take_caption(node)
        elif tag in _TRANSPARENT or (tag not in _BOXES and "-" in tag):
            self.flow(node)
        else:
            self._break()
            _BOXES.get(tag, Walk._plain)(self, node, tag)
            self._break()

    def _inline(self, node: etree._Element, tag: str) -> None:
        opening: str | None = f"<{tag}>"
        if tag == "a":
            address = links.link(node.get("href") or "")
            opening = f'<a href="{escape(address)}">' if address else None
        if opening is None or any(tag == other for other, _ in self._open):
            self.flow(node)
            return
        self._open.append((tag, opening))
        self._run.append(opening)
        self.flow(node)
        self._open.pop()
        self._run.append(f"</{tag}>")

    def _break(self) -> None:
        """End the paragraph in hand; what is open inside it is opened again in the next."""
        closing = "".join(f"</{tag}>" for tag, _ in reversed(self._open))
        html = trimmed("".join(self._run) + closing)
        self._run = [opening for _, opening in self._open]
        if not html:
            return
        words = plain_text(html)
        last = self.blocks[-1] if self.blocks else None
        if isinstance(last, Figure) and last.caption == words:
            return  # the page prints the caption once more below the picture
        tag = self._tag or "p"
        self.blocks.append(Block(f"<{tag}>{html}</{tag}>", words, implied=self._tag is None))

    def _plain(self, node: etree._Element, tag: str) -> None:
        outer, self._tag = self._tag, tag if tag == "p" or tag in HEADINGS else self._tag
        self.flow(node)
        self._break()
        self._tag = outer

    def _rule(self, node: etree._Element, tag: str) -> None:
        self.blocks.append(Block("<hr>", ""))
        self._plain(node, "div")

    def _nested(self, node: etree._Element) -> tuple[str, str]:
        """The HTML and text of a container's content; pictures come out in front of it."""
        if self.depth >= DEEPEST:
            raise RecursionError(f"more than {DEEPEST} lists, quotes or tables inside each other")
        walk = Walk(self.depth + 1)
        walk.flow(node)
        blocks = walk.close()
        self.blocks += [block for block in blocks if isinstance(block, Figure)]
        kept = [block for block in blocks if isinstance(block, Block)]
        if len(kept) == 1 and kept[0].implied:
            return kept[0].html[3:-4], kept[0].text
        return "".join(block.html for block in kept), "\n".join(
            filter(None, (b.text for b in kept))
        )

    def _quote(self, node: etree._Element, tag: str) -> None:
        html, words = self._nested(node)
        if html:
            self.blocks.append(Block(f"<{tag}>{html}</{tag}>", words))

    def _list(self, node: etree._Element, tag: str) -> None:
        items = [item for part in _parts(node) if (item := self._nested(part))[0]]
        if items:
            html = "".join(f"<li>{item}</li>" for item, _ in items)
            self.blocks.append(
                Block(f"<{tag}>{html}</{tag}>", "\n".join(words for _, words in items))
            )

    def _table(self, node: etree._Element, tag: str) -> None:
        rows, lines = [], []
        for row in _rows(node):
            cells = []
            for part in _parts(row):
                if part.tag in ("td", "th"):
                    cells.append((part, *self._nested(part)))
                else:  # a caption, or words that stand between rows or cells
                    self._plain(part, "p")
            if any(html for _, html, _ in cells):
                rows.append("".join(_cell(cell, html) for cell, html, _ in cells))
                lines.append("\t".join(words.replace("\n", " ") for _, _, words in cells))
        if rows:
            html = "".join(f"<tr>{row}</tr>" for row in rows)
            self.blocks.append(Block(f"<table><tbody>{html}</tbody></table>", "\n".join(lines)))

    def _picture(self, node: etree._Element, sources: list[etree._Element]) -> None:
        self._break()
        address = next(addresses(sources), "")
        image = next((source for source in sources if source.tag == "img"), node)
        caption = text.plain(image.get("data-caption") or image.get("title") or "") or self._caption
        self._caption = None
        if address:
            alt = text.plain(image.get("alt") or "")
            self.blocks.append(Figure(address, alt, caption))

    def _take_caption(self, node: etree._Element) -> None:
        """A printed caption belongs to the picture before it, else to the one after it."""
        if any(True for _ in node.iter("img", "picture")):
            self._plain(node, "div")
            return
        self._break()
        caption = text.plain("".join(node.itertext()))  # type: ignore[arg-type]
        last = self.blocks[-1] if self.blocks else None
        if isinstance(last, Figure):
            last.caption = caption or last.caption
        elif caption:
            self._caption = caption


def trimmed(html: str) -> str:
    """Inline HTML with white space collapsed, hollow elements and outer blanks and `<br>` dropped."""
    html = _BLANKS.sub(" ", html).strip()
    before = ""
    while "<" in html and before != html:
        before = html
        html = _trimmed_end(_trimmed_start(_HOLLOW.sub("", html)))
    return html


def _trimmed_start(html: str) -> str:
    head = ""
    while True:
        html = html.lstrip()
        if html.startswith("<br>"):
            html = html[4:]
        elif html[:1] == "<" and html[1:2] != "/":
            end = html.index(">") + 1
            head, html = head + html[:end], html[end:]
        else:
            return head + html


def _trimmed_end(html: str) -> str:
    tail = ""
    while True:
        html = html.rstrip()
        if html.endswith("<br>"):
            html = html[:-4]
        elif html.endswith(">") and html.startswith("</", start := html.rindex("<")):
            html, tail = html[:start], html[start:] + tail
        else:
            return html + tail


def plain_text(html: str) -> str:
    """The words of inline HTML; `<br>` is a line feed."""
    if "<" in html:
        html = _TAGS.sub("", html.replace("<br>", "\n"))
    if "&" in html:
        html = html.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return html.strip()


def addresses(sources: list[etree._Element]) -> Iterator[str]:
    """The addresses a picture may have, the lazy one first: read order of site-facts 6.1."""
    for source in sources:
        for name in _SOURCES:
            address = (source.get(name) or "").strip()
            if address and not address.startswith("data:"):
                yield address
    for source in sources:
        for name in _SETS:
            first = (source.get(name) or "").split(",")[0].split()
            if first and not first[0].startswith("data:"):
                yield first[0]


def _parts(node: etree._Element) -> Iterator[etree._Element]:
    """The children of a list or row; words that stand between them come as elements of their own."""
    if node.text and node.text.strip():
        yield _wrapped(node.text)
    for child in node:
        if isinstance(child.tag, str) and child.tag not in SKIPPED:
            yield child
        if child.tail and child.tail.strip():
            yield _wrapped(child.tail)


def _wrapped(words: str) -> etree._Element:
    element = etree.Element("span")
    element.text = words
    return element


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    """The rows of a table, not those of a table inside it; anything else counts as a row."""
    for part in _parts(table):
        if part.tag in ("thead", "tbody", "tfoot"):
            yield from _rows(part)
        elif part.tag == "tr":
            yield part
        else:
            row = etree.Element("tr")
            row.append(copy(part))
            row[0].tail = None
            yield row


def _cell(cell: etree._Element, html: str) -> str:
    spans = "".join(
        f' {name}="{value}"'
        for name in ("colspan", "rowspan")
        if (value := cell.get(name) or "").isascii() and value.isdigit() and len(value) < 4
    )
    return f"<{cell.tag}{spans}>{html}</{cell.tag}>"


_BOXES: dict[str, Callable[[Walk, etree._Element, str], None]] = {
    "hr": Walk._rule,
    "blockquote": Walk._quote,
    "ul": Walk._list,
    "ol": Walk._list,
    "table": Walk._table,
}
