"""Stories of several pages, in each layout: which pages there are, how they are joined."""

from __future__ import annotations

import pytest

from tests.support.shells import CRAWLED, GENERIC, LONGER, PARAGRAPHS, SHELLS, URL, Shell, ld
from zaobao import reader, urls
from zaobao.errors import NotAStory, OtherStory, UnreadablePage
from zaobao.items import Article, Extraction
from zaobao.layouts import further as module
from zaobao.page import Page

LAYOUTS = pytest.mark.parametrize("shell", SHELLS, ids=lambda shell: shell.layout)
TWO = URL + "?page=1"
SECOND = "<p>第二段路明年修，从旧盐仓一直到山脚下的茶亭，一共三里半。</p>"
THIRD = "<p>第三段最难，要在崖边打桩，石匠说至少要等到后年春天。</p>"
ULIST = (
    '<ul class="pager"><li class="pager-current">1</li><li><a href="?page=1">2</a></li>'
    '<li><a rel="next" title="到下一页" href="?page=1">下一页 ›</a></li></ul>'
)


def read(shell: Shell, body: str, head: str = "", url: str = URL) -> Extraction:
    page = Page(url, shell.page(ld() + head, "<h1>渔村修好百年盐道</h1>", body).encode())
    return reader.read(page, urls.StoryUrl.of(URL), CRAWLED)


def joined(shell: Shell, extraction: Extraction, pages: dict[str, str]) -> Article:
    """The story after all pages that it asks for were given to it, by their addresses."""
    asked = []
    while wanted := extraction.further.wanted:
        asked.append(wanted)
        assert len(asked) < 100
        html = shell.page(ld(), "<h1>渔村修好百年盐道</h1>", pages[wanted])
        reader.join(extraction, Page(wanted, html.encode()))
    assert asked == list(dict.fromkeys(asked))
    return reader.finish(extraction)


@LAYOUTS
@pytest.mark.parametrize(
    ("pager", "address"),
    [
        (ULIST, TWO),
        ('<p>1 <a href="?page=2">2</a> <a href="?page=3">3</a></p>', URL + "?page=2"),
        ('<div class="pages">本文共2页：<b>1</b> <a href="?p=2">下一页</a></div>', URL + "?p=2"),
        (f'<nav><a href="{URL}">1</a> | <a href="{URL}/2">2</a></nav>', URL + "/2"),
        (f'<p align="center"><a href="{URL}_2.html">下一頁 &gt;&gt;</a></p>', URL + "_2.html"),
        ('<p>下一页：<a href="?page=1">茶亭还在等</a></p>', TWO),
        ('<p><a href="?page=1">下一页：茶亭还在等</a></p>', TWO),
        ('<p>第一页 <a href="?page=1">第二页</a></p>', TWO),
        ('<a href="?page=1">2</a> <a href="?page=1">下一页</a>', TWO),
        ('<table><tr><td>[1]</td><td>[<a href="?page=1">2</a>]</td></tr></table>', TWO),
        ('<div><span>‹</span><span>1/2</span><a href="?page=1">›</a></div>', TWO),
        ('<div>第1页，共3页 <a href="?page=1">后页</a></div>', TWO),
        ('<p>（未完待续，<a href="?page=1">点击进入下一页</a>）</p>', TWO),
        ('<p><a href="?page=1">阅读全文</a></p>', TWO),
        ('<div><a aria-label="下一页" href="?page=1"><svg></svg></a></div>', TWO),
        ('<p>分页： <span>1</span> <a href="?page=1">2</a></p>', TWO),
        ('<p>①　<a href="?page=1">②</a>　<a href="?page=2">③</a></p>', TWO),
        ('<p>本文共3页，当前第1页　<a href="?page=1">继续阅读下一页</a></p>', TWO),
        ('<p><a href="?page=1"><img src="/next.gif" alt="下一页"></a></p>', TWO),
        ('<p><a href="?page=1">点击展开全文</a></p>', TWO),
        ('<p><a href="?page=1">加载更多</a></p>', TWO),
        ('<p><a href="?page=1">盐道之二：茶亭</a></p>', TWO),
        ('<p>P1 <a href="?page=1">P2</a> <a href="?page=2">P3</a></p>', TWO),
        ('<p><a href="?page=1">二</a> <a href="?page=2">三</a></p>', TWO),
        ('<p><a href="?page=1">下一页（2/3）</a></p>', TWO),
        ('<p><a href="?page=1">下一頁 ▶</a></p>', TWO),
        ('<p><a href="?page=1">1/3 下一页</a></p>', TWO),
        ('<ul><li>第1页：码头</li><li><a href="?page=1">第2页：茶亭</a></li></ul>', TWO),
        ('<ol><li>一、码头</li><li><a href="?page=1">二、茶亭</a></li></ol>', TWO),
        (f'<p><a href="{URL}?page=all">单页阅读</a></p>', URL + "?page=all"),
        ('<p>1 <a href="?page=1">2</a> <a href="?page=all">全文</a></p>', TWO),
        (f'<p><a href="{URL}/full">显示全文</a></p>', URL + "/full"),
    ],
)
def test_a_pager_is_no_text_and_says_that_the_story_goes_on(
    shell: Shell, pager: str, address: str
) -> None:
    extraction = read(shell, PARAGRAPHS + pager)
    assert extraction.further.wanted == address
    article = reader.finish(extraction)
    assert (article.layout, article.access) == (shell.layout, "truncated")
    assert article.access_reason == f"it goes on at {address}"
    plain = reader.finish(read(shell, PARAGRAPHS))
    assert (article.text, article.body_html) == (plain.text, plain.body_html)
    assert [one.rule for one in article.removed] in (["pager"], ["aside"])


