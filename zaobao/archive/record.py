"""What is known of one story: a row of the state."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, Self

from zaobao import times
from zaobao.items import PAGE_MISSING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zaobao.items import Article
    from zaobao.urls import StoryUrl

RETRY_AFTER = (timedelta(hours=1), timedelta(days=1), timedelta(weeks=1))
"""When a failed story is due again, after its first, second and third failure."""

SUSPECT = "in doubt: "
"""Before the reason of a written story that is to be read again: its run's stories fell off."""
SHORT = SUSPECT + "texts of "
"""So begins the reason of a text that seems cut."""
STRANGE = SUSPECT + "words of "
"""So begins that of a text that may become shorter when it is read again."""
DESCRIBED = STRANGE + "the page's description "
"""So begins that of a text that seems to be no more than that."""
REPEATED = STRANGE + "another story: "
"""So begins that of a text that another story, named next, gave, too."""
LATE = SUSPECT + "the time "
"""So begins that of a time that a script gives, where others' have lost their zone."""


AUDIT = "audit"
"""The list of stories that an audit has queued: the next run takes them, whatever it asks for."""
SITEMAP = "sitemap"
"""The list that a story of a sitemap stands on."""

Status = Literal["listed", "failed", "quarantined", "outside", "written"]


@dataclass(slots=True)
class Record:
    """One story as the archive knows it. Datetimes are aware, UTC, whole milliseconds.

    status: `listed` (named, not yet read), `failed` and `quarantined` (tried,
    `reason` says what was wrong), `outside` (read, but published outside the
    asked days), `written` (post and line are durable). due: when it is to be
    tried (again); None: not any more. A `written` story is due only when it is
    suspect, and `reason` then says why.
    """

    number: str  # it alone identifies the story
    id: str  # "20210902-1189718"
    url: str  # canonical address of the first URL that was read, or listed
    urls: tuple[str, ...] = ()  # further canonical addresses of the same story
    lists: tuple[str, ...] = ()  # what named it: a section ("china"), AUDIT, SITEMAP
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
    revision: int | None = None  # of its last line; None: none was written
    layout: str | None = None
    missing_since: datetime | None = None  # first of the 404/410 since it was last there
    gone: datetime | None = None  # when the site was found to have removed it

    @classmethod
    def of(cls, story: StoryUrl) -> Self:
        """A story of which only the address is known."""
        return cls(story.number, story.id, story.canonical)

    # What happens to a story: each gives the record as it is afterwards.

    def named(self, url: str, list_name: str | None, list_time: datetime | None) -> Self:
        """After a list named it at this canonical address. list_time: as the list shows it."""
        return replace(
            self,
            urls=self.urls if url == self.url else _with(self.urls, url),
            lists=_with(self.lists, list_name) if list_name else self.lists,
            list_time=self.list_time or list_time,
        )

    def failed(self, status: Status, reason: str, now: datetime, *, final: bool) -> Self:
        """After a failed try; final: there is no further one."""
        last = final or self.attempts >= len(RETRY_AFTER)
        return replace(
            self,
            status=status,
            reason=reason,
            attempts=self.attempts + 1,
            due=None if last else now + RETRY_AFTER[self.attempts],
            last_checked=now,
        )

    def checked_again(self, now: datetime) -> Self:
        """A written story after one more look at its page; a suspect one is due later once more."""
        if self.due is None:
            return replace(self, last_checked=now)
        last = self.attempts >= len(RETRY_AFTER) - 1
        return replace(
            self,
            attempts=self.attempts + 1,
            due=None if last else now + RETRY_AFTER[self.attempts + 1],
            last_checked=now,
        )

    def with_article(self, article: Article) -> Self:
        """With what an article says whose line and post are about to be written.

        Where one of its pages could not be read it is suspect, and says so.
        """
        why = article.access_reason or ""
        return replace(
            self,
            id=article.id,
            url=article.url,
            file=article.post,
            digest=article.digest,
            published=article.published,
            access=article.access,
            revision=article.revision,
            layout=article.layout,
            reason=why if why.startswith(PAGE_MISSING) else None,
            due=None,
            first_seen=self.first_seen or times.now(),
            last_checked=article.crawled,
        )

    def written(self, now: datetime) -> Self:
        """After its line and post were written; suspect when its reason says so: then due again.

        now: stands in where it is not known when the story was first seen or last checked.
        """
        suspect = self.reason if self.reason and self.reason.startswith(SUSPECT) else None
        return replace(
            self,
            status="written",
            reason=suspect,
            attempts=self.attempts if suspect else 0,
            due=self.due or (self.last_checked or now) + RETRY_AFTER[0] if suspect else None,
            first_seen=self.first_seen or self.last_checked or now,
        )


COLUMNS = tuple(field.name for field in fields(Record))


def why_suspect(line: Mapping[str, Any]) -> str | None:
    """Why the story of a JSON line is suspect; None when it is not."""
    reason, raw = line.get("access_reason"), line.get("published_raw")
    if isinstance(reason, str) and reason.startswith(SUSPECT):
        return reason
    return late(raw) if raw and line.get("published") is None else None


def repeated(other: str) -> str:
    """Why a text is suspect that the story with the id `other` gave, too."""
    return f"{REPEATED}{other} gave the same text"


def repeated_by(reason: str) -> str | None:
    """The id of the story that gave a suspect story's text, too, by the reason for it."""
    if not reason.startswith(REPEATED):
        return None
    return reason.removeprefix(REPEATED).partition(" ")[0]


def late(raw: str) -> str:
    """Why a time is suspect. raw: as it stood on the page."""
    return f"{LATE}{raw} may be eight hours off"


def _with(values: tuple[str, ...], value: str) -> tuple[str, ...]:
    return values if value in values else (*values, value)
