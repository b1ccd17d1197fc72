"""robots.txt, obeyed: it is in before any other request of its host starts.

Scrapy's own middleware let 7 to 10 of 12 forbidden start addresses through
(2.14 to 2.19): its waiters share one Deferred, and the later ones see no rules.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from protego import Protego
from scrapy import Request, signals
from scrapy.exceptions import StopDownload
from scrapy.http import TextResponse
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.httpobj import urlparse_cached

from zaobao.downloadermiddlewares.bounds import refuse
from zaobao.downloadermiddlewares.hosts import host_of
from zaobao.downloadermiddlewares.retry import RetryMiddleware
from zaobao.errors import Forbidden, Interrupted, Refused

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response

logger = logging.getLogger(__name__)

MAX_SIZE = 500 * 1024
"""RFC 9309: at least so much is to be read; what follows counts as not written."""

_OWN = "zaobao_robots_gate"


class RobotsTxtMiddleware:
    """Asks each host's robots.txt once a run and keeps to it.

    A text gives the rules; 4xx means that there are none. No answer, 5xx and
    HTML (RFC 9309 reads the first two as a complete ban) stop the host: every
    request to it fails with Forbidden `robots_unavailable`.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self.crawler = crawler
        # The product's name, not the whole header: a contact may hold other names.
        agent = settings["ROBOTSTXT_USER_AGENT"] or settings["USER_AGENT"]
        self.agent = str(agent).split("/")[0].strip() or "*"
        self.longest_delay = settings.getfloat("CRAWL_DELAY_MAX")
        self._rules: dict[str, asyncio.Task[Protego | str]] = {}
        self._received: dict[int, int] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RobotsTxtMiddleware:
        return cls(crawler)

    @property
    def _pace(self) -> RetryMiddleware:
        return RetryMiddleware.of(self.crawler)

    async def process_request(self, request: Request) -> None:
        """Wait for the rules; raise Forbidden when they do not let `request` pass."""
        if request.meta.get(_OWN) is self:
            return
        url = urlparse_cached(request)
        origin = f"{url.scheme}://{url.netloc}"
        task = self._rules.get(origin)
        if task is None:
            task = self._rules[origin] = asyncio.ensure_future(self._ask(origin))
        # Shielded: one request that is given up must not end the wait of the others.
        rules = task.result() if task.done() else await asyncio.shield(task)
        if isinstance(rules, str):
            self._pace.check(request)
            raise refuse(self.crawler, Forbidden("robots_unavailable", f"{request.url}: {rules}"))
        if not rules.can_fetch(request.url, self.agent):
            message = f"robots.txt forbids {request.url}"
            raise refuse(self.crawler, Forbidden("robots", message))

    async def _ask(self, origin: str) -> Protego | str:
        """The rules, or why there are none. An error here is every waiter's error."""
        request = Request(
            f"{origin}/robots.txt",
            callback=NO_CALLBACK,
            priority=1000,
            # No DOWNLOAD_MAXSIZE: one of 26 MB is read up to the limit, not refused.
            meta={"zaobao_kind": "robots", "download_maxsize": 0, _OWN: self},
        )
        assert self.crawler.engine
        assert self.crawler.stats
        self.crawler.signals.connect(self._stop_at_limit, signals.bytes_received)
        try:
            response = await self.crawler.engine.download_async(request)
        except Interrupted:
            raise
        except Refused as error:
            rules: Protego | str = f"robots.txt could not be had: {error}"
        else:
            rules = self._judge(response)
        finally:
            self.crawler.signals.disconnect(self._stop_at_limit, signals.bytes_received)
        if isinstance(rules, str):
            self.crawler.stats.set_value(f"zaobao/robots_unavailable/{host_of(request)}", rules)
            logger.error("%s is not asked: %s", origin, rules)
        else:
            self._slow_down(request, rules)
        return rules

    def _stop_at_limit(self, data: bytes, request: Request) -> None:
        if request.meta.get(_OWN) is not self:
            return
        received = self._received.get(id(request), 0) + len(data)
        self._received[id(request)] = received
        if received > MAX_SIZE:
            raise StopDownload(fail=False)

    def _judge(self, response: Response) -> Protego | str:
        status = response.status
        if 400 <= status < 500 and status != 429:
            logger.info("%s: status %d, so no rules", response.url, status)
            return Protego.parse("")
        if not (200 <= status < 300 and isinstance(response, TextResponse)):
            return f"robots.txt answers {status}"
        text = response.text[:MAX_SIZE]
        if len(response.text) > len(text) or "download_stopped" in response.flags:
            text = text[: text.rfind("\n") + 1]
        if text.lstrip().startswith("<") or "\x00" in text:
            return "robots.txt answers with something that is no robots.txt"
        logger.info("%s: %r", response.url, text[:2000])
        return Protego.parse(text)

    def _slow_down(self, request: Request, rules: Protego) -> None:
        asked = rules.crawl_delay(self.agent)
        if not asked:
            return
        delay = min(float(asked), self.longest_delay)
        logger.info("robots.txt of %s asks for %g s, kept: %g s", host_of(request), asked, delay)
        assert self.crawler.stats
        self.crawler.stats.set_value(f"zaobao/crawl_delay/{host_of(request)}", delay)
        self._pace.hosts.slow_down(host_of(request), delay)
