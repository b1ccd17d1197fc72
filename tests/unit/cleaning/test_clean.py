"""From a box to a post's body: blocks, captions, pictures, players, and what a sanitiser is for."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.support.boxes import EMOJI, FOREIGN, PHOTO, STORY, body, figure
from zaobao.cleaning.blocks import TooDeep
from zaobao.cleaning.clean import Cleaned, clean
from zaobao.cleaning.elements import HEADINGS, INLINE
from zaobao.dom import fragment, words_of
from zaobao.items import Image, Spare
from zaobao.layouts import LAYOUTS
from zaobao.page import Page
from zaobao.text import squeeze

TABLES = {"table", "caption", "tbody", "tr", "td", "th"}
BLOCKS = {"p", "hr", "ul", "ol", "li", "dl", "dt", "dd", "blockquote"}
ALLOWED = {*INLINE, *HEADINGS, *BLOCKS, *TABLES, "br", "figure", "figcaption", "img"}
ATTRIBUTES = {
    "a": {"href", "rel"},
    "img": {"src", "alt", "referrerpolicy", "loading"},
    "ol": {"start", "reversed", "type"},
    "li": {"value"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}


class Checker(HTMLParser):
    """An HTML parser of its own kind: what stands in a body, and whether it is balanced."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.deepest = 0
        self.words: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ALLOWED, tag
        assert {name for name, _ in attrs} <= ATTRIBUTES.get(tag, set()), attrs
        for name, value in attrs:
            if name in ("href", "src"):
                assert value
                assert value.startswith(("https://", "http://", "mailto:")), value
        if tag not in ("br", "img", "hr"):
            self.open.append(tag)
            self.deepest = max(self.deepest, len(self.open))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def check(html: str) -> str:
    """The words of a body; AssertionError when it is not fit for a post."""
    assert "{" not in html
    assert "}" not in html
    assert "\n" not in html
    checker = Checker(html)
    assert checker.deepest <= 100
    return "".join(checker.words)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (
            "<p>甲</p>\n  <p> 乙&nbsp;<br>&nbsp;</p><p>&nbsp;</p><p><b> </b></p>",
            "<p>甲</p><p>乙</p>",
        ),
        ("<p><br><b><br>　甲</b><i><br></i></p>", "<p><b>甲</b></p>"),
        (
            "甲<p>乙</p>丙<br>丁<div>戊<p>己</p>庚</div>",
            "<p>甲</p><p>乙</p><p>丙<br>丁</p><p>戊</p><p>己</p><p>庚</p>",
        ),
        (
            '<a href="/x"><div>甲</div><div>乙</div></a>',
            '<p><a href="https://www.zaobao.com/x" rel="noopener nofollow">甲</a></p><p><a href="https://www.zaobao.com/x" rel="noopener nofollow">乙</a></p>',
        ),
        ('<p><a href="javascript:x()">甲</a><a>乙</a><a href="#x">丙</a></p>', "<p>甲乙丙</p>"),
        (
            "<p>H<sub>2</sub>O <font color=red>红</font> <span>字</span></p>",
            "<p>H<sub>2</sub>O 红 字</p>",
        ),
        ("<h2>甲<p>乙</p></h2>", "<h2>甲</h2><p>乙</p>"),
        ("<center>甲</center><hr><pre>a\n  b</pre>", "<p>甲</p><hr><p>a<br>b</p>"),
        ("<dl><dt>甲</dt><dd>乙</dd></dl>", "<dl><dt>甲</dt><dd>乙</dd></dl>"),
        (
            "<ul>前<li>甲</li>中<b>粗</b>间<li><p>乙</p><p>丙</p></li></ul>",
            "<ul><li>前</li><li>甲</li><li>中<b>粗</b>间</li><li><p>乙</p><p>丙</p></li></ul>",
        ),
        (
            "<ul><li>甲<ol><li>乙<ul><li>丙</li></ul></li></ol></li><li> </li></ul>",
            "<ul><li><p>甲</p><ol><li><p>乙</p><ul><li>丙</li></ul></li></ol></li></ul>",
        ),
        (
            "<ul><ul><li>甲</li></ul><li>乙</li></ul>",
            "<ul><li><ul><li>甲</li></ul></li><li>乙</li></ul>",
        ),
        ("<ul></ul><table><tr><td></td></tr></table><blockquote> </blockquote>", ""),
        (
            "<table><caption>题</caption><thead><tr><th colspan=2 style=x>甲</th></tr></thead><tr><td>乙<td rowspan='9999'><table><tr><td>丙</td></tr></table></td></tr></table>",
            '<table><caption>题</caption><tbody><tr><th colspan="2">甲</th></tr><tr><td>乙</td><td><table><tbody><tr><td>丙</td></tr></tbody></table></td></tr></tbody></table>',
        ),
        ("<blockquote>甲<p>乙</p></blockquote>", "<blockquote><p>甲</p><p>乙</p></blockquote>"),
        (
            "<p>a &lt;b&gt; &amp;amp; {{ x }} {% y %}</p>",
            "<p>a &lt;b&gt; &amp;amp; &#123;&#123; x &#125;&#125; &#123;% y %&#125;</p>",
        ),
        ("<p>左\u202e右\u200b中\u2028下\ufeff</p>", "<p>左右中 下</p>"),
        ("<my-part>甲</my-part><zb-x><p>乙</p></zb-x>", "<p>甲</p><p>乙</p>"),
    ],
)
def test_blocks(html: str, expected: str) -> None:
    assert body(html) == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (f'<img src="{PHOTO}a.jpg" title="说明">', figure("a", "说明")),
        (f'<img src="{PHOTO}a.jpg" title="旧"><p class="figure-caption">新</p>', figure("a", "新")),
        (
            f'<img src="{PHOTO}a.jpg" title="说明"><p>说明</p><p>甲</p>',
            figure("a", "说明") + "<p>甲</p>",
        ),
        (
            f'<img src="{PHOTO}a.jpg" title="说明"><div class="article-pic-title">说明</div>',
            figure("a", "说明"),
        ),
        (
            f'<img src="{PHOTO}a.jpg" alt="说明"><div class="figure-caption">说明</div>',
            figure("a", "说明"),
        ),
        (
            f'<figure><figcaption>乙</figcaption><img src="{PHOTO}b.jpg"></figure>',
            figure("b", "乙"),
        ),
        (
            f'<figure><img src="{PHOTO}a.jpg"></figure><figure><figcaption>乙</figcaption><img src="{PHOTO}b.jpg"></figure>',
            figure("a") + figure("b", "乙"),
        ),
        (
            f'<figure><img src="{PHOTO}a.jpg"><img src="{PHOTO}b.jpg"><figcaption>二图</figcaption></figure>',
            figure("a") + figure("b", "二图"),
        ),
        (
            f'<figure><img src="{PHOTO}a.jpg"><figcaption>图</figcaption><div class="figure-caption">摄影</div></figure>',
            figure("a", "图 摄影"),
        ),
        (
            '<p>甲</p><div class="figure-caption">无图</div><p>乙</p>',
            "<p>甲</p><p>无图</p><p>乙</p>",
        ),
        (
            f'<figure><figcaption>无图</figcaption></figure><img src="{PHOTO}a.jpg">',
            "<p>无图</p>" + figure("a"),
        ),
        (f'<p>前<img src="{PHOTO}a.jpg">后</p>', figure("a") + "<p>前后</p>"),
        (f'<p>前<br><img src="{PHOTO}a.jpg">后</p>', "<p>前</p>" + figure("a") + "<p>后</p>"),
        (
            f'<figcaption>图</figcaption>前<img src="{PHOTO}a.jpg">后',
            "<p>图</p>" + figure("a") + "<p>前后</p>",
        ),
        (f'<p>前<img src="{PHOTO}a.jpg"><br>后</p>', "<p>前</p>" + figure("a") + "<p>后</p>"),
        (f'<ul><li>甲<img src="{PHOTO}a.jpg"></li></ul>', figure("a") + "<ul><li>甲</li></ul>"),
        (f'<img src="data:x" data-src="{PHOTO}a.jpg">', figure("a")),
        (f'<img src="/pic-default.png" data-original="{PHOTO}a.jpg">', figure("a")),
        (f'<img src="/pic-default.png" srcset="{PHOTO}s.jpg 1x, {PHOTO}a.jpg 2x">', figure("a")),
        (f'<picture><source data-srcset="{PHOTO}a.jpg 800w"></picture>', figure("a")),
        (
            f'<picture><source srcset="{PHOTO}s.webp"><img src="{PHOTO}a.jpg" alt="替"></picture>',
            figure("a", alt="替"),
        ),
        (f'<img src="{PHOTO}a.jpg"><img src="{PHOTO}styles/x/public/a.jpg?itok=1">', figure("a")),
        (
            '<img src="https://evil.example/a.jpg"><img alt="无"><img src="/zbsg2020/images/default-img.png">',
            "",
        ),
    ],
)
def test_pictures(html: str, expected: str) -> None:
    assert body(html) == expected


