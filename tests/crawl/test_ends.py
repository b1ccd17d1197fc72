"""How a run ends: by a signal, at a disk that fails, without a network. Through the command line."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from demo.newspaper import Answer
from tests.support.archive import PATIENCE, Archive, mounted, wait_until
from tests.support.whole import numbers, verify
from zaobao import verdict

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from demo.server import Served

slow = pytest.mark.slow
HANGS = Answer("<!DOCTYPE html>", delay=2 * PATIENCE)
FORBIDS = Answer("User-agent: *\nDisallow: /\n", headers={"Content-Type": "text/plain"})


# At the fortieth post that it takes over.
ENDS_ITSELF = """
import os, signal, sys
from scrapy.cmdline import execute
from zaobao.archive import adopt

read, calls = adopt.posts.read, []

def counted(data):
    calls.append(1)
    if len(calls) == 40:
        os.kill(os.getpid(), signal.SIGTERM)
    return read(data)

adopt.posts.read = counted
execute(["scrapy", *sys.argv[1:]])
"""


def told(done: subprocess.CompletedProcess[str]) -> str:
    """What stderr has besides the log: the table and the reasons, or one sentence."""
    log = ("20", " ", "{", "[")
    lines = done.stderr.splitlines()
    return "\n".join(line for line in lines if line.startswith("  ") or not line.startswith(log))


# --- signals


@slow
@pytest.mark.parametrize(
    ("hangs", "signals", "code"),
    [
        ("story", (signal.SIGTERM,), 3),
        ("story", (signal.SIGINT, signal.SIGINT), 3),
        ("/realtime/china", (signal.SIGINT,), 1),
    ],
)
def test_a_signal_ends_a_run_whose_host_hangs(
    archive: Archive, served: Served, hangs: str, signals: tuple[signal.Signals, ...], code: int
) -> None:
    stories = served.paper.listed("china")
    place = stories[3].path if hangs == "story" else hangs
    served.paper.overrides[place] = HANGS
    wanted = {story.number for story in stories if story.status == 200}
    # Scrapy would wait for the answer, here until the test has lost its patience.
    command = archive.command(
        "crawl", "realtime", *archive.fast(), f"-sDOWNLOAD_TIMEOUT={PATIENCE}"
    )
    with subprocess.Popen(command, **archive.where(), text=True) as child:
        wait_until(lambda: place in [one.path_qs for one in served.paper.requests], child)
        for number in signals:
            child.send_signal(number)
            time.sleep(0.2)
        _, said = child.communicate(timeout=PATIENCE)
    assert (child.returncode, archive.report["exit_code"]) == (code, code), said
    assert archive.report["verdict"] == "interrupted"
    assert len(archive.posts) == len(archive.lines) == archive.report["counts"]["new"]
    assert "Traceback" not in said
    served.paper.overrides.clear()
    assert archive.crawl("realtime", "-a", "pages=9").returncode == 0
    verify(archive, served, wanted)


@slow
def test_sigterm_before_the_first_request(archive: Archive) -> None:
    """A large archive without its state is adopted first, and that may be stopped, too."""
    archive.crawl("realtime", "-a", "limit=1")
    (line,) = archive.lines
    post = (archive.folder / line["post"]).read_bytes()
    story = line["id"].partition("-")[2].encode()
    for number in range(60):
        data = post.replace(b"-" + story, b"-55%d" % number)
        (archive.folder / "_posts" / f"2026-01-01-{number}.md").write_bytes(data)
    (archive.folder / "state.sqlite").unlink()
    done = archive.python("-c", ENDS_ITSELF, "crawl", "realtime", *archive.fast())
    said = done.stderr
    assert (done.returncode, "stopped before its first request" in said) == (1, True), said
    assert "Traceback" not in said


# --- what fails


@slow
@pytest.mark.parametrize(
    ("place", "answer", "named"),
    [
        ("/realtime/china", Answer(status=403), "http_403"),
        ("/realtime/china", Answer(status=500), "/realtime/china: 500"),
        ("/robots.txt", FORBIDS, "robots.txt forbids"),
        ("/robots.txt", Answer(status=500), "robots.txt answers 500"),
    ],
)
def test_a_list_that_cannot_be_read_fails_the_run(
    archive: Archive, served: Served, place: str, answer: Answer, named: str
) -> None:
    served.paper.overrides[place] = answer
    done = archive.crawl()
    assert done.returncode == archive.report["exit_code"] == 1
    assert "failed: no list page could be read" in told(done)
    assert named in told(done)
    assert "Traceback" not in done.stderr


@slow
def test_without_a_network_the_run_fails(archive: Archive) -> None:
    done = archive.crawl(ZAOBAO_SITE="http://127.0.0.1:9")
    assert done.returncode == 1
    assert "refused" in told(done)


@slow
@pytest.mark.parametrize("spider", [("realtime",), ("stories", "-a", "urls=/a/story20260101-1")])
def test_a_start_that_fails_fails_the_run(archive: Archive, spider: tuple[str, ...]) -> None:
    spider = tuple(word.replace("=/", f"={archive.site}/") for word in spider)
    done = archive.crawl(*spider, "-s", "SCHEDULER=none.such")
    assert (done.returncode, archive.report["verdict"]) == (1, "failed")
    assert "the start of the run failed" in told(done)


@slow
def test_an_error_in_the_program_degrades_the_run(archive: Archive, served: Served) -> None:
    """A page that breaks a callback costs its story, and the exit code tells."""
    number = served.paper.listed("china")[2].number
    middlewares = 'SPIDER_MIDDLEWARES={"tests.support.spiders.broken.Broken": 1}'
    done = archive.crawl("realtime", "-s", middlewares)
    assert done.returncode == 3
    assert "1 error in the program" in told(done)
    assert number not in archive.by_number
    assert len(archive.posts) > 40


@pytest.mark.parametrize("finish", ["start_error", None])
def test_a_failed_start_is_no_interruption(finish: str | None) -> None:
    stats = {"zaobao/list_pages": 1, "start_time": 0, "finish_reason": finish} if finish else {}
    outcome = verdict.judge(stats, reads_lists=False)
    assert (outcome.verdict, outcome.exit_code) == ("failed", 1)


# --- disks


@pytest.fixture
def disk() -> Iterator[Path]:
    with mounted("4m") as folder:
        yield folder


@slow
def test_a_full_disk_fails_the_run_and_space_completes_it(disk: Path, served: Served) -> None:
    archive = Archive(disk / "output", served.origin)
    assert archive.crawl("realtime", "-a", "limit=3").returncode == 0
    before = archive.posts
    filler = disk / "filler"
    room = shutil.disk_usage(disk).free - 200_000
    filler.write_bytes(b"x" * room)
    done = archive.crawl("realtime", "-a", "pages=9")
    assert done.returncode == 1, done.stderr
    assert "No space left on device" in told(done) or "disk is full" in told(done)
    assert "Make room on the disk" in told(done)
    assert "Traceback" not in done.stderr
    assert before.items() <= archive.posts.items()
    filler.unlink()
    assert archive.crawl("realtime", "-a", "pages=9").returncode == 0
    verify(archive, served, numbers(served))


@slow
def test_a_read_only_folder_fails_every_command(disk: Path, served: Served) -> None:
    archive = Archive(disk / "output", served.origin)
    archive.crawl("realtime", "-a", "limit=1")
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    served.paper.requests.clear()
    for command in (["crawl", "realtime"], ["adopt", str(archive.folder)], ["withdraw", "1"]):
        done = archive.scrapy(*command)
        assert done.returncode == 1, command
        assert "Read-only file system" in told(done)
        assert "ZAOBAO_OUTPUT" in told(done)
        assert "Traceback" not in done.stderr
    assert served.paper.requests == []


@slow
def test_a_folder_that_this_user_may_not_write_to(tmp_path: Path, served: Served) -> None:
    if os.geteuid() == 0:
        archive = Archive(tmp_path / "file" / "output", served.origin)
        (tmp_path / "file").write_bytes(b"")
        expected = "Not a directory"
    else:
        (tmp_path / "mine").mkdir(mode=0o500)
        archive = Archive(tmp_path / "mine" / "output", served.origin)
        expected = "Permission denied"
    done = archive.crawl()
    assert done.returncode == 1
    assert expected in told(done)


# --- two at once


@slow
def test_of_two_runs_one_crawls_and_one_names_it(archive: Archive, served: Served) -> None:
    command = archive.command("crawl", "realtime", "-a", "pages=9", *archive.fast())
    both = [subprocess.Popen(command, **archive.where(), text=True) for _ in range(2)]
    said = {child.pid: child.communicate(timeout=PATIENCE)[1] for child in both}
    codes = {child.returncode: child for child in both}
    assert codes.keys() == {0, 1}, said
    message = said[codes[1].pid]
    assert f"is in use by process {codes[0].pid} (scrapy crawl realtime" in message
    assert "Traceback" not in message
    verify(archive, served, numbers(served))
