"""What is true of an archive after a run that came to its end, whatever happened before."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from scrapy.utils.project import get_project_settings

from zaobao.archive import posts
from zaobao.archive.lines import decode_line, to_article
from zaobao.exporters import JekyllPostExporter
from zaobao.options import Options

if TYPE_CHECKING:
    from conftest import Archive

    from zaobao.demo.server import Served


def verify(
    archive: Archive, served: Served, wanted: set[str], edited: dict[str, str] | None = None
) -> None:
    """AssertionError when a story of `wanted` is lost, torn or there twice, or the next run works.

    wanted: numbers of all stories that the archive must hold. edited: by number,
    headlines that were changed and read again.
    """
    versions = whole_lines(archive)
    current = {number: lines[-1] for number, lines in versions.items()}
    assert current.keys() == wanted, (wanted ^ current.keys(), "differ")
    numbers = Counter(posts.read(data).story.number for data in archive.posts.values())
    assert numbers == Counter(wanted), numbers - Counter(wanted)
    assert list((archive.folder / ".tmp").iterdir()) == []
    for lines in versions.values():
        _posts_are_whole(archive, lines)
    for number, title in (edited or {}).items():
        assert (current[number]["title"], current[number]["revision"]) == (title, 2)
    _next_run_does_nothing(archive, served)


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
    write = JekyllPostExporter(Options.from_settings(get_project_settings())).post
    *earlier, last = lines
    assert len({line["post"] for line in lines}) == 1
    assert (archive.folder / last["post"]).read_bytes() == write(to_article(last))
    for line in earlier:
        kept = archive.folder / "revisions" / line["id"] / f"{line['revision']}.md"
        assert kept.read_bytes() == write(to_article(line))


def _next_run_does_nothing(archive: Archive, served: Served) -> None:
    before = archive.tree()
    served.paper.requests.clear()
    done = archive.crawl()
    assert done.returncode == 0, done.stderr
    assert [r.path_qs for r in served.paper.requests if "/story" in r.path_qs] == []
    assert archive.tree() == before
