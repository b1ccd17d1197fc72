"""Captures and raw pages read by a Dask cluster: the same bytes as one machine, whatever dies."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.newspaper import Newspaper
from tests.support.archive import PATIENCE, Archive, wait_until
from tests.support.captured import SITE, TODAY, stories, write

pytestmark = pytest.mark.slow

STORIES = 240
_KEPT = ("_posts", "articles.jsonl", "revisions")
"""Not `raw/`: its records have an id and a moment of writing each."""


class Cluster:
    """A scheduler and two workers, each a process of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "scheduler.json"
        where = ["--scheduler-file", str(self._file)]
        self.scheduler = self._start("scheduler", "--port", "0", "--no-dashboard", *where)
        wait_until(self._file.exists, self.scheduler)
        self.workers: list[subprocess.Popen[bytes]] = []
        self.mend()
        self.address = json.loads(self._file.read_text())["address"]

    def mend(self) -> None:
        """Start a worker for each that was killed."""
        self.workers = [one for one in self.workers if one.poll() is None]
        where = ("--nthreads", "1", "--no-nanny", "--scheduler-file", str(self._file))
        while len(self.workers) < 2:
            self.workers.append(self._start("worker", "--no-dashboard", *where))

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        log = (self._folder / "log").open("ab")
        with log:
            return subprocess.Popen(
                [sys.executable, "-m", "dask", *arguments],
                stdout=log,
                stderr=log,
                cwd=Path(__file__).parents[2],
                env={**os.environ, "PYTHONPATH": "."},
            )

    def stop(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Cluster]]:
    """The clusters so far; the last one may be alive."""
    made: list[Cluster] = []
    try:
        yield made
    finally:
        for one in made:
            one.stop()


@pytest.fixture
def cluster(shared: list[Cluster], tmp_path: Path) -> Cluster:
    if shared and shared[-1].scheduler.poll() is None:
        shared[-1].mend()
    else:
        shared.append(Cluster(tmp_path))
    return shared[-1]


@pytest.fixture(scope="module")
def captured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("captured")
    return write(folder / "a.warc.gz", stories(Newspaper(TODAY, bulk=3 * STORIES), STORIES))


@pytest.fixture(scope="module")
def alone(captured: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What one machine makes of it."""
    archive = Archive(tmp_path_factory.mktemp("alone") / "output", SITE)
    done = archive.scrapy("adopt", str(captured), ZAOBAO_RAW="on")
    assert done.returncode == 0, done.stderr
    return _tree(archive)


def _tree(archive: Archive) -> dict[str, bytes]:
    return {
        str(path.relative_to(archive.folder)): path.read_bytes()
        for name in _KEPT
        for path in [archive.folder / name, *(archive.folder / name).rglob("*")]
        if path.is_file()
    }


def _begun(archive: Archive, *command: str) -> subprocess.Popen[bytes]:
    """A command that has written its first line, and not its last."""
    lines = archive.folder / "articles.jsonl"
    child = subprocess.Popen(archive.command(*command), **archive.where(ZAOBAO_RAW="on"))
    wait_until(lambda: lines.exists() and lines.stat().st_size, child)
    return child


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "output", SITE)


def test_a_killed_worker_costs_only_time(
    archive: Archive, cluster: Cluster, captured: Path, alone: dict[str, bytes]
) -> None:
    command = ("adopt", str(captured), "--scheduler", cluster.address)
    child = _begun(archive, *command)
    os.kill(cluster.workers[0].pid, signal.SIGKILL)
    assert child.poll() is None
    _, said = child.communicate(timeout=PATIENCE)
    assert child.returncode == 0, said.decode()
    assert f"{STORIES} stories taken over" in said.decode()
    assert len(alone) > STORIES
    assert _tree(archive) == alone


def test_posts_are_rebuilt_by_a_cluster_as_by_one_machine(
    archive: Archive, cluster: Cluster, captured: Path, alone: dict[str, bytes]
) -> None:
    assert archive.scrapy("adopt", str(captured), ZAOBAO_RAW="on").returncode == 0
    posts = sorted((archive.folder / "_posts").iterdir())
    for post in posts:
        post.write_bytes(b"---\nlayout: post\n---\n")
    command = archive.command("reextract", "--scheduler", cluster.address)
    child = subprocess.Popen(command, **archive.where())
    wait_until(lambda: posts[0].stat().st_size > 100 or posts[-1].stat().st_size > 100, child)
    os.kill(cluster.workers[1].pid, signal.SIGKILL)
    _, said = child.communicate(timeout=PATIENCE)
    assert child.returncode == 0, said.decode()
    assert f"{STORIES} changed" in said.decode()
    assert _tree(archive) == alone


def test_a_lost_scheduler_is_said_and_nothing_is_lost(
    archive: Archive, cluster: Cluster, captured: Path, alone: dict[str, bytes]
) -> None:
    child = _begun(archive, "adopt", str(captured), "--scheduler", cluster.address)
    os.kill(cluster.scheduler.pid, signal.SIGKILL)
    _, said = child.communicate(timeout=PATIENCE)
    assert child.returncode == 1, said.decode()
    assert "The Dask scheduler was lost" in said.decode()
    assert "Run the same command again." in said.decode()
    assert "Traceback" not in said.decode()
    assert len(archive.posts) < STORIES
    done = archive.scrapy("adopt", str(captured), ZAOBAO_RAW="on")
    assert done.returncode == 0, done.stderr
    assert _tree(archive) == alone


def test_a_cluster_of_this_machine_gives_the_same(
    archive: Archive, captured: Path, alone: dict[str, bytes]
) -> None:
    command = archive.command("adopt", str(captured), "--workers", "2")
    done = subprocess.run(command, **archive.where(ZAOBAO_RAW="on"), timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert _tree(archive) == alone


def test_what_is_not_installed_or_not_there_is_said(
    archive: Archive, captured: Path, tmp_path: Path
) -> None:
    (tmp_path / "distributed.py").write_text("raise ImportError")
    where = archive.where(PYTHONPATH=str(tmp_path))
    for option in (("--workers", "2"), ("--scheduler", "tcp://127.0.0.1:9")):
        command = archive.command("adopt", str(captured), *option)
        done = subprocess.run(command, **where, timeout=PATIENCE, check=False)
        assert done.returncode == 1
        assert b"pip install -r requirements-dask.txt" in done.stderr
        assert b"Traceback" not in done.stderr
    assert not (archive.folder / "articles.jsonl").exists()


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (("--workers", "0"), "it takes a whole number above 0"),
        (("--workers", "-1"), "it takes a whole number above 0"),
        (("--workers", "two"), "it takes a whole number above 0"),
        (("--scheduler", "localhost:8786"), "tcp://host:8786"),
        (("--scheduler", "tcp://localhost"), "tcp://host:8786"),
        (("--scheduler", "tcp://h:1", "--workers", "2"), "name one of them"),
    ],
)
@pytest.mark.parametrize("command", [("adopt", "x"), ("reextract",)])
def test_a_wrong_option_is_named(
    archive: Archive, tmp_path: Path, command: tuple[str, ...], option: tuple[str, ...], said: str
) -> None:
    given = [str(tmp_path) if one == "x" else one for one in command]
    done = archive.scrapy(*given, *option)
    assert done.returncode == 2
    assert said in done.stderr
