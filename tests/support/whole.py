"""What is true of an archive: after a run that came to its end, and after one that did not."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy.utils.project import get_project_settings

from zaobao import posts
from zaobao.exporters import JekyllPostExporter, without_gone
from zaobao.items import Article
from zaobao.lines import decode_line
from zaobao.options import Options

if TYPE_CHECKING:
    from demo.server import Served
    from demo.story import Story
    from tests.support.archive import Archive


def numbers(served: Served) -> set[str]:
    """Of all stories that the list of China leads to."""
    return {story.number for story in served.paper.listed("china") if story.status == 200}


def verify(
    archive: Archive, served: Served, wanted: set[str], edited: dict[str, str] | None = None
) -> None:
    """AssertionError when the archive does not hold what `holds` says, or the next run works."""
    holds(archive, wanted, edited)
    _next_run_does_nothing(archive, served)


def holds(
    archive: Archive,
    wanted: set[str],
    edited: dict[str, str] | None = None,
    others: frozenset[str] = frozenset(),
) -> None:
    """AssertionError when a story of `wanted` is lost, torn or there twice.

    wanted: numbers of all stories that the archive must hold. edited: by number,
    headlines that were changed and read again. others: numbers of adopted stories.
    """
    versions = {n: lines for n, lines in whole_lines(archive).items() if n not in others}
    current = {number: lines[-1] for number, lines in versions.items()}
    assert current.keys() == wanted, (wanted ^ current.keys(), "differ")
    numbers = [posts.read(data).story.number for data in archive.posts.values()]
    assert sorted(n for n in numbers if n not in others) == sorted(wanted)
    assert list((archive.folder / ".tmp").iterdir()) == []
    for lines in versions.values():
        _posts_are_whole(archive, lines)
    for number, title in (edited or {}).items():
        assert (current[number]["title"], current[number]["revision"]) == (title, 2)


def whole_lines(archive: Archive) -> dict[str, list[dict[str, Any]]]:
    """All lines by story number, in their order; each is whole, and there once."""
    data = (archive.folder / "articles.jsonl").read_bytes()
    assert data.endswith(b"\n")
    versions: dict[str, list[dict[str, Any]]] = {}
    for raw in data.splitlines():
        line = decode_line(raw)
        assert line is not None, raw
        versions.setdefault(line["id"].partition("-")[2], []).append(line)
    for number, lines in versions.items():
        assert [line["revision"] for line in lines] == [*range(1, len(lines) + 1)], number
    return versions


def _posts_are_whole(archive: Archive, lines: list[dict[str, Any]]) -> None:
    """The post is what its last line gives, and each earlier text what the earlier line gave."""
    write = _exporter().post
    *earlier, last = lines
    assert len({line["post"] for line in lines}) == 1
    post = (archive.folder / last["post"]).read_bytes()
    assert without_gone(post) == write(Article.from_dict(last))
    for line in earlier:
        kept = archive.folder / "revisions" / line["id"] / f"{line['revision']}.md"
        assert kept.read_bytes() == write(Article.from_dict(line))


def _next_run_does_nothing(archive: Archive, served: Served) -> None:
    before = archive.tree()
    served.paper.requests.clear()
    done = archive.crawl()
    assert done.returncode == 0, done.stderr
    assert [r.path_qs for r in served.paper.requests if "/story" in r.path_qs] == []
    assert archive.tree() == before


def pictures_are_whole(archive: Archive) -> int:
    """How many pictures are kept. AssertionError when a story shows one that is not there whole,
    lacks one, or when something half lies about."""
    folder = archive.folder / "images"
    images = [image for lines in whole_lines(archive).values() for image in lines[-1]["images"]]
    for image in images:
        data = (folder / image["path"]).read_bytes()
        assert image["checksum"] == f"sha256:{hashlib.sha256(data).hexdigest()}", image
    for path in folder.glob("*/*"):
        assert path.stem == hashlib.sha256(path.read_bytes()).hexdigest(), path
    assert list((folder / ".tmp").iterdir()) == []
    return len({image["path"] for image in images})


def check(archive: Archive, before: dict[str, bytes]) -> None:
    """AssertionError when a dead or failed run left something torn, or remembered too much.

    before: the posts by name before that run.
    """
    after = archive.posts
    assert before.keys() <= after.keys()
    lines = [line for line in _whole(archive) if line is not None]
    for name, data in after.items():
        texts = {before.get(name)}
        for line in lines:
            if line["post"] == f"_posts/{name}" and line["layout"] != "adopted":
                texts.add(_exporter().post(Article.from_dict(line)))
        written = {without_gone(text) for text in texts if text}
        is_post = data.startswith(b"---\n")
        is_whole = is_post and (without_gone(data) in written or _is_adopted(data))
        assert is_whole, f"{name} is torn, or has no line: {data!r}"
    there = {(line["id"].partition("-")[2], line["revision"]) for line in lines}
    sql = "SELECT number, revision, file FROM stories WHERE status = 'written'"
    for number, revision, file in rows(archive, sql):
        assert (number, revision) in there, f"{number} is remembered and has no line"
        assert file.removeprefix("_posts/") in after, f"{number} is remembered and has no post"


def rows(archive: Archive, sql: str) -> list[tuple[Any, ...]]:
    """Ask a copy of the state: opening it would complete what a kill left."""
    with tempfile.TemporaryDirectory() as name:
        for path in archive.folder.glob("state.sqlite*"):
            shutil.copy(path, name)
        with closing(sqlite3.connect(Path(name) / "state.sqlite")) as state:
            made = state.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            return state.execute(sql).fetchall() if made else []


def set_clock_back(archive: Archive, story: Story, hours: float) -> None:
    """As if the first 404 had been so much earlier."""
    with closing(sqlite3.connect(archive.folder / "state.sqlite")) as state, state:
        done = state.execute(
            "UPDATE stories SET missing_since = missing_since - ? WHERE number = ?",
            (round(hours * 3_600_000), story.number),
        )
        assert done.rowcount == 1


def _whole(archive: Archive) -> list[dict[str, Any] | None]:
    """The lines that end; what follows the last of them is cut at the next start."""
    path = archive.folder / "articles.jsonl"
    data = path.read_bytes() if path.exists() else b""
    return [decode_line(raw) for raw in data[: data.rfind(b"\n") + 1].splitlines()]


def _is_adopted(data: bytes) -> bool:
    return b"\n<!--NaN-->\n" in data and data.endswith(b"</div>\n")


def _exporter() -> JekyllPostExporter:
    return JekyllPostExporter(Options.from_settings(get_project_settings()))
