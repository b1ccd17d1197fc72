"""The pager of a story of several pages: 1, 2, 下一页. It is no text of the story.

Nor are the links to the stories before and after it: 上一篇, 下一篇.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Literal
from urllib.parse import parse_qsl, urlsplit

from zaobao import dom, text
from zaobao.cleaning.elements import ENDING
from zaobao.cleaning.rules import Rule
from zaobao.page import resolved

if TYPE_CHECKING:
    from zaobao.dom import Node

Label = Literal["next", "other", "story"] | int
"""What a link of a pager says: the next page, another one, another story, or a page's number."""
WHOLE = ("", "all")
"""The key of a page that has the whole story."""

PAGER = Rule(
    "pager",
    "chrome",
    "a[href]",
    '<ul class="pager"><li>1</li><li><a href="?page=1">2</a></li></ul>',
)

LINK = re.compile("<a[ >]")
"""A link in HTML."""
_PAGE_NAMES = frozenset({"page", "p", "pg", "pageno", "page_no", "paged", "pn", "pagenum"})
_WHOLE_NAMES = frozenset({"all", "full", "single", "showall", "viewall", "fullpage", "onepage"})
_SHOW_NAMES = frozenset({"view", "show", "mode", "display"})
_WHOLE_VALUES = frozenset({"all", "full", "whole", "single"})
_WHOLE_PATH = re.compile(r"[/_-](?:page[/_-]?)?(?:all|full|single)(?:\.s?html?)?/?", re.I)
_LINKED = re.compile(
    rb"[?&;](?:%s)=|/story20\d{6}-\d{1,31}[/_-]"
    % "|".join(sorted(_PAGE_NAMES | _WHOLE_NAMES | _SHOW_NAMES)).encode(),
    re.I,
)
_REST = re.compile(r"[/_-](?:page[/_-]?|p)?(\d{1,3})(?:\.s?html?)?/?", re.A | re.I)
_PATH = re.compile(r"(?:/[a-z0-9-]+)+/story20\d{6}-(\d{1,31}?)(/?|[/_-][^?#]*)", re.A | re.I)
_ARROWS = "‹›«»<>→←|·…/.,，、—–_\\[\\]()（）【】:：↓↑⟩⟨▶►▸▷◀◄◂◁➜➔➡\\-"
_SHOW = "(?:点击|點擊|请)*(?:阅读|查看|浏览|显示|展开|加载|載入|閱讀|顯示|展開)?"
_REST_OF_IT = (
    rf"{_SHOW}(?:余下|剩余|剩下|餘下)?(?:的)?全文|{_SHOW}(?:余下|剩余|剩下|餘下)(?:的)?(?:内容|正文|部分)"
    r"|(?:点击|點擊)?(?:加载|载入|載入)更多(?:内容|正文)?|继续阅读|繼續閱讀"
)
_COUNT = r"(?:[(（]?第?\d{1,3}[/／]共?\d{1,3}页?[)）]?)?"
_NEXT = re.compile(
    rf"[{_ARROWS}]*{_COUNT}(?:请?(?:点击|點擊|按|进入|转到?|前往|看|阅读|继续)*(?:下一?[页頁]|[后後]一?[页頁])"
    rf"|{_REST_OF_IT}|next(?:page)?|[›»>→▶►▸▷➜➔➡]+){_COUNT}[{_ARROWS}]*",
    re.I,
)
_NEXT_TITLE = re.compile(r"下一?[页頁][:：].{1,60}")
_OTHER = re.compile(
    rf"[{_ARROWS}]*(?:上一?[页頁]|前一页|首[页頁]|第一[页頁]|末[页頁]|尾[页頁]|最后一?[页頁]"
    rf"|单[页頁](?:阅读|浏览|显示|查看|版)|prev(?:ious)?(?:page)?|first|last|[‹«<←◀◄◂◁]+)[{_ARROWS}]*",
    re.I,
)
_STORY_BESIDE = re.compile(
    rf"[{_ARROWS}]*[上下前后後]一?篇(?:文章|新闻)?(?:[：:].{{0,60}}|[{_ARROWS}]*)"
)
_NUMBER = re.compile(
    r"[\[(（【]?(?:第|page|p)?(\d{1,3}|[一二三四五六七八九十])[页頁]?[\])）】]?", re.A | re.I
)
_NUMBER_TITLE = re.compile(r"第(\d{1,3}|[一二三四五六七八九十])[页頁](?:[:：].{1,60})?", re.A)
_NAMES_REST = re.compile("[页頁]|余下|剩余|剩下|餘下|加载|载入|載入")
_SIGNS = re.compile(rf"[{_ARROWS}]*", re.I)
_FRAGMENT = re.compile(r"#!?/?(?:page|p)[=_/-]?\d{1,3}", re.A | re.I)
_BESIDE = "一?(?:篇[：:]?(?:没有了|无)|[页頁])"
_BARE = re.compile(
    f"上{_BESIDE}|下{_BESIDE}|共[一二三四五六七八九十0-9]{{1,3}}[页頁]|页次|頁次|全文|更多|余下|剩余|剩下"
)
"""Each alternative begins with a character, so that the others are passed at once."""
_BARE_MARKS = ("页", "頁", "篇", "全文", "更多", "余下", "剩")
"""One of them stands in what `_BARE` finds."""
_BARE_BLOCKS = frozenset({"p", "div", "ul", "ol", "center"})
_READ_ON = re.compile(rf"(?!全文)(?:{_REST_OF_IT})[{_ARROWS}∨﹀▼]*", re.I)
_NO_BARE = "a, img, button, input, select"
_GOES_ON = re.compile("下一?[页頁]|未完|余下|剩余|剩下|加载|载入")
_LONGEST = 80
"""Characters of a link of a pager."""
_MOST = 400
"""Characters of a pager that are no link's."""
_CHINESE = {digit: place for place, digit in enumerate("一二三四五六七八九十", 1)}
_WORDS = re.compile(
    rf"(?:[{_ARROWS}]|\d{{1,3}}(?!\d)|[上下首末尾前后]一?[页頁篇]|第[一二三四五六七八九十\d]{{1,3}}[页頁]"
    r"|未完|待续|请|看|见|点击|进入|跳?转到?|(?:本文|全文)?共[一二三四五六七八九十\d]{1,3}[页頁]"
    r"|当前|分页|页码|[页頁][次数]?|(?:本文|文章|分页)(?:导航|目录)|没有了|单页阅读"
    r"|p\d{1,3}|pages?|next|prev(?:ious)?|of|current)*",
    re.I,
)
"""Each alternative begins where no other can go on: a long line is read once."""
_ENTRY = re.compile(r"(第[一二三四五六七八九十\d]{1,3}[页頁])[：:][^。？！?!”]{1,40}$")
"""The title of the page that is shown, the only one without a link."""


