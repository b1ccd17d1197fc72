"""The removal rules: each works, is needed, is documented and takes no sentence of a story."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo.newspaper import Newspaper
from tests.support import frames
from tests.support.chain import STORIES, read
from tests.support.frames import CLOSING, STORY_TEXT, told
from tests.support.rules_table import PATH, table
from zaobao.cleaning import matching
from zaobao.cleaning.blocks import Walk
from zaobao.cleaning.clean import TooMuchRemoved, clean
from zaobao.cleaning.rules import RULES, Rule
from zaobao.dom import fragment, words_of
from zaobao.errors import NoArticle, UnfitError, UnreadablePage
from zaobao.items import Article
from zaobao.text import squeeze

STORY = "https://www.zaobao.com/news/china/story20261120-10004000"
LONG = "城里的老茶馆一年之内换了三次门面，老顾客却一个也没有走散，街坊都说，味道认得路。"
TEXT = f"<p>{LONG}</p>"
by_name = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)


def _placed(rule: Rule, text: str) -> str:
    """A text with the rule's example at its end, or in front where that is its place."""
    return rule.example + text if rule.first else text + rule.example


def test_names_are_unique() -> None:
    assert [name for name, count in Counter(rule.name for rule in RULES).items() if count > 1] == []


@by_name
def test_a_rule_matches_its_own_example(rule: Rule) -> None:
    box = fragment(_placed(rule, TEXT * 3))
    assert rule.name in {found.name for found in matching.matched(box).rules.values()}


@by_name
def test_a_rule_alone_takes_only_its_example(rule: Rule) -> None:
    cleaned = clean(fragment(_placed(rule, TEXT * 3)), STORY)
    assert cleaned.text.count(LONG) == 3
    assert cleaned.access == (rule.access or "free")


WORDED = [rule for rule in RULES if rule.stays]


@pytest.mark.parametrize("keys", [{"text": "订阅"}, {"prose_stays": True}])
def test_a_rule_with_words_or_for_boxes_needs_a_look_alike(keys: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="rule 'x' goes by words"):
        Rule("x", "ad", "p", "<p>订阅</p>", **keys)  # type: ignore[arg-type]
    Rule("x", "ad", "p", "<p>订阅</p>", **keys, stays="<p>他订阅了。</p>")  # type: ignore[arg-type]


@pytest.mark.parametrize("layout", frames.NAMES)
@pytest.mark.parametrize("rule", WORDED, ids=lambda rule: rule.name)
def test_the_sentence_that_looks_like_a_rule_stays(rule: Rule, layout: str) -> None:
    article = frames.read(layout, STORY_TEXT + rule.stays + CLOSING)
    assert article.text.split("\n")[5:-1] == told(rule.stays)
    assert article.removed == []
    assert article.access == ("unknown" if layout == "generic" else "free")


@pytest.mark.parametrize("rule", WORDED, ids=lambda rule: rule.name)
def test_it_stays_at_the_end_of_a_story_too(rule: Rule) -> None:
    article = frames.read("sg_cards", STORY_TEXT + rule.stays)
    assert article.text.split("\n")[5:] == told(rule.stays)
    assert article.access != "paywalled"


@pytest.mark.parametrize("layout", frames.NAMES)
@pytest.mark.parametrize("rule", WORDED, ids=lambda rule: rule.name)
def test_what_it_looks_like_goes_at_the_end(rule: Rule, layout: str) -> None:
    if layout == "generic" and rule.access:
        with pytest.raises(NoArticle):  # a preview is no story for the fallback
            frames.read(layout, _placed(rule, STORY_TEXT))
        return
    article = frames.read(layout, _placed(rule, STORY_TEXT))
    assert article.text.startswith("沿海一个渔村")
    assert article.text.split("\n")[5:] in ([], ["正文"])