@LAYOUTS
def test_pages_are_joined_in_order(shell: Shell) -> None:
    middle = '<p><a href="?page=0">1</a> 2 <a href="?page=2">3</a> <a href="?page=2">下一页</a></p>'
    last = '<p><a href="?page=0">上一页</a> <a href="?page=0">1</a> <a href="?page=1">2</a> 3</p>'
    link = '<p>路的图样<a href="map">在这里</a>，谁都可以拿去看，看完了放回原处。</p>'
    pages = {TWO: SECOND + link + middle, URL + "?page=2": THIRD + last}
    article = joined(shell, read(shell, PARAGRAPHS + ULIST), pages)
    whole = reader.finish(read(shell, PARAGRAPHS + SECOND + link + THIRD))
    assert (article.access, article.access_reason) == ("free", None)
    assert (article.text, article.body_html) == (whole.text, whole.body_html)
    assert (article.url, article.id, article.digest) == (whole.url, whole.id, whole.digest)
    assert [one.rule for one in article.removed] == ["pager"] * 3


@pytest.mark.parametrize(
    "body",
    [
        '<p>共有<a href="?page=1">2</a>人走完了全程，他们用了两个小时，回来时天已经黑了。</p>',
        '<p>修路的账目<a href="?page=1">登在村口</a>，谁都可以去看，也可以去问村委会。</p>',
        '<p>另见<a href="/news/china/story20261104-9799002?page=1">下一页</a>那一则报道的说法。</p>',
        '<ol><li><a href="#a">1</a></li></ol>',
        f'<p><a href="{URL}">1</a></p>',
        "<p>1</p><p>2</p><p>3</p>",
        "<p>他翻到下一页，上面写着每一户的名字。</p>",
        "<p><a href='#'>阅读全文</a></p>",
        "<p><a href='#two'>下一页</a></p><div id='two'>渡口在第二段路的尽头。</div>",
        "<p><a href='/news/china/story20261104-9799002'>下一页</a></p>",
        "<p>下一篇：<a href='/news/china/story20261104-9799002'>茶亭</a></p>",
        "<p>下一篇：他决定写茶亭。</p><p>第一页</p><p>（未完待续）</p><p>1 2 3</p>",
        "<p>上一页 1 下一页</p><p>共1页</p>",
        "<div class='comment-list'><button>加载更多</button></div>",
        "<p><a href='?page=1'><img src='/s3/files/a.jpg'></a></p>",
        "<p>全文</p><p>县里的公告一共三条。</p>",
        "<p><a href='https://other.example/a?page=1'>阅读全文</a></p>",
        "<div><figure><img src='/s3/files/a.jpg'></figure><button>下一页</button></div>",
        "<div><button disabled class='disabled'>下一页</button></div>",
        "<select><option>1</option><option>2</option></select>",
        "<select><option>第1页</option></select>",
    ],
)
def test_what_is_no_pager_asks_for_nothing(body: str) -> None:
    for shell in SHELLS:
        extraction = read(shell, PARAGRAPHS + body)
        assert extraction.further.wanted is None
        assert reader.finish(extraction).access == "free"