def may_link(source: bytes) -> bool:
    """Whether a page's HTML may have a link to another page of a story; most have none."""
    return _LINKED.search(source) is not None


def page_of_story(address: str, number: str) -> tuple[str, ...] | None:
    """Which page of the story with a number an address is of: () is the first; None: of none."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    match = _PATH.fullmatch(parts.path)
    if match is None or match[1] != number:
        return None
    if match[2].strip("/"):
        page = _REST.fullmatch(match[2])
        if _WHOLE_PATH.fullmatch(match[2]):
            return WHOLE
        return ("", page[1]) if page else None
    said = [(name.lower(), value.lower()) for name, value in parse_qsl(parts.query)]
    if any(_is_whole(name, value) for name, value in said):
        return WHOLE
    pages = [(name, value) for name, value in said if name in _PAGE_NAMES]
    if not all(value.isascii() and value.isdigit() for _, value in pages):
        return None
    return tuple(part for page in pages[:1] for part in page)


def _is_whole(name: str, value: str) -> bool:
    if name in _WHOLE_NAMES:
        return value in ("1", "true", "yes")
    return value in _WHOLE_VALUES and (name in _PAGE_NAMES or name in _SHOW_NAMES)


def label(link: Node) -> Label | None:
    """What a link says if it may be one of a pager; None where it says something else."""
    said = link.attributes
    if "next" in (said.get("rel") or "").lower().split():
        return "next"
    words = _words(link)
    if len(words) > _LONGEST:
        return None
    if _NEXT.fullmatch(words) or _NEXT_TITLE.fullmatch(words):
        return "next"
    if match := _NUMBER.fullmatch(words) or _NUMBER_TITLE.fullmatch(words):
        return _CHINESE.get(match[1]) or int(match[1])
    if _OTHER.fullmatch(words) or "prev" in (said.get("rel") or "").lower().split():
        return "other"
    before = "" if not words else _words_before(link)
    if _STORY_BESIDE.fullmatch(words) or _STORY_BESIDE.fullmatch(before):
        return "story"
    return "next" if _NEXT.fullmatch(before) and len(before) > 2 else None


def _words(link: Node) -> str:
    """What a link says; one of a drawing alone says it to those who cannot see it."""
    if words := _plain(link):
        return words
    drawn = link.css_first("img[alt]")
    said = link.attributes
    label = said.get("aria-label") or said.get("title") or ""
    return text.squeeze(label or (drawn.attributes.get("alt") or "" if drawn else ""))


def _plain(node: Node) -> str:
    """The words of a node without white space, circled and wide digits as plain ones."""
    return _normal(dom.squeezed(node))


def _normal(words: str) -> str:
    return words if words.isascii() else unicodedata.normalize("NFKC", words)


def _words_before(link: Node) -> str:
    """The words in front of a link that alone ends its line."""
    for node in dom.following(link):
        if node.tag in ENDING:
            break
        if node.text().strip():
            return ""
    before: list[str] = []
    for node in dom.preceding(link):
        if node.tag in ENDING:
            break
        if node.tag == "a":
            return ""
        before.insert(0, dom.squeezed(node))
        if sum(map(len, before)) > _LONGEST:
            return ""
    return "".join(before)


def is_link(link: Node, number: str, base: str) -> bool:
    """Whether a link is one of the pager of the story with a number, whatever it says.

    One whose words name a page or the story beside is none of the text wherever it leads.
    """
    said, words = label(link), _words(link)
    href = (link.attributes.get("href") or "").strip()
    page = None if href.startswith("#") else page_of_story(resolved(base, href), number)
    if said is None:
        return bool(page and words) and len(words) <= _LONGEST and link.css_first("img") is None
    if page is not None or said == "story" or is_fragment_page(href):
        return True
    if said not in ("next", "other"):
        return False
    return "页" in words or (is_script_address(href) and not _SIGNS.fullmatch(words))


def is_fragment_page(href: str) -> bool:
    """Whether a link's address names a page behind its `#`, for a script."""
    return _FRAGMENT.fullmatch(href) is not None


