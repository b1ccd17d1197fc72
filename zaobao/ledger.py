"""The rows of the closing table: what became of each story that a run had to do with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from scrapy.statscollectors import StatsCollector

Row = Literal[
    "known",
    "new",
    "edited",
    "gone",
    "waiting",
    "failed",
    "quarantined",
    "excluded",
    "outside",
]
ROWS: tuple[Row, ...] = get_args(Row)


class Ledger:
    """Has each story in one row; the stats `zaobao/stories/<row>` are always up to date.

    known: in the archive, and unchanged as far as this run saw. waiting: not
    read in this run, and still to be read. failed: it could not be read, and
    that may change. outside: published outside the asked days.
    """

    def __init__(self) -> None:
        self._rows: dict[str, Row] = {}

    def put(self, stats: StatsCollector, number: str, row: Row) -> None:
        """Put the story into a row; it leaves the one that it was in."""
        before = self._rows.get(number)
        if before == row:
            return
        if before is not None:
            stats.inc_value(f"zaobao/stories/{before}", -1)
        self._rows[number] = row
        stats.inc_value(f"zaobao/stories/{row}")

    def row(self, number: str) -> Row | None:
        return self._rows.get(number)
