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
