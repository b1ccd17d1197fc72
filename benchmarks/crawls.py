"""P1 and P2: whole crawls as processes, in CPU seconds a story.

Each tool crawls twice a round, few pages and many; the CPU time (user + system,
children included) of the difference belongs to the further articles alone, so
that no start-up is in it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import peers
from benchmarks.pages import LIST_SIZE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

ROOT = Path(__file__).parents[1]
TOOLS = Path(__file__).parent / "tools"
WORK = ROOT / "build" / "benchmarks"
BIN = Path(sys.executable).parent
NOBODY = "http://127.0.0.1:9"
"""Where nobody answers."""
_EVERY = 0.02


class Broken(Exception):
    """A crawl that did not give what it was asked for."""


@dataclass(frozen=True)
class Child:
    """A finished process: CPU seconds, seconds, MiB at most."""

    cpu: float
    wall: float
    peak: float


@dataclass(frozen=True)
class Tool:
    """command: from origin, list pages and the file that gets a line for each story.

    few, many: list pages of the crawls whose difference is measured; 0: none at all.
    """

    name: str
    command: Callable[[str, int, Path], Sequence[str]]
    few: int
    many: int
    folder: Path = WORK

    def cost(self, origin: str) -> float:
        """CPU seconds a story."""
        few, many = (self.run(origin, pages).cpu for pages in (self.few, self.many))
        return (many - few) / ((self.many - self.few) * LIST_SIZE)

    def run(self, origin: str, pages: int) -> Child:
        """One crawl; Broken when a story is missing."""
        out = WORK / "out" / f"{re.sub('[^a-z0-9]+', '-', self.name.lower())}.jsonl"
        out.unlink(missing_ok=True)
        shutil.rmtree(out.with_suffix(""), ignore_errors=True)
        child = run(self.command(origin, pages, out), self.folder)
        lines = out.read_bytes().count(b"\n") if out.exists() else 0
        if lines != pages * LIST_SIZE:
            raise Broken(f"{self.name}: {lines} lines for {pages * LIST_SIZE} stories")
        return child


def run(command: Sequence[str], folder: Path, more: Mapping[str, str] | None = None) -> Child:
    """Run a command to its end; Broken when it fails. Its output is in `build/benchmarks/log`."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("ZAOBAO_", "SCRAPY_"))}
    with (WORK / "log").open("wb") as log:
        started = os.times().elapsed
        child = subprocess.Popen(
            command, cwd=folder, stdout=log, stderr=log, env=environment | dict(more or {})
        )
        peak, (done, status, usage) = 0.0, os.wait4(child.pid, os.WNOHANG)
        while not done:
            time.sleep(_EVERY)
            # Not `ru_maxrss`: the memory of this process before `exec` is in that.
            peak = memory(child.pid, "VmHWM") or peak
            done, status, usage = os.wait4(child.pid, os.WNOHANG)
        wall = os.times().elapsed - started
    if code := os.waitstatus_to_exitcode(status):
        said = (WORK / "log").read_bytes()[-2000:].decode(errors="replace")
        raise Broken(f"{' '.join(command)} gave {code}: {said}")
    return Child(usage.ru_utime + usage.ru_stime, wall, peak)


def memory(pid: int, name: str) -> float:
    """A process's memory in MiB by its name in proc(5); 0 when it has ended."""
    try:
        found = re.search(rf"{name}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    except FileNotFoundError:
        found = None
    return int(found[1]) / 1024 if found else 0.0


def project(origin: str, pages: int, out: Path) -> Sequence[str]:
    """The project with everything on; its own articles.jsonl is the file that is counted."""
    output = out.with_suffix("")
    output.mkdir(parents=True)
    out.symlink_to(output / "articles.jsonl")
    return crawl(origin, output, pages)


def crawl(origin: str, output: Path, pages: int, *more: str) -> Sequence[str]:
    """`scrapy crawl realtime` without its politeness, which CPU time does not feel."""
    bounds = {
        "ZAOBAO_OUTPUT": output,
        "ZAOBAO_MAX_PAGES": 100_000,
        "ZAOBAO_MAX_NEW": 10_000_000,
    }
    given = [*_impolite(origin), *(part for each in bounds.items() for part in _set(*each))]
    return [str(BIN / "scrapy"), "crawl", "realtime", "-a", f"pages={pages}", *given, *more]


def asking(origin: str, pages: int, out: Path) -> Sequence[str]:
    """The small spider under the project's settings; it reads nothing of a story."""
    return [*_news(origin, pages), "-a", f"asked={out}", *_impolite(origin)]


def minimal_asking(origin: str, pages: int, out: Path) -> Sequence[str]:
    """The small spider under the settings of a template; it reads nothing of a story."""
    return [*_news(origin, pages), "-a", f"asked={out}", *_MINIMAL]


def minimal(origin: str, pages: int, out: Path) -> Sequence[str]:
    """The small spider, which writes JSON lines."""
    return [*_news(origin, pages), "-O", str(out), *_MINIMAL]


def durable(origin: str, pages: int, out: Path) -> Sequence[str]:
    """The small spider, which keeps its stories as durably as the project."""
    pipeline = _set("ITEM_PIPELINES", '{"durable.Keep": 100}') + _set("KEEP", out)
    return ["env", f"PYTHONPATH={TOOLS}", *_news(origin, pages), *pipeline, *_MINIMAL]


def _set(name: str, value: object) -> list[str]:
    return ["-s", f"{name}={value}"]


def _impolite(origin: str) -> list[str]:
    pace = _set("DOWNLOAD_DELAY", 0) + _set("AUTOTHROTTLE_ENABLED", False)
    return _set("ZAOBAO_SITE", origin) + pace


# The project logs what INFO has; the template's settings wait a second before each request.
_MINIMAL = _set("LOG_LEVEL", "INFO") + _set("DOWNLOAD_DELAY", 0)


def _news(origin: str, pages: int) -> list[str]:
    given = ["-a", f"origin={origin}", "-a", f"pages={pages}"]
    return [str(BIN / "scrapy"), "runspider", str(TOOLS / "with_scrapy.py"), *given]


def start_project() -> Path:
    """What `scrapy startproject` makes."""
    folder = WORK / "minimal"
    shutil.rmtree(folder, ignore_errors=True)
    command = [str(BIN / "scrapy"), "startproject", "minimal", str(folder)]
    subprocess.run(command, cwd=WORK, check=True, stdout=subprocess.DEVNULL)
    return folder


def peer(name: str, how: str) -> Callable[[str, int, Path], Sequence[str]]:
    """A tool that runs in an environment of its own. how: what `durable.keeper` takes."""

    def command(origin: str, pages: int, out: Path) -> Sequence[str]:
        script = TOOLS / f"with_{name}.py"
        return [str(peers.python(name)), str(script), origin, str(pages), str(out), how]

    return command
