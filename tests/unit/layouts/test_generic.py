"""The generic fallback: a time that stands by itself beside the headline."""

from __future__ import annotations

import re

import pytest

from tests.support import frames
from tests.support.frames import STORY_TEXT
from zaobao import extract
from zaobao.errors import NoArticle


def page(before: str, after: str = "") -> str:
    html = frames.page("generic", STORY_TEXT).decode()
    html = re.sub(r"<script.*?</script>", "", html)
    heading, line = re.search(r"(<h1>.*?</h1>)(<div>发布.*?</div>)", html).groups()  # type: ignore[union-attr]
    return html.replace(heading + line, before + heading + after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "<div>2026-11-05 09:12</div>"),
        ("", "<div><span>林小满</span><span class='t'>2026年11月5日 09:12</span></div>"),
        ("<p>2026/11/05 09:12:00</p>", ""),
        ("", "<ul class='x'></ul><time>2026-11-05 09:12</time><em>阅读 88</em>"),
        ("", "<p>来源：早报</p><p>2026年11月5日 星期四 上午9:12</p>"),
        ("", "<i>图</i>" * 5 + "<div>2026-11-05 09:12</div>"),
        ("", "<div>2026年11月5日9时12分</div>"),
        ("", "<div>2026.11.05 09:12</div>"),
        ("", "<div>11/05/2026 - 09:12</div>"),
        ("<p>Nov 5, 2026 9:12 AM</p>", ""),
        ("", "<div>时间：2026-11-05 09:12</div>"),
        ("", "<div>发表于 2026-11-05 09:12</div>"),
        ("", "<div>2026-11-05 09:12 来源：联合早报</div>"),
        ("", "<div>记者 林小满　2026-11-05 09:12</div>"),
        ("", "<div>早报 | 2026-11-05 09:12 | 中国</div>"),
        ("", "<p>2026-11-05 09:12（更新 2026-11-05 10:00）</p>"),
        ("", "2026-11-05 09:12 字号 小 中 大<br>"),
        ("", "<div>2026-11-05 01:12 UTC</div>"),
        ("", "<div>北京时间2026年11月5日09:12</div>"),
        ("", "<p>2026-11-05 09:12 阅读 88 评论 3</p>"),
    ],
)
def test_a_time_beside_the_headline_is_the_story_s(before: str, after: str) -> None:
    article = extract(page(before, after), frames.URL, crawled=frames.CRAWLED)
    assert (article.layout, article.published_from) == ("generic", "visible")
    assert str(article.published).replace(" ", "T") == "2026-11-05T09:12:00+08:00"
    assert len(article.text.split("\n")) == 5


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ""),
        ("", "<div>2026-11-05</div>"),  # only a day
        ("", "<div>2026-10-01 09:12</div>"),  # another day
        ("", "<div>2026-11-05 23:12</div>"),  # later than the crawl
        ("", "<aside>2026-11-05 09:12</aside>"),
        ("", "<div>会议定于2026-11-05 09:12开始</div>"),
        ("", "<i>图</i>" * 6 + "<div>2026-11-05 09:12</div>"),  # too far from the headline
        ("", "<div>2小时前</div>"),
        ("", "<div>今天 09:12</div>"),
        ("", "<div>11/05/2026</div>"),
        ("", "<div>2026年11月5日 上午9时许</div>"),
        ("", "<div>2026-11-05 09:12 更新</div>"),
        ("", "<div>最后更新：2026-11-05 09:12</div>"),
        ("", "<div>2026-11-05 09:12 JST</div>"),
        ("", "<div>截止2026-11-05 09:12</div>"),
        ("", "<div>电影《记者》2026-11-05 09:12放映</div>"),
        ("", "<ul><li><a href='/x'>渔港</a> <span>2026-11-05 09:12</span></li></ul>"),
    ],
)
def test_any_other_time_is_none(before: str, after: str) -> None:
    with pytest.raises(NoArticle):
        extract(page(before, after), frames.URL, crawled=frames.CRAWLED)


LINES = tuple(re.sub("<[^>]*>", "", line) for line in re.findall("<p>(.*?)</p>", STORY_TEXT))
TITLE, TIME = "盐道走了一百年", "2026-11-05 09:12"
FIRST, REST = ("".join(f"<p>{line}</p>" for line in part) for part in (LINES[:2], LINES[2:]))