def test_pictures_that_are_not_linked_are_recorded() -> None:
    cleaned = clean(
        fragment('<p>甲</p><img src="http://evil.example/a.jpg"><img src="/pic-default.png">'),
        STORY,
    )
    assert [entry.rule for entry in cleaned.removed] == ["picture-host", "default-picture"]
    assert cleaned.images == []


def test_lead_first_gallery_last_each_once() -> None:
    outside = [
        Image(PHOTO + "l.jpg", None, "lead"),
        Image(PHOTO + "a.jpg?x", "图库的说明", "gallery"),
        Image(PHOTO + "g.jpg", None, "gallery"),
    ]
    cleaned = clean(
        fragment(f'<p>甲</p><img src="{PHOTO}l.jpg" title="头图"><img src="{PHOTO}a.jpg">'),
        STORY,
        outside,
    )
    assert [(image.url[-5:], image.caption, image.role) for image in cleaned.images] == [
        ("l.jpg", "头图", "lead"),
        ("a.jpg", "图库的说明", "inline"),
        ("g.jpg", None, "gallery"),
    ]
    assert cleaned.html.count("<img") == 3


@pytest.mark.parametrize(
    ("inside", "shown"),
    [("", True), ('<img src="/pic-default.png">', True), (f'<img src="{PHOTO}a.jpg">', False)],
)
def test_a_spare_lead_is_for_a_story_without_pictures(inside: str, shown: bool) -> None:
    cleaned = clean(fragment(f"<p>甲</p>{inside}"), STORY, [Spare(PHOTO + "m.jpg", None, "lead")])
    assert any(image.url.endswith("m.jpg") for image in cleaned.images) is shown


