"""Counts in words."""

from __future__ import annotations

import pytest

from zaobao.text import counted


@pytest.mark.parametrize(
    ("one", "many"),
    [("page", "pages"), ("raw page", "raw pages"), ("story", "stories"), ("day", "days")],
)
def test_one_thing_is_no_plural(one: str, many: str) -> None:
    expected = [f"0 {many}", f"1 {one}", f"2 {many}", f"11 {many}"]
    assert [counted(number, one) for number in (0, 1, 2, 11)] == expected


def test_a_plural_may_be_named() -> None:
    assert [counted(n, "story is", "stories are") for n in (0, 1)] == [
        "0 stories are",
        "1 story is",
    ]
