"""The short form of `python -m tools.replays`: the first run after a change, and those after it."""

from __future__ import annotations

import html
import re

import pytest

from demo.lists import PAGE_SIZE
from tools.breakages import HISTORY, NOT_YET, SURVIVED
from tools.replays import LEAST, Row, newspaper, side_by_side, todays
from zaobao import text

pytestmark = pytest.mark.slow

DAY = todays(newspaper("sg4b"))
READABLE = [
    story
    for story in DAY
    if story.access == "free"
    and text.count(html.unescape(re.sub(r"<[^>]*>|\{\{\w+\}\}", " ", story.served))) >= LEAST
]
"""The day's stories that whoever reads without a layout may publish."""
NAMED = {
    "titles, bodies and pictures renamed": "stories quarantined as unknown_layout",
    "another edition by the reader's address": r"sg_cards read 0 of \d+ stories, usually 100%; hk_astro reads",
    "times eight hours late": r"published by 'ld\+json' in 1 of \d+ stories, usually in 100%; now by 'visible'",
    "paragraphs shuffled, order in a new attribute": "stories quarantined as order_unknown",
    "login wall on every story": r"free access in 0 of \d+ stories, usually in 100%; a paywall may have come",
    "list moved by a redirect": "china: the list at /realtime/china moved to /news/china",
    "list container renamed": f"china: list container gone: 0 of usually {PAGE_SIZE['cards']} cards; generic found \\d+",
    "list stands still": r"at most \d+ before; the list may stand still",
    "advert block of a new kind in every body": f"{len(DAY)} stories hold the same words, no text of theirs: '本栏由某某银行呈献",
    "section gone": "no list page could be read",
    "hashed class names": "stories quarantined as unknown_layout",
    "maintenance page for every story": r"could not be read: maintenance",
    "body moved into JSON": "stories quarantined as body_missing",
    "title is the site's name": "stories quarantined as title_missing",
    "one text under every number": "stories quarantined as same_text",
    "times off by days": "the time of publication lies more than two days from the address's day",
    "preview with an unknown gate": r"free access in 0 of \d+ stories",
    "body is the description": "stories quarantined as only_description",
    "last third in a template": r"free access in \d\d? of \d\d stories",
    "first paragraph outside the box": "sg_cards: the start of its description in",
    "pages inside JSON": f"{len(DAY)} of {len(DAY)} listed stories could not be read: not_html",
    "each third page is none": f"{len(DAY) // 3} of {len(DAY)} listed stories could not be read: soft_404",
    "text cut without a word": r"in doubt, marked so and due again: \d\d stories",
}
"""Change → what the first run must name, as a pattern. All print SG-4b, so that one archive does for all."""
NOTHING = "a second ld+json"


@pytest.fixture(scope="module")
def rows() -> dict[str, Row]:
    return {row.name: row for row in side_by_side([*NAMED, NOTHING], 2)}


@pytest.mark.parametrize("name", NAMED)
def test_the_first_run_tells(rows: dict[str, Row], name: str) -> None:
    row = rows[name]
    assert row.exit_code == (1 if name == "section gone" else 3)
    assert any(re.search(NAMED[name], sentence) for sentence in row.named), row.named


@pytest.mark.parametrize("name", NAMED)
def test_stories_go_on_and_no_wrong_ones(rows: dict[str, Row], name: str) -> None:
    row = rows[name]
    assert row.of == len(READABLE) > 10
    if row.text_there:
        assert row.archived >= 0.9 * row.of
    assert row.false == []


@pytest.mark.parametrize("name", NAMED)
def test_what_was_kept_is_written_as_if_nothing_had_been(rows: dict[str, Row], name: str) -> None:
    row = rows[name]
    assert (row.not_mended, row.asked) == ([], 0)
    if not row.text_there or name == "body moved into JSON":
        return
    if "unknown_layout" in NAMED[name]:
        assert len(row.kept) == len(DAY)


def test_what_the_next_run_heals(rows: dict[str, Row]) -> None:
    left = {name: len(row.not_healed) for name, row in rows.items() if row.not_healed}
    assert left == {
        # Free in the changed page, cut in the whole one: a re-check never takes text away.
        "another edition by the reader's address": 1,
        # Cut in both, the same words: truncated by a button in the one, paywalled in the other.
        "last third in a template": 1,
        "login wall on every story": 2,
        "preview with an unknown gate": 2,
    }


def test_a_change_of_nothing_is_no_alarm(rows: dict[str, Row]) -> None:
    row = rows[NOTHING]
    assert (row.exit_code, row.named, row.archived, row.false) == (0, [], len(READABLE), [])


def test_there_are_enough_of_them() -> None:
    names = [breakage.name for breakage in (*HISTORY, *SURVIVED, *NOT_YET)]
    assert len(HISTORY) >= 20
    assert len(NOT_YET) >= 10
    assert len(names) == len(set(names))
