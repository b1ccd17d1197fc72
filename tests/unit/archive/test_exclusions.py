"""`exclude.txt`: which rule leaves out which story, and which line is none."""

from __future__ import annotations

import pytest

from zaobao.archive.exclusions import Exclusions

NUMBER, URL, TITLE = (
    "1189718",
    "https://www.zaobao.com/news/china/story20210902-1189718",
    "ＡＢＣ盐道",
)


@pytest.mark.parametrize(
    "line",
    [
        "1189718",
        "20210902-1189718",
        "20210902-1189718  # withdrawn 2026-11-01",
        "https://www.zaobao.com.sg/realtime/china/story20210902-1189718?ref=x",
        "url:https://www.zaobao.com/news/*",
        "url:http://zaobao.com.sg/news/china/story2021*",
        "url: /news/china/*",
        "url:*1189718",
        "title: abc盐",
        "\ufeff1189718",
    ],
)
def test_a_rule_leaves_the_story_out(line: str) -> None:
    rules = Exclusions(f"{line}\n\n# mine\n")
    assert rules.problems == []
    assert rules.rule(NUMBER, (URL,), TITLE) is not None
    assert rules.withdrawn == ({NUMBER} if "withdrawn" in line else set())


@pytest.mark.parametrize(
    "line", ["118971", "# 1189718", "url:/realtime/*", "url:/news/china", "title:盐路", ""]
)
def test_a_rule_of_another_story_leaves_it(line: str) -> None:
    assert Exclusions(line).rule(NUMBER, (URL,), TITLE) is None


@pytest.mark.parametrize("line", ["story", "url:", "title:", "/news/china", "0123", "1189718 1"])
def test_a_line_that_is_no_rule_is_named(line: str) -> None:
    (problem,) = Exclusions(f"1\n{line}").problems
    assert problem.startswith(f"exclude.txt, line 2: {line!r} is no rule and leaves nothing out")
