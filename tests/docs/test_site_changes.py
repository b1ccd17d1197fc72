"""docs/when-the-site-changes.md: its mended layouts read the pages that they are for."""

from __future__ import annotations

import re
from typing import Any

from tests.support.archive import ROOT
from tests.support.pages import CRAWLED, URL, ld, news, page
from zaobao import urls
from zaobao.layouts.sg_cards import SgCards
from zaobao.page import Page

GUIDE = (ROOT / "docs" / "when-the-site-changes.md").read_text("utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```", GUIDE, re.S | re.M)

OLD = page(ld(news()), before="<h1>水鸟</h1>")
NEW = OLD.replace('class="articleBody"', 'class="story-text"')
LIST = (
    '<div class="news-feed"><div class="headline"><a href="/news/china/story20261120-10004000">'
    "水鸟</a></div></div>"
)


def run(block: str) -> dict[str, Any]:
    """The names of a block after it ran."""
    names: dict[str, Any] = {}
    exec(compile(block, "docs/when-the-site-changes.md", "exec"), names)
    return names


def test_one_more_selector() -> None:
    names = run(BLOCKS[0])

    class Mended(SgCards):
        probe = names["probe"]
        body = names["body"]

    story = urls.story(URL)
    assert story
    for source, found in ((OLD, "article .articleBody"), (NEW, "article .story-text")):
        parsed = Page(URL, source.encode())
        assert Mended().claims(parsed)
        assert Mended().extract(parsed, story, CRAWLED).sources["body"] == found
    assert not SgCards().claims(Page(URL, NEW.encode()))


def test_a_subclass() -> None:
    layout = run(BLOCKS[1])["SgNext"]()
    story = urls.story(URL)
    assert story
    parsed = Page(URL, NEW.encode())
    assert layout.claims(parsed)
    extraction = layout.extract(parsed, story, CRAWLED)
    assert (extraction.article.layout, extraction.sources["body"]) == ("sg_next", ".story-text")
    assert not layout.claims(Page(URL, OLD.encode()))
    listing = Page("https://www.zaobao.com/realtime/china", LIST.encode())
    assert layout.claims_list(listing)
    (card,), _ = layout.listing(listing, CRAWLED)
    assert card.address.endswith("/news/china/story20261120-10004000")


def test_every_block_is_run() -> None:
    assert len(BLOCKS) == 2
