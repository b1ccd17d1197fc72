"""Kinds of elements: what flows in a line, what a post keeps, what never has words of a story."""

from __future__ import annotations

_BLOCKS = (
    "html body address blockquote center dialog div figure figcaption footer form header hr legend "
    "listing main p plaintext pre search xmp article aside h1 h2 h3 h4 h5 h6 hgroup nav section "
    "dir dd dl dt menu ol ul li table caption colgroup col thead tbody tfoot tr td th fieldset "
    "details summary optgroup option"
)
_INLINE = "a b strong i em u s del ins sub sup mark small code q cite ruby rt rp"
_SKIPPED = (
    "script style noscript noembed noframes template iframe object embed svg head title "
    "textarea select datalist canvas link meta base area param source track"
)

BLOCKS = frozenset(_BLOCKS.split())
"""Elements that stand on lines of their own: those that the HTML standard's rendering section
(15.3) displays as blocks, list items or parts of a table. Every other, known or not, is inline."""
ENDING = BLOCKS | {"br"}
"""Elements that end a line."""
INLINE = frozenset(_INLINE.split())
"""Inline elements that a post keeps; of the others it keeps the words."""
INSTEAD = {"strike": "s"}
"""Inline elements for which a post has another one."""
HEADINGS = frozenset(f"h{level}" for level in range(1, 7))
SKIPPED = frozenset(_SKIPPED.split())
"""Elements that never have words of a story; a button has some where no rule takes it."""

_KEPT = "p br hr ul ol li dl dt dd blockquote table caption tbody tr td th figure figcaption img"
KEPT = INLINE | HEADINGS | frozenset(_KEPT.split())
"""The elements of a post's body."""
ATTRIBUTES: dict[str, set[str]] = {
    "a": {"href"},
    "img": {"src", "alt", "referrerpolicy", "loading"},
    "ol": {"start", "reversed", "type"},
    "li": {"value"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}
"""And the attributes that they may have."""
