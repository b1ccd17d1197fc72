"""Waiting, trying again and leaving a host alone."""

from __future__ import annotations

import signal
import time
from contextlib import ExitStack
from email.utils import formatdate
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.archive import wait_until
from tests.support.crawling import Job, Report, crawl, crawl_all, finish, start
from tests.support.fault_server import PAGE, Server, html, redirect, reply
from zaobao.downloadermiddlewares.retry import retry_after

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = 1_800_000_000.0
PAGE_CAME = f"page {len(PAGE.decode())} utf-8"
MUCH = 30
"""Seconds that a busy machine may be late."""


@pytest.fixture
def in_singapore(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Singapore")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("value", "date", "wait"),
    [
        ("2", "", 2),
        (" 120 ", "", 120),
        (formatdate(NOW + 30, usegmt=True), "", 30),
        # The host's own clock counts: it may be years wrong.
        (formatdate(NOW - 1e8 + 30, usegmt=True), formatdate(NOW - 1e8, usegmt=True), 30),
        ("9" * 400, "", float("inf")),
        ("9" * 17, "", float("9" * 17)),
        ("", "", None),
        ("0", "", None),
        ("-5", "", None),
        ("1.5", "", None),
        ("soon", "", None),
        ("٣", "", None),
        (formatdate(NOW - 30, usegmt=True), "", None),
        ("Mon, 99 Foo 2026 99:99:99 GMT", "", None),
        (formatdate(NOW + 30, usegmt=True), "garbage", 30),
        # An older form, which HTTP still has, and one without its zone: both are UTC.
        (time.asctime(time.gmtime(NOW + 30)), "", 30),
        (formatdate(NOW + 30).removesuffix(" -0000"), "", 30),
    ],
)
def test_what_a_retry_after_asks(value, date, wait, in_singapore):
    assert retry_after(value, date, NOW) == wait


def busy_once(*headers: str, status: str = "429 Too Many"):
    """Busy at the first request, and the ordinary page after that."""

    def answer(asked, connection):
        connection.sendall(reply(b"", status, *headers) if asked.times == 1 else reply())

    return answer


def dated(asked, connection):
    # By the server's clock, wherever that stands.
    date, until = formatdate(1e9, usegmt=True), formatdate(1e9 + 2, usegmt=True)
    busy_once(f"Date: {date}", f"Retry-After: {until}")(asked, connection)


# A host's further requests then wait in its downloader slot. Without a delay Scrapy
# 2.19 sends all that wait there at once, whatever the concurrency.
QUEUED = {
    "CONCURRENT_REQUESTS": "16",
    "DOWNLOAD_DELAY": "0.05",
    "DOWNLOAD_DELAY_JITTER": "0",
}
WAITS = {
    # name: (the first answer, least seconds until the next request)
    "seconds": (busy_once("Retry-After: 2"), 2),
    "503": (busy_once("Retry-After: 1", status="503 Busy"), 1),
    "date": (dated, 2),
    # No sensible wish: the ordinary gap.
    "absent": (busy_once(), 0.4),
    "negative": (busy_once("Retry-After: -1"), 0.4),
    "garbage": (busy_once("Retry-After: \xff\xfe", status="503 Busy"), 0.4),
}


@pytest.fixture(scope="module")
def waits():
    with ExitStack() as stack:
        servers, jobs = {}, {}
        for name, (answer, _) in WAITS.items():
            server = servers[name] = stack.enter_context(Server({"/busy": answer}))
            plan = [{"url": f"{server.origin}/{path}"} for path in ("busy", *range(6))]
            jobs[name] = Job(server.origin, plan, QUEUED | {"RETRY_BACKOFF": "0.4"})
        reports = crawl_all(jobs)
        yield {name: (servers[name], reports[name]) for name in WAITS}


