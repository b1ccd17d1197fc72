"""Removal rules, as data: what must not reach a post, matched inside the story's box.

The first rule that matches an element names it; the outermost match is recorded
and left out, the text after it stays. Elements outside the box need no rule.
Where they were seen: docs/site-facts.md, "What is not the story" and docs/site-facts.md, "Paywall".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from zaobao import dom, times
from zaobao.text import squeeze

if TYPE_CHECKING:
    from zaobao.items import Access, Kind

HIDDEN = "hidden"
"""The name of the rule for what no browser shows."""
BLOCKS = "p, h1, h2, h3, h4, h5, h6, li, ul, div, section, blockquote, center, td, run"
"""Where a rule for words looks; a `run` is words beside blocks, in no block (matching.py)."""


_LINES = "p, h1, h2, h3, h4, h5, h6, div, section, center, run"
"""The same without cells and items, where a word alone may be a fact: 广告, 评论."""

_MARKS = "[：:|｜【】［］\\[\\]《》>▶。！!]*"
"""What may stand around the words of a rule; quotation marks are a story's."""


@dataclass(frozen=True)
class Rule:
    """One kind of element that is not the story.

    selector: CSS, matched below the box. text: words that the element must have,
    white space and letter case do not count. form: a regular expression for all of
    its text, written without white space and in lower case; where there is none the
    text is `text` alone. Neither takes a heading that a paragraph of the story follows,
    unless it is a `label`, which no story has for a heading.
    stays: the sentence or box of a story that looks most like it; a rule that has a
    `text` or spares prose needs one. longest: only elements with at most so many
    characters. around: take the nearest block around the match with it, if that has
    at most so many characters outside links and no other picture; in a longer line
    the match stays, or goes alone when it says `paywalled`. last: only where no
    sentence of the story follows. first: only where none comes before it.
    links_after: links in the element do not count as its text, and following
    elements that hold nothing but links go too. beside: the name of a rule that must
    take something later in the box, where the element is a heading. titled: `form` is
    that of the element's first line. boxed: only where the element ends with what a
    rule before this one takes, or holds no sentence beside that. prose_stays: not where
    it is prose: whole sentences without links to other stories, a box of the story; nor
    a button that is all of a heading.
    in_sentence_stays: not where it stands on a line that ends as a sentence does.
    hidden: only where the element's own attributes hide it in a browser.
    access: what a match says about the story's access. example: HTML that the
    rule matches.
    """

    name: str
    kind: Kind
    selector: str
    example: str
    text: str = ""
    form: str = ""
    stays: str = ""
    longest: int = 0
    around: int | None = None
    last: bool = False
    first: bool = False
    links_after: bool = False
    label: bool = False
    beside: str = ""
    titled: bool = False
    boxed: bool = False
    prose_stays: bool = False
    in_sentence_stays: bool = False
    hidden: bool = False
    access: Access | None = None

    words: str = field(default="", init=False)
    """`text` as it is compared."""
    pattern: re.Pattern[str] = field(init=False)
    """What all of the text must be."""

    def __post_init__(self) -> None:
        if (self.text or self.prose_stays) and not self.stays:
            raise ValueError(
                f"rule {self.name!r} goes by words: `stays` must name the sentence of a story "
                "that looks most like what it takes"
            )
        words = squeeze(self.text).casefold()
        object.__setattr__(self, "words", words)
        form = self.form or f"{_MARKS}{re.escape(words.strip('：'))}{_MARKS}"
        object.__setattr__(self, "pattern", re.compile(form))


_SUMMARY = "(?:摘要|总结|概括|概要|速览|速读|快读|导读|要点|小结)"
_AS_IT_IS = r"\W*(?:beta|测试版|试用版|仅供参考)?\W*"
_SUMMARY_TITLE = (
    rf"\W*(?:(?:本文|文章|新闻|早报)?ai(?:智能|自动|生成的?)?{_SUMMARY}"
    rf"|(?:以下|本文)?(?:内容|{_SUMMARY})?\W?由ai(?:自动|智能)?(?:生成|整理|提供|撰写)"
    rf"|(?:本文|文章|新闻)?{_SUMMARY}\Wai(?:自动|智能)?生成"
    rf"|ai[-‑]?(?:generated)?summary){_AS_IT_IS}"
)
"""The first line of a summary that a machine wrote."""


