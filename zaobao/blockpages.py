"""Block pages: challenges, login walls and soft 404s. Pure.

A false alarm is worse than a miss: a page that is missed fits no layout and goes
to quarantine, while a challenge on a list page ends the run. So a page with the
markup of a story or a list is none, and only marks count that stand on no other
page.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from zaobao.decoding import content_codings, unpack
from zaobao.errors import UnfitError

if TYPE_CHECKING:
    from scrapy.http import Response

CHALLENGE = "challenge"

# Statuses of Cloudflare's and AWS's challenges, and the headers that mark them.
_CHALLENGE_STATUSES = frozenset({403, 405, 429, 503})
_CHALLENGE_HEADERS = (b"cf-mitigated", b"x-amzn-waf-action")

# Of every layout since 2019, see `layouts/`; those of a list count for a list only.
_STORY_MARKS = (b"articleBody", b"article-body", b"article-content", b"body-content")
_LIST_MARKS = (b"/story20", b"card-listing", b"article-list", b"list-block", b"post-list")

_LOOK_AT = 64 * 1024
_SHORT = 32 * 1024
_TITLE = re.compile(r"<(title|h1)\b[^>]*>(.{0,200}?)</\1", re.S)
_OWN_ADDRESS = re.compile(
    r"<(?:link|meta)\b[^>]*\b(?:canonical|og:url)\b[^>]*\b(?:href|content)\s*=\s*[\"']?([^\"'\s>]+)"
)

# Cloudflare, Imperva, DataDome, PerimeterX, AWS, Alibaba: the blocking page itself.
# Not their helper scripts, which stand on ordinary pages too.
_CHALLENGE_MARKS = (
    "_cf_chl_opt",
    "cf-chl-",
    "cf-browser-verification",
    "incapsula incident id",
    "captcha-delivery.com",
    "px-captcha",
    "awswafcookiedomainlist",
    "gokuprops",
    "aliyun_waf",
    "acw_sc__v2",
)
_CHALLENGE_WORDS = re.compile(
    r"just a moment|attention required|checking your browser|verify(?:ing)? (?:that )?you are"
    r"|are you (?:a )?(?:human|robot)|unusual traffic|access denied|captcha"
    r"|安全验证|人机验证|滑动验证|访问验证|验证您是|请完成验证|访问过于频繁"
)
_LOGIN_WORDS = re.compile(r"^\W*(?:登录|登入|会员登录|会员登入|请登录|请登入|log ?in|sign ?in)")
_PASSWORD = re.compile(r"<input\b[^>]*\btype\s*=\s*[\"']?password")
_MISSING_WORDS = re.compile(
    r"(?:页面|网页|文章)(?:不存在|未找到|已删除|已被删除|已移除)|找不到.{0,8}(?:页面|网页)"
    r"|page (?:was |could )?not (?:be )?found"
)
_404 = re.compile(r"^\W*404(?:\W|$)|\W404\W*$")


def block_page(page: bytes, kind: str) -> str | None:
    """`challenge`, `login_wall` or `soft_404` for a page that surely is one, else None.

    page: UTF-8. kind: `story`, or anything else for a list page or robots.txt.
    """
    if any(mark in page for mark in (_STORY_MARKS if kind == "story" else _LIST_MARKS)):
        return None
    head = page[:_LOOK_AT].decode(errors="replace").lower()
    titles = [" ".join(match[2].split()) for match in _TITLE.finditer(head)]
    if any(mark in head for mark in _CHALLENGE_MARKS):
        return CHALLENGE
    if any(map(_CHALLENGE_WORDS.search, titles)):
        return CHALLENGE
    if any(map(_LOGIN_WORDS.search, titles)) or _is_login_form(page, head):
        return "login_wall"
    if any(_MISSING_WORDS.search(title) or _404.search(title) for title in titles):
        return "soft_404"
    if kind == "story" and _is_elsewhere(head):
        return "soft_404"
    return _from_text(head) if len(page) < _SHORT else None


def is_challenge(response: Response, kind: str, limit: int) -> bool:
    """Whether the headers say challenge, or an error status comes with a challenge page.

    kind: as for `block_page`. limit: of the unpacked page, in bytes. Pages with
    status 200 are looked at by `responsechecks`.
    """
    headers = response.headers
    if any(name in headers for name in _CHALLENGE_HEADERS):
        return True
    if response.status not in _CHALLENGE_STATUSES:
        return False
    codings = content_codings(headers.getlist(b"Content-Encoding"))
    try:
        body = unpack(response.body, codings, limit)
    except UnfitError:
        return False
    return block_page(body, kind) == CHALLENGE


def _is_login_form(page: bytes, head: str) -> bool:
    return len(page) < _SHORT and bool(_PASSWORD.search(head))


def _is_elsewhere(head: str) -> bool:
    """Whether the page names itself as the front page, an edition's or an error page."""
    own = _OWN_ADDRESS.search(head)
    return bool(own and re.fullmatch(r"https?://[^/]+(?:/[\w-]{0,12})?/?", own[1]))


def _from_text(head: str) -> str | None:
    """What a page of a few words says, its scripts and styles aside."""
    text = re.sub(r"<(script|style)\b.*?(?:</\1|\Z)|<[^>]*>", " ", head, flags=re.S)
    text = " ".join(text.split())
    if len(text) > 600:
        return None
    if _CHALLENGE_WORDS.search(text):
        return CHALLENGE
    return "soft_404" if _MISSING_WORDS.search(text) else None