@LAYOUTS
@pytest.mark.parametrize(
    "piece",
    [
        "<p>下一篇：<a href='/news/china/story20261104-9799002'>茶亭</a></p>",
        "<p>上一篇：<a href='/x'>码头</a><br>下一篇：<a href='/y'>茶亭</a></p>",
        "<p>上一篇：没有了</p><p><a href='/y'>下一篇</a></p>",
        "<p><a href='/news/china/story20261104-9799002'>下一页</a></p>",
        "<p><a href='javascript:;'>展开全文</a></p>",
        "<div><span>点击展开全文</span></div>",
        "<p>上一页 1 下一页</p>",
    ],
)
def test_the_links_beside_a_story_are_no_text(shell: Shell, piece: str) -> None:
    article = reader.finish(read(shell, PARAGRAPHS + piece))
    plain = reader.finish(read(shell, PARAGRAPHS))
    assert (article.text, article.access) == (plain.text, "free")


@pytest.mark.parametrize("text", ["共有2人走完了全程", "登在村口", "他翻到下一页"])
def test_a_sentence_keeps_its_link(text: str) -> None:
    body = f"<p>{text.replace('2', '<a href=?page=1>2</a>')}，他们用了两个小时，天已经黑了。</p>"
    assert text in reader.finish(read(SHELLS[0], PARAGRAPHS + body)).text


@pytest.mark.parametrize(
    ("head", "address"),
    [
        ('<link rel="next" href="?page=1">', TWO),
        (f'<link rel="prerender Next" href="{TWO}">', TWO),
        ('<link rel="next" href="/news/china/story20261104-9799002">', None),
        ('<link rel="next" href="/news/china">', None),
        ('<link rel="next" href="">', None),
        (f'<link rel="next" href="{URL}?ref=x">', None),
        (f'<link rel="next" href="{URL}#part2">', None),
    ],
)
def test_only_a_page_of_the_same_story_is_next(head: str, address: str | None) -> None:
    for shell in SHELLS:
        assert read(shell, PARAGRAPHS, head).further.wanted == address


@pytest.mark.parametrize(
    ("around", "address"),
    [
        ('<div class="pagination"><a rel="next" href="?page=1">›</a></div>', TWO),
        ('<p><a href="?page=1">下一页</a></p>', TWO),
        ('<div id="comments"><a rel="next" href="?page=1">下一页</a></div>', None),
        ('<div class="recommend-list"><a href="?page=1">下一页</a></div>', None),
        ('<div><b>1</b><a href="?page=1">2</a><a href="?page=2">3</a></div>', TWO),
        ('<div><a href="?page=1" class="next">›</a></div>', TWO),
        ('<div><a href="?view=all">单页阅读</a></div>', URL + "?view=all"),
        ('<div><a href="?page=1">盐道的账目</a></div>', None),
        ('<div><a href="/news/china/story20261104-9799002">下一篇</a></div>', None),
    ],
)
def test_a_pager_beside_the_box(around: str, address: str | None) -> None:
    html = (
        SHELLS[0]
        .page(ld(), "", PARAGRAPHS)
        .replace("</div></article>", f"</div>{around}</article>")
    )
    page = Page(URL, html.encode())
    extraction = reader.read(page, urls.StoryUrl.of(URL), CRAWLED)
    assert extraction.further.wanted == address


def test_a_page_that_repeats_the_first_ends_the_story() -> None:
    """Drupal's pager of readers' comments shows the whole story on each of its pages."""
    extraction = read(SHELLS[2], PARAGRAPHS, '<link rel="next" href="?page=1">')
    article = joined(SHELLS[2], extraction, {TWO: PARAGRAPHS})
    assert (article.access, article.text.count("盐道")) == ("free", 1)


LIST = '<p><a href="?page=1">2</a> <a href="?page=2">3</a></p>'
TOPICS = (
    '<ul><li><a href="?page={}">码头</a></li><li><a href="?page={}">茶亭</a></li><li>崖边</li></ul>'
)


@LAYOUTS
@pytest.mark.parametrize(
    ("first", "pages"),
    [
        (LIST, [SECOND, THIRD]),
        (f'{LIST}<p><a href="?page=2">下一页</a></p>', [SECOND, THIRD]),
        ('<p><a href="?page=2">3</a> <a href="?page=1">2</a></p>', [SECOND, THIRD]),
        (TOPICS.format(1, 2), [SECOND + TOPICS.format(0, 2), THIRD + TOPICS.format(0, 1)]),
        ('<p><a href="?page=1">余下全文</a></p>', [PARAGRAPHS + SECOND + THIRD]),
    ],
)
def test_no_page_is_lost_or_twice(shell: Shell, first: str, pages: list[str]) -> None:
    known = {f"{URL}?page={place}": body for place, body in enumerate([PARAGRAPHS, *pages])}
    article = joined(shell, read(shell, PARAGRAPHS + first), known)
    whole = reader.finish(read(shell, PARAGRAPHS + SECOND + THIRD))
    assert (article.access, article.text) == ("free", whole.text)


