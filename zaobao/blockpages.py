"""Block pages: challenges, login walls, maintenance and soft 404s. Pure.

A false alarm is worse than a miss: a page that is missed fits no layout and goes
to quarantine, while a challenge on a list page ends the run. So a page with the
markup of a list is none, one with that of a story only where it has no text and its
titles say nothing else, and only marks count that stand on no other page.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from zaobao.decoding import content_codings, unpack
from zaobao.errors import UnfitError

if TYPE_CHECKING:
    from scrapy.http import Response

CHALLENGE = "challenge"
MAINTENANCE = "maintenance"

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
_MISSING_TEXT = re.compile(
    r"(?:页面|网页|文章)(?:不存在|未找到|已删除|已被删除|已移除)|找不到.{0,8}(?:页面|网页)"
    r"|page (?:was |could )?not (?:be )?found"
    r"|(?:该|此|本)(?:文章|页面|网页|内容|新闻)已(?:经|被)?(?:下线|下架|撤下|撤稿|删除|移除|失效)"
)
_BLOCKED_TEXT = re.compile(
    _CHALLENGE_WORDS.pattern + r"|您的(?:访问|请求|访问请求)已?被(?:阻断|拦截|拒绝|禁止)"
    r"|请稍[候等后]\W{0,6}正在(?:验证|检查|检测)"
)
_LOGIN_TEXT = re.compile(r"请(?:您)?(?:先)?登[录入]后?(?:再|继续)?(?:查看|阅读|浏览|访问)")
_MAINTENANCE_TEXT = re.compile(r"(?:系统|网站|本站|服务器)(?:正在|升级|例行|进行)*维护")
_404 = re.compile(r"^\W*404(?:\W|$)|\W404\W*$")

# A title that says one of these, and besides it no more than the site's name, is no headline.
_SITE = re.compile(r"(?:新加坡)?联合早报网?|早报|zaobao(?:\.com(?:\.sg)?)?")
_TITLES = {
    CHALLENGE: r"请稍[候等](?:片刻)?(?:\W*正在(?:验证|检查|检测|进行安全)\w{0,12})?"
    r"|请稍后\W*正在验证\w{0,12}|正在(?:验证|检查|检测)您\w{0,12}"
    r"|(?:您的?)?(?:访问|请求|访问请求)已?被(?:阻断|拦截|拒绝|禁止)"
    r"|(?:安全|人机|滑动|访问)验证|请完成\w{0,4}验证",
    "login_wall": r"(?:您?(?:需要?|请|必须))?您?先?(?:会员)?登[录入]后?(?:再|才能|即可|可)?"
    r"(?:继续)?(?:查看|阅读|浏览|访问)?(?:全文|内容|更多|本文|文章)?",
    MAINTENANCE: r"(?:系统|网站|本站|平台|页面|服务器?|升级|例行|正在|进行|暂停|临时)+维护(?:升级)?"
    r"(?:中|公告|通知)?|维护(?:中|公告)|(?:系统|网站)(?:正在)?升级中?",
    "soft_404": r"(?:(?:很?抱歉|对不起)\W*)?(?:您所?(?:访问|查看|浏览|要找|查找)的)?"
    r"(?:该|此|本|这篇)?(?:文章|页面|网页|内容|新闻|稿件)"
    r"(?:不存在|未找到|已?经?(?:下线|下架|撤下|撤稿|失效|删除|移除)|已?被(?:删除|移除|撤下))"
    r"(?:[，或、]?(?:已?被?删除|已?下线|不存在))?|404(?:\W+(?:not found|error|页面不存在))?",
}
_WHOLE_TITLES = {reason: re.compile(words) for reason, words in _TITLES.items()}
_ENDS = re.compile(r"^\W+|\W+$")
_LONGEST_TITLE = 40
_TAG = re.compile(r"<[^<>]*>")
_UNREAD = re.compile(
    r"<(script|style|a|title|h1)(?=[\s>]).*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.S | re.I
)
_CHINESE = re.compile(r"[\u3000-\u9fff\uff00-\uffef]")
_PIECE = 16
"""Chinese characters from which a piece of text is more than a button's or a menu's."""
_STORY = 120
"""Characters of such pieces, outside links, from which a page has a story's text."""
_FEW_WORDS = 150
_TITLE_SIZE = 1024