@pytest.mark.parametrize(
    ("player", "word"),
    [
        ('<video-js data-video-id="6"></video-js>', "视频"),
        (
            '<div class="brightcove-container"><video-js data-video-id="6"></video-js><script>x</script></div>',
            "视频",
        ),
        ('<div data-video-id="6">载入中</div>', "视频"),
        ('<iframe data-src="https://www.youtube-nocookie.com/embed/x"></iframe>', "视频"),
        ('<video src="https://x.example/a.mp4"><p>不支持</p></video>', "视频"),
        ('<iframe src="https://omny.fm/shows/x"></iframe>', "音频"),
        ("<audio controls></audio>", "音频"),
        ('<iframe src="https://www.facebook.com/plugins/video.php?href=x" title="现场"></iframe>', "视频"),
        ('<iframe src="//player.bilibili.com/player.html?bvid=1"></iframe>', "视频"),
        ('<iframe data-src="https://www.tiktok.com/embed/v2/7"></iframe>', "视频"),
        ('<iframe src="https://www.zaobao.com/live/1" title="直播：渔村"></iframe>', "视频"),
        ('<object data="https://x.example/a.mp4"><p>不支持</p></object>', "视频"),
        ('<div class="fb-video" data-href="https://www.facebook.com/x/videos/1"></div>', "视频"),
        ('<iframe src="https://open.spotify.com/embed/episode/1"></iframe>', "音频"),
        ('<iframe src="https://datawrapper.dwcdn.net/a/1/" title="盐道各段&lt;工期>"></iframe>', "盐道各段&lt;工期&gt;"),
        ('<iframe src="https://flo.uri.sh/visualisation/1/embed" aria-label="人口"></iframe>', "人口"),
        ('<iframe src="https://www.google.com/maps/embed?pb=1"></iframe>', "地图"),
        ('<iframe src="https://www.instagram.com/p/1/embed/" title="iframe"></iframe>', "帖文"),
        ('<blockquote class="instagram-media"><a href="/x"></a></blockquote>', "帖文"),
        ('<iframe src="https://interactive.zaobao.com/2026/salt/"></iframe>', "互动内容"),
        ('<iframe srcdoc="<p>甲</p>" title="盐价"></iframe>', "盐价"),
        ('<embed src="https://x.example/salt.swf">', "互动内容"),
        ('<lite-youtube videoid="6" playlabel="播放"></lite-youtube>', "视频"),
        ('<amp-iframe src="https://x.example/1" title="盐价"></amp-iframe>', "盐价"),
        ('<amp-iframe src="https://x.example/1"><template></template></amp-iframe>', "互动内容"),
        ('<podcast-player data-src="/1"></podcast-player>', "音频"),
        ('<div class="flourish-embed" data-src="visualisation/1"><script src="/e.js"></script></div>', "图表"),
        ('<div class="infogram-embed" data-id="1" data-title="票房走势"></div>', "票房走势"),
        ('<div id="datawrapper-vis-aB1"><noscript><img src="https://x.example/1.png"></noscript></div>', "图表"),
        ('<div class="tableauPlaceholder" id="viz1"></div>', "图表"),
        ('<p class="media_embed" data-url="https://v.qq.com/txp/1"></p>', "视频"),
    ],
)  # fmt: skip
def test_a_player_becomes_a_link_to_the_story(player: str, word: str) -> None:
    cleaned = clean(fragment(f"<p>甲甲甲甲甲甲</p>{player}<p>乙</p>"), STORY)
    link = f'<p><a href="{STORY}" rel="noopener nofollow">{word}</a></p>'
    assert cleaned.html == f"<p>甲甲甲甲甲甲</p>{link}<p>乙</p>"
    assert cleaned.players == 1


