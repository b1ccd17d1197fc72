"""What the reports in `runs/` say: is the scheduler alive, and how did the last run end?"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from zaobao.doctor.finding import Finding, fail, ok, some, warn
from zaobao.text import counted
from zaobao.verdict import EXIT_CODES, MAIN, STALE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import timedelta
    from pathlib import Path


class Run:
    """One report. ValueError, KeyError or TypeError when it lacks what every report has."""

    def __init__(self, report: Any) -> None:
        self.ended = datetime.fromisoformat(report["finished"])
        self.began = datetime.fromisoformat(report["started"])
        self.spider: str | None = report.get("spider")
        self.verdict: str = report["verdict"]
        self.reasons = [str(reason) for reason in report["reasons"]]
        if self.verdict not in EXIT_CODES or None in (self.ended.tzinfo, self.began.tzinfo):
            raise ValueError(self.verdict)


def reports(folder: Path) -> tuple[list[Run], list[str]]:
    """The runs, oldest first, and the names of reports that cannot be read."""
    found, broken = [], []
    for path in sorted((folder / "runs").glob("*.json")):
        try:
            found.append(Run(json.loads(path.read_bytes())))
        except FileNotFoundError:
            continue  # a run that ends has just removed its oldest report
        except (OSError, ValueError, KeyError, TypeError):
            broken.append(path.name)
    return sorted(found, key=lambda run: run.ended), broken


def check(found: Sequence[Run], broken: Sequence[str], now: datetime) -> Iterator[Finding]:
    if broken:
        yield warn("runs", f"{counted(len(broken), 'report')} cannot be read: {some(broken)}")
    if not found:
        yield warn("runs", "no run has ended yet")
        return
    yield last(found[-1], now)
    # A hand-made `stories` run says nothing about the scheduler.
    main = [run for run in found if run.spider == MAIN] or list(found)
    yield alive(main, now)


def last(run: Run, now: datetime) -> Finding:
    said = f"{run.spider or 'a crawl'}, {run.verdict}, ended {_hours(now - run.ended)} ago"
    if run.verdict == "ok":
        return ok("last run", said)
    said += f": {'. '.join(run.reasons) or 'no reason is given'}"
    return fail("last run", said) if run.verdict == "failed" else warn("last run", said)


def alive(found: Sequence[Run], now: datetime) -> Finding:
    """Whether a run was `ok` within the last 26 hours."""
    good = [run for run in found if run.verdict == "ok"]
    since = good[-1].ended if good else found[0].began
    if now - since <= STALE:
        return (
            ok("scheduler", f"an ok run within the last {_hours(STALE)}")
            if good
            else warn("scheduler", "no run has been ok yet")
        )
    missed = [run for run in found if run.ended > since]
    if not missed:
        said = f"no run for {_hours(now - since)}: what should start it is dead (docs/running.md)"
    else:
        said = f"no ok run for {_hours(now - since)}, though {len(missed)} ended; see the last one"
    return fail("scheduler", said)


def _hours(span: timedelta) -> str:
    minutes = round(span.total_seconds() / 60)
    if minutes >= 120:
        return f"{minutes / 60:.0f} hours"
    return counted(minutes, "minute")
