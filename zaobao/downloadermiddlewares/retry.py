"""What a host's answers ask for: to wait, to try again, or to leave it alone."""

from __future__ import annotations

import re
from datetime import UTC
from email.utils import parsedate_to_datetime
from time import monotonic, time
from typing import TYPE_CHECKING, Self

from scrapy import signals
from scrapy.downloadermiddlewares.retry import RetryMiddleware, get_retry_request
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    ResponseDataLossError,
)

from zaobao.blockpages import CHALLENGE, is_challenge
from zaobao.downloadermiddlewares import resolver
from zaobao.downloadermiddlewares.hosts import Hosts
from zaobao.downloadermiddlewares.refusals import BadPage, OutOfBounds, Unreachable, refuse
from zaobao.downloadermiddlewares.request import host_of, kind_of

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.settings import BaseSettings

_NOT_BEFORE = "zaobao_not_before"
_BLOCKED = frozenset({403, 451})
_BUSY = frozenset({429, 503})
_IN_A_ROW = 3
# A host may ask for waits again and again; this many of the longest one in a run.
_WAITS_IN_ALL = 4
_WHY = (
    (CannotResolveHostError, "dns"),
    (DownloadConnectionRefusedError, "connection_refused"),
    (DownloadTimeoutError, "timeout"),
    (ResponseDataLossError, "cut"),
)
_SECONDS = re.compile(r"\d{1,18}", re.A)


