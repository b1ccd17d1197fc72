"""The text behind a box that ended early, in every layout."""

from __future__ import annotations

import base64

import pytest

from tests.support.pages import CRAWLED, TEXT, URL, in_layouts
from zaobao import extract
from zaobao.errors import NoArticle

LAYOUTS = ("sg_drupal", "sg_cards", "hk_astro", "hk_bootstrap", "generic")
FIRST = TEXT * 7
TWO, THREE = "守桥的老人说，它从前还跟着渡船走一段。", "今年秋天渡口停航，水鸟还是来了。"
P2, P3 = f"<p>{TWO}</p>", f"<p>{THREE}</p>"
EMBED = "<div class='embed'><iframe src='https://www.youtube.com/embed/x'></iframe></div></div>"
IMAGE = "<img src='https://static.zaobao.com/s3fs-public/a.jpg'>"
PHOTO = f"<figure>{IMAGE}</figure>"


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    ("body", "lines"),
    [
        (f"{EMBED}{P2}{P3}", ["视频", TWO, THREE]),
        (f"{P2}{EMBED}{P3}", [TWO, "视频", THREE]),
        (f"{EMBED}</div>{P2}{P3}", ["视频", TWO, THREE]),
        (f"{EMBED}{P2}{EMBED}{P3}", ["视频", TWO, "视频", THREE]),
        (f"{EMBED}<h2>小题</h2>{P2}<ul><li>甲</li></ul>{P3}", ["视频", "小题", TWO, "甲", THREE]),
        (f"{EMBED}{TWO}<br>{THREE}", ["视频", TWO, THREE]),
        (f"{EMBED}{P2}<div class='google-ad'>广告</div>{P3}", ["视频", TWO, THREE]),
        (f"{EMBED}{P2}<blockquote>我看到它了。</blockquote>", ["视频", TWO, "我看到它了。"]),
        (f"<p class='MsoNormal'>甲</p>{EMBED}<p class='MsoNormal'>{TWO}</p>", ["甲", "视频", TWO]),
        (f"{P2}</section></article></div>{P3}", [TWO, THREE]),
    ],
)
def test_what_stands_behind_it_is_the_story_s(layout: str, body: str, lines: list[str]) -> None:
    article = extract(in_layouts(FIRST + body)[layout], URL, crawled=CRAWLED)
    assert article.layout == layout
    assert article.text.split("\n")[7:] == lines
    assert article.access == ("unknown" if layout == "generic" else "free")


@pytest.mark.parametrize("layout", LAYOUTS[:2])
@pytest.mark.parametrize(
    ("behind", "lines"),
    [
        ("<p>（路透社）</p>", ["（路透社）"]),
        (f"<blockquote>{P2}</blockquote>", [TWO]),
        ("<ul><li>甲</li><li>乙</li></ul>", ["甲", "乙"]),
        ("<table><tr><td>甲</td><td>乙</td></tr></table>", ["甲\t乙"]),
        ("<iframe src='https://youtu.be/2'></iframe>", ["视频"]),
        (PHOTO, []),
        (f"<p>{IMAGE}</p>", []),
        (IMAGE, []),
    ],
)
def test_so_is_what_is_no_sentence(layout: str, behind: str, lines: list[str]) -> None:
    article = extract(in_layouts(FIRST + EMBED + behind)[layout], URL, crawled=CRAWLED)
    assert article.text.split("\n")[7:] == ["视频", *lines]
    assert len(article.images) == (IMAGE in behind)


@pytest.mark.parametrize("layout", LAYOUTS[:4])
@pytest.mark.parametrize(
    "marker",
    [
        "<div class='article-microtransaction'><div class='cta-subscribe'>请订阅</div></div>",
        "<div class='cta-subscribe-new'><a href='/x'>请订阅以继续阅读全文</a></div>",
        "<p>请订阅以继续阅读全文！</p>",
    ],
)
def test_a_cut_story_is_no_whole_one(layout: str, marker: str) -> None:
    page = in_layouts(FIRST + EMBED + P2 + marker)[layout]
    article = extract(page, URL, crawled=CRAWLED)
    assert article.access == "paywalled"
    assert article.text.split("\n")[7:] == ["视频", TWO]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_picture_there_is_the_story_s_too(layout: str) -> None:
    article = extract(in_layouts(FIRST + EMBED + P2 + PHOTO)[layout], URL, crawled=CRAWLED)
    assert [image.role for image in article.images] == ["inline"]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    "behind",
    [
        f"<div class='part'>{P2}{P3}</div>",
        f"<div><a href='/x'>甲</a></div>{P2}{P3}",
        f"<section><h2>甲</h2>{P2}{P3}</section>",
        f"<p id='box'>{TWO}</p>",
        f"<ul><li>甲</li></ul><div><ul><li><p>{TWO}</p></li></ul></div>",
    ],
)
def test_what_may_be_the_story_s_is_in_it_or_it_is_marked(layout: str, behind: str) -> None:
    try:
        article = extract(in_layouts(FIRST + EMBED + behind)[layout], URL, crawled=CRAWLED)
    except NoArticle:
        assert layout == "generic"
    else:
        assert article.access == "truncated" or TWO in article.text


