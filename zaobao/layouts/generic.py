"""The reader of last resort, for pages that no layout claims.

It gives a post only with a title, a time that the page itself tells and 200
characters of text (contract 5), and nothing rather than a wrong one: a preview,
a service page and a text whose order is hidden are refused.
"""

from __future__ import annotations

import re
from copy import deepcopy
from typing import TYPE_CHECKING

from zaobao import scripts, text, urls
from zaobao.cleaning import matching
from zaobao.errors import BodyMissing
from zaobao.items import PROVISIONAL
from zaobao.layouts.base import Layout
from zaobao.layouts.hk_bootstrap import HkBootstrap
from zaobao.layouts.maintext import Main, main_box
from zaobao.page import css, resolved, text_of, words_of
from zaobao.plausibility import GENERIC_LEAST

if TYPE_CHECKING:
    from datetime import datetime

    from lxml import etree

    from zaobao.items import Extraction
    from zaobao.page import Page

_MAIN = css("main", "#content", ".content", "body")
_SIDE = ("aside", "nav", "footer", "header")
_SIDE_MARKS = ("sidebar", "hotnews", "hot-news", "recommend", "popular", "trending", "OUTBRAIN")
_STORY_PATH = re.compile(r"/[a-z0-9/-]{1,80}/story20\d{6}-\d{1,31}")
_SERVICE = re.compile(
    r"维护|升级中|暂停服务|服务中断|稍后再试|无法访问|页面不存在|请登录|请登入"
    r"|maintenance|unavailable|log ?in|sign ?in",
    re.I,
)
"""Words of a headline that no story has whose page lost its markup: a service page."""


_SERVICE_TEXT = re.compile(
    r"(?:系统|网站|本站|例行|升级|正在)[^。]{0,12}维护|带来不便|稍后再[试来]|服务暂停|登[录入]后"
    r"|请先?登[录入]|账[号户]登[录入]|under maintenance|try again later|(?:log|sign) in to",
    re.I,
)
"""Words of a text that may be a service page's: then the page must say that it is this story."""
_OPENING, _OPENED = 12, 120
"""Characters of a description that must stand within so many of the text's first ones."""


class Generic(Layout):
    """Title and time by the ladders that all layouts share, the body by trafilatura."""

    name = "generic"
    edition = None

    title = css("h1")

    def claims(self, page: Page) -> bool:
        """It is never chosen by a probe."""
        return False

    def extract(
        self, page: Page, story: urls.StoryUrl, crawled: datetime, listed: datetime | None = None
    ) -> Extraction:
        """The story, or UnreadablePage. `listed` does not count: a service page has that too."""
        extraction = super().extract(page, story, crawled)
        article = extraction.article
        article.revision = PROVISIONAL
        if article.published is None:
            raise BodyMissing("the page tells no time of publication")
        if _SERVICE.search(article.title):
            raise BodyMissing(f"{article.title!r} is the headline of a service page")
        words = _SERVICE_TEXT.search(text_of(extraction.box))
        if words and not _is_about(page, story, extraction):
            raise BodyMissing(f"it says {words[0]!r}, and not that it is this story")
        return extraction

    def _box(self, page: Page) -> tuple[etree._Element, str]:
        root = _without_sides(page.root)
        matches, _ = matching.matches(deepcopy(root), words_of(root))
        if any(rule.access == "paywalled" for rule in matches.values()):
            raise BodyMissing("a paywall marker stands on the page")
        found = main_box(root, _headlines(page))
        if found.chars < GENERIC_LEAST and (body := scripts.longest_body(page)) is not None:
            found = Main(body, text.count(text_of(body)), "script")
        if found.box is None or found.chars < GENERIC_LEAST:
            raise BodyMissing(
                f"{found.chars} characters of text were found, {GENERIC_LEAST} are needed"
            )
        return found.box, found.rung

    def restore_order(self, box: etree._Element) -> str | None:
        """HK-2's shuffle may outlive its layout."""
        return _SHUFFLED.restore_order(box)


_GENERIC, _SHUFFLED = Generic(), HkBootstrap()


def extract(page: Page, story: urls.StoryUrl, crawled: datetime) -> Extraction:
    """Read a page that no layout could read; UnreadablePage says why it gives no post."""
    return _GENERIC.extract(page, story, crawled)


def main_links(page: Page) -> list[str]:
    """The addresses of the links in the page's main part, side lists cut away, in order.

    Where the list is drawn by script, those that its scripts name.
    """
    main = next(iter(page.select(_MAIN)), page.root)
    links = [
        resolved(page.url, link.get("href"))
        for link in main.iter("a")
        if link.get("href") and not any(_is_side(node) for node in link.iterancestors())
    ]
    if any(map(urls.story, links)):
        return links
    named = _STORY_PATH.findall("\n".join(scripts.texts(page)).replace("\\/", "/"))
    return links + [resolved(page.url, path) for path in dict.fromkeys(named)]


def _headlines(page: Page) -> set[str]:
    """What the page may call its story, without white space."""
    said = [article.get("headline") for article in page.news_articles]
    said += [page.metas.get("og:title"), page.root.findtext(".//head/title")]
    first = (words.partition("|")[0] for words in said if isinstance(words, str))
    return {"".join(words.split()) for words in first} - {""}


def _is_about(page: Page, story: urls.StoryUrl, extraction: Extraction) -> bool:
    """Whether the page names the story's number, or describes the text that it has.

    A page for maintenance or log-in, the same for every address, does neither.
    """
    if page.holds(story.number.encode()) or page.news_articles:
        return True
    about = page.metas.get("description") or page.metas.get("og:description") or ""
    opening = "".join(about.rstrip("….").split())[:_OPENING]
    return bool(opening) and opening in "".join(text_of(extraction.box).split())[:_OPENED]


def _is_side(node: etree._Element) -> bool:
    marks = f"{node.get('class') or ''} {node.get('id') or ''} {node.get('component-url') or ''}"
    return node.tag in _SIDE or any(mark.lower() in marks.lower() for mark in _SIDE_MARKS)


def _without_sides(root: etree._Element) -> etree._Element:
    """A copy of the page without frame, side lists and what the removal rules know."""
    copy = deepcopy(root)
    for node in [node for node in copy.iter() if isinstance(node.tag, str) and _is_side(node)]:
        if node.getparent() is not None:
            matching.drop(node)
    return copy
