"""Taking over older posts, lost states and what a killed run left."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.settings import Settings

from zaobao.archive import posts
from zaobao.archive.adopt import Summary, adopt
from zaobao.archive.lines import encode_line
from zaobao.archive.store import Store, open_store
from zaobao.errors import ArchiveError
from zaobao.items import LINE_KEYS
from zaobao.options import Options

ROOT = Path(__file__).parents[1]
BODY = "<p>第一段。</p><p>第二段{甲}。</p>"
COPIED = '<p>第一段。</p><section id="imu"><div id="dfp-ad-imu1">  </div></section>'


def old_post(
    number: int | str = 1189718,
    day: str = "2021-09-02",
    title: str = "一个标题",
    *,
    date: str | None = None,
    comment: str = "NaN",
    comments: bool = False,
    body: str = COPIED,
    section: str = "realtime/china",
) -> bytes:
    """A post as the older producer wrote it: only `"` escaped, body as it came."""
    url = f"https://www.zaobao.com/{section}/story{day.replace('-', '')}-{number}"
    quoted = title.replace('"', '\\"')
    return (
        f'---\nlayout: post\ntitle: "{quoted}"\ndate: {date or day + "T15:41:04.832Z"}\n'
        f"author: 联合早报\nfrom: {url}\ntags: [ 联合早报 ]\n"
        + ("comments: True\n" if comments else "")
        + f"categories: [ 联合早报 ]\n---\n<!--{comment}-->\n[{title.strip()}]({url})\n------\n\n"
        f"<div>\n{body}\n</div>\n"
    ).encode()


def millis(moment: str) -> str:
    return str(round(datetime.fromisoformat(moment).timestamp() * 1000))


def options(output: Path, times: str = "true") -> Options:
    settings = Settings({"ZAOBAO_SITE": "https://www.zaobao.com", "ZAOBAO_OUTPUT": str(output)})
    defaults = {"ZAOBAO_TIMES": times, "ZAOBAO_TAGS": "source", "ZAOBAO_TEXT": "full"}
    bounds = {"ZAOBAO_MAX_PAGES": 40, "ZAOBAO_MAX_NEW": 1000}
    settings.setdict(defaults | bounds)
    return Options.from_settings(settings)


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "output"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "older" / "_posts"
    folder.mkdir(parents=True)
    return folder


def take_over(output: Path, path: Path) -> Summary:
    with open_store(options(output), "scrapy adopt") as store:
        return adopt(store.archive, store.state, path)


def lines(output: Path) -> list[dict[str, Any]]:
    text = (output / "articles.jsonl").read_text()
    return [json.loads(line) for line in text.splitlines()]


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(("state.sqlite", ".lock"))
    }


# --- reading


@pytest.mark.parametrize(
    "title",
    [
        "一个标题",
        '他说："好"',
        '"全引号"',
        "以反斜线结尾\\",
        "反斜线\\n和\\u4e00",
        '引号"\\',
        "冒号: 与 # 号",
        "a/b",
        "[括号](x)",
        "{{ x }} {% y %}",
        "【视频/图集】题",
    ],
)
def test_any_title_reads_back_in_either_quoting(title: str) -> None:
    assert posts.read(old_post(title=title)).title == title
    quoted = json.dumps(title, ensure_ascii=False)
    new = (
        old_post(title="X").replace(b'"X"', quoted.encode()).replace(b"[X]", f"[{title}]".encode())
    )
    assert posts.read(new).title == title


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), min_size=1))
def test_any_text_is_a_title(title: str) -> None:
    assert posts.read(old_post(title=title)).title == (title.strip() or None)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_post_or_a_reason(data: bytes) -> None:
    for candidate in (data, b"---\n" + data, old_post()[:90] + data + old_post()[150:]):
        with suppress(posts.PostError):
            posts.read(candidate)


@pytest.mark.parametrize(
    ("date", "comment", "more", "published", "rung"),
    [
        # The comment lies ahead of the crawl: eight hours late.
        ("2021-09-02T15:41:04.832Z", "2021-09-02T18:02:00Z", {}, "2021-09-02T10:02:00Z", "-8h"),
        # As above, and no reading fits the crawl.
        ("2021-09-02T15:41:04.832Z", "2021-09-03T18:02:00Z", {}, None, None),
        # The clock lay before the crawl, and the body is the older producer's.
        ("2021-09-02T09:02:00.000Z", "2021-09-02T09:02:00Z", {}, "2021-09-02T01:02:00Z", "-8h"),
        # It could be either's.
        ("2021-09-02T09:02:00.000Z", "2021-09-02T09:02:00Z", {"body": BODY}, None, None),
        # Only one reading falls on the address's day, 2021-09-02 in Singapore.
        ("2021-09-01T17:02:00Z", "2021-09-01T17:02:00Z", {"body": BODY}, "2021-09-01T17:02Z", ""),
        (
            "2021-09-02T17:02:00Z",
            "2021-09-02T17:02:00Z",
            {"body": BODY},
            "2021-09-02T09:02Z",
            "-8h",
        ),
        # The older producer since February 2022, which knew the zone.
        ("2022-05-22T08:43:00.000Z", "2022-05-22T08:43:00Z", {"comments": True}, "date", ""),
        ("2026-05-22T08:43:00.000Z", "2026-05-22T08:43:00Z", {"day": "2026-05-22"}, "date", ""),
    ],
)
def test_the_true_time_of_an_older_post(
    date: str, comment: str, more: dict[str, Any], published: str | None, rung: str | None
) -> None:
    post = posts.read(old_post(date=date, comment=millis(comment), **more))
    wanted = date if published == "date" else published
    moment = datetime.fromisoformat(wanted).astimezone(UTC) if wanted else None
    assert post.published() == (moment, None if rung is None else f"comment{rung}")


def test_nan_is_a_crawl_and_no_publication() -> None:
    post = posts.read(old_post(comment="NaN", comments=True))
    assert post.published() == (None, None)
    assert post.crawled == datetime(2021, 9, 2, 15, 41, 4, 832000, UTC)


def test_a_day_from_the_address_is_no_publication() -> None:
    noon = "2026-09-02T04:00:00.000Z"
    data = old_post(day="2026-09-02", date=noon, comment=millis(noon), body=BODY)
    post = posts.read(data.replace(b"\ncategories", b"\ndate_from: url\ncategories"))
    assert (post.published(), post.crawled) == ((None, None), None)


def test_legacy_times_are_the_true_ones_eight_hours_late() -> None:
    late = "2026-09-02T18:02:00.000Z"
    data = old_post(day="2026-09-02", date=late, comment=millis(late), body=BODY)
    true = datetime(2026, 9, 2, 10, 2, tzinfo=UTC)
    assert posts.read(data).published(legacy_times=True) == (true, "comment-8h")


@pytest.mark.parametrize(
    ("data", "reason", "foreign"),
    [
        (b"# Notes\n", "no front matter", True),
        (b"", "no front matter", True),
        (b"\xff\xfe", "not UTF-8 at byte 0", False),
        (b"---\nlayout: post\n", "the front matter has no end", False),
        (b"---\nlayout: post\n---\n", "no from: and no link", False),
        (old_post().replace(b"zaobao.com", b"example.org"), "is no story of the paper", True),
        (old_post()[:-8], "it is cut", False),
        (old_post(section="zvideos"), "is no story of the paper", True),
    ],
)
def test_what_is_no_post_says_why(data: bytes, reason: str, foreign: bool) -> None:
    with pytest.raises(posts.PostError, match=reason) as error:
        posts.read(data)
    assert error.value.foreign == foreign


# --- taking over


def test_a_thousand_old_posts_are_known_and_cost_nothing_twice(output: Path) -> None:
    folder = output / "_posts"
    folder.mkdir(parents=True)
    for number in range(1, 1001):
        data = old_post(number, title=f'标题/{number} "引"')
        (folder / f"2021-09-02-标题--{number}.md").write_bytes(data)
    before = contents(folder)
    with open_store(options(output), "x") as store:
        assert store.state.counts() == {"written": 1000, "gone": 0}
        assert store.state.due(None, datetime.now(UTC)) == []
    assert contents(folder) == before
    assert {line["post"] for line in lines(output)} == {f"_posts/{name}" for name in before}
    assert {tuple(line) for line in lines(output)} == {LINE_KEYS}
    everything = contents(output)
    summary = take_over(output, output)
    assert (summary.found, summary.known, summary.lines) == (1000, 1000, 0)
    assert contents(output) == everything


def test_an_archive_elsewhere_is_copied_byte_for_byte(output: Path, source: Path) -> None:
    for number in range(1, 21):
        (source / f"2021-09-02-标题--{number}.md").write_bytes(old_post(number))
    before = contents(source)
    summary = take_over(output, source.parent)
    assert (summary.found, summary.stories, summary.copied, summary.lines) == (20,) * 4
    assert contents(source) == before
    assert contents(output / "_posts") == before
    everything = contents(output)
    summary = take_over(output, source.parent)
    assert (summary.known, summary.lines, summary.copied) == (20, 0, 0)
    assert contents(output) == everything


def test_a_line_says_what_the_post_says_and_no_more(output: Path, source: Path) -> None:
    data = old_post(date="2021-09-02T15:41:04.832Z", comment=millis("2021-09-02T18:02:00Z"))
    (source / "2021-09-02-a.md").write_bytes(data.replace("甲".encode(), b"").replace(b"{", b""))
    take_over(output, source)
    (line,) = lines(output)
    assert line == dict.fromkeys(LINE_KEYS) | {
        "id": "20210902-1189718",
        "url": "https://www.zaobao.com/realtime/china/story20210902-1189718",
        "section": "realtime/china",
        "layout": "adopted",
        "title": "一个标题",
        "published": "2021-09-02T10:02:00+00:00",
        "published_from": "comment-8h",
        "crawled": "2021-09-02T15:41:04.832+00:00",
        "language": "zh-Hans",
        "body_html": COPIED,
        "text": "第一段。",
        "revision": 1,
        "post": "_posts/2021-09-02-a.md",
    }


def test_what_a_new_post_says_is_taken(output: Path, source: Path) -> None:
    extra = (
        'authors: [ 甲, "乙, 丙" ]\naccess: paywalled\nupdated: 2026-09-03T00:00:00.000Z\n'
        "gone: 2026-09-09T00:00:00.000Z\nedition: sg\n"
    )
    body = BODY.replace("{", "&#123;").replace("}", "&#125;")
    data = old_post(day="2026-09-02", body=body).replace(
        b"[ \xe8\x81\x94\xe5\x90\x88\xe6\x97\xa9\xe6\x8a\xa5 ]\ncategories",
        f'[ 联合早报, 经济, "A, B" ]\n{extra}categories'.encode(),
    )
    (source / "2026-09-02-a.md").write_bytes(data.replace(b"\n", b"\r\n"))
    take_over(output, source)
    (line,) = lines(output)
    assert (line["authors"], line["tags"]) == (["甲", "乙, 丙"], ["经济", "A, B"])
    assert (line["access"], line["edition"]) == ("paywalled", "sg")
    assert line["updated"] == "2026-09-03T00:00:00+00:00"
    assert (line["body_html"], line["text"]) == (BODY, "第一段。\n第二段{甲}。")
    with open_store(options(output), "x") as store:
        known = store.state.get("1189718")
        assert known is not None
        assert known.gone == datetime(2026, 9, 9, tzinfo=UTC)


def test_the_earliest_of_several_posts_is_the_storys_file(output: Path, source: Path) -> None:
    (source / "2021-09-02-甲.md").write_bytes(old_post(title="甲", date="2021-09-02T02:00:00.001Z"))
    (source / "2021-09-02-乙.md").write_bytes(old_post(title="乙", date="2021-09-02T03:00:00.001Z"))
    summary = take_over(output, source)
    assert (summary.stories, summary.lines) == (1, 2)
    assert [(line["title"], line["revision"]) for line in lines(output)] == [("甲", 1), ("乙", 2)]
    with open_store(options(output), "x") as store:
        known = store.state.get("1189718")
        assert known is not None
        assert (known.file, known.revision) == ("_posts/2021-09-02-甲.md", 2)
        assert store.state.owner("2021-09-02-乙.md") == "1189718"


def test_bad_files_are_named_with_their_reason(
    output: Path, source: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (source / "README.md").write_text("# Notes")
    (source / "2021-09-02-cut.md").write_bytes(old_post()[:-8])
    (source / "2021-09-02-link.md").symlink_to(source / "2021-09-02-cut.md")
    (source / "2021-09-02-good.md").write_bytes(old_post())
    summary = take_over(output, source)
    assert summary.lines == 1
    assert [(Path(name).name, reason) for name, reason in summary.damaged] == [
        ("2021-09-02-cut.md", "no body between <div> and </div>: it is cut")
    ]
    assert [Path(name).name for name, _ in summary.foreign] == ["2021-09-02-link.md", "README.md"]
    assert caplog.text.count("Not taken over") == 3
    assert list(contents(output / "_posts")) == ["2021-09-02-good.md"]


def test_a_taken_name_gets_the_storys_number_and_nothing_is_overwritten(
    output: Path, source: Path
) -> None:
    posts_folder = output / "_posts"
    posts_folder.mkdir(parents=True)
    (posts_folder / "2021-09-02-a-b.md").write_bytes(old_post(1))
    (source / "2021-09-02-a b.md").write_bytes(old_post(2))
    (source / "sub").mkdir()
    (source / "sub" / "2021-09-02-a-b.md").write_bytes(old_post(3))
    (source / "no-date.md").write_bytes(old_post(4))
    take_over(output, source)
    everything = contents(output)
    assert contents(posts_folder) == {
        "2021-09-02-a-b.md": old_post(1),
        "2021-09-02-a b-2.md": old_post(2),
        "2021-09-02-a-b-3.md": old_post(3),
        "2021-09-02-no-date.md": old_post(4),
    }
    take_over(output, source)
    assert contents(output) == everything


def test_a_name_of_255_bytes_makes_room_for_the_number(output: Path, source: Path) -> None:
    name = "2021-09-02-" + "题" * 80 + ".md"
    (source / name).write_bytes(old_post(1))
    (source / "sub").mkdir()
    (source / "sub" / name).write_bytes(old_post(2))
    take_over(output, source)
    assert sorted(contents(output / "_posts")) == sorted([name, name[:-4] + "-2.md"])


def test_one_file_can_be_taken_over(output: Path, source: Path) -> None:
    for number in (1, 2):
        (source / f"2021-09-02-{number}.md").write_bytes(old_post(number))
    assert take_over(output, source / "2021-09-02-2.md").lines == 1
    assert list(contents(output / "_posts")) == ["2021-09-02-2.md"]


def test_a_path_around_the_output_folder_is_refused(output: Path, tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="overlaps"):
        take_over(output, tmp_path)
    with pytest.raises(ArchiveError, match="overlaps"):
        take_over(output, output / "revisions")


# --- what a run finds at its start


def crawl(store: Store, number: int, revision: int = 1, *, until: str = "remember") -> None:
    """Write a story as a crawl does, up to one of its steps."""
    url = f"https://www.zaobao.com/news/china/story20261122-{number}"
    now = datetime(2026, 11, 22, 4, tzinfo=UTC)
    story = posts.read(old_post(number, "2026-11-22", section="news/china")).story
    (known,) = store.state.listed([story], "china", now)
    name = f"2026-11-22-{number}.md"
    old = store.archive.read_post(f"_posts/{name}")
    if old is not None:
        store.archive.write_revision(story.id, revision - 1, old)
    lists = {key: [] for key in ("authors", "tags", "images", "removed")}
    line = {**dict.fromkeys(LINE_KEYS), **lists} | {
        "id": story.id,
        "url": url,
        "layout": "sg_drupal",
        "title": f"题 {revision}",
        "body_html": BODY,
        "published": now,
        "crawled": now + timedelta(hours=1),
        "digest": f"sha256:{revision}",
        "access": "free",
        "revision": revision,
        "post": f"_posts/{name}",
    }
    length = store.archive.append(encode_line(line))
    if until == "line":
        return
    data = old_post(number, "2026-11-22", f"题 {revision}", section="news/china", body=BODY)
    file = store.archive.write_post(name, data)
    if until == "post":
        return
    known = replace(known, file=file, digest=f"sha256:{revision}", revision=revision)
    written = replace(known, layout="sg_drupal", access="free", published=now)
    store.state.remember(written, length=length)


@pytest.fixture
def crawled(output: Path) -> Path:
    with open_store(options(output), "x") as store:
        crawl(store, 1)
        crawl(store, 2)
        crawl(store, 2, revision=2)
        store.state.fail(
            store.state.listed([posts.read(old_post(9)).story], "china", datetime.now(UTC))[
                0
            ].number,
            "http_500",
            datetime.now(UTC),
        )
    return output


def test_a_deleted_state_is_built_from_posts_and_lines(crawled: Path) -> None:
    before = contents(crawled)
    (crawled / "state.sqlite").unlink()
    with open_store(options(crawled), "x") as store:
        two = store.state.get("2")
        assert two is not None
        assert (two.status, two.file, two.revision) == ("written", "_posts/2026-11-22-2.md", 2)
        assert (two.digest, two.access, two.layout) == ("sha256:2", "free", "sg_drupal")
        assert two.published == datetime(2026, 11, 22, 4, tzinfo=UTC)
        assert store.state.length == store.archive.length
        assert store.state.owner("2026-11-22-1.md") == "1"
    assert contents(crawled) == before


@pytest.mark.parametrize("keep", [b"", b"torn"])
def test_a_damaged_state_is_set_aside_and_built_again(crawled: Path, keep: bytes) -> None:
    before = contents(crawled)
    (crawled / "state.sqlite").write_bytes(keep * 1000)
    with open_store(options(crawled), "x") as store:
        assert store.state.counts() == {"written": 2, "gone": 0}
    assert contents(crawled) == before


def test_lost_lines_are_written_again_from_the_posts(crawled: Path) -> None:
    (crawled / "articles.jsonl").unlink()
    with open_store(options(crawled), "x") as store:
        assert store.state.status("9") == "failed"
    found = [(line["id"], line["revision"], line["layout"]) for line in lines(crawled)]
    assert found == [("20261122-1", 1, "adopted"), ("20261122-2", 2, "adopted")]
    before = contents(crawled)
    open_store(options(crawled), "x").close()
    assert contents(crawled) == before


def test_a_second_post_of_a_crawled_story_gets_no_line_over_the_crawled_one(
    crawled: Path, source: Path
) -> None:
    (source / "2026-11-22-old.md").write_bytes(old_post(1, "2026-11-22"))
    before = (crawled / "articles.jsonl").read_bytes()
    for further in (1, 0):
        summary = take_over(crawled, source)
        assert (summary.further, summary.lines) == (further, 0)
    assert (crawled / "articles.jsonl").read_bytes() == before
    with open_store(options(crawled), "x") as store:
        known = store.state.get("1")
        assert known is not None
        assert known.file == "_posts/2026-11-22-1.md"


def test_a_line_without_its_post_gives_the_post(output: Path) -> None:
    with open_store(options(output), "x") as store:
        crawl(store, 1, until="line")
        assert not store.archive.post_files()
    before = (output / "articles.jsonl").read_bytes()
    with open_store(options(output), "x") as store:
        known = store.state.get("1")
        assert known is not None
        assert (known.status, known.digest, known.revision) == ("written", "sha256:1", 1)
        data = store.archive.read_post("_posts/2026-11-22-1.md")
        assert data is not None
        assert posts.read(data).title == "题 1"
        assert "<p>第一段。</p><p>第二段&#123;甲&#125;。</p>".encode() in data
    assert (output / "articles.jsonl").read_bytes() == before


def test_a_line_with_its_post_is_remembered(output: Path) -> None:
    with open_store(options(output), "x") as store:
        crawl(store, 1, until="post")
        assert store.state.status("1") == "listed"
    with open_store(options(output), "x") as store:
        known = store.state.get("1")
        assert known is not None
        assert (known.status, known.digest, known.lists) == ("written", "sha256:1", ("china",))
        assert store.state.due(None, datetime.now(UTC)) == []


@pytest.mark.parametrize("state", ["kept", "deleted"])
@pytest.mark.parametrize("until", ["line", "post"])
def test_an_edit_that_was_broken_off_is_completed(output: Path, until: str, state: str) -> None:
    with open_store(options(output), "x") as store:
        crawl(store, 1)
        crawl(store, 1, revision=2, until=until)
    if state == "deleted":
        (output / "state.sqlite").unlink()
    with open_store(options(output), "x") as store:
        known = store.state.get("1")
        assert known is not None
        assert (known.revision, known.digest) == (2, "sha256:2")
        data = store.archive.read_post("_posts/2026-11-22-1.md")
        assert data is not None
        assert posts.read(data).title == "题 2"


def test_foreign_lines_are_passed_over(crawled: Path, caplog: pytest.LogCaptureFixture) -> None:
    with (crawled / "articles.jsonl").open("ab") as file:
        file.write(b'{"id": 1}\n{"url": "https://www.zaobao.com/a/story20261122-5", "post": "x"}\n')
    open_store(options(crawled), "x").close()
    assert caplog.text.count("passed over") == 2


# --- the command


def run(output: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scrapy", "adopt", "-s", f"ZAOBAO_OUTPUT={output}"]
    return subprocess.run(
        [*command, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_the_command_says_what_came_of_it(output: Path, source: Path) -> None:
    (source / "2021-09-02-good.md").write_bytes(old_post())
    (source / "2021-09-02-cut.md").write_bytes(old_post(2)[:-8])
    done = run(output, str(source))
    assert (done.returncode, done.stdout) == (3, "")
    assert "Not taken over" in done.stderr
    assert "1 lines written, 1 posts copied" in done.stderr
    (source / "2021-09-02-cut.md").unlink()
    with open_store(options(output), "scrapy crawl realtime"):
        done = run(output, str(source))
    assert done.returncode == 1
    assert "(scrapy crawl realtime, since" in done.stderr
    assert "Traceback" not in done.stderr
    assert run(output, "nowhere").returncode == 2
