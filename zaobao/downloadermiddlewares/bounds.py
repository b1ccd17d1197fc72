"""Where requests may go."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Self
from urllib.parse import urljoin

from scrapy import Request
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.exceptions import IgnoreRequest, UsageError
from w3lib.url import safe_url_string

from zaobao.downloadermiddlewares.refusals import OutOfBounds, refuse
from zaobao.downloadermiddlewares.request import kind_of
from zaobao.options import Options

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.settings import BaseSettings

    from zaobao.downloadermiddlewares.refusals import Refused

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_NO_LOCATION = re.compile(rb"[\x00-\x1f\x7f\\]")
_ASYNCIO = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
_SWITCHES = {
    "ROBOTSTXT_OBEY": "robots.txt is always obeyed",
    "REDIRECT_ENABLED": "redirects are followed inside the bounds only",
    "RETRY_ENABLED": "what retries also waits and leaves hosts alone; set RETRY_TIMES=0",
}


def check_settings(settings: BaseSettings) -> Options:
    """The user's options; UsageError for settings under which the guards do not hold."""
    if not settings.getbool("TWISTED_REACTOR_ENABLED"):
        raise UsageError(
            "TWISTED_REACTOR_ENABLED=False: without the Twisted reactor the resolver that keeps"
            " requests out of private networks is never asked; leave it True"
        )
    if settings["TWISTED_REACTOR"] != _ASYNCIO:
        raise UsageError(f"TWISTED_REACTOR={settings['TWISTED_REACTOR']!r}: it takes {_ASYNCIO}")
    for name, reason in _SWITCHES.items():
        if not settings.getbool(name):
            raise UsageError(f"{name}=False: {reason}; leave it True")
    options = Options.from_settings(settings)
    if ":" in options.site.host:
        raise UsageError(
            "ZAOBAO_SITE: Scrapy's resolver knows IPv4 only; name the host or use IPv4"
        )
    return options


class BoundsMiddleware(RedirectMiddleware):
    """Lets only the asked origin and the paper's hosts pass, each under its proper address.

    In place of Scrapy's OffsiteMiddleware and RedirectMiddleware. Offsite sees
    neither start requests nor requests with `dont_filter` nor their redirects, and
    never a port; here there is no such exception. The addresses to which an
    allowed name leads are checked by `resolver`.
    """

    def __init__(self, settings: BaseSettings) -> None:
        super().__init__(settings)
        self.site = check_settings(settings).site
        self.longest = settings.getint("URLLENGTH_LIMIT")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        # Without Scrapy's: it warns in each run that redirects have no Referer, which is meant.
        middleware = cls(crawler.settings)
        middleware.crawler = crawler
        return middleware

    def process_request(self, request: Request) -> Request | None:
        """Let pass, replace by the request for the proper address, or raise OutOfBounds."""
        address = self._address(request, request.url)
        if address is None:
            raise self._out_of_bounds("out_of_bounds", f"{request.url[:500]!r}")
        if len(address) > self.longest > 0:
            message = f"{address[:500]!r} has {len(address)} characters; URLLENGTH_LIMIT"
            raise refuse(self.crawler, OutOfBounds("url_length", f"{message}={self.longest}"))
        if address == request.url:
            return None
        # Not filtered as seen: the spider waits for an answer to this request.
        return request.replace(url=address, dont_filter=True)

    # Scrapy's has a third parameter that it no longer fills.
    def process_response(  # type: ignore[override]
        self, request: Request, response: Response
    ) -> Request | Response:
        """Follow a redirect inside the bounds.

        Scrapy's is given the proper address: it would follow one with control
        characters or backslashes, and hand one to `data:` or `ftp:` to the spider.
        """
        location = response.headers.get(b"Location") if response.status in _REDIRECTS else None
        if location is None:
            return response
        address = self._target(request, location)
        if address is None:
            what = f"redirect of {request.url} to {location.decode('latin-1')[:500]!r}"
            raise self._out_of_bounds("redirect_out_of_bounds", what)
        response.headers[b"Location"] = address
        try:
            answer = super().process_response(request, response)
        except IgnoreRequest:
            message = f"{request.url}: over {self.max_redirect_times} redirects"
            raise refuse(self.crawler, OutOfBounds("redirects", message)) from None
        if isinstance(answer, Request):
            answer.meta.pop("download_slot", None)
            # Two stories may redirect to one page; each request must come to its end.
            answer.dont_filter = True
        return answer

    def _address(self, request: Request, url: str) -> str | None:
        """The address to ask. The hosts of pictures are asked for pictures and robots.txt only."""
        if kind_of(request) in ("image", "robots"):
            return self.site.image_address(url)
        return self.site.address(url)

    def _target(self, request: Request, location: bytes) -> str | None:
        if _NO_LOCATION.search(location):
            return None
        try:
            return self._address(request, urljoin(request.url, safe_url_string(location)))
        except ValueError:
            return None

    def _out_of_bounds(self, reason: str, what: str) -> Refused:
        error = OutOfBounds(reason, f"{what} is outside {self.site.origin}")
        return refuse(self.crawler, error)
