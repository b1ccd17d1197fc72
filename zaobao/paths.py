"""One alternative of a CSS selector, read by cssselect and matched on one element."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import cssselect
from cssselect import parser

if TYPE_CHECKING:
    from lxml import etree

_OPERATORS = ("exists", "=", "^=", "*=")


def paths(css: str) -> tuple[Path, ...]:
    """The alternatives of a selector."""
    return tuple(_path(one.parsed_tree) for one in cssselect.parse(css))


@dataclass(slots=True)
class Path:
    """One alternative of a selector: what a match must be, and what must stand above it.

    more: the selector asks for what is not said here; XPath can say it.
    """

    tag: str | None = None
    classes: tuple[str, ...] = ()
    attributes: tuple[tuple[str, str, str], ...] = ()
    above: Path | None = None
    is_child: bool = False
    more: bool = False

    @property
    def mark(self) -> str:
        """A class or id that every match has, as it stands in a selector, or ""."""
        if self.classes:
            return "." + self.classes[-1]
        return next(("#" + said for *one, said in self.attributes if one == ["id", "="]), "")

    @property
    def key(self) -> str:
        """Where an `Index` has every match."""
        return self.mark or self.tag or "["

    @property
    def value(self) -> str:
        """What an index with a match holds in `said`: the longest word that the path asks for."""
        asked = [name if kind == "exists" else value for name, kind, value in self.attributes]
        asked += [*self.classes, self.above.value if self.above else ""]
        return max(asked, key=len)

    @property
    def is_key(self) -> bool:
        """Whether every element that an `Index` has under the key is a match."""
        id_ = ("id", "=", self.key[1:])
        return self in (Path(self.tag), Path(None, (self.key[1:],)), Path(None, (), (id_,)))

    def fits(self, node: etree._Element, top: etree._Element) -> bool:
        """Whether `node`, an element below `top`, is a match."""
        if self.classes:
            said = node.get("class")
            if said is None or self.classes[-1] not in said:
                return False
            if not {*self.classes}.issubset(said.split()):
                return False
        for name, operator, value in self.attributes:
            said = node.get(name)
            if said is None or not _holds(said, operator, value):
                return False
        if self.tag is not None and node.tag != self.tag:
            return False
        return self.above is None or self._is_below(self.above, node, top)

    def _is_below(self, above: Path, node: etree._Element, top: etree._Element) -> bool:
        if self.is_child:
            parent = node.getparent()
            return parent is not None and parent is not top and above.fits(parent, top)
        name = above.attributes[0][0] if above.attributes else ""
        for up in node.iterancestors(above.tag):
            if up is top:
                break
            if (not name or up.get(name) is not None) and above.fits(up, top):
                return True
        return False


def _holds(said: str, operator: str, value: str) -> bool:
    if operator == "=":
        return said == value
    if operator == "exists":
        return True
    return bool(value) and (said.startswith(value) if operator == "^=" else value in said)


def _path(tree: Any) -> Path:
    """The path of a tree of cssselect."""
    if isinstance(tree, parser.Element):
        return Path(tree.element and tree.element.lower())
    path = _path(tree.selector)
    if isinstance(tree, parser.CombinedSelector):
        last = _path(tree.subselector)
        more = tree.combinator not in (" ", ">") or path.more or last.more
        return replace(last, above=path, is_child=tree.combinator == ">", more=more)
    if isinstance(tree, parser.Class):
        return replace(path, classes=(*path.classes, tree.class_name))
    if isinstance(tree, parser.Hash):
        return replace(path, attributes=(*path.attributes, ("id", "=", tree.id)))
    if isinstance(tree, parser.Attrib) and tree.operator in _OPERATORS:
        value = str(tree.value.value) if tree.value else ""
        return replace(path, attributes=(*path.attributes, (tree.attrib, tree.operator, value)))
    return replace(path, more=True)
