"""Headlines, in each layout: what a browser shows is what a post is called."""

from __future__ import annotations

import json

import pytest

from tests.support import chain
from tests.support.shells import GENERIC, LONGER, SHELLS, TIME, Shell, ld
from zaobao import dom, text
from zaobao.errors import TitleMissing
from zaobao.layouts import headlines
from zaobao.plausibility import is_site_name

LAYOUTS = pytest.mark.parametrize("shell", SHELLS, ids=lambda shell: shell.layout)
FAMILY = "👨\u200d👩\u200d👧"


def script(headline: str) -> str:
    return ld(json.dumps(headline)[1:-1].replace("</", "<\\/"))


@LAYOUTS
@pytest.mark.parametrize(
    ("said", "heading", "expected"),
    [
        (
            "渔村修好&#12288;村民&ldquo;一起&rdquo;庆祝",
            "渔村修好　村民“一起”庆祝",
            "渔村修好　村民“一起”庆祝",
        ),
        ("渔村&nbsp;盐道", "渔村&nbsp;盐道", "渔村 盐道"),
        ("渔村&nbsp;盐道", "渔村 盐道", "渔村 盐道"),
        ("渔村&#160;盐道&hellip;", "<span>独家</span>渔村&nbsp;盐道…", "渔村 盐道…"),
        ("渔村<br>盐道", "渔村<br>盐道", "渔村 盐道"),
        ("渔村<br/>盐道", "渔村盐道", "渔村盐道"),
        ("CO<sub>2</sub>排放", "CO<sub>2</sub>排放", "CO2排放"),
        ("一年排放10<sup>8</sup>吨", "一年排放10<sup>8</sup>吨", "一年排放10⁸吨"),
        ("<p><strong>渔村</strong>盐道</p>", "", "渔村盐道"),
        ("渔村&amp;#12288;盐道", "渔村　盐道", "渔村　盐道"),
        ("渔村 盐道", "渔村　盐道", "渔村　盐道"),
        ("R&amp;D中心", "R&amp;D中心", "R&D中心"),
        ("研发&amp;生产", "", "研发&生产"),
        ("A&B 公司", "A&amp;B 公司", "A&B 公司"),
        ("网页里的&lt;br&gt;", "网页里的&lt;br&gt;", "网页里的<br>"),
        ("网页里的<br>标签", "网页里的&lt;br&gt;标签", "网页里的<br>标签"),
        ("写作&amp;amp;", "写作&amp;amp;amp;", "写作&amp;amp;"),
        ("渔村<盐道>修好", "", "渔村<盐道>修好"),
        ("渔\u200b村\ufeff盐\u2060道\u00ad", "渔村盐道", "渔村盐道"),
        ("渔\u200b村盐道", "", "渔村盐道"),
        ("渔村\u202e盐道\u202c", "", "渔村盐道"),
        (f"{FAMILY}回渔村❤️\u200d🔥", "", f"{FAMILY}回渔村❤️\u200d🔥"),
        ("渔村\u200d盐\u200c道\u200d", "", "渔村盐道"),
        ("渔村\n  盐道\t修好", "", "渔村 盐道 修好"),
        ("联合早报—国大民调：七成受访者支持", "", "联合早报—国大民调：七成受访者支持"),
        ("早报 | 今晨要闻：盐道重开", "", "早报 | 今晨要闻：盐道重开"),
        ("联合早报_百年", "", "联合早报_百年"),
    ],
)
def test_the_script_says_what_the_page_shows(
    shell: Shell, said: str, heading: str, expected: str
) -> None:
    heading = heading and f'<h1 class="article-title">{heading}</h1>'
    article = shell.read(script(said), heading)
    assert (article.layout, article.title) == (shell.layout, expected)