def is_script_address(href: str) -> bool:
    """Whether a link's address is for a script alone."""
    return not href or href.startswith("#") or href.lower().startswith("javascript:")


def names_rest(link: Node) -> bool:
    """Whether a link or button says that there is more of the text than the page shows."""
    return _NAMES_REST.search(_words(link)) is not None


def is_script(button: Node) -> bool:
    """Whether a button says that it shows the next page, not the next picture beside it."""
    words, around = dom.squeezed(button) or button.attributes.get("value") or "", button.parent
    if not _NAMES_REST.search(words) or not _NEXT.fullmatch(words):
        return False
    return around is None or around.css_first("img, figure, video") is None


def pagers(box: Node, number: str, base: str) -> list[Node]:
    """The pagers below a box: elements with nothing but pages' numbers and names.

    base: what the box's addresses belong to.
    """
    links = [link for link in dom.below(box, "a") if is_link(link, number, base)]
    return dom.outermost([*_Pagers(box, links).found, *bare(box)])


def may_hold(html: str) -> bool:
    """Whether HTML may hold a pager; most stories' has neither a link nor such words."""
    return "<a" in html or _BARE.search(html) is not None


def bare(box: Node) -> list[Node]:
    """The blocks below a box without links that say what a pager does: `上一页 1 2 下一页`."""
    if not _BARE.search(dom.squeezed(box)):
        return []
    blocks = [node for node in box.traverse() if node.tag in _BARE_BLOCKS and _is_bare(node.text())]
    return dom.outermost([node for node in blocks if not node.css_first(_NO_BARE)])