@pytest.mark.parametrize(
    ("html", "rule"),
    [
        ("<iframe></iframe>", "frame"),
        ("<iframe src='about:blank'></iframe>", "frame"),
        ("<iframe src='https://t.example/x' width='1' height=1></iframe>", "frame"),
        ("<object data='javascript:X()'></object>", "frame"),
        ("<iframe src='https://x.doubleclick.net/' title='视频'></iframe>", "ad-frame"),
        ("<iframe title='Advertisement' src='https://x.example/'></iframe>", "ad-frame"),
        ("<iframe style='display:none' src='https://x.example/'></iframe>", "frame"),
        ("<div class='google-ad'><iframe src='https://youtu.be/1'></iframe></div>", "google-ad"),
        ("<div hidden><video src='/a.mp4'></video></div>", "hidden"),
        ("<video hidden src='/a.mp4'></video>", "hidden"),
        ("<lite-youtube hidden></lite-youtube>", "hidden"),
        ("<div class='google-ad'><x-video></x-video></div>", "google-ad"),
    ],
)
def test_a_frame_that_shows_nothing_or_an_advert_leaves_no_line(html: str, rule: str) -> None:
    cleaned = clean(fragment(f"<p>甲甲甲甲甲甲</p>{html}<p>乙</p>"), STORY)
    assert cleaned.html == "<p>甲甲甲甲甲甲</p><p>乙</p>"
    assert [one.rule for one in cleaned.removed] == [rule]


def test_a_quoted_post_keeps_its_words_and_a_story_of_one_embed_is_one() -> None:
    quote = '<blockquote class="twitter-tweet"><p>盐道修好了。</p>林小满</blockquote>'
    assert body(quote) == "<blockquote><p>盐道修好了。</p><p>林小满</p></blockquote>"
    alone = clean(
        fragment('<iframe src="https://www.facebook.com/plugins/video.php"></iframe>'), STORY
    )
    assert (alone.text, alone.players) == ("视频", 1)


def test_an_embed_in_a_line_or_list_stands_alone() -> None:
    frame = '<iframe src="https://youtu.be/1"></iframe>'
    assert clean(fragment(f"<p>甲{frame}乙</p>"), STORY).text == "甲\n视频\n乙"
    assert clean(fragment(f"<ul><li>甲</li>{frame}<li>乙</li></ul>"), STORY).text == "甲\n视频\n乙"
    assert clean(fragment(f"<p><a href='/x'>甲{frame}</a></p>"), STORY).text == "甲\n视频"


