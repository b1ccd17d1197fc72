"""Whether an element of a page ends at an end tag of its own.

The tree does not say. So the page is parsed once more with a comment in front of each end
tag: in an element that its own end tag closes, the comment of that tag comes last.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from zaobao import dom
from zaobao.cleaning.elements import BLOCKS

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser

    from zaobao.dom import Node

_FORMATTING = "a b big code em font i nobr s small strike strong tt u"
_OMITTED = "caption colgroup dd dt li optgroup option p rp rt tbody td tfoot th thead tr"

FORMATTING = frozenset(_FORMATTING.split())
"""Elements that a browser opens again behind each block's end, until their end tag comes (HTML,
13.2.4.3): so one link without an end tag is many."""
_OPTIONAL = frozenset(_OMITTED.split())
"""Elements that need no end tag (HTML, 13.1.2.4)."""
_ALWAYS_ENDED = BLOCKS | FORMATTING
"""Elements that their end tag ends, also from inside a block; that of others it does not."""
_TEXTUAL = dom.UNSEEN - {"template"} | {"textarea", "title"}
"""Elements in which a parser looks for nothing but their end tag."""
_END_TAG = re.compile(rb"</([a-z][^\s/>]*)", re.I)


class EndTags:
    """The end tags of a page.

    source: the page's bytes, or b"" where it is not known; then every element counts as closed.
    paths: where the elements that are asked about stand in the page.
    """

    def __init__(self, source: bytes, paths: dom.Paths) -> None:
        self._source = source
        self._paths = paths
        self._balanced: dict[str, bool] = {}

    def is_open(self, node: Node) -> bool:
        """Whether an element ends without an end tag of its own."""
        tag = node.tag or ""
        if tag in _OPTIONAL or (tag in _ALWAYS_ENDED and self._is_balanced(tag)):
            return False
        marked = self._marked(node)
        return marked is not None and _is_open(marked)

    def is_open_around(self, node: Node) -> bool:
        """Whether an element may end at the end tag of one around it that lacks its own then."""
        tag = node.tag or ""
        if tag in _OPTIONAL or self._is_balanced(tag):
            return False
        marked = self._marked(node)
        return marked is not None and any(
            up.tag == tag and _is_open(up) for up in dom.ancestors(marked)
        )

    def is_open_or_around(self, node: Node) -> bool:
        """Whether an element may end without an end tag of its own. One whose words are no
        elements ends at the end tag of the next of its kind then."""
        tag = node.tag or ""
        if tag in _TEXTUAL:
            return not self._is_balanced(tag) or f"<{tag}" in node.text().lower()
        return tag == "rp" or self.is_open(node) or self.is_open_around(node)

    def _is_balanced(self, tag: str) -> bool:
        """Whether a page has as many end tags as start tags of a name: most often, and quick to
        count."""
        if (known := self._balanced.get(tag)) is None:
            found = re.findall(rb"<(/?)%b[\s/>]" % re.escape(tag.encode()), self._source, re.I)
            known = self._balanced[tag] = found.count(b"/") * 2 == len(found)
        return known

    def _marked(self, node: Node) -> Node | None:
        return self._tree.css_first(self._paths.of(node)) if self._source else None

    @cached_property
    def _tree(self) -> LexborHTMLParser:
        return dom.parse(_END_TAG.sub(rb"<!/\1></\1", self._source))


def _is_open(node: Node) -> bool:
    last = node
    while (child := last.last_child) is not None:
        if child.tag == node.tag:
            return True
        last = child
    return not last.is_comment_node or (last.comment_content or "").lower() != f"/{node.tag}"
