"""A page of one story, made of the pieces that a test is about, and what is read from it."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

from zaobao import layouts, urls
from zaobao.cleaning.clean import clean_article
from zaobao.items import Article, Extraction
from zaobao.page import Page

URL = "https://www.zaobao.com.sg/news/china/story20261120-10004000"
CRAWLED = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
TEXT = "<p>码头上的人都认得那只白色的水鸟，它每天同一个时刻落在同一根木桩上。</p>"
PHOTO = "https://static.zaobao.com/s3fs-public/"


def ld(*articles: Any) -> str:
    scripts = (json.dumps(article).replace("</", "<\\/") for article in articles)
    return "".join(f'<script type="application/ld+json">{script}</script>' for script in scripts)


def news(**keys: Any) -> dict[str, Any]:
    return {
        "@type": "NewsArticle",
        "headline": "水鸟",
        "datePublished": "2026-11-20T10:00:00+08:00",
    } | keys


def page(
    head: str = "", before: str = "", body: str = TEXT, after: str = "", main: str = "main"
) -> str:
    article = f'<article>{before}<div class="articleBody">{body}</div>{after}</article>'
    return f"<!DOCTYPE html><html><head>{head}</head><body><{main}>{article}</{main}></body></html>"


def read(
    html: str, url: str = URL, crawled: datetime = CRAWLED, listed: datetime | None = None
) -> Article:
    return extraction(html, url, crawled, listed).article


def extraction(
    html: str, url: str = URL, crawled: datetime = CRAWLED, listed: datetime | None = None
) -> Extraction:
    parsed = Page(url, html.encode())
    story = urls.story(url)
    assert story
    found = layouts.pick(parsed).extract(parsed, story, crawled, listed)
    clean_article(found)
    return found


def in_layouts(body: str, *, headline: str = "水鸟", scripts: str | None = None) -> dict[str, str]:
    """A body in a page of each of the four layouts, and in one that only the fallback reads.

    headline: as HTML, on the page and in the ld+json. scripts: other ld+json.
    """
    words = re.sub("<[^>]*>", "", headline)
    title = f"<title>{words} | 联合早报</title>"
    meta = f'<meta property="og:title" content="{words}">'
    said = ld(news(headline=headline)) if scripts is None else scripts
    head = f"<!DOCTYPE html><html><head>{title}{meta}{said}</head>"
    return {
        "sg_drupal": f'{head}<body><div class="content"><div class="col"><h1>{headline}</h1>'
        '<div class="article-content"><div class="article-content-container">'
        f'<div class="article-content-rawhtml">{body}</div></div></div>'
        '<div class="keywords"><ul><li><a href="/keywords/niao">鸟</a></li></ul></div>'
        '<div id="NextPrevious"><a href="/realtime/china/story20261119-1">上一篇</a></div></div>'
        '<div class="block-zb-article-sidebar"><a href="/x">旁栏</a></div></div></body></html>',
        "sg_cards": f'{head}<body><main><article><h1>{headline}</h1><div class="articleBody">{body}</div>'
        '<div class="max-h-max"><ul><li><a href="/keywords/niao">鸟</a></li></ul></div></article>'
        '<section class="sidebar"><p>旁栏里也有一句话。</p></section></main></body></html>',
        "hk_astro": f'{head}<body><astro-island props="{{}}"></astro-island><main class="container">'
        f'<h1 class="article-title">{headline}</h1><div class="wrap"><article id="article-body" '
        f'class="article-body">{body}</article></div><div data-testid="related-words">'
        '<a class="keyword-tag_item" href="/keywords/niao">鸟</a></div></main></body></html>',
        "hk_bootstrap": f'{head}<body><div class="container article-container">'
        f'<h1 class="article-title">{headline}</h1><article id="article-body" class="article-body">{body}'
        '</article><div class="guess-like"><h3>热文推荐</h3><a href="/x">别的</a></div></div>'
        "<footer>联系我们</footer></body></html>",
        "generic": f'{head}<body><main><h1>{headline}</h1><time datetime="2026-11-20T10:00:00+08:00">'
        f'2026年11月20日 10:00</time><div class="story">{body}</div></main></body></html>',
    }
