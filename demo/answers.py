"""What the newspaper answers to a path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import format_datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from demo import listjson, lists, pages, sitemaps

if TYPE_CHECKING:
    from demo.cards import Card
    from demo.paper import Newspaper
    from demo.story import Story

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
    story = paper.find(path)
    return _story(paper, story, headers) if story else missing()


def missing(status: int = 404) -> Answer:
    """A page that is not there."""
    return html(f"<!DOCTYPE html><title>{status}</title><h1>找不到网页</h1>", status=status)


def html(body: str | bytes, charset: bool = True, status: int = 200) -> Answer:
    """A page; without `charset` the header names none (site-facts 1.1)."""
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
    section = listjson.SITEMAP_IDS.get(name.rsplit("/", 1)[1])
    if section is None:
        return missing()
    size = min(max(1, _number(query, "pageSize", 9)), 100)
    cards, _ = _cut(paper, section, max(1, _number(query, "pageNo", 1)), size)
    return _json(listjson.more_sitemap(cards, size))


def _page_content(paper: Newspaper, name: str, query: Query) -> Answer:
    section = SECTIONS.get(name.removeprefix("_plat/api/v2/page-content/"))
    if section is None or paper.api_shape is None:
        return missing()
    number = max(1, _number(query, "page", paper.api_base) - paper.api_base + 1)
    cards, _ = _cut(paper, section, number, 24)
    others = paper.others(None, section)
    return _json(listjson.page_content(section, cards, paper.api_shape, others))


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


def _story(paper: Newspaper, story: Story, headers: Headers) -> Answer:
    if story.status != 200:
        return missing(story.status)
    page = pages.story_page(story, paper.noise, paper.others(story, list_of(story)))
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
