"""How far each list was read, and whether to its end.

A page on which every story is known ends a list, since what lies behind it is
known too. That holds only when the pass before came to its end. One that a
crash cut off has left a gap: its first page may be all known, and the third one
was never read.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zaobao.archive.database import Database


class Passes:
    """The passes over lists, by a list's name, as the state remembers them."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def unfinished(self, name: str) -> date | None:
        """The day down to which the last pass had to go and did not; None: it ended."""
        return self._day(f"unfinished {name}")

    def first(self, name: str) -> date | None:
        """The same where no pass has ended yet: the first run's bound, which later ones keep.

        None also where that run had to read all there is.
        """
        day = self.unfinished(name) if self._day(f"newest {name}") is None else None
        return None if day == date.min else day

    def covered(self, name: str) -> date | None:
        """The day down to which a list was read without a gap; None: not known."""
        return self._day(f"covered {name}")

    def cover(self, name: str, day: date | None) -> None:
        """Note how far down a list was read; None leaves what is noted."""
        if day is not None and day != self.covered(name):
            self._note(f"covered {name}", day)

    def begin(self, name: str, otherwise: date) -> None:
        """Note that the list's first page was read.

        The pass has to come down to the newest day that the last whole pass saw;
        to `otherwise` where there was none.
        """
        if self.unfinished(name) is None:
            self._note(f"unfinished {name}", self._day(f"newest {name}") or otherwise)

    def end(self, name: str, newest: date | None) -> None:
        """Note that the pass came to its end. newest: day of a story on its first page."""
        if newest is not None:
            self._note(f"newest {name}", newest)
        self._db.run("DELETE FROM meta WHERE name = ?", (f"unfinished {name}",))

    def _day(self, name: str) -> date | None:
        day = self._db.value("SELECT value FROM meta WHERE name = ?", (name,))
        return None if day is None else date.fromisoformat(day)

    def _note(self, name: str, day: date) -> None:
        self._db.run("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, str(day)))
