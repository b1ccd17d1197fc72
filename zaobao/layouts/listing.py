"""List pages: the cards that stand in the list's own box, and the ways to further pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zaobao import embedded, times
from zaobao.page import Page, Selector, resolved, text_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from lxml import etree


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
class Way:
    """A way to further list pages.

    name: the rung that is recorded. pattern: an address with `{path}` (the
    section's path), `{page}` and, where the page names one, `{sitemap}`.
    first: the number that the page after the first may have. read: takes the
    answer's JSON, the section's path and the answer's address; None where the
    answer is a list page like the first.
    """

    name: str
    pattern: str
    first: int
    read: Callable[[Any, str, str], list[Card] | None] | None = None


def read_cards(
    page: Page, selectors: tuple[Selector, ...], seen: datetime
) -> tuple[list[Card], str | None]:
    """The cards by the first selector that finds any, and that selector."""
    for selector in selectors:
        links = page.select((selector,))
        if links:
            return [_card(page, link, seen) for link in links], selector.css
    return [], None


def _card(page: Page, link: etree._Element, seen: datetime) -> Card:
    """The card around a link. Its `HH:mm` is right after the link (SG) or in a span (HK)."""
    href = link.get("href")
    title = link.get("title") or link.get("aria-label") or text_of(link)
    box = next(link.iterancestors("article"), link)
    shown = [node for node in (link.getnext(), *box.iter("span")) if node is not None]
    clocks = (times.card_clock(text_of(node), seen) for node in shown)
    listed = next(filter(None, clocks), None)
    return Card(resolved(page.url, href), title.strip(), listed)


def page_content_cards(data: Any, path: str, base: str) -> list[Card] | None:
    """The cards of a page-content answer, old form or newer; None when it is neither.

    The newer form has a list for each box of the page; the section's own has
    the path as its key (`news_china`). `timestamp` is unix seconds.
    """
    response = embedded.dig(data, "response")
    articles = embedded.dig(response, "articles")
    groups = embedded.dig(response, "pageContentList")
    if isinstance(groups, list):
        key = path.strip("/").replace("/", "_").replace("-", "_")
        own = [g for g in groups if isinstance(g, dict) and g.get("key") == key]
        articles = (
            [entry for group in own for entry in group.get("articles") or ()] if own else None
        )
    return _json_cards(articles, base, "href", "timestamp")


def sitemap_cards(data: Any, _path: str, base: str) -> list[Card] | None:
    """The cards of a `/more/sitemap/<id>` answer. `publicationDate` is Singapore time."""
    return _json_cards(embedded.dig(data, "result", "data"), base, "url", "publicationDate")


def island_cards(props: Any, base: str) -> list[Card] | None:
    """The cards in the props of a LoadMoreList island (site-facts 5.6)."""
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


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""
