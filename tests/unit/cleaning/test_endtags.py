"""A story behind an element of a rule whose end tag is broken, missing or in the wrong place."""

from __future__ import annotations

from contextlib import suppress

import pytest

from tests.support import frames
from tests.support.frames import CLOSING, STORY_TEXT
from zaobao import reader
from zaobao.errors import NoArticle

ONE, TWO = "挑盐的人把歇脚的石头磨成了凳子。", "春天一到，石头上就坐满了人。"
BEHIND = f"<p>{ONE}</p><p>{TWO}</p>"
BUY = "https://newspost.newslink.sg/x"
SUBSCRIBE = "https://subscribe.sph.com.sg/promotions/"
OTHER = "/news/china/story20260101-1"


@pytest.mark.parametrize("layout", frames.NAMES)
@pytest.mark.parametrize(
    ("broken", "lines"),
    [
        (f'<div class="buy"><a href="{BUY}">购买此文章</div>{BEHIND}', [ONE, TWO]),
        (f'<p><a href="{BUY}">购买此文章<p>{ONE}<p>{TWO}', [ONE, TWO]),
        (f'<p><a href="{BUY}"><img src="/a/newspost.svg"></p>{ONE}<br>{TWO}', [ONE, TWO]),
        (f'<p><a href="{BUY}">购买此文章</a </p><p>盐道</p><ul><li>{ONE}</ul>', ["盐道", ONE]),
        (f'<div><a href="{SUBSCRIBE}">订阅</div><h3>小题</h3>{BEHIND}', ["小题", ONE, TWO]),
        (f'<div><a href="{OTHER}?ref=next-article">下一篇</div>{BEHIND}', [ONE, TWO]),
        (f'<ul><li><a href="{OTHER}?obOrigUrl=true">别的</ul>{BEHIND}', [ONE, TWO]),
        (f'<p><b class="advertisement">广告</p>{BEHIND}', [ONE, TWO]),
        (f'<p><font class="site-recommend">推荐</p>{BEHIND}', [ONE, TWO]),
        (f'<p>延伸阅读：<a href="{OTHER}">渔港重开的第一天</p>{BEHIND}', [ONE, TWO]),
        (f'<h3>热文推荐</h3><p><a href="{OTHER}">渔港重开</p>{BEHIND}', [ONE, TWO]),
    ],
)
def test_a_link_that_is_never_closed_takes_no_sentence_with_it(
    broken: str, lines: list[str], layout: str
) -> None:
    article = frames.read(layout, STORY_TEXT + broken)
    told = article.text.split("\n")[5:]
    assert told[-len(lines) :] == lines
    assert not {"购买此文章", "订阅", "下一篇", "别的", "广告"} & set(told)
    assert BUY not in article.body_html
    assert SUBSCRIBE not in article.body_html
    assert article.access == ("unknown" if layout == "generic" else "free")


@pytest.mark.parametrize("layout", frames.NAMES)
@pytest.mark.parametrize(
    ("broken", "rule"),
    [
        (f"<zb-ai-summary><section><p>渔村修路。</zb-ai-summary>{BEHIND}", "machine-summary"),
        (
            f"<zb-ai-summary><section><p>渔村修路。</zb-ai-summary></section>{BEHIND}",
            "machine-summary",
        ),
        (f'<div class="advertisement">广告{BEHIND}', "advert"),
        (f'<div class="advertisement">广告</dvi>{BEHIND}<p>盐道</p>', "advert"),
        (f'<section class="google-ad">广告</section{BEHIND}', "google-ad"),
        (f'<section id="comments"><p>写得好。</p>{BEHIND}', "comments"),
        (f'<aside><a href="{OTHER}">渔港重开的第一天</a>{BEHIND}', "aside"),
        (f'<div class="recommend"><a href="{OTHER}">渔港重开的第一天</a>{BEHIND}', "recommend"),
        (f'<my-ad class="adv-tag"><div>广告</my-ad>{BEHIND}', "dfp-adv"),
        (f'<form><input name="q"><div>{BEHIND}', "form"),
        (f'<span class="related-articles"><div>旧闻</span></div>{BEHIND}', "related"),
    ],
)
def test_sentences_that_such_an_element_took_are_not_lost_in_silence(
    broken: str, rule: str, layout: str
) -> None:
    if layout == "generic":  # there it may be no story at all
        with suppress(NoArticle):
            assert frames.read(layout, STORY_TEXT + broken).access == "unknown"
        return
    article = frames.read(layout, STORY_TEXT + broken)
    if ONE not in article.text:
        reason = f"sentences stand in what rule {rule!r} took, which never ends"
        assert (article.access, article.access_reason) == ("unknown", reason)


CLOSED = [
    "<zb-ai-summary><section><p>渔村修路。</p></section></zb-ai-summary>",
    "<zb-ai-summary><section><p>渔村修路。</section></zb-ai-summary>",
    f'<div class="advertisement"><div>广告</div><p>{ONE}</p></div>',
    f'<section id="comments"><p>写得好。<p>{ONE}</section>',
    f'<aside><a href="{OTHER}">渔港重开的第一天</a><p>{ONE}</p></aside>',
    f'<p><a href="{BUY}">购买此文章，支持渔村的孩子上学。</a></p>',
    f'<p><a href="{BUY}"><img src="/a/newspost.svg"></a></p><p><a href="{BUY}">{ONE}</a></p>',
    f'<table class="adv"><tr><td>广告<td>{ONE}</table>',
]


@pytest.mark.parametrize("layout", frames.NAMES[:4])
@pytest.mark.parametrize("box", CLOSED)
@pytest.mark.parametrize("after", ["", CLOSING, f"{CLOSING}<section>", f"{CLOSING}<b>"])
def test_one_that_is_closed_goes_as_a_whole(box: str, after: str, layout: str) -> None:
    article = frames.read(layout, STORY_TEXT + box + after)
    assert len(article.text.split("\n")) == 5 + bool(after)
    assert article.access == "free"


PICTURE = '<figure><img src="https://static.zaobao.com/s3fs-public/a.jpg"></figure>'
NEVER_CLOSED = [
    "<rp>",
    "<ruby>龘<rp>",
    "<style>",
    "<style>p { color: red }",
    "<script>",
    "<script>var a = 1;",
    "<noscript>",
    "<textarea>",
    "<select>",
    "<select><option>",
    "<title>",
    "<svg>",
    "<svg><text>",
    "<svg><title>",
    "<math>",
    "<math><mtext>",
    "<template>",
    "<object>",
    "<iframe>",
    "<noembed>",
    "<canvas>",
    "<datalist><option>",
    "<video><source src='/a.mp4'>",
    "<audio>",
    "<div style='display:none'>",
    "<dialog>",
]
SHORT = [f"<p>{ONE}</p>", f"{ONE}{STORY_TEXT}"]


@pytest.mark.parametrize("layout", frames.NAMES)
@pytest.mark.parametrize("before", [PICTURE, f"<p>{TWO}</p>"])
@pytest.mark.parametrize("start", NEVER_CLOSED)
def test_a_text_in_an_element_that_is_never_closed_is_kept_or_marked(
    start: str, before: str, layout: str
) -> None:
    for body in SHORT:
        with suppress(NoArticle):
            page = frames.page(layout, before + start + body)
            article = reader.extract(page, frames.URL, crawled=frames.CRAWLED)
            assert article.access != "free" or ONE in article.text, body
