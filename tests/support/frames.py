"""One page of a story in each of the four layouts, and one that only the generic fallback reads."""

from __future__ import annotations

from datetime import UTC, datetime

from zaobao import reader
from zaobao.items import Article

URL = "https://www.zaobao.com/realtime/china/story20261105-9799002"
CRAWLED = datetime(2026, 11, 5, 4, tzinfo=UTC)
TITLE = "渔村修好百年盐道"
_HEAD = f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{TITLE} | 联合早报</title>"
_LD = (
    '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "'
    + TITLE
    + '", "datePublished": "2026-11-05T09:12:30+08:00"}</script>'
)
_LINE = "发布 / 2026年11月5日 9:12 AM"
_FRAMES = {
    "sg_cards": f"{_LD}</head><body><main><article><div>{_LINE}</div><h1>{TITLE}</h1>"
    '<div class="articleBody">BODY</div></article></main></body></html>',
    "hk_astro": f"{_LD}</head><body><astro-island></astro-island><main><h1>{TITLE}</h1>"
    f'<div>{_LINE}</div><article id="article-body" class="article-body">BODY</article></main></body></html>',
    "sg_drupal": f'</head><body><h1>{TITLE}</h1><h4 class="title-byline date-published">{_LINE}</h4>'
    '<div class="article-content"><div class="article-content-rawhtml">BODY</div></div></body></html>',
    "hk_bootstrap": f'{_LD}</head><body><h1 class="article-title">{TITLE}</h1>'
    '<article id="article-body"><div class="article-body">BODY</div></article></body></html>',
    "generic": f"{_LD}</head><body><main><h1>{TITLE}</h1><div>{_LINE}</div>"
    '<div class="story">BODY</div></main></body></html>',
}
NAMES = tuple(_FRAMES)


def page(name: str, body: str) -> bytes:
    """The page of a layout, or of none, `generic`, with a body."""
    return (_HEAD + _FRAMES[name].replace("BODY", body)).encode()


def read(name: str, body: str) -> Article:
    """The clean story of such a page. NoArticle, as `reader.extract`."""
    article = reader.extract(page(name, body), URL, crawled=CRAWLED)
    assert article.layout == name
    return article
