"""Scrapy's download handler, with transfers that can be broken off."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler

from zaobao.downloadermiddlewares.retry import PoliteRetryMiddleware

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

    from zaobao.downloadermiddlewares.hosts import Hosts


class CancellableDownloadHandler(HTTP11DownloadHandler):
    """Keeps what is under way where `Hosts` finds it; one that it ends raises Interrupted.

    Scrapy waits for them when a run is told to stop: with a server that hangs, for
    DOWNLOAD_TIMEOUT.
    """

    @property
    def hosts(self) -> Hosts:
        return PoliteRetryMiddleware.of(self.crawler).hosts

    async def download_request(self, request: Request) -> Response:
        hosts = self.hosts
        transfer = asyncio.ensure_future(super().download_request(request))
        hosts.under_way[request] = transfer
        try:
            return await transfer
        except asyncio.CancelledError:
            raise hosts.interrupted(request) from None
        finally:
            del hosts.under_way[request]
