"""Settings that stand for a list of Scrapy's, and what a crawl sets itself."""

from __future__ import annotations

import json
import sys

import pytest
from scrapy.crawler import AsyncCrawlerRunner
from scrapy.settings import default_settings
from scrapy.utils.project import get_project_settings

from zaobao import settings
from zaobao.browser import chromium
from zaobao.extensions import CrawlRun

STORY = "https://www.zaobao.com/realtime/china/story20210902-1189718"


LEFT_OUT = {
    "DOWNLOADER_MIDDLEWARES_BASE": {
        "scrapy.downloadermiddlewares.cookies.CookiesMiddleware",
        "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware",
        "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware",
        "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware",
        "scrapy.downloadermiddlewares.redirect.RedirectMiddleware",
        "scrapy.downloadermiddlewares.retry.RetryMiddleware",
        "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware",
    },
    "SPIDER_MIDDLEWARES_BASE": {
        "scrapy.spidermiddlewares.depth.DepthMiddleware",
        "scrapy.spidermiddlewares.metacopy.MetaCopyDetectionMiddleware",
        "scrapy.spidermiddlewares.start.StartSpiderMiddleware",
        "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware",
    },
    "EXTENSIONS_BASE": {
        "scrapy.extensions.feedexport.FeedExporter",
        "scrapy.extensions.logstats.LogStats",
        "scrapy.extensions.memusage.MemoryUsage",
        "scrapy.extensions.remote_control.RemoteControl",
        "scrapy.extensions.spiderstate.SpiderState",
        "scrapy.extensions.telnet.TelnetConsole",
    },
}


@pytest.mark.parametrize("name", LEFT_OUT)
def test_a_component_that_scrapy_adds_is_noticed(name: str) -> None:
    theirs, ours = getattr(default_settings, name), getattr(settings, name)
    kept = {path: order for path, order in ours.items() if not path.startswith("zaobao.")}
    assert theirs == kept | {path: theirs[path] for path in LEFT_OUT[name]}
    assert LEFT_OUT[name].isdisjoint(kept)


def test_what_is_tried_again_is_what_scrapy_would_try() -> None:
    left_out = {"scrapy.core.downloader.handlers.http11.TunnelError"}
    assert left_out | set(settings.RETRY_EXCEPTIONS) == set(default_settings.RETRY_EXCEPTIONS)


@pytest.mark.parametrize("given_as", ["name", "crawler"])
def test_what_a_crawl_needs_holds_however_it_is_started(given_as: str) -> None:
    """A process lays its settings over those of a crawler that it is given."""
    given = {
        "EXTENSIONS": "{}",
        "DOWNLOAD_HANDLERS": "{}",
        "ZAOBAO_BROWSER": "on",
        "ZAOBAO_CONTACT": "ed@example.org",
        "PLAYWRIGHT_LAUNCH_OPTIONS": json.dumps({"executable_path": sys.executable, "args": []}),
        "PLAYWRIGHT_CDP_URL": "http://127.0.0.1:9222",
    }
    asked = get_project_settings()
    asked.setdict(given, priority="cmdline")
    runner = AsyncCrawlerRunner(asked)
    crawler = runner.create_crawler("stories")
    if given_as == "crawler":
        assert runner.create_crawler(crawler) is crawler
    crawler.spidercls.from_crawler(crawler, urls=STORY)
    read = crawler.settings
    assert CrawlRun in read.getdict("EXTENSIONS")
    assert read["DOWNLOAD_HANDLERS"]["https"] == chromium.HANDLER
    arguments = read.getdict("PLAYWRIGHT_LAUNCH_OPTIONS")["args"]
    assert arguments.count("--host-resolver-rules=MAP * ~NOTFOUND") == 1
    assert read["PLAYWRIGHT_CDP_URL"] is None
    assert read["USER_AGENT"].endswith(" (+ed@example.org)")
