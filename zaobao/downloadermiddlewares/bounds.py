"""Where requests may go: one downloader middleware for requests and redirects alike.

Scrapy's own guard (`allowed_domains`) sees neither start requests nor requests
with `dont_filter` nor their redirects, and never a port. This one has no such
exception. What an allowed name resolves to is `resolver.py`'s business.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from scrapy.exceptions import UsageError
from w3lib.url import safe_url_string

from zaobao.errors import HostLeftAlone, Interrupted, OutOfBounds
from zaobao.options import Options

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.settings import BaseSettings

    from zaobao.errors import Refused

logger = logging.getLogger(__name__)

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_NO_LOCATION = re.compile(rb"[\x00-\x1f\x7f\\]")
_ASYNCIO = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"


def check_settings(settings: BaseSettings) -> Options:
    """The user's options; UsageError for settings under which the guards do not hold."""
    if not settings.getbool("TWISTED_REACTOR_ENABLED"):
        raise UsageError(
            "TWISTED_REACTOR_ENABLED=False: without the Twisted reactor the resolver that keeps"
            " requests out of private networks is never asked; leave it True"
        )
    if settings["TWISTED_REACTOR"] != _ASYNCIO:
        raise UsageError(f"TWISTED_REACTOR={settings['TWISTED_REACTOR']!r}: it takes {_ASYNCIO}")
    options = Options.from_settings(settings)
    if ":" in options.site.host:
        raise UsageError(
            "ZAOBAO_SITE: Scrapy's resolver knows IPv4 only; name the host or use IPv4"
        )
    return options


def refuse(crawler: Crawler, error: Refused) -> Refused:
    """Count `error` under `zaobao/refused/<reason>`, log it, and give it back to be raised."""
    assert crawler.stats
    crawler.stats.inc_value(f"zaobao/refused/{error.reason}")
    # A host that is left alone and the end of the run are logged once, as such.
    level = logging.DEBUG if isinstance(error, (HostLeftAlone, Interrupted)) else logging.INFO
    logger.log(level, "Refused (%s): %s", error.reason, error, extra={"spider": crawler.spider})
    return error


class BoundsMiddleware:
    """Lets only the asked origin and the paper's hosts pass, each under its proper address."""

    def __init__(self, crawler: Crawler) -> None:
        self.site = check_settings(crawler.settings).site
        self.crawler = crawler
        self.max_redirects = crawler.settings.getint("REDIRECT_MAX_TIMES")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> BoundsMiddleware:
        return cls(crawler)

    def process_request(self, request: Request) -> Request | None:
        """Pass, send on under the address to be asked, or raise OutOfBounds."""
        address = self.site.address(request.url)
        if address == request.url:
            return None
        if address is None:
            raise self._out_of_bounds(request.url)
        # Not filtered as seen: the spider waits for an answer to this request.
        return request.replace(url=address, dont_filter=True)

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """Follow a redirect inside the bounds, without cookies, Referer or a body."""
        if response.status not in _REDIRECTS or request.meta.get("dont_redirect"):
            return response
        location = response.headers.get(b"Location")
        if location is None:
            return response
        address = self._target(request.url, location)
        if address is None:
            raise self._out_of_bounds(location.decode("latin-1"), f"redirect of {request.url} to ")
        return self._follow(request, address, response.status)

    def _target(self, source: str, location: bytes) -> str | None:
        if _NO_LOCATION.search(location):
            return None
        try:
            return self.site.address(urljoin(source, safe_url_string(location)))
        except ValueError:
            return None

    def _follow(self, request: Request, address: str, status: int) -> Request:
        times = request.meta.get("redirect_times", 0) + 1
        if times > self.max_redirects:
            error = OutOfBounds("redirects", f"{request.url}: over {self.max_redirects} redirects")
            raise refuse(self.crawler, error)
        # The keys are Scrapy's, so that whoever reads them finds them.
        meta = request.meta | {
            "redirect_times": times,
            "redirect_urls": [*request.meta.get("redirect_urls", ()), request.url],
            "redirect_reasons": [*request.meta.get("redirect_reasons", ()), status],
        }
        meta.pop("download_slot", None)
        # Two stories may redirect to one page; each request must come to its end.
        return request.replace(url=address, meta=meta, method="GET", body=b"", dont_filter=True)

    def _out_of_bounds(self, address: str, what: str = "") -> Refused:
        reason = "redirect_out_of_bounds" if what else "out_of_bounds"
        error = OutOfBounds(reason, f"{what}{address[:500]!r} is outside {self.site.origin}")
        return refuse(self.crawler, error)