@pytest.mark.parametrize(
    "html",
    [
        "<div class='embed'></div>",
        "<zb-slot data-slot='1'></zb-slot>",
        "<div class='embed-responsive'> </div>",
        "<my-video>他说的就是这个录像。</my-video>",
        "<div class='video-embed'><p>他说的就是这个录像。</p></div>",
    ],
)
def test_an_element_that_does_not_say_what_is_put_there_leaves_no_line(html: str) -> None:
    assert clean(fragment(f"<p>甲甲甲甲甲甲</p>{html}"), STORY).players == 0


def test_a_wrapper_of_the_text_is_no_player() -> None:
    long = "这是正文，" * 30
    assert body(f'<div class="has-brightcove"><p>{long}</p></div>') == f"<p>{long}</p>"


def test_too_deep_is_refused() -> None:
    with pytest.raises(TooDeep):
        clean(fragment("<ul><li>" * 30 + "甲"), STORY)


def test_the_text_has_one_block_a_line_without_captions() -> None:
    cleaned = clean(
        fragment(
            f'<p>甲<br>乙</p><ul><li>丙</li><li>丁</li></ul><img src="{PHOTO}a.jpg" title="说明"><table><tr><td>戊</td><td>己</td></tr></table>'
        ),
        STORY,
    )
    assert cleaned.text == "甲\n乙\n丙\n丁\n戊\t己"


# --- properties

WORDS = st.text(st.sampled_from("甲乙丙丁 戊　己\u00a0庚<>&\"'{}%abc\n"), max_size=12)
TAGS = st.sampled_from(
    [
        "p",
        "div",
        "span",
        "b",
        "strong",
        "em",
        "a",
        "h2",
        "h3",
        "ul",
        "ol",
        "li",
        "blockquote",
        "table",
        "tr",
        "td",
        "th",
        "section",
        "br",
        "hr",
        "center",
        "figure",
        "figcaption",
        "article",
        "font",
        "main",
        "dl",
        "dd",
        "sup",
        "zb-x",
    ]
)


def escaped(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;")


HTML = st.recursive(
    WORDS.map(escaped),
    lambda inner: st.tuples(TAGS, st.lists(inner, max_size=4)).map(
        lambda pair: f'<{pair[0]} href="/x">' + "".join(pair[1]) + f"</{pair[0]}>"
    ),
    max_leaves=25,
)
PICTURES = st.lists(HTML | st.just(f'<img src="{PHOTO}p.jpg" title="图">'), max_size=6).map("".join)
NASTY = st.lists(
    HTML
    | st.sampled_from(
        [
            "<script>X()</script>",
            "<svg onload=X()>",
            "<img src=x onerror=X()>",
            "</div></p>",
            "<p",
            '<a href="javascript:X()">',
            "<!-- {{ x }} -->",
            "<style>@import 'x'</style>",
            "{% raw %}",
            "<iframe srcdoc='<script>X()</script>'>",
            "<math><mtext></form><form><mglyph><style></math>",
            "<noscript><p title='</noscript><img src=x onerror=X()>'>",
            "<textarea>",
            "<template>",
            "<select>",
            "&lbrace;{",
            "&#123;%",
            "<p markdown=1 onclick=X() style=x id=y>",
            "<table><a>",
            "]]>",
            "<![CDATA[",
        ]
    ),
    max_size=8,
).map("".join)


CAPTION_AGAIN = re.compile(
    r"<figcaption>([^<]*)</figcaption></figure>(?:<figure>(?:(?!</figure>).)*</figure>)*<p>\1</p>"
)


def cleaned_or_none(html: str) -> Cleaned | None:
    try:
        return clean(fragment(html), STORY)
    except ValueError:
        return None


@given(PICTURES)
def test_cleaning_reaches_a_fixed_point(html: str) -> None:
    once = cleaned_or_none(html)
    # A picture that comes twice is shown once: words of its second caption that stood between the
    # two are then a caption printed again below its picture, which no post repeats.
    assume(not (once and CAPTION_AGAIN.search(once.html)))
    if once:
        again = clean(fragment(once.html), STORY)
        assert (again.html, again.text) == (once.html, once.text)


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("一 <em></em> 二", "一 二"),
        ("一 <em></em> <b></b> <i><u></u></i> 二", "一 二"),
        ("一 <strong> 二</strong> 三", "一 <strong>二</strong> 三"),
        ("一 <em> <strong> 二 </strong> </em> 三", "一 <em><strong>二 </strong></em>三"),
        ("一 <sup> </sup> 二", "一 二"),
        ("一 <br> 二", "一 <br> 二"),
        ('一 <a href="https://www.zaobao.com/a b"> 二</a>', None),
    ],
)
def test_a_blank_behind_a_blank_is_none(html: str, shown: str | None) -> None:
    cleaned = clean(fragment(f"<p>{html}</p>"), STORY)
    assert shown is None or cleaned.html == f"<p>{shown}</p>"
    assert "  " not in cleaned.text
    assert clean(fragment(cleaned.html), STORY).html == cleaned.html


