"""The layouts, newest first; one is chosen by what is on the page, never by date or host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zaobao import urls
from zaobao.errors import UnknownLayout
from zaobao.layouts import identity
from zaobao.layouts.hk_astro import HkAstro
from zaobao.layouts.hk_bootstrap import HkBootstrap
from zaobao.layouts.sg_cards import SgCards
from zaobao.layouts.sg_drupal import SgDrupal

if TYPE_CHECKING:
    from zaobao.layouts.base import Layout
    from zaobao.page import Page

LAYOUTS: tuple[Layout, ...] = (SgCards(), HkAstro(), SgDrupal(), HkBootstrap())


def pick(page: Page) -> Layout:
    """The one layout that claims a story page; UnknownLayout when none or several do."""
    claims = [layout for layout in LAYOUTS if layout.claims(page)]
    if len(claims) == 1:
        return claims[0]
    said = ", ".join(layout.name for layout in claims) or "none"
    raise UnknownLayout(f"layouts that claim the page at {page.url}: {said}")


def own_address(page: Page) -> str | None:
    """The address that a page itself names as its story's: ld+json, canonical link or og:url."""
    return next((address for address in identity.addresses(page) if urls.story(address)), None)


def pick_list(page: Page) -> Layout | None:
    """The newest layout that claims a list page, or None."""
    return next((layout for layout in LAYOUTS if layout.claims_list(page)), None)
