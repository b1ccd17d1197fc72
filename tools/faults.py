"""Every call that writes to the output folder fails once, and what is left of the archive.

    python -m tools.faults

In each scenario a command is traced once by strace, which gives the calls that
touch a path of the output folder: files and folders being opened for writing,
written, made durable, renamed and removed, SQLite's among them. Then the
scenario runs once for each of them and each fault: the process is killed there
(SIGKILL), or the call answers that the disk is full (ENOSPC) or broken (EIO).
What must be true at that moment is in `check`, and what after the next run in
`whole.holds`. `--sample N` takes N cases of each scenario at random.

A command is a fork of tests/support/forkserver.py, which waits until strace is attached:
whoever runs this must be allowed to trace their own processes.
"""

from __future__ import annotations

import argparse
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from demo.server import serve
from tests.support import forkserver
from tests.support.archive import PATIENCE, Archive
from tests.support.whole import check
from tools.faultcases import SCENARIOS, Scenario

CALLS = (
    *("openat", "mkdir", "write", "pwrite64", "fsync", "fdatasync", "syncfs", "ftruncate"),
    *("rename", "renameat", "unlink", "unlinkat"),
)
FAULTS = {"SIGKILL": "signal=SIGKILL", "ENOSPC": "error=ENOSPC", "EIO": "error=EIO"}
SQLITE = "disk I/O error|unable to open database|attempt to write a readonly database"
SENTENCES = {
    "ENOSPC": f"No space left on device|disk is full|{SQLITE}",
    "EIO": f"Input/output error|{SQLITE}",
}
"""How the last lines on stderr name the fault; the latter ones are SQLite's."""
TEMPORARY = 200
"""More files than any scenario writes."""


@dataclass(frozen=True)
class Case:
    """The n-th call of a name that touches the output folder, and how it fails."""

    call: str
    n: int
    fault: str

    def __str__(self) -> str:
        return f"{self.fault} at {self.call} {self.n}"


