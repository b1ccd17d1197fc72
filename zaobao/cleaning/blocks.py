"""A story's box → the blocks of a post: paragraphs, headings, quotes, lists, tables, figures.

The walk emits only the elements named here, each block on its own level, so
that an HTML parser reads the result back as it stands. Words are never lost:
what is no known element gives its text to the block around it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape
from itertools import islice
from typing import TYPE_CHECKING

from zaobao import dom, text
from zaobao.cleaning import formulas, links, media
from zaobao.cleaning.elements import BLOCKS, HEADINGS, INLINE, INSTEAD, SKIPPED
from zaobao.cleaning.lines import SENTENCE, follows_on_line
from zaobao.cleaning.media import Figure
from zaobao.cleaning.plaintext import numbers, plain_text

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping

    from zaobao.dom import Node

DEEPEST = 20
"""Lists, quotes and tables inside each other; kramdown's build fails at about 2,000 levels."""

_LONGEST_CAPTION = 300
"""The longest of 566 real ones has 115 characters."""
_ENDING_A_LINE = frozenset({"div", "section", "aside", "nav", "form", "p", "ul"})
"""Elements that end a line where they are taken out: what stands before and after is not one."""
_HOLDING_LINES = BLOCKS - HEADINGS - {"p"}
_KINDS = ("1", "a", "A", "i", "I")
"""How a list may number its items (HTML, 4.4.5)."""
_INTEGER = re.compile(r"[+-]?[0-9]{1,9}", re.A)
_KEPT_BREAKS = re.compile(r"(?i)(?:^|;)\s*white-space\s*:\s*(?:pre|break-spaces)")
_DISPLAY = re.compile(r"(?i)\bdisplay\s*:\s*(block|list-item|inline(?![\w-])|contents)")
_MEANT = re.compile(
    r"(?i)\b(?:text-decoration(?:-line)?\s*:[^;]*(line-through)|vertical-align\s*:\s*(super|sub)\b)"
)
_MEANING = {"line-through": "s", "super": "sup", "sub": "sub"}
"""A style that says what an element of its own says otherwise: word processors write it so."""
_COUNTED = re.compile(r"(?i)\blist-style(?:-type)?\s*:[^;]*\b(lower|upper)-(alpha|latin|roman)")
_OF_PICTURE = frozenset({"img", "source"})
_FIXED = "br wbr img picture hr figcaption basefont bgsound li dd dt tr td th caption option"
_UNSTYLED = frozenset(_FIXED.split())
"""Elements that are what they are whatever their `display`."""
_HOLLOW = re.compile(r"<([a-z]+)(?: [^>]*)?></\1>")
_BLANKS = re.compile(r"[ \t\n\r\f\v]+")
_LINES = re.compile(r"[\n\t]+")
_REPEATED, _LINES_REPEATED = 30, 3
"""Characters and unlike lines of a body whose second copy is no refrain."""
_CONTAINERS = frozenset({"div", "section", "article", "main", "center"})
_COPIES = 20
"""Places at which a second copy may begin that are looked at."""
_MOST_ROWS = 65534
"""The highest `rowspan` (HTML, 4.9.11)."""


class TooDeep(ValueError):
    """The box is nested deeper than a post may be."""


@dataclass(slots=True)
class Block:
    """One block of a post: its HTML and its plain text.

    implied: no element of the page asked for this paragraph.
    """

    html: str
    text: str
    implied: bool = False


