"""Lines that ask to subscribe, and where they say that a story is cut."""

from __future__ import annotations

import pytest

from zaobao.cleaning import access
from zaobao.cleaning.lines import is_told

ASKS = "请订阅后继续阅读全文"


@pytest.mark.parametrize(
    ("lines", "end"),
    [
        (["雾散了。", ASKS], [ASKS]),
        (["雾散了。", ASKS, "图一", "图二"], [ASKS, "图一", "图二"]),
        (["雾散了。", ASKS, "图一", "图二", "图三"], []),
        (["雾散了。", ASKS, "船出港了。"], []),
        ([], []),
    ],
)
def test_only_the_last_lines_of_a_text_are_its_end(lines: list[str], end: list[str]) -> None:
    assert access.end_of(lines) == end


@pytest.mark.parametrize(
    ("words", "is_it"),
    [
        ("订阅早报" + "看" * 47, False),
        ("订阅早报" + "看" * 57, True),
        ("看" * 29, False),
        ("看" * 30, True),
        ("雾散了。", True),
    ],
)
def test_a_long_line_tells_something_unless_it_is_an_offer(words: str, is_it: bool) -> None:
    assert is_told(words) is is_it
