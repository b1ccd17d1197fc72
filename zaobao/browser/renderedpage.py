"""A page in the browser: waiting until it is rendered, and scrolling it if it is a list."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.async_api import Page

    from zaobao.browser.network import Network
    from zaobao.browser.rendering import Rendering

_QUIET = 0.5
_LOOK_EVERY = 0.1
_IDLE_ROUNDS = 2
_SIZE = "document.documentElement.outerHTML.length"
_STORIES = "Array.from(document.querySelectorAll('a[href*=\"/story\"]'), link => link.href)"
# To the last story too: a list may scroll in a box of its own.
_SCROLL = """() => {
    const links = document.querySelectorAll('a[href*="/story"]');
    if (links.length) links[links.length - 1].scrollIntoView();
    window.scrollTo(0, document.documentElement.scrollHeight);
}"""


@dataclass(slots=True)
class RenderedPage:
    """An open page, with what it asks for and what is wanted of it."""

    page: Page
    network: Network
    rendering: Rendering

    async def render(self, seconds: float) -> None:
        """Wait until the page is rendered, and scroll a list to its end or its bound.

        seconds: for either. A page that never settles is taken as it is then.
        """
        self.rendering.rounds, self.rendering.goes_on = 0, False
        await self._settle(monotonic() + seconds)
        if self.rendering.most:
            await self._scroll(monotonic() + seconds)

    async def _settle(self, end: float) -> None:
        """Wait until nothing is asked for and nothing changes, or until `end`."""
        size, since = -1, monotonic()
        while (now := monotonic()) < end:
            last, size = size, await self.page.evaluate(_SIZE)
            if self.network.pending or size != last:
                since = now
            elif now - since >= _QUIET:
                return
            await asyncio.sleep(_LOOK_EVERY)

    async def _scroll(self, end: float) -> None:
        rendering = self.rendering
        shown: list[str] = await self.page.evaluate(_STORIES)
        idle = 0
        while idle < _IDLE_ROUNDS and not (rendering.enough and rendering.enough(shown)):
            if rendering.rounds >= rendering.most or monotonic() > end:
                rendering.goes_on = idle == 0
                return
            await self.page.evaluate(_SCROLL)
            await self._settle(end)
            before, shown = shown, await self.page.evaluate(_STORIES)
            if len(shown) > len(before):
                rendering.rounds, idle = rendering.rounds + 1, 0
            else:
                idle += 1
