"""The names of feeds."""

from __future__ import annotations

import pytest

from zaobao.publish import feeds


@pytest.mark.parametrize("word", ["盐道", "ai", "a-b", "1_2"])
def test_a_keyword_of_small_letters_and_digits_names_its_feed(word: str) -> None:
    assert feeds.keyword_name(word) == f"keyword-{word}"


def test_keywords_that_differ_in_capitals_or_signs_have_feeds_of_their_own() -> None:
    words = [
        "c",
        "C",
        "c+",
        "C++",
        "c#",
        "c ",
        "",
        "#",
        "盐 道",
        "盐/道",
        "盐-道",
        *("长" * n for n in (40, 41, 42)),
    ]
    names = {word: feeds.keyword_name(word).casefold() for word in words}
    assert len(set(names.values())) == len(words)
    assert all("/" not in name and len(name.encode()) < 200 for name in names.values())
