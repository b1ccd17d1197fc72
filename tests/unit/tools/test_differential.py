"""A sample of what Chromium shows and what posts say; `python -m tools.differential` is the whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.support.browsing import need_chromium
from tools import differential
from tools.differential import Body, Chromium, Known

pytestmark = [pytest.mark.slow, need_chromium()]

SEED, GENERATED = 1, 60


@pytest.fixture(scope="module")
def chrome() -> Iterator[Chromium]:
    with differential.browser() as opened:
        yield opened


KNOWN = differential.known_differences()


@pytest.mark.parametrize("kind", ["rules", "cases", "generated"])
def test_a_post_says_what_chromium_shows(chrome: Chromium, kind: str) -> None:
    became: Counter[str] = Counter()
    bodies = differential.bodies_of(kind, GENERATED, SEED)
    found = [str(one) for one in chrome.differences(bodies, KNOWN, became)]
    assert found == []
    assert became["compared"] > 15


def test_every_listed_difference_occurs_and_is_one_by_itself(chrome: Chromium) -> None:
    assert differential.no_longer(chrome, KNOWN) == []
    assert len({one.name for one in KNOWN}) == len(KNOWN)


@pytest.mark.parametrize(
    ("html", "kind"),
    [
        ("<p>甲<noscript>乙</noscript><iframe></iframe></p>", ""),
        ("<details><summary>甲</summary>乙</details>", "words"),
        ("<p>甲<span style='float:right'>乙</span>丙</p>", "lines"),
        ("<dd><search><dd>甲</dd></search></dd>", "tree"),
    ],
)
def test_differences_that_are_not_listed_are_found(chrome: Chromium, html: str, kind: str) -> None:
    found = [one.kind for one in chrome.differences([Body("", html)], [])]
    assert found == ([kind] if kind else [])


def test_a_path_that_leads_nowhere_is_found(
    chrome: Chromium, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zaobao.dom.Paths.of", lambda _self, _node: "main > nav")
    body = Body("", "<p>甲</p><div class='google-ad'>乙</div>")
    assert [one.kind for one in chrome.differences([body], [])] == ["path"]


def test_a_text_that_is_not_the_posts_is_found(
    chrome: Chromium, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = Body("", "<p>甲<sup>2</sup>乙<q>丙</q></p><ol><li>丁</li></ol>")
    assert [*chrome.differences([body], [])] == []
    monkeypatch.setattr(
        "zaobao.cleaning.blocks.plain_text", lambda html: "甲" if "丙" in html else html
    )
    assert "text" in [one.kind for one in chrome.differences([body], [])]


def test_what_is_found_is_made_as_small_as_it_goes(chrome: Chromium) -> None:
    html = "<section><p>甲</p><table><tr><td>乙<b>丙<meter value='1'>丁</meter></b></td></tr></table></section>"
    known = [Known("x", "", "", "details", "open")]
    [found] = chrome.differences([Body("", html)], known)
    assert chrome.smallest(found, known).body.html == "<meter>丁</meter>"