IFRAME = "<iframe src='https://www.youtube.com/embed/x'></iframe>"


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    "body",
    [
        f"{EMBED}{P2}<div class='open'>",
        f"{EMBED}{P2}<div class='share'><div><a href='/x'>分享</a></div>",
        f"<div><p>甲</p><div class='video'>{IFRAME}</div></div></div>{P2}<div>",
        f"<section class='google-ad'><div>广告</section></div>{P2}",
        f"<blockquote class='twitter-tweet'>它又来了。</blockquote></div>{P2}<div>",
        f"<div class='quote'><blockquote>它又来了。</blockquote></div></div>{P2}<div><p class='x'>甲",
        f"<figure>{IMAGE}</figure></div>{P2}<div id='more'>",
        f"{EMBED}<p>{TWO}<div class='open'>",
    ],
)
def test_a_paragraph_there_is_not_lost_where_another_element_is_never_closed(
    body: str, layout: str
) -> None:
    try:
        article = extract(in_layouts(FIRST + body)[layout], URL, crawled=CRAWLED)
    except NoArticle:
        assert layout == "generic"
    else:
        assert TWO in article.text or article.access == "truncated"


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    ("head", "foot"),
    [
        ("<header><div class='menu'></header>", ""),
        ("<nav><div><div>菜单</div></nav>", ""),
        ("", "<div class='app'>"),
        ("<div class='menu'>", ""),
        ("<table><tr><td><div>菜单</td></tr></table>", "<div>"),
    ],
)
def test_nor_where_one_of_the_pages_is(head: str, foot: str, layout: str) -> None:
    page = in_layouts(FIRST + EMBED + P2)[layout]
    page = page.replace("<body>", f"<body>{head}").replace("</body>", f"{foot}</body>")
    try:
        article = extract(page, URL, crawled=CRAWLED)
    except NoArticle:
        assert layout == "generic"
    else:
        assert TWO in article.text or article.access == "truncated"


BODY_END = {"hk_astro": "</article>", "hk_bootstrap": "</article>"}


@pytest.mark.parametrize("layout", LAYOUTS[:4])
@pytest.mark.parametrize(
    "after",
    [
        P2,
        f"<p class='legal'>{TWO}</p><p class='legal'>{THREE}</p>",
        f"<aside>{P2}{P3}</aside>",
        f"<section class='recommend'>{P2}{P3}</section>",
        f"<div class='share'><a href='/x'>分享</a></div>{P2}{P3}",
        f"{PHOTO}<ul><li>甲</li></ul>",
        "<div class='cta-subscribe'>请订阅</div>",
        "<p><a href='/x'>别的一条新闻在这里。</a></p>" * 3,
    ],
)
def test_the_page_s_own_words_behind_a_box_stay_there(layout: str, after: str) -> None:
    end = BODY_END.get(layout, "</div>")
    page = in_layouts(FIRST + "@")[layout].replace("@" + end, end + after)
    article = extract(page, URL, crawled=CRAWLED)
    assert article.text.split("\n") == [TEXT[3:-4]] * 7
    assert article.access == "free"


def data_s(place: int) -> str:
    return "abc" + base64.b32encode(str(place).encode()).decode()


def test_shuffled_paragraphs_behind_it_come_into_their_order() -> None:
    words = ["甲在前。", "乙在后。", "丙在中。", "丁在末。"]
    parts = [
        f"<p data-s='{data_s(place)}'>{line}</p>"
        for line, place in zip(words, (2, 4, 3, 5), strict=True)
    ]
    body = (
        parts[1]
        + f"<div data-s='{data_s(1)}'><iframe src='https://youtu.be/1'></iframe></div></div>"
    )
    page = in_layouts(body + parts[0] + parts[3] + parts[2])["hk_bootstrap"]
    article = extract(page, URL, crawled=CRAWLED)
    assert article.text.split("\n") == ["视频", words[0], words[2], words[1], words[3]]