ORDINARY = [
    "他付了钱以继续阅读全文，发现只有三段。",
    "请先登录以继续阅读全文，这是他每天看到的第一句话。",
    "此文章为早报记者手记，并非专享内容。",
    "“成为订户”的按钮他一天要点三回。",
    "成为订户的人里，六成住在城外。",
    "读者须订阅后继续阅读全文，这一规定明年取消。",
    "订阅以继续，是那一年最常见的五个字。",
    "新用户体验价9.9元，是这场价格战的开端。",
    "新用户体验价只有三天，第四天涨了一倍。",
    "成为联合早报VIP的村民共有三人。",
    "成为联合早报VIP，是他退休后的第一个愿望。",
    "订户专享 赠阅文章成为新的营销手法。",
    "热文推荐里没有一篇是他写的。",
    "延伸阅读课排在周三下午。",
    "推荐阅读：老师给每个孩子开了十本书的单子。",
    "推荐购买这两个字从此被工商局写进了罚单。",
    "他看到“立即购买”就关掉网页。",
    "所有商品均由新报业媒体购物团队严选，这句话让他笑了。",
    "设为谷歌新闻首选来源的媒体有四十家。",
    "打开App看潮汐，是渔民每天的第一件事。",
    "点击打开应用的人比去年多了一成。",
    "发布/转发不实信息者，警方将依法追究。",
    "更新/改造的老旧小区共12个，居民等了十年。",
    "发布 / 2026年9月1日起，新条例正式生效。",
    "更新：2026年9月1日，罢工结束。",
    "发布于2026年9月1日的新规，今天起执行。",
    "热词：躺平、内卷，今年都落榜了。",
    "点击《联合早报》世界杯专页，他看到了自己的名字。",
    "请like我们的官方面簿网页以获取更多新信息，这句话印在每张收据上。",
    "记者报道，现场没有人受伤。",
    "图/林小满摄，盐道起点。",
    "来源：卫生部公告第三号。",
    "编辑：这一行字他校了四遍。",
    "阅读更多书的孩子，写得也更好。",
    "请订阅者于周五前领取新证件。",
    "广告说，这座桥能用一百年。",
    "下载早报App的人数去年翻了一倍。",
    "扫码付款的摊位占了九成。",
    "分享到面簿的照片，第二天就被删了。",
    "点击查看全文的人只有三成。",
    "已是早报订户的他，还是每天去报摊。",
    "请您选择以下方式，阅读全文或者听全文，老师这样说。",
    "关注公众号的村民可以领一斤盐。",
    "本文由机器翻译，只有标题是人写的，总编辑说。",
    "相关新闻：昨天的报道引来三千封信。",
    "（记者林小满报道）盐道修好了。",
    "更多新闻都贴在村口的黑板上。",
    "版权所有，翻印必究，石碑上刻着这八个字。",
    "上一篇写海，下一篇写山。",
    "免责声明贴在船头，没有人读。",
]
SHAPES = (
    "<p>{}</p>",
    "<div>{}</div>",
    "<ul><li>{}</li></ul>",
    "<p><strong>{}</strong></p>",
    "<h2>{}</h2>",
)


@pytest.mark.parametrize("layout", frames.NAMES)
@pytest.mark.parametrize("shape", SHAPES)
def test_sentences_that_speak_of_boilerplate_stay(shape: str, layout: str) -> None:
    """All in one story, in its middle, and each at the end of one."""
    inside = "".join(map(shape.format, ORDINARY))
    article = frames.read(layout, STORY_TEXT + inside + CLOSING)
    assert article.text.split("\n")[5:-1] == ORDINARY
    assert article.removed == []
    whole = "unknown" if layout == "generic" else "free"
    assert article.access == whole
    for sentence in ORDINARY:
        article = frames.read(layout, STORY_TEXT + shape.format(sentence))
        assert article.text.split("\n")[5:] == [sentence]
        assert (article.access, article.removed) == (whole, [])


