"""What a run did: its reasons, its verdict and exit code, the closing table, the report."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from zaobao.ledger import ROWS
from zaobao.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.crawler import Crawler
    from scrapy.statscollectors import StatsCollector

Verdict = Literal["ok", "failed", "degraded", "interrupted"]

EXIT_CODES: dict[Verdict, int] = {"ok": 0, "failed": 1, "degraded": 3, "interrupted": 3}
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
    *("list", "first_page", "first_page_links", "list_path", "unread", "begun"),
    *("repeated", "headlines"),
    *("quiet_hours", "longest_quiet", "watched_since"),
    "told",
)
"""Stats `zaobao/<group>/<name>` that the report has together."""
MAIN = "realtime"
"""The spider that is run again and again; of others, a pause means nothing."""
STALE = timedelta(hours=26)
"""Without a run for longer, not even one a day was made."""
FINISHED = frozenset({"finished", "limit", "bound"})
"""Finish reasons of a run that did all that it was asked."""

DEGRADED, FAILED = "zaobao/reasons/degraded", "zaobao/reasons/failed"
"""Stats with the reasons."""


def degrade(stats: StatsCollector, reason: str) -> None:
    """Note why a person should look at this run; each sentence counts once."""
    _note(stats, DEGRADED, reason)


def fail(stats: StatsCollector, reason: str) -> None:
    """Note why this run failed."""
    _note(stats, FAILED, reason)


def _note(stats: StatsCollector, name: str, reason: str) -> None:
    reasons = stats.get_value(name) or []
    if reason not in reasons:
        stats.set_value(name, [*reasons, reason])


def stats_of(crawler: Crawler) -> dict[str, Any]:
    """The stats of a crawl; none of one that failed before it had any."""
    try:
        return crawler.stats.get_stats()
    except RuntimeError:
        return {}


@dataclass(frozen=True, slots=True)
class Outcome:
    """A run's verdict, its reasons (failures first) and the exit code."""

    verdict: Verdict
    reasons: tuple[str, ...]
    exit_code: int


def judge(stats: dict[str, Any], *, reads_lists: bool) -> Outcome:
    """The outcome by the run's stats.

    reads_lists: whether the run had to read a list page at all; one that had to
    and could not has failed.
    """
    failed = list(stats.get(FAILED, ()))
    degraded = list(stats.get(DEGRADED, ()))
    finish = stats.get("finish_reason", "stopped at once")
    interrupted = finish not in FINISHED
    has_read = not reads_lists or _lists(stats) > 0
    if "start_time" not in stats or finish == "start_error":
        failed.append("the start of the run failed; the log has the error")
    elif interrupted:
        degraded.append(f"the run was interrupted: {finish}")
    for name, reason in stats.items():
        if name.startswith(("zaobao/left_alone/", "zaobao/robots_unavailable/")):
            degraded.append(f"{name.rpartition('/')[2]} was left alone: {reason}")
            interrupted = interrupted or reason == "retry_after"
    if errors := stats.get("zaobao/callback_errors", 0):
        degraded.append(f"{counted(errors, 'error')} in the program; the log has the traces")
    if not has_read and not interrupted:
        failed.append("no list page could be read")
    verdict: Verdict = "ok"
    if failed:
        verdict = "failed"
    elif interrupted:
        verdict = "interrupted"
    elif degraded:
        verdict = "degraded"
    # What was stopped before it read a list has done nothing; whoever waits for it should know.
    code = EXIT_CODES[verdict] if has_read else EXIT_CODES["failed"]
    return Outcome(verdict, (*failed, *degraded), code)


def _lists(stats: dict[str, Any]) -> int:
    return int(stats.get("zaobao/list_pages", 0) + stats.get("zaobao/lists_resumed", 0))


def failed(outcome: Outcome, reason: str) -> Outcome:
    """The outcome of a run that failed at its very end."""
    return Outcome("failed", (reason, *outcome.reasons), EXIT_CODES["failed"])


def counts(stats: dict[str, Any]) -> dict[str, int]:
    """How many stories the run had to do with, how many of them are in each row (their sum is
    `listed`), and how many of the new and edited ones are behind a paywall."""
    rows: dict[str, int] = {row: stats.get(f"zaobao/stories/{row}", 0) for row in ROWS}
    return {"listed": sum(rows.values()), **rows, "paywalled": stats.get("zaobao/paywalled", 0)}


def figures(stats: dict[str, Any]) -> dict[str, Any]:
    """What later runs compare theirs with; part of the report."""
    return {
        "spider": stats.get("zaobao/spider"),
        "sections": stats.get("zaobao/sections"),
        "started": stats.get("start_time") or datetime.now(UTC),
        "dark_hours": stats.get("zaobao/dark_hours"),
        "counts": counts(stats),
        **{group: _group(stats, group) for group in GROUPS},
    }


def report(
    stats: dict[str, Any],
    outcome: Outcome,
    arguments: dict[str, Any],
    site: dict[str, Any] | None = None,
) -> tuple[str, bytes]:
    """The name and bytes of the run's file in `runs/`: JSON, times in UTC.

    site: what is known of the archive's site; None where none was built.
    """
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
        "requests": stats.get("zaobao/requests", 0),
        "bytes": stats.get("zaobao/bytes", 0),
        "seconds": _seconds(stats),
        "site": site,
        "stats": {name: value for name, value in sorted(stats.items()) if not _is_shown(name)},
    }
    data = json.dumps(content, ensure_ascii=False, indent=1, default=str).encode("utf-8", "replace")
    return f"{started:%Y%m%dT%H%M%S}.{started.microsecond // 1000:03d}Z.json", data + b"\n"


def _is_shown(name: str) -> bool:
    """Whether a stat is in a group of its own."""
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
    # Rendered here: to import rich for it takes a twentieth of a run that finds nothing new.
    parts = [*_parts(stats), [("verdict", str(outcome.verdict))]]
    rows = [row for part in parts for row in part]
    names, values = (max(map(len, column)) for column in zip(*rows, strict=True))
    left, right = "─" * (names + 2), "─" * (values + 2)
    rendered = (
        "".join(f"│ {name:<{names}} │ {value:>{values}} │\n" for name, value in part)
        for part in parts
    )
    lines = f"├{left}┼{right}┤\n".join(rendered)
    reasons = "".join(f"  {outcome.verdict}: {reason}\n" for reason in outcome.reasons)
    return f"zaobao\n┌{left}┬{right}┐\n{lines}└{left}┴{right}┘\n{reasons}"


def _parts(stats: dict[str, Any]) -> Iterator[list[tuple[str, str]]]:
    """The stories; then one row for each of them; then what else there is to say."""
    found = counts(stats)
    yield [("listed", str(found["listed"]))]
    yield [(row, str(found[row])) for row in ROWS]
    yield list(_figures(stats, found))


def _figures(stats: dict[str, Any], found: dict[str, int]) -> Iterator[tuple[str, str]]:
    yield "paywalled", str(found["paywalled"])
    if stats.get("zaobao/rewritten"):
        yield "rewritten from kept pages", str(stats["zaobao/rewritten"])
    dark = stats.get("zaobao/dark_hours") or 0
    if stats.get("zaobao/spider") == MAIN and dark > STALE.total_seconds() / 3600:
        yield "dark hours before", f"{dark:.0f}"
    yield "requests", str(stats.get("zaobao/requests", 0))
    yield "bytes", str(stats.get("zaobao/bytes", 0))
    yield "seconds", str(_seconds(stats))