@dataclass
class Faults:
    """The cases of one scenario, and the figures."""

    scenario: Scenario
    folder: Path
    done: Counter[str] = field(default_factory=Counter)
    called: list[str] = field(default_factory=list)

    def run(self, sample: int | None = None, rng: random.Random | None = None) -> Counter[str]:
        """All cases or some; AssertionError, which names the case, when one is not as it must be.

        It ends at the first one, and leaves the folder as that has left it.
        """
        with serve(self.scenario.paper()) as served:
            self.archive = Archive(self.folder / "output", served.origin)
            self.served = served
            self.scenario.prepare(self.archive, served)
            self.start = self.folder / "start"
            if self.archive.folder.exists():
                self.archive.folder.rename(self.start)
            cases = self._cases()
            if sample is not None:
                cases = (rng or random.Random()).sample(cases, min(sample, len(cases)))
            for case in cases:
                self._run(case)
            assert self.done["not reached"] <= max(1, len(cases) / 10), self.done
        return self.done

    def _cases(self) -> list[Case]:
        """Trace the command to its end; what it called."""
        self._reset()
        self.paths = [str(self.archive.folder)]
        whole = self._trace(())
        assert whole.returncode == self.scenario.exit_code, (whole.returncode, whole.stderr)
        # By now all paths have their names, so the second trace sees each of them.
        self.paths += [str(path) for path in sorted(self.archive.folder.rglob("*"))]
        names = ("-wal", "-shm", "-journal")
        self.paths += [f"{self.archive.folder}/state.sqlite{name}" for name in names]
        numbers = (*map(str, range(1, TEMPORARY)), "articles.jsonl")
        self.paths += [f"{self.archive.folder}/.tmp/{name}" for name in numbers]
        self._reset()
        whole = self._trace(())
        assert whole.returncode == self.scenario.exit_code, (whole.returncode, whole.stderr)
        self.called = re.findall(r"^\d+ +(\w+)\(", self.log, re.MULTILINE)
        counted = Counter(self.called)
        assert {"openat", "write", "fsync", "pwrite64"} <= counted.keys(), counted
        return [
            Case(call, n, fault)
            for call, most in counted.items()
            for n in range(1, most + 1)
            for fault in FAULTS
        ]

    def _reset(self) -> None:
        """The output folder as it was at the start, under the same path."""
        shutil.rmtree(self.archive.folder, ignore_errors=True)
        if self.start.exists():
            shutil.copytree(self.start, self.archive.folder, symlinks=True)

    def _trace(self, options: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
        log = self.folder / "trace"
        # Not --seccomp-bpf: with it, strace 6.1 injects no signal.
        traced = ["strace", "-f", "-e", "quiet=!attach", "-s", "0", "-e", "signal=none"]
        traced += ["-o", str(log), "-e", "trace=" + ",".join(CALLS), *options]
        traced += [word for path in self.paths for word in ("-P", path)]
        tracers: list[subprocess.Popen[str]] = []

        def attach(pid: int) -> None:
            command = [*traced, "-p", str(pid)]
            tracers.append(subprocess.Popen(command, stderr=subprocess.PIPE, text=True))
            said = tracers[0].stderr.readline()
            assert "attached" in said, said

        done = forkserver.run(
            *("-m", "scrapy", *self.scenario.command(self.folder), *self.archive.fast()),
            environment=self.archive.where()["env"],
            timeout=PATIENCE,
            attach=attach,
        )
        tracers[0].communicate()
        self.log = log.read_text("utf-8", "replace")
        return done

    def _run(self, case: Case) -> None:
        self._reset()
        before = self.archive.posts
        done = self._trace(("-e", f"inject={case.call}:{FAULTS[case.fault]}:when={case.n}"))
        said = f"{self.scenario.name}: {case}\n{done.stderr[-3000:]}\n{self.log[-2000:]}"
        if done.returncode != -9 and "(INJECTED)" not in self.log:
            # Two runs differ a little: which of two stories comes first, a transaction more.
            self.done["not reached"] += 1
            return
        if case.fault != "SIGKILL":
            self._is_told(case, done, said)
        try:
            check(self.archive, before)
            again = self.archive.scrapy(*self.scenario.command(self.folder), *self.archive.fast())
            assert again.returncode in {0, self.scenario.exit_code}, again.stderr
            self.scenario.verify(self.archive, self.served.paper, before)
        except Exception as error:
            error.add_note(said)
            raise
        self.done[case.fault] += 1
        print(f"\r{self.scenario.name}: {self.done.total()}", end="", file=sys.stderr, flush=True)

    def _is_told(self, case: Case, done: subprocess.CompletedProcess[str], said: str) -> None:
        """Exit 1 with a sentence; or the command has all the same done what it was asked."""
        assert "Traceback" not in done.stderr, said
        if done.returncode == 1:
            told = re.sub(r"^\d{4}-.*", "", done.stderr, flags=re.MULTILINE)  # without the log
            assert re.search(SENTENCES[case.fault], told), said
        else:
            assert done.returncode == self.scenario.exit_code, said
            self.done["done all the same"] += 1
            self.scenario.verify(self.archive, self.served.paper, {})


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.faults")
    parser.add_argument("--scenario", choices=[one.name for one in SCENARIOS], action="append")
    parser.add_argument("--sample", type=int)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    given = parser.parse_args()
    print(f"seed {given.seed}", file=sys.stderr)
    for scenario in SCENARIOS:
        if given.scenario and scenario.name not in given.scenario:
            continue
        began = time.monotonic()
        folder = Path(tempfile.mkdtemp(prefix="zaobao-faults-"))
        faults = Faults(scenario, folder)
        done = faults.run(given.sample, random.Random(given.seed))
        print(
            f"\n{scenario.name}: {time.monotonic() - began:.0f} s, {dict(Counter(faults.called))}"
        )
        print(f"  {dict(done)}")
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
