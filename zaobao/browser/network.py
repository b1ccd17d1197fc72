"""The network of a page in the browser: what it asks for is asked by the crawler."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from scrapy import Request
from scrapy.http.request import NO_CALLBACK

from zaobao.downloadermiddlewares.refusals import Refused
from zaobao.downloadermiddlewares.retry import PoliteRetryMiddleware
from zaobao.options import Options

if TYPE_CHECKING:
    from playwright.async_api import Page, Route
    from playwright.async_api import Request as Asked
    from scrapy.crawler import Crawler
    from scrapy.http import Response

logger = logging.getLogger(__name__)

MOST_PARTS = 60
"""Requests that one page may cause. A page of the paper has some twenty scripts of its own."""
_KEPT = 64
_NETWORK = "zaobao_network"
_NEEDED = frozenset({"script", "xhr", "fetch"})
_SAID = ("accept", "x-requested-with")
_PAGE = "text/html; charset=utf-8"


class Network:
    """Answers one page's requests. Call `attach` before the page is opened.

    Scripts and what they fetch by GET inside the crawler's bounds go through the
    engine: bounds, robots.txt, pace and size limits hold on every hop. Style
    sheets come empty, since scripts wait for them. Nothing else is loaded, and the
    page cannot be left.
    """

    def __init__(
        self,
        crawler: Crawler,
        body: bytes,
        scripts: dict[str, tuple[int, dict[str, str], bytes]],
        most: int = MOST_PARTS,
    ) -> None:
        """scripts: the run's so far, by address; new ones are added."""
        self.crawler, self.body, self.scripts, self.most = crawler, body, scripts, most
        self.site = Options.from_settings(crawler.settings).site
        self.pending = self.asked = 0
        self._is_given = False

    async def attach(self, page: Page, _request: Request) -> None:
        """Answer all that `page` asks for, and close the windows that it opens.

        scrapy-playwright calls it after it has set its own route, which is never used:
        the route that was set last answers. Called again, with a new page, when the
        browser died.
        """
        self.end()
        self.asked, self._is_given = 0, False
        page.on("popup", lambda popup: popup.close())
        await page.route("**", self._answer)

    def end(self) -> None:
        """Give up what the page still waits for, so that no other request waits for it."""
        hosts = PoliteRetryMiddleware.of(self.crawler).hosts
        hosts.give_up(lambda request: request.meta.get(_NETWORK) is self)

    async def _answer(self, route: Route, asked: Asked) -> None:
        self.pending += 1
        try:
            await self._choose(route, asked)
        finally:
            self.pending -= 1

    async def _choose(self, route: Route, asked: Asked) -> None:
        if asked.is_navigation_request():
            is_first, self._is_given = not self._is_given, True
            if is_first:
                await route.fulfill(status=200, body=self.body, content_type=_PAGE)
            else:
                # `aborted` leaves the page as it is; other errors show Chromium's own page.
                await self._refuse(route, "navigation")
        elif asked.resource_type == "stylesheet":
            await route.fulfill(status=200, body="", content_type="text/css")
        elif asked.resource_type not in _NEEDED or asked.method != "GET":
            await self._refuse(route, "kind")
        elif self.site.address(asked.url) is None:
            await self._refuse(route, "out_of_bounds")
        elif self.asked >= self.most:
            await self._refuse(route, "too_many")
        else:
            await self._give(route, asked)

    async def _refuse(self, route: Route, reason: str) -> None:
        assert self.crawler.stats
        self.crawler.stats.inc_value(f"zaobao/browser/refused/{reason}")
        logger.debug("The browser is refused (%s) %r", reason, route.request.url[:500])
        await route.abort("aborted")

    async def _give(self, route: Route, asked: Asked) -> None:
        if asked.url not in self.scripts:
            answer = await self._fetch(asked)
            if answer is None:
                await route.abort("failed")
                return
            headers = _headers(answer)
            if asked.resource_type != "script" or len(self.scripts) >= _KEPT:
                await route.fulfill(status=answer.status, headers=headers, body=answer.body)
                return
            self.scripts[asked.url] = answer.status, headers, answer.body
        status, headers, body = self.scripts[asked.url]
        await route.fulfill(status=status, headers=headers, body=body)

    async def _fetch(self, asked: Asked) -> Response | None:
        """The crawler's answer; None when it is refused or does not come."""
        assert self.crawler.engine
        self.asked += 1
        request = Request(
            asked.url,
            callback=NO_CALLBACK,
            headers={name: asked.headers[name] for name in _SAID if name in asked.headers},
            meta={"zaobao_kind": "part", "dont_retry": True, _NETWORK: self},
        )
        try:
            return await self.crawler.engine.download_async(request)
        except Refused as error:  # counted and logged; the page goes on without it
            logger.info("A page goes without its %s: %s", asked.resource_type, error)
            return None


def _headers(answer: Response) -> dict[str, str]:
    """The headers from which the page learns how to read the answer, which is unpacked."""
    kept = (b"Content-Type", b"Access-Control-Allow-Origin", b"Access-Control-Allow-Credentials")
    found = {name: answer.headers.get(name) for name in kept}
    return {name.decode(): value.decode("latin-1") for name, value in found.items() if value}