@pytest.mark.parametrize(
    ("box", "words"),
    [
        ("<aside><h3>资料</h3><p>盐道长十二公里。</p></aside>", ["资料", "盐道长十二公里。"]),
        (
            "<aside><ul><li>全长：十二公里</li><li>始建：一九二六年</li><li>桥：三座</li></ul></aside>",
            ["全长：十二公里", "始建：一九二六年", "桥：三座"],
        ),
        (
            '<aside><p>热线：请打<a href="https://www.moh.example/">卫生部</a>的电话。</p></aside>',
            ["热线：请打卫生部的电话。"],
        ),
        ("<nav><p>盐道分三段，第一段最长。</p></nav>", ["盐道分三段，第一段最长。"]),
        (
            "<div><button>问：什么时候动工？</button><div>答：明年春天。</div></div>",
            ["问：什么时候动工？", "答：明年春天。"],
        ),
        ("<h3><button>盐道收不收门票？</button></h3><p>不收。</p>", ["盐道收不收门票？", "不收。"]),
        (
            '<div class="doctor-recommends"><p>少盐多水，每天走路。</p></div>',
            ["少盐多水，每天走路。"],
        ),
        (
            '<section class="recommendation"><p>专家建议修两座桥。</p><p>村里同意。</p></section>',
            ["专家建议修两座桥。", "村里同意。"],
        ),
        ("<form><p>这张表是一百年前的盐票。</p></form>", ["这张表是一百年前的盐票。"]),
    ],
)
@pytest.mark.parametrize("layout", frames.NAMES)
def test_a_box_of_prose_is_the_storys(box: str, words: list[str], layout: str) -> None:
    if layout == "generic" and box.startswith("<nav>"):
        return  # there it may be the page's
    article = frames.read(layout, STORY_TEXT + box + CLOSING)
    assert article.text.split("\n")[5:-1] == words
    assert article.access == ("unknown" if layout == "generic" else "free")


@pytest.mark.parametrize(
    "box",
    [
        '<aside><p>渔港重开。</p><a href="/news/china/story20260101-1">全文</a></aside>',
        '<aside><a href="/special/salt">盐道专题：一百年的路</a><p>看更多。</p></aside>',
        '<div class="recommend-box"><h3>你可能喜欢</h3><a href="/x">渔港重开</a></div>',
        "<aside><p>订阅电邮，每天早上送到。</p><button>订阅</button></aside>",
        "<aside><p>你支持修路吗？</p><input type=radio>是<button>投票</button></aside>",
        "<form><p>把新闻送到你的信箱。</p><input name=mail></form>",
        "<button>还没订阅？</button>",
        "<button>放大</button>",
        "<nav><a href='/news/china'>中国</a></nav>",
        '<div class="read-on-app-cover"><span>打开App，看更多新闻。</span></div>',
        "<aside>分享</aside>",
    ],
)
def test_a_box_that_leads_elsewhere_goes(box: str) -> None:
    article = frames.read("sg_cards", STORY_TEXT + box + CLOSING)
    assert len(article.text.split("\n")) == 6
    assert article.removed


@pytest.mark.parametrize("layout", frames.NAMES)
@pytest.mark.parametrize(
    "box",
    [
        "<section><strong>AI总结：</strong><p>渔村要修盐道，钱由村民出。</p></section>",
        '<div class="ai-summary"><p>渔村要修盐道，钱由村民出。</p></div>',
        "<details><summary>本文AI摘要</summary><p>渔村要修盐道。</p></details>",
        '<div id="aiSummary">渔村要修盐道。</div>',
        "<zb-ai-summary><p>渔村要修盐道。</p></zb-ai-summary>",
        '<div class="article-ai-summary-box"><span>AI生成</span><p>渔村要修盐道。</p></div>',
        '<div class="x"><p>以下摘要由AI生成</p><ul><li>渔村要修盐道。</li></ul></div>',
        "<aside data-ai='1'><h3>AI速读</h3><p>渔村要修盐道。</p></aside>",
        '<section aria-label="AI摘要"><p>渔村要修盐道。</p></section>',
        "<div class='x'><h4>✨ AI 摘要</h4><p>渔村要修盐道。</p></div>",
        "<div class='x'><b>AI生成的摘要</b><i>Beta</i><p>渔村要修盐道。</p></div>",
        "<div class='x'><h4>【人工智能概要】</h4><p>渔村要修盐道。</p></div>",
        "<div class='x'><h4>文章要点（AI生成）</h4><p>渔村要修盐道。</p></div>",
        "<div class='x'><h4>AI-generated summary</h4><p>渔村要修盐道。</p></div>",
        "<div class='x'><h4>AI摘要（仅供参考）</h4><p>渔村要修盐道。</p></div>",
    ],
)
def test_a_machines_summary_in_front_goes(box: str, layout: str) -> None:
    article = frames.read(layout, box + STORY_TEXT)
    assert len(article.text.split("\n")) == 5
    assert "要修盐道" not in article.text


