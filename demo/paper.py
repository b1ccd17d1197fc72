"""The newspaper: its stories, and everything that may be changed about it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from demo import story
from demo.answers import Answer, list_of, route
from demo.bulk import generated
from demo.cards import Card
from demo.story import SINGAPORE, Story

EDITION_FORMS = {"sg": "cards", "hk": "astro"}
NO_PICTURE = "https://www.zaobao.com.sg/themes/custom/zbsg2020/images/default-img.png"
_STORY = re.compile(r"/(.+)/story\d{8}-(\d+)/?")
Change = Callable[[str], str]


@dataclass(frozen=True)
class Request:
    """One request that the paper had, and the status it gave."""

    method: str
    path_qs: str
    headers: dict[str, str]
    status: int


class Newspaper:
    """A small newspaper in the markup of the real one, with text of our own.

    now: the paper's clock, an aware moment. Every story lies before the first minute of its day
    in Singapore, `today`; which stories there are and what they say depends on no day.
    bulk: how many generated stories there are besides the hand-written ones.
    All attributes may be changed between requests:

    - edition: `sg` or `hk`; list_form: `cards`, `drupal`, `astro`, `bootstrap`,
      or None for the edition's own.
    - redirect: `/realtime/X` answers 302 to `/news/X`.
    - specials: the China list has a 404, an interactive page, an empty link and a node.
    - api_shape: `articles`, `lists`, or None (404).
    - api_base, link_base, script_base: number of the first page in that JSON, in
      `?page=` and in `?_wrapper_format=html&page=`.
    - endless: list pages past the end repeat the last one.
    - sitemap_form: `plain`, `cdata`, `gzip` or `broken`.
    - noise: another number changes advert ids and image tokens, nothing else.
    - overrides: path, or path and query → the Answer that it gets instead.
    - before: each is called with path and query before a request is answered.
    - requests: every request so far.
    """

    def __init__(self, now: datetime, bulk: int = 0) -> None:
        self.now = now.astimezone(SINGAPORE)
        self.today = self.now.date()
        self.edition = "sg"
        self.list_form: str | None = None
        self.redirect = self.endless = False
        self.specials = True
        self.api_shape: str | None = "articles"
        self.api_base = self.link_base = 1
        self.script_base = 0
        self.sitemap_form = "plain"
        self.noise = 0
        self.overrides: dict[str, Answer] = {}
        self.before: list[Callable[[str], None]] = []
        self.requests: list[Request] = []
        self.mutations: dict[str, tuple[str, Change]] = {}
        self.stories: dict[str, Story] = {}
        for one in (*story.load(self.today), *generated(bulk, self.today)):
            self.add(one)

    @property
    def form(self) -> str:
        """The form of the list pages."""
        return self.list_form or EDITION_FORMS[self.edition]

    def add(self, one: Story) -> Story:
        """Put a story into the paper, or replace the one of its number."""
        self.stories[one.number] = one
        return one

    def mutate(self, name: str, kind: str, change: Change) -> None:
        """Run every page of `kind` (`list` or `story`) through `change`, HTML to HTML."""
        self.mutations[name] = (kind, change)

    def restore(self, name: str) -> None:
        """Take a mutation back; KeyError when there is none of that name."""
        del self.mutations[name]

    def changed(self, kind: str, html: str) -> str:
        """A page after the mutations of its kind, in the order they were made."""
        for wanted, change in list(self.mutations.values()):
            html = change(html) if wanted == kind else html
        return html

    def listed(self, section: str) -> list[Story]:
        """The stories of a list's own box, newest first."""
        found = [s for s in list(self.stories.values()) if s.listed and list_of(s) == section]
        return sorted(found, key=lambda s: (s.published, s.number), reverse=True)

    def cards(self, section: str) -> list[Card]:
        """A whole list as it is printed, with the cards that are no ordinary story."""
        stories = self.listed(section)
        cards = [_card(s, path) for s in stories for path in (s.section, *s.mirrors)]
        if self.specials and section == "china":
            for place, (href, title) in self._specials().items():
                moment = cards[min(place, len(cards)) - 1].published if cards else self.now
                cards.insert(place, Card(href, title, moment, image=NO_PICTURE))
        return cards

    def _specials(self) -> dict[int, tuple[str, str]]:
        """Place on the China list → link and title (site-facts 3.1, 3.3, 1.1)."""
        day = self.today - timedelta(days=1)
        graphic = "https://interactive.zaobao.com/2026/high-speed-rail/"
        return {
            3: (f"/news/china/story{day:%Y%m%d}-9799404", "这一则已经撤下"),
            7: (graphic, "互动图解：一张图看高铁网"),
            11: ("", ""),
            15: ("/node/9799123", "旧系统留下的一则"),
        }

    def find(self, path: str) -> Story | None:
        """The story of an address, under any of its paths."""
        match = _STORY.fullmatch(path)
        one = self.stories.get(match[2]) if match else None
        paths = [one.path_in(section) for section in (one.section, *one.mirrors)] if one else []
        return one if path.rstrip("/") in paths else None

    def others(self, one: Story | None, section: str) -> list[Story]:
        """Twelve stories for the side lists: never `one`, never from the box of `section`."""
        away = (
            s
            for s in list(self.stories.values())
            if s is not one and (not s.listed or list_of(s) != section)
        )
        return [s for _, s in zip(range(12), away, strict=False)]

    def answer(self, method: str, path_qs: str, headers: dict[str, str]) -> Answer:
        """What a request gets; it is recorded in `requests`."""
        for call in list(self.before):
            call(path_qs)
        parts = urlsplit(path_qs)
        found = self.overrides.get(path_qs) or self.overrides.get(parts.path)
        found = found or route(self, parts.path, parse_qs(parts.query), headers)
        self.requests.append(Request(method, path_qs, headers, found.status))
        return found


def _card(one: Story, section: str) -> Card:
    image = one.leads[0][0].split("?")[0] if one.leads else NO_PICTURE
    host = "https://www.zaobao.com.sg" if "absolute_card" in one.quirks else ""
    title = one.list_title or one.title
    return Card(host + one.path_in(section), title, one.published, one.number, image)
