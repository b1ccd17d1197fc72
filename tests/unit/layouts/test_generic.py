"""The generic fallback: a time that stands by itself beside the headline."""

from __future__ import annotations

import re

import pytest

from tests.support import frames
from tests.unit.cleaning.test_rules import STORY_TEXT
from zaobao import extract
from zaobao.errors import NoArticle


def page(before: str, after: str = "") -> str:
    html = frames.page("generic", STORY_TEXT).decode()
    html = re.sub(r"<script.*?</script>", "", html)
    heading, line = re.search(r"(<h1>.*?</h1>)(<div>发布.*?</div>)", html).groups()  # type: ignore[union-attr]
    return html.replace(heading + line, before + heading + after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "<div>2026-11-05 09:12</div>"),
        ("", "<div><span>林小满</span><span class='t'>2026年11月5日 09:12</span></div>"),
        ("<p>2026/11/05 09:12:00</p>", ""),
        ("", "<ul class='x'></ul><time>2026-11-05 09:12</time><em>阅读 88</em>"),
        ("", "<p>来源：早报</p><p>2026年11月5日 星期四 上午9:12</p>"),
    ],
)
def test_a_time_beside_the_headline_is_the_story_s(before: str, after: str) -> None:
    article = extract(page(before, after), frames.URL, crawled=frames.CRAWLED)
    assert (article.layout, article.published_from) == ("generic", "visible")
    assert str(article.published).replace(" ", "T") == "2026-11-05T09:12:00+08:00"
    assert len(article.text.split("\n")) == 5


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ""),
        ("", "<div>2026-11-05</div>"),  # only a day
        ("", "<div>2026-10-01 09:12</div>"),  # another day
        ("", "<div>2026-11-05 23:12</div>"),  # later than the crawl
        ("", "<aside>2026-11-05 09:12</aside>"),
        ("", "<div>会议定于2026-11-05 09:12开始</div>"),
        ("", "<ul><li><a href='/x'>渔港</a> <span>2026-11-05 09:12</span></li></ul>"),
    ],
)
def test_any_other_time_is_none(before: str, after: str) -> None:
    with pytest.raises(NoArticle):
        extract(page(before, after), frames.URL, crawled=frames.CRAWLED)
