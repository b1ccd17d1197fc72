"""An audit's output: tables for people, JSON for programs, the data of the site's page."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from zaobao import urls
from zaobao.archive import disk

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from zaobao.archive.folder import Archive
    from zaobao.audit.gaps import Gap, Month

DATA = "_data/audit.json"
"""What the site's page reads, relative to the output folder."""


def as_json(months: Sequence[Month], sections: str, now: datetime) -> list[dict[str, Any]]:
    """One object a month: counts, `days` and `missing`. Days are those of the addresses."""
    return [_month(month, sections, now) for month in months]


def _month(month: Month, sections: str, now: datetime) -> dict[str, Any]:
    return {
        "month": f"{month.month[:4]}-{month.month[4:]}",
        "audited": now.isoformat(timespec="seconds"),
        "sections": sections,
        "sitemap": "read" if month.is_read else "not read",
        "listed": sum(month.listed.values()),
        "held": sum(month.held.values()),
        "cut": month.cut,
        "reasons": dict(Counter(gap.reason for gap in month.gaps)),
        "days": [
            {
                "day": str(day),
                "listed": listed,
                "held": month.held.get(day, 0),
                "missing": listed - month.held.get(day, 0),
            }
            for day, listed in sorted(month.listed.items())
        ],
        "missing": [_gap(gap) for gap in month.gaps],
    }


def _gap(gap: Gap) -> dict[str, Any]:
    return {
        "id": gap.story.id,
        "url": gap.story.canonical,
        "day": str(gap.story.day),
        "reason": gap.reason,
        "detail": gap.detail,
        "listed_by": list(gap.listed_by),
        "tried": gap.tried.isoformat(timespec="seconds") if gap.tried else None,
    }


def publish(archive: Archive, audited: list[dict[str, Any]], withdrawn: set[str]) -> None:
    """Put the months into the site's data, in place of what it had of them.

    withdrawn: numbers of stories with a tombstone, which the site does not name.
    """
    data = disk.read(archive.folder / DATA)
    try:
        before = json.loads(data) if data else []
    except ValueError:
        before = []  # whatever it was, it was no audit
    months = {one["month"]: one for one in before if isinstance(one, dict) and "month" in one}
    for one in audited:
        named = [gap for gap in one["missing"] if _number(gap) not in withdrawn]
        months[one["month"]] = {**one, "missing": named}
    newest = sorted(months.values(), key=lambda one: str(one["month"]), reverse=True)
    archive.put(DATA, json.dumps(newest, ensure_ascii=False, indent=1).encode() + b"\n")


def _number(gap: dict[str, Any]) -> str:
    return urls.StoryUrl.of(gap["url"]).number


def tables(audited: list[dict[str, Any]]) -> str:
    """Counts by day, then each missing story, for stderr: stdout carries only data."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    with console.capture() as captured:
        _print(console, audited)
    return captured.get()


def _print(console: Console, audited: list[dict[str, Any]]) -> None:
    for month in audited:
        table = Table(title=f"{month['month']}: {month['sections']}", title_justify="left")
        for name in ("day", "listed", "held", "missing"):
            table.add_column(name, justify="left" if name == "day" else "right")
        for day in month["days"]:
            table.add_row(*(str(day[name]) for name in ("day", "listed", "held", "missing")))
        missing = len(month["missing"])
        table.add_row("all", str(month["listed"]), str(month["held"]), str(missing))
        console.print(table)
        if month["cut"]:
            console.print(f"  of the held ones {month['cut']} are behind a paywall or cut")
        for gap in month["missing"]:
            console.print(Text(_line(gap)))


def _line(gap: dict[str, Any]) -> str:
    """A missing story on one line, which a narrow terminal does not cut."""
    said = f" ({gap['detail']})" if gap["detail"] else ""
    tried = f", tried {gap['tried'][:16].replace('T', ' ')} UTC" if gap["tried"] else ""
    return f"  {gap['id']}  {gap['reason']}{said}{tried}: {gap['url']}"
