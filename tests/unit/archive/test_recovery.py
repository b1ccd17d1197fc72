"""At a run's start: lost states, lost lines, and what a killed run left."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.older import BODY, contents, lines, old_post, options, take_over
from zaobao import posts
from zaobao.archive.folder import Archive
from zaobao.archive.linefile import LineFile
from zaobao.archive.recovery import open_archive
from zaobao.items import LINE_KEYS
from zaobao.lines import encode_line

MOMENT = datetime(2026, 11, 22, 4, tzinfo=UTC)


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "output"


def crawl(archive: Archive, number: int, revision: int = 1, *, until: str = "remember") -> None:
    """Write a story as a crawl does, up to one of its steps."""
    url = f"https://www.zaobao.com/news/china/story20261122-{number}"
    story = posts.read(old_post(number, "2026-11-22", section="news/china")).story
    (known,) = archive.state.listed([story], "china", MOMENT)
    name = f"2026-11-22-{number}.md"
    old = archive.read_post(f"_posts/{name}")
    if old is not None:
        archive.write_revision(story.id, revision - 1, old)
    lists = {key: [] for key in ("authors", "tags", "images", "removed")}
    line = {**dict.fromkeys(LINE_KEYS), **lists} | {
        "id": story.id,
        "url": url,
        "layout": "sg_drupal",
        "title": f"题 {revision}",
        "body_html": BODY,
        "published": MOMENT.isoformat(),
        "crawled": (MOMENT + timedelta(hours=1)).isoformat(),
        "digest": f"sha256:{revision}",
        "access": "free",
        "revision": revision,
        "post": f"_posts/{name}",
    }
    lines = LineFile(archive.folder / "articles.jsonl")
    length = lines.append(encode_line(line))
    lines.close()
    if until == "line":
        return
    data = old_post(number, "2026-11-22", f"题 {revision}", section="news/china", body=BODY)
    archive.write_post(f"_posts/{name}", data)
    if until == "post":
        return
    known = replace(known, file=f"_posts/{name}", digest=f"sha256:{revision}", revision=revision)
    written = replace(known, layout="sg_drupal", access="free", published=MOMENT)
    archive.state.remember(written)
    archive.state.length = length


@pytest.fixture
def crawled(output: Path) -> Path:
    with open_archive(options(output), "x") as archive:
        crawl(archive, 1)
        crawl(archive, 2)
        crawl(archive, 2, revision=2)
        archive.state.fail(
            archive.state.listed([posts.read(old_post(9)).story], "china", MOMENT)[0].number,
            "http_500",
            MOMENT,
        )
    return output


def test_a_deleted_state_is_built_from_posts_and_lines(crawled: Path) -> None:
    before = contents(crawled)
    (crawled / "state.sqlite").unlink()
    with open_archive(options(crawled), "x") as archive:
        two = archive.state.get("2")
        assert two is not None
        assert (two.status, two.file, two.revision) == ("written", "_posts/2026-11-22-2.md", 2)
        assert (two.digest, two.access, two.layout) == ("sha256:2", "free", "sg_drupal")
        assert two.published == datetime(2026, 11, 22, 4, tzinfo=UTC)
        assert archive.state.length == archive.length
        assert archive.state.owner("2026-11-22-1.md") == "1"
    assert contents(crawled) == before


def test_a_line_of_a_withdrawn_story_brings_it_not_back(crawled: Path) -> None:
    """As when articles.jsonl was restored from a copy."""
    (crawled / "_posts" / "2026-11-22-2.md").unlink()
    (crawled / "exclude.txt").write_text("20261122-2  # withdrawn 2026-11-23\n")
    (crawled / "state.sqlite").unlink()
    with open_archive(options(crawled), "x") as archive:
        assert archive.state.counts() == {"written": 1, "gone": 0}
        assert archive.state.get("2") is None
        assert archive.post_files() == ["_posts/2026-11-22-1.md"]


@pytest.mark.parametrize("keep", [b"", b"torn"])
def test_a_damaged_state_is_set_aside_and_built_again(crawled: Path, keep: bytes) -> None:
    before = contents(crawled)
    (crawled / "state.sqlite").write_bytes(keep * 1000)
    with open_archive(options(crawled), "x") as archive:
        assert archive.state.counts() == {"written": 2, "gone": 0}
    assert contents(crawled) == before


def test_lost_lines_are_written_again_from_the_posts(crawled: Path) -> None:
    (crawled / "articles.jsonl").unlink()
    with open_archive(options(crawled), "x") as archive:
        assert archive.state.status("9") == "failed"
    found = [(line["id"], line["revision"], line["layout"]) for line in lines(crawled)]
    assert found == [("20261122-1", 1, "adopted"), ("20261122-2", 2, "adopted")]
    before = contents(crawled)
    open_archive(options(crawled), "x").close()
    assert contents(crawled) == before


def test_a_second_post_of_a_crawled_story_gets_no_line_over_the_crawled_one(
    crawled: Path, tmp_path: Path
) -> None:
    source = tmp_path / "older"
    source.mkdir()
    (source / "2026-11-22-old.md").write_bytes(old_post(1, "2026-11-22"))
    before = (crawled / "articles.jsonl").read_bytes()
    for further in (1, 0):
        summary = take_over(crawled, source)
        assert (summary.further, summary.lines) == (further, 0)
    assert (crawled / "articles.jsonl").read_bytes() == before
    with open_archive(options(crawled), "x") as archive:
        known = archive.state.get("1")
        assert known is not None
        assert known.file == "_posts/2026-11-22-1.md"


def test_a_line_without_its_post_gives_the_post(output: Path) -> None:
    with open_archive(options(output), "x") as archive:
        crawl(archive, 1, until="line")
        assert not archive.post_files()
    before = (output / "articles.jsonl").read_bytes()
    with open_archive(options(output), "x") as archive:
        known = archive.state.get("1")
        assert known is not None
        assert (known.status, known.digest, known.revision) == ("written", "sha256:1", 1)
        data = archive.read_post("_posts/2026-11-22-1.md")
        assert data is not None
        assert posts.read(data).title == "题 1"
        assert "<p>第一段。</p><p>第二段&#123;甲&#125;。</p>".encode() in data
    assert (output / "articles.jsonl").read_bytes() == before


def test_a_line_with_its_post_is_remembered(output: Path) -> None:
    with open_archive(options(output), "x") as archive:
        crawl(archive, 1, until="post")
        assert archive.state.status("1") == "listed"
    with open_archive(options(output), "x") as archive:
        known = archive.state.get("1")
        assert known is not None
        assert (known.status, known.digest, known.lists) == ("written", "sha256:1", ("china",))
        assert archive.state.due(None, datetime(9999, 1, 1, tzinfo=UTC)) == []


@pytest.mark.parametrize("state", ["kept", "deleted"])
@pytest.mark.parametrize("until", ["line", "post"])
def test_an_edit_that_was_broken_off_is_completed(output: Path, until: str, state: str) -> None:
    with open_archive(options(output), "x") as archive:
        crawl(archive, 1)
        crawl(archive, 1, revision=2, until=until)
    if state == "deleted":
        (output / "state.sqlite").unlink()
    with open_archive(options(output), "x") as archive:
        known = archive.state.get("1")
        assert known is not None
        assert (known.revision, known.digest) == (2, "sha256:2")
        data = archive.read_post("_posts/2026-11-22-1.md")
        assert data is not None
        assert posts.read(data).title == "题 2"


def test_foreign_lines_are_passed_over(crawled: Path, caplog: pytest.LogCaptureFixture) -> None:
    with (crawled / "articles.jsonl").open("ab") as file:
        file.write(b'{"id": 1}\n{"url": "https://www.zaobao.com/a/story20261122-5", "post": "x"}\n')
    open_archive(options(crawled), "x").close()
    assert caplog.text.count("passed over") == 2
