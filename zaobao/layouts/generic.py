"""The generic fallback, for pages that no layout claims.

It gives a post only with a title, a time that the page itself tells and 200
characters of text, and nothing rather than a wrong one: a preview, a service
page and a text whose order is hidden are refused. trafilatura says which words
are the story's; the page's own element with these words goes on to cleaning,
since its classes are what the removal rules see.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zaobao import dom, text, times, urls
from zaobao.cleaning.elements import BLOCKS, HEADINGS
from zaobao.cleaning.lines import SENTENCE, is_prose
from zaobao.cleaning.matching import matched
from zaobao.errors import NoFallback
from zaobao.items import PROVISIONAL
from zaobao.layouts import headlines, order
from zaobao.layouts.base import Layout
from zaobao.layouts.time import AHEAD, DATELINE
from zaobao.page import SIDE_MARKS, SIDES, is_side, resolved
from zaobao.plausibility import GENERIC_LEAST, without_site

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime

    from zaobao.dom import Node
    from zaobao.items import Extraction
    from zaobao.page import Page

_MAIN = ("main", "#content", ".content", "body")
_FRAME = SIDES | {"header"}
_PAGE_FRAME = frozenset({"header", "footer", "nav"})
"""Elements that have no words of the story, even where they are whole sentences."""
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

_PARAGRAPH = 16
"""Characters from which a block counts as running text: bylines and buttons have fewer."""
_HEAD = 80
"""Characters below which a block that begins with a time of publication is a dateline."""
_BARE_TIME = re.compile(
    r"[\d\s:：/.年月日时分秒()（）APMapm星期周一二三四五六天上下中午早晚凌晨-]{8,40}"
)
"""What is no more than a day and a clock time."""
_BESIDE_TIME = re.compile(
    r"[|｜/·:：,，()（）\[\]-]+|(?:发布|发表|刊登|刊发|发稿|出版|北京|新加坡|本地|当地)?(?:时间|日期)"
    r"|[发刊][布表登]于?|于|published|posted|date|on|at|by|sgt|(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}"
    r"|(?:星期|周)[一二三四五六日天]|联合早报网?|早报网?|zaobao[a-z.]{0,7}"
    r"|(?:来源|出处|文|记者|作者|编辑|责编|责任编辑)[:：/]?[^|｜/·:：,，。？！]{1,12}"
    r"|(?:阅读|浏览|点击|评论|分享)[:：]?\d*|字[号体][:：]?"
    r"|(?:即时|中国|新加坡|国际|世界|亚洲|东南亚|财经|社会|两岸|大中华)(?:新闻|即时|要闻)?|[小中大]|最后$",
    re.I,
)
"""What may stand on a line with the time of publication."""
_CLOCK = re.compile(r"(?:[上下中]午|晚上)?\s?\d{1,2}[:：]\d\d(?:[:：]\d\d)?(?:\s?[AaPp][Mm])?")
_NO_TEXT = frozenset({"script", "style", "noscript", "template", "title", "svg"})
_FAR = 7
"""Pieces of text from a headline at which a time is another's."""
_HELD = 0.9
"""Share of the running text that the story's element must hold."""
_STRANGE = 1.6
"""An element with this many times trafilatura's text holds more than the story."""


class Generic(Layout):
    """Title and time where all layouts look for them, the body by trafilatura."""

    name = "generic"
    edition = None

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
        if article.published is None and (printed := _bare_time(page, story, crawled)):
            article.published_raw, moment = printed
            article.published = moment.astimezone(times.SINGAPORE)
            article.published_from = extraction.sources["published"] = "visible"
        if article.published is None:
            raise NoFallback("the page tells no time of publication")
        if _SERVICE.search(article.title):
            raise NoFallback(f"{article.title!r} is the headline of a service page")
        words = _SERVICE_TEXT.search(dom.text_of(extraction.box))
        if words and not _is_about(page, story, extraction):
            raise NoFallback(f"it says {words[0]!r}, and not that it is this story")
        return extraction

    def _box(self, page: Page) -> tuple[Node, str]:
        if any(rule.access == "paywalled" for rule in matched(_without_sides(page)).rules.values()):
            raise NoFallback("a paywall marker stands on the page")
        found = main_text(_without_sides(page), _headlines(page))
        if found.chars < GENERIC_LEAST and (body := page.embedded_body) is not None:
            found = MainText(body, text.count(dom.words_of(body)), "script")
        if found.box is None or found.chars < GENERIC_LEAST:
            raise NoFallback(
                f"{found.chars} characters of text were found, {GENERIC_LEAST} are needed"
            )
        return found.box, found.source

    def put_in_order(self, box: Node) -> str | None:
        """HK-2's shuffle may outlive its layout."""
        return order.by_data_s(box)


_GENERIC = Generic()


