"""The state's file: what is damaged or not ours is not used, and what is stored survives."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.states import write
from zaobao.archive.state import State
from zaobao.errors import ArchiveError

if TYPE_CHECKING:
    from pathlib import Path


def test_a_newer_format_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    State(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 2")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(ArchiveError, match="format 2, and this program knows 1"):
        State(path)
    assert path.read_bytes() == before


def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE mine (x)")
    connection.close()
    with pytest.raises(ArchiveError, match="another program's"):
        State(path)


def test_a_damaged_file_is_set_aside(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "state.sqlite"
    path.write_bytes(b"no database " * 1000)
    state = State(path)
    assert state.length is None
    state.close()
    (kept,) = tmp_path.glob("state.sqlite.damaged-*")
    assert kept.read_bytes() == b"no database " * 1000
    assert kept.name in caplog.text


def test_damage_found_later_is_a_sentence_and_the_next_run_starts_anew(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    state = State(path)
    with state.batch():
        for number in range(1000, 1600):
            write(state, number)
    state.close()
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 2)
        file.write(b"\xff" * (size - size // 2))
    state = State(path)
    with pytest.raises(ArchiveError, match="Run again: the state is rebuilt"):
        [state.get(str(number)) for number in range(1000, 1600)]
    state.close()
    assert list(tmp_path.glob("state.sqlite.damaged-*"))
    again = State(path)
    assert again.length is None
    again.close()


@pytest.mark.parametrize("instead", [None, b""])
def test_the_journal_of_a_lost_state_is_not_played_into_a_new_one(
    tmp_path: Path, instead: bytes | None
) -> None:
    path = tmp_path / "state.sqlite"
    state = State(path)
    write(state, 1)
    for ending in ("-wal", "-shm"):
        (tmp_path / f"kept{ending}").write_bytes((tmp_path / f"state.sqlite{ending}").read_bytes())
    state.close()
    path.unlink()
    for ending in ("-wal", "-shm"):
        (tmp_path / f"kept{ending}").rename(tmp_path / f"state.sqlite{ending}")
    if instead is not None:
        path.write_bytes(instead)
    again = State(path)
    assert again.get("1") is None
    again.close()


def test_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state.sqlite").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ArchiveError, match="symbolic link"):
        State(tmp_path / "state.sqlite")
    assert not (tmp_path / "elsewhere").exists()


def test_each_transaction_is_synced_to_the_disk(tmp_path: Path) -> None:
    state = State(tmp_path / "state.sqlite")
    assert state._db.value("PRAGMA synchronous") == 2
    assert state._db.value("PRAGMA journal_mode") == "wal"
    state.close()


_CHILD = """
import sys
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zaobao import urls
from zaobao.archive.state import State
state = State(Path(sys.argv[1]))
for number in range(1, 100000):
    story = urls.story(f"https://www.zaobao.com/news/china/story20261122-{number}")
    (known,) = state.listed([story], "china", datetime(2026, 11, 22, tzinfo=UTC))
    with state.batch():
        state.remember(replace(known, file=f"_posts/2026-11-22-{number}.md"))
        state.length = number
    print(number, flush=True)
"""


def test_what_was_remembered_survives_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    last = 0
    for wanted in (3, 20, 60):
        path.unlink(missing_ok=True)
        command = [sys.executable, "-c", _CHILD, str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            for line in child.stdout:
                last = int(line)
                if last == wanted:
                    os.kill(child.pid, signal.SIGKILL)
        state = State(path)
        assert {state.status(str(number)) for number in range(1, last + 1)} == {"written"}
        assert state.length in (last, last + 1)
        state.close()
