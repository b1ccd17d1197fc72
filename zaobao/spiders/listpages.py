"""Reading one answer of a list: the cards in its own box, and the stories they name."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from zaobao import layouts, urls
from zaobao.layouts import generic
from zaobao.layouts.lists import Card, next_number
from zaobao.page import Page
from zaobao.spiders.answers import utf8

if TYPE_CHECKING:
    from datetime import datetime

    from scrapy.http import Response

    from zaobao.spiders.paging import Paging
    from zaobao.urls import Site, StoryUrl


def first_page(response: Response, paging: Paging, seen: datetime) -> tuple[list[Card], str]:
    """The cards of a list's first page, and the rung that found them; it sets up `paging`.

    Where no layout claims the page, or finds no story on it: the links of its
    main part that lead to stories of the section, and the rung `links`.
    """
    page = Page(response.url, utf8(response))
    layout = layouts.pick_list(page)
    paging.path = "/" + urlsplit(response.url).path.strip("/")
    links = _unknown(page, paging)
    if layout is None:
        paging.ways = [layouts.PAGE_CONTENT]
        return links, "links"
    paging.layout, paging.ways = layout.name, list(layout.ways)
    paging.sitemap, paging.named = page.sitemap_id, next_number(page)
    cards, rung = layout.listing(page, seen)
    if links and not any(urls.story(card.address) for card in cards):
        paging.layout = "unknown"
        return links, "links"
    return cards, rung or "none"


def further_page(response: Response, paging: Paging, seen: datetime) -> list[Card] | None:
    """The cards of an answer of the way in use; None when the answer is no list at all."""
    if paging.way.read is not None:
        try:
            return paging.way.read(json.loads(response.body), paging.path, response.url)
        except (ValueError, RecursionError):
            return None
    page = Page(response.url, utf8(response))
    layout = layouts.pick_list(page)
    if layout is None:
        # Past its end a list has no card that a layout could be known by.
        return None if _unknown(page, paging) else []
    return layout.listing(page, seen)[0]


def _unknown(page: Page, paging: Paging) -> list[Card]:
    return [
        Card(address, "", None)
        for address in generic.main_links(page)
        if (story := urls.story(address)) and paging.section.holds(story.section)
    ]


@dataclass(slots=True)
class Named:
    """What the cards of a page lead to.

    stories: those of the paper by number, each once, in the cards' order; of
    them titles: the headlines, and times: the exact times that the list shows.
    other: addresses that are no story of the paper. empty: cards without one.
    """

    stories: dict[str, StoryUrl] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    times: dict[str, datetime] = field(default_factory=dict)
    other: list[str] = field(default_factory=list)
    empty: int = 0


def named(cards: list[Card], site: Site) -> Named:
    """The stories of a page's cards."""
    found = Named()
    for card in cards:
        story = urls.story(card.address)
        if story and site.address(card.address):
            found.stories.setdefault(story.number, story)
            found.titles[story.number] = card.title
            if card.listed:
                found.times[story.number] = card.listed
        elif card.address:
            found.other.append(card.address)
        else:
            found.empty += 1
    return found
