"""Waiting until a page is drawn, and scrolling one that grows."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.async_api import Page

    from zaobao.browser.drawing import Drawing
    from zaobao.browser.network import Network

_QUIET = 0.5
_LOOK_EVERY = 0.1
_IDLE_ROUNDS = 2
_SIZE = "document.documentElement.outerHTML.length"
_STORIES = "Array.from(document.querySelectorAll('a[href*=\"/story\"]'), link => link.href)"
# The last story too: a list may scroll in a box of its own.
_SCROLL = """() => {
    const links = document.querySelectorAll('a[href*="/story"]');
    if (links.length) links[links.length - 1].scrollIntoView();
    window.scrollTo(0, document.documentElement.scrollHeight);
}"""


async def draw(page: Page, network: Network, drawing: Drawing, seconds: float) -> None:
    """Wait until the page is drawn, and scroll a list to its end or its bound.

    seconds: for either. A page that never comes to rest is taken as it then is.
    """
    drawing.rounds, drawing.goes_on = 0, False
    await _rest(page, network, monotonic() + seconds)
    if drawing.most:
        await _scroll(page, network, drawing, monotonic() + seconds)


async def _rest(page: Page, network: Network, end: float) -> None:
    """Wait until nothing is asked for and nothing changes."""
    size, since = -1, monotonic()
    while (now := monotonic()) < end:
        last, size = size, await page.evaluate(_SIZE)
        if network.pending or size != last:
            since = now
        elif now - since >= _QUIET:
            return
        await asyncio.sleep(_LOOK_EVERY)


async def _scroll(page: Page, network: Network, drawing: Drawing, end: float) -> None:
    shown: list[str] = await page.evaluate(_STORIES)
    idle = 0
    while idle < _IDLE_ROUNDS and not (drawing.enough and drawing.enough(shown)):
        if drawing.rounds >= drawing.most or monotonic() > end:
            drawing.goes_on = idle == 0
            return
        await page.evaluate(_SCROLL)
        await _rest(page, network, end)
        before, shown = shown, await page.evaluate(_STORIES)
        if len(shown) > len(before):
            drawing.rounds, idle = drawing.rounds + 1, 0
        else:
            idle += 1
