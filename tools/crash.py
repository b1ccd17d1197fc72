"""SIGKILL at random moments of a crawl, and what is left of the archive.

    python -m tools.crash --kills 200 [--images]

The bundled newspaper is crawled by `scrapy crawl realtime` in a child process that
is killed and started again until a run comes to its end; then some stories are
edited, and the runs that re-check them are killed in the same way. Half of the runs
kill themselves while a group of stories is kept: before, in or after one of its steps.
What must be true of an archive after that is in `verify`. `--seed` repeats the chosen
moments, though not to the microsecond.
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from demo.server import Served, serve
from demo.story import Story
from tests.support.archive import Archive
from tests.support.clock import fresh_paper
from tests.support.whole import pictures_are_whole, rows, verify

BULK = 600
"""Generated stories; 250 of them and more stand on the list of China."""
LIST = ("realtime", "-a", "pages=40")
REFRESH = (*LIST, "-a", "refresh=200000")
EDITED = 40
STEPS = {"append": 3, "write": 3, "write_posts": 3, "syncfs": 3, "rename": 150, "commit": 3}
"""Steps of keeping a group, and the call of each at which the run kills itself at most."""
_CHILD = """
import os, random, signal, sys
from scrapy.cmdline import execute
from zaobao.archive import disk, linefile
from zaobao.archive.folder import Archive
from zaobao.archive.linefile import LineFile
from zaobao.archive.state import State

step, n, is_before = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "before"
write, calls = os.write, []

def kill():
    os.kill(os.getpid(), signal.SIGKILL)

def torn(descriptor, data):  # lines are written at once
    calls.append(1)
    if len(calls) == n and step == "write":
        write(descriptor, data[:random.randint(0, len(data))])
        kill()
    return write(descriptor, data)

class System:
    write = staticmethod(torn)
    def __getattr__(self, name):
        return getattr(os, name)

if step == "write":
    linefile.os = System()
else:
    places = {"append": LineFile, "write_posts": Archive, "syncfs": disk, "rename": os}
    where = places.get(step, State)
    real = getattr(where, step)
    def call(*given, **named):
        calls.append(1)
        if len(calls) == n and is_before:
            kill()
        result = real(*given, **named)
        if len(calls) == n:
            kill()
        return result
    setattr(where, step, call)
