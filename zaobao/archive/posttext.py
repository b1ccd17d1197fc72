"""The words of a finished post."""

from __future__ import annotations

from lxml import etree
from lxml import html as lxml_html

_INLINE = frozenset(
    [
        "a",
        "b",
        "strong",
        "i",
        "em",
        "u",
        "s",
        "del",
        "ins",
        "sub",
        "sup",
        "mark",
        "small",
        "code",
        "q",
        "cite",
        "span",
        "font",
        "ruby",
        "rt",
        "rp",
        "img",
        "td",
        "th",
        "br",
        "wbr",
    ]
)
_UNSEEN = ("script", "style", "noscript", "template", "figcaption")


def words(body: str) -> str:
    """The text of a post's body, one block a line, without captions."""
    if not body.strip():
        return ""
    box = lxml_html.fragment_fromstring(body, create_parent="div")
    etree.strip_elements(box, *_UNSEEN, etree.Comment, etree.PI, with_tail=False)
    pieces: list[str] = []
    for event, element in etree.iterwalk(box, events=("start", "end")):
        gap = "" if element.tag in _INLINE else "\n"
        if element.tag in ("br", "td", "th"):
            gap = " "
        piece = element.text if event == "start" else element.tail
        pieces += (gap, " ".join((piece or "").splitlines()))
    blocks = (" ".join(block.split()) for block in "".join(pieces).split("\n"))
    return "\n".join(block for block in blocks if block)
