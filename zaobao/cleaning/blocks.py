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
from zaobao.cleaning import embeds, formulas, links, media
from zaobao.cleaning.elements import BLOCKS, HEADINGS, INLINE, INSTEAD, SKIPPED
from zaobao.cleaning.lines import SENTENCE, follows_on_line, words_after
from zaobao.cleaning.media import Figure
from zaobao.cleaning.plaintext import counted, numbered, plain_text

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
_INTEGER = re.compile(r"[ \t\n\f\r]*([+-]?[0-9]{1,9})(?![0-9])", re.A)
"""How the standard reads an integer: what stands behind it does not count (HTML, 2.3.4.1)."""
_BREAKS = re.compile(
    r"(?i)(?:^|;)\s*white-space(?:-collapse)?\s*:\s*(?:(pre|break-spaces)|(?:normal|nowrap|collapse))"
)
"""Whether line feeds are line breaks, as a style says it."""
_BLOCK_DISPLAYS = frozenset({"block", "list-item", "flow-root", "table", "grid"})
_INLINE_DISPLAYS = frozenset({"inline", "contents"})
_MEANT = re.compile(
    r"(?i)\b(?:text-decoration(?:-line)?\s*:[^;]*(line-through)|vertical-align\s*:\s*(super|sub)\b)"
)
_MEANING = {"line-through": "s", "super": "sup", "sub": "sub"}
"""A style that says what an element of its own says otherwise: word processors write it so."""
_CASE = re.compile(r"(?i)\btext-transform\s*:\s*(uppercase|lowercase|none)\b")
_CASES: dict[str, Callable[[str], str]] = {"uppercase": str.upper, "lowercase": str.lower}
_UNDOING = re.compile(
    r"(?i)\b(font-weight|font-style|text-decoration)(?:-line)?\s*:\s*(?:normal|none|[1-4]00)\b"
)
_TAKING_BACK = ("font-weight", "font-style", "text-decoration")
_UNDONE = {
    **dict.fromkeys(("b", "strong"), "font-weight"),
    **dict.fromkeys(("i", "em", "cite"), "font-style"),
    **dict.fromkeys(("s", "del", "u", "ins"), "text-decoration"),
}
"""Elements that mean nothing where such a style says that they look plain: Google Docs puts a `b`
of normal weight around all that is copied."""
_NEVER_RAISED = BLOCKS | media.PICTURES
"""Elements whose `vertical-align` says where they stand in their row or line."""
_LIST_STYLE = re.compile(r"(?i)\blist-style(?:-type)?\s*:([^;]*)")
_COUNTED = re.compile(r"\b(lower|upper)-(alpha|latin|roman)\b")
_UNNUMBERED = re.compile(r"\b(?:none|disc|circle|square)\b")
_LISTS = frozenset({"ul", "ol", "menu", "dir"})
_OF_PICTURE = frozenset({"img", "source"})
_FIXED = "br wbr img picture hr figcaption basefont bgsound li dd dt tr td th caption option"
_UNSTYLED = frozenset(_FIXED.split())
"""Elements that are what they are whatever their `display`."""
_NESTED = frozenset({"q", "sup", "sub"})
"""Inline elements that mean something more in another of their kind: 2 to the power of 2³."""
_HOLLOW = re.compile(r"<([a-z]+)(?: [^>]*)?></\1>")
_BLANKS = re.compile(r"[ \t\n\r\f\v]+")
_BLANK_AGAIN = re.compile(r" (?:<(?!br>)[^>]*>)+ (?:(?:<(?!br>)[^>]*>)+ )*")
"""Blanks with nothing but tags between them, of which a browser shows the first."""
_LINES = re.compile(r"[\n\t]+")
_REPEATED, _LINES_REPEATED = 30, 3
"""Characters and unlike lines of a body whose second copy is no refrain."""
_CONTAINERS = frozenset({"div", "section", "article", "main", "center"})
_COPIES = 20
"""Places at which a second copy may begin that are looked at."""
_MOST_COLUMNS = 1000
"""The highest `colspan` (HTML, 4.9.11)."""


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
    if _is_in_pairs([words for _, words in lines]):
        return _without(blocks, lines[1::2])
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


