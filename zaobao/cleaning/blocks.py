"""A story's box → the blocks of a post: paragraphs, headings, lists, tables, figures.

The walk emits only the elements named here, each block on its own level, so
that an HTML parser reads the result back as it stands. Words are never lost:
what is no known element gives its text to the block around it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

from zaobao import text
from zaobao.cleaning import links, media, nested
from zaobao.cleaning.pieces import (
    HEADINGS,
    INLINE,
    SKIPPED,
    TRANSPARENT,
    Block,
    Figure,
    plain_text,
    trimmed,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from lxml import etree


@dataclass(slots=True)
class Walk:
    """One pass over a box. `blocks` holds the result; nested containers use a walk of their own.

    waiting: a printed caption whose picture has not come yet. since: the place
    in `blocks` before which no picture belongs to a caption that comes now.
    """

    depth: int = 0
    blocks: list[Block | Figure] = field(default_factory=list)
    waiting: str | None = None
    since: int = 0
    _run: list[str] = field(default_factory=list)
    _open: list[tuple[str, str]] = field(default_factory=list)
    _tag: str | None = None

    def flow(self, node: etree._Element) -> None:
        """Take the node's text, children and their tails, in order."""
        if words := node.text:
            self._text(words)
        for child in node:
            if isinstance(tag := child.tag, str):
                self.element(child, tag.lower())
            if words := child.tail:
                self._text(words)

    def element(self, node: etree._Element, tag: str) -> None:
        """Take one element."""
        if tag == "p" and node.get("class") is None:  # most elements of a story
            self.end_paragraph()
            self.plain(node, tag)
        elif tag in SKIPPED:
            return
        elif tag in INLINE:
            self._inline(node, tag)
        elif tag == "br":
            self._run.append("<br>")
        elif media.is_caption(node, tag):
            media.take_caption(self, node, tag)
        elif tag in TRANSPARENT or (tag not in _BOXES and "-" in tag):
            self.flow(node)
        else:
            self.end_paragraph()
            _BOXES.get(tag, Walk.plain)(self, node, tag)
            self.end_paragraph()

    def close(self) -> list[Block | Figure]:
        """End the last paragraph and give the blocks."""
        self.end_paragraph()
        self.flush_caption()
        return self.blocks

    def add(self, block: Block) -> None:
        self.flush_caption()
        self.blocks.append(block)

    def plain(self, node: etree._Element, tag: str) -> None:
        """A paragraph, a heading, or a container that is only its content."""
        outer, self._tag = self._tag, tag if tag == "p" or tag in HEADINGS else self._tag
        self.flow(node)
        self.end_paragraph()
        self._tag = outer

    def end_paragraph(self) -> None:
        """End the paragraph in hand; what is open inside it is opened again in the next."""
        if len(self._run) == len(self._open):
            return
        run, self._run = self._run, []
        if self._open:
            run += [f"</{tag}>" for tag, _ in reversed(self._open)]
            self._run = [opening for _, opening in self._open]
        html = trimmed("".join(run))
        if not html:
            return
        words = plain_text(html)
        last = self.blocks[-1] if self.blocks else None
        if isinstance(last, Figure) and last.caption == words:
            last.printed = True
            return  # the page prints the caption once more below the picture
        tag = self._tag or "p"
        self.add(Block(f"<{tag}>{html}</{tag}>", words, implied=self._tag is None))

    def flush_caption(self) -> None:
        """A caption whose picture did not come is a paragraph."""
        if self.waiting:
            words, self.waiting = self.waiting, None
            self.blocks.append(Block(f"<p>{escape(words, quote=False)}</p>", words))

    def _text(self, piece: str) -> None:
        if self._run or not piece.isspace():
            self._run.append(escape(text.body(piece), quote=False))

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

    def _line(self, node: etree._Element, _tag: str) -> None:
        self.add(Block("<hr>", ""))
        self.plain(node, "div")


_BOXES: dict[str, Callable[[Walk, etree._Element, str], None]] = {
    "hr": Walk._line,
    "blockquote": nested.take_quote,
    "ul": nested.take_list,
    "ol": nested.take_list,
    "table": nested.take_table,
    "figure": media.take_figure,
    "img": media.take_picture,
    "picture": media.take_picture,
}
