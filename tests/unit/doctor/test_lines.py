"""What doctor takes from articles.jsonl."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

from zaobao.doctor.agreement import Lines
from zaobao.doctor.memory import Memory


def _line(number: int, title: str) -> bytes:
    values = {"id": f"20260302-{number}", "post": f"_posts/{number}.md", "title": title}
    return json.dumps(values).encode() + b"\n"


def test_the_last_line_of_a_story_counts(tmp_path: Path) -> None:
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
