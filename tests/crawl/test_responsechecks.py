"""Which answers a crawl refuses, and that none of them fills its memory."""

from __future__ import annotations

import gzip

from tests.support.behaviours import BOMBS, GZIP_BOMB, SITEMAP
from tests.support.crawling import crawl
from tests.support.fault_server import Server, html, reply


def test_no_bomb_and_no_endless_body_fills_the_memory():
    with Server({f"/{name}": answer for name, answer in BOMBS.items()}) as server:
        plan = [{"url": f"{server.origin}/{name}", "kind": "story"} for name in BOMBS]
        report = crawl(server.origin, [*plan, {"url": f"{server.origin}/ok"}])
    wanted = dict.fromkeys((one["url"] for one in plan), "BadPage size")
    for name in ("own-endless", "own-endless-chunks", "own-20mb-text"):
        wanted[f"{server.origin}/{name}"] = "Unreachable size"
    assert report.answers.pop(f"{server.origin}/ok").startswith("page ")
    assert report.answers == wanted
    assert report.rss_mb < 300
    assert report.listening == []
    assert set(server.times.values()) == {1}


def test_json_and_sitemaps_have_checks_of_their_own():
    json, xml = b'{"a": [1, "\xe6\x96\xb0"]}', SITEMAP
    answers = {
        "/json": json,
        "/json-cut": json[:-2],
        "/json-deep": b"[" * 100_000,
        "/json-html": html("x"),
        "/xml": xml,
        "/xml-gz": gzip.compress(xml),
        "/xml-cut": xml[:-9],
        "/xml-gz-cut": gzip.compress(xml)[:-5],
        "/xml-bomb": GZIP_BOMB,
    }
    with Server({path: reply(body) for path, body in answers.items()}) as server:
        plan = [
            {"url": server.origin + path, "kind": "api" if "json" in path else "sitemap"}
            for path in answers
        ]
        report = crawl(server.origin, plan)
    assert {url.removeprefix(server.origin): got for url, got in report.answers.items()} == {
        "/json": "page 15 utf-8",
        "/json-cut": "BadPage cut",
        "/json-deep": "BadPage cut",
        "/json-html": "BadPage not_json",
        "/xml": f"page {len(xml)} utf-8",
        "/xml-gz": f"page {len(xml)} utf-8",
        "/xml-cut": "BadPage cut",
        "/xml-gz-cut": "BadPage cut",
        "/xml-bomb": "BadPage size",
    }
