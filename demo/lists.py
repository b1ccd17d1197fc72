"""The section lists: pages in the paper's four forms, and the JSON that "more" asks for."""

from __future__ import annotations

import html
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from demo.pages import SECTION_NAMES, clock, esc, page
from demo.story import SINGAPORE, Story

if TYPE_CHECKING:
    from collections.abc import Sequence


PAGE_SIZE = {"cards": 24, "drupal": 24, "astro": 36, "bootstrap": 18}
ASTRO_BOX = 12  # how many of the 36 stand in the article-list box; the rest is in the island
SITEMAP_IDS = {"3": "china", "4": "world", "5": "singapore", "6": "finance"}
"""HK: id of the list behind `/more/sitemap/<id>`; 3 is the paper's, the others are ours."""


@dataclass(frozen=True, slots=True)
class Card:
    """One entry of a list, as the reader sees it."""

    href: str
    title: str
    published: datetime
    number: str = ""
    image: str = ""


def when(moment: datetime, now: datetime, form: str) -> str:
    """The time on a card, for a paper whose clock shows `now`."""
    at, ago = moment.astimezone(SINGAPORE), now - moment
    if form == "bootstrap":
        return f"{at:%m-%d}"
    if timedelta(0) <= ago < timedelta(hours=1):
        return f"{int(ago.total_seconds() // 60)}分钟前"
    if form == "drupal":
        hours = int(ago.total_seconds() // 3600)
        return f"{hours}小时前" if 0 < hours < 24 else f"{at:%d/%m/%Y}"
    if at.date() == now.astimezone(SINGAPORE).date():
        return f"{at:%H:%M}"
    return f"{at:%m}月{at:%d}日" if form == "cards" else f"{at.month}月{at.day}日"


@dataclass(frozen=True, slots=True)
class Place:
    """Page `number` of `last`, counted from 1, on a list whose links count from `base`."""

    number: int
    last: int
    base: int = 1

    def link(self, number: int) -> int:
        """What a link to page `number` says."""
        return number - 1 + self.base


def list_page(
    form: str,
    section: str,
    cards: Sequence[Card],
    place: Place,
    now: datetime,
    others: Sequence[Story],
) -> str:
    """One list page: `cards` are those of the page at `place`."""
    frame = {"cards": "sg_cards", "drupal": "sg_drupal", "astro": "hk_astro"}.get(
        form, "hk_bootstrap"
    )
    render = {"cards": _cards, "drupal": drupal, "astro": _astro}.get(form, _bootstrap)
    name = SECTION_NAMES.get(section, section)
    main = f"<h1>{name}</h1>\n" + render(section, cards, place, now)
    head = f'<meta property="og:title" content="{name}即时">'
    return page(frame, f"{name}即时", head, main, others)


def _cards(section: str, cards: Sequence[Card], place: Place, now: datetime) -> str:
    """SG-3 to SG-4: the time is the sibling right after the link."""
    kind = "cursor-pointer touch-auto"
    rendered = "\n".join(
        f'<div class="card"><picture><img src="{esc(c.image)}" alt=""></picture>'
        f'<div class="content-header"><a class="{kind}" href="{esc(c.href)}" '
        f'aria-label="{esc(c.title)}"><h2>{esc(c.title)}</h2></a>'
        f"<span>{when(c.published, now, 'cards')}</span></div></div>"
        for c in cards
    )
    following = place.link(place.number + 1)
    more = f'<a rel="next" href="?page={following}">更多</a>' if place.number < place.last else ""
    return f'<div class="card-listing">\n{rendered}\n</div>\n{more}'


def drupal(section: str, cards: Sequence[Card], place: Place, now: datetime) -> str:
    """SG-1: cards with a teaser, and page links."""
    rendered = "\n".join(
        f'<div class="col-12 col-lg-4"><div class="article-type"><div class="article-type-content">'
        f'<a class="article-type-link" href="{esc(c.href)}"><h2>{esc(c.title)}</h2></a>'
        f'<p>{esc(c.title[:12])}...</p></div><div class="article-type-meta"><span '
        f'class="meta meta-published-date">{when(c.published, now, "drupal")}</span></div>'
        "</div></div>"
        for c in cards
    )
    links = "".join(
        f'<li class="pagination-list"><a class="pagination-link" data-id="{n}" href="?page={n}">'
        f"{n}</a></li>"
        for n in map(place.link, range(1, place.last + 1))
    )
    index = place.link(place.number)
    bar = f'<ul class="pagination" data-index="{index}" data-total="{place.last}">{links}</ul>'
    return f'<div class="article-list"><div class="row">\n{rendered}\n</div></div>\n{bar}'


def _astro(section: str, cards: Sequence[Card], place: Place, now: datetime) -> str:
    """HK-3: a box of cards, then the LoadMoreList island with more of them.

    Where the island gets further cards is not known; here a script names the
    list's id, as on HK-2, and `/more/sitemap/<id>` has them.
    """
    box = "\n".join(_astro_card(c, now) for c in cards[:ASTRO_BOX])
    rest = "\n".join(_astro_card(c, now) for c in cards[ASTRO_BOX:])
    props = html.escape(json.dumps(island_props(cards[ASTRO_BOX:]), ensure_ascii=False))
    island = (
        '<astro-island uid="more" component-url="/web2/_astro/LoadMoreList.js" '
        f'component-export="default" client="visible" props="{props}">\n{rest}\n</astro-island>'
    )
    script = f'<script>var listPage = {{"sitemapId":"{sitemap_id(section)}"}};</script>'
    return f'<div data-testid="article-list">\n{box}\n</div>\n{island}\n{script}'


def _astro_card(card: Card, now: datetime) -> str:
    short = card.title[:14] + ("…" if len(card.title) > 14 else "")
    link = f'<a class="article-link" href="{esc(card.href)}" title="{esc(card.title)}">'
    time = f"<div><span>{when(card.published, now, 'astro')}</span></div>"
    picture = f'<div class="picture"><img src="{esc(card.image)}"></div>'
    return f"<article><div><div>{link}{esc(short)}</a></div>{time}{picture}</div></article>"


def _bootstrap(section: str, cards: Sequence[Card], place: Place, now: datetime) -> str:
    """HK-2: the card is the link; an inline script names the list's id."""
    rendered = "\n".join(
        f'<a class="col-lg-4 col-12 list-block no-gutters row" href="{esc(c.href)}">'
        f'<div class="f18 m-eps">{esc(c.title)}</div>'
        f'<div class="text-tip-color pdt10">{when(c.published, now, "bootstrap")}</div></a>'
        for c in cards
    )
    name = f'sitemapId="{sitemap_id(section)}"'
    script = f"<script>var pageNo = 3, pageSize = 9, {name};</script>"
    box = f'<div class="row reset-row-margin" id="more-container">\n{rendered}\n</div>'
    return f'<div class="clearfix">{box}</div>\n{script}'


# --- lists as JSON


def sitemap_id(section: str) -> str:
    """The id of a section's list."""
    return next(number for number, name in SITEMAP_IDS.items() if name == section)


def island_props(cards: Sequence[Card]) -> dict[str, Any]:
    """Island props: each value is `[0, value]` or `[1, [values]]`."""
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
    """The answer of `/_plat/api/v2/page-content/…`, in the older or newer shape.

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
    """The answer of `/more/sitemap/<id>?pageNo=&pageSize=`."""
    data = [
        {**_entry(c), "contentPreview": clock(c.published, "hk") + "　" + c.title[:8]}
        for c in cards
    ]
    for entry in data:
        del entry["id"]
    return json.dumps({"result": {"data": data, "pageSize": size}}, ensure_ascii=False)
