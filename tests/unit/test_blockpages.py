"""Challenges, login walls, maintenance and soft 404s: known by sure signs, and no honest page among them."""

from __future__ import annotations

import pytest

from tests.support.fault_server import html
from tests.support.shells import LONGER, SHELLS, Shell
from zaobao.blockpages import block_page


@pytest.mark.parametrize(
    ("page", "kind", "expected"),
    [
        (html("x", "Just a moment..."), "list", "challenge"),
        (html("<p>请完成验证</p>"), "story", "challenge"),
        (html("x", "页面不存在"), "story", "soft_404"),
        (html("x", "404 | 联合早报"), "story", "soft_404"),
        (html("<p>找不到您要的页面</p>"), "story", "soft_404"),
        (html(f"<p>{'推荐阅读的正文' * 30}</p>", "404 | 联合早报"), "story", "soft_404"),
        (html("x", "会员登录"), "story", "login_wall"),
        # Honest pages that only look a little like one.
        (html("<div class=articleBody>x</div>", "Just a moment..."), "story", None),
        (html("<a href=/realtime/china/story20210902-1>x</a>", "404"), "list", None),
        (html(f"<p>{'正文' * 900}网站说页面不存在</p>"), "story", None),
        (
            html("<script src=/cdn-cgi/challenge-platform/scripts/jsd/main.js></script>"),
            "list",
            None,
        ),
        (html("x", "微博上的404文章被删除"), "story", None),
        (html("新布局的正文" * 30), "story", None),
        (html(f"<script>{'x' * 40_000}</script><p>找不到您要的页面</p>"), "story", None),
    ],
)
def test_block_pages_are_known_by_sure_signs_only(
    page: bytes, kind: str, expected: str | None
) -> None:
    assert block_page(page, kind) == expected


SAID = [
    ("系统维护中", "系统维护中，请稍后再试。", "maintenance"),
    ("网站正在维护", "本站正在升级维护，给您带来不便，敬请谅解。", "maintenance"),
    ("系统升级维护公告", "为了更好地为您服务，网站将暂停服务两小时。", "maintenance"),
    ("请登录后查看", "请登录后查看全文。", "login_wall"),
    ("登录后查看全文", "已有账户？", "login_wall"),
    ("该文章已下线", "该文章已下线或被删除。", "soft_404"),
    ("文章不存在", "文章不存在或已被删除。", "soft_404"),
    ("抱歉，您访问的页面不存在", "返回首页", "soft_404"),
    ("请稍候…", "请稍候…正在验证您的浏览器。", "challenge"),
    ("请稍候…正在验证", "需要几秒钟", "challenge"),
    ("您的访问被阻断", "您的请求可能对网站造成安全威胁。", "challenge"),
]
LOOK_ALIKE = [
    "系统维护中，三家银行的客户无法转账",
    "请登录后查看：平台的条款如何改变",
    "登录火星：一个渔村少年的梦",
    "该文章已下线，作者说没有人告诉他",
    "微博：文章不存在的时候读者看到什么",
    "请稍候…正在验证：机场新系统试用一天",
    "您的访问被阻断：一个网站怎样消失",
    "人机验证让长者上不了网",
]


@pytest.mark.parametrize(("title", "words", "reason"), SAID)
def test_a_block_page_is_named(title: str, words: str, reason: str) -> None:
    pages = (
        html(f"<h1>{title}</h1><p>{words}</p>", f"{title} | 联合早报"),
        html(f"<div>{words}</div>", title),
        html(
            f"<h1>{title}</h1><nav>{'<a href=/x>一个渔村修好了荒废多年的盐道</a>' * 40}</nav>",
            "联合早报",
        ),
    )
    assert [block_page(page, kind) for page in pages for kind in ("story", "list")] == [reason] * 6


@pytest.mark.parametrize("shell", SHELLS, ids=lambda shell: shell.layout)
@pytest.mark.parametrize(("title", "words", "reason"), SAID)
def test_a_block_page_in_a_storys_markup_is_no_story(
    shell: Shell, title: str, words: str, reason: str
) -> None:
    for site in ("", " | 联合早报"):
        head, heading = f"<title>{title}{site}</title>", f'<h1 class="article-title">{title}</h1>'
        page = shell.page(head, heading, f"<p>{words}</p>").encode()
        assert block_page(page, "story") == reason


@pytest.mark.parametrize("shell", SHELLS, ids=lambda shell: shell.layout)
@pytest.mark.parametrize("title", LOOK_ALIKE)
def test_a_headline_with_such_words_is_a_storys(shell: Shell, title: str) -> None:
    head, heading = f"<title>{title} | 联合早报</title>", f'<h1 class="article-title">{title}</h1>'
    for body in (LONGER, "<p>一句话。</p>"):
        assert block_page(shell.page(head, heading, body).encode(), "story") is None
    assert block_page(html(heading + LONGER, f"{title} | 联合早报"), "story") is None


def test_a_whole_story_under_such_a_headline_is_one() -> None:
    for shell in SHELLS:
        for title, _, _ in SAID:
            page = shell.page(f"<title>{title}</title>", f"<h1>{title}</h1>", LONGER)
            assert block_page(page.encode(), "story") is None


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("网站正在维护，请稍后再来", "maintenance"),
        ("请先登录后阅读", "login_wall"),
        ("该文章已被撤下", "soft_404"),
        ("很抱歉，您的访问请求被拦截", "challenge"),
        ("网站的系统需要维护人员", None),
        ("当局正在验证这个说法", None),
        ("居民说，道路被阻断", None),
    ],
)
def test_a_page_of_a_few_words_says_what_it_is(words: str, reason: str | None) -> None:
    assert block_page(html(f"<p>{words}</p>", "联合早报"), "story") == reason


@pytest.mark.parametrize("heading", ["登录", "安全验证", "系统维护中"])
def test_a_box_for_readers_on_a_storys_page_makes_it_no_block_page(heading: str) -> None:
    box = f"<div class=modal><h1>{heading}</h1></div>"
    page = html(f"<h1>渔村修好百年盐道</h1>{LONGER}{box}", "渔村修好百年盐道 | 联合早报")
    assert block_page(page, "story") is None


@pytest.mark.parametrize("piece", ["<", "<a", "<!--", "<script>", "</a"])
def test_a_long_page_ends(piece: str) -> None:
    title = "<h1>系统维护中</h1><div class=articleBody>"
    assert block_page(html(title + piece * 200_000, "系统维护中"), "story") == "maintenance"
