"""What holds for a whole host: a wait that it asked for, a delay, or that it is left alone.

Scrapy keeps a host's waiting requests in its downloader slot. A wait must stop
those too, so it is the slot that is held here, not the single request.
"""

from __future__ import annotations

import asyncio
import logging
from time import monotonic
from typing import TYPE_CHECKING

from scrapy import signals
from scrapy.extensions.throttle import AutoThrottle
from scrapy.utils.asyncio import call_later
from twisted.python.failure import Failure

from zaobao.downloadermiddlewares.refusals import HostLeftAlone, Interrupted, refuse
from zaobao.downloadermiddlewares.request import host_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy import Request
    from scrapy.core.downloader import Downloader, Slot
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.utils.asyncio import CallLaterResult

    from zaobao.downloadermiddlewares.refusals import Refused

logger = logging.getLogger(__name__)

_GRACE = 3
"""Seconds that a run which is told to stop waits for the answers that are under way."""
_LEAST_DELAY = 0.001
"""Seconds. A slot without a delay is never asked how long it has to wait."""


class Hosts:
    """The hosts of one crawl.

    under_way: the transfers that can be broken off. left: hosts that are left
    alone, with reason and message. closing: set once the run is told to stop.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.under_way: dict[Request, asyncio.Future[Response]] = {}
        self.left: dict[str, tuple[str, str]] = {}
        self.closing = asyncio.Event()
        self._waited: dict[str, float] = {}
        self._held: dict[str, float] = {}
        self._grace: CallLaterResult | None = None
        crawler.signals.connect(self._engine_started, signals.engine_started)
        crawler.signals.connect(self._spider_closed, signals.spider_closed)

    @property
    def _downloader(self) -> Downloader:
        assert self.crawler.engine
        return self.crawler.engine.downloader

    def leave(self, host: str, reason: str, message: str) -> None:
        """Send nothing more to `host`; what waits for it fails with HostLeftAlone."""
        if host in self.left:
            return
        self.left[host] = reason, message
        assert self.crawler.stats
        self.crawler.stats.set_value(f"zaobao/left_alone/{host}", reason)
        logger.warning("%s is left alone: %s", host, message)
        if slot := self._downloader.slots.get(host):
            self._drop(slot, self.left_error)

    def left_error(self, request: Request) -> Refused:
        """The error of a request whose host is left alone."""
        host = host_of(request)
        reason, message = self.left[host]
        return refuse(self.crawler, HostLeftAlone(reason, f"{host} is left alone: {message}"))

    def waiting(self, host: str, seconds: float) -> float:
        """Seconds that `host` will have been held in all, after a further hold."""
        now = monotonic()
        further = now + seconds - max(now, self._held.get(host, 0))
        return self._waited.get(host, 0) + max(0.0, further)

    def hold(self, host: str, seconds: float) -> None:
        """Start no request of `host` for so long; of two holds the longer one counts."""
        slot = self._downloader.slots.get(host)
        end = monotonic() + seconds
        if slot is None or end <= self._held.get(host, 0):
            return
        self._waited[host] = self.waiting(host, seconds)
        self._held[host] = end
        # As if a request had just been sent then: the slot's next one is due a delay later.
        slot.lastseen = max(slot.lastseen, end)
        slot.delay = max(slot.delay, _LEAST_DELAY)

    def slow_down(self, host: str, seconds: float) -> None:
        """Never less than `seconds` between two requests to `host` from now on."""
        downloader = self._downloader
        delay, jitter = seconds * 1.25, 0.2  # A fifth up and down, so at least `seconds`.
        # AutoThrottle knows one pair of bounds for all hosts.
        if throttle := self.crawler.get_extension(AutoThrottle):
            throttle.mindelay = max(throttle.mindelay, delay)
            throttle.maxdelay = max(throttle.maxdelay, delay)
        known = downloader.per_slot_settings.setdefault(host, {})
        known.update(delay=delay, jitter=jitter)
        if slot := downloader.slots.get(host):
            slot.delay, slot.jitter = max(slot.delay, delay), jitter

    async def pause(self, seconds: float) -> None:
        """Sleep, but no longer than the run lasts."""
        try:
            await asyncio.wait_for(self.closing.wait(), seconds)
        except TimeoutError:
            return

    def give_up(self, is_meant: Callable[[Request], bool]) -> None:
        """End the requests that are meant, under way or not yet sent, with Interrupted."""
        self._break_off(is_meant)
        for slot in self._downloader.slots.values():
            self._drop(slot, self.interrupted, is_meant)

    def interrupted(self, request: Request) -> Refused:
        """The error of a request that the end of the run overtakes."""
        return refuse(self.crawler, Interrupted("interrupted", f"{host_of(request)}: the run ends"))

    def _engine_started(self) -> None:
        """Wrap the method with which every end of a run begins, to drop what was not sent.

        Scrapy sends all that waits in a slot before it ends: after a wait of 15 minutes
        if the host asked for one. It has no signal for this moment, but Ctrl-C,
        CLOSESPIDER_*, errors and the last page all lead through `close_spider_async`. The
        name is public, but that Scrapy's own ends call it by the instance is not promised:
        tests/crawl/test_retry.py sees whether they do.
        """
        engine = self.crawler.engine
        assert engine
        close = engine.close_spider_async

        async def close_spider_async(*, reason: str = "cancelled") -> None:
            self._close()
            await close(reason=reason)

        engine.close_spider_async = close_spider_async  # type: ignore[method-assign]

    def _close(self) -> None:
        if not self.closing.is_set():
            self.closing.set()
            self._grace = call_later(_GRACE, self._break_off)
            for slot in self._downloader.slots.values():
                self._drop(slot, self.interrupted)

    def _spider_closed(self) -> None:
        if self._grace:
            self._grace.cancel()

    def _break_off(self, is_meant: Callable[[Request], bool] = lambda _: True) -> None:
        for request, transfer in self.under_way.items():
            if is_meant(request):
                transfer.cancel()

    @staticmethod
    def _drop(
        slot: Slot,
        error: Callable[[Request], Refused],
        is_meant: Callable[[Request], bool] = lambda _: True,
    ) -> None:
        """Fail the requests that are meant and wait in `slot`."""
        for _ in range(len(slot.queue)):
            request, waiting = slot.queue.popleft()
            if is_meant(request):
                waiting.errback(Failure(error(request)))  # type: ignore[no-untyped-call]
            else:
                slot.queue.append((request, waiting))
