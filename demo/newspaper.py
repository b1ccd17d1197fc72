"""The newspaper: its stories, everything that may be changed about it, and what it answers."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

from demo import lists, pages, sitemaps, story
from demo.bulk import generated
from demo.lists import Card
from demo.story import SINGAPORE, Story

SECTIONS = {
    "realtime/china": "china",
    "news/china": "china",
    "realtime/singapore": "singapore",
    "news/singapore": "singapore",
    "realtime/world": "world",
    "news/world": "world",
    "realtime/finance": "finance",
    "finance/china": "finance",
    "news/finance": "finance",
}
"""Path of a list page, or section of a story → the list it belongs to."""

ROBOTS = "User-agent: *\nDisallow: /forbidden\nSitemap: https://www.zaobao.com.sg/sitemap.xml\n"
Query = Mapping[str, Sequence[str]]
Headers = Mapping[str, str]
EDITION_FORMS = {"sg": "cards", "hk": "astro"}
NO_PICTURE = "https://www.zaobao.com.sg/themes/custom/zbsg2020/images/default-img.png"
_PICTURES = ("s3fs-public/", "articles/", "image/", "sites/default/files/")
"""Folders of the hosts of pictures. A crawl of another origin asks for them there."""
_STORY = re.compile(r"/(.+)/story\d{8}-(\d+)/?")
Change = Callable[[str], str]


@dataclass
class Answer:
    """What goes back to a client.

    delay: seconds before it. cut: the transfer breaks off half-way.
    """

    body: bytes | str = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0
    cut: bool = False


def list_of(story: Story) -> str:
    """The list that a story stands on: `china`, `world`, …; its section when on none."""
    return SECTIONS.get(story.section, story.section)


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
        """Place on the China list → link and title of what is no ordinary story."""
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


# --- answers


def route(paper: Newspaper, path: str, query: Query, headers: Headers) -> Answer:
    """The answer to one request."""
    name = path.strip("/")
    if name == "robots.txt":
        return Answer(ROBOTS, headers={"Content-Type": "text/plain"})
    if name == "sitemap.xml" or name.startswith("sitemaps/"):
        return _sitemap(paper, name)
    if name.startswith("more/sitemap/"):
        return _more(paper, name, query)
    if name.startswith("_plat/api/v2/page-content/"):
        return _page_content(paper, name, query)
    if name == "forbidden":
        return html("<!DOCTYPE html><title>不应抓取</title><p>robots.txt 不让来这里。</p>")
    if name == "":
        return Answer(status=302, headers={"Location": "/realtime/china"})
    if name in SECTIONS:
        return _list(paper, name, query)
    if name.startswith(_PICTURES):
        return Answer(picture(path), headers={"Content-Type": "image/png"})
    story = paper.find(path)
    return _story(paper, story, query, headers) if story else missing()


def picture(path: str) -> bytes:
    """A picture that no other address has: a PNG of 320 by 180 in two colours."""
    mark = sha256(path.encode()).digest()
    rows = (b"\0" + (mark[:3] if n < mark[6] else mark[3:6]) * 320 for n in range(180))
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", 320, 180, 8, 2, 0, 0, 0)),
        (b"tEXt", b"Comment\0" + mark.hex().encode()),
        (b"IDAT", zlib.compress(b"".join(rows))),
        (b"IEND", b""),
    )
    packed = (
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


def missing(status: int = 404) -> Answer:
    """A page that is not there."""
    return html(f"<!DOCTYPE html><title>{status}</title><h1>找不到网页</h1>", status=status)


def html(body: str | bytes, charset: bool = True, status: int = 200) -> Answer:
    """A page; without `charset` the header names none, as some of the paper's do."""
    kind = "text/html; charset=utf-8" if charset else "text/html"
    return Answer(body, status, {"Content-Type": kind})


