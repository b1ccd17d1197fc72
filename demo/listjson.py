"""Lists as JSON: what a page's script or island holds, and what "more" asks for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from demo.cards import Card
from demo.pages import clock
from demo.story import SINGAPORE, Story

if TYPE_CHECKING:
    from collections.abc import Sequence

SITEMAP_IDS = {"3": "china", "4": "world", "5": "singapore", "6": "finance"}
"""HK: id of the list behind `/more/sitemap/<id>`; 3 is site-facts 3.7, the others are ours."""


def sitemap_id(section: str) -> str:
    """The id of a section's list."""
    return next(number for number, name in SITEMAP_IDS.items() if name == section)


def props(cards: Sequence[Card]) -> dict[str, Any]:
    """Island props: each value is `[0, value]` or `[1, [values]]` (5.6)."""
    entries = [
        [0, {key: [0, value] for key, value in _entry(c).items()}] for c in cards if c.number
    ]
    return {"pageType": [0, "sitemap"], "list": [1, entries]}


def _entry(card: Card) -> dict[str, str]:
    at = card.published.astimezone(SINGAPORE)
    stamp = f"{at:%Y-%m-%d %H:%M:%S}"
    return {"id": card.number, "title": card.title, "publicationDate": stamp, "url": card.href}


def page_content(
    section: str, cards: Sequence[Card], shape: str, others: Sequence[Story] = ()
) -> str:
    """The answer of `/_plat/api/v2/page-content/…`, in the older or newer shape (3.9).

    The newer one also has boxes that are not the section's own: `others`.
    """
    label = f"news_{section}"
    response: dict[str, Any] = {"articles": [_content(c, label) for c in cards]}
    if shape == "lists":
        hot = [_content(Card(s.path, s.title, s.published), "hot") for s in others]
        response = {
            "pageContentList": [
                {"key": "most_read", "articles": hot},
                {"key": label, "articles": response["articles"]},
                {"key": "editors_choice", "articles": hot[:3]},
            ]
        }
    return json.dumps({"code": 200, "response": response}, ensure_ascii=False)


def _content(card: Card, label: str) -> dict[str, Any]:
    return {
        "title": card.title,
        "href": card.href,
        "timestamp": int(card.published.timestamp()),
        "thumbnail": card.image,
        "summary": card.title[:10],
        "category_label": label,
    }


def more_sitemap(cards: Sequence[Card], size: int) -> str:
    """The answer of `/more/sitemap/<id>?pageNo=&pageSize=` (3.7)."""
    data = [
        {**_entry(c), "contentPreview": clock(c.published, "hk") + "　" + c.title[:8]}
        for c in cards
    ]
    for entry in data:
        del entry["id"]
    return json.dumps({"result": {"data": data, "pageSize": size}}, ensure_ascii=False)
