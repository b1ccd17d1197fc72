"""robots.txt: what each answer means, and that no forbidden address is ever asked."""

from __future__ import annotations

import gzip
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from tests.support.crawling import Job, Report, crawl, crawl_all
from tests.support.fault_server import ROBOTS, Server, html, redirect, reply

if TYPE_CHECKING:
    from collections.abc import Iterator


def text(body: bytes, *headers: str) -> bytes:
    return reply(body, "200 OK", "Content-Type: text/plain", *headers)


@pytest.mark.parametrize("concurrency", [1, 4, 16])
def test_no_forbidden_start_address_is_asked(concurrency):
    with Server({"/a": redirect("/forbidden/b")}) as server:
        plan = [{"url": f"{server.origin}/forbidden/{n}"} for n in range(12)]
        plan.append({"url": f"{server.origin}/a"})
        report = crawl(
            server.origin,
            plan,
            CONCURRENT_REQUESTS=str(concurrency),
            CONCURRENT_REQUESTS_PER_DOMAIN=str(concurrency),
        )
        assert server.paths(robots=True) == ["/robots.txt", "/a"]
    assert report.refused("robots") == 13
    assert list(report.answers.values()) == ["Forbidden robots"] * 13


LONG = ROBOTS + b"# filler\n" * 60_000 + b"Disallow: /late\n"
HUGE = ROBOTS + b"# filler\n" * 3_000_000
UNAVAILABLE = "RobotsUnavailable robots_unavailable"

MODES = {
    # name: (what robots.txt answers, what becomes of /a, of /forbidden)
    "404": (reply(html("no"), "404 Not Found"), "page", "page"),
    "401": (reply(html("no"), "401 Unauthorized"), "page", "page"),
    "empty": (text(b""), "page", "page"),
    "gzip": (text(gzip.compress(ROBOTS), "Content-Encoding: gzip"), "page", "Forbidden robots"),
    "said-html": (reply(ROBOTS), "page", "Forbidden robots"),
    "bom": (text(b"\xef\xbb\xbf" + ROBOTS), "page", "Forbidden robots"),
    "500": (reply(b"", "500 Oops"), UNAVAILABLE, UNAVAILABLE),
    "503": (reply(b"", "503 Busy"), UNAVAILABLE, UNAVAILABLE),
    "429": (reply(b"", "429 Slow", "Retry-After: 0"), UNAVAILABLE, UNAVAILABLE),
    "closed": (b"", UNAVAILABLE, UNAVAILABLE),
    "hang": (lambda *_: time.sleep(3), UNAVAILABLE, UNAVAILABLE),
    "html": (reply(html("<h1>联合早报</h1>")), UNAVAILABLE, UNAVAILABLE),
    "binary": (text(b"\x89PNG\0\0"), UNAVAILABLE, UNAVAILABLE),
    "loop": (redirect("/robots.txt"), UNAVAILABLE, UNAVAILABLE),
    "redirect": (
        lambda asked, connection: connection.sendall(
            text(ROBOTS) if "?" in asked.path else redirect("/robots.txt?1")
        ),
        "page",
        "Forbidden robots",
    ),
    "long": (text(LONG), "page", "Forbidden robots"),
    "huge": (text(HUGE), "page", "Forbidden robots"),
    "403": (reply(b"", "403 No"), "HostLeftAlone http_403", "HostLeftAlone http_403"),
    "451": (reply(b"", "451 No"), "HostLeftAlone http_451", "HostLeftAlone http_451"),
    "challenge": (
        reply(html("x", "Just a moment...")),
        "HostLeftAlone challenge",
        "HostLeftAlone challenge",
    ),
}


DELAYS = {
    # name: (robots.txt's Crawl-delay, what is kept of it, settings)
    "whole": ("0.8", 0.8, {}),
    "cut short": ("86400", 0.5, {"CRAWL_DELAY_MAX": "0.5"}),
    "over AutoThrottle's own": (
        "0.7",
        0.7,
        {"AUTOTHROTTLE_ENABLED": "True", "AUTOTHROTTLE_START_DELAY": "0.1"}
        | {"AUTOTHROTTLE_MAX_DELAY": "0.2"},
    ),
}


@pytest.fixture(scope="module")
def modes() -> Iterator[tuple[dict[str, Server], dict[str, Report]]]:
    """One server and one crawl for each mode and each Crawl-delay."""
    with ExitStack() as stack:
        servers, jobs = {}, {}
        for name, (answer, _, _) in MODES.items():
            server = servers[name] = stack.enter_context(Server({}, robots=answer))
            plan = [{"url": f"{server.origin}{path}"} for path in ("/a", "/forbidden", "/late")]
            jobs[name] = Job(server.origin, plan)
        for name, (asked, _, settings) in DELAYS.items():
            answer = text(f"User-agent: *\nCrawl-delay: {asked}\n".encode())
            server = servers[name] = stack.enter_context(Server({}, robots=answer))
            plan = [{"url": f"{server.origin}/{n}"} for n in range(4)]
            many = {"CONCURRENT_REQUESTS": "4", "CONCURRENT_REQUESTS_PER_DOMAIN": "4"}
            jobs[name] = Job(server.origin, plan, many | settings)
        yield servers, crawl_all(jobs)


@pytest.mark.parametrize("mode", MODES)
def test_what_each_answer_means(modes, mode):
    server, report = modes[0][mode], modes[1][mode]
    _, allowed, forbidden = MODES[mode]
    for path, wanted in (("/a", allowed), ("/forbidden", forbidden)):
        assert report.answers[server.origin + path].startswith(wanted), path
        assert (path in server.paths()) is (wanted == "page")
    retried = mode in ("500", "503", "429", "closed", "hang")
    assert server.times["/robots.txt"] == (2 if retried else 4 if mode == "loop" else 1)
    if allowed == UNAVAILABLE:
        assert f"{server.origin} is not asked" in report.log
        assert "zaobao/robots_unavailable/127.0.0.1" in report.stats


def test_the_crawls_end_well(modes):
    report = modes[1]["404"]
    assert (report.exit_code, "Traceback" in report.log) == (0, False)
    assert report.rss_mb < 300


@pytest.mark.parametrize("name", DELAYS)
def test_a_crawl_delay_is_kept_within_a_limit(modes, name):
    server, report = modes[0][name], modes[1][name]
    delay = DELAYS[name][1]
    # The fetch of robots.txt itself was under way before its delay was known.
    first, *_, last = [hit.at for hit in server.hits[1:]]
    assert len(server.hits) == 5
    # Three gaps, each up to half as long again; a busy machine notes a request late.
    assert 2 * delay <= last - first < 3 * delay * 1.5 + 30
    assert report.stats["zaobao/crawl_delay/127.0.0.1"] == str(delay)