def once(
    blocks: list[Block | Figure], box: Node, left_out: Container[Node] = ()
) -> tuple[list[Block | Figure], int]:
    """The blocks without a second copy of the body, and how many characters that had.

    A page may hold its body twice, for narrow and for wide screens, or a preview in
    front of the whole. What is left out is in the other copy; pictures stay. A
    few lines that come again may be a refrain: they are copies only where each
    stands in an element of its own in the box, and nothing else does.
    """
    lines = [
        (place, text.squeeze(block.text))
        for place, block in enumerate(blocks)
        if isinstance(block, Block) and block.text
    ]
    again = (cut for cut in range(1, len(lines)) if lines[cut][1] == lines[0][1])
    for cut in islice(again, _COPIES):
        one, other = ([words for _, words in part] for part in (lines[:cut], lines[cut:]))
        if _is_all(one, other) and _parts(box, left_out) == len(lines) // cut:
            return _without(blocks, lines[cut:])
        shorter, longer = sorted((one, other), key=lambda part: sum(map(len, part)))
        size = sum(map(len, shorter))
        if (
            size < _REPEATED
            or len({*shorter}) < _LINES_REPEATED
            or size * 2 < sum(map(len, longer))
        ):
            continue
        if longer[: len(shorter)] == shorter:
            left, gone = _without(blocks, lines[:cut] if shorter is one else lines[cut:])
            left, more = once(left, box, left_out)
            return left, gone + more
    return blocks, 0


def _without(
    blocks: list[Block | Figure], lines: list[tuple[int, str]]
) -> tuple[list[Block | Figure], int]:
    """The blocks without those at some places, and how many characters these had."""
    gone = {place for place, _ in lines}
    left = [block for place, block in enumerate(blocks) if place not in gone]
    return left, sum(len(words) for _, words in lines)


def _is_all(one: list[str], other: list[str]) -> bool:
    """Whether a text is nothing but copies of its first lines, of which one is a long sentence."""
    copies, rest = divmod(len(other), len(one))
    is_long = any(len(line) >= _REPEATED and SENTENCE.search(line) for line in one)
    return is_long and not rest and other == one * copies


def _parts(box: Node, left_out: Container[Node]) -> int:
    """How many containers beside each other hold all words of a box; 0 where others do, too."""
    while True:
        parts = [
            part
            for part in box.iter(include_text=True)
            if part not in left_out and dom.squeezed(part)
        ]
        if not all(part.tag in _CONTAINERS for part in parts):
            return 0
        if len(parts) != 1:
            return len(parts)
        box = parts[0]


