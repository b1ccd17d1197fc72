"""The server of tests/support/forkserver.py: what it forks runs as a Python started for it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support import forkserver
from tests.support.archive import Archive


def run(*command: str, timeout: float = 60, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **more}
    return forkserver.run(*command, environment=environment, timeout=timeout)


@pytest.mark.parametrize(
    "command",
    [
        ("-m", "scrapy", "list"),
        ("-m", "scrapy", "crawl", "nosuch", "--nolog"),
        ("-m", "scrapy", "audit"),
        ("-c", "import sys; print(sys.argv, __name__); sys.exit('so')", "-x", "y"),
    ],
)
def test_it_ends_and_says_what_one_that_was_started_does(command: tuple[str, ...]) -> None:
    started = subprocess.run(
        [sys.executable, *command],
        cwd=forkserver.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    forked = run(*command)
    assert (forked.returncode, forked.stdout) == (started.returncode, started.stdout)
    assert forked.stderr == started.stderr


def test_each_has_its_own_environment() -> None:
    command = ("-m", "scrapy", "settings", "--get", "ZAOBAO_OUTPUT")
    assert run(*command, ZAOBAO_OUTPUT="one").stdout == "one\n"
    assert run(*command).stdout == "output\n"


LATE = """
import atexit, threading
atexit.register(print, "the last")
threading.Timer(0.1, print, ["a thread"]).start()
"""


@pytest.mark.parametrize(
    ("ending", "code", "said"),
    [
        ("", 0, ""),
        ("exit()", 0, ""),
        ("exit(3)", 3, ""),
        ("exit('so')", 1, "so\n"),
        ("0 / 0", 1, "ZeroDivisionError"),
    ],
)
def test_what_ends_last_is_waited_for(ending: str, code: int, said: str) -> None:
    done = run("-c", LATE + ending)
    assert (done.returncode, done.stdout) == (code, "a thread\nthe last\n")
    assert said in done.stderr


def test_one_that_is_killed_says_so() -> None:
    killed = run("-c", "import os; os.kill(os.getpid(), 9)")
    assert killed.returncode == -signal.SIGKILL


def test_one_that_takes_too_long_is_ended_and_the_next_one_runs() -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        run("-c", "import time; time.sleep(600)", timeout=0.1)
    assert run("-m", "scrapy", "list").returncode == 0


def test_it_begins_when_it_is_let(tmp_path: Path) -> None:
    let = tmp_path / "let"

    def attach(pid: int) -> None:
        assert Path(f"/proc/{pid}").exists()
        time.sleep(0.2)
        let.touch()

    def refuse(pid: int) -> None:
        raise PermissionError(pid)

    command = ("-c", f"open({str(let)!r})")
    with pytest.raises(PermissionError):
        forkserver.run(*command, environment=dict(os.environ), timeout=60, attach=refuse)
    assert run(*command).returncode == 1
    done = forkserver.run(*command, environment=dict(os.environ), timeout=60, attach=attach)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["LC_ALL", "PYTHONIOENCODING", "LD_PRELOAD", "TZ", "MARK"])
def test_what_is_read_at_the_start_needs_a_start(name: str, tmp_path: Path) -> None:
    archive = Archive(tmp_path, "http://127.0.0.1:9")
    assert forkserver.fits(archive.where(ZAOBAO_TEXT="full")["env"])
    assert not forkserver.fits(archive.where(**{name: "other"})["env"])
