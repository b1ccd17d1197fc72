"""A page of one story, made of the pieces that a test is about, and what is read from it."""

from __future__ import annotations

import json
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