@pytest.mark.parametrize("layout", frames.NAMES)
@pytest.mark.parametrize(
    "box",
    [
        '<div class="comments"><h3>评论</h3><p>路早该修了。</p></div>',
        '<section id="comments"><p>路早该修了。</p><p>林小满：同意，路早该修了。</p></section>',
        "<div><h3>全部评论（2）</h3><p>路早该修了。</p><p>三小时前 回复</p></div>",
        "<section><p>12条评论</p><div>林小满</div><div>路早该修了。</div></section>",
        '<ul class="comment-list"><li>路早该修了。</li></ul>',
        '<div itemscope itemtype="https://schema.org/Comment"><p>路早该修了。</p></div>',
    ],
)
def test_readers_comments_go(box: str, layout: str) -> None:
    article = frames.read(layout, STORY_TEXT + box)
    assert len(article.text.split("\n")) == 5
    assert "早该修" not in article.text


@pytest.mark.parametrize("layout", frames.NAMES)
@pytest.mark.parametrize(
    "html",
    [
        "<p><a href='#'>打开应用</a></p>",
        "<div>打开早报客户端查看更多</div>",
        "<p>立即打开App，阅读全文</p>",
        "<h3>延伸阅读</h3><ul><li><a href='/news/china/story20260101-1'>渔港重开的第一天</a></li></ul>",
        "<p>延伸阅读：<a href='/news/china/story20260101-1'>渔港重开的第一天</a></p>",
        "<div><p><b>延伸阅读</b></p><p><a href='/news/china/story20260101-1'>渔港重开</a></p></div>",
        "<p>相关阅读：</p><p><a href='/news/china/story20260101-1'>渔港重开</a></p>",
        "<h4>【相关阅读】</h4><ul><li><a href='/news/china/story20260101-1'>渔港重开</a></li></ul>",
    ],
)
def test_calls_to_open_an_app_and_reading_lists_go(html: str, layout: str) -> None:
    for body in (STORY_TEXT + html, STORY_TEXT + html + CLOSING):
        article = frames.read(layout, body)
        assert len(article.text.split("\n")) == 5 + (body != STORY_TEXT + html)


@pytest.mark.parametrize(
    "line",
    [
        "请订阅或登录，以继续阅读全文！",
        "此文章为早报数码订户专享内容。",
        "请您选择以下方式，阅读全文：",
        "已是早报订户，请您登录后继续阅读全文。",
        "新用户体验价每月不到一杯咖啡",
    ],
)
def test_a_paywall_line_is_one_only_at_the_end(line: str) -> None:
    """What the paper writes after it is no sentence of the story."""
    for after in (
        "",
        "<p>售价9.90元</p>",
        "<p>订户可随时取消。</p>",
        "<section id='imu'></section>",
    ):
        article = frames.read("sg_cards", f"{STORY_TEXT}<p>{line}</p>{after}")
        assert article.access == "paywalled", after
        assert line not in article.text
    article = frames.read("sg_cards", f"{STORY_TEXT}<p>{line}</p>{CLOSING}")
    assert (article.access, article.removed) == ("free", [])
    assert line in article.text


@cache
def fixtures() -> tuple[tuple[str, Article, tuple[str, ...]], ...]:
    """(name, story, what must stay) of the written cases and of the bundled newspaper."""
    found = [(case.name, case.article(), case.keep) for case in STORIES]
    paper = Newspaper(datetime(2026, 11, 19, 16, tzinfo=UTC))
    for story in paper.stories.values():
        if story.status != 200:
            continue
        page = paper.answer("GET", story.path, {}).body
        page = page if isinstance(page, bytes) else page.encode()
        try:
            article = read(
                page, "https://www.zaobao.com" + story.path, datetime(2026, 11, 21, tzinfo=UTC)
            )
        except (UnreadablePage, UnfitError, TooMuchRemoved):
            continue
        found.append((story.path, article, tuple(story.keep)))
    return tuple(found)


def test_every_rule_is_triggered_by_some_page() -> None:
    used = {entry.rule for _, article, _ in fixtures() for entry in article.removed}
    assert [rule.name for rule in RULES if rule.name not in used] == []


