"""The two readers of finished posts: the writer's self-check, and doctor's of a whole folder."""

from __future__ import annotations

import os
import unicodedata
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support import hostile_posts, site_posts
from zaobao import exporters
from zaobao.archive import workers
from zaobao.doctor import posts
from zaobao.doctor.memory import Memory

NOW = datetime(2026, 4, 1, tzinfo=UTC)
GOOD = site_posts.post(1, site_posts.story(1), keywords=True)
NAME = "2026-03-02-一条标题.md"
OLDER = GOOD.replace("categories:", "comments: True\ncategories:").replace(
    "</p>\n</div>\n", '</p><section id="imu"><div class="x">广告</div></section>\n</div>\n\n'
)

FRONT = (
    *("permalink: /index.html", "permalink: /../../x.html", "slug: ../x", "published: false"),
    *("layout: ../../secret.txt", "layout: none", "layout:", "tags: {a: b}", "tags: [1, null]"),
    *("tags: [ 联合早报, {{ x }} ]", "categories: [a/b]", 'categories: ["../.."]', "a: &a [1]"),
    *("title: .inf", "title: yes", "title: 012", "title: - a", "title: a: b", "title: a #b"),
    *('title: "he said "hi" ok"', 'title: "a\\qb"', 'title: "\\ud83d\\ude00"', "title: :sym"),
    *("title: 'x", "title: !ruby/symbol x", "title: [a, b", "title:", "title: *a", "title: 12:30"),
    *("date:", "date: not-a-date", "date: 2021-13-45", "date: 0000-00-00", "date: [1]"),
    *("date: 1630605720000", "date: 2021-02-30T10:00:00.000Z", "date: 2021-09-02T25:00:00.000Z"),
    *("date: 2999-01-01T00:00:00.000Z", "date: 2031-01-01T00:00:00.000Z", "render_with_liquid: no"),
    *("from: javascript:alert(1)", "from: https://www.zaobao.com/about", "comments: [x]", "x"),
    *("excerpt: {{ site.secret }}", "author: {{ x }}", "redirect_to: https://evil.example", ""),
)
BODIES = {
    "Liquid": "<p>{{ site.secret }}</p>",
    "a tag of Liquid": "<p>{% include x %}</p>",
    "a script": "<p>a</p><script>X()</script>",
    "a script in capitals": "<SCRIPT SRC=x></SCRIPT>",
    "a handler": '<p onclick="X()">a</p>',
    "a script's address": '<p><a href=" java\tscript:X()">a</a></p>',
    "data": '<p><img src="data:image/svg+xml,x"></p>',
    "a frame": '<iframe src="https://evil.example"></iframe>',
    "Markdown": '<div markdown="1">*a*</div>',
    "an end too many": "<p>a</p></div><p>b</p>",
    "no end": "<div><p>a</p>",
}
NAMES = (
    *("plain.md", "2026-99-99-a.md", "2026-02-30-a.md", "20260-01-01-a.md", "2026-03-02-a.html"),
    *("2026-03-02-a.md~", "_2026-03-02-a.md", "2026-03-02-a.md.tmp12", ".2026-03-02-a.md"),
    *("2026-03-02-a?b.md", "2026-03-02-<b>.md", "2026-03-02-a\\b.md", "2026-03-02-a\nb.md"),
    *("2026-03-02-....md", "2026-03-02-😀.md", "2026-03-02-.md", "2026-03-02-\U0003fff0.md"),
)


def with_line(post: str, line: str) -> str:
    """The post with another value for the line's key, or with one more line."""
    key = line.partition(":")[0]
    lines = post.split("\n")
    end = lines.index("---", 1)
    front = [one for one in lines[1:end] if not one.startswith(f"{key}:")]
    return "\n".join(["---", *front, line, *lines[end:]])


def with_body(post: str, body: str) -> str:
    return post.split("<div>\n")[0] + f"<div>\n{body}\n</div>\n"


def found(folder: Path, files: dict[str, str | bytes]) -> dict[str, str]:
    """What is wrong with these files of a folder."""
    folder.mkdir(exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data.encode() if isinstance(data, str) else data)
    with closing(Memory(None)) as seen:
        posts.look(folder, seen)
        return dict(posts.problems(folder, NOW, seen))


def test_posts_of_both_forms_are_good(tmp_path: Path) -> None:
    stories = [site_posts.story(index) for index in range(12)]
    files = {one.name: site_posts.post(i, one, keywords=True) for i, one in enumerate(stories)}
    assert all(exporters.post_problem(post.encode()) is None for post in files.values())
    older = OLDER.replace("-2000001", "-3000000")
    assert exporters.post_problem(older.encode()) is not None
    nan = older.replace("-3000000", "-3000001")
    nan = nan[: nan.index("<!--")] + "<!--NaN-->" + nan[nan.index("-->") + 3 :]
    assert (
        found(tmp_path, {**files, NAME: older, "2026-03-02-次.md": nan, ".DS_Store": b"\0"}) == {}
    )


