"""Lists in JSON: whose cards are the section's own."""

from __future__ import annotations

from typing import Any

import pytest

from zaobao.layouts.lists import page_content_cards

BASE = "https://www.zaobao.com.sg/_plat/api/v2/page-content/x"


def group(key: str, *numbers: int) -> dict[str, Any]:
    entries = [{"title": "题", "href": f"/news/china/story20261120-{n}"} for n in numbers]
    return {"key": key, "articles": entries}


@pytest.mark.parametrize(
    ("path", "groups", "found"),
    [
        ("/news/china", [group("hot", 1), group("news_china", 2, 3)], [2, 3]),
        ("/news/china", [group("news_china", 1), group("news_china", 2)], [1, 2]),
        ("/realtime/china", [group("hot", 1), group("news_china", 2)], [2]),
        ("/realtime/china", [group("news_china", 1), group("finance_china", 2)], None),
        ("/realtime/china", [group("hot", 1)], None),
        ("/realtime/china", [{"key": "news_china"}], None),
    ],
)
def test_of_several_boxes_only_the_sections_own_is_taken(
    path: str, groups: list[dict[str, Any]], found: list[int] | None
) -> None:
    cards = page_content_cards({"response": {"pageContentList": groups}}, path, BASE)
    numbers = None if cards is None else [int(card.address.rpartition("-")[2]) for card in cards]
    assert numbers == found
