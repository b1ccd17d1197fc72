"""A spider's lists without a network: the newspaper answers, stories are only noted as asked for.

What a spider asks for, and in which order, is all here. Gates, retries,
redirects and writing are Scrapy's way of asking, tested with whole crawls.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy.crawler import Crawler
from scrapy.http import HtmlResponse, TextResponse
from scrapy.spidermiddlewares.httperror import HttpError
from scrapy.utils.project import get_project_settings
from twisted.python.failure import Failure

from zaobao import urls
from zaobao.extensions import CrawlRun

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scrapy import Request
    from scrapy.http import Response

    from demo.newspaper import Newspaper
    from zaobao.spiders.base import StorySpider

SITE = "http://127.0.0.1:9"


@dataclass
class Driven:
    """What a run asked for: list pages by path and query, stories by number; its stats."""

    lists: list[str] = field(default_factory=list)
    stories: list[str] = field(default_factory=list)
    times: dict[str, Any] = field(default_factory=dict)
    stats: dict[str, Any] = field(default_factory=dict)

    @property
    def reasons(self) -> list[str]:
        return list(self.stats.get("zaobao/reasons/degraded", ()))

    def counts(self, start: str) -> dict[str, int]:
        """The stats `zaobao/<start>…`, without that."""
        start = f"zaobao/{start}"
        return {name[len(start) :]: n for name, n in self.stats.items() if name.startswith(start)}


def drive(
    spider: type[StorySpider],
    paper: Newspaper,
    folder: Path,
    settings: dict[str, str] | None = None,
    **arguments: str,
) -> Driven:
    """Run the spider until it asks for nothing more."""
    own = get_project_settings()
    ours = {"ZAOBAO_SITE": SITE, "ZAOBAO_OUTPUT": str(folder), "TWISTED_REACTOR_ENABLED": False}
    own.setdict({**ours, **(settings or {})}, 40)
    crawler = Crawler(spider, own)
    one = crawler.spider = spider.from_crawler(crawler, **arguments)
    crawler._apply_settings()
    with CrawlRun.of(crawler).open():
        driven = Driven()
        waiting = asyncio.run(_started(one))
        while waiting:
            request = max(waiting, key=lambda each: each.priority)
            waiting.remove(request)
            waiting += _answer(paper, request, driven)
        known = (one.archive.state.get(number) for number in driven.stories)
        driven.times = {each.number: each.list_time for each in known if each}
        driven.stats = crawler.stats.get_stats()
    return driven


async def _started(spider: StorySpider) -> list[Request]:
    return [request async for request in spider.start()]


def _answer(paper: Newspaper, request: Request, driven: Driven) -> Iterable[Request]:
    parts = urlsplit(request.url)
    if request.meta["zaobao_kind"] == "story":
        driven.stories.append(urls.StoryUrl.of(request.url).number)
        return []
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    driven.lists.append(path)
    response = _response(paper, request, path)
    if response.status != 200:
        failure = Failure(HttpError(response))
        failure.request = request  # type: ignore[attr-defined]
        return list(request.errback(failure) or ())  # type: ignore[misc]
    return list(request.callback(response, **request.cb_kwargs))  # type: ignore[misc]


def _response(paper: Newspaper, request: Request, path: str) -> Response:
    answer = paper.answer("GET", path, {})
    body = answer.body.encode() if isinstance(answer.body, str) else answer.body
    kind = HtmlResponse if "html" in answer.headers.get("Content-Type", "html") else TextResponse
    return kind(request.url, status=answer.status, body=body, encoding="utf-8", request=request)