def test_no_rule_takes_a_paragraph_of_a_story() -> None:
    lost = []
    for name, article, keep in fixtures():
        words = article.body_html + article.text
        shown = words_of(fragment(article.body_html))
        lost += [(name, said) for said in keep if said not in words and said not in shown]
    assert lost == []


def test_the_table_of_rules_is_drawn_from_them() -> None:
    assert PATH.read_text() == table(), "python -m tools.regenerate"


@pytest.mark.parametrize(
    "sentence",
    [
        "“成为订户之后，我天天看报。”",
        "他把“订阅以继续”四个字贴在门上。",
        "订阅后继续留下的人不到三成。",
        f"读者说，“以继续阅读全文”六个字看久了像一句诗，{LONG}",
        f"{LONG}推荐购买的牌子从此摘了。",
        "延伸阅读成了一门课。",
        "此文章为早报“老街”系列之三。",
        "“延伸阅读”",
        "更新系统的人都睡了。",
        "热文推荐这一栏由他主持了九年。",
        '见<a href="/news/china/story20260901-1?obOrigUrl=true">前一天的报道</a>。',
        f'{LONG}可以<a href="https://subscribe.sph.com.sg/zh/">订阅</a>通讯。',
    ],
)
def test_a_sentence_that_speaks_of_such_things_stays(sentence: str) -> None:
    cleaned = clean(fragment(f"{TEXT}<p>{sentence}</p>{TEXT}"), STORY)
    assert cleaned.access == "free"
    assert cleaned.removed == []
    assert len(cleaned.text.split("\n")) == 3


@pytest.mark.parametrize(
    ("html", "rule"),
    [
        ('<div>{t}<a href="https://subscribe.sph.com.sg/x">立即订阅</a></div>', "promo-link"),
        ('{t}<p><b>延伸阅读：</b><a href="/x">旧闻甲乙丙丁戊己庚辛</a></p>', "reading-list"),
        ('{t}<div><h3>延伸阅读</h3><ul><li><a href="/x">旧闻</a></li></ul></div>', "reading-list"),
        ('{t}<strong>热文推荐</strong><div><a href="/x">旧闻</a></div>', "hot-stories"),
        ('{t}请<a href="/x">登录</a>，以继续阅读全文！{e}', "continue-reading"),
        ("<div>{t}成为订户</div>", "become-subscriber"),
        ("{t}<div><p>成为订户，即可继续阅读。</p></div>", "become-subscriber"),
        ('{t}<p>成为订户</p><p>推荐阅读：<a href="/x">旧闻</a></p>', "become-subscriber"),
        ('{t}<p>成为订户</p><p>推荐阅读：<a href="/x">旧闻</a></p>', "reading-hint"),
        (
            '{t}<div class="read-on-app-cover"><p>末段。</p><span>打开App</span></div>',
            "app-cover-line",
        ),
        ('{t}<P CLASS="cta-subscribe">请订阅</P>', "cta-subscribe"),
        ("{t}<p>成为联合早报vip，读更多</p>", "vip"),
        ('{t}<p>【延伸阅读】<a href="/x">旧闻</a></p>', "reading-list"),
        (
            '{t}<p><b>延伸阅读</b></p><section id="imu"> </section><p><a href="/x">旧闻</a></p>',
            "reading-list",
        ),
        ('{t}<p>延伸阅读 | <a href="/x">旧闻</a></p>', "reading-list"),
        ("{t}<p>请<a>like我们的官方面簿网页</a>以获取更多新信息。</p>", "facebook"),
        ("{t}<p>发布 / 2026年11月20日 10:00</p><p>更新/2026年11月20日 11:00</p>", "update-line"),
        ('{t}<div class="figure-media-gallery-nav">1 / 2</div>', "gallery-control"),
        ("{t}<p><span>设为谷歌</span>新闻<b>首选来源</b></p>", "google-source"),
    ],
)
def test_other_shapes_of_what_goes(html: str, rule: str) -> None:
    cleaned = clean(fragment(html.format(t=TEXT * 2, e="<div class='x'></div>")), STORY)
    assert rule in {entry.rule for entry in cleaned.removed}
    assert cleaned.text.replace("末段。", "").strip().split("\n") == [LONG, LONG]


