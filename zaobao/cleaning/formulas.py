"""A formula in MathML → the HTML of a line: `x<sup>2</sup>=1/2`.

Of MathML's elements those count that say where a part stands, and the words of those that have
some: a browser shows no others.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from zaobao import dom, text

if TYPE_CHECKING:
    from collections.abc import Container

    from zaobao.dom import Node

_SCRIPTS = {
    "msub": ("sub",),
    "msup": ("sup",),
    "msubsup": ("sub", "sup"),
    "munder": ("sub",),
    "mover": ("sup",),
    "munderover": ("sub", "sup"),
}
"""Elements whose first part has others below or above it."""
_WORDS = frozenset({"mi", "mn", "mo", "ms", "mtext"})
_FIRST_ONLY = frozenset({"semantics", "maction"})
"""Elements of which a browser shows the first part alone (MathML Core, appendix A)."""
_UNSEEN = frozenset({"annotation", "annotation-xml", "mphantom", "mprescripts", "none"})
_UNWRITTEN = re.compile("[\u2061-\u2064]")
"""Operators that say what no one writes: a function's bracket, a product, a comma, a sum."""
_ONE_TERM = re.compile(r"[\w.,%]+|√?\(.*\)", re.S)
_ACCENT = re.compile(r"[^\w\s]")


def line(node: Node, left_out: Container[Node] = ()) -> str:
    """The HTML of a formula. left_out: elements that a post does not have."""
    return _Formula(left_out).of(node)


class _Formula:
    def __init__(self, left_out: Container[Node]) -> None:
        self._left_out = left_out
        self._is_raised = False
        """Whether it is a part above or below another: a post has no such part in it."""

        self._has_words = False

    def of(self, node: Node) -> str:
        tag = node.tag or ""
        if tag == dom.TEXT:
            if not self._has_words:
                return ""
            words = _UNWRITTEN.sub("", text.body(node.text()))
            return escape(text.collapse(words), quote=False)
        if not node.is_element_node or tag in _UNSEEN or tag in dom.UNSEEN:
            return ""
        if node in self._left_out:
            return ""
        if tag in _WORDS and not self._has_words:
            self._has_words = True
            words = self._row(node)
            self._has_words = False
            return words
        parts = [part for part in node.iter() if part.tag not in _UNSEEN]
        if tag in _SCRIPTS and len(parts) > 1:
            return self.of(parts[0]) + "".join(map(self._script, _SCRIPTS[tag], parts[1:]))
        if tag == "mfrac" and len(parts) == 2:
            return "/".join(map(self._term, parts))
        if tag == "mroot" and len(parts) == 2:
            return self._script("sup", parts[1]) + "√" + self._term(parts[0])
        if tag == "msqrt":
            return "√" + _bracketed(self._row(node))
        if tag in ("mtr", "mlabeledtr"):
            return " ".join(map(self.of, parts))
        if tag == "mtable":
            return "<br>".join(map(self.of, parts))
        if tag == "mspace":
            return " "
        if tag in _FIRST_ONLY:
            return self.of(parts[0]) if parts else ""
        return self._row(node)

    def _row(self, node: Node) -> str:
        return "".join(map(self.of, node.iter(include_text=True)))

    def _term(self, node: Node) -> str:
        return _bracketed(self.of(node))

    def _script(self, tag: str, node: Node) -> str:
        if self._is_raised:
            return {"sub": "_", "sup": "^"}[tag] + self._term(node)
        self._is_raised = True
        words = self.of(node)
        self._is_raised = False
        return words if _ACCENT.fullmatch(words) else f"<{tag}>{words}</{tag}>"


def _bracketed(words: str) -> str:
    return words if _ONE_TERM.fullmatch(words) else f"({words})"