@dataclass(slots=True)
class Walk:
    """One pass over a box. A quote, list item or cell is a box of its own, with a walk of its own.

    story_url: where a player's link leads. left_out: elements that a post does not have.
    players: element → the word of its link.
    """

    story_url: str = ""
    left_out: frozenset[Node] = frozenset()
    players: Mapping[Node, str] = field(default_factory=dict)
    depth: int = 0
    has_captions: bool = False
    has_poems: bool = False
    """Whether some element of the box may keep its line feeds by its style."""
    has_styles: bool = False
    """Whether the style of some element may make it a block or inline."""
    has_meant: bool = False
    """Whether the style of some element may strike its words out, raise or lower them."""
    _blocks: list[Block | Figure] = field(default_factory=list)
    _waiting: str | None = None
    """A printed caption whose picture has not come yet."""
    _since: int = 0
    """The place in `_blocks` before which no picture belongs to a caption that comes now."""
    _run: list[str] = field(default_factory=list)
    """The inline HTML of the paragraph in hand."""
    _open: list[tuple[str, str]] = field(default_factory=list)
    """The inline elements that are open in it: tag and start tag."""
    _tag: str | None = None
    """The element that paragraphs get: `p` or a heading. None: `p`, which no element asked for."""
    _keeps_breaks: bool = False
    """Whether line feeds in the text are line breaks, as in a poem."""

    def blocks_of(self, box: Node) -> list[Block | Figure]:
        """The blocks of what stands in a box. TooDeep."""
        html = box.html or ""
        self.has_captions = any(mark in html for mark in media.CAPTION_MARKS)
        if "style=" in html:
            self.has_poems = "white-space" in html
            self.has_styles = _DISPLAY.search(html) is not None
            self.has_meant = _MEANT.search(html) is not None
        try:
            self._flow(box.iter(include_text=True))
        except RecursionError as error:
            raise TooDeep("its elements are nested too deep") from error
        return self._close()

    # --- elements

    def _flow(self, nodes: Iterable[Node]) -> None:
        for node in nodes:
            tag = node.tag or ""
            if tag == dom.TEXT:
                self._text(node.text_content or "")
            elif tag[:1] != "-":
                self._element(node, tag)

    def _children(self, node: Node) -> None:
        self._flow(node.iter(include_text=True))

    def _element(self, node: Node, tag: str) -> None:
        if self.left_out and node in self.left_out:
            self._leave_out(node, tag)
        elif self.players and node in self.players:
            self._player(self.players[node])
        elif tag in SKIPPED:
            return
        elif self.has_styles and (kind := self._styled(node, tag)):
            self._as_styled(node, tag, kind)
        elif tag in INLINE or tag in INSTEAD:
            self._inline(node, INSTEAD.get(tag, tag))
        elif tag == "br":
            self._run.append("<br>")
        elif self.has_captions and media.is_caption(node):
            self._caption(node, tag)
        elif tag == "math":
            self._formula(node)
        elif tag in media.PICTURES:
            self._picture(node)
            if tag == "picture":  # words and elements that do not belong there
                self._flow(
                    part for part in node.iter(include_text=True) if part.tag not in _OF_PICTURE
                )
        elif tag in BLOCKS:
            self._end_paragraph()
            if self.has_poems and tag not in _HANDLERS and _asks_for_breaks(node):
                self._preformatted(node, tag)
            else:
                _HANDLERS.get(tag, Walk._plain)(self, node, tag)
            self._end_paragraph()
        elif self.has_meant and (said := _MEANT.search(node.attributes.get("style") or "")):
            self._inline(node, _MEANING[(said[1] or said[2]).lower()])
        else:
            self._children(node)

    def _styled(self, node: Node, tag: str) -> str:
        """`block` or `inline` where a style makes that of an element which by itself is the
        other; what stands in a ruby stands in its line."""
        if tag in _UNSTYLED or tag in _HANDLERS or any(one == "ruby" for one, _ in self._open):
            return ""
        found = _DISPLAY.search(node.attributes.get("style") or "")
        if found is None:
            return ""
        kind = "block" if found[1].lower() in ("block", "list-item") else "inline"
        return kind if (kind == "block") != (tag in BLOCKS) else ""

    def _as_styled(self, node: Node, tag: str, kind: str) -> None:
        """An element whose style makes a line of it, or puts it into the line around it."""
        if kind == "inline":
            self._children(node)
            return
        self._end_paragraph()
        if tag in INLINE or tag in INSTEAD:
            self._inline(node, INSTEAD.get(tag, tag))
        else:
            self._children(node)
        self._end_paragraph()

    def _leave_out(self, node: Node, tag: str) -> None:
        """Leave an element out. After a whole sentence what follows one that is shown is a line
        of its own."""
        parent = node.parent
        is_end = tag in _ENDING_A_LINE and not dom.is_hidden(node)
        if is_end and (parent is None or parent.tag in _HOLDING_LINES):
            before = plain_text("".join(self._run))
            if SENTENCE.search(before.rstrip()):
                self._end_paragraph()

    def _player(self, word: str) -> None:
        self._end_paragraph()
        is_linked = any(tag == "a" for tag, _ in self._open)
        outer, self._tag = self._tag, "p"
        self._run.append(escape(word, quote=False) if is_linked else self._link(word))
        self._end_paragraph()
        self._tag = outer

    def _link(self, word: str) -> str:
        return f'<a href="{escape(self.story_url)}">{escape(word, quote=False)}</a>'

    def _plain(self, node: Node, tag: str) -> None:
        """A paragraph, a heading, or a container that is only its content."""
        outer = self._tag
        if tag == "p" or tag in HEADINGS:
            self._tag = tag
        self._children(node)
        self._end_paragraph()
        self._tag = outer

    def _text(self, piece: str) -> None:
        if self._keeps_breaks and "\n" in piece:
            lines = piece.replace("\r\n", "\n").split("\n")
            lines = [lines[0].rstrip(), *map(str.strip, lines[1:-1]), lines[-1].lstrip()]
            self._run.append("<br>".join(escape(text.body(line), quote=False) for line in lines))
        elif self._run or not piece.isspace():
            self._run.append(escape(text.body(piece), quote=False))

    def _preformatted(self, node: Node, tag: str) -> None:
        """A paragraph whose line feeds are line breaks: a poem, a table of figures."""
        outer, self._keeps_breaks = self._keeps_breaks, True
        self._plain(node, tag if tag in HEADINGS else "p")
        self._keeps_breaks = outer

    def _inline(self, node: Node, tag: str) -> None:
        if tag == "rp" and next(node.iter(), None) is not None:
            return  # a bracket for browsers without ruby; this one is none
        opening: str | None = f"<{tag}>"
        if tag == "a":
            address = links.link(node.attributes.get("href") or "")
            opening = f'<a href="{escape(address)}">' if address else None
        inside = [other for other, _ in self._open].count(tag)
        if opening is None or inside > (tag == "q"):  # a quotation may stand in another
            self._children(node)
            return
        self._open.append((tag, opening))
        self._run.append(opening)
        self._children(node)
        self._open.pop()
        self._run.append(f"</{tag}>")

    def _formula(self, node: Node) -> None:
        is_block = (node.attributes.get("display") or "").strip().lower() == "block"
        if is_block:
            self._end_paragraph()
        self._run.append(formulas.line(node, self.left_out))
        if is_block:
            self._end_paragraph()

    def _rule(self, _node: Node, _tag: str) -> None:
        self._add(Block("<hr>", ""))

    # --- paragraphs

    def _close(self) -> list[Block | Figure]:
        self._end_paragraph()
        self._flush_caption()
        return self._blocks

    def _add(self, block: Block) -> None:
        self._flush_caption()
        self._blocks.append(block)

    def _end_paragraph(self) -> None:
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
        for last in reversed(self._blocks):
            if not isinstance(last, Figure):
                break
            if last.caption == words:
                last.printed = True
                return  # the page prints the caption once more below the picture
        tag = self._tag or "p"
        self._add(Block(f"<{tag}>{html}</{tag}>", words, implied=self._tag is None))

    # --- pictures

    def _picture(self, node: Node) -> None:
        """A caption that waits for a picture is its own.

        One that is a character of its line is that character. One inside a line of
        words comes in front of it; one that is not kept ends no line at all.
        """
        before, after = self._has_words_in_line(), follows_on_line(node)
        in_line = before or after == "words"
        if (character := media.character(node, in_line=in_line)) is not None:
            self._text(character)
            return
        figure = media.figure(node)
        if figure is None:
            return
        if before:  # words stand between a caption and this picture
            self._flush_caption()
        is_inside = before and after == "words"
        is_kept = media.editorial(figure.address) is not None
        if not is_inside and (is_kept or not after):
            self._end_paragraph()
        if is_kept and self._waiting:
            figure.caption, figure.printed, self._waiting = self._waiting, True, None
        self._blocks.append(figure)

    def _has_words_in_line(self) -> bool:
        return bool(plain_text("".join(self._run).rpartition("<br>")[2]))

    def _figure(self, node: Node, _tag: str) -> None:
        """A caption inside a figure belongs to a picture of that figure."""
        outer, self._since = self._since, len(self._blocks)
        self._plain(node, "div")
        self._flush_caption()
        self._since = outer

    def _caption(self, node: Node, tag: str) -> None:
        """A printed caption belongs to the picture in it or before it, else to the one after it.

        A player in it is a line of its own, and so are the words then. What holds the
        story's text behind a caption that is never closed is no caption.
        """
        self._end_paragraph()
        if self.players and any(part in self.players for part in node.traverse()):
            self._plain(node, tag)
            return
        inner = self._inner()
        inner._flow(node.iter(include_text=True))
        blocks = inner._close()
        lines = [block for block in blocks if isinstance(block, Block)]
        caption = text.plain("\n".join(line.text for line in lines))
        shows = any(isinstance(part, Figure) and media.editorial(part.address) for part in blocks)
        if len(caption) > _LONGEST_CAPTION or (shows and len(lines) > 1):
            self._flush_caption()
            self._blocks += blocks
            return
        self._blocks += [block for block in blocks if isinstance(block, Figure)]
        if not caption:
            return
        if (shown := self._captioned()) is None:
            self._flush_caption()
            self._waiting = caption
        elif shown.printed and shown.caption:
            if caption not in shown.caption:
                shown.caption = f"{shown.caption} {caption}"
        else:
            shown.caption, shown.printed = caption, True

    def _captioned(self) -> Figure | None:
        """The picture that a caption here belongs to: the last that is shown, else the last."""
        last = None
        for place in range(len(self._blocks) - 1, self._since - 1, -1):
            block = self._blocks[place]
            if not isinstance(block, Figure):
                break
            if media.editorial(block.address):
                return block
            last = last or block
            if block.printed:
                break
        return last

    def _flush_caption(self) -> None:
        """A caption whose picture did not come is a paragraph; one not kept takes it along."""
        if self._waiting:
            words, self._waiting = self._waiting, None
            if (shown := self._captioned()) is not None and not shown.printed:
                shown.caption, shown.printed = words, True
            else:
                self._blocks.append(Block(f"<p>{escape(words, quote=False)}</p>", words))

    # --- blocks that hold blocks

    def _quote(self, node: Node, tag: str) -> None:
        html, words = self._content(node.iter(include_text=True))
        if html:
            self._add(Block(f"<{tag}>{html}</{tag}>", words))

    def _list(self, node: Node, tag: str) -> None:
        items = [(part[0], *item) for part in self._parts(node) if (item := self._item(part))[0]]
        if items:
            tag, said = ("ol", _numbered(node)) if tag == "ol" else ("ul", "")
            html = "".join(f"<li{_value(part, tag)}>{item}</li>" for part, item, _ in items)
            lines = [words for _, _, words in items]
            if tag == "ol":
                places = _places(node, [part for part, *_ in items])
                lines = [" ".join(pair).rstrip() for pair in zip(places, lines, strict=True)]
            self._add(Block(f"<{tag}{said}>{html}</{tag}>", "\n".join(lines)))

    def _item(self, part: list[Node]) -> tuple[str, str]:
        """A list's item; a list that stands in it without one keeps its own items."""
        if word := self.players.get(part[0]):
            return self._link(word), word
        if part[0].tag in ("li", "div", "p"):
            return self._content(part[0].iter(include_text=True))
        return self._content(part)

    def _definitions(self, node: Node, _tag: str) -> None:
        terms = [item for item in self._terms(node) if item[1]]
        if terms:
            html = "".join(f"<{tag}>{html}</{tag}>" for tag, html, _ in terms)
            self._add(Block(f"<dl>{html}</dl>", "\n".join(words for *_, words in terms)))

    def _terms(self, node: Node) -> Iterator[tuple[str, str, str]]:
        """The terms and what they mean, those in a `div` too; anything else is such a meaning."""
        for part in self._parts(node):
            if part[0].tag == "div" and part[0] not in self.players:
                yield from self._terms(part[0])
            elif part[0].tag in ("dt", "dd"):
                yield (str(part[0].tag), *self._content(part[0].iter(include_text=True)))
            else:
                yield ("dd", *self._item(part))

    def _table(self, node: Node, _tag: str) -> None:
        """A table by its grid (HTML, 4.9.12): a row that became empty stays under a `rowspan`."""
        rows, lines = list[str](), list[str]()
        captions = list[tuple[str, str]]()
        is_empty = True
        spans = dict[int, int]()  # column → the rows below that a cell above takes there
        for row in self._rows(node):
            cells = []
            for part in row:
                if part[0].tag in ("td", "th"):
                    content = self._content(part[0].iter(include_text=True))
                    cells.append((part[0], *content))
                elif part[0].tag == "caption":
                    captions.append(self._content(part[0].iter(include_text=True)))
                else:  # words that stand between rows or cells
                    self._between(part)
            has_content = any(html for _, html, _ in cells)
            is_empty = is_empty and not has_content
            if spans or has_content:
                rows.append("".join(_cell(cell, html) for cell, html, _ in cells))
                line = _columns([(cell, words) for cell, _, words in cells], spans)
                lines += [line] if line.strip() else []
        captions = [caption for caption in captions if caption[0]]
        if not is_empty or captions:
            lines[:0] = [words for _, words in captions]
            caption = "<br>".join(html for html, _ in captions)
            html = f"<caption>{caption}</caption>" if caption else ""
            html += "<tbody>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</tbody>"
            self._add(Block(f"<table>{html}</table>", "\n".join(lines)))

    def _rows(self, table: Node) -> Iterator[list[list[Node]]]:
        """The rows of a table, not those of a table inside it; anything else counts as a row.

        Wherever the page has them, the first head is shown in front of all rows and the first
        foot behind them (CSS 2, 17.2).
        """
        parts = [*self._parts(table)]
        for group, place in (("thead", 0), ("tfoot", len(parts))):
            tags = [part[0].tag for part in parts]
            if group in tags:
                parts.insert(place, parts.pop(tags.index(group)))
        for part in parts:
            tag = part[0].tag
            if tag in ("thead", "tbody", "tfoot"):
                yield from self._rows(part[0])
            elif tag == "tr":
                yield [*self._parts(part[0])]
            else:
                yield [part]

    def _between(self, part: list[Node]) -> None:
        """A paragraph of its own."""
        is_block = part[0].tag in BLOCKS and part[0] not in self.players
        outer, self._tag = self._tag, "p"
        self._flow(part[0].iter(include_text=True) if is_block else part)
        self._end_paragraph()
        self._tag = outer

    def _content(self, nodes: Iterable[Node]) -> tuple[str, str]:
        """The HTML and text of a container's content; pictures come out in front of it."""
        inner = self._inner()
        inner._flow(nodes)
        blocks = inner._close()
        self._blocks += [block for block in blocks if isinstance(block, Figure)]
        kept = [block for block in blocks if isinstance(block, Block)]
        if len(kept) == 1 and kept[0].implied:  # without its `<p>` and `</p>`
            return kept[0].html[3:-4], kept[0].text
        words = "\n".join(block.text for block in kept if block.text)
        return "".join(block.html for block in kept), words

    def _inner(self) -> Walk:
        if self.depth >= DEEPEST:
            raise TooDeep(f"more than {DEEPEST} lists, quotes or tables inside each other")
        inner = Walk(self.story_url, self.left_out, self.players, self.depth + 1)
        inner.has_captions, inner.has_meant = self.has_captions, self.has_meant
        inner.has_poems, inner.has_styles = self.has_poems, self.has_styles
        inner._keeps_breaks = self._keeps_breaks
        return inner

    def _parts(self, node: Node) -> Iterator[list[Node]]:
        """The children of a list or row: each block alone, words and inline elements in a line
        together."""
        line: list[Node] = []
        for child in node.iter(include_text=True):
            if child in self.left_out:
                continue
            if child.tag in BLOCKS or child in self.players:
                if _has_content(line):
                    yield line
                line = []
                yield [child]
            else:
                line.append(child)
        if _has_content(line):
            yield line