@given(HTML)
def test_no_text_is_lost(html: str) -> None:
    # A caption is text without markup, which says the numbers of a list, powers and quotes.
    assume(not ("caption" in html and re.search("<(ol|su[bp]|q) ", html)))
    cleaned = cleaned_or_none(html)
    if cleaned and not any(one.rule == "repeated-body" for one in cleaned.removed):
        shown = words_of(fragment(html))
        assert sorted(squeeze(check(cleaned.html))) == sorted(squeeze(shown))


@given(NASTY)
def test_whatever_the_body_the_result_is_fit_for_a_post(html: str) -> None:
    cleaned = cleaned_or_none(html)
    if cleaned:
        check(cleaned.html)
        assert not re.search(r"javascript:|\son\w+\s*=", re.sub(r">[^<]*<", "><", cleaned.html))


def test_an_icon_in_a_caption_leaves_it_a_caption() -> None:
    icon = '<span><img class="bff-inline-image-expand-icon" src="/e.svg" alt="expend icon"></span>'
    html = f'<figure><img src="{PHOTO}a.jpg"><figcaption>水塔。{icon}</figcaption></figure>'
    assert body(html) == figure("a", "水塔。")


def test_a_player_in_a_caption_is_a_link() -> None:
    html = "<p>甲甲甲甲甲甲</p><figcaption><video src='/v.mp4'>请更新浏览器</video></figcaption>"
    assert clean(fragment(html), STORY).text == "甲甲甲甲甲甲\n视频"


