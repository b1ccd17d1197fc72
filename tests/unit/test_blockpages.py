"""Challenges, login walls and soft 404s: known by sure signs, and no honest page among them."""

from __future__ import annotations

import pytest

from tests.support.fault_server import html
from zaobao.blockpages import block_page


@pytest.mark.parametrize(
    ("page", "kind", "expected"),
    [
        (html("x", "Just a moment..."), "list", "challenge"),
        (html("<p>请完成验证</p>"), "story", "challenge"),
        (html("x", "页面不存在"), "story", "soft_404"),
        (html("x", "404 | 联合早报"), "story", "soft_404"),
        (html("<p>找不到您要的页面</p>"), "story", "soft_404"),
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