_HANDLERS: dict[str, Callable[[Walk, Node, str], None]] = {
    "hr": Walk._rule,
    "blockquote": Walk._quote,
    "ul": Walk._list,
    "menu": Walk._list,
    "dir": Walk._list,
    "ol": Walk._list,
    "dl": Walk._definitions,
    "pre": Walk._preformatted,
    "listing": Walk._preformatted,
    "xmp": Walk._preformatted,
    "table": Walk._table,
    "figure": Walk._figure,
}


def _has_content(line: list[Node]) -> bool:
    """Whether a line has more than blanks; its first node must be no blank."""
    while line and (line[0].tag == "-comment" or line[0].is_empty_text_node):
        del line[0]
    return bool(line)


def _asks_for_breaks(node: Node) -> bool:
    """Whether an element's style shows the line feeds of its text as line breaks."""
    return _KEPT_BREAKS.search(node.attributes.get("style") or "") is not None


def _numbered(node: Node) -> str:
    """The attributes of a numbered list that say how it counts."""
    start, kind = _integer(node, "start"), _kind(node)
    found = f' start="{start}"' if start is not None else ""
    found += ' reversed=""' if "reversed" in node.attributes else ""
    return found + (f' type="{kind}"' if kind in _KINDS else "")


def _kind(node: Node) -> str:
    """How a list numbers its items, by its style or its attribute."""
    if said := _COUNTED.search(node.attributes.get("style") or ""):
        letter = "i" if said[2].lower() == "roman" else "a"
        return letter.upper() if said[1].lower() == "upper" else letter
    return node.attributes.get("type") or ""


