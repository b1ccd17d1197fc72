"""articles.jsonl: every line in it is whole, whatever broke off."""

from __future__ import annotations

import errno
import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.faulty import Faulty
from tests.support.stories import FULL
from zaobao.archive import disk, linefile
from zaobao.archive.linefile import LineFile
from zaobao.errors import ArchiveError
from zaobao.items import LINE_KEYS, Article
from zaobao.lines import decode_line, encode_line
from zaobao.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LINES = [json.dumps({"n": n, "text": "字" * n}, ensure_ascii=False).encode() for n in range(9)]


@pytest.fixture
def lines(tmp_path: Path) -> Iterator[LineFile]:
    lines = LineFile(tmp_path / "articles.jsonl")
    yield lines
    lines.close()


@given(data=st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_file_cut_anywhere_keeps_its_whole_lines(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "articles.jsonl"
    whole = b"".join(line + b"\n" for line in LINES)
    cut = data.draw(st.integers(0, len(whole)))
    path.write_bytes(whole[:cut])
    lines = LineFile(path)
    kept = whole[: whole.rfind(b"\n", 0, cut) + 1]
    assert path.read_bytes() == kept
    assert lines.length == len(kept)
    assert [line["n"] for _, line in lines.read(0)] == list(range(kept.count(b"\n")))
    lines.close()


@pytest.mark.parametrize("tail", [b"\0" * 5000, b'{"a": ', b'{"a": \n', b"[1]\n", b"\n"])
def test_a_tail_that_is_no_line_is_cut(
    tmp_path: Path, tail: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "articles.jsonl"
    long = b'{"a": "' + b"x" * 200_000 + b'"}\n'
    path.write_bytes(long + tail)
    LineFile(path).close()
    assert path.read_bytes() == long
    assert f"a torn line of {counted(len(tail), 'byte')}, which was cut" in caplog.text


@pytest.mark.parametrize("hole", [b'{"n": 2, \0\0}\n', b"\0" * 9000 + b'": 2}\n', b"\0\n"])
def test_a_hole_is_cut_with_all_that_follows_but_no_known_line(
    lines: LineFile, tmp_path: Path, hole: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path, known = tmp_path / "articles.jsonl", b'{"n": "\0"}\n'
    lines.append(known + b'{"n": 1}\nno line\n')
    before = path.read_bytes()
    lines.cut_hole(len(known))
    assert path.read_bytes() == before
    lines.append(hole + b'{"n": 3}\n')
    lines.cut_hole(len(known))
    assert path.read_bytes() == before
    assert lines.length == len(before)
    assert f"{len(hole) + 9} bytes were cut" in caplog.text
    lines.append(b'{"n": 4}\n')
    assert path.read_bytes() == before + b'{"n": 4}\n'


def test_lines_are_read_from_a_length_on(lines: LineFile) -> None:
    first = lines.append(b'{"n": 1}\n')
    second = lines.append(b'{"n": 2}\n{"n": 3}\n')
    assert (first, second) == (9, 27)
    assert list(lines.read(first)) == [(18, {"n": 2}), (27, {"n": 3})]
    assert lines.length == 27


def test_a_line_needs_its_line_feed(lines: LineFile) -> None:
    with pytest.raises(ValueError, match="line feed"):
        lines.append(b"{}")


def test_a_bad_line_in_the_middle_is_passed_over(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "articles.jsonl"
    path.write_bytes(b'{"n": 1}\n{"n": \n{"n": 3}\n')
    lines = LineFile(path)
    assert [line["n"] for _, line in lines.read(0)] == [1, 3]
    assert "byte 16" in caplog.text
    lines.close()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize(("name", "part"), [("write", 0), ("write", 4), ("fsync", 0)])
def test_a_line_that_fails_is_taken_back(
    lines: LineFile,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    part: int,
    number: int,
) -> None:
    length = lines.append(b'{"n": 1}\n')
    with monkeypatch.context() as patch:
        patch.setattr(linefile, "os", Faulty(name, number, part))
        with pytest.raises(ArchiveError, match=rf"Writing .*articles.jsonl: {os.strerror(number)}"):
            lines.append(b'{"n": 2}\n')
    path = tmp_path / "articles.jsonl"
    if name == "fsync":
        # The file could not be made durable in its former length either.
        with pytest.raises(ArchiveError, match="earlier in this run"):
            lines.append(b'{"n": 3}\n')
    else:
        assert lines.append(b'{"n": 3}\n') == 2 * length
        assert path.read_bytes() == b'{"n": 1}\n{"n": 3}\n'


@given(st.text())
def test_a_line_is_one_line_and_reads_back(text: str) -> None:
    line: dict[str, Any] = {**dict.fromkeys(reversed(LINE_KEYS)), "title": text + "\u2028\ud800"}
    data = encode_line(line)
    assert data.decode().splitlines(keepends=True) == [data.decode()]
    assert decode_line(data) == line
    assert tuple(decode_line(data) or ()) == LINE_KEYS


def test_a_key_without_default_is_not_made_up() -> None:
    with pytest.raises(KeyError):
        encode_line({"id": "1"})


def test_a_line_of_another_version_reads_and_is_written_back() -> None:
    line = FULL.to_dict()
    other = {"rating": {"a": [1]}, **{key: line[key] for key in reversed(line)}}
    del other["language"], other["tags"], other["revision"]
    other["images"][0] |= {"width": 600}
    del other["images"][0]["caption"]
    with pytest.raises(ValueError, match="caption"):
        Article.from_dict(other)
    other["images"][0]["caption"] = None
    assert Article.from_dict(other) == replace(FULL, tags=[])
    written = encode_line(other)
    assert tuple(json.loads(written)) == (*LINE_KEYS, "rating")
    assert json.loads(written) == {**other, "language": "zh-Hans", "tags": [], "revision": 1}
    assert encode_line(json.loads(written)) == written


@pytest.mark.parametrize("key", ["crawled", "digest", "title"])
def test_what_no_crawl_wrote_is_no_article(key: str) -> None:
    line = FULL.to_dict()
    if key == "title":
        del line[key]
    else:  # as an adopted line has it
        line[key] = None
    with pytest.raises(ValueError, match="no line of a crawl"):
        Article.from_dict(line)


@pytest.mark.parametrize("block", [1, 7, 30, 1 << 17])
def test_lines_with_a_mark_are_found_wherever_blocks_end(
    lines: LineFile, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = [b'{"n": %d, "id": "x-%d"}\n' % (n, n % 3) for n in range(20)]
    for line in written:
        lines.append(line)
    monkeypatch.setattr(disk, "_BLOCK", block)
    offsets = [sum(map(len, written[:n])) for n in range(20)]
    for mark in (b"x-1", b'{"n": 1', b'0"}', b"\n", b"none"):
        wanted = [pair for pair in zip(offsets, written, strict=True) if mark in pair[1]]
        assert list(lines.find(mark)) == wanted