def _list(paper: Newspaper, name: str, query: Query) -> Answer:
    section, script = SECTIONS[name], "_wrapper_format" in query
    if paper.redirect and name.startswith("realtime/"):
        return Answer(status=302, headers={"Location": f"/news/{section}"})
    base = paper.script_base if script else paper.link_base
    number = max(1, _number(query, "page", base) - base + 1)
    cards, last = _cut(paper, section, number, lists.PAGE_SIZE[paper.form])
    place = lists.Place(number, last, base)
    if script:
        return html(lists.drupal(section, cards, place, paper.now))
    others = paper.others(None, section)
    page = lists.list_page(paper.form, section, cards, place, paper.now, others)
    return html(paper.changed("list", page))


def _cut(paper: Newspaper, section: str, number: int, size: int) -> tuple[list[Card], int]:
    cards = paper.cards(section)
    last = max(1, -(-len(cards) // size))
    number = min(number, last) if paper.endless else number
    return cards[(number - 1) * size : number * size], last


def _more(paper: Newspaper, name: str, query: Query) -> Answer:
    section = lists.SITEMAP_IDS.get(name.rsplit("/", 1)[1])
    if section is None:
        return missing()
    size = min(max(1, _number(query, "pageSize", 9)), 100)
    cards, _ = _cut(paper, section, max(1, _number(query, "pageNo", 1)), size)
    return _json(lists.more_sitemap(cards, size))


def _page_content(paper: Newspaper, name: str, query: Query) -> Answer:
    section = SECTIONS.get(name.removeprefix("_plat/api/v2/page-content/"))
    if section is None or paper.api_shape is None:
        return missing()
    number = max(1, _number(query, "page", paper.api_base) - paper.api_base + 1)
    cards, _ = _cut(paper, section, number, 24)
    others = paper.others(None, section)
    return _json(lists.page_content(section, cards, paper.api_shape, others))


def _json(body: str) -> Answer:
    return Answer(body, headers={"Content-Type": "application/json"})


def _sitemap(paper: Newspaper, path: str) -> Answer:
    months = sitemaps.months(paper.stories.values())
    kind = {"Content-Type": "application/xml"}
    if path == "sitemap.xml":
        return Answer(sitemaps.index(months), headers=kind)
    name = path.removeprefix("sitemaps/sitemap-").removesuffix(".xml")
    if len(name) < 4 and name.isdigit() and int(name) < len(months):
        name = months[int(name)]
    if name not in months:
        return missing()
    inside = [s for s in list(paper.stories.values()) if sitemaps.month_of(s) == name]
    body = sitemaps.month(inside, name, paper.sitemap_form, name == months[-1], paper.now)
    return Answer(body, headers=kind)


def _story(paper: Newspaper, story: Story, query: Query, headers: Headers) -> Answer:
    number = _number(query, "page", 0) if story.pages > 1 else 0
    if story.status != 200 or number >= story.pages:
        return missing(404 if story.status == 200 else story.status)
    page = pages.story_page(story, paper.noise, paper.others(story, list_of(story)), number)
    body = paper.changed("story", page).encode()
    changed = (story.updated or story.published).astimezone(UTC)
    found = html(body, charset="no_charset" not in story.quirks)
    found.headers["ETag"] = f'"{sha256(body).hexdigest()[:20]}"'
    found.headers["Last-Modified"] = format_datetime(changed, usegmt=True)
    return Answer(b"", 304, found.headers) if _same(found, headers) else found


def _same(found: Answer, headers: Headers) -> bool:
    asked = {name.lower(): value for name, value in headers.items()}
    tags = asked.get("if-none-match")
    if tags is not None:
        return found.headers["ETag"] in [tag.strip() for tag in tags.split(",")]
    return asked.get("if-modified-since") == found.headers["Last-Modified"]


def _number(query: Query, name: str, default: int) -> int:
    value = query.get(name, [""])[0]
    return int(value) if value.isascii() and value.isdigit() and len(value) < 8 else default