def test_a_paywall_marker_in_a_long_line_is_one_too() -> None:
    link = '<a href="https://s.example/?utm_content=subscribelink-pay-endofarticle">订阅</a>'
    cleaned = clean(fragment(f"{TEXT}<p>{LONG}{link}{LONG}</p>"), STORY)
    assert (cleaned.access, cleaned.access_reason) == ("paywalled", "pay-endofarticle")
    assert cleaned.text.split("\n")[1] == LONG * 2


BESIDE = [
    rule.example
    for rule in RULES
    # It takes what stands beside it, or is told by its place at the end.
    if not (rule.last or rule.first or rule.links_after or rule.name in ("tag-icon", "exclusive"))
]
NESTED = (
    "{}{}",
    "<div>{}{}</div>",
    "<section><div>{}</div>{}</section>",
    "<div>{}\n<div>{}</div></div>",
)


@st.composite
def boxes(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A box of numbered sentences with the examples of the rules among them, in any nesting."""
    html, told = "", [f"第{n}句说的是茶馆门前的那棵树。" for n in range(draw(st.integers(4, 8)))]
    for sentence in told:
        paragraph = draw(st.sampled_from(("<p>{}</p>", "<div>{}</div>", "<p><span>{}</span></p>")))
        pieces = [draw(st.sampled_from(BESIDE)), paragraph.format(sentence)]
        if draw(st.booleans()):
            pieces.reverse()
        html += draw(st.sampled_from(NESTED)).format(*pieces)
    return html, told


@settings(max_examples=150)
@given(boxes())
def test_sentences_beside_what_goes_stay_in_order(drawn: tuple[str, list[str]]) -> None:
    html, told = drawn
    box = fragment(html)
    taken = frozenset(matching.matched(box).outermost())
    words = "".join(block.text for block in Walk(left_out=taken).blocks_of(box))
    places = [words.find(sentence) for sentence in told]
    assert -1 not in places
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("html", "stays"),
    [
        ("<div><p>成为联合早报VIP</p><p>船停了。</p></div>", "船停了。"),
        (
            '<div><a href="https://subscribe.sph.com.sg/x"><img src="/freemium_images/a.png"></a>船停了。</div>',
            "船停了。",
        ),
        (f'<a href="https://subscribe.sph.com.sg/x">成为联合早报VIP</a>{LONG}', LONG),
        (
            '<ul><li>船停了。<a href="https://subscribe.sph.com.sg/x"><img src="/a.png"></a></li></ul>',
            "船停了。",
        ),
        (
            "<div><h3>推荐购买</h3><a href='/x'>立即购买</a><p>所有商品均由新报业媒体购物团队严选。</p><p>船停了。</p></div>",
            "船停了。",
        ),
        (
            "<div><h3>推荐购买</h3><p>竹篮，轻巧。</p><a href='/x'>立即购买</a></div><p>船停了。</p>",
            "船停了。",
        ),
    ],
)
def test_a_sentence_in_one_box_with_a_promo_stays(html: str, stays: str) -> None:
    assert clean(fragment(TEXT * 3 + html), STORY).text.split("\n")[3:] == [stays]


def test_the_text_after_a_dropped_element_stays() -> None:
    html = f'{TEXT}<p>前<script>var a;</script>后<span class="google-ad">广</span>尾</p>'
    assert clean(fragment(html), STORY).text.endswith("前后尾")


def test_words_that_no_browser_shows_are_no_part_of_what_may_be_removed() -> None:
    advert = f'<div class="google-ad">{"广告" * 10}</div>'
    with pytest.raises(TooMuchRemoved, match="take 20 of 32 characters"):
        clean(
            fragment(f"<p>渡口的第一班船早了十分。</p>{advert}<script>{'x' * 99}</script>"), STORY
        )


def test_an_advert_between_two_lines_does_not_join_them() -> None:
    html = f'{LONG}<div class="google-ad">广告</div>船停了。<section id="imu"></section><b>人</b>散了。'
    assert clean(fragment(html), STORY).text.split("\n") == [LONG, "船停了。", "人散了。"]
    inside = f'<p>{LONG}<section class="google-ad">广告</section>船停了。</p>'
    assert clean(fragment(inside), STORY).text.split("\n") == [LONG, "船停了。"]
    inline = f'<p>{LONG}<span class="google-ad">广告</span>船停了。</p>'
    assert clean(fragment(inline), STORY).text == f"{LONG}船停了。"


@pytest.mark.parametrize("tag", ["template", "noscript"])
def test_a_paragraph_that_no_browser_shows_is_no_whole_text(tag: str) -> None:
    hidden = f"<p>{'灯' * 40}。</p>"
    cleaned = clean(fragment(f"{TEXT}<{tag}>{hidden}</{tag}>"), STORY)
    assert (cleaned.access, cleaned.access_reason) == ("unknown", f"text stands in a <{tag}>")
    assert clean(fragment(f"{TEXT}<{tag}><img></{tag}>"), STORY).access == "free"


@pytest.mark.parametrize("around", ["math", "svg"])
def test_a_template_in_a_formula_or_drawing_holds_nothing_apart(around: str) -> None:
    html = f"{TEXT}<{around}><template><mi>x</mi></template></{around}>"
    assert clean(fragment(html), STORY).access == "free"


def test_a_rule_that_takes_over_half_is_named() -> None:
    link = '<a href="/news/china/story20260101-1">另一篇</a>'
    html = f'<p>短</p><div class="site-recommend-wrapper">{TEXT}{link}</div>'
    with pytest.raises(TooMuchRemoved, match="'recommend'"):
        clean(fragment(html), STORY)


def test_only_the_outermost_match_is_recorded() -> None:
    html = f'{TEXT}<section id="imu"><div id="dfp-ad-imu1"><script>x()</script></div></section>'
    assert [entry.rule for entry in clean(fragment(html), STORY).removed] == ["dfp-imu"]


HIDDEN = "仅供校对的一句。"


@pytest.mark.parametrize(
    "opening",
    [
        "<p hidden>",
        "<p hidden='until-found'>",
        "<p style='display:none'>",
        "<p style='color: red; DISPLAY : none !important'>",
        "<p style='display:block;display:none'>",
        "<p style='/* x */visibility: hidden;'>",
        "<div style='visibility:collapse'>",
        "<span class='sr-only'>",
        "<div class='x visually-hidden'>",
        "<div class='element-invisible'>",
        "<p class='d-none'>",
        "<div class='hidden'>",
        "<p class='screen-reader-text'>",
        "<dialog>",
        "<section style='display:none'><p>",
    ],
)
def test_what_a_browser_hides_is_not_printed_and_recorded(opening: str) -> None:
    cleaned = clean(fragment(f"{TEXT}{opening}{HIDDEN}</p></div></span>"), STORY)
    assert HIDDEN not in cleaned.text + cleaned.html
    assert [(one.rule, one.chars) for one in cleaned.removed] == [("hidden", 8)]
    assert cleaned.access == "free"


@pytest.mark.parametrize(
    "opening",
    [
        "<p aria-hidden='true'>",
        "<p style='display:none;display:block'>",
        "<p hidden style='display: block'>",
        "<p style='overflow:hidden; --display:none'>",
        "<p title='display:none'>",
        "<div class='hidden md:block'>",
        "<div class='d-none d-md-block'>",
        "<span class='sr-only sm:not-sr-only'>",
        "<div class='hidden-xs'>",
        "<dialog open>",
        "<div style='visibility:hidden'><span style='visibility:visible'>",
    ],
)
def test_what_a_browser_shows_stays(opening: str) -> None:
    cleaned = clean(fragment(f"{TEXT}{opening}{HIDDEN}"), STORY)
    assert (cleaned.removed, cleaned.text.split("\n")[-1]) == ([], HIDDEN)


def test_a_lazy_picture_that_waits_hidden_stays() -> None:
    address = "https://static.zaobao.com/s3fs-public/a.jpg"
    html = f"{TEXT}<img style='display:none' data-src='{address}'><img hidden src='{address}?b'>"
    cleaned = clean(fragment(html), STORY)
    assert [image.url for image in cleaned.images] == [address]
    assert [one.rule for one in cleaned.removed] == ["hidden"]


def test_a_hidden_paragraph_is_a_sign_that_the_text_goes_on_and_no_part_of_a_rules_share() -> None:
    cleaned = clean(fragment(f"{TEXT}<div hidden>{TEXT * 9}</div>"), STORY)
    assert cleaned.text == LONG
    assert (cleaned.access, cleaned.access_reason) == ("unknown", "text stands in a hidden <div>")


def test_a_marker_that_is_hidden_is_one_too() -> None:
    cleaned = clean(fragment(f"{TEXT}<div hidden class='cta-subscribe'>订阅</div>"), STORY)
    assert (cleaned.access, cleaned.access_reason) == ("paywalled", "cta-subscribe")


def test_a_script_beside_a_promo_is_no_sentence_of_its_line() -> None:
    script = f"<script>var a = '{LONG}'</script>"
    promo = '<a href="https://subscribe.sph.com.sg/x"><img src="https://x.example/a.png"></a>'
    cleaned = clean(fragment(f"{TEXT}{promo}{script}{TEXT}"), STORY)
    assert "promo-link" in [one.rule for one in cleaned.removed]
    assert cleaned.text.split("\n") == [LONG, LONG]


def test_a_stray_quotation_mark_hides_no_advert() -> None:
    for html in (
        '<div x"="1" id="innity-in-post">广告</div>',
        '<p "><div id="innity-post">广告</div>',
    ):
        cleaned = clean(fragment(f"{TEXT}{html}{TEXT}"), STORY)
        assert [one.rule for one in cleaned.removed] == ["innity"]


@pytest.mark.parametrize(
    "html",
    [
        "<table><tr><td>广告</td><td>三成</td></tr><tr><td>评论</td><td>两成</td></tr></table>",
        "<ul><li>广告</li><li>分享</li><li>评论</li></ul>",
        "<h2>分享</h2><p>三户人家共用一口井。</p>",
        "<h3>更多文章</h3><p>他一生写了四百篇，这是最后一篇。</p>",
        "<footer>他写完这一句，灯就灭了。</footer>",
        "<blockquote>它又来了。<footer>守桥人</footer></blockquote>",
        "<p style='font-size: 0'><span style='font-size: 16px'>字是这样排的。</span></p>",
        "<p data-s='1'>一共两句。</p><p data-s='2'>这是第二句。</p>",
    ],
)
def test_what_only_looks_like_the_page_s_own_stays(html: str) -> None:
    box = fragment(TEXT * 3 + html + TEXT)
    words = squeeze(box.text())
    assert squeeze(clean(box, STORY).text.replace("- ", "")) == words


@pytest.mark.parametrize(
    "html",
    [
        "<p style='text-indent: -9999px'>{}</p>",
        "<p style='position: absolute; left: -9999px'>{}</p>",
        "<span style='position:absolute;clip:rect(0,0,0,0)'>{}</span>",
        "<div style='position:absolute;clip-path:inset(50%)'>{}</div>",
        "<p style='font-size:0px'>{}</p>",
        "<div class='comment-area'><h3>评论</h3><p>{}</p></div>",
        "<div><h3>读者评论 3</h3><p>{}</p></div>",
        "<div><b>网友留言（2）</b><div>{}</div></div>",
        "<ul class='commentlist'><li class='comment'>{}</li></ul>",
        "<article class='comment'><p>{}</p></article>",
        "<div class='ai'><h4>AI摘要</h4><p>{}</p></div>",
        "<div data-component='ai-summary'><p>{}</p></div>",
    ],
)
def test_what_is_out_of_sight_or_another_s_goes(html: str) -> None:
    cleaned = clean(fragment(TEXT * 3 + html.format("这一句谁也没有写过。")), STORY)
    assert cleaned.text.split("\n") == [LONG] * 3


def test_paragraphs_that_each_stand_there_twice_are_told_once() -> None:
    lines = [f"第{number}年，{LONG}" for number in range(5)]
    box = fragment("".join(f"<p>{line}</p><div><p>{line}</p></div>" for line in lines))
    assert clean(box, STORY).text.split("\n") == lines
    refrain = [lines[0], "他笑了笑。", "他笑了笑。", *lines[1:]]
    box = fragment("".join(f"<p>{line}</p>" for line in refrain))
    assert clean(box, STORY).text.split("\n") == refrain
