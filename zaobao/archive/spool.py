"""What a long command has to hold or to sort, on the disk instead of in memory."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

from zaobao.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path


class Spool:
    """Tables in a file that ends with its command. None of it is durable.

    Every method may raise ArchiveError: there is no room on the disk.
    """

    def __init__(self, folder: Path, tables: str) -> None:
        """folder: `.tmp/` of an output folder. tables: what makes them, in SQL."""
        self._path = folder / "spool.sqlite"
        with suppress(FileNotFoundError):
            self._path.unlink()
        try:
            self._connection = sqlite3.connect(self._path, isolation_level=None)
            try:
                self._connection.executescript(
                    f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {tables} BEGIN;"
                )
            except BaseException:
                self.close()
                raise
        except sqlite3.Error as error:
            raise self._trouble(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file and remove it."""
        self._connection.close()
        with suppress(FileNotFoundError):
            self._path.unlink()

    def run(self, sql: str, values: Sequence[Any] = ()) -> int:
        """How many rows a statement has changed."""
        try:
            return self._connection.execute(sql, values).rowcount
        except sqlite3.Error as error:
            raise self._trouble(error) from error

    def run_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        try:
            self._connection.executemany(sql, rows)
        except sqlite3.Error as error:
            raise self._trouble(error) from error

    def rows(self, sql: str, values: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """One at a time; the rows that are read must not be changed meanwhile."""
        try:
            # Not `yield from`: it would close the cursor of a file that is closed already.
            for row in self._connection.execute(sql, values):  # noqa: UP028
                yield row
        except sqlite3.Error as error:
            raise self._trouble(error) from error

    def value(self, sql: str) -> Any:
        """The first column of the first row."""
        return next(self.rows(sql))[0]

    def _trouble(self, error: sqlite3.Error) -> ArchiveError:
        return ArchiveError(
            f"{self._path}: {error}. What was written before it is whole. "
            "Make room on the disk and run again."
        )