def test_paths_of_what_is_removed_there_are_the_page_s() -> None:
    page = in_layouts(FIRST + EMBED + P2 + "<div class='google-ad'>广告</div>" + P3)["sg_cards"]
    (removed,) = extract(page, URL, crawled=CRAWLED).removed
    assert removed.path == "html > body > main > article > div:nth-of-type(2)"


@pytest.mark.parametrize("layout", LAYOUTS[:4])
@pytest.mark.parametrize(
    "start",
    [
        "<select><option>甲",
        "<object data='https://x.example/a.mp4'>",
        "<canvas>",
        "<svg><title>甲",
        "<svg><foreignObject>",
        "<iframe src='https://youtu.be/1'>",
        "<noembed>",
        "<noframes>",
        "<template><p>甲",
        "<datalist><option>甲",
    ],
)
def test_a_story_that_an_unclosed_element_swallows_is_marked(layout: str, start: str) -> None:
    page = in_layouts(FIRST + start + P2 + P3 + P2 + P3)[layout]
    article = extract(page, URL, crawled=CRAWLED)
    assert TWO not in article.text
    assert article.access == "unknown"
    assert article.access_reason == f"text stands in a <{start[1:].split('>')[0].split()[0]}>"


@pytest.mark.parametrize("layout", LAYOUTS[:4])
@pytest.mark.parametrize(
    "start",
    [
        "<noscript>",
        "<template>",
        "<iframe src='https://youtu.be/1'>",
        "<object data='https://x.example/a.mp4'>",
        "<p class='hidden md:block'>甲</p><div class='md:hidden'>",
    ],
)
def test_a_short_last_sentence_that_one_swallows_is_missed(layout: str, start: str) -> None:
    article = extract(in_layouts(FIRST + start + "<p>船停了。</p>")[layout], URL, crawled=CRAWLED)
    assert "船停了" not in article.text
    assert article.access == "unknown"


@pytest.mark.parametrize(
    "start", ["<option>", "<button>", "<form>", "<math><mi>x</mi>", "<svg><path>", "<label>"]
)
def test_a_story_behind_an_unclosed_element_that_shows_it_is_whole(start: str) -> None:
    article = extract(in_layouts(FIRST + start + P2 + P3)["sg_cards"], URL, crawled=CRAWLED)
    assert article.text.split("\n")[-2:] == [TWO, THREE]
    assert article.access == "free"


@pytest.mark.parametrize(
    "closed",
    [
        "<select><option>小</option><option>中</option></select>",
        "<svg><text>盐道十二里分为五段，每段一年。</text></svg>",
        "<canvas>您的浏览器不能显示这个图表。</canvas>",
        "<iframe src='https://youtu.be/1'><p>您的浏览器不支持视频。</p></iframe>",
        "<noembed><p>甲</p></noembed>",
    ],
)
def test_a_closed_one_with_a_note_is_no_sign_of_a_cut_story(closed: str) -> None:
    article = extract(in_layouts(FIRST + closed + P2)["sg_cards"], URL, crawled=CRAWLED)
    assert article.access == "free"
    assert "甲" not in article.text


@pytest.mark.parametrize("layout", LAYOUTS[:4])
@pytest.mark.parametrize(
    ("body", "access"),
    [
        ("</div><div class='article-microtransaction'>请订阅</div>", "paywalled"),
        ("</div><div class='cta-subscribe-new'><a href='/x'>订阅</a></div>", "paywalled"),
        (f"<!-- 旧稿 {P2}{P3}", "truncated"),
        (f'<p class="first>甲</p>{P2}{P3}', "truncated"),
        (f"<p><a href='/x>甲</a></p>{P2}<p id='b'>{THREE}</p>", "truncated"),
        (f"<!-- 旧稿 -->{P2}<script>var a = '<!--';</script>", "free"),
        (f"<p data-caption='<b>甲</b>'>{TWO}</p>", "free"),
    ],
)
def test_what_a_browser_does_not_show_of_a_story_is_missed(
    layout: str, body: str, access: str
) -> None:
    article = extract(in_layouts(FIRST + body)[layout], URL, crawled=CRAWLED)
    assert article.access == access
    assert article.text.split("\n")[:7] == [TEXT[3:-4]] * 7


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("start", ["<table><tr><td>", "<div class='x'>", "<table><tr><td><div>"])
def test_an_element_that_never_ends_lets_nothing_of_the_page_in(layout: str, start: str) -> None:
    page = in_layouts(FIRST + start + P2)[layout]
    text = extract(page, URL, crawled=CRAWLED).text
    assert TWO in text
    assert [words for words in ("旁栏", "联系我们", "鸟\n", "热文") if words in text] == []
    assert not text.endswith("鸟")