def block_page(page: bytes, kind: str) -> str | None:
    """The kind of block page that a page surely is, else None.

    `challenge`, `login_wall`, `maintenance` or `soft_404`. page: UTF-8. kind: `story`, or
    anything else for a list page or robots.txt.
    """
    if any(mark in page for mark in (_STORY_MARKS if kind == "story" else _LIST_MARKS)):
        return _in_a_storys_place(page) if kind == "story" else None
    head = page[:_LOOK_AT].decode(errors="replace").lower()
    if any(mark in head for mark in _CHALLENGE_MARKS):
        return CHALLENGE
    if found := _from_titles(head):
        return found
    if _is_login_form(page, head):
        return "login_wall"
    if kind == "story" and _is_elsewhere(head):
        return "soft_404"
    return _from_text(head) if len(page) < _SHORT else None


def check_story(page: bytes) -> None:
    """UnfitError, its reason as of `block_page`: a block page stands in the story's place."""
    if found := block_page(page, "story"):
        raise UnfitError(found, f"a block page stands in the story's place: {found}")


def _in_a_storys_place(page: bytes) -> str | None:
    """What a page in a story's markup is whose titles are all a block page's, and has no text."""
    reason = None
    for mark in (b"<title", b"<h1"):
        if title := _without_site(_title_at(page, page.find(mark))):
            found = _whole_title(title)
            if found is None or reason not in (None, found):
                return None
            reason = found
    return reason if reason and not _has_story(page.decode(errors="replace")) else None


def _title_at(page: bytes, start: int) -> str:
    piece = page[start : start + _TITLE_SIZE] if start >= 0 else b""
    match = _TITLE.match(piece.decode(errors="replace").lower())
    return " ".join(_TAG.sub("", match[2]).split()) if match else ""


def _from_titles(head: str) -> str | None:
    """What the title or a heading says: nothing else than that, or with a page without text."""
    titles = [" ".join(match[2].split()) for match in _TITLE.finditer(head)]
    named = [_whole_title(title) for title in map(_without_site, titles) if title]
    found = next(filter(None, named), None)
    if found and all(named):
        return found
    found = found or _from_words(titles)
    return found if found and not _has_story(head) else None


def _from_words(titles: list[str]) -> str | None:
    if any(map(_CHALLENGE_WORDS.search, titles)):
        return CHALLENGE
    if any(map(_LOGIN_WORDS.search, titles)):
        return "login_wall"
    if any(_MISSING_TEXT.search(title) or _404.search(title) for title in titles):
        return "soft_404"
    return None


def _without_site(title: str) -> str:
    return _ENDS.sub("", _SITE.sub("", title))


def _whole_title(title: str) -> str | None:
    """What a title without the site's name says that is all a block page's."""
    if len(title) > _LONGEST_TITLE:
        return None
    reasons = (reason for reason, known in _WHOLE_TITLES.items() if known.fullmatch(title))
    return next(reasons, None)


def _has_story(html: str) -> bool:
    """Whether a page has running text in Chinese; what is in links, scripts and styles is none."""
    pieces = (len(_CHINESE.findall(piece)) for piece in _TAG.split(_UNREAD.sub(" ", html)))
    return sum(size for size in pieces if size >= _PIECE) >= _STORY


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
    if len(text) > 600 or _has_story(head):
        return None
    if _BLOCKED_TEXT.search(text):
        return CHALLENGE
    if _MISSING_TEXT.search(text):
        return "soft_404"
    if len(text) > _FEW_WORDS:
        return None
    if _LOGIN_TEXT.search(text):
        return "login_wall"
    return MAINTENANCE if _MAINTENANCE_TEXT.search(text) else None
