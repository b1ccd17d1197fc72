"""One page of a story in each of the four layouts, and one that only the generic fallback reads."""

from __future__ import annotations

import re
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
STORY_TEXT = (
    "<p>沿海一个渔村宣布，将在三年内修复荒废多年的盐道，村里的老人说这条路走了一百年。</p>"
    "<p>工程的钱由村民集资，路修好以后不收门票，村委会会在路口立一块木牌，写上捐款人的名字。</p>"
    "<p>盐道从海边通到山里，最窄的一段只容一个人走过，过去挑盐的人要走两天，中间歇一夜。</p>"
    "<p>施工队去年冬天先修了三座小桥，石料是从旧桥底下捞上来的，一块也没有浪费在路边，连碎石都铺进了路基。</p>"
    "<p>邻村的人听说以后也来帮忙，自己带着干粮，晚上就睡在祠堂里，天亮再上山去。</p>"
)
"""Five paragraphs of a story, which stand in front of what is tried."""
CLOSING = "<p>村长说，第一段明年春天动工，届时会请全村人来走一遍。</p>"
"""A last one, which stands behind it."""


def page(name: str, body: str) -> bytes:
    """The page of a layout, or of none, `generic`, with a body."""
    return (_HEAD + _FRAMES[name].replace("BODY", body)).encode()


def read(name: str, body: str) -> Article:
    """The clean story of such a page. NoArticle, as `reader.extract`."""
    article = reader.extract(page(name, body), URL, crawled=CRAWLED)
    assert article.layout == name
    return article


def told(html: str) -> list[str]:
    """The words of an HTML fragment, by line."""
    words = re.sub(r"</?(?:a|b|strong|button)\b[^>]*>", "", html)
    return [line for line in re.sub(r"<[^>]*>", "\n", words).split("\n") if line]
