"""The tests at other moments, in another zone, in another locale: `python -m tools.clock`.

Each run has the machine's clock at one moment, by Debian's `faketime`; child processes see it,
too. What follows `--` goes to pytest. The last lines say what came of each run; the exit code is 1
when one of them failed.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
MOMENTS = (
    "2026-11-29 05:00:00",
    "2026-12-31 23:58:00",
    "2027-01-01 00:03:00",
    "2028-02-29 12:00:00",
    # Half a minute before midnight in Singapore.
    "2031-06-15 15:59:30",
)
ELSEWHERE = {"TZ": "America/New_York", "LC_ALL": "C"}
SAMPLE = "2031-06-15 15:59:30"


def run(moment: str | None, arguments: list[str]) -> tuple[int, str]:
    """Exit code and last line of pytest at that moment in UTC; None: now, elsewhere."""
    preload = str(Path(__file__).parent / "preload")
    path = f"{preload}/bin:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PYTHONPATH": preload, "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    if moment is None:
        environment |= ELSEWHERE
    else:
        environment |= {"TZ": "UTC", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        command = ["faketime", moment, *command]
    # A folder of its own: to a later clock the locks of other sessions' folders are long dead.
    with tempfile.TemporaryDirectory(prefix="zaobao-clock-") as folder:
        command.append(f"--basetemp={folder}/tests")
        child = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
        )
        last = ""
        for line in child.stdout or ():
            sys.stdout.write(line)
            sys.stdout.flush()
            if re.search(r"\d (passed|failed|error)|no tests ran", line):
                last = line.strip(" =\n")
        return child.wait(), last


def main() -> int:
    """1 when a run failed, 2 without faketime."""
    parser = argparse.ArgumentParser(prog="python -m tools.clock", description=__doc__)
    parser.add_argument("--sample", action="store_true", help=f"{SAMPLE} alone")
    parser.add_argument("--at", action="append", metavar="'YYYY-MM-DD HH:MM:SS'", help="in UTC")
    parser.add_argument("pytest", nargs="*", help="arguments of pytest, after `--`")
    given = parser.parse_args()
    if shutil.which("faketime") is None:
        print("faketime is not installed (apt-get install faketime)", file=sys.stderr)
        return 2
    moments: list[str | None] = given.at or ([SAMPLE] if given.sample else [*MOMENTS, None])
    table, worst = [], 0
    for moment in moments:
        name = moment or " ".join(f"{key}={value}" for key, value in ELSEWHERE.items())
        print(f"--- {name}", flush=True)
        began = time.monotonic()
        code, last = run(moment, given.pytest)
        table.append(f"{name}: exit {code}, {last}, {time.monotonic() - began:.0f} s in all")
        worst = max(worst, min(code, 1))
    print("\n".join(["", *table]))
    return worst


if __name__ == "__main__":
    sys.exit(main())
