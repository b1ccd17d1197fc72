"""Lists are read page by page, by each pagination of docs/site-facts.md, "Further pages"."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from demo import lists
from demo.lists import Card
from demo.newspaper import Answer, Newspaper
from demo.story import Story
from tests.support.driving import Driven, drive
from zaobao import urls
from zaobao.layouts.lists import Card as ListedCard
from zaobao.spiders.pagination import Listed
from zaobao.spiders.realtime import RealtimeSpider
from zaobao.times import SINGAPORE

pytestmark = pytest.mark.slow

TODAY = datetime(2026, 11, 20, tzinfo=SINGAPORE)
FORMS: dict[str, tuple[dict[str, Any], str]] = {
    "articles from 1": ({}, "page-content"),
    "articles from 0": ({"api_base": 0}, "page-content"),
    "lists from 1": ({"api_shape": "lists"}, "page-content"),
    "lists from 0": ({"api_shape": "lists", "api_base": 0}, "page-content"),
    "card links from 1": ({"api_shape": None}, "?page="),
    "card links from 0": ({"api_shape": None, "link_base": 0}, "?page="),
    "drupal links from 1": ({"list_form": "drupal"}, "?page="),
    "drupal links from 0": ({"list_form": "drupal", "link_base": 0}, "?page="),
    "drupal script from 0": ({"list_form": "drupal"}, "_wrapper_format"),
    "drupal script from 1": ({"list_form": "drupal", "script_base": 1}, "_wrapper_format"),
    "island": ({"list_form": "astro"}, "more/sitemap"),
    "bootstrap": ({"list_form": "bootstrap"}, "more/sitemap"),
}
"""What the paper does, and the pagination that is to win."""


def paper_of(form: str, bulk: int = 120, now: datetime = TODAY) -> Newspaper:
    paper = Newspaper(now, bulk)
    how, wins = FORMS[form]
    for name, value in how.items():
        setattr(paper, name, value)
    if wins == "_wrapper_format":
        paper.before.append(lambda path: _close(paper, path))
    return paper


def _close(paper: Newspaper, path: str) -> None:
    """Let `?page=` links lead nowhere, so that only the script's form is left."""
    if "?page=" in path:
        paper.overrides[path] = Answer(status=404)


def lists_story(href: str) -> str | None:
    found = urls.story(href)
    return found.number if found else None


def numbers(paper: Newspaper, section: str = "china") -> list[str]:
    """The stories of a list, newest first; one that the list names leads to a 404."""
    cards = (lists_story(card.href) for card in paper.cards(section))
    return list(dict.fromkeys(number for number in cards if number))


def realtime(paper: Newspaper, folder: Path, **arguments: str) -> Driven:
    settings = {"ZAOBAO_MAX_PAGES": arguments.pop("max_pages", "60")}
    return drive(RealtimeSpider, paper, folder, settings, **arguments)


@pytest.mark.parametrize("form", FORMS)
def test_each_way_gives_exactly_the_stories_of_the_section(form: str, tmp_path: Path) -> None:
    paper = paper_of(form, bulk=600)
    driven = realtime(paper, tmp_path, pages="60")
    assert len(driven.stories) == len(set(driven.stories))
    assert set(driven.stories) == set(numbers(paper))
    assert len(driven.stories) > 250
    assert [path for path, times in Counter(driven.lists).items() if times > 1] == []
    assert driven.reasons == []
    assert FORMS[form][1] in {name.partition("/")[2] for name in driven.counts("list/")}


@pytest.mark.parametrize("form", FORMS)
def test_a_list_is_read_down_to_the_bound_and_no_further(form: str, tmp_path: Path) -> None:
    paper = paper_of(form, bulk=600)
    since = paper.today - timedelta(days=60)
    driven = realtime(paper, tmp_path, since=str(since))
    due = {s.number for s in paper.listed("china") if s.published.date() >= since}
    assert due <= set(driven.stories)
    assert len(driven.stories) == len(set(driven.stories))
    down = sum(s.published.date() >= since - timedelta(days=2) for s in paper.listed("china"))
    size = lists.PAGE_SIZE[paper.form]
    # The first pages of a pagination may be ones that were read; one behind the bound shows that it is.
    assert len(driven.lists) <= down / min(size, 18) + 5
    assert len(driven.lists) < len(numbers(paper)) / size


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("every", [1, 3])
def test_stories_that_come_in_while_paging_lose_none(form: str, every: int, tmp_path: Path) -> None:
    paper = paper_of(form)
    wanted = numbers(paper)
    asked: list[str] = []

    def insert(path: str) -> None:
        asked.append(path)
        for n in range(every if len(asked) > 1 else 0):
            fresh = f"{10_500_000 + 10 * len(asked) + n}"
            moment = paper.now - timedelta(seconds=1)
            paper.add(Story(fresh, "sg4b", "news/china", "刚来的一则", moment, "<p>一句。</p>"))

    paper.before.append(insert)
    driven = realtime(paper, tmp_path, pages="60")
    assert set(wanted) <= set(driven.stories)
    assert len(driven.stories) == len(set(driven.stories))