execute(["scrapy", *sys.argv[4:]])
"""


@dataclass
class Torture:
    """One newspaper, and the archives of it that were crawled and killed so far."""

    served: Served
    folder: Path
    kills: int
    rng: random.Random
    spread: float = 2.5
    """Seconds after a run's first request in which it is killed."""
    images: bool = False
    """Whether pictures are kept."""
    done: Counter[str] = field(default_factory=Counter)
    startup: float = 1.0
    asked: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.served.paper.before.append(lambda _: self.asked.set())

    def run(self) -> Counter[str]:
        """Kill until it is enough; AssertionError when an archive is not as it must be."""
        while self.done["kills"] < self.kills:
            archive = Archive(self.folder / str(self.done["archives"]), self.served.origin)
            hidden = self._crawl(archive)
            self._verify(archive)
            edited = self._edit()
            self._until_it_ends(archive, REFRESH)
            self._verify(archive, edited)
            for story in hidden:
                story.listed = True
            self.done["archives"] += 1
            shutil.rmtree(archive.folder)
        return self.done

    def _crawl(self, archive: Archive) -> list[Story]:
        """Crawl to the end; the stories that left the list before they were fetched."""
        hidden: list[Story] = []
        while self._is_killed(archive, LIST):
            waiting = _listed_only(archive)
            for number in self.rng.sample(waiting, min(len(waiting), 2)):
                if self._is_there(number):
                    hidden.append(self.served.paper.stories[number])
                    hidden[-1].listed = False
        self.done["left the list"] += len(hidden)
        return hidden

    def _until_it_ends(self, archive: Archive, arguments: tuple[str, ...]) -> None:
        while self._is_killed(archive, arguments):
            pass

    @property
    def _environment(self) -> dict[str, str]:
        return {"ZAOBAO_IMAGES": "keep"} if self.images else {}

    def _is_killed(self, archive: Archive, arguments: tuple[str, ...]) -> bool:
        """Start a run and kill it; False when it was at its end before."""
        given, kills_itself = ["crawl", *arguments, *archive.fast()], self.rng.random() < 0.5
        if kills_itself:
            done = archive.python("-c", _CHILD, *self._step(), *given, **self._environment)
            code, said = done.returncode, done.stderr
        else:
            code, said = self._killed(archive, given)
        if code >= 0:
            assert code == 0, said
            return False
        self.done["kills while a group was kept"] += kills_itself
        self._note(archive, said)
        return True

    def _killed(self, archive: Archive, given: list[str]) -> tuple[int, str]:
        """Start a run and kill it: its exit code, and what it said."""
        self.asked.clear()
        started = time.monotonic()
        log = (self.folder / "log").open("w+")
        where = archive.where(**self._environment) | {"stderr": log}
        with log, subprocess.Popen(archive.command(*given), **where) as child:
            self._wait(child, started)
            child.kill()
            child.communicate()
            log.seek(0)
            return child.returncode, log.read()

    def _step(self) -> tuple[str, str, str]:
        """One step of keeping a group, for a run that kills itself there."""
        step, most = self.rng.choice([*STEPS.items()])
        when, n = self.rng.choice(("before", "after")), self.rng.randint(1, most)
        return step, str(n), when

    def _wait(self, child: subprocess.Popen[str], started: float) -> None:
        """Until the moment of the kill: one in five lies before the first request."""
        if self.rng.random() < 0.2:
            time.sleep(self.rng.uniform(0, self.startup))
            return
        while not self.asked.wait(0.05) and child.poll() is None:
            pass
        self.startup = time.monotonic() - started
        time.sleep(self.rng.uniform(0, self.spread))

    def _note(self, archive: Archive, said: str) -> None:
        """What this kill left behind, for the figures."""
        self.done["kills"] += 1
        lines = archive.folder / "articles.jsonl"
        if lines.exists() and (data := lines.read_bytes()) and not data.endswith(b"\n"):
            self.done["torn lines left"] += 1
        self.done["temporary files left"] += len(list(archive.folder.glob(".tmp/*")))
        self.done["posts completed from their lines"] += said.count("was completed from its line")
        print(f"\r{self.done['kills']} kills", end="", file=sys.stderr, flush=True)

    def _edit(self) -> dict[str, str]:
        """Change some headlines and texts; the new headlines by number."""
        stories = [
            one
            for one in self.served.paper.listed("china")
            if one.status == 200 and one.access == "free"
        ]
        edited = self.rng.sample(stories, min(EDITED, len(stories)))
        for story in edited:
            # No common start: a run whose headlines have one is degraded.
            story.title = f"{self.rng.randrange(10**6)}：" + story.title.split("：", 1)[-1]
            story.body += f"\n<p>后来加上的一段，说的是{story.title}。</p>"
        return {story.number: story.title.strip() for story in edited}

    def _is_there(self, number: str) -> bool:
        story = self.served.paper.stories.get(number)
        return story is not None and story.status == 200

    def _verify(self, archive: Archive, edited: dict[str, str] | None = None) -> None:
        paper = self.served.paper
        named = {*_numbers(archive), *(story.number for story in paper.listed("china"))}
        wanted = {number for number in named if self._is_there(number)}
        if self.images:
            self.done["pictures"] += pictures_are_whole(archive)
        verify(archive, self.served, wanted, edited or {})
        self.done["stories"] += len(wanted)
        self.done["edits"] += len(edited or {})


def _numbers(archive: Archive) -> list[str]:
    return [number for (number,) in rows(archive, "SELECT number FROM stories")]


def _listed_only(archive: Archive) -> list[str]:
    sql = "SELECT number FROM stories WHERE status = 'listed' ORDER BY number"
    return [number for (number,) in rows(archive, sql)]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.crash")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--images", action="store_true", help="with ZAOBAO_IMAGES=keep")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    given = parser.parse_args()
    print(f"seed {given.seed}", file=sys.stderr)
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="zaobao-crash-"))
    with serve(fresh_paper(bulk=BULK)) as served:
        done = Torture(
            served, folder, given.kills, random.Random(given.seed), images=given.images
        ).run()
    shutil.rmtree(folder)
    print(f"\n{time.monotonic() - began:.0f} s")
    for name, count in done.items():
        print(f"{count:6} {name}")


if __name__ == "__main__":
    main()