def _is_in_pairs(lines: list[str]) -> bool:
    """Whether each line of a text is there twice, one after the other."""
    return (
        len(lines) >= 2 * _LINES_REPEATED
        and lines[::2] == lines[1::2]
        and sum(map(len, lines[::2])) >= _REPEATED
        and len({*lines}) >= _LINES_REPEATED
    )


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
    """Whether the style of some element may strike its words out, raise or lower them, or change
    their letters."""
    has_undone: bool = False
    """Whether the style of some element may take back what the element means."""
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
    _case: Callable[[str], str] | None = None
    """What a style makes of the letters."""

    def blocks_of(self, box: Node) -> list[Block | Figure]:
        """The blocks of what stands in a box. TooDeep."""
        html = box.html or ""
        self.has_captions = any(mark in html for mark in media.CAPTION_MARKS)
        if "style=" in html:
            said = html.lower()
            self.has_poems = "white-space" in html
            self.has_styles = "display" in said
            may_mean = "line-through" in said or "vertical-align" in said
            self.has_meant = "text-transform" in said or (
                may_mean and _MEANT.search(html) is not None
            )
            self.has_undone = any(name in said for name in _TAKING_BACK)
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
            if embeds.holds_quote(node):
                self._shown(node, tag)
        elif tag in SKIPPED:
            return
        elif self.has_poems or self.has_meant:
            outer = self._keeps_breaks, self._case
            opened = self._dress(node)
            self._shown(node, tag)
            self._keeps_breaks, self._case = outer
            self._undress(opened)
        else:
            self._shown(node, tag)

    def _shown(self, node: Node, tag: str) -> None:
        if self.has_styles and (kind := self._styled(node, tag)):
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
            _HANDLERS.get(tag, Walk._plain)(self, node, tag)
            self._end_paragraph()
        elif tag == "rtc" and self._is_open("ruby") and node.css_first("rt") is None:
            self._inline(node, "rt")
        else:
            self._children(node)

    def _dress(self, node: Node) -> int:
        """Take on what an element's style says of the words in it; how many elements it opened.

        Whether line feeds are breaks, and the case of letters, is inherited; words that a style
        strikes out, raises or lowers are in the element that says so.
        """
        style = node.attributes.get("style")
        if not style:
            return 0
        if said := _BREAKS.search(style):
            self._keeps_breaks = said[1] is not None
        if said := _CASE.search(style):
            self._case = _CASES.get(said[1].lower())
        opened = 0
        for struck, moved in _MEANT.findall(style):
            meaning = _MEANING[(struck or moved).lower()]
            is_said = node.tag in ("s", "strike", "del", "sup", "sub") or self._is_open(meaning)
            if is_said or (moved and node.tag in _NEVER_RAISED):
                continue
            self._open.append((meaning, f"<{meaning}>"))
            self._run.append(f"<{meaning}>")
            opened += 1
        return opened

    def _undress(self, opened: int) -> None:
        for _ in range(opened):
            self._run.append(f"</{self._open.pop()[0]}>")

    def _is_open(self, tag: str) -> bool:
        return any(one == tag for one, _ in self._open)

    def _styled(self, node: Node, tag: str) -> str:
        """`block` or `inline` where a style makes that of an element which by itself is the
        other; what stands in a ruby stands in its line."""
        if tag in _UNSTYLED or tag in _HANDLERS or self._is_open("ruby"):
            return ""
        display = dom.declarations(node.attributes.get("style") or "").get("display", "")
        outer = display.partition(" ")[0]
        if outer in _BLOCK_DISPLAYS:
            return "" if tag in BLOCKS else "block"
        return "inline" if outer in _INLINE_DISPLAYS and tag in BLOCKS else ""

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
        if (
            self._run
            and tag in _ENDING_A_LINE
            and (parent is None or parent.tag in _HOLDING_LINES)
            and SENTENCE.search(plain_text("".join(self._run)).rstrip())
            and not dom.is_hidden(node)
        ):
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
        if self._case:
            piece = self._case(piece)
        if self._keeps_breaks and "\n" in piece:
            lines = piece.replace("\r\n", "\n").split("\n")
            lines = [lines[0].rstrip(), *map(str.strip, lines[1:-1]), lines[-1].lstrip()]
            self._run.append("<br>".join(escape(text.body(line), quote=False) for line in lines))
        elif self._run or not piece.isspace():
            self._run.append(escape(text.body(piece), quote=False))

    def _preformatted(self, node: Node, tag: str) -> None:
        """A paragraph whose line feeds are line breaks: a poem, a table of figures."""
        outer = self._keeps_breaks
        if _BREAKS.search(node.attributes.get("style") or "") is None:
            self._keeps_breaks = True
        self._plain(node, tag if tag in HEADINGS else "p")
        self._keeps_breaks = outer

    def _inline(self, node: Node, tag: str) -> None:
        if tag == "rp" and next(node.iter(), None) is not None:
            return  # a bracket for browsers without ruby; this one is none
        opening: str | None = f"<{tag}>"
        if tag == "a":
            address = links.link(node.attributes.get("href") or "")
            opening = f'<a href="{escape(address)}">' if address else None
        elif self.has_undone and _is_undone(node, tag):
            opening = None
        inside = [other for other, _ in self._open].count(tag)
        if opening is None or inside > (tag in _NESTED):
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
            if not self._is_said_beside(node, character):
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

    def _is_said_beside(self, node: Node, words: str) -> bool:
        """Whether the word that a small picture stands for is beside it: a flag and its country."""
        if len(words) == 1:
            return False
        before = text.squeeze(plain_text("".join(self._run)))
        return before.endswith(words) or words_after(node).startswith(words)

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
        inner._open, inner._run = [], []  # a caption is plain text
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
        html, words = self._inside(node)
        if html:
            self._add(Block(f"<{tag}>{html}</{tag}>", words))

    def _list(self, node: Node, tag: str) -> None:
        parts = [*self._items_of(node)]
        is_numbered = _is_numbered(node, tag)
        if not is_numbered and _are_pictures(parts):  # a gallery: each has its words behind it
            self._children(node)
            return
        groups: list[list[list[Node]]] = []
        for part in parts:
            is_item = part[0].tag == "li" or _holds_item(part[0])
            if groups and not is_item and (is_numbered or part[0].tag in _LISTS):
                groups[-1].append(part)  # it has no number or mark of its own
            elif is_numbered and not is_item:
                self._between(part)
            else:
                groups.append([part])
        items = [(group[0][0], *self._item(*group)) for group in groups]
        if not any(html for _, html, _ in items):
            return
        if is_numbered:
            self._add(_numbered_list(node, items))
            return
        html = "".join(f"<li>{html}</li>" for _, html, _ in items if html)
        self._add(Block(f"<ul>{html}</ul>", "\n".join(words for _, _, words in items if words)))

    def _items_of(self, node: Node) -> Iterator[list[Node]]:
        """The parts of a list, those in a `div` too where it holds items."""
        for part in self._parts(node):
            if part[0].tag == "div" and any(child.tag == "li" for child in part[0].iter()):
                yield from self._parts(part[0])
            else:
                yield part

    def _item(self, part: list[Node], *behind: list[Node]) -> tuple[str, str]:
        """A list's item, with what stands behind it in no item of its own."""
        first = part[0]
        if word := self.players.get(first):
            return self._link(word), word
        if first.tag in ("li", "div", "p"):
            return self._content([*first.iter(include_text=True)], *behind, around=first)
        return self._content(part, *behind)

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
                yield (str(part[0].tag), *self._inside(part[0]))
            else:
                yield ("dd", *self._item(part))

    def _table(self, node: Node, _tag: str) -> None:
        """A table by its grid (HTML, 4.9.12): a row that became empty stays under a `rowspan`."""
        rows, lines = list[str](), list[str]()
        captions = list[tuple[str, str]]()
        is_empty = True
        spans = dict[int, int]()  # column → the rows below that a cell above takes there
        for row, left in self._rows(node):
            cells = []
            for part in row:
                if part[0].tag in ("td", "th"):
                    cells.append((part[0], *self._inside(part[0])))
                elif part[0].tag == "caption":
                    captions.append(self._inside(part[0]))
                else:  # words that stand between rows or cells
                    self._between(part)
            has_content = any(html for _, html, _ in cells)
            is_empty = is_empty and not has_content
            if spans or has_content:
                rows.append("".join(_cell(cell, html, left) for cell, html, _ in cells))
                line = _columns([(cell, words) for cell, _, words in cells], spans, left)
                lines += [line] if line.strip() else []
        captions = [caption for caption in captions if caption[0]]
        if not is_empty or captions:
            lines[:0] = [words for _, words in captions]
            caption = "<br>".join(html for html, _ in captions)
            html = f"<caption>{caption}</caption>" if caption else ""
            html += "<tbody>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</tbody>"
            self._add(Block(f"<table>{html}</table>", "\n".join(lines)))

    def _rows(self, table: Node) -> Iterator[tuple[list[list[Node]], int]]:
        """The rows of a table, not those of a table inside it; anything else counts as a row.

        Each with the number of rows from it to the end of its group, where a `rowspan` ends.
        Wherever the page has them, the first head is shown in front of all rows and the first
        foot behind them (CSS 2, 17.2).
        """
        parts = [*self._parts(table)]
        for group, place in (("thead", 0), ("tfoot", len(parts))):
            tags = [part[0].tag for part in parts]
            if group in tags:
                parts.insert(place, parts.pop(tags.index(group)))
        left = sum(part[0].tag == "tr" for part in parts)
        for part in parts:
            tag = part[0].tag
            if tag in ("thead", "tbody", "tfoot"):
                yield from self._rows(part[0])
            elif tag == "tr":
                yield [*self._parts(part[0])], left
                left -= 1
            else:
                yield [part], 1

    def _between(self, part: list[Node]) -> None:
        """A paragraph of its own."""
        is_block = part[0].tag in BLOCKS and part[0] not in self.players
        outer, self._tag = self._tag, "p"
        self._flow(part[0].iter(include_text=True) if is_block else part)
        self._end_paragraph()
        self._tag = outer

    def _inside(self, node: Node) -> tuple[str, str]:
        """The HTML and text of what stands in an element."""
        return self._content(node.iter(include_text=True), around=node)

    def _content(self, *parts: Iterable[Node], around: Node | None = None) -> tuple[str, str]:
        """The HTML and text of a container's content; pictures come out in front of it.

        parts: its nodes, those of different lines apart. around: the container, for its style.
        """
        inner = self._inner()
        if around is not None and (self.has_poems or self.has_meant):
            inner._dress(around)
        for nodes in parts:
            inner._flow(nodes)
            inner._end_paragraph()
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
        inner.has_undone = self.has_undone
        inner._keeps_breaks, inner._case = self._keeps_breaks, self._case
        inner._open = [*self._open]  # a link or a mark around a list is one in its items
        inner._run = [opening for _, opening in self._open]
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


