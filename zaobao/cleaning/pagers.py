"""The pager of a story of several pages: 1, 2, 下一页. It is no text of the story."""

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
    from collections.abc import Iterator

    from zaobao.dom import Node

Label = Literal["next", "other"] | int
"""What a link of a pager says: the next page, another one, or the number of one."""

PAGER = Rule(
    "pager",
    "chrome",
    "a[href]",
    '<ul class="pager"><li>1</li><li><a href="?page=1">2</a></li></ul>',
)

_PAGE_NAMES = frozenset({"page", "p", "pg", "pageno", "page_no", "paged", "pn", "pagenum"})
_REST = re.compile(r"[/_-](?:page[/_-]?|p)?(\d{1,3})(?:\.s?html?)?/?", re.A | re.I)
_PATH = re.compile(r"(?:/[a-z0-9-]+)+/story20\d{6}-(\d{1,31}?)(/?|[/_-][^?#]*)", re.A | re.I)
_ARROWS = "‹›«»<>→←|·…/.,，、—–_\\[\\]()（）【】:：↓↑⟩⟨\\-"
_REST_OF_IT = r"(?:阅读|查看|显示|展开|閱讀|查看)?(?:余下|剩余|餘下)?全文|继续阅读|繼續閱讀"
_NEXT = re.compile(
    rf"[{_ARROWS}]*(?:请?(?:点击|點擊|按|进入|转到?|前往|看|阅读|继续)*(?:下一?[页頁]|[后後]一?[页頁])"
    rf"|{_REST_OF_IT}|next(?:page)?|[›»>→]+)[{_ARROWS}]*",
    re.I,
)
_NEXT_TITLE = re.compile(r"下一?[页頁][:：].{1,60}")
_OTHER = re.compile(
    rf"[{_ARROWS}]*(?:上一?[页頁]|前一页|首[页頁]|第一[页頁]|末[页頁]|尾[页頁]|最后一?[页頁]"
    rf"|prev(?:ious)?(?:page)?|first|last|[‹«<←]+)[{_ARROWS}]*",
    re.I,
)
_NUMBER = re.compile(r"[\[(（【]?(?:第|page)?(\d{1,3})[页頁]?[\])）】]?", re.A | re.I)
_NUMBER_TITLE = re.compile(r"第(\d{1,3}|[一二三四五六七八九十])[页頁](?:[:：].{1,60})?", re.A)
_LONGEST = 80
"""Characters of a link of a pager."""
_CHINESE = {digit: place for place, digit in enumerate("一二三四五六七八九十", 1)}
_WORDS = re.compile(
    rf"(?:[{_ARROWS}]|\d{{1,3}}|[上下首末尾前后]一?[页頁]|第[一二三四五六七八九十\d]{{1,3}}[页頁]"
    r"|未完|待续|请|点击|进入|(?:本文|全文)?共[一二三四五六七八九十\d]{1,3}[页頁]|当前[页頁]|当前|分页|页码|[页頁]次|[页頁]数|[页頁]"
    r"|pages?|next|prev(?:ious)?|of|current)*",
    re.I,
)


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
        return ("", page[1]) if page else None
    said = parse_qsl(parts.query)
    pages = [(name, value) for name, value in said if name.lower() in _PAGE_NAMES]
    if not all(value.isascii() and value.isdigit() for _, value in pages):
        return None
    return tuple(part for page in pages[:1] for part in page)


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
    words = dom.squeezed(node)
    return words if words.isascii() else unicodedata.normalize("NFKC", words)


def _words_before(link: Node) -> str:
    """The words in front of a link that alone ends its block."""
    parent = link.parent
    if parent is None or len(parent.css("a")) != 1:
        return ""
    return dom.squeezed(parent).removesuffix(dom.squeezed(link))[:_LONGEST]


def is_link(link: Node, number: str, base: str) -> bool:
    """Whether a link is one of the pager of the story with a number."""
    said = label(link)
    if said is None:
        return False
    href = (link.attributes.get("href") or "").strip()
    if page_of_story(resolved(base, href), number) is not None and not href.startswith("#"):
        return True
    is_scripts = not href or href.startswith("#") or href.lower().startswith("javascript:")
    return is_scripts and said in ("next", "other") and "页" in _words(link)


def is_script(button: Node) -> bool:
    """Whether a button says that it shows the next page, not the next picture beside it."""
    words, around = dom.squeezed(button), button.parent
    if "页" not in words or not _NEXT.fullmatch(words):
        return False
    return around is None or around.css_first("img, figure, video") is None


def pagers(box: Node, number: str, base: str) -> list[Node]:
    """The pagers below a box: elements with nothing but pages' numbers and names.

    base: what the box's addresses belong to.
    """
    links = [link for link in dom.below(box, "a") if is_link(link, number, base)]
    found = dict.fromkeys(pager for link in links for pager in _around(link, box, set(links)))
    return dom.outermost(found)


def _around(link: Node, box: Node, links: set[Node]) -> Iterator[Node]:
    """The largest element around a link that is all pager; none where a sentence holds it."""
    node = link
    for up in dom.ancestors(link, box):
        if not _is_pager(up, links):
            break
        node = up
    if node.tag in ENDING or node.tag == dom.RUN:
        yield node
        return
    line = _line(node)
    if all(_is_pager(part, links) for part in line):
        first = line[0]
        element = first.parser.create_node(dom.RUN)
        first.insert_before(element, move=True)
        for part in line:
            element.insert_child(part, move=True)
        yield element


def _line(node: Node) -> list[Node]:
    """The nodes on the line of an inline one, in order."""
    line = [node]
    for sibling in dom.preceding(node):
        if sibling.tag in ENDING or sibling.tag == dom.RUN:
            break
        line.insert(0, sibling)
    for sibling in dom.following(node):
        if sibling.tag in ENDING or sibling.tag == dom.RUN:
            break
        line.append(sibling)
    return line


def _is_pager(node: Node, links: set[Node]) -> bool:
    if node in links:
        return True
    words = _plain(node)
    if len(words) > 400 or (node.is_element_node and _pictures(node, links)):
        return False
    for link in node.css("a") if node.is_element_node else ():
        if link in links:
            words = words.replace(_plain(link), "", 1)
    return _WORDS.fullmatch(words) is not None


def _pictures(node: Node, links: set[Node]) -> bool:
    """Whether an element has a picture that is no link of the pager."""
    return any(
        all(up not in links for up in dom.ancestors(picture, node))
        for picture in node.css("img, figure, video")
    )
