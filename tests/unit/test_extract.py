"""`zaobao.extract`: a page in, an article out, and one error where there is none."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime

import pytest

import zaobao
from tests.support.chain import STORIES, Case
from zaobao import reader
from zaobao.errors import NoArticle, NoFallback
from zaobao.exporters import line
from zaobao.items import LINE_KEYS
from zaobao.page import Page
from zaobao.urls import StoryUrl

URL = "https://www.zaobao.com/news/china/story20261101-9800001"
CRAWLED = datetime(2026, 11, 2, tzinfo=UTC)
PARAGRAPHS = "".join(
    f"<p>第{n}段说的是水塔边的集市，摊主们一早就来，把萝卜、白菜和刚摘的柿子摆成三排。</p>"
    for n in range(1, 9)
)


def page(body: str, name: str = "articleBody") -> str:
    return (
        '<html><head><meta property="og:title" content="水塔刷白"></head><body><main><article>'
        f'<div>发布/2026年11月1日 09:30</div><h1>水塔刷白</h1><div class="{name}">{body}</div>'
        "</article></main></body></html>"
    )


@pytest.mark.parametrize("case", STORIES, ids=lambda case: case.name)
def test_an_article_is_that_of_a_crawl(case: Case) -> None:
    listed = datetime.fromisoformat(case.listed) if case.listed else None
    crawled = datetime.fromisoformat(case.crawled)
    given = zaobao.extract(case.page, case.url, crawled=crawled, listed=listed)
    assert line(given) == line(case.article())


def test_text_and_bytes_in_any_encoding_give_the_same() -> None:
    text = page(PARAGRAPHS)
    articles = [
        zaobao.extract(html, URL, crawled=CRAWLED)
        for html in (text, text.encode(), text.encode("gb18030"), "\ufeff" + text)
    ]
    assert articles[0].text.startswith("第1段")
    assert articles[0] == articles[1] == articles[2] == articles[3]
    assert tuple(articles[0].to_dict()) == LINE_KEYS


def test_a_page_without_a_layout_is_read_by_the_fallback() -> None:
    article = zaobao.extract(page(PARAGRAPHS, "unheard-of"), URL, crawled=CRAWLED)
    assert (article.layout, article.access) == ("generic", "unknown")
    assert article.text.count("\n") == 7


def test_a_fallback_that_gives_nothing_says_so_by_its_own_reason() -> None:
    html = page(PARAGRAPHS, "unheard-of").replace("发布/2026年11月1日 09:30", "")
    with pytest.raises(NoFallback, match="tells no time") as caught:
        reader.fallback(Page(URL, html.encode()), StoryUrl.of(URL), CRAWLED)
    assert caught.value.reason == "no_fallback"


@pytest.mark.parametrize(
    ("html", "url", "reason"),
    [
        (page(PARAGRAPHS), "https://www.zaobao.com/news/china", "no_story"),
        (page(PARAGRAPHS), "", "no_story"),
        ("", URL, "empty"),
        ("水塔", URL, "not_html"),
        (page(PARAGRAPHS).removesuffix("</body></html>"), URL, "cut"),
        (page("<div>" * 200), URL, "too_deep"),
        (page("<p" + " a" * 60_000 + ">"), URL, "tag_too_long"),
        (page("<i>" * 30_000), URL, "too_many_nodes"),
        ("<html><title>系统维护中 | 联合早报</title><h1>系统维护中</h1></html>", URL, "maintenance"),
        (b"<html>\xff\xfe\xfa" + b"\xff" * 99 + b"</html>", URL, "charset"),
        (page("<p>短</p>", "unheard-of"), URL, "unknown_layout"),
        (page("<p> </p>"), URL, "body_missing"),
        (page("<div class='related-articles'>" + "别的故事" * 30 + "</div>一"), URL, "rule_took_too_much"),
    ],
)  # fmt: skip
def test_one_error_says_why_there_is_none(html: str | bytes, url: str, reason: str) -> None:
    with pytest.raises(NoArticle) as caught:
        zaobao.extract(html, url, crawled=CRAWLED)
    assert caught.value.reason == reason
    assert str(caught.value)


def test_a_time_needs_its_zone() -> None:
    with pytest.raises(ValueError, match="zone"):
        zaobao.extract(page(PARAGRAPHS), URL, crawled=datetime(2026, 11, 2))  # noqa: DTZ001


def test_the_core_brings_neither_scrapy_nor_trafilatura() -> None:
    code = (
        "import sys, zaobao; zaobao.extract(sys.stdin.read(), sys.argv[1]);"
        "print([name for name in ('scrapy', 'twisted', 'trafilatura') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, URL], input=page(PARAGRAPHS), capture_output=True, text=True
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_what_is_not_there_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="nothing"):
        _ = zaobao.nothing