class PoliteRetryMiddleware(RetryMiddleware):
    """Waits where a host asks for it, retries with growing gaps, and leaves blocking hosts alone.

    Scrapy's tries again at once: it sent four requests within 0.02 s to a host
    that answered 429 with `Retry-After: 2`.
    """

    hosts: Hosts

    def __init__(self, settings: BaseSettings) -> None:
        super().__init__(settings)
        self.longest = settings.getfloat("RETRY_AFTER_MAX")
        self.largest = settings.getint("DOWNLOAD_MAXSIZE")
        self.backoff = settings.getfloat("RETRY_BACKOFF")
        self._in_a_row: dict[str, int] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        middleware = super().from_crawler(crawler)
        middleware.hosts = Hosts(crawler)
        crawler.signals.connect(middleware.response_downloaded, signals.response_downloaded)
        return middleware

    @classmethod
    def of(cls, crawler: Crawler) -> PoliteRetryMiddleware:
        """The instance of `crawler`; the rest of this package needs it."""
        found = crawler.get_downloader_middleware(cls)
        assert found is not None, f"DOWNLOADER_MIDDLEWARES has no {cls.__name__}"
        return found

    def process_request(self, request: Request) -> Awaitable[None] | None:
        """Send nothing to a host that is left alone, and a retry not before its time."""
        if (wait := request.meta.get(_NOT_BEFORE, 0) - monotonic()) > 0:
            return self._wait(request, wait)
        self._check_sending(request)
        return None

    async def _wait(self, request: Request, seconds: float) -> None:
        await self.hosts.pause(seconds)
        self._check_sending(request)

    def _check_sending(self, request: Request) -> None:
        self.check(request)
        if self.hosts.closing.is_set():
            raise self.hosts.interrupted(request)

    def check(self, request: Request) -> None:
        """Raise HostLeftAlone when the host is."""
        if self.hosts.left and host_of(request) in self.hosts.left:
            raise self.hosts.left_error(request)

    def response_downloaded(self, response: Response, request: Request) -> None:
        """Hold or leave the host. As a signal, since that comes before Scrapy's next request."""
        if is_challenge(response, kind_of(request), self.largest):
            response.flags.append(CHALLENGE)
            self.note_block(request, CHALLENGE)
        elif response.status in _BUSY:
            self._busy(request, response)
        elif response.status in _BLOCKED:
            self.note_block(request, f"http_{response.status}")

    def _busy(self, request: Request, response: Response) -> None:
        host, headers = host_of(request), response.headers
        asked = retry_after(
            (headers.get(b"Retry-After") or b"").decode("latin-1"),
            (headers.get(b"Date") or b"").decode("latin-1"),
        )
        wait = self._gap(request) if asked is None else asked
        in_all = self.hosts.waiting(host, wait)
        if wait > self.longest or in_all > _WAITS_IN_ALL * self.longest:
            message = f"status {response.status}, it asks for {wait:.0f} s ({in_all:.0f} s in all)"
            self.hosts.leave(host, "retry_after", message)
        else:
            self.hosts.hold(host, wait)

    def note_block(self, request: Request, reason: str) -> None:
        """A 403, 451 or challenge: the host is left alone, for a story only at the third.

        One for a picture says nothing about pages of the same host: `zaobao.images` counts those.
        """
        if kind_of(request) == "image":
            return
        host = host_of(request)
        self._in_a_row[host] = in_a_row = self._in_a_row.get(host, 0) + 1
        is_one_of_many = kind_of(request) in ("story", "part")
        if is_one_of_many and in_a_row < _IN_A_ROW:
            return
        what = f"{in_a_row} stories in a row" if is_one_of_many else request.url
        self.hosts.leave(host, reason, f"{reason} for {what}")

    def note_answer(self, request: Request) -> None:
        """An answer that is no block: the count of blocks in a row starts at 0 again."""
        if self._in_a_row and kind_of(request) != "image":
            self._in_a_row.pop(host_of(request), None)

    # Scrapy's two methods have a third parameter that it no longer fills.
    def process_response(  # type: ignore[override]
        self, request: Request, response: Response
    ) -> Request | Response:
        """Retry after a busy or broken server; a block fails at once."""
        status = response.status
        if CHALLENGE in response.flags:
            self.check(request)
            message = f"{request.url} answers with a challenge"
            raise refuse(self.crawler, BadPage(CHALLENGE, message))
        if status < 300:
            return response
        if status in _BUSY or status in _BLOCKED:
            self.check(request)
        elif status == 304 or 400 <= status < 500:
            self.note_answer(request)
        if status >= 500 or status in self.retry_http_codes:
            return self.again(request, f"http_{status}", held=status in _BUSY) or response
        return response

    def process_exception(  # type: ignore[override]
        self, request: Request, exception: Exception
    ) -> Request | None:
        """Retry a failed transfer; raise Unreachable after the last try."""
        host = host_of(request)
        if isinstance(exception, CannotResolveHostError) and host in resolver.refused:
            message = f"{host} resolves to {resolver.refused[host]}, which is not public"
            raise refuse(self.crawler, OutOfBounds("private_address", message))
        if isinstance(exception, DownloadCancelledError):
            raise refuse(self.crawler, Unreachable("size", f"{request.url}: {exception}"))
        if not isinstance(exception, self.exceptions_to_retry):
            return None
        reason = next((word for kind, word in _WHY if isinstance(exception, kind)), "network")
        if retry := self.again(request, reason):
            return retry
        said = str(exception) or type(exception).__name__
        raise refuse(self.crawler, Unreachable(reason, f"{request.url}: {said}"))

    def again(self, request: Request, reason: str, *, held: bool = False) -> Request | None:
        """The request to send again after a gap; None when its retries are used up.

        held: the whole host waits anyway. Otherwise this request alone waits, outside
        the downloader, so that others can be sent meanwhile.
        """
        assert self.crawler.spider
        if request.meta.get("dont_retry"):
            return None
        retry = get_retry_request(request, spider=self.crawler.spider, reason=reason)
        if retry and not held:
            retry.meta[_NOT_BEFORE] = monotonic() + self._gap(request)
        return retry

    def _gap(self, request: Request) -> float:
        times: int = request.meta.get("retry_times", 0)
        return self.backoff * float(2**times)


def retry_after(value: str, date: str = "", now: float | None = None) -> float | None:
    """Seconds to wait by a Retry-After header; None when it has no usable value.

    A date is compared with the answer's own `Date` where it has one, so that a wrong
    clock on either side does no harm. Zero and the past are no wait.
    """
    value = value.strip()
    if _SECONDS.fullmatch(value):
        return float(value) or None
    if value.isascii() and value.isdigit():
        return float("inf")
    until, since = _instant(value), _instant(date)
    if until is None:
        return None
    wait = until - (since if since is not None else time() if now is None else now)
    return wait if wait > 0 else None


def _instant(date: str) -> float | None:
    """An instant in epoch seconds; dates of HTTP are UTC, also those that do not say so."""
    try:
        moment = parsedate_to_datetime(date)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
