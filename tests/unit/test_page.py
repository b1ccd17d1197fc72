"""One page, one tree: the one that a browser builds, and what is asked of it."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.chain import post, read
from zaobao import dom
from zaobao.cleaning.embeds import AUDIO, FRAMES, PLACES, POSTS, SCRIPTS, VIDEO
from zaobao.cleaning.matching import matched
from zaobao.cleaning.rules import RULES
from zaobao.dom import fragment
from zaobao.layouts import LAYOUTS
from zaobao.page import MAX_DEPTH, Page

ADDRESS = "https://www.zaobao.com/realtime/china/story20260301-5000000"
CRAWLED = datetime.fromisoformat("2026-03-01T12:00:00+08:00")
SELECTORS = sorted(
    {rule.selector for rule in RULES}
    | {VIDEO, AUDIO, FRAMES, PLACES, POSTS, SCRIPTS}
    | {
        selector
        for layout in LAYOUTS
        for kind in type(layout).__mro__
        for value in vars(kind).values()
        if isinstance(value, tuple)
        for selector in value
        if isinstance(selector, str)
    }
)


def page(body: str) -> Page:
    return Page(ADDRESS, f"<!DOCTYPE html><html><body>{body}</body></html>".encode())


@pytest.mark.parametrize(
    "piece",
    [
        "<embed>",
        "<svg viewBox='0 0 9 9'>",
        "<svg><g>",
        "<math><mrow>",
        "<source><track>",
        "<frameset>",
        "<noscript><img src='https://x.example/a.gif'></noscript>",
        "<img src='https://x.example/a.gif'",
    ],
)
def test_no_paragraph_goes_with_what_is_removed(piece: str) -> None:
    script = (
        '{"@type": "NewsArticle", "headline": "盐道修好了", '
        '"datePublished": "2026-03-01T10:00:00+08:00"}'
    )
    source = (
        f'<html><head><script type="application/ld+json" id="seo-article-page">{script}</script>'
        f'</head><body><div class="articleBody"><p>第一段写在前面。</p>{piece}'
        "<p>第二段写在后面。</p><p>第三段也是。</p></div></body></html>"
    )
    article = read(source.encode(), ADDRESS, CRAWLED)
    assert article.text == "第一段写在前面。\n第二段写在后面。\n第三段也是。"
    assert b"<p>\xe7\xac\xac\xe4\xb8\x89" in post(article)


def test_the_first_selector_that_matches_counts_and_each_element_once() -> None:
    one = page("<main><p class='a b'>甲</p><p class='b'>乙</p></main>")
    assert [node.text() for node in one.select((".none", ".a, .b", "p"))] == ["甲", "乙"]
    (main,) = one.select(("main",))
    assert one.select(("main",), main) == []
    assert (one.has((".none", ".b")), one.has((".none",)), one.has(())) == (True, False, False)


def test_a_page_of_nothing_has_a_root() -> None:
    assert Page(ADDRESS, b"").root.tag == "html"
    assert Page(ADDRESS, b"").metas == {}


@pytest.mark.parametrize(("levels", "expected"), [(MAX_DEPTH - 2, False), (MAX_DEPTH - 1, True)])
def test_depth_counts_html_and_body(levels: int, expected: bool) -> None:
    assert page("<div>" * levels).is_too_deep is expected


def test_the_title_is_the_pages_and_no_drawings() -> None:
    source = "<html><body><svg><title>图标</title></svg><title>渡口的灯</title></body></html>"
    assert Page(ADDRESS, source.encode()).title == "渡口的灯"


def test_a_noscript_is_text_as_where_scripts_run() -> None:
    source = (
        "<html><head><noscript><img src='https://t.example/p.gif'></noscript>"
        "<link rel='canonical' href='/a'></head><body><noscript><p>甲</p></noscript></body></html>"
    )
    one = Page(ADDRESS, source.encode())
    assert one.root.css_first("head link") is not None
    assert one.root.css("img, p") == []
    assert [dom.text_of(dom.unshown(node)) for node in one.root.css("body noscript")] == ["甲"]


def test_two_objects_of_one_node_are_the_same_and_two_like_nodes_are_not() -> None:
    box = fragment("<p>甲</p><p>甲</p>")
    first, second = box.css("p")
    assert dom.is_same(first, box.css("p")[0])
    assert not dom.is_same(first, second)
    assert len({first, second, box.css("p")[0]}) == 2


@pytest.mark.parametrize(
    "html",
    [
        "<div><p>甲</p><p>甲</p><p>乙<b>丙</b></p></div><div><p>丁</p></div>",
        "<o:p>甲</o:p><o:p>乙</o:p><x-y>丙</x-y>",
        "<ul><li>甲</li><!-- x --><li>乙</li></ul>",
        '<p data-s="abcGE======">甲</p><p data-s="abcGI">乙</p><p>丙</p>',
    ],
)
def test_a_path_leads_to_its_element_alone(html: str) -> None:
    one, paths = page(html), dom.Paths()
    for node in one.root.css("*"):
        (found,) = one.root.css(paths.of(node))
        assert dom.is_same(found, node)


def test_a_path_is_the_pages_also_after_words_were_put_into_elements() -> None:
    html = "延伸阅读<p>甲</p>延伸阅读<b>乙</b><script>x()</script><b>丙</b>"
    before = page(f"<div id='box'>{html}</div>")
    wanted = [dom.Paths().of(node) for node in before.root.css("#box b, #box script")]
    (box,) = before.root.css("#box")
    rules = matched(box).rules
    assert box.css_first(dom.RUN) is not None
    paths = dom.Paths()
    assert [paths.of(node) for node in before.root.css("#box b, #box script")] == wanted
    (run,) = [node for node in rules if node.tag == dom.RUN][:1]
    assert paths.of(run) == paths.of(box)


def test_words_that_a_browser_shows_are_counted() -> None:
    box = fragment(
        "<p>甲 乙</p><script>x()</script><noscript><style>丙</style>丁</noscript><iframe>戊</iframe>"
        "<template>己</template>"
    )
    assert dom.seen(box) == 2
    assert dom.seen(box.css("script")[0]) == 0


NAMES = ("adv", "articleBody", "article-body", "card-listing", "a", "google-ad", "my-[16px]")
VALUES = ("dfp-ad-1", "imu", "innity", "article-banner", "https://x.example/-pay-endofarticle")


@st.composite
def pieces(draw: st.DrawFn) -> str:
    """Elements inside each other with the names that the project's selectors ask for."""
    html = ""
    for _ in range(draw(st.integers(1, 4))):
        tag = draw(st.sampled_from(("div", "p", "a", "img", "section", "article", "iframe", "h1")))
        name = draw(st.sampled_from(("class", "id", "href", "src", "data-testid", "width")))
        value = draw(st.sampled_from(NAMES if name == "class" else VALUES))
        html = f'<{tag} {name}="{value}">{html}</{tag}>{html}'
    return html


