"""Removal rules, as data: what must not reach a post, matched inside the story's box.

The first rule that matches an element names it; the outermost match is recorded
and left out, the text after it stays. Elements outside the box need no rule.
Where they were seen: docs/site-facts.md, "What is not the story" and docs/site-facts.md, "Paywall".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from zaobao import dom, times
from zaobao.text import squeeze

if TYPE_CHECKING:
    from zaobao.items import Access, Kind

HIDDEN = "hidden"
"""The name of the rule for what no browser shows."""
BLOCKS = "p, h1, h2, h3, h4, h5, h6, li, ul, div, section, blockquote, center, td, run"
"""Where a rule for words looks; a `run` is words beside blocks, in no block (matching.py)."""


@dataclass(frozen=True)
class Rule:
    """One kind of element that is not the story.

    selector: CSS, matched below the box. text: the element's text, without white
    space and letter case, must be this (`whole`), start with it or hold it
    (`part`). longest: only elements with at most so many characters: a paragraph
    of the story that speaks of the same thing is longer. then: the text must hold
    this, too. around: take the nearest block around the match with it, if that has
    at most so many characters outside links and no other picture; in a longer line
    the match stays, or goes alone when it says `paywalled`. last: only where none of
    the story's text follows.
    links_after: links in the element do not count as its text, and following
    elements that hold nothing but links go too. boxed: only where the element
    ends with what a rule before this one takes, or holds no sentence beside that.
    hidden: only where the element's own attributes hide it in a browser.
    access: what a match says about the story's access. example: HTML that the
    rule matches.
    """

    name: str
    kind: Kind
    selector: str
    example: str
    text: str = ""
    match: Literal["whole", "start", "part"] = "whole"
    longest: int = 0
    then: str = ""
    around: int | None = None
    last: bool = False
    links_after: bool = False
    boxed: bool = False
    hidden: bool = False
    access: Access | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", squeeze(self.text).casefold())

    words: str = field(default="", init=False)
    """`text` as it is compared."""


def _says(
    name: str,
    kind: Kind,
    text: str,
    match: Literal["whole", "start", "part"] = "whole",
    longest: int = 0,
    selector: str = BLOCKS,
    example: str = "",
    **more: bool | Access,
) -> Rule:
    """A rule for a block that is known by its words."""
    example = example or f"<p>{text}</p>"
    longest = longest or len(text) + 4
    return Rule(name, kind, selector, example, text, match, longest, **more)  # type: ignore[arg-type]


RULES: tuple[Rule, ...] = (
    # --- scripts and machine parts; iframes and styles once made a feed invalid (RSSHub #11163)
    Rule("script", "tracking", "script, noscript, template", "<script>var a = 1;</script>"),
    Rule("style", "chrome", "style, link, meta, base, title", "<style>.a {}</style>"),
    Rule("drawing", "chrome", "svg, math, canvas", "<svg><path d='M0 0'/></svg>"),
    # --- Google ad slots, units /5908/ZB_SG/…
    Rule("dfp-slot", "dfp", '[id^="dfp-ad-"]', '<div id="dfp-ad-midarticlespecial"> </div>'),
    Rule("dfp-imu", "dfp", "section#imu, #imu", '<section id="imu"><div> </div></section>'),
    Rule("dfp-adv", "dfp", ".adv-tag, .adv", '<div class="adv-tag adv"></div>'),
    Rule(
        "dfp-unit", "dfp", "[data-ads-unit-id]", '<div data-ads-unit-id="/5908/zbsgapp/imu1"></div>'
    ),
    Rule("google-ad", "ad", ".bff-google-ad, .google-ad", '<div class="bff-google-ad">广告</div>'),
    Rule("innity", "ad", '[id^="innity"]', '<div id="innity-in-post"></div>'),
    Rule(
        "advert",
        "ad",
        '[class*="advert"], [data-type="ads"]',
        '<div class="advertisement">广告</div>',
    ),
    # --- trackers
    Rule(
        "cxense",
        "tracking",
        '.cx_paywall_placeholder, [id^="sph_cdp_"]',
        '<div class="cx_paywall_placeholder" id="sph_cdp_40"></div>',
    ),  # in whole stories too
    Rule(
        "pixel",
        "tracking",
        'img[width="1"], img[height="1"], img[width="0"], img[height="0"], img[width="1px"]',
        '<img src="https://t.example/p.gif" width="1" height="1">',
    ),
    # --- the cut article: seen on real cut stories
    Rule(
        "microtransaction",
        "paywall",
        ".article-microtransaction, .microtransaction-body, .microtransaction-option",
        '<div class="article-microtransaction">请订阅</div>',
        access="paywalled",
    ),
    Rule(
        "cta-subscribe",
        "paywall",
        ".cta-subscribe",
        '<div class="cta-subscribe">请订阅</div>',
        access="paywalled",
    ),
    Rule(
        "paywall-login",
        "paywall",
        "#paywall-login",
        '<span id="paywall-login">登录</span>',
        around=30,
        access="paywalled",
    ),
    Rule(
        "freemium",
        "paywall",
        "#freemium_subscribe, .freemium_subscribe",
        '<div id="freemium_subscribe">订阅</div>',
        access="paywalled",
    ),
    Rule(
        "paywall-message",
        "paywall",
        ".paywall-message",
        '<div class="paywall-message">订阅</div>',
        access="paywalled",
    ),
    Rule(
        "pay-endofarticle",
        "paywall",
        'a[href*="-pay-endofarticle"]',
        '<p><a href="https://subscribe.sph.com.sg/?utm_content=subscribelink-pay-endofarticle">订阅</a></p>',
        around=60,
        access="paywalled",
    ),
    _says("continue-reading", "paywall", "以继续阅读全文", "part", 60, access="paywalled"),
    Rule(
        "exclusive",
        "paywall",
        BLOCKS,
        "<p>此文章为早报订户专享内容</p>",
        text="此文章为早报",
        match="start",
        then="专享内容",
        longest=60,
        access="paywalled",
    ),
    _says(
        "choose-to-read", "paywall", "请您选择以下方式，阅读全文", "start", 60, access="paywalled"
    ),
    _says(
        "subscriber-login",
        "paywall",
        "已是早报订户，请您登录后继续阅读全文",
        "part",
        60,
        access="paywalled",
    ),
    _says("trial-price", "paywall", "新用户体验价", "start", 60, access="paywalled"),
    # --- tested for by one scraper of 2026-09, never seen: a weak sign. A story may say
    # such words in a short line of its own, so only one that ends the text counts.
    Rule(
        "subscriber-only",
        "paywall",
        ".subscriber-only",
        '<div class="subscriber-only">订户</div>',
        longest=120,
        access="unknown",
    ),
    _says("become-subscriber", "paywall", "成为订户", "part", 40, last=True, access="unknown"),
    _says("subscribe-to-go-on", "paywall", "订阅以继续", "part", 40, last=True, access="unknown"),
    _says("subscribe-first", "paywall", "订阅后继续", "part", 40, last=True, access="unknown"),
    # --- promos that stand in whole stories too, so no marker
    Rule(
        "promo-link",
        "paywall",
        'a[href*="-free-endofarticle"], a[href*="//subscribe.sph.com.sg"]',
        '<a href="https://subscribe.sph.com.sg/promotions/?utm_content=subscribelink-free-endofarticle">'
        '<img data-src="https://static.zaobao.com/s3fs-public/freemium_images/p.png"></a>',
        around=40,
    ),
    Rule(
        "promo-picture",
        "paywall",
        'img[src*="freemium_images"], img[data-src*="freemium_images"]',
        '<img data-src="https://static.zaobao.com/s3fs-public/freemium_images/p.png">',
    ),
    Rule(
        "video-freemium",
        "paywall",
        "#video-freemium-player",
        '<div id="video-freemium-player"></div>',
    ),
    Rule(
        "overlay",
        "chrome",
        ".overlay-microtransaction, #js-overlay-microtransaction, "
        "#js-cta-microtransaction, #js-overlay-onboarding, #js-overlay-search, #js-onboarding-tour",
        '<div id="js-overlay-search">搜索</div>',
    ),
    _says("vip", "paywall", "成为联合早报VIP", "start", 40, selector=f"a, {BLOCKS}"),
    _says("gift", "paywall", "订户专享 赠阅文章", "start", 40),
    Rule(
        "buy-article",
        "paywall",
        'a[href*="newspost.newslink.sg"], img[src*="newspost"]',
        '<div><a href="https://newspost.newslink.sg/x">购买此文章</a></div>',
        around=10,
    ),
    # --- recommendations
    Rule(
        "recommend",
        "related",
        '.bff-recommend-article, [class*="recommend"]',
        '<div class="bff-recommend-article"><a href="/news/china/story20260101-1">另一篇</a></div>',
    ),
    Rule(
        "related",
        "related",
        ".related-topics-wrapper, .related-articles, #related-articles, "
        "#mobile-recommend-articles, .further-reading, .article-tags",
        '<div class="related-articles"><a href="/x">另一篇</a></div>',
    ),
    Rule(
        "outbrain",
        "related",
        ".OUTBRAIN, #outbrain-wrapper",
        '<div class="OUTBRAIN" data-ob-template="ZaobaoSingapore"></div>',
    ),
    Rule(
        "outbrain-link",
        "related",
        'a[href*="obOrigUrl=true"]',
        '<li><a href="/news/china/story20260101-1?obOrigUrl=true">另一篇</a></li>',
        around=0,
    ),
    Rule(
        "previous-next",
        "related",
        'a[href*="ref=previous-article"], a[href*="ref=next-article"]',
        '<div><a href="/news/china/story20260101-1?ref=previous-article">上一篇</a></div>',
        around=8,
    ),
    _says("hot-stories", "related", "热文推荐", links_after=True),
    _says("reading-list", "related", "延伸阅读", longest=8, links_after=True),
    _says(
        "reading-hint",
        "related",
        "推荐阅读：",
        "start",
        200,
        selector="p",
        last=True,
        links_after=True,
    ),
    _says("shop-line", "ad", "推荐购买"),
    Rule(
        "shop-button",
        "ad",
        f"a, {BLOCKS}",
        "<a href='https://shop.example'>立即购买</a>",
        text="立即购买",
        longest=8,
    ),
    _says("shop-note", "ad", "所有商品均由新报业媒体购物团队严选", "start", 80),
    Rule(
        "shop",
        "ad",
        "div, section, aside",
        "<div>推荐购买<p>商品</p><a>立即购买</a></div>",
        text="推荐购买",
        match="start",
        longest=200,
        boxed=True,
    ),
    _says("google-source", "chrome", "设为谷歌新闻首选来源", "part", 40),
    # --- boilerplate that strays into the box
    Rule(
        "app-cover",
        "chrome",
        ".read-on-app-cover:not(:has(p)):not(:has(figure))",
        '<div class="read-on-app-cover"><span>打开App</span></div>',
        longest=60,
    ),  # one with paragraphs or more words wraps the lower body: its text is the story's
    Rule(
        "app-cover-button",
        "chrome",
        ".read-on-app-cover > a, .read-on-app-cover > span, .read-on-app-cover > div > a, "
        ".read-on-app-cover > run > a, .read-on-app-cover > run > span, .read-on-app-cover > img",
        '<div class="read-on-app-cover"><p>正文</p><a href="#">打开App</a></div>',
        longest=30,
    ),
    _says(
        "app-cover-line",
        "chrome",
        "打开App",
        "part",
        20,
        selector=".read-on-app-cover p, .read-on-app-cover div, .read-on-app-cover run",
        example='<div class="read-on-app-cover"><p>正文</p><p>打开App看全文</p></div>',
    ),
    Rule("machine-summary", "chrome", "zb-ai-summary", "<zb-ai-summary>摘要</zb-ai-summary>"),
    Rule("island", "chrome", "astro-island", "<astro-island><button>分享</button></astro-island>"),
    Rule(
        "expand-icon",
        "chrome",
        '.bff-inline-image-expand-icon, img[alt="expend icon"]',
        '<img alt="expend icon" src="/e.svg">',
    ),
    Rule(
        "gallery-control",
        "chrome",
        ".zb-gallery-arrow, .figure-media-gallery-nav",
        '<a class="zb-gallery-arrow">&gt;</a>',
    ),
    Rule("form", "chrome", "button, form, input, select, textarea", "<button>放大</button>"),
    Rule("aside", "chrome", "aside, nav", "<aside>更多</aside>"),
    Rule(
        "font-size",
        "chrome",
        ".js-fontsizing, .js-fontsized, .field-name-dynamic-twig-fieldnode-2020-font-size",
        '<ul class="js-fontsizing"><li>小</li></ul>',
    ),
    Rule(
        "share",
        "chrome",
        ".article-share-fb, .article-meta, .settings-tray-editable, #js-mobile-social",
        '<div class="article-share-fb">分享</div>',
    ),
    Rule("keywords", "chrome", ".keywords", '<div class="keywords"><ul><li>台湾</li></ul></div>'),
    Rule(
        "tag-icon",
        "chrome",
        'img[src*="tag-icon"]',
        '<div><img src="/a/tag-icon.svg"> 台湾</div>',
        around=60,
    ),
    Rule(
        "sidebar",
        "chrome",
        ".block-zb-article-sidebar, .js-recommended-header, .newsticker, "
        "#js-mobile-drawer-handle, #redirect-banner, .newspost-holder, #NextPrevious",
        '<div class="newsticker">即时</div>',
    ),
    *(
        _says(
            f"{name}-{number}" if number > 1 else name,
            *("chrome", f"{word} /", "start", 70, "p"),
            example=f"<p>{word} / 2026年9月1日 11:07</p>",
        )
        for name, words in (
            ("time-line", times.PUBLISHED_WORDS),
            ("update-line", times.CHANGED_WORDS),
        )
        for number, word in enumerate(words, 1)
    ),
    _says("facebook", "chrome", "请like我们的官方面簿网页以获取更多新信息"),
    _says("hot-words", "chrome", "热词：", longest=6),
    _says("world-cup", "chrome", "点击《联合早报》世界杯专页，", "start", 80),
    # --- frames: those with something to see are links (embeds.py), an advert's are none
    Rule(
        "ad-frame",
        "ad",
        "iframe:is("
        + ", ".join(
            f'[{name}*="{mark}"]'
            for name in ("src", "data-src")
            for mark in (
                *("doubleclick", "googlesyndication", "googletagmanager", "googleads", "adservice"),
                *("adsystem", "adnxs", "outbrain", "taboola", "innity", "teads", "criteo"),
                *("/ads/", "/ads.", "/pixel", "adserver", "/5908/"),
            )
        )
        + ', [id^="google_ads"], [name^="google_ads"], [id^="aswift"], [title*="advert" i], '
        '[title="广告"]), ins.adsbygoogle',
        '<iframe src="https://securepubads.g.doubleclick.net/x" title="3rd party ad"></iframe>',
    ),
    Rule(
        "frame",
        "chrome",
        "iframe, frame, frameset, object, embed, applet",
        '<iframe src="about:blank"></iframe>',
    ),
    # --- what a browser does not show; last, so that a marker that is hidden counts as one
    Rule(
        HIDDEN,
        "chrome",
        "[hidden], [style], dialog:not([open]), "
        + ", ".join(f".{name}" for name in dom.HIDING_CLASSES),
        '<p style="display: none">仅供校对</p>',
        hidden=True,
    ),
)

NOT_EDITORIAL = (
    "zbsg2020/images/default-img.png",
    "zbsg2020/images/social-share.png",
    "/_web2/assets/social-share.png",
    "/dist/images/zbsg/default-image.png",
    "/default-image.png",
    "/icon_newspost_",
    "/icon_newsmine_",
    "zb2013/img/zb_logo.jpg",
    "/assets/newspost",
    "newspost.svg",
    "/zbsg/zaobaosg-facebook-share.png",
    "freemium_images/",
    "11_mobile_updated_covid_19_0.png",
    "desktop_covid_19_0.png",
    "tag-icon",
    "/pic-default.",
    "/r0lgodlhaqabaiaaaaaaap/",
)
"""Parts of the addresses of pictures that are not editorial."""