def test_exact_times_of_the_list_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    evening = TODAY + timedelta(hours=21)
    for module in ("base", "realtime"):
        monkeypatch.setattr(f"zaobao.spiders.{module}.now", lambda: evening)
    for form in ("articles from 1", "lists from 1", "island", "bootstrap"):
        paper = paper_of(form, bulk=0, now=evening)
        clocked = paper.listed("china")[5:10]  # cards that say `HH:mm`
        for place, story in enumerate(clocked):
            story.published = TODAY + timedelta(hours=3 * place, minutes=7)
        driven = realtime(paper, tmp_path / form, pages="60")
        stories = paper.listed("china")
        # In the box before the island a card may say `11月19日`, which is no exact time.
        told = [*stories[lists.ASTRO_BOX :], *clocked] if form == "island" else stories
        for story in told:
            assert driven.times[story.number] == story.published, (form, story.number)
        for story in stories:
            assert driven.times[story.number] in (None, story.published), (form, story.number)


@pytest.mark.parametrize("form", FORMS)
def test_a_story_of_the_box_counts_whatever_its_path(form: str, tmp_path: Path) -> None:
    paper = paper_of(form)
    early, late = paper.listed("china")[1], paper.listed("china")[60]
    cards = paper.cards

    def moved(section: str) -> list[Card]:
        strange = {early.number: "/special/taiwan", late.number: "/lifestyle/food"}
        return [
            replace(card, href=strange[card.number] + card.href[card.href.rindex("/") :])
            if card.number in strange
            else card
            for card in cards(section)
        ]

    paper.cards = moved  # type: ignore[method-assign]
    driven = realtime(paper, tmp_path, pages="60")
    assert {early.number, late.number} <= set(driven.stories)
    assert set(driven.stories) == set(numbers(paper))


@pytest.mark.parametrize(
    "broken",
    [
        Answer(status=404),
        Answer(status=500),
        Answer(b"", headers={"Content-Type": "application/json"}),
        Answer('{"code":200,', headers={"Content-Type": "application/json"}),
        Answer("[" * 100_000, headers={"Content-Type": "application/json"}),
        Answer('{"response":{"articles":{"0":1}}}', headers={"Content-Type": "application/json"}),
        Answer('{"response":{"pageContentList":[{"key":7,"articles":"x"},null,[]]}}'),
        Answer('{"response":{"articles":[7,null,{"href":{}},{"href":"/x","timestamp":"y"}]}}'),
        Answer('{"response":{"articles":[{"href":"//[","timestamp":1e400,"title":[]}]}}'),
        Answer("null"),
        Answer("<html><body>维护中</body></html>"),
    ],
)
def test_where_one_way_fails_the_next_is_taken(broken: Answer, tmp_path: Path) -> None:
    paper = paper_of("articles from 1")
    paper.overrides["/_plat/api/v2/page-content/realtime/china"] = broken
    driven = realtime(paper, tmp_path, pages="60")
    assert set(driven.stories) == set(numbers(paper))
    assert len(driven.stories) == len(set(driven.stories))
    assert driven.counts("list/")["sg_cards/?page="] > 3


@pytest.mark.parametrize("form", ["articles from 1", "island", "drupal links from 1"])
def test_a_way_that_breaks_half_way_is_gone_on_with_by_the_next(form: str, tmp_path: Path) -> None:
    paper = paper_of(form)
    paper.before.append(
        lambda path: (
            paper.overrides.update({path: Answer(status=500)})
            if any(
                f"{name}=4" in path
                for name in ("api/v2/page-content/realtime/china?page", "pageNo")
            )
            or (path == "/realtime/china?page=4" and form.startswith("drupal"))
            else None
        )
    )
    driven = realtime(paper, tmp_path, pages="60")
    assert set(driven.stories) == set(numbers(paper))
    assert len({name for name in driven.counts("list/") if "css" not in name}) >= 3


