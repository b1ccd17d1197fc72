"""What is known of one story: a row of the state."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zaobao.urls import StoryUrl

RETRY_AFTER = (timedelta(hours=1), timedelta(days=1), timedelta(weeks=1))
"""When a failed story is due again, after its first, second and third failure."""

DOUBT = "in doubt: "
"""Before the reason of a written story that is to be read again: its run's stories fell off."""
SHORT = DOUBT + "texts of "
"""So begins the doubt about a text that seems cut."""
STRANGE = DOUBT + "words of "
"""So begins the doubt about a text that may become shorter when it is read again."""
DESCRIBED = STRANGE + "the page's description "
"""So begins the doubt about a text that seems to be no more than that."""
LATE = DOUBT + "the time "
"""So begins the doubt about a time that a script gives, where others' have lost their zone."""

Status = Literal["listed", "failed", "quarantined", "outside", "written"]


@dataclass(slots=True)
class Record:
    """One story as the archive knows it. Datetimes are aware, UTC, whole milliseconds.

    status: `listed` (named, not yet read), `failed` and `quarantined` (tried,
    `reason` says what was wrong), `outside` (read, but published outside the
    asked days), `written` (post and line are durable). due: when it is to be
    tried (again); None: not any more. A `written` story is due only when it is in
    doubt, and `reason` then says why.
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


COLUMNS = tuple(field.name for field in fields(Record))
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


def to_row(known: Record) -> list[Any]:
    """The values of COLUMNS as SQLite stores them: times as epoch milliseconds."""
    row = [getattr(known, name) for name in COLUMNS]
    for index in _TIMES:
        if row[index] is not None:
            row[index] = millis(row[index])
    row[_URLS] = json.dumps(known.urls) if known.urls else ""
    row[_LISTS] = " ".join(known.lists)
    return row


def from_row(stored: tuple[Any, ...]) -> Record:
    """The reverse of `to_row`."""
    row = list(stored)
    for index in _TIMES:
        if row[index] is not None:
            row[index] = datetime.fromtimestamp(row[index] / 1000, UTC)
    row[_URLS] = tuple(json.loads(row[_URLS])) if row[_URLS] else ()
    row[_LISTS] = tuple(row[_LISTS].split())
    return Record(*row)


def named(
    before: Record | None,
    story: StoryUrl,
    list_name: str | None,
    now: datetime,
    list_time: datetime | None,
) -> Record:
    """The story after a list named it: a new one is due at once, a known one stays as it is."""
    known = before or Record(story.number, story.id, story.canonical, due=now, first_seen=now)
    return replace(
        known,
        urls=seen(known, story.canonical),
        lists=_with(known.lists, list_name) if list_name else known.lists,
        list_time=known.list_time or list_time,
    )


def failed(known: Record, status: Status, reason: str, now: datetime, *, final: bool) -> Record:
    """The story after a failed try; final: there is no further one."""
    last = final or known.attempts >= len(RETRY_AFTER)
    return replace(
        known,
        status=status,
        reason=reason,
        attempts=known.attempts + 1,
        due=None if last else now + RETRY_AFTER[known.attempts],
        last_checked=now,
    )


def doubt_in(line: Mapping[str, Any]) -> str | None:
    """Why the story of a JSON line is in doubt; None when it is not."""
    reason, raw = line.get("access_reason"), line.get("published_raw")
    if isinstance(reason, str) and reason.startswith(DOUBT):
        return reason
    return late(raw) if raw and line.get("published") is None else None


def late(raw: str) -> str:
    """The doubt about a time, as it stood on the page."""
    return f"{LATE}{raw} may be eight hours off"


def checked_again(known: Record, now: datetime) -> Record:
    """A written story after one more look at its page; one in doubt is due later once more."""
    if known.due is None:
        return replace(known, last_checked=now)
    last = known.attempts >= len(RETRY_AFTER) - 1
    return replace(
        known,
        attempts=known.attempts + 1,
        due=None if last else now + RETRY_AFTER[known.attempts + 1],
        last_checked=now,
    )


def remembered(known: Record, now: datetime) -> Record:
    """The story as written; in doubt when its reason says so, and then due again."""
    doubt = known.reason if known.reason and known.reason.startswith(DOUBT) else None
    return replace(
        known,
        status="written",
        reason=doubt,
        attempts=known.attempts if doubt else 0,
        due=known.due or (known.last_checked or now) + RETRY_AFTER[0] if doubt else None,
        first_seen=known.first_seen or known.last_checked or now,
    )


def seen(known: Record, url: str) -> tuple[str, ...]:
    """`known.urls` with one more address."""
    return known.urls if url == known.url else _with(known.urls, url)


def _with(values: tuple[str, ...], value: str) -> tuple[str, ...]:
    return values if value in values else (*values, value)
