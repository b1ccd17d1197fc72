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
from scrapy.utils.asyncio import call_later, create_looping_call
from scrapy.utils.httpobj import urlparse_cached
from twisted.python.failure import Failure

from zaobao.downloadermiddlewares.bounds import refuse
from zaobao.errors import HostLeftAlone, Interrupted

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy import Request
    from scrapy.core.downloader import Downloader, Slot
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from zaobao.errors import Refused

logger = logging.getLogger(__name__)

_LOOK_EVERY = 0.25
_GRACE = 3
"""Seconds that a run which is told to stop waits for the answers that are under way."""


def host_of(request: Request) -> str:
    """The host's name; it is also the key of its downloader slot."""
    return urlparse_cached(request).hostname or ""


class Hosts:
    """The hosts of one crawl."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.under_way: dict[Request, asyncio.Future[Response]] = {}
        self.left: dict[str, tuple[str, str]] = {}
        self._waited: dict[str, float] = {}
        self._held: dict[str, float] = {}
        self.closing = asyncio.Event()
        self._watch = create_looping_call(self._look)
        crawler.signals.connect(self._open, signals.engine_started)
        crawler.signals.connect(self._closed, signals.spider_closed)

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
            self._flush(slot, lambda: self.left_error(host))

    def left_error(self, host: str) -> Refused:
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
        if slot.latercall:
            slot.latercall.cancel()
        # Scrapy forgets a slot that was idle for a minute, and the hold with it.
        slot.lastseen = max(slot.lastseen, end - slot.delay * (1 + slot.jitter))
        slot.latercall = call_later(seconds, self._downloader._latercall, slot)

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

    def _open(self) -> None:
        self._watch.start(_LOOK_EVERY, now=False)

    def _closed(self) -> None:
        if self._watch.running:
            self._watch.stop()

    def _look(self) -> None:
        """When the run is told to stop, let go of what was not sent yet.

        Scrapy tells nobody that it is closing, and would send every request that
        waits in a slot first: with a wait of 15 minutes, after 15 minutes.
        """
        slot = self.crawler.engine and self.crawler.engine._slot
        if not (slot and slot.closing):
            return
        if not self.closing.is_set():
            self.closing.set()
            call_later(_GRACE, self._break_off)
        for host, waiting in self._downloader.slots.items():
            self._flush(waiting, lambda host=host: self.interrupted(host))  # type: ignore[misc]

    def give_up(self, is_meant: Callable[[Request], bool]) -> None:
        """End the requests that are meant, under way or not yet sent, with Interrupted."""
        self._break_off(is_meant)
        for host, slot in self._downloader.slots.items():
            self._flush(slot, lambda host=host: self.interrupted(host), is_meant)  # type: ignore[misc]

    def _break_off(self, is_meant: Callable[[Request], bool] = lambda _: True) -> None:
        for request, transfer in self.under_way.items():
            if is_meant(request):
                transfer.cancel()

    def interrupted(self, host: str) -> Refused:
        return refuse(self.crawler, Interrupted("interrupted", f"{host}: the run ends"))

    @staticmethod
    def _flush(
        slot: Slot,
        error: Callable[[], Refused],
        is_meant: Callable[[Request], bool] = lambda _: True,
    ) -> None:
        for _ in range(len(slot.queue)):
            request, waiting = slot.queue.popleft()
            if is_meant(request):
                waiting.errback(Failure(error()))  # type: ignore[no-untyped-call]
            else:
                slot.queue.append((request, waiting))