@pytest.mark.parametrize(
    "body",
    [
        f"<main><div><h1>{TITLE}</h1><div>{TIME}</div>{FIRST}</main>{REST}</div>",
        f"<main><article><h1>{TITLE}</h1><span>{TIME}</span>{FIRST}</article>{REST}</main>",
        f"<main><div><div><h1>{TITLE}</h1><div>{TIME}</div>{FIRST}</div></div>{REST}</div></main>",
        f"<div><h1>{TITLE}</h1><p><em>2026年11月5日 09:12</em></p></section>{FIRST}{REST}</div>",
        f"<div><p>2026年11月5日 星期四 上午9:12</p><h1>{TITLE}</h1></main>{FIRST}{REST}</div>",
        f"<main><div><h1>{TITLE}</h1>{TIME}<br>{FIRST}</main>{REST}</div>",
        f"<main><div><h1>{TITLE}</h1><ul><li>{TIME}</li></ul>{FIRST}</main>{REST}</div>",
        f"<article><header><h1>{TITLE}</h1><p>{TIME}</p></article></header>{FIRST}{REST}",
        f"<main><div><h1><a href='#'>{TITLE}</a></h1><h3>{TIME}</h3></main>{FIRST}{REST}</div>",
        f"<main><div><h2>{TITLE}</h2><h1>{TITLE}</h1><p>{TIME}</p><p>{TIME}</p></main>{FIRST}{REST}</div>",
        f"<div><h1>{TITLE}</h1><span>{TIME}</span><br>{'<br>'.join(LINES)}</main></div>",
    ],
)
def test_headline_and_time_are_no_text_where_a_stray_end_tag_puts_them_into_it(body: str) -> None:
    head = f'<title>{TITLE} | 联合早报</title><meta property="og:title" content="{TITLE}">'
    html = f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>"
    article = extract(html, frames.URL, crawled=frames.CRAWLED)
    assert (article.layout, article.title) == ("generic", TITLE)
    assert str(article.published) == "2026-11-05 09:12:00+08:00"
    assert tuple(article.text.split("\n")) == LINES


@pytest.mark.parametrize("line", ["10:30", "2026年11月4日 10:00", "2026/11/04"])
def test_a_time_between_the_paragraphs_is_text(line: str) -> None:
    body = f"<main><div><h1>{TITLE}</h1><p>{TIME}</p>{FIRST}<p>{line}</p></main>{REST}</div>"
    html = f"<!DOCTYPE html><html><head><title>{TITLE}</title></head><body>{body}</body></html>"
    article = extract(html, frames.URL, crawled=frames.CRAWLED)
    assert tuple(article.text.split("\n")) == (*LINES[:2], line, *LINES[2:])


@pytest.mark.parametrize(
    "line",
    [
        "<h3>相关新闻</h3><ul><li><a href='/x'>渔船回来了</a></li></ul>",
        "<p>相关报道</p><p><a href='/x'>渔船回来了，大家都去码头</a></p>",
        "<h4>编辑推荐</h4><div><a href='/x'>渔船回来了</a></div>",
        "<h4>相关文章</h4><a href='/x'>渔船回来了</a>",
        "<h3>猜你喜欢</h3><ul><li><a href='/x'>渔船回来了</a></li></ul>",
        "<h3>即时新闻</h3><ol><li><a href='/x'>渔船回来了</a></li></ol>",
        "<p>推荐阅读</p><ul><li><a href='/x'>渔船回来了</a></li></ul>",
        "<div><a href='#'>在App内打开</a></div>",
        "<p>点击下载联合早报App，随时掌握最新资讯</p>",
        "<p>分享</p>",
        "<div>分享到：<a href='#'>微信</a> <a href='#'>微博</a></div>",
        "<p>点赞 收藏 分享</p>",
        "<p>登录后发表评论</p>",
        "<p>广告，往下滑继续阅读</p>",
        "<p>— 广告 —</p>",
        "<p>字号：小 中 大</p>",
        "<p>查看更多</p>",
    ],
)
def test_the_page_s_own_lines_are_no_text(line: str) -> None:
    head = f'<title>{TITLE}</title><meta property="og:url" content="{frames.URL}">'
    body = f"<main><div><h1>{TITLE}</h1><p>{TIME}</p>{FIRST}{line}{REST}</div></main>"
    html = f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>"
    article = extract(html, frames.URL, crawled=frames.CRAWLED)
    assert article.layout == "generic"
    assert tuple(article.text.split("\n")) == LINES


def test_a_long_line_beside_a_time_ends() -> None:
    for words in ("文" * 60, "记者" * 30, "于" * 60, "(" * 60):
        html = page("", f"<div>{words}，会议2026-11-05 09:12</div>")
        with pytest.raises(NoArticle):
            extract(html, frames.URL, crawled=frames.CRAWLED)