@LAYOUTS
def test_a_page_with_the_whole_story_takes_the_place_of_the_first(shell: Shell) -> None:
    extraction = read(shell, PARAGRAPHS + '<p><a href="?page=all">单页阅读</a></p>')
    article = joined(shell, extraction, {URL + "?page=all": PARAGRAPHS + SECOND})
    whole = reader.finish(read(shell, PARAGRAPHS + SECOND))
    assert (article.access, article.body_html) == ("free", whole.body_html)


@pytest.mark.parametrize(
    ("first", "address", "page", "why"),
    [
        ('<a href="?page=all">单页阅读</a>', URL + "?page=all", SECOND, "does not begin as"),
        ('<a href="?page=1">下一页</a>', TWO, "", "has no text"),
    ],
)
def test_a_page_that_cannot_be_joined(first: str, address: str, page: str, why: str) -> None:
    extraction = read(SHELLS[0], f"{PARAGRAPHS}<p>{first}</p>")
    html = SHELLS[0].page(ld(), "", page)
    with pytest.raises(UnreadablePage, match=why):
        reader.join(extraction, Page(address, html.encode()))


def test_a_page_that_is_only_named_is_missing() -> None:
    first = '<p><a href="?page=1">2</a> … <a href="?page=8">9</a></p>'
    article = joined(SHELLS[0], read(SHELLS[0], PARAGRAPHS + first), {TWO: SECOND})
    assert (article.access, article.access_reason) == ("truncated", "its page 3 has no address")


def test_the_next_page_is_asked_where_the_one_before_it_came_from() -> None:
    """Not on the other host of the paper, which may have another layout."""
    sg = URL.replace("zaobao.com", "zaobao.com.sg")
    extraction = read(SHELLS[0], PARAGRAPHS + ULIST, url=sg)
    body = SECOND + '<p><a href="?page=2">下一页</a></p>'
    reader.join(extraction, Page(sg + "?page=1", SHELLS[0].page(ld(), "", body).encode()))
    assert extraction.further.wanted == sg + "?page=2"


def test_long_pagers_of_short_pages_are_not_too_much() -> None:
    pager = "".join(f'<a href="?page={place}">{place + 1}</a> ' for place in range(1, 100))
    article = reader.finish(read(SHELLS[0], f"{PARAGRAPHS}<p>{pager}</p>"))
    assert article.access == "truncated"
    assert [one.rule for one in article.removed] == ["pager"]


def test_a_circle_of_pages_ends() -> None:
    back = '<p><a href="?page=1">2</a> <a rel="next" href="?page=1">下一页</a></p>'
    again = '<p><a rel="next" href="?page=2">下一页</a></p>'
    pages = {TWO: SECOND + again, URL + "?page=2": THIRD + back}
    article = joined(SHELLS[0], read(SHELLS[0], PARAGRAPHS + ULIST), pages)
    assert article.text.count("崖边") == article.text.count("茶亭") == 1


def test_pages_without_end_are_bounded() -> None:
    extraction, asked = read(SHELLS[0], PARAGRAPHS + ULIST), 0
    while wanted := extraction.further.wanted:
        asked += 1
        body = f'<p>第{asked}里路铺好了，石匠数了数。</p><a rel="next" href="?page={asked + 1}">下一页</a>'
        reader.join(extraction, Page(wanted, SHELLS[0].page(ld(), "", body).encode()))
    assert asked == module.MOST - 1
    article = reader.finish(extraction)
    assert (article.access, article.access_reason) == ("truncated", "it has more than 30 pages")


def test_a_pager_of_a_script_has_no_address() -> None:
    pager = '<div>1 <a href="javascript:go(2)">2</a> <a href="#">下一页</a></div>'
    article = reader.finish(read(SHELLS[0], PARAGRAPHS + pager))
    assert (article.access, article.access_reason) == ("truncated", "its next page has no address")
    assert "下一页" not in article.text
    last = pager.replace('<a href="#">', '<a class="disabled" href="#">')
    assert reader.finish(read(SHELLS[0], PARAGRAPHS + last)).access == "free"


