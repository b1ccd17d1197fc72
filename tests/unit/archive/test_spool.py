"""What is held on the disk while a command works in groups."""

from __future__ import annotations

from pathlib import Path

from zaobao.archive.spool import Spool


def test_a_reading_that_was_left_ends_behind_its_file(tmp_path: Path) -> None:
    with Spool(tmp_path, "CREATE TABLE found (number INTEGER);") as spool:
        spool.run_many("INSERT INTO found VALUES (?)", [(1,), (2,)])
        rows = spool.rows("SELECT number FROM found ORDER BY number")
        assert next(rows) == (1,)
    rows.close()  # type: ignore[attr-defined]  # a generator
    assert not (tmp_path / "spool.sqlite").exists()
