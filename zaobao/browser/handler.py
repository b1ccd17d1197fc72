"""The download handler that also renders pages, by scrapy-playwright's."""

from __future__ import annotations

import asyncio
import logging
from time import monotonic
from typing import TYPE_CHECKING, Any

from playwright.async_api import Error
from scrapy import Request
from scrapy.http import HtmlResponse
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler
from scrapy_playwright.provider import PlaywrightBrowserProvider

from zaobao.browser.network import MOST_PARTS, Network
from zaobao.browser.renderedpage import RenderedPage
from zaobao.browser.rendering import RENDERING
from zaobao.downloadermiddlewares.handler import CancellableDownloadHandler
from zaobao.downloadermiddlewares.refusals import Unreachable, refuse

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from playwright.async_api import Browser, Page
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy_playwright.handler import Config

    from zaobao.browser.rendering import Rendering

logger = logging.getLogger(__name__)

# Its warnings carry whole traces. What went wrong is said here, in a line.
logging.getLogger("scrapy-playwright").setLevel(logging.ERROR)

_CLOSING = 10
_LIVES = 4
_PARTS_A_ROUND = 3


class LateBrowserProvider(PlaywrightBrowserProvider):  # type: ignore[misc]
    """Starts Playwright with the first page, not with the run: most runs render none.

    browser: the last one that started; None when there was none yet, or the last
    did not start.
    """

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.browser: Browser | None = None

    async def start(self) -> None:
        """What scrapy-playwright calls at the start of every run."""

    async def launch_browser(self) -> Browser:
        self.browser = None
        if self.playwright is None:
            await super().start()
        self.browser = await super().launch_browser()
        return self.browser


class BrowserHandler(ScrapyPlaywrightDownloadHandler):  # type: ignore[misc]
    """Renders one page at a time; the browser starts with the first one.

    Raises Unreachable `browser_timeout` or `browser`, and Interrupted. A browser
    that dies is started again for the same page, at most three times.

    scrapy-playwright opens the page and hands it over: its own page methods wait for
    a `load` event, which may never come.
    """

    browser_provider: LateBrowserProvider

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.plain = CancellableDownloadHandler(crawler)
        # It would try again at once, before it has forgotten the browser that died.
        self.config.target_closed_max_retries = 0
        self.seconds = crawler.settings.getfloat("BROWSER_PAGE_TIMEOUT")
        self._one = asyncio.Lock()
        self._scripts: dict[str, tuple[int, dict[str, str], bytes]] = {}

    async def download_request(self, request: Request) -> Response:
        rendering: Rendering | None = request.meta.get(RENDERING)
        if rendering is None:
            return await self.plain.download_request(request)
        async with self._one:
            html = await self._limited(request, rendering)
        # Not the page's own address: scripts may rewrite it.
        headers = {"Content-Type": "text/html; charset=utf-8"}
        body = html.encode(errors="replace")
        return HtmlResponse(request.url, headers=headers, body=body, encoding="utf-8")

    async def close(self) -> None:
        await self.plain.close()
        await self._within(super().close())

    async def _limited(self, request: Request, rendering: Rendering) -> str:
        """The rendered page; errors when the time is over or the run ends."""
        hosts = self.plain.hosts
        page = asyncio.ensure_future(self._render(request, rendering))
        stop = asyncio.ensure_future(hosts.closing.wait())
        limit = self.seconds * (5 if rendering.most else 1)
        try:
            await asyncio.wait({page, stop}, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
            if page.done() and page.exception() is not None:
                # Ctrl-C reaches the browser too, a moment before the crawl knows of it.
                await hosts.pause(0.5)
            if hosts.closing.is_set() and (not page.done() or page.exception()):
                raise hosts.interrupted(request)
            if not page.done():
                raise self._refused(request, "browser_timeout", f"not rendered within {limit:g} s")
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

    async def _render(self, request: Request, rendering: Rendering) -> str:
        most = MOST_PARTS + _PARTS_A_ROUND * rendering.most
        network = Network(self.crawler, rendering.body, self._scripts, most)
        assert self.crawler.stats
        self.crawler.stats.inc_value("zaobao/browser/pages")
        try:
            for _ in range(_LIVES - 1):
                try:
                    return await self._render_once(request, rendering, network)
                except Error:
                    if not await self._has_died():
                        raise
                    logger.info("The browser died while it drew %s", request.url)
            return await self._render_once(request, rendering, network)
        finally:
            network.end()

    async def _render_once(self, request: Request, rendering: Rendering, network: Network) -> str:
        asked = Request(request.url, meta=self._meta(network))
        await super().download_request(asked)
        page: Page = asked.meta["playwright_page"]
        await RenderedPage(page, network, rendering).render(self.seconds * 0.4)
        html = await page.content()
        await page.close()
        return html

    def _meta(self, network: Network) -> dict[str, Any]:
        """What scrapy-playwright is told of a page."""
        return {
            "playwright": True,
            "playwright_include_page": True,
            "playwright_context_kwargs": {
                "service_workers": "block",
                "accept_downloads": False,
                "user_agent": self.crawler.settings["USER_AGENT"],
                "locale": "zh-CN",
                "timezone_id": "Asia/Singapore",
            },
            "playwright_page_init_callback": network.attach,
            # Not until `load`: a script may have left the page by then.
            "playwright_page_goto_kwargs": {
                "timeout": self.seconds * 1000,
                "wait_until": "commit",
            },
        }

    async def _has_died(self) -> bool:
        """Whether the browser is gone, and forgotten by scrapy-playwright.

        Both may come a moment after a page's error.
        """
        if self.browser_provider.browser is None:
            return False
        end = monotonic() + 1
        while hasattr(self, "browser"):
            if monotonic() > end:
                return False
            await asyncio.sleep(0.01)
        return True

    async def _give_up(self, page: asyncio.Future[str]) -> None:
        """End a page that is not rendered; a busy one only goes with its browser."""
        page.cancel()
        await asyncio.gather(page, return_exceptions=True)
        if browser := self.browser_provider.browser:
            await self._within(browser.close())
            await self._has_died()

    async def _within(self, closing: Awaitable[None]) -> None:
        try:
            await asyncio.wait_for(closing, _CLOSING)
        except TimeoutError:
            logger.warning("The browser did not close within %d s", _CLOSING)
        except Error as error:
            logger.debug("While the browser was closed: %s", error)
