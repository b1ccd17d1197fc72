"""Stories that are kept together: what is on the disk when, and what a failure leaves."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.support.faulty import Faulty
from tests.support.states import story
from zaobao.archive import disk, linefile
from zaobao.archive.folder import Archive
from zaobao.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from zaobao.archive.record import Record

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive(tmp_path / "output", "scrapy crawl realtime") as archive:
        archive.state.length = 0
        yield archive


def record(archive: Archive, number: int) -> Record:
    (known,) = archive.state.listed([story(number)], "china", NOW)
    return replace(known, file=f"_posts/2026-11-22-{number}.md", revision=1)


def add(archive: Archive, number: int, told: list[ArchiveError | None] | None = None) -> None:
    known = record(archive, number)
    done = (lambda _error: None) if told is None else told.append
    archive.group.add(known, b'{"n": %d}\n' % number, {str(known.file): b"post"}, done=done)


def lines(archive: Archive) -> bytes:
    return (archive.folder / "articles.jsonl").read_bytes()


def durable(archive: Archive, tmp_path: Path) -> dict[str, int]:
    """What a state says that is opened from the files as they are."""
    other = tmp_path / "copy"
    other.mkdir(parents=True)
    for path in archive.folder.glob("state.sqlite*"):
        (other / path.name).write_bytes(path.read_bytes())
    with Archive(other, "x") as copied:
        return copied.state.counts()


def test_nothing_is_on_the_disk_before_the_group_is_closed(
    archive: Archive, tmp_path: Path
) -> None:
    told: list[ArchiveError | None] = []
    for number in (1, 2, 3):
        add(archive, number, told)
    assert len(archive.group) == 3
    assert (lines(archive), archive.post_files(), told) == (b"", [], [])
    assert archive.state.status("2") == "written"
    assert archive.state.owner("_posts/2026-11-22-3.md") == "3"
    assert durable(archive, tmp_path / "before") == {"gone": 0, "listed": 1}
    archive.close_group()
    assert lines(archive) == b'{"n": 1}\n{"n": 2}\n{"n": 3}\n'
    assert archive.post_files() == [f"_posts/2026-11-22-{number}.md" for number in (1, 2, 3)]
    assert told == [None, None, None]
    assert archive.state.length == archive.length == 27
    assert durable(archive, tmp_path / "after") == {"gone": 0, "written": 3}
    assert len(archive.group) == 0


def test_lines_come_before_posts_and_both_before_the_rows(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    for name in ("fsync", "rename"):
        real = getattr(os, name)

        def call(*given: object, name: str = name, real: object = real, **named: object) -> None:
            done.append(name)
            real(*given, **named)  # type: ignore[operator]

        monkeypatch.setattr(os, name, call)
    commit = archive.state.commit
    monkeypatch.setattr(archive.state, "commit", lambda: (done.append("commit"), commit()))
    for number in (1, 2):
        add(archive, number)
    assert done == []
    archive.close_group()
    assert done == ["fsync"] * 3 + ["rename"] * 2 + ["fsync", "commit"]


def test_a_post_that_waits_is_written_before_it_is_read_or_changed(archive: Archive) -> None:
    add(archive, 1)
    add(archive, 2)
    assert archive.read_post("_posts/2026-11-22-3.md") is None
    assert len(archive.group) == 2
    assert archive.read_post("_posts/2026-11-22-1.md") == b"post"
    assert len(archive.group) == 0
    add(archive, 3)
    archive.write_post("_posts/2026-11-22-3.md", b"other")
    assert archive.read_post("_posts/2026-11-22-3.md") == b"other"


@pytest.mark.parametrize(
    ("module", "call", "is_there"),
    [(linefile, "fsync", 0), (linefile, "write", 0), (disk, "fsync", 2), (disk, "rename", 2)],
)
def test_a_group_that_fails_is_not_known_and_nothing_more_is_stored(
    archive: Archive,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    module: object,
    call: str,
    is_there: int,
) -> None:
    told: list[ArchiveError | None] = []
    known = record(archive, 9)
    for number in (1, 2):
        add(archive, number, told)
    with monkeypatch.context() as patch:
        patch.setattr(module, "os", Faulty(call, errno.ENOSPC))
        with pytest.raises(ArchiveError, match="Make room on the disk and run again") as failed:
            archive.close_group()
    assert told == [failed.value, failed.value]
    assert lines(archive).count(b"\n") == is_there
    assert archive.post_files() == []
    assert archive.state.status("1") == "listed"
    for refused in (
        lambda: archive.state.remember(known),
        lambda: archive.state.listed([story(5)], "china", NOW),
        lambda: archive.state.passes.end("china", NOW.date()),
        lambda: add(archive, 3),
    ):
        with pytest.raises(ArchiveError) as again:
            refused()
        assert again.value is failed.value
    assert durable(archive, tmp_path) == {"gone": 0, "listed": 2}


def test_a_group_that_is_never_closed_is_as_if_it_had_not_been(archive: Archive) -> None:
    folder = archive.folder
    add(archive, 1)
    archive.close()
    with Archive(folder, "x") as again:
        assert again.state.counts() == {"gone": 0, "listed": 1}
        assert (lines(again), again.post_files()) == (b"", [])
