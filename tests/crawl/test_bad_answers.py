"""Bad answers to a real `scrapy crawl`; the long form is `python -m tools.bad_answers`."""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.support.archive import Archive
from tests.support.behaviours import BEHAVIOURS, cuts
from tests.support.fault_server import Server, reply
from tools.bad_answers import LIST, Row, crawl_all, crawl_row, newspaper, page, reasons
from zaobao import settings

if TYPE_CHECKING:
    from pathlib import Path

    from demo.server import Served
    from tests.support.fault_server import Answer

pytestmark = pytest.mark.slow

EXPECTED = {
    # what becomes of the story: behaviours
    "post": """1-plain 35-cookies own-close-delimited own-chunked own-http-1.0 own-hints-first
        own-8-bit-reason own-cut-then-whole own-500-then-whole own-gzip own-gzip-with-junk
        own-gzip-twice own-brotli own-gbk-said-utf8 own-gbk own-utf8-said-latin1
        own-utf8-said-gbk own-utf16 own-one-bad-byte own-said-plain own-no-type""",
    "redirect_out_of_bounds": """2-inner 4-data 5-ftp 7-user-part 8-linefeed own-file
        own-javascript own-no-scheme own-foreign own-foreign-no-scheme own-foreign-look-alike
        own-private own-link-local own-ipv6 own-mapped own-backslash own-backslashes own-tab
        own-same-host-other-port""",
    "redirects": "11-loop own-empty-location",
    "robots": "own-forbidden own-forbidden-encoded",
    "cut": """19-gzip-cut 28-chunk-cut 29-reset own-length-long own-length-short own-plain-cut
        own-cut-in-character own-close-delimited-cut own-chunks-without-end
        own-chunk-size-no-number own-partial own-gzip-one-byte-short own-gzip-empty
        own-gzip-thrice-cut own-deflate-cut own-brotli-cut""",
    "encoding": "20-no-gzip own-unknown-coding",
    "empty": "own-empty own-204",
    "timeout": "22-slow-body 23-slow-head own-hang own-hang-after-head own-hang-in-body",
    "network": """25-header-5mb 31-no-answer 32-garbage own-length-negative own-length-twice
        own-http-0.9""",
    "not_html": "26-200000-headers 37-png 38-pdf own-json own-png-said-html own-said-png",
    "charset": "own-gzip-unsaid own-big5-said-utf8 own-mojibake",
    "unknown_layout": """13-meta-inner 14-meta-file own-laughs own-laughs-said-html
        own-nested-60""",
    "too_deep": "own-nested-300 own-nested-3000",
    "too_many_nodes": "own-nested-100000 own-30000-nodes",
    "tag_too_long": "own-60000-attributes",
    "soft_404": "own-soft-404 own-front-page",
    "login_wall": "own-login-wall",
    "maintenance": "own-maintenance own-maintenance-as-story",
    "challenge": "own-challenge",
    # Sent on inside the bounds, to what is not there.
    "http_404": """own-triple-slash own-to-list own-to-other-story own-https-of-paper own-404
        own-404-with-page""",
    **{f"http_{status}": f"own-{status}" for status in (300, 304, 400, 401, 410, 500, 999)},
    "http_302": "own-nowhere",
    "http_502": "own-502-with-page",
}
TRIED_AGAIN = (
    *("cut", "encoding", "empty", "timeout", "network"),
    *("http_500", "http_502", "http_999"),
)
SLOW = ("26-200000-headers",)
"""Seconds of work, so on a busy machine over the crawl's timeout."""


@pytest.fixture(scope="module")
def every(tmp_path_factory: pytest.TempPathFactory) -> Row:
    return crawl_all(tmp_path_factory.mktemp("faults"))


