"""What is known of one story: a row of the state."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, Literal

Status = Literal["listed", "failed", "quarantined", "outside", "written"]


@dataclass(slots=True)
class Known:
    """One story as the archive knows it. Datetimes are aware, UTC, whole milliseconds.

    status: `listed` (named, not yet read), `failed` and `quarantined` (tried,
    `reason` says what was wrong), `outside` (read, but published outside the
    asked days), `written` (post and line are durable). due: when it is to be
    tried (again); None: not any more. A `written` story is never due.
    """

    number: str  # it alone identifies the story
    id: str  # "20210902-1189718"
    url: str  # canonical address of the first URL that was read, or listed
    urls: tuple[str, ...] = ()  # further canonical addresses of the same story
    lists: tuple[str, ...] = ()  # whose list named it: "china"
    status: Status = "listed"
    reason: str | None = None
    attempts: int = 0  # that failed
    due: datetime | None = None
    first_seen: datetime | None = None  # None only before the row is stored
    last_checked: datetime | None = None
    list_time: datetime | None = None  # the list's exact time for it
    file: str | None = None  # its post, relative to the output folder
    digest: str | None = None  # None for an adopted post that says none
    etag: str | None = None
    last_modified: str | None = None
    published: datetime | None = None
    access: str | None = None
    revision: int = 0
    layout: str | None = None
    missing_since: datetime | None = None  # first of the 404/410 since it was last there
    gone: datetime | None = None  # when the site was found to have removed it


COLUMNS = tuple(field.name for field in fields(Known))
_TIMES = tuple(
    COLUMNS.index(name)
    for name in (
        "due",
        "first_seen",
        "last_checked",
        "list_time",
        "published",
        "missing_since",
        "gone",
    )
)
_URLS, _LISTS = COLUMNS.index("urls"), COLUMNS.index("lists")


def millis(moment: datetime) -> int:
    """Epoch milliseconds; ValueError for a naive datetime."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no zone")
    return round(moment.timestamp() * 1000)


def to_row(known: Known) -> list[Any]:
    """The values of COLUMNS as SQLite stores them: times as epoch milliseconds."""
    row = [getattr(known, name) for name in COLUMNS]
    for index in _TIMES:
        if row[index] is not None:
            row[index] = millis(row[index])
    row[_URLS] = json.dumps(known.urls) if known.urls else ""
    row[_LISTS] = " ".join(known.lists)
    return row


def from_row(stored: tuple[Any, ...]) -> Known:
    """The reverse of `to_row`."""
    row = list(stored)
    for index in _TIMES:
        if row[index] is not None:
            row[index] = datetime.fromtimestamp(row[index] / 1000, UTC)
    row[_URLS] = tuple(json.loads(row[_URLS])) if row[_URLS] else ()
    row[_LISTS] = tuple(row[_LISTS].split())
    return Known(*row)
