"""The relative addresses in a story's box, made absolute as a browser does it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from zaobao import dom
from zaobao.cleaning import links, media
from zaobao.page import resolved
from zaobao.urls import CANONICAL_ORIGIN, PAPER_HOSTS

if TYPE_CHECKING:
    from zaobao.dom import Node

_WHOLE = ("/", "#", "http:", "https:", "mailto:", "data:", "javascript:")
"""How an address begins that stays as it is where the base is of the paper: nearly every one."""
_NAMES: dict[str | None, tuple[str, ...]] = {"a": ("href",), "img": ("src", "data-src")}
_HOLDING = "a[href], img, source"
_OF_PAPER = re.compile(re.escape(CANONICAL_ORIGIN) + r"/[\w./-]*", re.A)
"""A plain address on the one host of all posts."""
_ABSOLUTE = re.compile(r"\s*(?:[a-z][a-z0-9+.-]*:|//|#|$)", re.I)


def base_of(page_url: str, base: str) -> str:
    """The address that the links of a post belong to: that of the page's base, on the one host of
    all posts where it is the paper's or the page's own."""
    if base == page_url and _OF_PAPER.fullmatch(base):
        return base
    try:
        own, parts = urlsplit(page_url), urlsplit(base)
    except ValueError:
        return CANONICAL_ORIGIN
    if parts.netloc == own.netloc or parts.hostname in PAPER_HOSTS:
        return CANONICAL_ORIGIN + (parts.path or "/") + (parts.query and f"?{parts.query}")
    return base


def resolve_below(box: Node, base: str) -> None:
    """Make the relative addresses of links and pictures below a box absolute.

    One that begins with `/` stays as it is written where that is the paper's.
    """
    is_own = base.startswith(CANONICAL_ORIGIN + "/")
    for node in dom.below(box, "a, img" if is_own else _HOLDING):
        said = node.attributes
        if is_own and not any(_is_relative(said.get(name)) for name in _NAMES[node.tag]):
            continue
        for name, value in said.items():
            if not value or not (name == "href" or (node.tag != "a" and dom.LAZY.search(name))):
                continue
            if name.endswith("set"):
                address = _each_resolved(value, base, is_own=is_own)
            else:
                address = _resolved(value, base, is_own=is_own)
            if address != value:
                node.attrs[name] = address


def _is_relative(address: str | None) -> bool:
    return address is not None and not address.lower().startswith(_WHOLE)


def _each_resolved(srcset: str, base: str, *, is_own: bool) -> str:
    return ", ".join(
        f"{_resolved(address, base, is_own=is_own)} {descriptors}".strip()
        for address, descriptors in media.parts_of(srcset)
    )


def _resolved(address: str, base: str, *, is_own: bool) -> str:
    if _ABSOLUTE.match(address) or (is_own and address.lstrip().startswith("/")):
        return address
    return resolved(base, links.with_slashes(address))