def extract(page: Page, story: urls.StoryUrl, crawled: datetime) -> Extraction:
    """Read a page that no layout could read; UnreadablePage says why it gives no post."""
    return _GENERIC.extract(page, story, crawled)


def main_links(page: Page) -> list[str]:
    """The addresses of the links in the page's main part, side lists cut away, in order.

    Where the list is rendered by script, those that its scripts name.
    """
    main = next(iter(page.select(_MAIN)), page.root)
    links = [
        resolved(page.base, address)
        for link in main.css("a")
        if (address := link.attributes.get("href"))
        and not any(map(_is_outside, dom.ancestors(link)))
    ]
    if any(map(urls.story, links)):
        return links
    named = _STORY_PATH.findall("\n".join(page.script_texts()).replace("\\/", "/"))
    return links + [resolved(page.base, path) for path in dict.fromkeys(named)]


def _headlines(page: Page) -> set[str]:
    """The keys of what the page may call its story."""
    said = [article.get("headline") for article in page.news_articles]
    said += [page.metas.get("og:title"), page.title]
    texts = [words for words in said if isinstance(words, str)]
    texts = [*map(without_site, texts), *(words.partition("|")[0] for words in texts)]
    return {*map(headlines.key_of_html, texts)} - {""}


def _bare_time(page: Page, story: urls.StoryUrl, crawled: datetime) -> tuple[str, datetime] | None:
    """The time that stands by itself beside the headline, `2022-07-23 14:00`, as printed and read.

    The nearest to the headline of those of the address's day; None where there is none.
    """
    pieces = 0
    headings: list[int] = []
    found: list[tuple[int, str, datetime]] = []
    for node in page.root.traverse(include_text=True, skip_empty=True):
        if node.tag != dom.TEXT or not node.text().strip():
            continue
        around = list(dom.ancestors(node))
        if any(up.tag in _NO_TEXT or _is_around(up) for up in around):
            continue
        pieces += 1
        words = dom.text_of(node)
        if any(up.tag == "h1" for up in around):
            headings.append(pieces)
        elif any(up.tag == "a" or _is_of_links(up) for up in around):
            continue
        elif moment := _printed_time(words):
            found.append((pieces, words, moment))
    near = [
        (distance, words, moment)
        for place, words, moment in found
        if moment <= crawled + AHEAD and not times.is_off_day(moment, story.day)
        if (distance := min((abs(place - one) for one in headings), default=_FAR)) < _FAR
    ]
    return min(near)[1:] if near else None


def _printed_time(words: str) -> datetime | None:
    """The time of publication in a line that says nothing else but by whom, where and of what."""
    if not any(char.isdigit() for char in words[:_HEAD]) or len(words) > _HEAD:
        return None
    before, mark, after = words.partition("更新")
    if mark and (times.parse(before) is None or times.parse(after) is None):
        return None
    moment, rest = times.beside(before)
    return None if _BESIDE_TIME.sub("", text.squeeze(rest)) else moment


def _is_around(node: Node) -> bool:
    """Whether an element has no time of the story; a story's own header has it."""
    if node.tag == "header" and node.css_first("h1") and dom.is_below(node, ("article", "main")):
        return False
    return _is_outside(node)


def _is_of_links(node: Node) -> bool:
    """Whether a node is an item of a list with links: its time is another story's."""
    return node.tag == "li" and node.parent is not None and node.parent.css_first("a") is not None


def _is_about(page: Page, story: urls.StoryUrl, extraction: Extraction) -> bool:
    """Whether the page names the story's number, or describes the text that it has.

    A page for maintenance or log-in, the same for every address, does neither.
    """
    if page.holds(story.number) or page.news_articles:
        return True
    opening = text.squeeze(page.description.rstrip("…."))[:_OPENING]
    return bool(opening) and opening in dom.squeezed(extraction.box)[:_OPENED]


def _is_outside(node: Node) -> bool:
    """Whether an element is a side list, or the page's frame."""
    island = (node.attributes.get("component-url") or "").lower()
    if node.tag == "footer" and dom.is_below(node, ("blockquote", "figure")):
        return False  # it says whose words they are
    if node.tag == "header" and dom.is_below(node, ("section", "article")) and _is_heading(node):
        return False
    return node.tag in _FRAME or is_side(node) or any(mark in island for mark in SIDE_MARKS)


def _is_heading(header: Node) -> bool:
    """Whether a header has the heading of a part of the text, and nothing of the page's."""
    return header.css_first("h1, a, time, img, nav") is None and any(
        dom.squeezed(header) == dom.squeezed(one) for one in header.css("h2, h3, h4, h5, h6")
    )


def _without_sides(page: Page) -> Node:
    """A copy of the page whose side lists and frame are empty; no element of it is moved.

    A box of prose beside the text is none of them.
    """
    root = page.tree.clone().root
    assert root is not None
    sides = [
        node
        for node in root.traverse()
        if node.is_element_node
        and _is_outside(node)
        and (node.tag in _PAGE_FRAME or not is_prose(node))
    ]
    for node in dom.outermost(sides):
        node.inner_html = ""
    return root


