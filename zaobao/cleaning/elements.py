"""Kinds of elements: what flows in a line, what a post keeps, what never has words of a story."""

from __future__ import annotations

from zaobao import dom

_INLINE = "a b strong i em u s del ins sub sup mark small code q cite ruby rt rp"
_TRANSPARENT = "span font tt big nobr wbr acronym abbr dfn kbd samp var time data bdi bdo label"
_SKIPPED = (
    "script style noscript template iframe object embed svg math head title textarea select "
    "option button canvas link meta base area map param source track"
)

INLINE = frozenset(_INLINE.split())
"""Inline elements that a post keeps."""
TRANSPARENT = frozenset({*_TRANSPARENT.split(), dom.RUN})
"""Inline elements whose words a post keeps."""
FLOWING = INLINE | TRANSPARENT | {"img", "picture", dom.TEXT, "-comment"}
"""Nodes that stand in a line."""
HEADINGS = frozenset(f"h{level}" for level in range(1, 7))
SKIPPED = frozenset(_SKIPPED.split())
"""Elements that never have words of a story."""
