"""Lists in JSON: whose cards are the section's own."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from zaobao import layouts
from zaobao.layouts.lists import Card, page_content_cards
from zaobao.page import Page
from zaobao.spiders.pagination import Listed
from zaobao.urls import Site

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


STORY = "/news/china/story20261105-9799001"
SEEN = datetime(2026, 11, 5, 4, 0, tzinfo=UTC)


def linked(inside: str = "", behind: str = "", said: str = "") -> str:
    link = f'<a class="article-link" href="{STORY}" {said}>{inside}</a>'
    return f"<article>{link}{behind}</article>"


def hk_astro(box: str, more: str = "", props: list[dict[str, str]] | None = None) -> list[Card]:
    """The cards of a list in HK-3's markup; `more` is what its island has rendered."""
    values = [[0, {key: [0, value] for key, value in one.items()}] for one in props or []]
    island = json.dumps({"list": [1, values]}).replace('"', "&quot;")
    html = (
        f'<!DOCTYPE html><body><main><div data-testid="article-list">{box}</div>'
        f'<astro-island component-url="/LoadMoreList.js" props="{island}">{more}</astro-island></main>'
    )
    page = Page("https://www.zaobao.com/realtime/china", html.encode())
    layout = layouts.pick_list(page)
    assert layout
    assert layout.name == "hk_astro"
    return layout.listing(page, SEEN)[0]


TIMED = linked("盐道", "<span>09:12</span>")
DATED = linked("渔村修好百年盐道", "<span>11月4日</span>")
BARE = linked("", "<span>刚刚</span>")


@pytest.mark.parametrize(
    ("box", "more", "title"),
    [
        (TIMED, DATED, "渔村修好百年盐道"),
        (DATED, TIMED, "渔村修好百年盐道"),
        (TIMED + DATED, "", "渔村修好百年盐道"),
        (DATED + TIMED + BARE, BARE, "渔村修好百年盐道"),
        (TIMED, BARE, "盐道"),
    ],
)
def test_of_two_cards_with_one_address_nothing_is_lost(box: str, more: str, title: str) -> None:
    (card,) = hk_astro(box, more)
    assert (card.title, card.listed) == (title, datetime(2026, 11, 5, 1, 12, tzinfo=UTC))


def test_what_the_island_tells_of_a_card_is_added_to_it() -> None:
    told = {"url": STORY, "title": "渔村修好百年盐道", "publicationDate": ""}
    timed = told | {"title": "", "publicationDate": "2026-11-05 09:12:30"}
    exact = datetime(2026, 11, 5, 1, 12, 30, tzinfo=UTC)
    (card,) = hk_astro(BARE, props=[timed, told])
    assert (card.title, card.listed) == ("渔村修好百年盐道", exact)
    (card,) = hk_astro(TIMED, props=[told])
    assert (card.title, card.listed) == ("渔村修好百年盐道", exact.replace(second=0))


@pytest.mark.parametrize(
    ("inside", "said", "title"),
    [
        ('<img src="/a.jpg" alt="渔村修好盐道">', "", "渔村修好盐道"),
        ('<img src="/i.svg" alt=""><img src="/a.jpg" alt=" 渔村\n修好盐道 ">', "", "渔村 修好盐道"),
        ('<picture><img src="/a.jpg" alt="渔村修好盐道"></picture>', 'title=" "', "渔村修好盐道"),
        ('<img src="/a.jpg" title="渔村修好盐道">', "", "渔村修好盐道"),
        ('<div role="img" aria-label="渔村修好盐道"></div>', "", "渔村修好盐道"),
        ('<img src="/a.jpg" alt="图：盐道">', 'aria-label="渔村修好盐道"', "渔村修好盐道"),
        ('<img src="/a.jpg" alt="图：盐道"><h3>渔村修好盐道</h3>', "", "渔村修好盐道"),
        ('<img src="/a.jpg">', "", ""),
    ],
)
def test_a_picture_says_the_title_of_a_card_without_words(
    inside: str, said: str, title: str
) -> None:
    (card,) = hk_astro(linked(inside, said=said))
    assert card.title == title


def test_a_second_card_without_a_title_takes_none_away() -> None:
    address = f"https://www.zaobao.com{STORY}"
    cards = [Card(address, "渔村修好盐道", SEEN), Card(f"{address}?ref=a", "", None)]
    found = Listed.of(cards, Site("https://www.zaobao.com"))
    assert (found.titles, found.times) == ({"9799001": "渔村修好盐道"}, {"9799001": SEEN})