def _holds_item(node: Node) -> bool:
    """Whether an inline element, such as a link, stands around an item."""
    return node.is_element_node and node.tag not in BLOCKS and node.css_first("li") is not None


def _are_pictures(parts: list[list[Node]]) -> bool:
    """Whether each of several items of a list begins with a picture of the story."""
    return len(parts) > 1 and all(part[0].tag == "li" and _is_picture(part[0]) for part in parts)


def _is_picture(item: Node) -> bool:
    for node in item.traverse(include_text=True, skip_empty=True):
        if node.tag == dom.TEXT and node.text().strip():
            return False
        if node.tag in media.PICTURES and node.tag != "picture":
            return media.is_of_story(node)
    return False


def _is_numbered(node: Node, tag: str) -> bool:
    """Whether a list shows numbers, by its style or its first item's, else by its tag."""
    said = _list_style(node)
    if not said or said in ("inherit", "initial", "unset", "revert"):
        return tag == "ol"
    return _UNNUMBERED.search(said) is None


def _list_style(node: Node) -> str:
    """What the style of a list, or of its first item, says about the marks of its items."""
    first = next((child for child in node.iter() if child.tag == "li"), None)
    for one in (first, node):
        if one is not None and (said := _LIST_STYLE.search(one.attributes.get("style") or "")):
            words = re.sub(r"\b(?:inside|outside)\b|!\s*important", "", said[1].lower()).strip()
            if words and not words.startswith("url("):
                return words
    return ""


