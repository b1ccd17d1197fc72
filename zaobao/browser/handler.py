"""The download handler that also draws pages."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from playwright.async_api import Error, async_playwright
from scrapy.http import HtmlResponse

from zaobao.browser.drawing import DRAWING
from zaobao.browser.drawnpage import DrawnPage
from zaobao.browser.network import MOST_PARTS, Network
from zaobao.downloadermiddlewares.handler import CancellableDownloadHandler
from zaobao.downloadermiddlewares.refusals import Unreachable, refuse

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from playwright.async_api import Browser, BrowserContext, Playwright
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from zaobao.browser.drawing import Drawing

logger = logging.getLogger(__name__)

_CLOSING = 10
_LIVES = 4
_PARTS_A_ROUND = 3


class BrowserHandler(CancellableDownloadHandler):
    """Draws one page at a time; the browser starts with the first one.

    Raises Unreachable `browser_timeout` or `browser`, and Interrupted. A browser
    that dies is started again for the same page, at most three times.

    It uses Playwright itself. scrapy-playwright starts a browser in every run, waits
    for a `load` event that may never come and lets pages ask for what they like.
    Turning these off took five of its private methods, and left of it a launch and
    a `goto`.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.seconds = crawler.settings.getfloat("BROWSER_PAGE_TIMEOUT")
        self._one = asyncio.Lock()
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self._context: BrowserContext | None = None
        self._died = asyncio.Event()
        self._scripts: dict[str, tuple[int, dict[str, str], bytes]] = {}

    async def download_request(self, request: Request) -> Response:
        drawing: Drawing | None = request.meta.get(DRAWING)
        if drawing is None:
            return await super().download_request(request)
        async with self._one:
            html = await self._limited(request, drawing)
        # Not the page's own address: scripts may rewrite it.
        headers = {"Content-Type": "text/html; charset=utf-8"}
        body = html.encode(errors="replace")
        return HtmlResponse(request.url, headers=headers, body=body, encoding="utf-8")

    async def close(self) -> None:
        await super().close()
        if self._browser:
            await self._within(self._browser.close())
        if self._playwright:
            await self._within(self._playwright.stop())

    async def _limited(self, request: Request, drawing: Drawing) -> str:
        """The drawn page; errors when the time is over or the run ends."""
        closing = self.hosts.closing
        page = asyncio.ensure_future(self._draw(request, drawing))
        stop = asyncio.ensure_future(closing.wait())
        limit = self.seconds * (5 if drawing.most else 1)
        try:
            await asyncio.wait({page, stop}, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
            if page.done() and page.exception() is not None:
                # Ctrl-C reaches the browser too, a moment before the crawl knows of it.
                await self.hosts.pause(0.5)
            if closing.is_set() and (not page.done() or page.exception()):
                raise self.hosts.interrupted(request)
            if not page.done():
                raise self._refused(request, "browser_timeout", f"not drawn within {limit:g} s")
            return page.result()
        except Error as error:
            message = str(error).partition("\n")[0]
            raise self._refused(request, "browser", message) from None
        finally:
            stop.cancel()
            if not page.done() or page.exception():
                await self._give_up(page)

    def _refused(self, request: Request, reason: str, message: str) -> Exception:
        return refuse(self.crawler, Unreachable(reason, f"{request.url}: {message}"))

    async def _draw(self, request: Request, drawing: Drawing) -> str:
        most = MOST_PARTS + _PARTS_A_ROUND * drawing.most
        network = Network(self.crawler, drawing.body, self._scripts, most)
        assert self.crawler.stats
        self.crawler.stats.inc_value("zaobao/browser/pages")
        try:
            for _ in range(_LIVES - 1):
                try:
                    return await self._draw_once(request, drawing, network)
                except Error:
                    if not await self._has_died():
                        raise
                    logger.info("The browser died while it drew %s", request.url)
            return await self._draw_once(request, drawing, network)
        finally:
            network.end()

    async def _draw_once(self, request: Request, drawing: Drawing, network: Network) -> str:
        if self._context is None or self._died.is_set():
            self._context = await self._launch()
        page = await self._context.new_page()
        await network.attach(page)
        # Not until `load`: a script may have left the page by then.
        await page.goto(request.url, timeout=self.seconds * 1000, wait_until="commit")
        await DrawnPage(page, network, drawing).draw(self.seconds * 0.4)
        html = await page.content()
        await page.close()
        return html

    async def _launch(self) -> BrowserContext:
        """Start the browser, and Playwright where it is not yet."""
        settings = self.crawler.settings
        options = settings.getdict("PLAYWRIGHT_LAUNCH_OPTIONS")
        if self._playwright is None:
            self._playwright = await async_playwright().start()
        self._browser = await self._playwright.chromium.launch(**options)
        died = self._died = asyncio.Event()
        self._browser.on("disconnected", lambda _: died.set())
        return await self._browser.new_context(
            service_workers="block",
            accept_downloads=False,
            user_agent=settings["USER_AGENT"],
            locale="zh-CN",
            timezone_id="Asia/Singapore",
        )

    async def _has_died(self) -> bool:
        """Whether the browser is gone; word of it may come a moment after a page's error."""
        try:
            await asyncio.wait_for(self._died.wait(), 1)
        except TimeoutError:
            return False
        return True

    async def _give_up(self, page: asyncio.Future[str]) -> None:
        """End a page that is not drawn; a busy one only goes with its browser."""
        page.cancel()
        await asyncio.gather(page, return_exceptions=True)
        if self._browser:
            await self._within(self._browser.close())
            self._died.set()

    async def _within(self, closing: Awaitable[None]) -> None:
        try:
            await asyncio.wait_for(closing, _CLOSING)
        except TimeoutError:
            logger.warning("The browser did not close within %d s", _CLOSING)
        except Error as error:
            logger.debug("While the browser was closed: %s", error)
