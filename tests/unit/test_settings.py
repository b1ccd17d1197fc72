"""Settings that stand for a list of Scrapy's."""

from __future__ import annotations

from scrapy.settings.default_settings import EXTENSIONS_BASE

from zaobao import settings


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