@pytest.mark.parametrize("name", WAITS)
def test_the_whole_host_waits(waits, name):
    server, report = waits[name]
    _, least = WAITS[name]
    busy = server.paths(robots=True).index("/busy")
    gap = server.hits[busy + 1].at - server.hits[busy].at
    # No longer than it takes a busy machine to get round to it.
    assert least * 0.995 <= gap <= least + MUCH
    assert all(got.startswith("page ") for got in report.answers.values())
    assert server.times["/busy"] == 2


BLOCKS = {
    "http_403": reply(html("no"), "403 Forbidden"),
    "http_451": reply(html("no"), "451 Unavailable"),
    "challenge": reply(html("x", "Attention Required! | Cloudflare")),
    # With an error's status it would be asked again, and waited for.
    "challenge 503": reply(html("x", "Just a moment..."), "503 Busy", "Retry-After: 1"),
    "challenge 202": reply(b"", "202 Accepted", "x-amzn-waf-action: challenge"),
}


WISHES = {
    "an hour": "3600",
    "digits": "9" * 500,
    "a far date": formatdate(4e9, usegmt=True),
}
SINGLE = {f"/{n}": BLOCKS["http_403"] for n in (1, 2, 4, 6, 8)} | {"/7": BLOCKS["challenge"]}


def bad_then_good(asked, connection):
    connection.sendall(reply(b"", "502 Bad") if asked.times < 4 else reply())


def sites() -> dict[str, tuple[dict[str, Any], list[str], dict[str, str]]]:
    """For each crawl: what the server answers, the paths to ask, settings.

    A path that is a number is a story's, any other a list page's.
    """
    stories = [str(n) for n in range(20)]
    wishing = {
        name: ({"/busy": reply(b"", "503 Busy", f"Retry-After: {wish}")}, ["busy", *stories], {})
        for name, wish in WISHES.items()
    }
    blocking = {name: ({"/list": page}, ["list", *stories], {}) for name, page in BLOCKS.items()}
    again = {f"/{n}": reply(b"", "429 Slow", "Retry-After: 1") for n in range(9)}
    hidden = {f"/{n}": redirect("/wall") for n in range(6)} | {"/wall": BLOCKS["challenge"]}
    burst = {"/a": bad_then_good, "/down": reply(b"", "500 Oops")}
    return {
        **wishing,
        **blocking,
        "again": (again, stories[:9], {"RETRY_AFTER_MAX": "1"}),
        "stories": (SINGLE, stories, {}),
        "hidden": (hidden, stories[:6], {"CONCURRENT_REQUESTS": "1"}),
        "burst": (burst, ["a", "b", "down", "c"], {"RETRY_TIMES": "3", "RETRY_BACKOFF": "0.8"}),
    }


@pytest.fixture(scope="module")
def crawls() -> Iterator[dict[str, tuple[Server, Report]]]:
    with ExitStack() as stack:
        servers, jobs = {}, {}
        for name, (answers, paths, settings) in sites().items():
            server = servers[name] = stack.enter_context(Server(answers))
            kinds = {True: "story", False: "list"}
            plan = [
                {"url": f"{server.origin}/{path}", "kind": kinds[path.isdigit()]} for path in paths
            ]
            jobs[name] = Job(server.origin, plan, settings)
        reports = crawl_all(jobs)
        yield {name: (servers[name], reports[name]) for name in jobs}


@pytest.mark.parametrize("name", WISHES)
def test_a_wait_over_the_limit_ends_the_requests_to_the_host(crawls, name):
    server, report = crawls[name]
    assert server.paths() == ["/busy"]
    assert set(report.answers.values()) == {"HostLeftAlone retry_after"}
    assert report.stats["zaobao/left_alone/127.0.0.1"] == "retry_after"
    assert report.refused("retry_after") == 21


def test_waits_asked_for_again_and_again_have_an_end(crawls):
    server, report = crawls["again"]
    assert len(server.paths()) == 5
    assert report.stats["zaobao/left_alone/127.0.0.1"] == "retry_after"


