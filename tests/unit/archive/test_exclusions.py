"""`exclude.txt`: which rule leaves out which story, and which line is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from zaobao.archive.exclusions import Exclusions
from zaobao.archive.record import Record
from zaobao.errors import ArchiveError

NUMBER, URL, TITLE = (
    "1189718",
    "https://www.zaobao.com/news/china/story20210902-1189718",
    "ＡＢＣ盐道",
)


@pytest.mark.parametrize(
    "line",
    [
        "1189718",
        "  1189718  # asked for by the author",
        "20210902-1189718",
        "20190101-1189718",  # the number alone identifies the story
        "20210902-1189718  # withdrawn 2026-11-01",
        "https://www.zaobao.com.sg/realtime/china/story20210902-1189718?ref=x",
        "url:https://www.zaobao.com/news/*",
        "url:https://www.zaobao.com.sg/news/china/story2021*",
        "url:http://zaobao.com.sg/news/china/story2021*",
        "url: /news/china/*",
        "url: */story202109??-*",
        "url:*1189718",
        "title:盐道",
        "title: abc盐",
        "\ufeff1189718",
    ],
)
def test_a_rule_leaves_the_story_out(line: str) -> None:
    rules = Exclusions(f"{line}\n\n# mine\n")
    rule = line.removeprefix("\ufeff").split("  #")[0].strip()
    assert rules.problems == []
    assert rules.rule(NUMBER, (URL,), TITLE) == rule
    assert rules.withdrawn == ({NUMBER} if "withdrawn" in line else set())
    other = "https://www.zaobao.com/realtime/world/story20220101-7"
    assert rules.rule("7", (other,), "另一则") is None


@pytest.mark.parametrize(
    "line", ["118971", "# 1189718", "url:/realtime/*", "url:/news/china", "title:盐路", ""]
)
def test_a_rule_of_another_story_leaves_it(line: str) -> None:
    assert Exclusions(line).rule(NUMBER, (URL,), TITLE) is None


@pytest.mark.parametrize(
    "line",
    [
        *("story", "maybe", "/news/china", "path:/news/*", "url:", "title:", "title: # all"),
        *("0123", "-1", "20211302-", "1189718 1"),
    ],
)
def test_a_line_that_is_no_rule_is_named(line: str) -> None:
    rules = Exclusions(f"1\n{line}\n")
    (problem,) = rules.problems
    rule = line.partition(" #")[0]
    assert problem.startswith(f"exclude.txt, line 2: {rule!r} is no rule and leaves nothing out")
    assert rules.rule("2", (URL,), "x") is None


def test_hostile_globs_take_no_time() -> None:
    rules = Exclusions("url:" + "*a" * 40 + "b\ntitle:" + "(" * 100_000)
    assert rules.rule("1", ("https://www.zaobao.com/" + "a" * 2000,), "x" * 2000) is None


def test_a_title_rule_holds_for_a_known_story_while_it_stands() -> None:
    known = Record("1", "20210902-1", URL, reason="excluded by title:税")
    assert Exclusions("title:税").rule_for(known) == "title:税"
    assert Exclusions("title:别的").rule_for(known) is None


def test_a_file_that_is_no_text_stops_the_run(tmp_path: Path) -> None:
    assert Exclusions.read(tmp_path).rule("1", (URL,)) is None
    (tmp_path / "exclude.txt").write_bytes("title:中".encode("gbk"))
    with pytest.raises(ArchiveError, match="is not UTF-8 at byte 6"):
        Exclusions.read(tmp_path)