def _numbered_list(node: Node, items: list[tuple[Node, str, str]]) -> Block:
    """A list with its numbers. Those of empty items are not given to others."""
    start, kind, falls = _integer(node, "start"), _kind(node), "reversed" in node.attributes
    values = [_integer(item, "value") for item, _, _ in items]
    shown = [
        (value, number, html, words)
        for value, number, (_, html, words) in zip(
            values, counted(start, values, falls=falls), items, strict=True
        )
        if html
    ]
    html, lines = "", list[str]()
    step = -1 if falls else 1
    following = start if start is not None else (len(shown) if falls else 1)
    for value, number, item, words in shown:
        is_said = value is not None or number != following
        html += f'<li value="{number}">{item}</li>' if is_said else f"<li>{item}</li>"
        lines.append(f"{numbered(number, kind)} {words}".rstrip())
        following = number + step
    said = f' start="{start}"' if start is not None else ""
    said += ' reversed=""' if falls else ""
    said += f' type="{kind}"' if kind in _KINDS else ""
    return Block(f"<ol{said}>{html}</ol>", "\n".join(lines))


def _is_undone(node: Node, tag: str) -> bool:
    """Whether an element's own style takes back what the element means."""
    style = node.attributes.get("style") or ""
    return tag in _UNDONE and _UNDONE[tag] in map(str.lower, _UNDOING.findall(style))