@LAYOUTS
@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("渔村<br>盐道", "渔村 盐道"),
        ("<div>渔村</div><div>盐道</div>", "渔村 盐道"),
        ("渔村　盐道&nbsp;&nbsp;修好", "渔村　盐道 修好"),
        ("渔<wbr>村&ZeroWidthSpace;盐&shy;道", "渔村盐道"),
        ("\n  <span>渔村</span>\n  <em>盐道</em>\n", "渔村 盐道"),
        ('渔村<span class="sr-only">（视频）</span>盐道<span hidden>x</span>', "渔村盐道"),
        ("渔村<script>var a = 1;</script><style>b{}</style>盐道<!-- c -->", "渔村盐道"),
        ('渔村<img class="emoji" alt="🎉" src="/e.png">盐道', "渔村🎉盐道"),
        ("x<sup>2</sup>与CO<sub>2</sub>，注<sup>[a]</sup>", "x²与CO2，注[a]"),
        ("早报—渔村专访", "早报—渔村专访"),
        ("联合早报-国大民调出炉", "联合早报-国大民调出炉"),
        (f"回渔村{FAMILY}", f"回渔村{FAMILY}"),
        ("渔村<s>六</s><strike>七</strike><del>八</del>九户", "渔村九户"),
        ("白<ruby>鹮<rt>huán</rt></ruby>归来", "白鹮(huán)归来"),
        ("白<ruby>鹮<rp>（</rp><rt>huán</rt><rp>）</rp></ruby>归来", "白鹮（huán）归来"),
    ],
)
def test_the_heading_is_read_as_it_is_shown(shell: Shell, heading: str, expected: str) -> None:
    html = f'<h1 class="article-title">{heading}</h1>'
    clock = f'<meta property="article:published_time" content="{TIME}">'
    for head in (clock, "<title>联合早报网</title>" + clock, ld("早报 | 联合早报网")):
        article = shell.read(head, html)
        assert (article.layout, article.title) == (shell.layout, expected)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ('<meta property="og:title" content="渔村&amp;nbsp;盐道 | 早报">', "渔村 盐道"),
        ('<meta property="og:title" content="渔村<br>盐道 - 联合早报网">', "渔村 盐道"),
        ("<title>渔村&amp;#8203;盐道｜联合早报</title>", "渔村盐道"),
        ("<title>早报—渔村专访 | 早报 | 联合早报网</title>", "早报—渔村专访"),
        ("<title>渔村盐道_zaobao.com.sg</title>", "渔村盐道_zaobao.com.sg"),
        ("<title>渔村与早报—早报</title>", "渔村与早报—早报"),
        ("<title>渔村修好盐道_联合早报网_联合早报</title>", "渔村修好盐道"),
        ("<title>渔村修好盐道_中国_联合早报网</title>", "渔村修好盐道"),
        ("<title>渔村修好盐道 | 中国 | 联合早报</title>", "渔村修好盐道"),
        ("<title>渔村修好盐道｜即时新闻｜中国｜联合早报网</title>", "渔村修好盐道"),
        ("<title>渔村修好盐道 ｜ 新加坡联合早报</title>", "渔村修好盐道"),
        ("<title>渔村修好盐道 - 新加坡联合早报</title>", "渔村修好盐道"),
        ("<title>渔村修好盐道- 新加坡联合早报</title>", "渔村修好盐道"),
        ("<title>渔村修好盐道-联合早报</title>", "渔村修好盐道"),
        ("<title>渔村修好盐道 | 联合早报 Lianhe Zaobao</title>", "渔村修好盐道"),
        ("<title>联合早报 | 渔村修好盐道</title>", "渔村修好盐道"),
        ("<title>联合早报网 - 渔村修好盐道</title>", "渔村修好盐道"),
        ('<meta property="og:title" content="新加坡联合早报｜渔村修好盐道">', "渔村修好盐道"),
        # The paper's name, or a section's, as words of the headline.
        ("<title>联合早报社论：渔村盐道</title>", "联合早报社论：渔村盐道"),
        ("<title>联合早报社论：渔村盐道 | 联合早报</title>", "联合早报社论：渔村盐道"),
        ("<title>联合早报—国大民调出炉 | 早报</title>", "联合早报—国大民调出炉"),
        ("<title>联合早报 - 国大民调出炉 | 早报</title>", "联合早报 - 国大民调出炉"),
        ("<title>早报 | 今晨要闻：盐道重开</title>", "早报 | 今晨要闻：盐道重开"),
        ("<title>渔村与新加坡联合早报</title>", "渔村与新加坡联合早报"),
        ("<title>渔村与联合早报 | 盐道重开</title>", "渔村与联合早报 | 盐道重开"),
        ("<title>渔村修好盐道 | 中国</title>", "渔村修好盐道 | 中国"),
        ("<title>渔村走向世界 | 联合早报</title>", "渔村走向世界"),
    ],
)
def test_a_meta_says_it_without_the_sites_name(head: str, expected: str) -> None:
    for shell in SHELLS:
        assert shell.read(head).title == expected


