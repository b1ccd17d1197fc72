"""Which pictures a post shows, and where: each once, the lead first, the gallery last."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from zaobao import text
from zaobao.cleaning import links
from zaobao.cleaning.media import editorial, refused
from zaobao.cleaning.pieces import Block, Figure
from zaobao.items import Image, Removed, Role, Spare

if TYPE_CHECKING:
    from collections.abc import Iterable


def placed(
    blocks: list[Block | Figure], outside: Iterable[Image], removed: list[Removed]
) -> list[str | tuple[Image, str]]:
    """The HTML of each block, each picture once as (image, alt): lead first, gallery last.

    outside: pictures from around the box. What is not shown is added to `removed`.
    """
    groups = _groups(blocks, tuple(outside))
    found: dict[str, Image] = {}
    parts: list[str | tuple[Image, str]] = []
    for role, group in groups:
        for block in group:
            if isinstance(block, Block):
                parts.append(block.html)
            elif address := _kept_address(block, removed):
                image = Image(address, block.caption, role)
                known = found.setdefault(links.same_picture(address), image)
                known.caption = known.caption or block.caption
                if known is image:
                    parts.append((image, block.alt))
    return parts


def _groups(
    blocks: list[Block | Figure], outside: tuple[Image, ...]
) -> list[tuple[Role, list[Block | Figure]]]:
    shows = any(isinstance(block, Figure) and editorial(block.address) for block in blocks)
    lead: list[Block | Figure] = []
    gallery: list[Block | Figure] = []
    for image in outside:
        if not (isinstance(image, Spare) and shows):
            group = lead if image.role == "lead" else gallery
            group.append(Figure(image.url, "", image.caption))
    return [("lead", lead), ("inline", blocks), ("gallery", gallery)]


def _kept_address(figure: Figure, removed: list[Removed]) -> str | None:
    """The address of an editorial picture on a kept host; what is not kept is recorded."""
    rule = refused(figure.address)
    if rule is None:
        return editorial(figure.address)
    lost = text.count(figure.caption or "")
    removed.append(Removed(rule, "chrome", f"img[{text.plain(figure.address)[:200]}]", lost))
    return None


def html(image: Image, alt: str) -> str:
    """A picture as a post has it; what the caption says needs no `alt`."""
    alt = "" if alt == image.caption else escape(alt)
    caption = escape(image.caption or "", quote=False)
    return (
        f'<figure><img src="{escape(image.url)}" alt="{alt}" referrerpolicy="no-referrer"'
        f' loading="lazy">{caption and f"<figcaption>{caption}</figcaption>"}</figure>'
    )
