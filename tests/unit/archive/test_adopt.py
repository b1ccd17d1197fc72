"""Taking over older posts."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support import forkserver
from tests.support.archive import PATIENCE
from tests.support.older import BODY, COPIED, contents, lines, millis, old_post, options, take_over
from zaobao.archive.adopt import adopt
from zaobao.archive.recovery import open_archive
from zaobao.archive.workers import workers
from zaobao.errors import ArchiveError
from zaobao.items import LINE_KEYS


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "output"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "older" / "_posts"
    folder.mkdir(parents=True)
    return folder


NESTED = ("authors", "tags", "images", "removed")


def test_a_thousand_old_posts_are_known_and_cost_nothing_twice(output: Path) -> None:
    folder = output / "_posts"
    folder.mkdir(parents=True)
    for number in range(1, 1001):
        data = old_post(number, title=f'标题/{number} "引"')
        (folder / f"2021-09-02-标题--{number}.md").write_bytes(data)
    before = contents(folder)
    with open_archive(options(output), "x") as archive:
        assert archive.state.counts() == {"written": 1000, "gone": 0}
        assert archive.state.due(None, datetime(9999, 1, 1, tzinfo=UTC)) == []
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
    assert line == dict.fromkeys(LINE_KEYS) | {key: [] for key in NESTED} | {
        "id": "20210902-1189718",
        "url": "https://www.zaobao.com/realtime/china/story20210902-1189718",
        "section": "realtime/china",
        "layout": "adopted",
        "title": "一个标题",
        "published": "2021-09-02T10:02:00+00:00",
        "published_from": "comment-8h",
        "crawled": "2021-09-02T15:41:04.832+00:00",
        "authors": [],
        "tags": [],
        "language": "zh-Hans",
        "images": [],
        "body_html": COPIED,
        "text": "第一段。",
        "removed": [],
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
    with open_archive(options(output), "x") as archive:
        known = archive.state.get("1189718")
        assert known is not None
        assert known.gone == datetime(2026, 9, 9, tzinfo=UTC)


def test_the_earliest_of_several_posts_is_the_storys_file(output: Path, source: Path) -> None:
    (source / "2021-09-02-甲.md").write_bytes(old_post(title="甲", date="2021-09-02T02:00:00.001Z"))
    (source / "2021-09-02-乙.md").write_bytes(old_post(title="乙", date="2021-09-02T03:00:00.001Z"))
    summary = take_over(output, source)
    assert (summary.stories, summary.lines) == (1, 2)
    assert [(line["title"], line["revision"]) for line in lines(output)] == [("甲", 1), ("乙", 2)]
    with open_archive(options(output), "x") as archive:
        known = archive.state.get("1189718")
        assert known is not None
        assert (known.file, known.revision) == ("_posts/2021-09-02-甲.md", 2)
        assert archive.state.owner("2021-09-02-乙.md") == "1189718"


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


def test_two_posts_of_one_name_are_told_apart_before_they_are_written(
    output: Path, tmp_path: Path
) -> None:
    for folder, number in (("2021", 1189718), ("2022", 1189719), ("2023", 1189719)):
        (tmp_path / "older" / folder).mkdir(parents=True)
        (tmp_path / "older" / folder / "2021-09-02-a.md").write_bytes(old_post(number))
    summary = take_over(output, tmp_path / "older")
    assert (summary.found, summary.copied, summary.lines, summary.damaged) == (3, 2, 2, [])
    assert sorted(contents(output / "_posts")) == ["2021-09-02-a-1189719.md", "2021-09-02-a.md"]


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


def test_several_processes_give_the_same_bytes(output: Path, source: Path, tmp_path: Path) -> None:
    for number in range(1, 101):
        data = old_post(number // 2, title=f"标题{number}", comment=millis("2021-09-02T18:02:00Z"))
        (source / f"2021-09-02-{number}.md").write_bytes(data[: 50 if number % 9 == 0 else None])
    (source / "2021-09-02-link.md").symlink_to(source / "2021-09-02-1.md")
    alone = take_over(tmp_path / "alone", source)
    with workers() as those, open_archive(options(output), "x") as archive:
        summary = adopt(archive, source, those)
    assert summary == alone
    assert (summary.lines, len(summary.damaged), len(summary.foreign)) == (88, 11, 2)
    assert contents(output) == contents(tmp_path / "alone")
    assert 2 in {line["revision"] for line in lines(output)}


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("\x01甲<p>乙</p>", "\x01甲\n乙"),
        ("<html>", ""),
        ("<!doctype", ""),
    ],
)
def test_a_body_that_is_hardly_html_is_taken_over(
    output: Path, source: Path, body: str, text: str
) -> None:
    (source / "2021-09-02-a.md").write_bytes(old_post(body=body))
    take_over(output, source)
    assert [line["text"] for line in lines(output)] == [text]


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


_KILLED = """
import os, signal, sys
from pathlib import Path
from tests.support.older import take_over
from zaobao.archive import adopt
from zaobao.archive.folder import Archive
from zaobao.archive.linefile import LineFile
from zaobao.archive.state import State
adopt._GROUP = 20
where = {"posts": Archive, "append": LineFile, "remember": State, "commit": State}
name, n = sys.argv[3:5]
method = {"posts": "write_posts"}.get(name, name)
real, calls = getattr(where[name], method), []
def call(*given, **named):
    calls.append(1)
    if len(calls) == int(n):
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*given, **named)
setattr(where[name], method, call)
take_over(Path(sys.argv[1]), Path(sys.argv[2]))
"""


@pytest.mark.parametrize(
    ("step", "n"), [("posts", 2), ("append", 2), ("remember", 33), ("commit", 2)]
)
def test_killed_inside_a_group_it_is_completed_by_a_repeat(
    output: Path, source: Path, tmp_path: Path, step: str, n: int
) -> None:
    for number in range(50):
        (source / f"2021-09-02-{number:02}.md").write_bytes(old_post(number + 1))
    done = python("-c", _KILLED, str(output), str(source), step, str(n))
    assert done.returncode == -9, done.stderr
    assert len(contents(output / "_posts")) == (20 if step == "posts" else 50)
    take_over(output, source)
    whole = tmp_path / "whole"
    take_over(whole, source)
    assert contents(output) == contents(whole)
    with open_archive(options(output), "x") as archive:
        assert archive.state.counts() == {"written": 50, "gone": 0}
        assert archive.state.length == archive.length


def test_a_post_of_a_name_that_is_no_utf8_is_named(output: Path) -> None:
    folder = output / "_posts"
    folder.mkdir(parents=True)
    with open(bytes(folder) + b"/2021-09-02-\xff.md", "wb") as file:  # noqa: PTH123 (bytes)
        file.write(old_post())
    summary = take_over(output, output)
    assert [why for _, why in summary.damaged] == ["its name is not UTF-8"]
    assert not summary.lines


def run(output: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return python("-m", "scrapy", "adopt", "-s", f"ZAOBAO_OUTPUT={output}", *arguments)


def python(*command: str) -> subprocess.CompletedProcess[str]:
    return forkserver.run(*command, environment=dict(os.environ), timeout=PATIENCE)


def test_the_command_says_what_came_of_it(output: Path, source: Path) -> None:
    (source / "2021-09-02-good.md").write_bytes(old_post())
    (source / "2021-09-02-cut.md").write_bytes(old_post(2)[:-8])
    done = run(output, str(source))
    assert (done.returncode, done.stdout) == (3, "")
    assert "Not taken over" in done.stderr
    assert "1 line written, 1 post copied" in done.stderr
    (source / "2021-09-02-cut.md").unlink()
    with open_archive(options(output), "scrapy crawl realtime"):
        done = run(output, str(source))
    assert done.returncode == 1
    assert "(scrapy crawl realtime, since" in done.stderr
    assert "Traceback" not in done.stderr
    assert run(output, "nowhere").returncode == 2


def test_posts_whose_kept_pictures_stay_behind_are_counted(output: Path, source: Path) -> None:
    one, other = (f"{n * 2}/{n * 64}.jpg" for n in "ab")
    for number, path in enumerate((one, one, other), 1):
        body = f'<p>第一段。</p><figure><img src="../images/{path}"></figure>'
        (source / f"2021-09-02-{number}.md").write_bytes(old_post(number, body=body))
    (source / "2021-09-02-4.md").write_bytes(old_post(4))
    (output / "images" / one).parent.mkdir(parents=True)
    (output / "images" / one).write_bytes(b"picture")
    summary = take_over(output, source)
    assert (summary.copied, summary.pictured) == (4, 1)
    assert take_over(output, source).pictured == 0