@pytest.mark.parametrize("outcome", EXPECTED)
def test_every_bad_answer_has_its_outcome(every: Row, outcome: str) -> None:
    numbers = dict(zip(BEHAVIOURS, every.numbers, strict=True))
    for name in EXPECTED[outcome].split():
        number = numbers[name]
        if name in SLOW and every.reasons[number] == "timeout":
            continue
        assert (every.reasons[number], every.has(number)) == (outcome, outcome == "post"), name
        times = [path.partition("?")[0].rpartition("-")[2] for path in every.asked].count(number)
        if outcome in TRIED_AGAIN:
            assert times == 2, name
        elif outcome != "post" and name not in SLOW:
            assert times == (4 if outcome == "redirects" else 1), name
    assert numbers.keys() == {name for names in EXPECTED.values() for name in names.split()}


def test_bad_answers_make_no_short_post_and_no_forbidden_request(every: Row) -> None:
    assert (every.short, every.inner, len(every.posts)) == (0, 0, len(EXPECTED["post"].split()))
    assert [path for path in every.asked if path.startswith(("/forbidden", "/%66"))] == []
    assert every.asked.count("/robots.txt") == 1
    assert every.exit_code == 3
    assert "Traceback" not in every.log
    assert len(every.agents) == 1
    assert every.agents.pop().startswith("zaobao/")
    assert every.cookies == 0


def test_a_body_cut_anywhere_is_no_story_and_is_asked_for_again(tmp_path: Path) -> None:
    """In gzip, short of its Content-Length, and with one that agrees with the cut."""
    row = crawl_all(tmp_path, cuts(100))
    numbers = dict(zip(cuts(100), row.numbers, strict=True))
    came = {name: row.reasons[number] for name, number in numbers.items()}
    assert {name: reason for name, reason in came.items() if reason != "cut"} == dict.fromkeys(
        (name for name in came if name == "plain-0"), "empty"
    )
    asked = Counter(path.rpartition("-")[2] for path in row.asked)
    assert [name for name, number in numbers.items() if asked[number] != 2] == []
    assert row.posts == {}
    with closing(sqlite3.connect(tmp_path / "all" / "state.sqlite")) as state:
        due = state.execute("SELECT count(*) FROM stories WHERE due IS NOT NULL").fetchone()
    assert due == (len(numbers),)


HOST = {
    # what answers so: requests, what becomes of the three stories, exit code
    "robots-403": (1, ("unseen", "unseen", "unseen"), 1),
    "robots-html": (1, ("unseen", "unseen", "unseen"), 1),
    "robots-forbids-stories": (2, ("robots", "robots", "robots"), 0),
    "list-challenge": (2, ("unseen", "unseen", "unseen"), 1),
    "list-maintenance": (2, ("unseen", "unseen", "unseen"), 1),
    "list-451": (2, ("unseen", "unseen", "unseen"), 1),
    "three-403": (5, ("http_403", "http_403", "due"), 3),
    "three-challenge": (5, ("challenge", "challenge", "due"), 3),
    "one-403": (5, ("post", "http_403", "post"), 0),
    "one-retry-after-3600": (4, ("post", "due", "due"), 3),
    "429-retry-after-2": (6, ("post", "post", "post"), 0),
}


@pytest.mark.parametrize("name", HOST)
def test_what_an_answer_does_to_the_whole_run(name: str, tmp_path: Path) -> None:
    row = crawl_row(name, tmp_path)
    requests, came, exit_code = HOST[name]
    assert tuple(row.reasons[number] for number in row.numbers) == came, row.log
    assert (len(row.asked), row.exit_code, row.short, row.inner) == (requests, exit_code, 0, 0)
    assert "Traceback" not in row.log
    if name == "list-maintenance":
        assert "answers with a block page: maintenance" in row.log
    if name == "429-retry-after-2":
        # The wish is kept for the whole host; a busy machine may be late.
        busy = row.asked.index(next(path for path in row.asked if row.asked.count(path) == 2))
        assert 1.99 <= row.gaps[busy] < 2.2 + 30


