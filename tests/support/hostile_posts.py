"""Hostile stories, and the way of a page to a post: what the crawler does with the bytes it gets.

The frozen inputs stand in `tests/hostile`; the others are generated from a seed, more of the
same kinds.
"""

from __future__ import annotations

import base64
import html
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from scrapy.settings import Settings

from tests.support import hostile_words
from zaobao import names, reader
from zaobao.decoding import utf8
from zaobao.errors import NotAStory, UnfitError, UnreadablePage
from zaobao.exporters import JekyllPostExporter
from zaobao.items import Article
from zaobao.options import Options
from zaobao.page import Page
from zaobao.pagechecks import check_html
from zaobao.settings import DOWNLOAD_MAXSIZE
from zaobao.urls import StoryUrl

FROZEN = Path(__file__).parents[1] / "hostile"
"""Lists of objects. input: as the page has it, spelled as `spelled` says; where: its place, a body
or a headline unless it is said; expect: what must come of it, in words."""
STORIES = ("body", "title", "keyword", "description", "time", "heading", "script")
"""The places of an input in a story's page; `heading`: the headline that is seen, `script`: all
of the JSON-LD."""

DAY = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LEAD = "这一段是本报记者写的正文，长得足以让后面的东西不到一半，读者应当看到它。" * 2
END = "这是最后一段。"


@dataclass(frozen=True)
class Hostile:
    """One input. place: body, title, … ; expect: what a reader must see, where that is said."""

    name: str
    place: str
    text: Any
    expect: str = ""

    @property
    def data(self) -> bytes:
        """The file of an input that is one."""
        return base64.b64decode(self.text)


class Refused(Exception):
    """The page gives no post; `reason` is the crawler's word for it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass
class Folder:
    """The names of a `_posts` folder, and the keys that are taken in it."""

    names: dict[str, str] = field(default_factory=dict)

    def is_taken(self, name: str) -> bool:
        return any(key in self.names for key in names.post_keys(name))

    def take(self, name: str) -> None:
        for key in names.post_keys(name):
            assert key not in self.names, (name, self.names[key])
            self.names[key] = name


def frozen(*places: str) -> list[Hostile]:
    """The frozen inputs for these places, of `tests/hostile`."""
    found = []
    for path in sorted(FROZEN.glob("*.json")):
        default = "title" if path.stem in ("front-matter", "titles") else "body"
        for entry in json.loads(path.read_bytes()):
            place = entry.get("where", default)
            if place in places:
                name = f"{path.stem}: {entry['name']}"
                found.append(Hostile(name, place, spelled(entry["input"]), entry.get("expect", "")))
    return found


def generated(count: int, seed: int = 4) -> list[Hostile]:
    """More of the same kinds, in turn."""
    return [made(index, seed) for index in range(count)]


def made(index: int, seed: int = 4) -> Hostile:
    """The input of that number."""
    kind = list(_MAKERS)[index % len(_MAKERS)]
    place = kind if kind in STORIES else "body"
    return Hostile(f"{kind} {index}", place, _MAKERS[kind](random.Random(f"{seed}:{index}")))


_MAKERS: dict[str, Callable[[random.Random], Any]] = {
    "spoken": hostile_words.spoken,
    "active": hostile_words.active,
    "body": hostile_words.body,
    "title": hostile_words.title,
    "keyword": hostile_words.title,
    "time": hostile_words.time,
    "heading": hostile_words.title,
    "description": hostile_words.title,
    "script": hostile_words.data,
}


def spelled(value: Any) -> Any:
    """The text that `repeat` and `points` stand for."""
    if isinstance(value, dict) and "points" in value:
        return "".join(map(chr, value["points"]))
    if isinstance(value, dict) and "repeat" in value:
        number, parts = value.get("number"), []
        for text, times in value["repeat"]:
            parts += [text.replace(number, str(n)) if number else text for n in range(times)]
        return "".join(parts)
    return value


def page_of(one: Hostile, address: str, when: datetime) -> bytes:
    """A page of the present layout that carries the input in its place."""
    said = {"title": "一条平常的标题", "keyword": "民生", "description": "", "body": ""}
    said["time"] = when.isoformat()
    said[one.place] = one.text
    script = {
        "@type": "NewsArticle",
        "headline": said["title"],
        "datePublished": said["time"],
        "author": [{"name": said["title"]}, {"name": "林小满"}],
        "keywords": [said["keyword"], "甲,乙"],
        "url": address,
    }
    if "heading" in said:
        del script["headline"], script["author"]
    data = json.dumps(script, default=str).replace("<", "\\u003c")
    data = said.get("script", data)
    about, heading = (html.escape(str(said.get(key, ""))) for key in ("description", "heading"))
    page = (
        "<!DOCTYPE html><html><head><title>联合早报</title>"
        f'<meta name="description" content="{about}">'
        f'<script id="seo-article-page" type="application/ld+json">{data}</script></head><body>'
        f'<main><article><h1>{heading}</h1><div class="articleBody"><p>{LEAD}</p>{said["body"]}'
        f"<p>{END}</p></div></article></main></body></html>"
    )
    return page.encode("utf-8", "ignore")


def read(page: bytes, address: str, crawled: datetime) -> Article:
    """What the crawler makes of a page's bytes; Refused says why there is no story."""
    if len(page) > DOWNLOAD_MAXSIZE:
        raise Refused("size")
    try:
        source = utf8(page)
        check_html(source)
        parsed = Page(address, source)
        if parsed.is_too_deep:
            raise Refused("too_deep")
        article = reader.finish(reader.read(parsed, StoryUrl.of(address), crawled))
    except (UnfitError, UnreadablePage, NotAStory) as error:
        raise Refused(error.reason) from error
    return article


def story(one: Hostile, index: int) -> Article:
    """The story of an input, clean. Refused when there is none."""
    when = DAY + timedelta(minutes=index)
    address = f"https://www.zaobao.com/realtime/china/story{when:%Y%m%d}-{5000000 + index}"
    return read(page_of(one, address, when), address, when + timedelta(hours=1))


def options(**settings: str) -> Options:
    found = Settings()
    found.setmodule("zaobao.settings")
    found.setdict(settings, priority="cmdline")
    return Options.from_settings(found)


def exporter(**settings: str) -> JekyllPostExporter:
    """An exporter that writes every key and the keywords, so that all places come into a post."""
    asked = {"ZAOBAO_TAGS": "keywords", "ZAOBAO_FRONT_MATTER": "authors,story,edition,layout_seen"}
    return JekyllPostExporter(options(**asked | settings))
