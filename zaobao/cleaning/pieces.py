"""What a post's body is made of: blocks, figures, and the inline HTML inside a block."""

from __future__ import annotations

import re
from dataclasses import dataclass

_INLINE = "a b strong i em u s del ins sub sup mark small code q cite ruby rt rp"
_TRANSPARENT = "span font tt big nobr wbr acronym abbr dfn kbd samp var time data bdi bdo label run"
_SKIPPED = (
    "script style noscript template iframe object embed svg math head title textarea select "
    "option button canvas link meta base area map param source track"
)

INLINE = frozenset(_INLINE.split())
"""Inline elements that a post keeps."""
TRANSPARENT = frozenset(_TRANSPARENT.split())
"""Inline elements whose words a post keeps; `run` is `removal`'s own."""
FLOWING = INLINE | TRANSPARENT | {"img", "picture"}
HEADINGS = frozenset(f"h{level}" for level in range(1, 7))
SKIPPED = frozenset(_SKIPPED.split())
"""Elements that never have words of a story."""

_HOLLOW = re.compile(r"<([a-z]+)(?: [^>]*)?></\1>")
_BLANKS = re.compile(r"[ \t\n\r\f\v]+")
_TAGS = re.compile(r"<[^>]*>")


@dataclass(slots=True)
class Figure:
    """A picture as it stands in the box: the address as written, and its caption.

    printed: the caption is text of the page, not an attribute of the picture.
    """

    address: str
    alt: str
    caption: str | None
    printed: bool = False


@dataclass(slots=True)
class Block:
    """One block of a post: its HTML and its plain text.

    implied: no element of the page asked for this paragraph.
    """

    html: str
    text: str
    implied: bool = False


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


def plain_text(html: str) -> str:
    """The words of inline HTML; `<br>` is a line feed."""
    if "<" in html:
        html = _TAGS.sub("", html.replace("<br>", "\n"))
    if "&" in html:
        html = html.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return html.strip()
