"""An output folder, and crawls that write into it through the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support import forkserver

ROOT = Path(__file__).parents[2]
PATIENCE = 600
"""Seconds after which a test takes a child process for hung, also on a machine with much to do."""
FAST = ("DOWNLOAD_DELAY=0", "AUTOTHROTTLE_ENABLED=False", "RETRY_BACKOFF=0.1", "RETRY_TIMES=1")


@contextmanager
def mounted(size: str, access: str = "rw") -> Iterator[Path]:
    """A file system of that size, `rw` or `ro`, as root can mount one; else the test is skipped.

    It stands outside pytest's own folders: a session that was killed leaves it mounted, and
    pytest's next sessions, which clear those folders away, would fail on it.
    """
    with tempfile.TemporaryDirectory(prefix="zaobao-disk-") as name:
        folder = Path(name)
        mount = ["mount", "-t", "tmpfs", "-o", f"size={size},{access}", "tmpfs", name]
        try:
            subprocess.run(mount, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("a small file system can be mounted by root only")
        try:
            yield folder
        finally:
            subprocess.run(["umount", name], check=True)


def wait_until(condition: Callable[[], object], child: subprocess.Popen[Any]) -> None:
    """Wait for something that a child process does; it fails when the child ends without it."""
    while not condition():
        assert child.poll() is None, f"the process ended with {child.returncode} before"
        time.sleep(0.02)


@dataclass
class Archive:
    """An output folder, and `scrapy` commands that write to it."""

    folder: Path
    site: str
    root: Path = ROOT
    """The repository whose code runs."""

    def scrapy(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a scrapy command to its end, in a child process, from the repository's root."""
        return self.python("-m", "scrapy", *arguments, **environment)

    def python(self, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run Python in the same way, with `-m MODULE` or `-c CODE` and what follows that."""
        where = self.where(**environment)
        if self.root == ROOT and forkserver.fits(where["env"]):
            return forkserver.run(*command, environment=where["env"], timeout=PATIENCE)
        started = [sys.executable, *command]
        return subprocess.run(started, **where, text=True, timeout=PATIENCE, check=False)

    def crawl(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """`scrapy crawl realtime` at full speed."""
        return self.scrapy("crawl", *(arguments or ("realtime",)), *self.fast(), **environment)

    @staticmethod
    def command(*arguments: str) -> list[str]:
        return [sys.executable, "-m", "scrapy", *arguments]

    @staticmethod
    def fast() -> list[str]:
        return [f"-s{value}" for value in FAST]

    def where(self, **environment: str) -> dict[str, Any]:
        """Keyword arguments for subprocess: folder, environment, captured output."""
        ours = {"ZAOBAO_OUTPUT": str(self.folder), "ZAOBAO_SITE": self.site}
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ZAOBAO_")}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return {"cwd": self.root, "env": {**kept, **ours, **environment}, **pipes}

    @property
    def posts(self) -> dict[str, bytes]:
        """The posts by file name."""
        return {path.name: path.read_bytes() for path in (self.folder / "_posts").glob("*.md")}

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The lines of articles.jsonl."""
        path = self.folder / "articles.jsonl"
        lines = path.read_bytes().splitlines() if path.exists() else []
        return [json.loads(line) for line in lines]

    @property
    def by_number(self) -> dict[str, dict[str, Any]]:
        """The current line of each story, by its number."""
        return {line["id"].partition("-")[2]: line for line in self.lines}

    @property
    def report(self) -> dict[str, Any]:
        """The report of the last run."""
        newest = max((self.folder / "runs").glob("*.json"))
        return dict(json.loads(newest.read_bytes()))

    def tree(self) -> dict[str, bytes]:
        """Every file that a run without news must leave as it is."""
        kept = ("_posts", "articles.jsonl", "revisions", "_config.yml", "_layouts", "index.html")
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for name in kept
            for path in sorted([self.folder / name, *(self.folder / name).rglob("*")])
            if path.is_file()
        }