def _kind(node: Node) -> str:
    """How a list numbers its items, by its style or its attribute."""
    if said := _COUNTED.search(_list_style(node)):
        letter = "i" if said[2] == "roman" else "a"
        return letter.upper() if said[1] == "upper" else letter
    return node.attributes.get("type") or ""


def _integer(node: Node, name: str) -> int | None:
    value = node.attributes.get(name) or "" if node.is_element_node else ""
    return int(found[1]) if (found := _INTEGER.match(value)) else None


def _cell(cell: Node, html: str, left: int) -> str:
    said = cell.attributes
    wide, high = _span(cell, left)
    spans = "".join(
        f' {name}="{value}"'
        for name, value in (("colspan", wide), ("rowspan", high))
        if value > 1 or said.get(name) == "1"
    )
    scope = (said.get("scope") or "").lower()
    if cell.tag == "th" and scope in ("row", "col", "rowgroup", "colgroup"):
        spans += f' scope="{scope}"'
    return f"<{cell.tag}{spans}>{html}</{cell.tag}>"


def _columns(cells: list[tuple[Node, str]], spans: dict[int, int], left: int) -> str:
    """The words of a row's cells, each in its column; `spans` goes on to the next row.

    left: the rows from this one to the end of its group. One cell alone keeps its lines.
    """
    line, column, taken = list[str](), 0, dict(spans)
    for cell, words in cells:
        while column in taken:
            line.append("")
            column += 1
        line.append(words if len(cells) == 1 and not column else _LINES.sub(" ", words))
        wide, high = _span(cell, left)
        line += [""] * (wide - 1)
        for place in range(column, column + wide):
            if high > 1:
                spans[place] = high
        column += wide
    if cells and (wide := _span(cells[-1][0], left)[0]) > 1:
        del line[-(wide - 1) :]
    for place in list(spans):
        spans[place] -= 1
        if not spans[place]:
            del spans[place]
    return "\t".join(line)


def _span(cell: Node, left: int) -> tuple[int, int]:
    """How many columns and rows a cell takes (HTML, 4.9.11): of rows no more than its group has."""
    wide, high = _integer(cell, "colspan"), _integer(cell, "rowspan")
    if high == 0:  # to the end of its group
        high = left
    columns = min(wide, _MOST_COLUMNS) if wide is not None and wide > 0 else 1
    return columns, min(high, left) if high is not None and high > 0 else 1


def trimmed(html: str) -> str:
    """Inline HTML, blanks collapsed, no hollow elements, no blanks or `<br>` at its ends."""
    if "  " in html or not html.isprintable():
        html = _BLANKS.sub(" ", html)
    if " <" in html and "> " in html:
        html = _BLANK_AGAIN.sub(lambda gap: gap[0].replace("> ", ">"), html)
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