def _value(part: Node, tag: str) -> str:
    value = _integer(part, "value") if tag == "ol" else None
    return f' value="{value}"' if value is not None else ""


def _places(node: Node, parts: list[Node]) -> Iterator[str]:
    """The numbers of a list's items."""
    values = [_integer(part, "value") for part in parts]
    kind, falls = _kind(node), "reversed" in node.attributes
    return numbers(_integer(node, "start"), kind, values, falls=falls)


def _integer(node: Node, name: str) -> int | None:
    value = node.attributes.get(name) or "" if node.is_element_node else ""
    return int(value) if _INTEGER.fullmatch(value) else None


def _cell(cell: Node, html: str) -> str:
    said = cell.attributes
    spans = "".join(
        f' {name}="{value}"'
        for name in ("colspan", "rowspan")
        if (value := said.get(name) or "").isascii() and value.isdigit() and len(value) < 4
    )
    scope = (said.get("scope") or "").lower()
    if cell.tag == "th" and scope in ("row", "col", "rowgroup", "colgroup"):
        spans += f' scope="{scope}"'
    return f"<{cell.tag}{spans}>{html}</{cell.tag}>"


def _columns(cells: list[tuple[Node, str]], spans: dict[int, int]) -> str:
    """The words of a row's cells, each in its column; `spans` goes on to the next row."""
    line, column, left = list[str](), 0, dict(spans)
    for cell, words in cells:
        while column in left:
            line.append("")
            column += 1
        line.append(_LINES.sub(" ", words))
        wide, high = _span(cell, "colspan"), _span(cell, "rowspan")
        line += [""] * (wide - 1)
        for place in range(column, column + wide):
            if high > 1:
                spans[place] = high
        column += wide
    if cells and (wide := _span(cells[-1][0], "colspan")) > 1:
        del line[-(wide - 1) :]
    for place in list(spans):
        spans[place] -= 1
        if not spans[place]:
            del spans[place]
    return "\t".join(line)


def _span(cell: Node, name: str) -> int:
    """How many columns or rows a cell takes; one, where `_cell` writes no number."""
    value = (cell.attributes.get(name) or "").strip()
    if not (value.isascii() and value.isdigit()) or len(value) > 3:
        return 1
    if name == "rowspan" and int(value) == 0:
        return _MOST_ROWS  # to the end of its table
    return max(int(value), 1)


def trimmed(html: str) -> str:
    """Inline HTML, blanks collapsed, no hollow elements, no blanks or `<br>` at its ends."""
    if "  " in html or not html.isprintable():
        html = _BLANKS.sub(" ", html)
    html, before = html.strip(), ""
    while "<" in html and before != html:
        before = html
        html = _trimmed_end(_trimmed_start(_HOLLOW.sub("", html) if "></" in html else html))
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
