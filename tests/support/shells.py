"""One story in the frame of each layout: what a page says must not depend on which it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import zaobao
from zaobao.items import Article

URL = "https://www.zaobao.com/news/china/story20261105-9799003"
TIME = "2026-11-05T09:12:30+08:00"
CRAWLED = datetime(2026, 11, 6, 4, 0, tzinfo=UTC)
PARAGRAPHS = (
    "<p>沿海一个渔村宣布，将在三年内修复荒废多年的盐道，村里的老人说这条路走了一百年。</p>"
    "<p>工程的钱由村民集资，路修好以后不收门票，村委会会在路口立一块木牌，写上每一户的名字。</p>"
)
LONGER = PARAGRAPHS + (
    "<p>村长说，第一段明年春天动工，届时会请全村人来走一遍，也会请最早从这条路挑盐出去的几位老人。</p>"
    "<p>县里的文物部门派人来看过三次，量了每一块石板，说路基比想象的好，要换的石头不到两成。</p>"
    "<p>修路的石匠是隔壁村的，他说这种铺法已经很少有人会，今年收了两个徒弟，想把手艺传下去。</p>"
)
"""Enough for the generic fallback."""


@dataclass(frozen=True)
class Shell:
    """`layout`, and its page: where the headline stands and the box with the text."""

    layout: str
    html: str

    def page(self, head: str = "", heading: str = "", body: str = PARAGRAPHS) -> str:
        html = self.html.replace("@head@", head).replace("@heading@", heading)
        return html.replace("@body@", body)

    def read(self, head: str = "", heading: str = "", body: str = PARAGRAPHS) -> Article:
        return zaobao.extract(self.page(head, heading, body), URL, crawled=CRAWLED)


_HEAD = '<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8">@head@</head>'
SG_CARDS = Shell(
    "sg_cards",
    _HEAD + "<body><header><h1>早报</h1></header><main><article>@heading@"
    '<div class="articleBody">@body@</div></article></main><footer>早报</footer></body></html>',
)
HK_ASTRO = Shell(
    "hk_astro",
    _HEAD + '<body><astro-island uid="Z1" props="{}"><div>登录</div></astro-island>'
    '<main class="container">@heading@<article id="article-body" class="article-body">@body@'
    "</article></main><footer>早报</footer></body></html>",
)
SG_DRUPAL = Shell(
    "sg_drupal",
    _HEAD + '<body class="path-node"><div class="content">@heading@<div class="article-content">'
    '<div class="article-content-container"><div class="article-content-rawhtml">@body@</div>'
    "</div></div></div></body></html>",
)
HK_BOOTSTRAP = Shell(
    "hk_bootstrap",
    _HEAD + '<body><div class="article-container">@heading@'
    '<article id="article-body" class="article-body">@body@</article></div></body></html>',
)
GENERIC = Shell(
    "generic",
    _HEAD + '<body><header>早报</header><div id="story">@heading@<div class="words">@body@</div>'
    "</div><footer>早报</footer></body></html>",
)
SHELLS = (SG_CARDS, HK_ASTRO, SG_DRUPAL, HK_BOOTSTRAP)


def ld(headline: str = "渔村修好百年盐道", kind: str = "NewsArticle") -> str:
    """A script as the paper's templates write it: `headline` stands in it as it is given."""
    return (
        '<script type="application/ld+json">{"@context": "https://schema.org", '
        f'"@type": "{kind}", "headline": "{headline}", "datePublished": "{TIME}"}}</script>'
    )