@pytest.mark.parametrize("line", FRONT)
@pytest.mark.parametrize("post", [GOOD, OLDER], ids=["ours", "older"])
def test_front_matter_that_harms_a_site(post: str, line: str, tmp_path: Path) -> None:
    harmed = with_line(post, line)
    assert set(found(tmp_path, {NAME: harmed})) == {NAME}
    if "2031" not in line:  # no post of ours says when it was written
        assert exporters.post_problem(harmed.encode())


@pytest.mark.parametrize("kind", BODIES)
def test_bodies_that_harm(kind: str, tmp_path: Path) -> None:
    harmed = with_body(GOOD, BODIES[kind])
    assert set(found(tmp_path, {NAME: harmed})) == {NAME}
    assert exporters.post_problem(harmed.encode())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"---\nlayout: post\ntitle: a\n---\n",
        GOOD.encode("gb18030"),
        GOOD.encode()[:40],
        GOOD.encode()[:-20],
        GOOD.encode().replace(b"</div>", b""),
        b"\xef\xbb\xbf" + GOOD.encode(),
        GOOD.encode().replace(b"<p>", b"<p>\x00", 1),
        GOOD.encode().replace(b"<p>", b"<p>\xff\xfe", 1),
        GOOD.encode().replace(b"<p>", "<p>\u2028".encode(), 1),
        GOOD.encode().replace(b"\n", b"\r\n"),
        GOOD.encode().split(b"---\n", 2)[2],
    ],
)
def test_bytes_that_are_no_post(data: bytes, tmp_path: Path) -> None:
    assert exporters.post_problem(data)
    assert set(found(tmp_path, {NAME: data})) == {NAME}


@pytest.mark.parametrize("name", NAMES)
def test_names_that_harm(name: str, tmp_path: Path) -> None:
    assert set(found(tmp_path, {name: GOOD})) == {name}


def test_several_processes_find_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files: dict[str, str | bytes] = {
        f"2026-03-02-{number}.md": GOOD.replace("-2000001", f"-{number // 2 + 1}")
        for number in range(200)
    }
    files |= {f"2026-03-03-{kind}.md": with_body(GOOD, BODIES[kind]) for kind in BODIES}
    files |= {"plain.md": GOOD, "2026-03-04-a.md": b"\xff"}
    alone = found(tmp_path, files)
    assert len(alone) == 100 + len(BODIES) + 2
    monkeypatch.setattr(workers, "_MANY", 1)
    assert found(tmp_path, files) == alone


def test_files_that_get_into_each_others_way(tmp_path: Path) -> None:
    def post(number: int) -> str:
        return GOOD.replace("-2000001", f"-{number}")

    pairs = (
        ("2026-03-02-A.md", "2026-03-02-a.md"),
        ("2026-03-02-é.md", unicodedata.normalize("NFD", "2026-03-02-é.md")),
        ("2026-03-02-a b.md", "2026-03-02-a-b.md"),
        ("2026-03-02-甲.md", "2026-03-02-甲.markdown"),
    )
    for index, pair in enumerate(pairs):
        folder = tmp_path / str(index)
        said = found(folder, {name: post(7000 + n) for n, name in enumerate(pair)})
        assert len(said) == 1, pair
        assert repr(sorted(pair)[0]) in said[sorted(pair)[1]]
    twice = found(tmp_path / "twice", {"2026-03-02-甲.md": GOOD, "2026-03-02-乙.md": GOOD})
    assert len(twice) == 1
    assert "2000001" in "".join(twice.values())


def test_links_and_folders_among_posts(tmp_path: Path) -> None:
    posts = tmp_path / "_posts"
    (posts / "tmp").mkdir(parents=True)
    (tmp_path / "secret.txt").write_text(GOOD)
    (posts / NAME).symlink_to(tmp_path / "secret.txt")
    (posts / "2026-03-03-x.md").symlink_to("/nonexistent")
    os.mkfifo(posts / "2026-03-04-x.md")
    assert set(found(posts, {})) == {NAME, "2026-03-03-x.md", "2026-03-04-x.md", "tmp"}


def test_the_frozen_posts_are_refused(tmp_path: Path) -> None:
    for one in hostile_posts.frozen("front matter"):
        post = GOOD
        for line in one.text.split("\n"):
            post = with_line(post, line)
        if "midnight" not in one.name:
            assert set(found(tmp_path, {NAME: post})) == {NAME}, one.name
    for one in hostile_posts.frozen("bytes"):
        assert set(found(tmp_path, {NAME: one.data})) == {NAME}, one.name


@pytest.mark.parametrize(("moment", "level"), [("04-01T23:59:59", 0), ("04-02T00:00:01", 1)])
def test_a_date_may_lie_a_day_ahead(moment: str, level: int, tmp_path: Path) -> None:
    """Where only the day is known it is noon of that day."""
    ahead = with_line(GOOD, f"date: 2026-{moment}.000Z")
    assert len(found(tmp_path, {NAME: ahead})) == level


def test_a_key_stands_once() -> None:
    twice = GOOD.replace(
        "categories: [ 联合早报 ]\n", "categories: [ 联合早报 ]\naccess: unknown\n"
    )
    assert exporters.post_problem(twice.encode()) is None
    twice = twice.replace("access: unknown\n", "access: unknown\naccess: truncated\n")
    assert exporters.post_problem(twice.encode()) == "a key stands twice in its front matter"
