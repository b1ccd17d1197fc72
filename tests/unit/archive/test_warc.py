"""The raw pages of a month: what its index tells when records are taken out."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from zaobao.archive import warc
from zaobao.archive.warc import Entry, WarcFile

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    # warcio leaves its temporary files for the collector.
    pytest.mark.filterwarnings("ignore:Unclosed file <tempfile.Spooled:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

URL = "https://www.zaobao.com/news/china/story20261122-{}"


def fill(path: Path, *records: tuple[int, bytes]) -> None:
    with closing(WarcFile(path)) as file:
        for place, (number, page) in enumerate(records):
            crawled = f"2026-11-22T00:00:{place:02}.000Z"
            assert file.add(f"20261122-{number}", crawled, URL.format(number), None, page)


def pages(path: Path) -> list[tuple[str, bytes]]:
    with closing(WarcFile(path)) as file:
        return [(entry.number, file.page(entry)) for entry in file.entries]


def found(path: Path) -> list[Entry]:
    return list(warc.entries(path))


def test_the_index_fits_after_records_are_taken_out(tmp_path: Path) -> None:
    path = tmp_path / "2026-11.warc.gz"
    (tmp_path / ".tmp").mkdir()
    fill(path, (1, b"a"), (2, b"b"), (12, b"c"), (1, b"d"), (2, b"b"), (12, b"c"))
    assert warc.drop(path, "3", tmp_path / ".tmp") == 0
    assert warc.drop(path, "1", tmp_path / ".tmp") == 2
    left = [("2", b"b"), ("12", b"c"), ("2", b"b"), ("12", b"c")]
    assert pages(path) == left
    entries = found(path)
    # As it is when it is built from the records.
    path.with_name("2026-11.index.jsonl").unlink()
    assert found(path) == entries
    assert pages(path) == left
    assert sorted(one.name for one in tmp_path.iterdir()) == [
        ".tmp",
        "2026-11.index.jsonl",
        "2026-11.warc.gz",
    ]
    assert list((tmp_path / ".tmp").iterdir()) == []


def test_an_index_that_lacks_records_is_mended_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "2026-11.warc.gz"
    fill(path, (1, b"a"), (2, b"b"), (3, b"c"))
    index = path.with_name("2026-11.index.jsonl")
    whole, entries = index.read_bytes(), found(path)
    lines = whole.splitlines(keepends=True)
    torn = [lines[0] + lines[1][:size] + lines[2] for size in (1, 40, -30, -2)]
    hole = b"\0" * len(lines[0]) + lines[1] + lines[2]
    for damaged in (b"".join(lines[:-1]), whole[:-9], b"".join(lines[::-1]), hole, *torn):
        index.write_bytes(damaged)
        assert found(path) == entries
        assert index.read_bytes() == whole


def test_an_index_of_an_earlier_version_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "2026-11.warc.gz"
    with closing(WarcFile(path)) as file:
        page = b"a"
        file.add("20261122-1", "2026-11-22T00:00:00.000Z", URL.format('1?"\\'), None, page)
        file.add("20261122-1", "2026-11-22T00:00:01.000Z", URL.format(1), "2026-11-22", page, 2)
    index = path.with_name("2026-11.index.jsonl")
    old = index.read_bytes().replace(b', "place": 1}', b"}")
    index.write_bytes(old)
    assert [one.place for one in found(path)] == [1, 2]
    assert index.read_bytes() == old


def test_an_empty_file_has_no_records(tmp_path: Path) -> None:
    path = tmp_path / "2026-11.warc.gz"
    path.touch()
    assert found(path) == []
    assert warc.drop(path, "1", tmp_path) == 0
