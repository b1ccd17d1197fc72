"""What doctor takes from articles.jsonl, by one process and by several."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from zaobao.archive import workers
from zaobao.doctor.agreement import Lines
from zaobao.doctor.memory import Memory


def _line(number: int, title: str) -> bytes:
    values = {"id": f"20260302-{number}", "post": f"_posts/{number}.md", "title": title}
    return json.dumps(values).encode() + b"\n"


@pytest.mark.parametrize("many", [1, 10**9])
def test_lines_are_read_in_order(
    many: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "_MANY", many)
    path = tmp_path / "articles.jsonl"
    whole = [_line(number % 300 + 1, f"标题{number}") for number in range(800)]
    whole[400:400] = [b"{torn\n", b"\n", b'{"id": "20260302-9"}\n']
    path.write_bytes(b"".join(whole) + b'{"id"')
    with closing(Memory(None)) as seen:
        lines = Lines.read(path, seen)
        length = sum(map(len, whole))
        assert lines == Lines(count=800, length=length, torn=5, broken=3, stories=300)
        titles = dict(seen.rows("SELECT number, title FROM stories"))
        assert titles["1"] == "标题600"
        assert titles["300"] == "标题599"
        with path.open("ab") as file:
            file.write(b": 1}\n" + _line(1, "后来"))
        again = Lines.read(path, seen)
        assert (again.count, again.torn, again.broken, again.stories) == (801, 0, 4, 300)
        assert again.length == path.stat().st_size
        assert seen.value("SELECT title FROM stories WHERE number = '1'") == "后来"
