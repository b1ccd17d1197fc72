"""HK-3 Astro (since 2025-07-30): today's www.zaobao.com in Hong Kong and the mainland.

Its markup: docs/site-facts.md, "HK-3".
"""

from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from zaobao import embedded, urls
from zaobao.items import Edition
from zaobao.layouts.base import Layout
from zaobao.layouts.lists import (
    MORE_SITEMAP,
    QUERY,
    Card,
    Pagination,
    island_cards,
    merged,
    read_cards,
)
from zaobao.layouts.place import Selectors
from zaobao.page import Page

_ISLAND = ('main astro-island[component-url*="LoadMoreList"]',)
_MORE_CARDS = ('main astro-island[component-url*="LoadMoreList"] a.article-link',)


class HkAstro(Layout):
    """`article#article-body` among astro-islands."""

    name = "hk_astro"
    edition: ClassVar[Edition | None] = "hk"

    probe: ClassVar[Selectors] = ("article#article-body", ".article-body")
    also: ClassVar[Selectors] = ("astro-island", '[data-testid="article-banner"]')
    """HK-2 has the same body; only Astro's page has islands or a banner."""
    never: ClassVar[Selectors] = (
        ".articleBody",
        "script#seo-article-page",
        ".article-content-rawhtml",
    )
    body: ClassVar[Selectors] = (
        "article#article-body.article-body",
        "article#article-body",
        ".article-body",
    )
    title: ClassVar[Selectors] = ("h1.article-title", "h1")
    keywords: ClassVar[Selectors] = ('[data-testid="related-words"] a.keyword-tag_item',)
    lead: ClassVar[Selectors] = ('[data-testid="article-banner"] img',)
    gallery: ClassVar[Selectors] = ("img.gallery-image",)

    list_probe: ClassVar[Selectors] = ('[data-testid="article-list"]',)
    cards: ClassVar[Selectors] = (
        '[data-testid="article-list"] article a.article-link',
        '[data-testid="article-list"] a.article-link',
        '[data-testid="article-list"] article a',
        '[data-testid="article-list"] a[href*="/story"]',
    )
    paginations: ClassVar[tuple[Pagination, ...]] = (MORE_SITEMAP, QUERY)

    def listing(self, page: Page, seen: datetime) -> tuple[list[Card], str | None]:
        """The list's cards, those rendered inside the LoadMoreList island, and its exact times."""
        found, source = read_cards(page, self.cards, seen)
        more = read_cards(page, _MORE_CARDS, seen)[0]
        islands = [
            embedded.island_props(island.attributes.get("props") or "")
            for island in page.select(_ISLAND)
        ]
        told = merged(card for props in islands for card in island_cards(props, page.url) or ())
        exact = {story.number: card for card in told if (story := urls.story(card.address))}
        # The island may stand inside the list's box: its cards are found twice then.
        cards = [_with_time(card, exact) for card in merged((*found, *more))]
        return cards + list(exact.values()), source


def _with_time(card: Card, exact: dict[str, Card]) -> Card:
    story = urls.story(card.address)
    known = exact.pop(story.number, None) if story else None
    if known is None:
        return card
    title = max(card.title, known.title, key=len)
    return replace(card, title=title, listed=known.listed or card.listed)