@pytest.mark.parametrize(
    ("title", "is_name"),
    [
        *((name, True) for name in ("联合早报", "联合早报网", "早报", "zaobao.com.sg", "Zaobao")),
        *((name, True) for name in ("中国 | 联合早报网", "早报 | 联合早报网", "联合早报 - 首页")),
        ("联合早报网 | 新加坡、中国、亚洲和国际的即时新闻、评论", True),
        *((name, True) for name in ("新加坡联合早报", "联合早报 | 中国", "联合早报网_联合早报")),
        *((name, False) for name in ("早报：渔村专访", "早报－渔村专访", "联合早报百年特展开幕")),
        *(
            (name, False)
            for name in ("早报—渔村专访", "联合早报_百年", "早报 | 今晨要闻：盐道重开")
        ),
    ],
)
def test_only_the_sites_own_name_is_no_headline(title: str, *, is_name: bool) -> None:
    assert is_site_name(title) is is_name


def test_a_page_that_only_has_the_sites_name_has_no_headline() -> None:
    for shell in SHELLS:
        with pytest.raises(TitleMissing):
            shell.read("<title>早报 | 联合早报网</title>", "<h1>联合早报</h1>")


def test_the_generic_fallback_reads_it_alike() -> None:
    said = script("渔村修好&#12288;村民&ldquo;一起&rdquo;庆祝")
    article = GENERIC.read(said, "<h1>渔村修好　村民“一起”庆祝</h1>", LONGER)
    assert (article.layout, article.title) == ("generic", "渔村修好　村民“一起”庆祝")
    assert not article.text.startswith("渔村修好")


def test_the_generic_fallback_knows_the_headline_without_the_sites_name() -> None:
    head = f'<title>联合早报 | 渔村修好盐道</title><meta property="article:published_time" content="{TIME}">'
    article = GENERIC.read(head, "", "<p><b>渔村修好盐道</b></p>" + LONGER)
    assert (article.layout, article.title) == ("generic", "渔村修好盐道")
    assert not article.text.startswith("渔村修好盐道")


@pytest.mark.parametrize(
    ("title", "name"),
    [
        (f"{FAMILY}回渔村", f"{FAMILY}回渔村"),
        ("渔\u200b村\u00ad盐\u2060道", "渔村盐道"),
        ("渔村　“盐道”", "渔村　“盐道”"),
    ],
)
def test_the_file_is_called_as_the_story_is(title: str, name: str) -> None:
    article = SHELLS[0].read(script(title))
    assert chain.file_name(article) == f"2026-11-05-{name}.md"
    assert f'title: "{name}"' in chain.post(article).decode()


def test_one_of_two_scripts_is_known_by_its_headline_as_shown() -> None:
    own = script("渔村&#12288;&ldquo;盐道&rdquo;").replace("NewsArticle", "Article")
    for head in (script("别的") + own, own + script("别的")):
        for shell in SHELLS:
            assert shell.read(head, "<h1>渔村　“盐道”</h1>").title == "渔村　“盐道”"


@pytest.mark.parametrize("piece", ["\u200d", "👨\u200d", "&#12288;", "<br>", "<", "&", "　"])
def test_a_long_headline_ends(piece: str) -> None:
    headlines.line(dom.fragment(f"<h1>{piece * 50_000}甲</h1>"))
    assert text.plain(piece * 50_000 + "甲").endswith("甲")
