"""Scrapy's download handler, with transfers that are counted and can be broken off."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.exceptions import DownloadFailedError

from zaobao.downloadermiddlewares.retry import PoliteRetryMiddleware

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from zaobao.downloadermiddlewares.hosts import Hosts


class CancellableDownloadHandler(BaseDownloadHandler):
    """Keeps what is under way where `Hosts` finds it; one that it ends raises Interrupted.

    Scrapy waits for them when a run is told to stop: with a server that hangs, for
    DOWNLOAD_TIMEOUT. The stats `zaobao/requests` and `zaobao/bytes` count what was sent, and
    what came: heads and bodies of whole answers.
    """

    lazy = True

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        # With all of TLS, a tenth of the start of a run; one that asks for nothing goes without.
        from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler, TunnelError

        self._http = HTTP11DownloadHandler.from_crawler(crawler)
        self._tunnel_error = TunnelError

    @property
    def hosts(self) -> Hosts:
        return PoliteRetryMiddleware.of(self.crawler).hosts

    async def download_request(self, request: Request) -> Response:
        assert self.crawler.stats
        hosts = self.hosts
        self.crawler.stats.inc_value("zaobao/requests")
        transfer = asyncio.ensure_future(self._http.download_request(request))
        hosts.under_way[request] = transfer
        try:
            response = await transfer
        except asyncio.CancelledError:
            raise hosts.interrupted(request) from None
        except self._tunnel_error as error:
            raise DownloadFailedError(str(error)) from error
        finally:
            del hosts.under_way[request]
        self.crawler.stats.inc_value("zaobao/bytes", _size(response))
        return response

    async def close(self) -> None:
        await self._http.close()


def _size(response: Response) -> int:
    """Bytes of an answer: `name: value` and a line's end for each header, and the body."""
    headers = dict.items(response.headers)  # Headers.items makes lists of them
    lines = sum(len(name) + len(value) + 4 for name, values in headers for value in values)
    return max(lines - 2, 0) + len(response.body)