@given(pieces())
def test_a_selector_that_cannot_match_is_told_by_its_marks(html: str) -> None:
    box = fragment(html)
    for selector in SELECTORS:
        if not any(mark in (box.html or "") for mark in dom.marks(selector)):
            assert dom.below(box, selector) == [], selector


@given(pieces())
def test_the_alternatives_with_a_mark_select_what_all_of_them_do(html: str) -> None:
    box = fragment(html)
    markup = dom.Markup(box)
    for selector in SELECTORS:
        wanted = [node.mem_id for node in dom.below(box, selector)]
        assert [node.mem_id for node in markup.select(selector)] == wanted, selector


def test_letter_case_counts_for_a_class_as_the_page_says() -> None:
    html = '<body><p class="Adv">甲</p><x-y>乙</x-y></body>'
    for doctype, found in (("", ["p", "x-y"]), ("<!DOCTYPE html>", ["x-y"])):
        box = dom.parse(doctype + html).body
        assert box is not None
        assert [node.tag for node in dom.Markup(box).select(".adv", ["x-y"])] == found


@pytest.mark.parametrize(
    ("selector", "marks"),
    [
        ("p", ("<p",)),
        (".a.bc, #d", ("bc", "d")),
        ('.a, [data-x="y, z"]', ("a", "data-x", "<")),
        ("p:not(.a)", ("<p",)),
        ('div[class*="my-[16px]"] > img', ("my-[16px]",)),
        ("[data-video-id], video", ("data-video-id", "<video")),
        ("[data-video-id]", ("data-video-id",)),
    ],
)
def test_marks(selector: str, marks: tuple[str, ...]) -> None:
    assert dom.marks(selector) == marks
