"""Which NewsArticle of a page's scripts is its story's."""

from __future__ import annotations

import re

import pytest

from tests.support import frames
from tests.support.frames import STORY_TEXT
from zaobao import extract

FOREIGN = (
    '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "%s", '
    '"datePublished": "2026-11-05T07:00:00+08:00"}</script>'
)


@pytest.mark.parametrize("layout", ["sg_cards", "hk_astro", "sg_drupal", "generic"])
@pytest.mark.parametrize(
    "headline",
    ["别处的另一则新闻", "灯塔学校停办", "Ferry resumes", "股市周五收高", "双语新闻：外长访欧"],
)
def test_a_news_article_of_another_story_of_the_same_day_is_not_taken(
    headline: str, layout: str
) -> None:
    html = frames.page(layout, STORY_TEXT).decode()
    own = re.compile(r'<script type="application/ld.json">.*?</script>')
    article = extract(
        own.sub("", html).replace("</head>", FOREIGN % headline + "</head>"),
        frames.URL,
        crawled=frames.CRAWLED,
    )
    assert article.title == frames.TITLE
    assert str(article.published) == "2026-11-05 09:12:00+08:00"


@pytest.mark.parametrize("headline", ["百年盐道修好了", "渔村修好百年盐道 村民齐出力", "盐道重开"])
def test_another_version_of_the_headline_is_the_story_s(headline: str) -> None:
    html = frames.page("sg_cards", STORY_TEXT).decode()
    article = extract(
        html.replace(f'"headline": "{frames.TITLE}"', f'"headline": "{headline}"'),
        frames.URL,
        crawled=frames.CRAWLED,
    )
    assert article.published_from == "ld+json"
