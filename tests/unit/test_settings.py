"""Settings that stand for a list of Scrapy's, and what a crawl sets itself."""

from __future__ import annotations

import json
import sys

import pytest
from scrapy.crawler import AsyncCrawlerRunner
from scrapy.settings.default_settings import EXTENSIONS_BASE
from scrapy.utils.project import get_project_settings

from zaobao import settings
from zaobao.browser import chromium
from zaobao.extensions import CrawlRun

STORY = "https://www.zaobao.com/realtime/china/story20210902-1189718"


def test_an_extension_that_scrapy_adds_is_noticed() -> None:
    left_out = {
        "scrapy.extensions.feedexport.FeedExporter",
        "scrapy.extensions.logstats.LogStats",
        "scrapy.extensions.memusage.MemoryUsage",
        "scrapy.extensions.remote_control.RemoteControl",
        "scrapy.extensions.spiderstate.SpiderState",
        "scrapy.extensions.telnet.TelnetConsole",
    }
    assert left_out.isdisjoint(settings.EXTENSIONS_BASE)
    ours = {"zaobao.extensions.MemoryUsage"}
    assert left_out | set(settings.EXTENSIONS_BASE) - ours == set(EXTENSIONS_BASE)


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
