"""The stories still to be read: which a list named, how their tries ended, when they are due."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from zaobao.archive.lookups import Lookups
from zaobao.archive.record import COLUMNS, Record, Status, checked_again, failed, named, to_row

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from zaobao.urls import StoryUrl

_FIELDS = ", ".join(COLUMNS)
_MARKS = ", ".join("?" * len(COLUMNS))
_NEW = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS[1:])
_PUT = f"INSERT INTO stories ({_FIELDS}) VALUES ({_MARKS}) "  # noqa: S608 (our own column names)
_PUT += f"ON CONFLICT (number) DO UPDATE SET {_NEW}"


class Frontier(Lookups):
    """Between a list's naming a story and its being written. Methods may raise ArchiveError.

    `now` is always aware.
    """

    def listed(
        self,
        stories: Iterable[StoryUrl],
        list_name: str | None,
        now: datetime,
        list_times: Mapping[str, datetime] | None = None,
    ) -> list[Record]:
        """Note that a list (or, with None, the user) named these stories; give them as known.

        A new one is due at once and stays so until it is written or given up. Of
        a known one only the address, the list and the list's time are added.
        list_times: by number, the exact times that the list shows.
        """
        times = list_times or {}
        with self._db.transaction():
            return [self._list(story, list_name, now, times.get(story.number)) for story in stories]

    def _list(
        self, story: StoryUrl, name: str | None, now: datetime, time: datetime | None
    ) -> Record:
        before = self.get(story.number)
        after = named(before, story, name, now, time)
        if after != before:
            self._put(after)
        return after

    def fail(
        self,
        number: str,
        reason: str,
        now: datetime,
        *,
        quarantined: bool = False,
        final: bool = False,
    ) -> None:
        """Note a failed try: due again after 1 hour, 1 day, 1 week, then not any more.

        quarantined: its page was kept. final: it is known not to be had, so it is
        not due again. A written story stays written: only `last_checked` is set, and
        one in doubt is due later.
        LookupError when the story was never listed.
        """
        known = self._existing(number)
        if known.status == "written":
            self._put(checked_again(known, now))
        else:
            status: Status = "quarantined" if quarantined else "failed"
            self._put(failed(known, status, reason, now, final=final))

    def outside(self, number: str, published: datetime | None, now: datetime) -> None:
        """Note that a story was read and not written, as it lies outside the asked days.

        It is not due. A run that asks for other days sees `status` and `published`.
        """
        known = self._existing(number)
        if known.status != "written":
            self._put(
                replace(known, status="outside", published=published, due=None, last_checked=now)
            )

    def make_due(self, number: str, now: datetime) -> None:
        """Let a story that is not written be tried again, as if it had never failed."""
        known = self._existing(number)
        if known.status != "written":
            self._put(replace(known, attempts=0, due=now))

    def lose(self, number: str, now: datetime) -> None:
        """Let a story be written again whose post is no longer there, in its former file."""
        known = self._existing(number)
        self._put(replace(known, status="listed", reason=None, attempts=0, due=now))

    def _put(self, known: Record) -> None:
        self._db.run(_PUT, to_row(known))
