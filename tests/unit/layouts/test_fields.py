"""The sources of each field: which source wins, and what is not taken for one."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.support.pages import CRAWLED, PHOTO, TEXT, URL, extraction, ld, news, page, read
from zaobao import layouts, times, urls
from zaobao.dom import text_of
from zaobao.errors import BodyMissing, OtherStory, TitleMissing, UnknownLayout
from zaobao.layouts.sg_cards import SgCards
from zaobao.page import Page

# --- which NewsArticle


@pytest.mark.parametrize(
    "others",
    [
        [news(headline="别的", url="/news/china/story20261119-10003999")],
        [
            news(
                headline="别的",
                mainEntityOfPage={"@id": "https://www.zaobao.com/x/story20261119-1"},
            )
        ],
        [news(headline="别的")],
        [{"@type": "NewsArticle"}, "NewsArticle", None, 5],
        [{"@type": "ItemList", "itemListElement": [{"item": news(headline="别的")}]}],
    ],
)
def test_the_news_article_of_another_story_is_not_taken(others: list[Any]) -> None:
    own = news(author="甲", dateModified="2026-11-20T11:00:00+08:00")
    for scripts in ([*others, own], [own, *others]):
        article = read(page(ld(*scripts), before="<h1>水鸟</h1>"))
        assert (article.title, article.authors) == ("水鸟", ["甲"])


def test_a_news_article_of_another_day_under_another_heading_is_not_taken() -> None:
    far = news(headline="别的", author="乙", datePublished="2026-11-01T10:00:00+08:00")
    changed = news(headline="水鸟（更新）", author="甲")
    article = read(page(ld(far), before="<h1>水鸟</h1>"))
    assert (article.title, article.authors) == ("水鸟", [])
    article = read(page(ld(far, changed), before="<h1>水鸟</h1>"))
    assert (article.title, article.authors) == ("水鸟（更新）", ["甲"])


def test_the_named_news_article_wins_over_the_heading() -> None:
    own = news(headline="改过的题", url=URL)
    article = read(page(ld(news(headline="原题"), own), before="<h1>原题</h1>"))
    assert article.title == "改过的题"


def test_a_page_without_heading_names_its_news_article_by_its_title() -> None:
    og = '<meta property="og:title" content="水鸟 | 早报">'
    assert read(page(og + ld(news(headline="别的"), news(author="甲")))).authors == ["甲"]


def test_a_page_of_another_story_is_refused() -> None:
    with pytest.raises(OtherStory):
        read(page('<link rel="canonical" href="https://www.zaobao.com/x/story20261119-77">'))


def test_a_page_may_name_its_story_under_another_section() -> None:
    mirror = (
        '<link rel="canonical" href="https://www.zaobao.com/realtime/china/story20261119-10004000">'
    )
    assert read(page(mirror + ld(news()))).id == "20261120-10004000"


# --- title


@pytest.mark.parametrize(
    ("head", "before", "title", "source"),
    [
        (ld(news(headline="一 \x07\u200b题\u3000")), "<h1>二</h1>", "一 题", "ld+json"),
        (ld(news(headline="A &amp; B")), "<h1>A &amp; B</h1>", "A & B", "ld+json"),
        (
            ld(news(headline="A &amp; B"))
            + '<meta property="og:title" content="A &amp; B | 早报">',
            "",
            "A & B",
            "ld+json",
        ),
        (ld(news(headline="&lt;b&gt; &amp; &")), "", "&lt;b&gt; &amp; &", "ld+json"),
        (ld(news(headline="\ud83d")), "<h1>二</h1>", "二", "h1"),
        (ld(news(headline=["x", "y"])), "<h1> </h1><h1>二<span>号</span></h1>", "二号", "h1"),
        (ld(news(headline="联合早报")), "<h1>早报</h1>", "三", "title"),
        ('<meta property="og:title" content="四 | 联合早报">', "", "四", "og:title"),
        ("<title>三 | 联合早报网</title>", "", "三", "title"),
    ],
)
def test_title(head: str, before: str, title: str, source: str) -> None:
    head = head if "title>" in head else head + "<title>三 | 早报</title>"
    found = extraction(page(head, before))
    article = found.article
    assert (article.title, found.sources["title"]) == (title, source)


def test_no_title_is_an_error() -> None:
    with pytest.raises(TitleMissing):
        read(page("<title>联合早报网</title>"))


# --- time


def time_of(html: str, **keys: Any) -> tuple[str | None, str | None, str | None]:
    article = read(html, **keys)
    for moment in (article.published, article.updated):
        assert moment is None or moment.utcoffset() == timedelta(hours=8)
    shown = [moment and f"{moment:%H:%M}" for moment in (article.published, article.updated)]
    return shown[0], article.published_from, shown[1]


LINE = "<div>发布/2026年11月20日 10:00</div><h1>水鸟</h1>"


@pytest.mark.parametrize(
    ("head", "before", "expected"),
    [
        (ld(news()), LINE, ("10:00", "ld+json", None)),
        (
            ld(news(datePublished="2026-11-20T02:00:30Z", dateModified="2026-11-20T03:00:00Z")),
            LINE,
            ("10:00", "ld+json", "11:00"),
        ),
        (ld(news(datePublished="2026-11-20T10:00:00Z")), LINE, ("10:00", "visible", None)),
        (
            ld(
                news(
                    datePublished="2026-11-20T02:00:00+08:00",
                    dateModified="2026-11-20T03:00:00+08:00",
                )
            ),
            LINE,
            ("10:00", "visible", None),
        ),
        (ld(news(datePublished="2026-11-20T12:30:00+08:00")), LINE, ("10:00", "visible", None)),
        (ld(news(datePublished="2026-11-20T12:09:00+08:00")), "", ("12:09", "ld+json", None)),
        (ld(news(datePublished="2026-11-20T12:11:00+08:00")), "", (None, None, None)),
        (
            ld(news(datePublished=None, dateModified="2026-11-20T11:00:00+08:00")),
            "",
            (None, None, None),
        ),
        (ld(news(datePublished="0001-01-01T00:00:00Z")), LINE, ("10:00", "visible", None)),
        (ld(news(datePublished={"@value": "x"})), LINE, ("10:00", "visible", None)),
        (ld(news(dateModified="2026-11-20T10:00:00+08:00")), LINE, ("10:00", "ld+json", None)),
        (ld(news(dateModified="2026-11-20T23:00:00+08:00")), LINE, ("10:00", "ld+json", None)),
        (
            "",
            "<p><b>发布</b> / <span>2026年11月20日</span> <span>10:00</span></p><h1>水鸟</h1>",
            ("10:00", "visible", None),
        ),
        (
            "",
            "<div><i></i>发布：2026年11月20日 10:00<br>更新：2026年11月20日 11:30</div><h1>水鸟</h1>",
            ("10:00", "visible", "11:30"),
        ),
        (
            "",
            "<span>更新/2026年11月20日 11:30</span><span>发布/2026年11月20日 10:00</span><h1>水鸟</h1>",
            ("10:00", "visible", "11:30"),
        ),
        ("", "<aside>发布/2026年11月20日 09:00</aside><h1>水鸟</h1>", (None, None, None)),
        (
            "",
            '<div class="recommended">发布/2026年11月20日 09:00</div><h1>水鸟</h1>',
            (None, None, None),
        ),
        (
            '<script>gaPushParams={"pubdate":"2026-11-20 10:00:00"}</script>',
            "<h1>水鸟</h1>",
            ("10:00", "gaPushParams", None),
        ),
        (
            '<script type="application/json">{"articleDetails":{"created":1795140000}}</script>',
            "<h1>水鸟</h1>",
            ("10:00", "drupalSettings", None),
        ),
        (
            '<script>self.__next_f.push([1,"\\"publication_date\\",\\"2026-11-20T10:00:00\\""])</script>',
            "<h1>水鸟</h1>",
            ("10:00", "next_f", None),
        ),
        (
            '<meta property="article:published_time" content="2026-11-20T02:00:00Z">',
            "<h1>水鸟</h1>",
            ("10:00", "meta", None),
        ),
        ("", '<h1>水鸟</h1><time datetime="2026-11-20 10:00">今早</time>', ("10:00", "time", None)),
        (
            "",
            '<h1>水鸟</h1><li><a>别的</a><time datetime="2026-11-20 10:00">今早</time></li>',
            (None, None, None),
        ),
    ],
)
def test_published(head: str, before: str, expected: tuple[str | None, ...]) -> None:
    assert time_of(page(head, before)) == expected


@pytest.mark.parametrize("word", times.WORDS)
def test_a_time_after_each_word_is_read_and_is_no_text(word: str) -> None:
    line = f"<p>{word} / 2026年11月20日 10:00</p>"
    head = ld(news(datePublished="2026-11-20T09:00:00+08:00"))
    if word in times.PUBLISHED_WORDS:
        assert time_of(page(before=f"{line}<h1>水鸟</h1>")) == ("10:00", "visible", None)
    else:
        assert time_of(page(head, f"{line}<h1>水鸟</h1>")) == ("09:00", "ld+json", "10:00")
    assert word not in read(page(head, body=TEXT + line + TEXT)).text


def test_a_sentence_about_a_press_conference_is_no_time_line() -> None:
    body = (
        TEXT
        + "<p>发布会定于2026年11月19日 10:00举行。</p><p>更新系统在2026年11月19日 11:00开始。</p>"
    )
    assert time_of(page(before="<h1>水鸟</h1>", body=body)) == (None, None, None)


def test_the_list_is_the_last_source_and_the_crawl_is_none() -> None:
    listed = CRAWLED - timedelta(hours=1)
    assert time_of(page(before="<h1>水鸟</h1>"), listed=listed) == ("11:00", "list", None)
    assert time_of(page(before="<h1>水鸟</h1>")) == (None, None, None)


def test_a_lost_zone_is_among_the_sources() -> None:
    found = extraction(page(ld(news(datePublished="2026-11-20T10:00:00Z")), LINE))
    assert found.sources["zone"] == "lost"
    assert "zone" not in extraction(page(ld(news()), LINE)).sources


# --- keywords, authors, pictures, length


@pytest.mark.parametrize(
    ("head", "after", "tags", "source"),
    [
        ('<meta name="keywords" content="甲, 乙，甲">', "", ["甲", "乙"], "meta"),
        (ld(news(keywords=["甲", {"name": "乙"}])), "", ["甲", "乙"], "ld+json"),
        (
            ld(news(keywords=None)),
            '<div class="max-h-max"><ul><li><a>甲</a></li></ul></div>',
            ["甲"],
            "block",
        ),
        (ld(news(keywords=None)), '<nav><a href="/keywords/x">菜单</a></nav>', [], None),
    ],
)
def test_tags(head: str, after: str, tags: list[str], source: str | None) -> None:
    found = extraction(page(head, "<h1>水鸟</h1>", after=after))
    article = found.article
    assert (article.tags, found.sources.get("tags")) == (tags, source)


def test_keyword_links_in_the_text_are_no_tags() -> None:
    body = TEXT + '<p><a href="/keywords/x">水鸟</a>飞走了。</p>'
    assert read(page(before="<h1>水鸟</h1>", body=body)).tags == []


LEAD = '<div class="my-[16px] x"><img src="{}" alt="头图"></div>'


@pytest.mark.parametrize(
    ("image", "before", "body", "expected"),
    [
        (PHOTO + "j.jpg", "", TEXT, [("j.jpg", None, "lead")]),
        ({"url": PHOTO + "j.jpg", "caption": "说"}, "", TEXT, [("j.jpg", "说", "lead")]),
        (
            [{"url": PHOTO + "j.jpg"}, PHOTO + "k.jpg"],
            LEAD.format(PHOTO + "b.jpg"),
            TEXT,
            [("j.jpg", "头图", "lead")],
        ),
        (None, LEAD.format(PHOTO + "b.jpg"), TEXT, [("b.jpg", "头图", "lead")]),
        (
            "/_web2/assets/social-share.png",
            LEAD.format(PHOTO + "b.jpg"),
            TEXT,
            [("b.jpg", "头图", "lead")],
        ),
        (
            PHOTO + "j.jpg",
            "",
            TEXT + f'<img src="{PHOTO}i.jpg">',
            [("j.jpg", None, "lead"), ("i.jpg", None, "inline")],
        ),
        (
            PHOTO + "j.jpg",
            "",
            TEXT + f'<div class="bff-recommend-article"><img src="{PHOTO}r.jpg"></div>',
            [("j.jpg", None, "lead")],
        ),
        (
            PHOTO + "i.jpg?x",
            LEAD.format(PHOTO + "i.jpg"),
            TEXT + f'<img src="{PHOTO}i.jpg?y">',
            [("i.jpg?x", "头图", "lead")],
        ),
        ("https://evil.example/j.jpg", "", TEXT, []),
        ("\ud83d", "", TEXT, []),
    ],
)
def test_lead(
    image: Any, before: str, body: str, expected: list[tuple[str, str | None, str]]
) -> None:
    found = extraction(page(ld(news(image=image)), before, body=body))
    article = found.article
    assert [(i.url.rpartition("/")[2], i.caption, i.role) for i in article.images] == expected
    assert ("lead" in found.sources) is any(role == "lead" for _, _, role in expected)


def test_a_picture_below_the_text_is_no_second_lead() -> None:
    after = LEAD.format(PHOTO + "other.jpg")
    article = read(page(ld(news()), LEAD.format(PHOTO + "b.jpg"), after=after))
    assert [image.url.rpartition("/")[2] for image in article.images] == ["b.jpg"]


@pytest.mark.parametrize(
    ("keys", "access"),
    [
        ({"wordCount": 30}, "free"),
        ({"wordCount": "900"}, "truncated"),
        ({"wordCount": "9" * 4301}, "free"),
        ({"wordCount": True}, "free"),
        ({"articleBody": "字" * 40 + "&lt;b&gt;" + " " * 900}, "free"),
        ({"articleBody": "字" * 90}, "truncated"),
    ],
)
def test_a_text_that_goes_on(keys: dict[str, Any], access: str) -> None:
    assert read(page(ld(news(**keys)))).access == access


# --- layout, body


@pytest.mark.parametrize(
    ("html", "claimed"),
    [
        ('<div class="articleBody"></div><div class="article-content-rawhtml">x</div>', "sg_cards"),
        ('<div class="article-body"></div><astro-island></astro-island>', "hk_astro"),
        ('<div class="article-body"></div>', "hk_bootstrap"),
        (
            '<h1 class="article-title">x</h1><div class="article-content-rawhtml">x</div>',
            "sg_drupal",
        ),
        ('<div class="x article-body-container">x</div>', "sg_cards"),
        ('<p class="articleBodyX article-body-x">x</p>', None),
        ('<script>var s = "articleBody article-body astro-island";</script><p>x</p>', None),
    ],
)
def test_the_layout_is_chosen_by_markup(html: str, claimed: str | None) -> None:
    parsed = Page(URL, f"<html><body>{html}</body></html>".encode())
    if claimed is None:
        with pytest.raises(UnknownLayout):
            layouts.pick(parsed)
    else:
        assert layouts.pick(parsed).name == claimed


def hydration(**article: Any) -> str:
    data = {"loaderData": {"0-0": {"context": {"payload": {"article": article}}}}}
    code = json.dumps(json.dumps(data)).replace("</", "<" + chr(92) + "/")
    return f"<script>window.__staticRouterHydrationData = JSON.parse({code});</script>"


def test_what_a_layout_never_has_holds_for_pages_with_hydration_data_too() -> None:
    class Old(SgCards):
        never = (".storyText",)

    script = hydration(body_cn=TEXT)
    new = page(script, body=f'<div class="storyText">{TEXT}</div>')
    for source in (new, new.replace("articleBody", "x")):
        assert SgCards().claims(Page(URL, source.encode()))
        assert not Old().claims(Page(URL, source.encode()))


def test_the_body_of_the_hydration_data_when_the_page_has_none() -> None:
    script = hydration(
        body_cn=f"<!-- x -->{TEXT}</div><p>尾\u0000</p>",
        headline="水鸟",
        images=[
            {"url": PHOTO + "a.jpg", "caption": "甲"},
            {"url": PHOTO + "b.jpg", "caption": None},
        ],
    )
    for body in ("", "  ", "<script>ad()</script><div></div>"):
        found = extraction(page(script, body=body))
        article = found.article
        assert article.text.split("\n")[1:] == ["尾"]
        assert found.sources["body"] == "body_cn"
        shown = [(image.url[-5:], image.caption, image.role) for image in article.images]
        assert shown == [("a.jpg", "甲", "lead"), ("b.jpg", None, "gallery")]
    shown = [image.role for image in read(page(script, body=TEXT)).images]
    assert shown == ["lead"]


def test_a_claimed_page_without_its_body_is_an_error() -> None:
    with pytest.raises(BodyMissing):
        read(
            f'<html><body><script id="seo-article-page" type="application/ld+json">{json.dumps(news())}</script></body></html>'
        )


@pytest.mark.parametrize(
    "source", [b"", b" ", b"\x00", b"<!-- x -->", b"x", b"\xff\xfe", b"<?xml version='1.0'?>"]
)
def test_no_page_is_no_story(source: bytes) -> None:
    with pytest.raises(UnknownLayout):
        layouts.pick(Page(URL, source))


@pytest.mark.parametrize("above", [True, False])
def test_another_storys_article_on_the_page_is_not_read(*, above: bool) -> None:
    own = "<article><h1>旧桥的灯</h1><div class='articleBody'><p>灯亮了。</p></div></article>"
    other = (
        f"<article><h1>猫</h1><div class='articleBody'><p>{'猫又来了。' * 40}</p></div></article>"
    )
    both = other + own if above else own + other
    head = "<meta property='og:title' content='旧桥的灯 | 联合早报'>"
    source = f"<html><head>{head}</head><body><main>{both}</main></body></html>".encode()
    url = "https://www.zaobao.com/news/china/story20260901-1"
    served = Page(url, source)
    found = layouts.pick(served).extract(served, urls.StoryUrl.of(url), CRAWLED)
    assert (found.article.title, text_of(found.box)) == ("旧桥的灯", "灯亮了。")


def test_a_picture_of_a_side_list_or_of_the_text_is_no_lead() -> None:
    shot = f'<div class="my-[16px]"><img src="{PHOTO}{{}}.jpg"></div>'
    side = f"<aside>{shot.format('side')}</aside>"
    (inline,) = read(page(ld(news(url=URL)), before=side, body=TEXT + shot.format("text"))).images
    assert (inline.url, inline.role) == (f"{PHOTO}text.jpg", "inline")


def test_a_heading_outside_the_storys_part_counts_where_that_has_only_the_sites_name() -> None:
    html = page(before="<h1>联合早报</h1>").replace("<body>", "<body><h1>渡口</h1>")
    assert read(html).title == "渡口"