def test_a_noscript_is_no_sign_of_escaped_html() -> None:
    page = (
        "<html><body><article><h1>甲</h1><div class='articleBody'><p>乙&lt;/p></p>"
        "<noscript><p>一</p><p>二</p><p>三</p></noscript></div></article></body></html>"
    )
    extraction = LAYOUTS[0]._box(Page(STORY, page.encode()))
    assert extraction[1] == "article .articleBody"


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        # Inline by the HTML standard, or unknown to it.
        ("<p>由<strike>三</strike>增至<strike>八</strike>人。</p>", "<p>由<s>三</s>增至<s>八</s>人。</p>"),
        (
            '<p>于<st1:chsdate isrocdate="False">9月3日</st1:chsdate>抵达。<o:p></o:p></p>',
            "<p>于9月3日抵达。</p>",
        ),
        (
            "<p>有<ruby><rb>龘</rb><rp>(</rp><rt>dá</rt><rp>)</rp></ruby>字。</p>",
            "<p>有<ruby>龘<rp>(</rp><rt>dá</rt><rp>)</rp></ruby>字。</p>",
        ),
        ("<p>比分<output>3</output>比<blink>2</blink>。</p>", "<p>比分3比2。</p>"),
        ("<p>约<meter value=1>一成</meter>、<xyz>两成</xyz></p>", "<p>约一成、两成</p>"),
        ("<div>甲<my-mark>乙</my-mark>丙</div>", "<p>甲乙丙</p>"),
        ("<ul><li>甲<acronym>乙</acronym><basefont>丙</li></ul>", "<ul><li>甲乙丙</li></ul>"),
        ("甲<script>x()</script>乙<style>p{}</style>丙", "<p>甲乙丙</p>"),
        ("<table><tr><td>甲<blink>乙</blink>丙</td></tr></table>", "<table><tbody><tr><td>甲乙丙</td></tr></tbody></table>"),
        ("<h2>甲<marquee>乙</marquee>丙</h2>", "<h2>甲乙丙</h2>"),
        # Blocks by it, known to a post or not.
        ("<p>甲</p><fieldset>乙<legend>丙</legend></fieldset>丁", "<p>甲</p><p>乙</p><p>丙</p><p>丁</p>"),
        ("甲<address>乙</address>丙", "<p>甲</p><p>乙</p><p>丙</p>"),
        ("甲<search>乙</search><hgroup>丙</hgroup>丁", "<p>甲</p><p>乙</p><p>丙</p><p>丁</p>"),
        ("<details><summary>甲</summary>乙</details>丙", "<p>甲</p><p>乙</p><p>丙</p>"),
        ("甲<x-box><p>乙</p></x-box>丙", "<p>甲</p><p>乙</p><p>丙</p>"),
        # Characters that are pictures.
        (f'<p>“谢谢<img class="emoji" alt="🙏" src="{EMOJI}">大家。”</p>', "<p>“谢谢🙏大家。”</p>"),
        (f'<p>姓<img src="{PHOTO}a.png" alt="㽏" width="16" height="16">，三岁。</p>', "<p>姓㽏，三岁。</p>"),
        (f'<p>姓<img src="{PHOTO}a.png" alt="㽏">，三岁。</p>', "<p>姓㽏，三岁。</p>"),
        (f'<p>姓<img src="{PHOTO}a.png" alt="㽏" style="height: 1.2em">。</p>', "<p>姓㽏。</p>"),
        (f'<h2>好<img src="{EMOJI}" alt="👍🏽" width="20px"></h2>', "<h2>好👍🏽</h2>"),
        (f'<td>甲<img src="data:image/gif;base64,R0" data-src="{EMOJI}" alt="✅">乙</td>', "<p>甲✅乙</p>"),
        # Pictures that are not kept.
        (f"<p>第一句话还没说完{FOREIGN}就被打断了。</p>", "<p>第一句话还没说完就被打断了。</p>"),
        (f"<ul><li>甲{FOREIGN}乙</li></ul>", "<ul><li>甲乙</li></ul>"),
        (f"<h2>甲<b>{FOREIGN}乙</b></h2>", "<h2>甲<b>乙</b></h2>"),
        (f"<blockquote>甲<img>乙{FOREIGN}<br>丙</blockquote>", "<blockquote>甲乙<br>丙</blockquote>"),
        ('<p>甲<img src="data:image/gif;base64,R0">乙</p>', "<p>甲乙</p>"),
        (f"<p>甲<picture><source srcset='https://cdn.example/a.webp'>{FOREIGN}</picture>乙</p>", "<p>甲乙</p>"),
    ],
)  # fmt: skip
def test_a_line_stays_a_line(html: str, expected: str) -> None:
    assert body(html) == expected


def test_a_picture_that_tears_no_line_is_recorded() -> None:
    cleaned = clean(fragment(f"<p>甲{FOREIGN}乙</p>"), STORY)
    assert [(one.rule, one.path) for one in cleaned.removed] == [
        ("picture-host", "img[https://cdn.example/dot.svg]")
    ]


def row(*cells: str) -> str:
    return "<tr>" + "".join(cells) + "</tr>"


