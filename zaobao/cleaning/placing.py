"""Where a post shows which picture: each once, the lead first, the gallery last."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from zaobao import text
from zaobao.cleaning import links, media
from zaobao.cleaning.media import Figure
from zaobao.items import Image, Printed, Removed, Role, Spare

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zaobao.cleaning.blocks import Block


def placed(
    blocks: list[Block | Figure], outside: Iterable[Image], removed: list[Removed]
) -> tuple[str, list[Image]]:
    """The HTML of the blocks with each picture once, lead first, gallery last; the pictures.

    outside: pictures from around the box. What is not shown is added to `removed`.
    """
    found: dict[str, Image] = {}
    first: dict[str, Figure] = {}
    parts: list[str] = []
    for role, group in _groups(blocks, tuple(outside)):
        for block in group:
            if not isinstance(block, Figure):
                parts.append(block.html)
            elif address := _kept_address(block, removed):
                key = links.same_picture(address)
                if key in found:
                    first[key].add_caption(block)
                else:
                    found[key], first[key] = Image(address, None, role), block
                    parts.append(key)
                found[key].caption = first[key].caption
    html = "".join(_html(found[part], first[part].alt) if part in found else part for part in parts)
    return html, list(found.values())


def _groups(
    blocks: list[Block | Figure], outside: tuple[Image, ...]
) -> list[tuple[Role, list[Block | Figure]]]:
    shows = any(isinstance(block, Figure) and media.editorial(block.address) for block in blocks)
    lead: list[Block | Figure] = []
    gallery: list[Block | Figure] = []
    for image in outside:
        if not (isinstance(image, Spare) and shows):
            group = lead if image.role == "lead" else gallery
            printed = isinstance(image, Printed)
            group.append(Figure(image.url, "", image.caption, printed))
    return [("lead", lead), ("inline", blocks), ("gallery", gallery)]


def _kept_address(shown: Figure, removed: list[Removed]) -> str | None:
    """The address of an editorial picture on a kept host; what is not kept is recorded."""
    rule = media.refused(shown.address)
    if rule is None:
        return media.editorial(shown.address)
    lost = text.count(shown.caption or "")
    removed.append(Removed(rule, "chrome", f"img[{text.plain(shown.address)[:200]}]", lost))
    return None


def _html(image: Image, alt: str) -> str:
    """A picture as a post has it; what the caption says needs no `alt`."""
    alt = "" if alt == image.caption else escape(alt)
    caption = escape(image.caption or "", quote=False)
    return (
        f'<figure><img src="{escape(image.url)}" alt="{alt}" referrerpolicy="no-referrer"'
        f' loading="lazy">{caption and f"<figcaption>{caption}</figcaption>"}</figure>'
    )