def _says(
    name: str,
    kind: Kind,
    text: str,
    stays: str,
    form: str = "",
    selector: str = BLOCKS,
    example: str = "",
    **more: bool | int | str | None,
) -> Rule:
    """A rule for a block that is known by its words."""
    example = example or f"<p>{text}</p>"
    return Rule(name, kind, selector, example, text, form, stays, **more)  # type: ignore[arg-type]


_WORDS = "[^，。？！；“”]"
"""Characters of a line that is no sentence."""
_INVITES = "(?:请|立即|立刻|马上|现在|登录|登入|订阅|注册|付费|购买|点击|您|你|如|若|欲)"
"""How a line begins that asks the reader to do something."""
_PROMISE = (
    f"(?:[，,：:|｜]{_WORDS}{{0,24}}[！!]?|[>！!]"
    f"|[，,]?(?:即|可|[畅尽]|享|读|看|解锁|支持|继续|免费){_WORDS}{{0,24}}[。！!]?)?"
)
"""What a reader is told to get."""
_WHOLE_TEXT = "(?:阅读|浏览|看)?(?:全文|本文|此文|文章|完整内容|完整文章)?[。！!.]?"
_DATE = (
    r"\d{4}[年/.-]\d{1,2}[月/.-]\d{1,2}日?(?:[(（]?(?:星期|周).[)）]?)?"
    r"(?:凌晨|早上|上午|中午|下午|傍晚|晚上)?(?:t?\d{1,2}[:：]\d{2}(?:[:：]\d{2})?(?:[ap]\.?m\.?)?)?"
)
_BYLINE = "(?:[|｜/]?(?:文|记者|作者|编辑|责编|来源)[/／:：].{1,30})?"


def _dateline(word: str) -> str:
    """A line that begins with `word` and only says when it was published or changed."""
    told = f"(?:时间|于)?[/／:：|｜]?{_DATE}[|｜,，;；]?"
    return f"{word}{told}(?:(?:{'|'.join(times.WORDS)}){told})*{_BYLINE}"


def _frames_of(*marks: str) -> str:
    """Selects the frames with one of these in their address."""
    found = (f'[{name}*="{mark}"]' for name in ("src", "data-src") for mark in marks)
    return f"iframe:is({', '.join(found)})"


ADVERT_MARKS = (
    *("doubleclick", "googlesyndication", "googletagmanager", "googleads", "adservice"),
    *("adsystem", "adnxs", "outbrain", "taboola", "innity", "teads", "criteo"),
    *("/ads/", "/ads.", "/pixel", "adserver", "/5908/", "adform", "openx.net", "pubmatic"),
    *("rubiconproject", "/usync", "/adframe", "/safeframe/"),
)
"""Parts of the addresses of adverts' frames."""
ADVERTS = (
    f"{_frames_of(*ADVERT_MARKS)}, "
    'iframe:is([id^="google_ads"], [name^="google_ads"], [id^="aswift"], [title*="advert" i], '
    '[title="广告"]), ins.adsbygoogle'
)
"""Selects the frames of adverts."""