@pytest.mark.parametrize(
    ("pager", "wanted"),
    [
        ("<div class='pager'><button>下一页</button></div>", None),
        ("<form><input type='submit' value='下一页'></form>", None),
        ("<div><button>加载更多</button></div>", None),
        ("<p>上一页 1 2 3 下一页</p>", None),
        ("<p>第1页/共3页</p>", None),
        ("<p>（未完，请看下页）</p>", None),
        ("<div><span>1</span><span onclick='go(2)'>2</span><span>下一页</span></div>", None),
        ("<p>点击展开余下全文</p>", None),
        ("<p><a href='#page=2'>2</a> <a href='#page=3'>3</a></p>", None),
        ("<div class='pager'><input type='button' value='x'><button>下一页 ›</button></div>", None),
        ("<select onchange='go()'><option>第1页</option><option>第2页</option></select>", None),
        (
            "<select><option value='?page=0'>第1页</option><option value='?page=1'>第2页</option></select>",
            TWO,
        ),
    ],
)
def test_buttons_and_choices_lead_to_pages_too(pager: str, wanted: str | None) -> None:
    for shell in SHELLS:
        extraction = read(shell, PARAGRAPHS + pager)
        assert extraction.further.wanted == wanted
        article = reader.finish(extraction)
        assert article.access == "truncated"
        assert article.text == reader.finish(read(shell, PARAGRAPHS)).text


def test_the_generic_fallback_sees_a_pager_in_a_frame_of_the_page() -> None:
    pager = '<nav class="pagination"><a href="?page=1">下一页</a></nav>'
    html = GENERIC.page(ld(), "<h1>渔村修好百年盐道</h1>", PARAGRAPHS + LONGER + pager)
    found = reader.try_fallback(Page(URL, html.encode()), urls.StoryUrl.of(URL), CRAWLED)
    assert found is not None
    assert found.further.wanted == TWO


def test_a_page_of_another_story_or_layout_is_not_joined() -> None:
    extraction = read(SHELLS[0], PARAGRAPHS + ULIST)
    other = '<link rel="canonical" href="/news/china/story20261104-9799002">'
    for url, html, error in (
        (TWO, SHELLS[0].page(ld() + other, "", SECOND), OtherStory),
        ("https://www.zaobao.com/news/china", SHELLS[0].page(ld(), "", SECOND), OtherStory),
        (TWO, "<!DOCTYPE html><p>维护中</p></html>", UnreadablePage),
    ):
        with pytest.raises(error):
            reader.join(extraction, Page(url, html.encode()))
    reader.leave_out_page(extraction, "the site answered 404")
    article = reader.finish(extraction)
    said = "in doubt: page 2 could not be read: the site answered 404"
    assert (article.access, article.access_reason) == ("truncated", said)
    assert "茶亭" not in article.text


def test_a_paywalled_page_stays_so() -> None:
    wall = '<div class="article-microtransaction">请订阅</div>'
    assert reader.finish(read(SHELLS[0], PARAGRAPHS + wall + ULIST)).access == "paywalled"


def test_the_generic_fallback_gives_no_half_story() -> None:
    html = (
        "<!DOCTYPE html><head>"
        + ld()
        + f"</head><body><h1>渔村修好百年盐道</h1><div>{LONGER}{ULIST}</div></body></html>"
    )
    extraction = reader.fallback(Page(URL, html.encode()), urls.StoryUrl.of(URL), CRAWLED)
    with pytest.raises(NotAStory, match="it goes on at"):
        reader.finish(extraction)


@pytest.mark.parametrize("words", ["1" * 99 + "水", "当前页" * 33 + "水", "第1页：" * 99 + "水？"])
def test_a_long_line_beside_a_link_ends(words: str) -> None:
    article = reader.finish(read(SHELLS[0], f'{PARAGRAPHS}<p><a href="?page=2">2</a>{words}</p>'))
    assert article.text.endswith(words)


def test_a_pager_of_a_thousand_pages_is_no_text() -> None:
    pager = "".join(f"<a href=?page={place}>{place}</a>" for place in range(2, 1000))
    article = reader.finish(read(SHELLS[0], f"{PARAGRAPHS}<p>{pager}</p>"))
    assert article.text == reader.finish(read(SHELLS[0], PARAGRAPHS)).text


@pytest.mark.parametrize(
    "piece", ["<a href=?page=2>2</a>", "<a href=?page=2>›", "<p>1 <a href=?page=2>2</a>"]
)
def test_many_links_end(piece: str) -> None:
    extraction = read(SHELLS[0], PARAGRAPHS * 40 + piece * 400)
    reader.clean(extraction)
    once = read(SHELLS[0], PARAGRAPHS)
    reader.clean(once)
    assert extraction.article.text.count(once.article.text.splitlines()[0]) == 40