def test_no_way_left_is_said(tmp_path: Path) -> None:
    paper = paper_of("card links from 1")
    paper.before.append(lambda path: _close(paper, path))
    driven = realtime(paper, tmp_path, pages="60")
    first = {lists_story(card.href) for card in paper.cards("china")[:24]} - {None}
    assert set(driven.stories) == first
    assert any("no way to further pages" in reason for reason in driven.reasons)


@pytest.mark.parametrize("form", FORMS)
def test_a_list_that_repeats_its_last_page_for_ever_ends(form: str, tmp_path: Path) -> None:
    paper = paper_of(form)
    paper.endless = True
    driven = realtime(paper, tmp_path, pages="60")
    assert set(driven.stories) == set(numbers(paper))
    assert len(driven.lists) < len(numbers(paper)) / 18 + 8
    assert driven.reasons == []


@pytest.mark.parametrize("form", FORMS)
def test_an_endless_list_stops_at_the_bound_and_says_so(form: str, tmp_path: Path) -> None:
    paper = paper_of(form)
    made = iter(range(1, 10**6))

    def grow(path: str) -> None:
        for n in (next(made) for _ in range(40)):
            moment = paper.now - timedelta(days=500, minutes=n)
            number = f"{700_000 - n}"
            paper.add(Story(number, "sg4b", "news/china", "旧的一则", moment, "<p>一句。</p>"))

    paper.before.append(grow)
    driven = realtime(paper, tmp_path, since="2001-01-01", max_pages="15")
    assert len(driven.lists) == 15
    assert len(driven.stories) == len(set(driven.stories))
    assert any("ZAOBAO_MAX_PAGES=15" in reason for reason in driven.reasons)


def test_several_sections_in_one_run(tmp_path: Path) -> None:
    paper = paper_of("articles from 1")
    named = ("china", "singapore", "world", "finance")
    driven = realtime(paper, tmp_path, section=",".join(named), pages="60")
    wanted = [number for section in named for number in numbers(paper, section)]
    assert Counter(driven.stories) == Counter(set(wanted))
    assert {f"/realtime/{name}" for name in named} <= set(driven.lists)


def test_page_bound_is_for_each_section(tmp_path: Path) -> None:
    paper = paper_of("articles from 1")
    driven = realtime(paper, tmp_path, section="china,world", pages="2")
    assert len(driven.lists) == 4
    assert driven.reasons == []


def test_lists_json_of_other_sections_is_not_taken(tmp_path: Path) -> None:
    """Where no list of the answer is surely the section's own, the next pagination is taken."""
    paper = paper_of("lists from 1")
    inner = paper.answer

    def renamed(method: str, path: str, headers: dict[str, str]) -> Answer:
        answer = inner(method, path, headers)
        if "page-content" in path:
            data = json.loads(answer.body)
            for group in data["response"]["pageContentList"]:
                group["key"] = f"x_{len(group['articles'])}"
            return replace(answer, body=json.dumps(data))
        return answer

    paper.answer = renamed  # type: ignore[method-assign]
    driven = realtime(paper, tmp_path, pages="60")
    assert set(driven.stories) == set(numbers(paper))
    assert "sg_cards/?page=" in driven.counts("list/")


def test_only_the_papers_own_cards_tell_of_a_story() -> None:
    moment = datetime(2026, 11, 20, 8, 30, tzinfo=SINGAPORE)
    path = "/news/china/story20261120-1000011"
    own, foreign = f"https://www.zaobao.com{path}", f"https://example.org{path}"
    cards = [
        ListedCard(own, "题", moment),
        ListedCard(foreign, "别的", moment + timedelta(hours=1)),
        ListedCard(f"{own}?ref=x", "题", None),
        ListedCard("", "空", None),
    ]
    named = Listed.of(cards, urls.Site("https://www.zaobao.com"))
    assert [story.path for story in named.stories.values()] == [path]
    assert (named.titles, named.times) == ({"1000011": "题"}, {"1000011": moment})
    assert (named.other, named.empty) == ([foreign], 1)
