"""robots.txt: always obeyed, and known before any other request of its host starts."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from scrapy import Request, signals
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import StopDownload
from scrapy.http import TextResponse
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import ProtegoRobotParser
from scrapy.utils.httpobj import urlparse_cached

from zaobao.downloadermiddlewares.refusals import (
    Forbidden,
    Interrupted,
    Refused,
    RobotsUnavailable,
    refuse,
)
from zaobao.downloadermiddlewares.request import host_of
from zaobao.downloadermiddlewares.retry import PoliteRetryMiddleware

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.robotstxt import RobotParser

logger = logging.getLogger(__name__)

MAX_SIZE = 500 * 1024
"""Bytes. RFC 9309 asks for at least so much; what follows counts as not written."""


class StrictRobotsTxtMiddleware(RobotsTxtMiddleware):
    """Asks for each host's robots.txt once a run and keeps to it.

    A text gives the rules; 4xx means that there are none. Without an answer, with
    5xx (RFC 9309: assume that all is forbidden) and with HTML nothing of the host is
    asked: every request fails with RobotsUnavailable. Scrapy's lets
    them all pass.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        settings = crawler.settings
        # The product's name, not the whole header: a contact may hold other names.
        agent = settings["ROBOTSTXT_USER_AGENT"] or settings["USER_AGENT"]
        self.agent = str(agent).split("/")[0].strip() or "*"
        self.longest_delay = settings.getfloat("CRAWL_DELAY_MAX")
        self._rules: dict[str, asyncio.Task[RobotParser | str]] = {}

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        """Raise Forbidden `robots` for an address that the rules forbid."""
        # Scrapy's raises IgnoreRequest without a reason.
        if rp and not rp.allowed(request.url, self.agent):
            message = f"robots.txt forbids {request.url}"
            raise refuse(self.crawler, Forbidden("robots", message))

    async def robot_parser(self, request: Request) -> RobotParser:
        """The rules of the request's host; RobotsUnavailable where there are none.

        Scrapy's (2.14 to 2.19) let 7 to 10 of 12 forbidden start addresses pass: all
        waiters share one Deferred, and from the third on they get None for rules.
        """
        url = urlparse_cached(request)
        origin = f"{url.scheme}://{url.netloc}"
        task = self._rules.get(origin)
        if task is None:
            task = self._rules[origin] = asyncio.ensure_future(self._ask(origin))
        # Shielded: cancelling one request must not cancel the question for the others.
        rules = task.result() if task.done() else await asyncio.shield(task)
        if isinstance(rules, str):
            PoliteRetryMiddleware.of(self.crawler).check(request)
            message = f"{request.url}: {rules}"
            raise refuse(self.crawler, RobotsUnavailable("robots_unavailable", message))
        return rules

    async def _ask(self, origin: str) -> RobotParser | str:
        """The rules, or why there are none. An error here fails all that wait."""
        request = Request(
            f"{origin}/robots.txt",
            callback=NO_CALLBACK,
            priority=self.DOWNLOAD_PRIORITY,
            # No DOWNLOAD_MAXSIZE: one of 26 MB is read up to the limit, not refused.
            meta={"dont_obey_robotstxt": True, "zaobao_kind": "robots", "download_maxsize": 0},
        )
        received: dict[Request, int] = {}  # redirects and retries are requests of their own

        def stop_at_limit(data: bytes, request: Request) -> None:
            if request.meta.get("zaobao_robots") == origin:
                received[request] = received.get(request, 0) + len(data)
                if received[request] > MAX_SIZE:
                    raise StopDownload(fail=False)

        request.meta["zaobao_robots"] = origin
        assert self.crawler.engine
        assert self.crawler.stats
        self.crawler.signals.connect(stop_at_limit, signals.bytes_received)
        try:
            response = await self.crawler.engine.download_async(request)
        except Interrupted:
            raise
        except Refused as error:
            rules: RobotParser | str = f"robots.txt could not be fetched: {error}"
        else:
            rules = self._judge(response)
        finally:
            self.crawler.signals.disconnect(stop_at_limit, signals.bytes_received)
        if isinstance(rules, str):
            self.crawler.stats.set_value(f"zaobao/robots_unavailable/{host_of(request)}", rules)
            logger.error("%s is not asked: %s", origin, rules)
        else:
            self._slow_down(request, rules)
        return rules

    def _judge(self, response: Response) -> RobotParser | str:
        status = response.status
        if 400 <= status < 500 and status != 429:
            logger.info("%s: status %d, so no rules", response.url, status)
            return ProtegoRobotParser.from_crawler(self.crawler, b"")
        if not (200 <= status < 300 and isinstance(response, TextResponse)):
            return f"robots.txt answers {status}"
        text = response.body[:MAX_SIZE]
        if len(response.body) > len(text) or "download_stopped" in response.flags:
            text = text[: text.rfind(b"\n") + 1]
        if text.lstrip().startswith(b"<") or b"\x00" in text:
            return "robots.txt answers with something that is no robots.txt"
        logger.info("%s: %r", response.url, text[:2000].decode(errors="replace"))
        return ProtegoRobotParser.from_crawler(self.crawler, text)

    def _slow_down(self, request: Request, rules: RobotParser) -> None:
        asked = rules.crawl_delay(self.agent)
        if not asked:
            return
        delay = min(asked, self.longest_delay)
        logger.info("robots.txt of %s asks for %g s, kept: %g s", host_of(request), asked, delay)
        assert self.crawler.stats
        self.crawler.stats.set_value(f"zaobao/crawl_delay/{host_of(request)}", delay)
        PoliteRetryMiddleware.of(self.crawler).hosts.slow_down(host_of(request), delay)