@dataclass(slots=True)
class MainText:
    """The element with the main text, its characters, and how it was found."""

    box: Node | None
    chars: int
    source: str


def main_text(root: Node, known: Collection[str] = ()) -> MainText:
    """The element of a page that holds the main text; what of it is another part is emptied.

    known: the keys of what the page may call its story. A block
    that only repeats one, or tells the time, is no part of the text.
    """
    import trafilatura  # 0.2 s, and only a page without a layout needs it

    extracted = trafilatura.extract(
        root.html or "",
        output_format="html",
        include_comments=False,
        include_formatting=True,
        include_images=True,
        include_links=True,
    )
    if not extracted:
        return MainText(None, 0, "none")
    body = dom.fragment(extracted)
    words = dom.squeezed(body)
    leaves = list(_leaves(root))
    heads = {block for block in leaves if _is_head(block, known)}
    paragraphs = [block for block in leaves if block not in heads and _is_text(block, words)]
    while paragraphs and _is_time(dom.text_of(paragraphs[0])):
        del paragraphs[0]
    total = sum(map(dom.seen, paragraphs))
    own = _holder(paragraphs, total)
    if own is not None:
        _cut(own, paragraphs, heads)
        _behead(own, next(one for one in paragraphs if dom.is_in(one, own)), heads, known)
        if dom.seen(own) <= _STRANGE * max(total, len(words)):
            return MainText(own, dom.seen(own), "page")
    _behead(body, None, set(), known)
    return MainText(body, dom.seen(body), "trafilatura")


def _leaves(root: Node) -> Iterator[Node]:
    """The innermost blocks: elements whose content is all inline."""
    for node in root.traverse():
        is_block = node.tag in BLOCKS and node.tag not in HEADINGS
        if is_block and not any(child.tag in BLOCKS for child in node.css("*")[1:]):
            yield node


def _is_text(block: Node, words: str) -> bool:
    own = dom.squeezed(block)
    return len(own) >= _PARAGRAPH and own in words


def _holder(paragraphs: list[Node], total: int) -> Node | None:
    """The innermost element that holds nearly all of the paragraphs."""
    held: dict[Node, int] = {}
    for block in paragraphs:
        size = dom.seen(block)
        for node in (block, *dom.ancestors(block)):
            held[node] = held.get(node, 0) + size
    enough = [node for node, size in held.items() if size >= _HELD * total > 0]
    return max(enough, key=lambda node: sum(1 for _ in dom.ancestors(node)), default=None)


def _cut(box: Node, paragraphs: list[Node], heads: set[Node]) -> None:
    """Empty what stands before the first and after the last paragraph of a box that holds the
    headline, too."""
    if box.css_first("h1") is None and not any(dom.is_in(head, box) for head in heads):
        return
    children = [*box.iter(include_text=True)]
    holding = {
        place
        for place, child in enumerate(children)
        if any(dom.is_in(block, child) for block in paragraphs)
    }
    for place, child in enumerate(children):
        if not holding or not min(holding) <= place <= max(holding):
            if child.is_element_node:
                child.inner_html = ""
            else:
                child.decompose()


def _behead(box: Node, first: Node | None, heads: Collection[Node], known: Collection[str]) -> None:
    """Empty what a box has of the headline and the time before its first paragraph.

    A stray end tag may put them into one element with the text, at any depth. first: None where
    the text stands in no elements of its own.
    """
    found: list[Node] = []
    for node in box.traverse(include_text=True, skip_empty=True):
        if first is not None and dom.is_same(node, first):
            break
        if node.tag == dom.TEXT:
            is_of_it = _is_time(dom.text_of(node))
            is_head = dom.is_below(node, HEADINGS)
            if first is None and not is_of_it and not is_head and dom.seen(node) >= _PARAGRAPH:
                break
        else:
            is_named = node.tag in HEADINGS and headlines.key(headlines.line(node)) in known
            is_of_it = node in heads or node.tag == "h1" or is_named
        if is_of_it:
            found.append(node)
    for node in dom.outermost(found):
        if node.is_element_node:
            node.inner_html = ""
        else:
            node.decompose()


def _is_time(words: str) -> bool:
    """Whether words are a day or a clock time, or both, and nothing else."""
    return bool(_BARE_TIME.fullmatch(words) or _CLOCK.fullmatch(words))


def _is_head(block: Node, known: Collection[str]) -> bool:
    words = dom.squeezed(block)
    if headlines.key(words) in known:
        return True
    if len(words) >= _HEAD or SENTENCE.search(words):
        return False
    return bool(DATELINE.match(words) or _printed_time(dom.text_of(block)))