@pytest.mark.parametrize(
    ("html", "expected", "text"),
    [
        ("<ol start=2><li>甲</ol>", '<ol start="2"><li>甲</li></ol>', "2. 甲"),
        ("<ol reversed><li>甲<li>乙</ol>", '<ol reversed=""><li>甲</li><li>乙</li></ol>', "2. 甲\n1. 乙"),
        ("<ol type=A><li value=5>甲</ol>", '<ol type="A"><li value="5">甲</li></ol>', "E. 甲"),
        ("<ol start=-3 type=i><li value=x>甲</ol>", '<ol start="-3" type="i"><li>甲</li></ol>', "-3. 甲"),
        ("<ol start='1;x' type=disc onclick=X()><li>甲</ol>", '<ol start="1"><li>甲</li></ol>', "1. 甲"),
        ("<ul start=2 reversed><li value=3>甲</ul>", "<ul><li>甲</li></ul>", "甲"),
        ("<menu><li>甲</menu><dir><li>乙</dir>", "<ul><li>甲</li></ul><ul><li>乙</li></ul>", "甲\n乙"),
        (
            "<dl><dt>甲<dd>乙<p>丙</p><div><dt>丁</dt><dd></dd></div>戊</dl>",
            "<dl><dt>甲</dt><dd><p>乙</p><p>丙</p></dd><dt>丁</dt><dd>戊</dd></dl>",
            "甲\n乙\n丙\n丁\n戊",
        ),
        ("<dl><dt></dt></dl>甲", "<p>甲</p>", "甲"),
        ("<pre>床前明月光\n  疑是地上霜\n\n举头</pre>", "<p>床前明月光<br>疑是地上霜<br><br>举头</p>", "床前明月光\n疑是地上霜\n\n举头"),
        ("<p style='white-space: pre-line'>甲\n<b>乙\n丙</b></p>丁\n戊", "<p>甲<br><b>乙<br>丙</b></p><p>丁 戊</p>", "甲\n乙\n丙\n丁 戊"),
        (
            "<table><caption>价目<br>（元）</caption><tr><th scope=col>盐<th scope=X>糖</table>",
            '<table><caption>价目<br>（元）</caption><tbody><tr><th scope="col">盐</th><th>糖</th></tr></tbody></table>',
            "价目\n（元）\n盐\t糖",
        ),
        (
            "<table>" + row("<td rowspan=3>甲", "<td>1") + row() + row("<td>3") + row() + "</table>乙",
            "<table><tbody>" + row('<td rowspan="3">甲</td>', "<td>1</td>") + row() + row("<td>3</td>") + "</tbody></table><p>乙</p>",
            "甲\t1\n\t3\n乙",
        ),
        (
            "<table>" + row("<td colspan=2>甲", "<td rowspan=2>乙") + row("<td>丙", "<td>丁") + row("<td>戊", "<td>己", "<td>庚") + "</table>",
            "<table><tbody>" + row('<td colspan="2">甲</td>', '<td rowspan="2">乙</td>') + row("<td>丙</td>", "<td>丁</td>") + row("<td>戊</td>", "<td>己</td>", "<td>庚</td>") + "</tbody></table>",
            "甲\t\t乙\n丙\t丁\n戊\t己\t庚",
        ),
        (
            "<table>" + row("<td>甲", "<td rowspan=0>乙") + row("<td>丙") + row("<td>丁", "<td>戊") + "</table>",
            "<table><tbody>" + row("<td>甲</td>", '<td rowspan="3">乙</td>') + row("<td>丙</td>") + row("<td>丁</td>", "<td>戊</td>") + "</tbody></table>",
            "甲\t乙\n丙\n丁\t\t戊",
        ),
        ("<table>" + row("<td>") + row("<td rowspan=2>", "<td>") + "</table>甲", "<p>甲</p>", "甲"),
        ("<table>" + row("<td><hr>") + "</table>", "<table><tbody><tr><td><hr></td></tr></tbody></table>", ""),
    ],
)  # fmt: skip
def test_tables_and_lists_keep_their_sense(html: str, expected: str, text: str) -> None:
    cleaned = clean(fragment(html), STORY)
    assert (cleaned.html, cleaned.text) == (expected, text)


def test_a_row_that_an_advert_leaves_empty_keeps_its_place_under_a_span() -> None:
    advert = "<td><div class='google-ad'>广告</div></td>"
    table = row("<td rowspan=2>甲乙丙丁", "<td>1") + row(advert) + row("<td>戊", "<td>2")
    cleaned = clean(fragment(f"<table>{table}</table>"), STORY)
    assert cleaned.html == (
        '<table><tbody><tr><td rowspan="2">甲乙丙丁</td><td>1</td></tr><tr><td></td></tr>'
        "<tr><td>戊</td><td>2</td></tr></tbody></table>"
    )
    assert cleaned.text == "甲乙丙丁\t1\n戊\t2"
