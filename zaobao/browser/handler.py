"""The download handler: plain requests as ever, drawn pages by scrapy-playwright."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from playwright.async_api import Error
from scrapy_playwright.handler import (  # type: ignore[import-untyped]
    ScrapyPlaywrightDownloadHandler,
)

from zaobao.browser.drawing import DRAWING
from zaobao.browser.network import MOST_PARTS, Network
from zaobao.browser.scrolling import draw
from zaobao.downloadermiddlewares.handler import CancellableDownloadHandler
from zaobao.downloadermiddlewares.request import refuse
from zaobao.errors import Unreachable

if TYPE_CHECKING:
    from playwright.async_api import Page
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from zaobao.browser.drawing import Drawing

logger = logging.getLogger(__name__)

# Its warnings carry whole traces; what went wrong is said here, in a line.
logging.getLogger("scrapy-playwright").setLevel(logging.ERROR)

_CLOSING = 10
_PARTS_A_ROUND = 3


class BrowserHandler(CancellableDownloadHandler, ScrapyPlaywrightDownloadHandler):  # type: ignore[misc]
    """One page at a time, in one context a run; the browser starts with the first page.

    Raises Unreachable `browser_timeout` or `browser`, and Interrupted. A browser
    that dies is started again for the same page, at most three times.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.crawler = crawler
        self.seconds = crawler.settings.getfloat("BROWSER_PAGE_TIMEOUT")
        self._one = asyncio.Lock()
        self._is_started = False
        self._scripts: dict[str, tuple[int, dict[str, str], bytes]] = {}

    async def _maybe_launch_in_thread(self) -> None:
        """Not at the start of the crawl: most runs draw nothing."""

    async def download_request(self, request: Request) -> Response:
        drawing: Drawing | None = request.meta.get(DRAWING)
        if drawing is None:
            return await super().download_request(request)
        async with self._one:
            return await self._limited(request, drawing)

    async def _limited(self, request: Request, drawing: Drawing) -> Response:
        """Draw until the time is over or the run ends."""
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
            return self._result(request, page)
        finally:
            stop.cancel()
            if not page.done():
                await self._give_up(page)

    def _result(self, request: Request, page: asyncio.Future[Response]) -> Response:
        try:
            # Scripts may rewrite the address that the page shows.
            return page.result().replace(url=request.url)
        except Error as error:
            message = str(error).partition("\n")[0]
            raise self._refused(request, "browser", message) from None

    def _refused(self, request: Request, reason: str, message: str) -> Exception:
        return refuse(self.crawler, Unreachable(reason, f"{request.url}: {message}"))

    async def _draw(self, request: Request, drawing: Drawing) -> Response:
        if not self._is_started:
            await self._launch()
            self._is_started = True
        most = MOST_PARTS + _PARTS_A_ROUND * drawing.most
        network = Network(self.crawler, drawing.body, self._scripts, most)
        milliseconds = self.seconds * 1000
        request.meta.update(
            playwright=True,
            playwright_context_kwargs=self._context(),
            playwright_page_init_callback=network.attach,
            # Not until `load`: a script may have left the page by then.
            playwright_page_goto_kwargs={"timeout": milliseconds, "wait_until": "commit"},
        )
        self._network = network
        assert self.crawler.stats
        self.crawler.stats.inc_value("zaobao/browser/pages")
        try:
            return await self._download_request(request)  # type: ignore[no-any-return]
        finally:
            network.end()

    async def _apply_page_methods(self, page: Page, request: Request, spider: object) -> None:
        """Draw the page. scrapy-playwright's own waits for `load` too, which may never come."""
        await draw(page, self._network, request.meta[DRAWING], self.seconds * 0.4)

    def _context(self) -> dict[str, Any]:
        return {
            "service_workers": "block",
            "accept_downloads": False,
            "user_agent": self.crawler.settings["USER_AGENT"],
            "locale": "zh-CN",
            "timezone_id": "Asia/Singapore",
        }

    async def _give_up(self, page: asyncio.Future[Response]) -> None:
        """End a page that is still being drawn; a busy one only goes with its browser."""
        page.cancel()
        await asyncio.gather(page, return_exceptions=True)
        browser = getattr(self, "browser", None)
        if browser is not None:
            await self._within(browser.close())

    async def _close(self) -> None:
        if self._is_started:
            await self._within(super()._close())

    async def _within(self, closing: Any) -> None:
        try:
            await asyncio.wait_for(closing, _CLOSING)
        except TimeoutError:
            logger.warning("The browser did not close within %d s", _CLOSING)
        except Error as error:
            logger.debug("While the browser was closed: %s", error)