RULES: tuple[Rule, ...] = (
    # --- scripts and machine parts; iframes and styles once made a feed invalid (RSSHub #11163)
    Rule(
        "script",
        "tracking",
        "script, noscript, template, noembed, noframes",
        "<script>var a = 1;</script>",
    ),
    Rule("style", "chrome", "style, link, meta, base, title", "<style>.a {}</style>"),
    Rule("drawing", "chrome", "svg, canvas", "<svg><path d='M0 0'/></svg>"),
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
        ".cta-subscribe, .cta-subscribe-new",
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
    _says(
        "continue-reading",
        "paywall",
        "以继续阅读全文",
        "<p>他付了钱以继续阅读全文，发现只有三段。</p>",
        f"(?:{_INVITES}[^。？“”]{{0,30}})?以继续阅读全文[！!。.]?",
        last=True,
        access="paywalled",
    ),
    _says(
        "exclusive",
        "paywall",
        "专享内容",
        "<p>此文章为早报记者手记，并非专享内容。</p>",
        f"此文章为(?:联合)?早报{_WORDS}{{0,10}}专享内容(?:[，,。！!；;]{_INVITES}{_WORDS}{{0,24}})?[。！!]?",
        example="<p>此文章为早报订户专享内容</p>",
        last=True,
        access="paywalled",
    ),
    _says(
        "choose-to-read",
        "paywall",
        "请您选择以下方式，阅读全文",
        "<p>“请您选择以下方式，阅读全文”，他把这行字念了两遍。</p>",
        "请您选择以下方式，阅读全文[：:。！!]?",
        last=True,
        access="paywalled",
    ),
    _says(
        "subscriber-login",
        "paywall",
        "已是早报订户，请您登录后继续阅读全文",
        "<p>“已是早报订户，请您登录后继续阅读全文”，屏幕上只剩这一句。</p>",
        "(?:[如若]果?|您|你)*已是早报订户，请您登录后继续阅读全文[。！!]?",
        last=True,
        access="paywalled",
    ),
    _says(
        "trial-price",
        "paywall",
        "新用户体验价",
        "<p>新用户体验价9.9元，是这场价格战的开端。</p>",
        f"新用户体验价{_WORDS}{{0,40}}",
        last=True,
        access="paywalled",
    ),
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
    _says(
        "become-subscriber",
        "paywall",
        "成为订户",
        "<p>他劝了三年，才让她成为订户。</p>",
        f"(?:{_INVITES}[^。？“”]{{0,12}})?成为订户{_PROMISE}",
        last=True,
        access="unknown",
    ),
    _says(
        "subscribe-to-go-on",
        "paywall",
        "订阅以继续",
        "<p>这份报纸劝人订阅以继续办下去。</p>",
        f"(?:{_INVITES}[^。？“”]{{0,12}})?订阅以继续{_WHOLE_TEXT}",
        last=True,
        access="unknown",
    ),
    _says(
        "subscribe-first",
        "paywall",
        "订阅后继续",
        "<p>订阅后继续留下的人不到三成。</p>",
        f"(?:{_INVITES}[^。？“”]{{0,12}})?订阅后继续{_WHOLE_TEXT}",
        last=True,
        access="unknown",
    ),
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
        "promo-emptied",
        "paywall",
        "img.view-desktop, img.view-mobile",
        '<a href=""><img class="view-desktop lazyload" data-src alt style="width:100%;"></a>',
    ),  # the same promo from 2021-07-01 on, without its picture
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
    _says(
        "vip",
        "paywall",
        "成为联合早报VIP",
        "<p>成为联合早报VIP的村民共有三人。</p>",
        f"(?:{_INVITES}{_WORDS}{{0,4}})?成为联合早报vip(?:会员|用户|订户)?{_PROMISE}",
        f"a, {BLOCKS}",
    ),
    _says(
        "gift",
        "paywall",
        "订户专享 赠阅文章",
        "<p>订户专享 赠阅文章成为新的营销手法。</p>",
        f"订户专享[，,|｜·]?赠阅文章(?:[，,：:！!给]{_WORDS}{{0,16}})?",
    ),
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
        stays='<div class="doctor-recommends"><p>医生建议每天走六千步，少盐多水。</p></div>',
        prose_stays=True,
    ),
    Rule(
        "related",
        "related",
        ".related-topics-wrapper, .related-articles, #related-articles, "
        "#mobile-recommend-articles, .further-reading, .article-tags",
        '<div class="related-articles"><a href="/x">另一篇</a></div>',
        stays='<div class="further-reading"><p>他读完报纸，还要读一遍县志。</p></div>',
        prose_stays=True,
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
    _says(
        "hot-stories",
        "related",
        "热文推荐",
        "<h2>热文推荐</h2><p>编辑部的小黑板上写着这四个字，底下空着。</p>",
        links_after=True,
    ),
    _says(
        "reading-list",
        "related",
        "阅读",
        "<p><strong>延伸阅读让人记住出处</strong></p><p>老师给每个孩子开了十本书的单子。</p>",
        f"{_MARKS}(?:(?:延伸|相关|扩展|拓展|更多)阅读|推荐阅读(?![：:])){_MARKS}",
        example="<p>延伸阅读</p>",
        links_after=True,
        label=True,
    ),
    *(
        _says(
            name,
            "related",
            word,
            f"<h3>{heading}</h3><p>他在黑板上写下这几个字，底下空了三天。</p>",
            f"{_MARKS}(?:{form}){_MARKS}",
            example=f"<h3>{heading}</h3><ul><li><a href='/x'>另一篇</a></li></ul>",
            links_after=True,
        )
        for name, word, heading, form in (
            ("related-news", "相关", "相关新闻", "相关(?:新闻|文章|报道|内容|链接|专题)"),
            (
                *("picks", "推荐", "编辑推荐"),
                "(?:编辑|小编|主编|精彩|热门|今日|更多|相关|精选|为[您你])推荐(?:文章|新闻|内容)?",
            ),
            ("news-list", "新闻", "更多新闻", "(?:更多|热门|最新|即时|今日|其他)新闻"),
            (
                "more-list",
                "更多",
                "更多文章",
                "(?:点击|查看|浏览)*更多(?:文章|报道|消息|内容|精彩内容)|(?:点击|查看|浏览)+更多",
            ),
            (
                *("guesses", "喜欢", "猜你喜欢"),
                "猜[您你]喜欢|[您你]?(?:可能|或许|也许)(?:还|也)?(?:会)?喜欢(?:的(?:文章|内容))?",
            ),
        )
    ),
    _says(
        "reading-hint",
        "related",
        "推荐阅读：",
        "<p>推荐阅读：老师给每个孩子开了十本书的单子。</p>",
        "推荐阅读[：:][^。？！”]{0,60}",
        "p",
        last=True,
        links_after=True,
    ),
    _says(
        "shop-line",
        "ad",
        "推荐购买",
        "<h3>推荐购买</h3><p>记者走了三家店，只看中一盏灯。</p>",
        beside="shop-button",
    ),
    _says(
        "shop-button",
        "ad",
        "立即购买",
        "<h2>立即购买</h2><p>店里的人都看着这块牌子，没有一个掏钱。</p>",
        selector=f"a, {BLOCKS}",
        example="<a href='https://shop.example'>立即购买</a>",
    ),
    _says(
        "shop-note",
        "ad",
        "所有商品均由新报业媒体购物团队严选",
        "<p>所有商品均由新报业媒体购物团队严选，这句话让他笑了。</p>",
        "所有商品均由新报业媒体购物团队严选"
        "(?:[，。；](?:我们|本报|本网|通过|如|若|价格|数量|详情|欢迎|点击|购买)[^。]{0,50})?[。！!]?",
    ),
    _says(
        "shop",
        "ad",
        "推荐购买",
        "<div>推荐购买的三样东西都在架上<ul><li>灯</li><li>篮</li></ul></div>",
        "",
        "div, section, aside",
        "<div>推荐购买<p>商品</p><a>立即购买</a></div>",
        titled=True,
        boxed=True,
        longest=200,
    ),
    _says(
        "google-source",
        "chrome",
        "设为谷歌新闻首选来源",
        "<p>他把早报设为谷歌新闻首选来源，每天先看天气。</p>",
        f"{_WORDS}{{0,16}}设为谷歌新闻首选来源{_WORDS}{{0,8}}[！!]?",
    ),
    # --- boilerplate that strays into the box
    Rule(
        "app-cover",
        "chrome",
        ".read-on-app-cover:not(:has(p)):not(:has(figure))",
        '<div class="read-on-app-cover"><span>打开App</span></div>',
        stays='<div class="read-on-app-cover">村里的人都说，这条路修得值。</div>',
        longest=60,
        prose_stays=True,
    ),  # one with paragraphs or more words wraps the lower body: its text is the story's
    Rule(
        "app-cover-button",
        "chrome",
        ".read-on-app-cover > a, .read-on-app-cover > span, .read-on-app-cover > div > a, "
        ".read-on-app-cover > run > a, .read-on-app-cover > run > span, .read-on-app-cover > img",
        '<div class="read-on-app-cover"><p>正文</p><a href="#">打开App</a></div>',
        stays='<div class="read-on-app-cover">他说<a href="/x">盐道</a>明年就能修好。</div>',
        longest=30,
        in_sentence_stays=True,
    ),
    _says(
        "app-cover-line",
        "chrome",
        "打开App",
        '<div class="read-on-app-cover"><p>正文</p><p>他打开App看潮汐表。</p></div>',
        f"(?:点击|请|立即|快)?打开app{_WORDS}{{0,12}}",
        ".read-on-app-cover p, .read-on-app-cover div, .read-on-app-cover run",
        '<div class="read-on-app-cover"><p>正文</p><p>打开App看全文</p></div>',
    ),
    _says(
        "open-app",
        "chrome",
        "打开",
        "<p>他打开应用看潮汐表，船已经走了。</p>",
        "(?:请|点击|立即|快)?(?:在|用)?打开(?:联合)?(?:早报)?(?:app|应用|客户端)"
        f"(?:[，,]?(?:查?看|阅读|浏览|收听|享|体验|继续){_WORDS}{{0,12}})?[>！!]?",
        f"a, button, {BLOCKS}",
        "<p><a href='#'>打开应用</a></p>",
    ),
    _says(
        "open-in-app",
        "chrome",
        "App",
        "<p>他说在App内打开潮汐表要三分钟。</p>",
        "在(?:联合)?(?:早报)?app(?:内|中|里)?(?:打开|查看|阅读|继续阅读)(?:全文)?[>！!]?",
        f"a, button, {BLOCKS}",
        "<p><a href='#'>在App内打开</a></p>",
    ),
    _says(
        "load-app",
        "chrome",
        "下载",
        "<p>下载联合早报App那天，他还不认得拼音。</p>",
        "(?:请|欢迎|点击|扫码|立即|马上|免费)*下载(?:联合)?早报(?:手机|移动)?(?:app|应用(?:程序)?|客户端)"
        f"(?:[，,](?:随时|即刻|第一时间|掌握|获?取|查?看|阅读|享|体验){_WORDS}{{0,20}})?[>！!]?",
        f"a, button, {BLOCKS}",
        "<p>点击下载联合早报App，随时掌握最新资讯</p>",
    ),
    _says(
        "newsletter",
        "paywall",
        "订阅",
        "<p>订阅早报电邮的人里，有三个住在岛上。</p>",
        "(?:请|欢迎|点击|立即|免费)*订阅(?:联合)?早报(?:的|每日|免费)*(?:电邮|通讯|电子报|newsletter)"
        f"(?:[，,](?:随时|每[日天]|第一时间|掌握|获?取|阅读|接收){_WORDS}{{0,20}})?[>！!]?",
        f"a, {BLOCKS}",
        "<p>订阅早报电邮，每日要闻直送邮箱</p>",
    ),
    _says(
        "follow",
        "chrome",
        "关注",
        "<p>关注我们的频道的人说，潮汐表改了。</p>",
        "(?:请|欢迎|点击|立即|长按|扫码)*关注(?:我们|联合早报|早报)(?:的|官方)*"
        "(?:telegram|whatsapp|微信|微博|抖音|小红书|面簿|脸书|facebook|instagram|youtube|视频)?"
        "(?:频道|账号|公众号|专页|视频号|官方账号)?[>！!]?",
        f"a, {BLOCKS}",
        "<p>关注我们的Telegram频道</p>",
    ),
    _says(
        "advert-label",
        "ad",
        "广告",
        "<h3>广告</h3><p>墙上只剩这两个字，其余的都被雨洗掉了。</p>",
        "[—–─-]*广告[—–─-]*(?:[，,]?请?(?:往下|向下)?(?:滑动?|滚动|下滑)?(?:以|后)?继续(?:往下)?阅读(?:全文|文章|新闻)?)?",
        selector=_LINES,
    ),
    _says(
        "advert-label-2",
        "ad",
        "advertisement",
        "<h3>Advertisement</h3><p>墙上只剩这一个词，其余的都被雨洗掉了。</p>",
        "[—–─-]*advertisement[—–─-]*",
        selector=_LINES,
    ),
    _says(
        "read-on-below",
        "ad",
        "继续",
        "<p>请继续往下阅读这封信，他说，最后一行才是写给你的。</p>",
        "(?:文章|正文|请)?继续(?:往下|向下)(?:阅读|看)|(?:往下|向下)(?:滑动?|滚动)继续阅读",
        example="<p>请继续往下阅读</p>",
    ),
    Rule(
        "machine-summary",
        "chrome",
        'zb-ai-summary, [class^="ai-summary"], [class*=" ai-summary"], [class*="-ai-summary"], '
        '#ai-summary, [class*="aiSummary"], #aiSummary, .ai-abstract, [data-testid="ai-summary"], '
        '[data-component*="ai-summary"], '
        '[aria-label^="AI摘要"], [aria-label^="AI总结"]',
        "<zb-ai-summary>摘要</zb-ai-summary>",
    ),
    _says(
        "summary-line",
        "chrome",
        "AI",
        "<p>AI摘要：这三个字他念了两遍，第二遍更慢。</p>",
        "(?:本文|文章)?ai(?:智能|自动)?(?:摘要|总结|概括|速览|导读|要点|小结)[：:].{2,300}",
        "p, div, section, blockquote, run",
        "<p>AI摘要：渔村修好了百年盐道。</p>",
        first=True,
    ),
    _says(
        "summary-box",
        "chrome",
        "AI",
        "<div><p>AI摘要写错了他的名字。</p><p>他改了三遍，还是错的。</p></div>",
        _SUMMARY_TITLE,
        "div, section, aside, details",
        "<div><h4>AI摘要</h4><p>这是一段机器写的话。</p></div>",
        titled=True,
        first=True,
        longest=400,
    ),
    _says(
        "summary-box-last",
        "chrome",
        "AI",
        "<div><p>AI摘要写错了他的名字。</p><p>他改了三遍，还是错的。</p></div>",
        _SUMMARY_TITLE,
        "div, section, aside, details",
        "<div><h4>AI摘要</h4><p>这是一段机器写的话。</p></div>",
        titled=True,
        last=True,
        longest=400,
    ),
    _says(
        "smart-summary",
        "chrome",
        "智能",
        "<div><p>智能摘要写错了他的名字。</p><p>他改了三遍，还是错的。</p></div>",
        rf"\W*(?:人工)?智能(?:生成的?)?{_SUMMARY}{_AS_IT_IS}",
        "div, section, aside, details",
        "<details><summary>智能摘要</summary><p>这是一段机器写的话。</p></details>",
        titled=True,
        first=True,
        longest=400,
    ),
    Rule(
        "comments",
        "chrome",
        "#comments, .comments, #comment-list, .comment-list, .comment-section, .comments-section, "
        ".comment-area, .comment-box, .comment-wrap, .comment-wrapper, .comments-wrapper, "
        ".commentlist, .comments-list, article.comment, li.comment, "
        ".comments-area, .reader-comments, .user-comments, .article-comments, #disqus_thread, "
        '.fb-comments, [itemtype*="schema.org/Comment"]',
        '<div class="comments"><p>写得好。</p></div>',
    ),
    _says(
        "comments-box",
        "chrome",
        "评论",
        "<div><h2>评论</h2><p>网民说，盐道早该修了。</p></div>",
        "(?:全部|最新|热门|网友|读者|网民)?评论[（(]?\\d+[)）]?条?|(?:共|全部)?\\d+条?评论|(?:发表|写)评论",
        "div, section, aside",
        "<div><h3>读者评论（2）</h3><p>写得好。</p><p>路还是要修。</p></div>",
        titled=True,
        last=True,
    ),
    _says(
        "messages-box",
        "chrome",
        "留言",
        "<div><h2>留言</h2><p>渔民在本子上写，盐道早该修了。</p></div>",
        "(?:全部|最新|热门|网友|读者|网民)?留言[（(]?\\d+[)）]?条?|(?:共|全部)?\\d+条?留言",
        "div, section, aside",
        "<div><b>网友留言（2）</b><div>写得好，路还是要修。</div></div>",
        titled=True,
        last=True,
    ),
    _says(
        "comment-form",
        "chrome",
        "评论",
        "<p>登录后发表评论的人，名字都在后面。</p>",
        "(?:请?先?登[录入]后?(?:即可|才能|再)?|我要|立即)?(?:发表|写|查看|参与|添加)?(?:评论|留言)[！!]?",
        f"a, {_LINES}",
        "<p>登录后发表评论</p>",
    ),
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
    Rule(
        "form",
        "chrome",
        "button, form, input, select, textarea, datalist",
        "<button>放大</button>",
        stays="<div><p>他按下<button>开始</button>键，船就走了。</p><p>再没有人说话。</p></div>",
        prose_stays=True,
        in_sentence_stays=True,
    ),
    Rule(
        "aside",
        "chrome",
        "aside, nav, footer:not(blockquote footer)",
        "<aside>更多</aside>",
        stays="<aside><h3>资料</h3><p>盐道全长十二公里，修于一百年前。</p></aside>",
        prose_stays=True,
    ),
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
    Rule(
        "share-bar",
        "chrome",
        ".share, .share-bar, .share-box, .share-buttons, .share-list, .share-links, .social-share, "
        ".social-share-bar, .sns-share, .addtoany_share_save_container",
        '<ul class="share"><li><a href="#">Facebook</a></li></ul>',
        stays='<div class="share"><p>三户人家共用一口井，各出三分之一的钱。</p></div>',
        prose_stays=True,
    ),
    _says(
        "share-line",
        "chrome",
        "分享",
        "<h3>分享</h3><p>三户人家共用一口井，各出三分之一的钱。</p>",
        "(?:[|｜·/：:]|点赞|收藏|转发|打印|评论|复制链接|分享(?:到|至|给好友|本文|此文|文章|链接)?|微信|朋友圈|微博|面簿"
        "|脸书|推特|电邮|邮件|qq空间|facebook|twitter|whatsapp|telegram|linkedin|line|weibo|wechat|email|copylink)+",
        selector=_LINES,
        example="<div>分享到：<a href='#'>微信</a> <a href='#'>微博</a></div>",
    ),
    _says(
        "font-size-line",
        "chrome",
        "字",
        "<p>字号：小的那一行他看了很久，大的那一行没有看。</p>",
        "字[号体][：:]?(?:大小)?(?:[a-]?[小中大]|标准|默认|特大|超大|[a-][+-]?|[|｜/])*",
        selector=_LINES,
        example="<p>字号：小 中 大</p>",
    ),
    Rule(
        "keywords",
        "chrome",
        '.keywords, .max-h-max, [data-testid="related-words"]',
        '<div class="keywords"><ul><li>台湾</li></ul></div>',
        stays='<div class="keywords"><p>三个词说完了这一年：水、船、人。</p></div>',
        prose_stays=True,
    ),
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
        "#js-mobile-drawer-handle, #redirect-banner, .newspost-holder, #NextPrevious, .sidebar",
        '<div class="newsticker">即时</div>',
    ),
    *(
        _says(
            f"{name}-{number}" if number > 1 else name,
            "chrome",
            word,
            f"<p>{word}/转发不实信息者，警方将依法追究。</p>",
            _dateline(word),
            "p, div, section, run",
            f"<p>{word} / 2026年9月1日 11:07</p>",
        )
        for name, words in (
            ("time-line", times.PUBLISHED_WORDS),
            ("update-line", times.CHANGED_WORDS),
        )
        for number, word in enumerate(words, 1)
    ),
    _says(
        "facebook",
        "chrome",
        "请like我们的官方面簿网页以获取更多新信息",
        "<p>请like我们的官方面簿网页以获取更多新信息，这句话印在每张收据上。</p>",
    ),
    _says(
        "hot-words",
        "chrome",
        "热词：",
        "<h2>热词：</h2><p>“躺平”连续三年入选，今年落榜。</p>",
        links_after=True,
    ),
    _says(
        "key-words",
        "chrome",
        "关键词：",
        "<h2>关键词：</h2><p>“躺平”连续三年入选，今年落榜。</p>",
        links_after=True,
        example="<p>关键词：<a href='/keywords/niao'>鸟</a></p>",
    ),
    _says(
        "world-cup",
        "chrome",
        "点击《联合早报》世界杯专页，",
        "<p>点击《联合早报》世界杯专页，他看到了自己的名字。</p>",
        "点击《联合早报》世界杯专页，(?:查?看|阅读|浏览|了解|掌握|获取?|关注|追|紧跟|重温|尽览)"
        f"{_WORDS}{{0,40}}[。！!]?",
        example="<p>点击《联合早报》世界杯专页，看更多赛事报道。</p>",
    ),
    # --- frames: those with something to see are links (embeds.py), an advert's are none
    Rule(
        "ad-frame",
        "ad",
        ADVERTS,
        '<iframe src="https://securepubads.g.doubleclick.net/x" title="3rd party ad"></iframe>',
    ),
    Rule(
        "button-frame",
        "chrome",
        _frames_of(
            *("/plugins/like.php", "/plugins/share_button", "/plugins/page.php", "/plugins/follow"),
            *(
                "/plugins/comments",
                "/plugins/save",
                "/plugins/send",
                "tweet_button",
                "follow_button",
            ),
            *("/recaptcha/", "hcaptcha.com", "addthis", "sharethis", "addtoany", "disqus.com"),
        ),
        '<iframe src="https://www.facebook.com/plugins/like.php?href=x"></iframe>',
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
        "[hidden], [popover], [style], dialog:not([open]), "
        + ", ".join(
            [f".{name}" for name in dom.HIDING_CLASSES]
            + [f'[class*="{part}"]' for part in dom.NARROW]
        ),
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
