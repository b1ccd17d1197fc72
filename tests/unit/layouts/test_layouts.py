"""Every written case: one layout claims it, and it gives the item and the post that stand beside it."""

from __future__ import annotations

import json

import pytest

from tests.support.archive import ROOT
from tests.support.chain import LISTS, STORIES, Case, post
from zaobao import layouts
from zaobao.layouts.base import Layout
from zaobao.page import Page

by_name = pytest.mark.parametrize("case", STORIES, ids=lambda case: case.name)


@by_name
def test_exactly_its_layout_claims_the_page(case: Case) -> None:
    page = Page(case.url, case.page)
    assert [layout.name for layout in layouts.LAYOUTS if layout.claims(page)] == [case.layout]
    assert layouts.pick_list(page) is None


@by_name
def test_item(case: Case) -> None:
    assert case.item() == (case.folder / "item.json").read_text()


@by_name
def test_post_byte_for_byte(case: Case) -> None:
    assert post(case.article()) == (case.folder / "post.md").read_bytes()


@by_name
def test_what_stays_and_what_goes(case: Case) -> None:
    body = case.article().body_html
    assert [words for words in case.keep if words not in body] == []
    assert [words for words in case.drop if words in body] == []
    places = [body.index(words) for words in case.order]
    assert places == sorted(places)


@pytest.mark.parametrize("case", LISTS, ids=lambda case: case.name)
def test_list(case: Case) -> None:
    page = Page(case.url, case.page)
    assert [layout.name for layout in layouts.LAYOUTS if layout.claims_list(page)] == [case.layout]
    assert [layout.name for layout in layouts.LAYOUTS if layout.claims(page)] == []
    assert case.cards() == (case.folder / "cards.json").read_text()


@pytest.mark.parametrize("layout", layouts.LAYOUTS, ids=lambda layout: layout.name)
def test_a_layout_has_its_cases(layout: Layout) -> None:
    own = [case for case in STORIES if case.layout == layout.name]
    assert len(own) >= 3
    # One that reads new story pages on lists that stayed has no list of its own.
    assert any(case.layout == layout.name for case in LISTS) == bool(layout.list_probe)
    shapes = {
        json.dumps([entry["rule"] for entry in json.loads(case.item())["removed"]]) for case in own
    }
    assert len(shapes) >= 2, "the cases of a layout are unlike each other"


def test_every_layout_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    assert [layout.name for layout in layouts.LAYOUTS if layout.name not in readme] == []
