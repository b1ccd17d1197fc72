"""Which stories are of a section, under every path that it has had."""

from __future__ import annotations

import pytest
from scrapy.exceptions import UsageError

from zaobao.spiders.sections import Section, or_all, sections


@pytest.mark.parametrize(
    ("name", "paths"),
    [
        ("china", ["realtime/china", "news/china", "znews/china", "znews/greater-china", "china"]),
        ("world", ["realtime/world", "news/world", "znews/international"]),
        ("finance", ["realtime/finance", "finance/china", "zfinance/realtime", "finance/world"]),
        ("news/sea", ["news/sea"]),
    ],
)
def test_a_section_holds_the_stories_of_all_its_paths(name: str, paths: list[str]) -> None:
    every = {
        *("realtime/china", "news/china", "znews/china", "znews/greater-china", "china"),
        *("realtime/world", "news/world", "znews/international", "news/sea", "lifestyle/china"),
        *("realtime/finance", "finance/china", "zfinance/realtime", "finance/world"),
    }
    assert {path for path in every if Section(name).holds(path)} == set(paths)


def test_a_named_section_has_its_list_at_two_places() -> None:
    assert Section("china").paths == ("/realtime/china", "/news/china")
    assert Section("/news/sea/").paths == ("/news/sea",)


def test_what_may_be_asked_for() -> None:
    assert [one.name for one in sections(None)] == ["china"]
    assert [one.name for one in sections(" china, world ,china,/news/sea/")] == [
        *("china", "world", "news/sea"),
    ]
    assert or_all("all") is None
    with pytest.raises(UsageError, match=r"^--section sport: it takes china, "):
        or_all("sport", "--section ")
    for wrong in ("chian", "news sea/x", ",", "", "News/sea"):
        with pytest.raises(UsageError, match="-a section="):
            sections(wrong)
