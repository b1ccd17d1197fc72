"""Which posts make a part, how its list is paged, and what makes it to be built again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support import site_posts
from zaobao.archive import disk
from zaobao.publish import parts


def post(at: int, name: str = "2026-03-01-题.md", digest: str = "d") -> parts.PostFile:
    return parts.PostFile(name, "1", digest, at, False)


def written(folder: Path, name: str, date: str, tags: str = "[ 联合早报 ]") -> None:
    front = f"---\nlayout: post\ndate: {date}\ntags: {tags}\n---\ndate: 1999-01-01\n"
    (folder / name).write_text(front, "utf-8")


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    folder = tmp_path / "_posts"
    folder.mkdir()
    return folder


def test_a_post_is_of_the_month_of_its_date_in_singapore(posts: Path, tmp_path: Path) -> None:
    written(posts, "2026-08-31-甲.md", "2026-08-31T15:59:59.999Z")
    written(posts, "2026-08-31-乙.md", "2026-08-31T16:00:00.000Z")
    written(posts, "2026-08-30-丙.md", "no date")
    written(posts, "notes.md", "2026-08-31T15:59:59.999Z")
    months = parts.by_month(parts.read_posts(posts, tmp_path / "cache"))
    assert {month: [one.name for one in found] for month, found in months.items()} == {
        "2026-09": ["2026-08-31-乙.md"],
        "2026-08": ["2026-08-31-甲.md", "2026-08-30-丙.md"],
    }
    assert list(months) == ["2026-09", "2026-08"]


def test_only_changed_posts_are_read_again(
    posts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache, read = tmp_path / "cache", []
    from_disk = disk.read
    monkeypatch.setattr(disk, "read", lambda path: read.append(path.name) or from_disk(path))
    monkeypatch.setattr(disk, "SETTLED", -(10**18))  # a file is old as soon as it is written
    written(posts, "2026-08-01-甲.md", "2026-08-01T00:00:00.000Z")
    written(posts, "2026-08-02-乙.md", "2026-08-02T00:00:00.000Z")
    first = parts.read_posts(posts, cache)
    path = posts / "2026-08-01-甲.md"
    at = path.stat()
    assert sorted(read) == [post.name for post in first]
    assert parts.read_posts(posts, cache) == first
    assert len(read) == 2
    new = path.read_bytes().replace(b"2026-08-01T00", b"2026-09-01T00")
    path.unlink()  # the same name, size and time of change, but another file
    path.write_bytes(new)
    os.utime(path, ns=(at.st_atime_ns, at.st_mtime_ns))
    assert [one.day for one in parts.read_posts(posts, cache)] == ["2026-09-01", "2026-08-02"]
    assert read[2:] == [path.name]
    (posts / "2026-08-02-乙.md").unlink()
    cache.write_text("[[1]]")
    assert [one.name for one in parts.read_posts(posts, cache)] == ["2026-08-01-甲.md"]


def test_a_post_that_was_just_written_is_read_again(
    posts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "SETTLED", 10**18)
    written(posts, "2026-08-01-甲.md", "2026-08-01T00:00:00.000Z")
    (first,) = parts.read_posts(posts, tmp_path / "cache")
    assert first.seen == ""
    read = []
    from_disk = disk.read
    monkeypatch.setattr(disk, "read", lambda path: read.append(path.name) or from_disk(path))
    assert parts.read_posts(posts, tmp_path / "cache") == [first]
    assert read == [first.name]


def test_keywords_are_seen_in_the_front_matter(posts: Path, tmp_path: Path) -> None:
    written(posts, "2026-08-01-甲.md", "2026-08-01T00:00:00.000Z", '[ 联合早报, "民生" ]')
    written(posts, "2026-08-02-乙.md", "2026-08-02T00:00:00.000Z")
    found = parts.read_posts(posts, tmp_path / "cache")
    assert [one.has_keywords for one in found] == [True, False]


def test_a_stamp_follows_from_names_bytes_and_base() -> None:
    one, other = post(1, "2026-03-01-a.md"), post(2, "2026-03-02-b.md")
    whole = parts.stamp("base", [one, other])
    assert parts.stamp("base", [other, one]) == whole
    assert parts.stamp("base", [one]) != whole
    assert parts.stamp("other", [one, other]) != whole
    assert parts.stamp("base", [one, post(2, "2026-03-02-b.md", "e")]) != whole
    assert parts.stamp("base", [one, post(2, "2026-03-02-c.md")]) != whole


def test_pages_hold_every_post_once_and_break_between_days() -> None:
    day = 86400
    title = "2026-03-01-" + "题" * 60
    found = [post(day * 100 - n * (day // 60), f"{title}{n}.md") for n in range(1500)]
    pages = parts.pages(found)
    assert len(pages) > 2
    assert [first for first, _ in pages] == [
        sum(c for _, c in pages[:n]) for n in range(len(pages))
    ]
    assert sum(count for _, count in pages) == 1500
    for first, count in pages:
        assert sum(one.row_bytes for one in found[first : first + count]) <= parts.PAGE_BYTES
        assert first == 0 or found[first].day != found[first - 1].day
    # A day that no page can hold is broken; none is lost.
    crowded = [post(day, f"{title}{n}.md") for n in range(1500)]
    pages = parts.pages(crowded)
    assert sum(count for _, count in pages) == 1500
    assert len(pages) > 2
    for first, count in pages:
        assert sum(one.row_bytes for one in crowded[first : first + count]) <= parts.PAGE_BYTES
    assert parts.pages([]) == []


def test_sample_posts_are_read(tmp_path: Path) -> None:
    stories = site_posts.write_posts(tmp_path, 30)
    found = {one.name: one for one in parts.read_posts(tmp_path / "_posts", tmp_path / "cache")}
    assert {one.name: f"{one.singapore:%Y-%m-%d}" for one in stories} == {
        name: one.day for name, one in found.items()
    }
