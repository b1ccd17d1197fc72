"""Damage to an archive, and what `scrapy doctor` is to say of it."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path


def first_post(output: Path) -> Path:
    return min((output / "_posts").iterdir())


def _torn(output: Path) -> None:
    with (output / "articles.jsonl").open("ab") as file:
        file.write(b'{"id": "2026')


def _no_line(output: Path) -> None:
    """A line is gone from the middle, and the state has the length without it."""
    lines = (output / "articles.jsonl").read_bytes().splitlines(keepends=True)
    data = b"".join(lines[1:])
    (output / "articles.jsonl").write_bytes(data)
    with sqlite3.connect(output / "state.sqlite") as state:
        state.execute("UPDATE meta SET value = ? WHERE name = 'length'", (len(data),))
    state.close()


def _shorter(output: Path) -> None:
    lines = (output / "articles.jsonl").read_bytes().splitlines(keepends=True)
    (output / "articles.jsonl").write_bytes(b"".join(lines[:-1]))


def _newer_format(output: Path) -> None:
    with sqlite3.connect(output / "state.sqlite") as state:
        state.execute("PRAGMA user_version = 99")
    state.close()


def _other_program(output: Path) -> None:
    (output / "state.sqlite").unlink()
    with sqlite3.connect(output / "state.sqlite") as state:
        state.execute("CREATE TABLE other (x)")
    state.close()


def _damaged(output: Path) -> None:
    with (output / "state.sqlite").open("r+b") as file:
        file.seek(100)
        file.write(os.urandom(20000))


def _liquid(output: Path) -> None:
    post = first_post(output)
    post.write_bytes(post.read_bytes().replace(b"<p>", b"<p>{{ site.secret }}", 1))


def stray(name: str, data: str = "x") -> Callable[[Path], None]:
    def put(output: Path) -> None:
        (output / name).parent.mkdir(parents=True, exist_ok=True)
        (output / name).write_text(data)

    return put


def _link(name: str) -> Callable[[Path], None]:
    def put(output: Path) -> None:
        target = output / name
        target.rename(output.parent / "elsewhere")
        target.symlink_to(output.parent / "elsewhere")

    return put


def _same_address(output: Path) -> None:
    post = first_post(output)
    assert " " in post.name
    (post.parent / post.name.replace(" ", "，")).write_bytes(post.read_bytes())


def _large(name: str, size: int) -> Callable[[Path], None]:
    def put(output: Path) -> None:
        (output / name).parent.mkdir(parents=True, exist_ok=True)
        with (output / name).open("wb") as file:
            file.truncate(size)

    return put


def _large_site(output: Path) -> None:
    for number in range(17):
        _large(f"assets/{number}.bin", 48_000_000)(output)


def _config(before: str, after: str) -> Callable[[Path], None]:
    def change(output: Path) -> None:
        path = output / "_config.yml"
        text = path.read_text("utf-8")
        assert before in text
        path.write_text(text.replace(before, after), "utf-8")

    return change


def _older_config(output: Path) -> None:
    """A list of what to leave out, as archives have it that were begun before."""
    ours = "articles.jsonl, state.sqlite, exclude.txt, revisions/, quarantine/, raw/, runs/"
    _config('exclude: ["*"]', f"exclude: [{ours}]")(output)
    (output / "demo").mkdir()


def _tracked(output: Path) -> None:
    for command in (["init", "-q"], ["add", "-f", "state.sqlite", "_posts"]):
        subprocess.run(["git", "-C", str(output), *command], check=True)


def _kept(output: Path) -> None:
    for number, reason in enumerate(("unknown_layout", "unknown_layout", "body_missing")):
        stray(f"quarantine/{number}.json", json.dumps({"reason": reason}))(output)


DAMAGE: list[tuple[Callable[[Path], None], str, str, str]] = [
    (_torn, "warn", "lines", "the last 12 bytes are a torn line"),
    (
        stray("articles.jsonl", "[]\nno\n"),
        "fail",
        "lines",
        "2 lines of articles.jsonl are no line",
    ),
    (_shorter, "fail", "state", "lines are lost"),
    (_no_line, "warn", "agreement", "1 post has no line: _posts/"),
    (_no_line, "fail", "agreement", "1 story is known as written and has no line"),
    (lambda output: first_post(output).unlink(), "fail", "agreement", "1 line has no post"),
    (lambda output: (output / "state.sqlite").unlink(), "warn", "state", "no state.sqlite"),
    (_newer_format, "fail", "state", "it has format 99"),
    (_other_program, "fail", "state", "another program's"),
    (_damaged, "fail", "state", "malformed"),
    (stray("state.sqlite", "x" * 5000), "fail", "state", "not a database"),
    (stray(".tmp/1-1"), "warn", "leftovers", "holds 1 file of a killed run"),
    (stray("state.sqlite.damaged-20261128"), "warn", "leftovers", "set aside"),
    (_liquid, "fail", "posts", "Liquid"),
    (stray("_posts/notes.txt"), "fail", "posts", "notes.txt"),
    (stray("_posts/2026-01-01-torn.md", "---\nlayout: post\n"), "fail", "posts", "or torn"),
    (stray("_posts/below/2026-01-01-x.md"), "fail", "posts", "below"),
    (_same_address, "fail", "posts", "address"),
    (lambda output: _link(f"_posts/{first_post(output).name}")(output), "fail", "posts", "link"),
    (_link("_posts"), "fail", "output", "_posts is a symbolic link"),
    (_link("articles.jsonl"), "fail", "output", "articles.jsonl is a symbolic link"),
    (_link("."), "warn", "output", "is a link to"),
    (stray("exclude.txt", "20260101-1\nnonsense here\n"), "warn", "exclude.txt", "line 2"),
    (_kept, "warn", "quarantine", "3 pages that no layout could read: 2 unknown_layout, 1 body"),
    (_large("assets/film.bin", 50_000_000), "warn", "sizes", "assets/film.bin (50 MB)"),
    (_large("raw/2026-11.warc.gz", 60_000_000), "warn", "sizes", "raw/2026-11.warc.gz (60 MB)"),
    (_large_site, "warn", "sizes", "the site has 816 MB"),
    (_large("_site/a.html", 800_000_000), "warn", "sizes", "the site has 800 MB"),
    (_config('["*"]', "['a*', 's*', 'e*', 'r*']"), "fail", "_config.yml", "quarantine"),
    (_config("include:\n", "include:\n  - quarantine\n"), "fail", "_config.yml", "quarantine"),
    (_config("future: true", "future: false"), "warn", "_config.yml", "future: true must stay"),
    (_older_config, "warn", "_config.yml", "Jekyll also publishes demo"),
    (_tracked, "warn", "git", "state.sqlite"),
]