def _is_bare(words: str) -> bool:
    if "。" in words:
        return False  # a paragraph of the story, most often
    words = text.squeeze(words)
    if len(words) > _MOST or not any(mark in words for mark in _BARE_MARKS):
        return False  # quicker than to look at it with plain digits
    words = _normal(words)
    if len(words) > _LONGEST or not _BARE.search(words):
        return False
    return bool(_WORDS.fullmatch(words) or _READ_ON.fullmatch(words))


def goes_on(block: Node) -> bool:
    """Whether a pager without links says that there are further pages."""
    words = _plain(block)
    pages = [int(number) for number in re.findall(r"\d+", words)]
    return max(pages) > 1 if pages else _GOES_ON.search(words) is not None


class _Pagers:
    """The largest elements around links that are all pager; none where a sentence holds one."""

    def __init__(self, box: Node, links: list[Node]) -> None:
        self._box, self._links = box, set(links)
        self._judged: dict[Node, bool] = {}
        self._done: set[Node] = set()
        self.found: list[Node] = []
        for link in links:
            if link not in self._done:
                self._look_around(link)

    def _look_around(self, link: Node) -> None:
        node = link
        for up in dom.ancestors(link, self._box):
            if not self._is_pager(up):
                break
            node = up
        if node.tag in ENDING or node.tag == dom.RUN:
            self._take(node)
            return
        line = _line(node)
        own = [part for part in line if self._is_pager(part)]
        self._done.update(inner for part in own if part.tag != dom.TEXT for inner in part.css("a"))
        if len(own) == len(line):
            element = node.parser.create_node(dom.RUN)
            line[0].insert_before(element, move=True)
            for part in line:
                element.insert_child(part, move=True)
            self.found.append(element)

    def _take(self, node: Node) -> None:
        self.found.append(node)
        self._done.update(node.css("a"))

    def _is_pager(self, node: Node) -> bool:
        known = self._judged.get(node)
        if known is None:
            known = self._judged[node] = node in self._links or self._judge(node)
        return known

    def _judge(self, node: Node) -> bool:
        words = self._unlinked(node)
        if len(words) > _MOST or (node.is_element_node and self._has_picture(node)):
            return False
        words = _normal(words)
        if _WORDS.fullmatch(_ENTRY.sub(r"\1", words)):
            return True
        if node.tag not in ("ul", "ol"):
            return False
        entries = [entry for entry in node.iter() if not self._is_pager(entry)]
        return len(entries) == 1 and _is_entry(entries[0]) and len([*node.iter()]) > 1

    def _unlinked(self, node: Node) -> str:
        """The words of a node that are no link's of a pager, without white space."""
        if node in self._links:
            return ""
        if node.tag == dom.TEXT or node.css_first("a") is None:
            return dom.squeezed(node)
        return "".join(map(self._unlinked, node.iter(include_text=True)))

    def _has_picture(self, node: Node) -> bool:
        """Whether an element has a picture that is no link of the pager."""
        return any(
            all(up not in self._links for up in dom.ancestors(picture, node))
            for picture in node.css("img, figure, video")
        )


def _line(node: Node) -> list[Node]:
    """The nodes on the line of an inline one, in order."""
    line = [node]
    for sibling in dom.preceding(node):
        if sibling.tag in ENDING or sibling.tag == dom.RUN:
            break
        line.append(sibling)
    line.reverse()
    for sibling in dom.following(node):
        if sibling.tag in ENDING or sibling.tag == dom.RUN:
            break
        line.append(sibling)
    return line


def _is_entry(entry: Node) -> bool:
    """Whether an entry may be that of the page that is shown, in a list of the story's pages."""
    words = dom.squeezed(entry)
    return len(words) <= _LONGEST // 2 and not words.endswith(("。", "？", "！", "”"))