def test_a_run_that_would_never_end_is_ended(tmp_path: Path) -> None:
    paper, paths = newspaper(2)
    hang: Answer = lambda _, c: time.sleep(20)  # noqa: E731
    with Server({LIST: reply(page(paper, LIST)), **dict.fromkeys(paths, hang)}) as server:
        archive = Archive(tmp_path / "output", server.origin)
        done = archive.crawl("realtime", "-apages=1", "-sCLOSESPIDER_TIMEOUT=2")
    assert done.returncode == 3, done.stderr
    assert archive.report["verdict"] == "interrupted"
    assert archive.report["reasons"] == ["the run was interrupted: closespider_timeout"]
    numbers = [path.rpartition("-")[2] for path in paths]
    assert reasons(archive.folder, numbers) == dict.fromkeys(numbers, "due")


def test_the_pace_is_two_seconds_and_more_and_a_run_has_an_end() -> None:
    assert settings.DOWNLOAD_DELAY * (1 - settings.DOWNLOAD_DELAY_JITTER) >= 2
    assert settings.AUTOTHROTTLE_START_DELAY >= settings.DOWNLOAD_DELAY
    requests = int(settings.ZAOBAO_MAX_PAGES) + int(settings.ZAOBAO_MAX_NEW)
    # The slowest pace that robots.txt can ask for, and four waits.
    slowest = requests * settings.CRAWL_DELAY_MAX * 1.25 + 4 * settings.RETRY_AFTER_MAX
    assert slowest < settings.CLOSESPIDER_TIMEOUT <= 24 * 3600


@pytest.mark.parametrize("bad", ["TWISTED_REACTOR_ENABLED=False", "ZAOBAO_SITE=http://[::1]:9"])
@pytest.mark.parametrize("command", ["crawl", "explain", "audit"])
def test_settings_under_which_the_guards_do_not_hold_are_refused(
    archive: Archive, served: Served, command: str, bad: str
) -> None:
    site = bad.removeprefix("ZAOBAO_SITE=") if "SITE" in bad else served.origin
    story = f"{site}/realtime/china/story20261101-9800001"
    what = {"crawl": "realtime", "explain": story, "audit": "2021-08"}[command]
    done = archive.scrapy(command, what, f"-s{bad}", *archive.fast())
    assert (done.returncode, "Traceback" in done.stderr) == (2, False), done.stderr
    assert bad.partition("=")[0] in done.stderr + done.stdout
    assert served.paper.requests == []


def test_no_secret_is_logged_or_kept(archive: Archive) -> None:
    secrets = {"SPIDERMON_TELEGRAM_SENDER_TOKEN": "geheim-1", "SPIDERMON_SMTP_PASSWORD": "geheim-2"}
    long = 'it\'s "geheim", ' * 12  # over a line, with all that could end it
    given = ("SPIDERMON_SLACK_SENDER_TOKEN=geheim-3", f"MAIL_PASS={long}", f"FTP_PASSWORD={long}")
    given += ("AWS_SECRET_ACCESS_KEY=geheim-4", "AWS_SESSION_TOKEN=geheim-5")
    done = archive.crawl(
        "realtime",
        *("-a", "limit=1", "-sLOG_LEVEL=DEBUG", *(f"-s{one}" for one in given)),
        ZAOBAO_RAW="on",
        **secrets,
    )
    assert done.returncode == 0, done.stderr
    # What is no secret is still said.
    said = "'MAIL_PASS': '***',", "'BOT_NAME': 'zaobao',", "'MEMUSAGE_LIMIT_MB': 512,"
    assert [one for one in said if one not in done.stderr] == []
    assert "geheim" not in done.stderr + done.stdout
    kept = [path for path in archive.folder.rglob("*") if path.is_file()]
    assert any(path.parent.name == "runs" for path in kept)
    assert [path for path in kept if b"geheim" in path.read_bytes()] == []
