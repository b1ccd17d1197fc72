"""What a run did: its reasons, its verdict and exit code, the closing table, the report."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.statscollectors import StatsCollector

Verdict = Literal["ok", "failed", "degraded", "interrupted"]

EXIT_CODES: dict[Verdict, int] = {"ok": 0, "failed": 1, "degraded": 3, "interrupted": 3}
COUNTS = ("listed", "known", "new", "edited", "gone", "paywalled", "quarantined", "excluded")
"""The rows of the closing table, in order; each is the stat `zaobao/<name>`."""
GROUPS = (
    *(
        "layout",
        "rung",
        "removed",
        "removing",
        "access",
        "pictured",
        "lengths",
        "doubted",
        "same",
        "same_lengths",
    ),
    *("list", "first_page", "first_page_links", "list_path", "repeated", "unread", "begun"),
    *("quiet_hours", "longest_quiet", "watched_since"),
)
"""Stats `zaobao/<group>/<name>` that the report has together."""
MAIN = "realtime"
"""The spider that is run again and again; of others, a pause means nothing."""
STALE = timedelta(hours=26)
"""Without a run for longer, not even one a day was made."""
FINISHED = frozenset({"finished", "limit", "bound"})
"""Finish reasons of a run that did all that it was asked."""

_DEGRADED, _FAILED = "zaobao/reasons/degraded", "zaobao/reasons/failed"


def degrade(stats: StatsCollector, reason: str) -> None:
    """Note why a person should look at this run; each sentence counts once."""
    _note(stats, _DEGRADED, reason)


def fail(stats: StatsCollector, reason: str) -> None:
    """Note why this run failed."""
    _note(stats, _FAILED, reason)


def _note(stats: StatsCollector, name: str, reason: str) -> None:
    reasons = stats.get_value(name) or []
    if reason not in reasons:
        stats.set_value(name, [*reasons, reason])


@dataclass(frozen=True, slots=True)
class Outcome:
    """A run's verdict, its reasons (best first to read) and the exit code."""

    verdict: Verdict
    reasons: tuple[str, ...]
    exit_code: int


def judge(stats: dict[str, Any], *, reads_lists: bool) -> Outcome:
    """The outcome by the run's stats (contract 4).

    reads_lists: whether the run had to read a list page at all; one that had to
    and could not has failed.
    """
    failed = list(stats.get(_FAILED, ()))
    degraded = list(stats.get(_DEGRADED, ()))
    finish = stats.get("finish_reason", "stopped at once")
    interrupted = finish not in FINISHED
    if "start_time" not in stats or finish == "start_error":
        failed.append("the start of the run failed; the log has the error")
    elif interrupted:
        degraded.append(f"the run was interrupted: {finish}")
    for name, reason in stats.items():
        if name.startswith(("zaobao/left_alone/", "zaobao/robots_unavailable/")):
            degraded.append(f"{name.rpartition('/')[2]} was left alone: {reason}")
            interrupted = interrupted or reason == "retry_after"
    if errors := stats.get("zaobao/callback_errors", 0):
        degraded.append(f"{errors} errors in the program; the log has their traces")
    lists = stats.get("zaobao/list_pages", 0) + stats.get("zaobao/lists_resumed", 0)
    if reads_lists and not lists:
        failed.append("no list page could be read")
    verdict: Verdict = "ok"
    if failed:
        verdict = "failed"
    elif interrupted:
        verdict = "interrupted"
    elif degraded:
        verdict = "degraded"
    return Outcome(verdict, (*failed, *degraded), EXIT_CODES[verdict])


def failed(outcome: Outcome, reason: str) -> Outcome:
    """The outcome of a run that failed at its very end."""
    return Outcome("failed", (reason, *outcome.reasons), EXIT_CODES["failed"])


def figures(stats: dict[str, Any]) -> dict[str, Any]:
    """What later runs compare theirs with; part of the report."""
    return {
        "spider": stats.get("zaobao/spider"),
        "sections": stats.get("zaobao/sections"),
        "started": stats.get("start_time") or datetime.now(UTC),
        "dark_hours": stats.get("zaobao/dark_hours"),
        "counts": {name: stats.get(f"zaobao/{name}", 0) for name in COUNTS},
        **{group: _group(stats, group) for group in GROUPS},
    }


def report(stats: dict[str, Any], outcome: Outcome, arguments: dict[str, Any]) -> tuple[str, bytes]:
    """The name and bytes of the run's file in `runs/`: JSON, times in UTC."""
    started = stats.get("start_time") or datetime.now(UTC)
    compared = figures(stats)
    content = {
        **compared,
        "started": started,
        "finished": stats.get("finish_time") or datetime.now(UTC),
        "arguments": arguments,
        "verdict": outcome.verdict,
        "exit_code": outcome.exit_code,
        "reasons": outcome.reasons,
        "requests": stats.get("downloader/request_count", 0),
        "bytes": stats.get("downloader/response_bytes", 0),
        "seconds": _seconds(stats),
        "stats": {name: value for name, value in sorted(stats.items()) if not _is_shown(name)},
    }
    data = json.dumps(content, ensure_ascii=False, indent=1, default=str).encode("utf-8", "replace")
    return f"{started:%Y%m%dT%H%M%S}.{started.microsecond // 1000:03d}Z.json", data + b"\n"


def _is_shown(name: str) -> bool:
    """Whether a stat stands in a group of its own."""
    return name.startswith("zaobao/") and name.split("/")[1] in GROUPS


def _group(stats: dict[str, Any], group: str) -> dict[str, Any]:
    start = f"zaobao/{group}/"
    return {name[len(start) :]: value for name, value in stats.items() if name.startswith(start)}


def _seconds(stats: dict[str, Any]) -> float:
    started = stats.get("start_time")
    # A run that a second signal stopped has no finish time.
    finished = stats.get("finish_time") or datetime.now(UTC)
    return round((finished - started).total_seconds(), 1) if started else 0.0


def table(stats: dict[str, Any], outcome: Outcome) -> str:
    """The closing table, and the reasons below it."""
    # Drawn here: to import rich for it takes a twentieth of a run that finds nothing new.
    rows = [*_rows(stats), ("verdict", outcome.verdict)]
    names, values = (max(map(len, column)) for column in zip(*rows, strict=True))
    lines = [f"│ {name:<{names}} │ {value:>{values}} │" for name, value in rows]
    left, right = "─" * (names + 2), "─" * (values + 2)
    reasons = [f"  {outcome.verdict}: {reason}" for reason in outcome.reasons]
    return "\n".join(["zaobao", f"┌{left}┬{right}┐", *lines, f"└{left}┴{right}┘", *reasons, ""])


def _rows(stats: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name in COUNTS:
        yield name, str(stats.get(f"zaobao/{name}", 0))
    if stats.get("zaobao/rewritten"):
        yield "rewritten from kept pages", str(stats["zaobao/rewritten"])
    dark = stats.get("zaobao/dark_hours") or 0
    if stats.get("zaobao/spider") == MAIN and dark > STALE.total_seconds() / 3600:
        yield "dark hours before", f"{dark:.0f}"
    yield "requests", str(stats.get("downloader/request_count", 0))
    yield "bytes", str(stats.get("downloader/response_bytes", 0))
    yield "seconds", str(_seconds(stats))
