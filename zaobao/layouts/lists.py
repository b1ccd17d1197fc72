"""List pages: the cards that stand in the list's own box, and how further pages are asked for.

What was seen of both: docs/site-facts.md, "Cards" and docs/site-facts.md, "Further pages".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zaobao import embedded, times
from zaobao.dom import ancestors, below, following, text_of
from zaobao.page import resolved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from zaobao.dom import Node
    from zaobao.layouts.place import Selectors
    from zaobao.page import Page


_NEXT = ('a[rel="next"]',)
_BAR = ("ul.pagination[data-index]",)
_PAGE = re.compile(r"[?&]page=(\d{1,6})(?:&|$)", re.A)


@dataclass(slots=True)
class Card:
    """One entry of a list.

    address: absolute, as linked; "" for an empty link. listed: the list's exact
    time of publication, or None where the card shows an estimate or none.
    """

    address: str
    title: str
    listed: datetime | None


@dataclass(frozen=True, slots=True)
class Pagination:
    """How further pages of a list are asked for.

    name: what is recorded of it. pattern: an address with `{path}` (the
    section's path), `{page}` and, where the page names one, `{sitemap}`.
    read: takes the answer's JSON, the section's path and the answer's address;
    None where the answer is a list page like the first. size: stories on a page;
    None: as many as on the first. from_one: pages are known to count from 1;
    otherwise either from 0 or from 1. linked: the list
    page's own links say how they count.
    """

    name: str
    pattern: str
    read: Callable[[Any, str, str], list[Card] | None] | None = None
    size: int | None = None
    from_one: bool = False
    linked: bool = False


def read_cards(page: Page, selectors: Selectors, seen: datetime) -> tuple[list[Card], str | None]:
    """The cards by the first selector that finds any, and that selector."""
    for selector in selectors:
        links = page.select((selector,))
        if links:
            return [_card(page, link, seen) for link in links], selector
    return [], None


def _card(page: Page, link: Node, seen: datetime) -> Card:
    """The card around a link. Its time is right after the link (SG) or in its last span (HK).

    A headline may hold a clock time, too, and a picture that of a video's length.
    """
    said = link.attributes
    href = said.get("href")
    labels = ((said.get(name) or "").strip() for name in ("title", "aria-label"))
    title = next(filter(None, labels), "") or _printed_title(link) or _drawn_title(link)
    box = next((up for up in ancestors(link) if up.tag == "article"), link)
    after = next((node for node in following(link) if node.is_element_node), None)
    shown = [*([after] if after else ()), *[node for node in box.css("span") if text_of(node)][-1:]]
    clocks = (times.card_clock(text_of(node), seen) for node in shown)
    listed = next(filter(None, clocks), None)
    return Card(resolved(page.base, href), title, listed)


def _printed_title(link: Node) -> str:
    """The heading in a link: where the card is one link, teaser and date stand beside it."""
    headings = below(link, "h2, h3, h4") or below(
        link, 'div[class*="f18"], span[class*="f18"], p[class*="f18"]'
    )
    return text_of(headings[0] if headings else link)


def _drawn_title(link: Node) -> str:
    """What a link without words says of what it shows: a picture's `alt`, an element's label."""
    said = (
        node.attributes.get(name)
        for node in below(link, "img[alt], [aria-label], [title]")
        for name in ("alt", "aria-label", "title")
    )
    return next((" ".join(words.split()) for words in said if words and words.strip()), "")


def merged(cards: Iterable[Card]) -> list[Card]:
    """The cards, each address once: where several have it, a time that one knows, and the
    longest title.
    """
    found: dict[str, Card] = {}
    for card in cards:
        other = found.setdefault(card.address, card)
        if other is not card:
            title = max(other.title, card.title, key=len)
            found[card.address] = Card(card.address, title, other.listed or card.listed)
    return list(found.values())


def page_content_cards(data: Any, path: str, base: str) -> list[Card] | None:
    """The cards of a page-content answer, old form or newer; None when it is neither.

    The newer form has a list for each box of the page. The section's own has the
    path as its key (`news_china`), or after a move the same last part of it
    (`/realtime/china` since 2026). `timestamp` is unix seconds.
    """
    response = embedded.dig(data, "response")
    articles = embedded.dig(response, "articles")
    groups = embedded.dig(response, "pageContentList")
    if isinstance(groups, list):
        articles = _own_group(groups, path.strip("/").replace("-", "_"))
    return _json_cards(articles, base, "href", "timestamp")


def _own_group(groups: list[Any], path: str) -> list[Any] | None:
    """The entries of the section's own lists; None when none of the lists is surely its own."""
    lists: dict[str, list[Any]] = {}
    for group in groups:
        if isinstance(group, dict) and isinstance(group.get("articles"), list):
            lists.setdefault(str(group.get("key")), []).extend(group["articles"])
    own = lists.get(path.replace("/", "_"))
    if own is None:
        last = "_" + path.rpartition("/")[2]
        like = [entries for key, entries in lists.items() if key.endswith(last)]
        own = like[0] if len(like) == 1 else None
    return own


def sitemap_cards(data: Any, _path: str, base: str) -> list[Card] | None:
    """The cards of a `/more/sitemap/<id>` answer. `publicationDate` is Singapore time."""
    return _json_cards(embedded.dig(data, "result", "data"), base, "url", "publicationDate")


def island_cards(props: Any, base: str) -> list[Card] | None:
    """The cards in the props of a LoadMoreList island."""
    return _json_cards(embedded.dig(props, "list"), base, "url", "publicationDate")


def _json_cards(entries: Any, base: str, href: str, time: str) -> list[Card] | None:
    if not isinstance(entries, list):
        return None
    return [
        Card(
            resolved(base, entry.get(href)), _text(entry.get("title")), times.parse(entry.get(time))
        )
        for entry in entries
        if isinstance(entry, dict)
    ]


MORE_SITEMAP = Pagination(
    "more/sitemap",
    "/more/sitemap/{sitemap}?pageNo={page}&pageSize=18",
    read=sitemap_cards,
    size=18,
    from_one=True,
)
"""HK. Behind the 18 cards of its page the script of HK-2 asks for page 3 of 9."""

PAGE_CONTENT = Pagination(
    "page-content", "/_plat/api/v2/page-content{path}?page={page}", read=page_content_cards
)
"""It needs nothing of the list page itself, so it serves one that no layout reads, too."""
QUERY = Pagination("?page=", "{path}?page={page}", linked=True)


def next_number(page: Page) -> int | None:
    """The number that a first list page gives to the next one: its link, or its page bar."""
    for link in page.select(_NEXT):
        if match := _PAGE.search(link.attributes.get("href") or ""):
            return int(match[1])
    for bar in page.select(_BAR):
        index = bar.attributes.get("data-index") or ""
        if index.isascii() and index.isdigit() and len(index) < 6:
            return int(index) + 1
    return None


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""