@pytest.mark.parametrize("reason", BLOCKS)
def test_a_block_on_a_list_page_ends_all_requests(crawls, reason):
    server, report = crawls[reason]
    # A challenge with 200 is known only once its page was read; one more may be under way.
    assert len(server.paths()) <= (2 if reason == "challenge" else 1)
    reason = reason.partition(" ")[0]
    left = f"HostLeftAlone {reason}"
    assert report.answers[f"{server.origin}/list"] == left
    assert list(report.answers.values()).count(left) >= 20
    assert report.stats["zaobao/left_alone/127.0.0.1"] == reason


def test_blocks_on_single_stories_end_nothing_and_three_in_a_row_do(crawls):
    server, report = crawls["stories"]
    assert server.paths() == [f"/{n}" for n in range(9)]
    got = [report.answers[f"{server.origin}/{n}"].split(" ", 1)[1] for n in range(10)]
    page = PAGE_CAME.removeprefix("page ")
    assert got[:6] == [page, "http_403", "http_403", page, "http_403", page]
    assert got[6:] == ["http_403", "challenge", "http_403", "http_403"]
    assert report.answers[f"{server.origin}/19"] == "HostLeftAlone http_403"


def test_a_redirect_between_blocks_does_not_hide_them(crawls):
    server, report = crawls["hidden"]
    assert server.times["/wall"] == 3
    assert report.stats["zaobao/left_alone/127.0.0.1"] == "challenge"


def test_a_burst_of_errors_is_outlasted_with_growing_gaps(crawls):
    server, report = crawls["burst"]
    times = [hit.at for hit in server.hits if hit.path == "/a"]
    gaps = [after - before for before, after in pairwise(times)]
    assert len(gaps) == 3
    for gap, least in zip(gaps, (0.8, 1.6, 3.2), strict=True):
        assert least <= gap < least + MUCH
    others = [hit.at for hit in server.hits if hit.path in ("/b", "/c")]
    assert max(others) < times[1], "other pages need not wait"
    assert report.answers[f"{server.origin}/a"].startswith("page ")
    assert report.answers[f"{server.origin}/down"] == "HttpError http_500"


def test_a_stop_ends_a_long_wait_at_once(tmp_path):
    with Server({"/busy": reply(b"", "429 Slow", "Retry-After: 600")}) as server:
        plan = [{"url": f"{server.origin}/{name}"} for name in ("busy", *range(20))]
        process = start(Job(server.origin, plan, QUEUED), tmp_path)
        wait_until(lambda: "/busy" in server.paths(), process)
        asked = len(server.paths())
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        stopped = time.monotonic()
        report = finish(process, tmp_path)
        assert len(server.paths()) == asked
    assert time.monotonic() - stopped < MUCH
    assert report.finished == "shutdown"
    assert list(report.answers.values()).count("Interrupted interrupted") >= 8


def test_the_end_of_a_runs_time_ends_a_long_wait_too():
    with Server({"/busy": reply(b"", "429 Slow", "Retry-After: 600")}) as server:
        plan = [{"url": f"{server.origin}/{name}"} for name in ("busy", *range(20))]
        report = crawl(server.origin, plan, **QUEUED, CLOSESPIDER_TIMEOUT="3")
    assert report.finished == "closespider_timeout"
    assert set(report.answers.values()) <= {"Interrupted interrupted", PAGE_CAME}
    assert "Interrupted interrupted" in report.answers.values()


def test_a_stop_breaks_off_an_answer_that_does_not_come(tmp_path):
    with Server({"/hang": lambda _, connection: time.sleep(60)}) as server:
        plan = [{"url": f"{server.origin}/{name}"} for name in ("hang", "a")]
        one = {"CONCURRENT_REQUESTS": "1", "DOWNLOAD_TIMEOUT": "50"}
        process = start(Job(server.origin, plan, one), tmp_path)
        wait_until(lambda: "/hang" in server.paths(), process)
        process.send_signal(signal.SIGINT)
        report = finish(process, tmp_path)
        assert server.paths() == ["/hang"]
    # Else it would have been a timeout.
    assert report.answers.get(f"{server.origin}/hang") == "Interrupted interrupted", report.log
    assert report.finished == "shutdown"
    assert "Traceback" not in report.log
