"""Feeds of the site by section and by keyword, as Atom (RFC 4287) and as JSON Feed 1.1.

They hold what the posts hold, whole or an excerpt. An entry's id is the original's address: it is
absolute and stays, wherever the site is.
"""

from __future__ import annotations

import json
import re
import uuid
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from zaobao import imagechecks, posts, urls
from zaobao.archive import disk
from zaobao.exporters import IMAGES, NOT_XML, excerpt_note

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from zaobao.posts import Post

FOLDER = "feeds"
ALL = "all"
"""The name of the feed of the whole."""
MOST, WORDS = 20, 50
"""Entries of a feed, and keywords that have one: the most used."""
NOTES = {
    "paywalled": "原文需付费阅读，这里只是公开显示的部分，并非全文。",
    "truncated": "抓取时原网页没有给出完整正文，这里可能只是一部分。",
    "unknown": "无法确定这里是否为完整正文，请以原文为准。",
}
"""What a reader is told of a text that may not be whole, by `access:`."""

_ATOM = "http://www.w3.org/2005/Atom"
_NO_NAME = re.compile(r"\W+")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the site is. home: the address of its start page, `/archive/` where the site's host
    is not known. title, section_names: as the site has them."""

    home: str
    title: str
    section_names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Feed:
    """name: of its files. rows: the newest first, as lists show them."""

    name: str
    title: str
    rows: list[dict[str, Any]]


def keyword_name(word: str) -> str:
    """The name of a keyword's feed, which depends on nothing else: a reader has subscribed to it.

    One with capitals or signs has a checksum, since others may differ in these alone.
    """
    plain = _NO_NAME.sub("-", word).strip("-")[:40]
    if plain == word.casefold():
        return f"keyword-{plain}"
    return f"keyword-{plain}.{sha256(word.encode('utf-8', 'backslashreplace')).hexdigest()[:8]}"


def section_name(path: str) -> str:
    """The name of a section's feed."""
    return "section-" + (_NO_NAME.sub("-", path).strip("-") or "-")


def choose(
    rows: Iterable[dict[str, Any]], words: Mapping[str, str], place: Place
) -> Iterator[Feed]:
    """The feeds of an archive. rows: all, the newest first. words: keywords and the names of their
    feeds."""
    newest: list[dict[str, Any]] = []
    sections: dict[str, list[dict[str, Any]]] = {}
    tagged: dict[str, list[dict[str, Any]]] = {word: [] for word in words}
    for row in rows:
        lists = [newest, sections.setdefault(row["section"], [])]
        lists += [tagged[word] for word in row.get("words", ()) if word in tagged]
        for one in lists:
            if len(one) < MOST:
                one.append(row)
    yield Feed(ALL, place.title, newest)
    for path, found in sections.items():
        said = place.section_names.get(path, path)
        yield Feed(section_name(path), f"{place.title}：{said}", found)
    for word, found in tagged.items():
        yield Feed(words[word], f"{place.title}：{word}", found)


def write(feeds: Iterable[Feed], place: Place, source: Path, target: Path) -> None:
    """Write the feeds' files. source: the folder of posts. target: the site."""
    (target / FOLDER).mkdir(parents=True, exist_ok=True)
    read: dict[str, Post | None] = {}
    for feed in feeds:
        for row in feed.rows:
            if row["file"] not in read:
                read[row["file"]] = _post(source, row["file"])
        entries = [(row, post) for row in feed.rows if (post := read[row["file"]])]
        (target / FOLDER / f"{feed.name}.xml").write_bytes(atom(feed, entries, place))
        (target / FOLDER / f"{feed.name}.json").write_bytes(json_feed(feed, entries, place))


def _post(source: Path, file: str) -> Post | None:
    """None for one that was withdrawn meanwhile, or that is no post."""
    data = disk.read(source / disk.local(file))
    try:
        return posts.read(data) if data else None
    except posts.PostError:
        return None


def atom(feed: Feed, entries: list[tuple[dict[str, Any], Post]], place: Place) -> bytes:
    """The feed as Atom."""
    own = f"{place.home}{FOLDER}/{feed.name}"
    root = ET.Element("feed", {"xmlns": _ATOM, "xml:lang": "zh-Hans"})
    _add(root, "title", feed.title)
    _add(root, "id", uuid.uuid5(uuid.NAMESPACE_URL, f"{urls.CANONICAL_ORIGIN}/{own}").urn)
    _add(root, "updated", max(map(_changed, entries), default=_time(0)))
    _add(root, "link", rel="self", type="application/atom+xml", href=f"{own}.xml")
    _add(root, "link", rel="alternate", type="text/html", href=place.home)
    for row, post in entries:
        entry = ET.SubElement(root, "entry")
        _add(entry, "title", row["title"])
        _add(entry, "id", post.story.canonical)
        _add(entry, "link", rel="alternate", type="text/html", href=_page(row, place))
        _add(entry, "link", rel="via", type="text/html", href=post.story.canonical)
        _add(entry, "published", _time(row["date"]))
        _add(entry, "updated", _changed((row, post)))
        for name in post.authors or ["联合早报"]:
            _add(ET.SubElement(entry, "author"), "name", name)
        for word in post.keywords:
            _add(entry, "category", term=word)
        _add(entry, "content", _content(post, place), type="html")
    data: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return data


def _add(parent: ET.Element, name: str, text: str | None = None, **attributes: str) -> None:
    clean = {key: NOT_XML.sub("\ufffd", value) for key, value in attributes.items()}
    ET.SubElement(parent, name, clean).text = NOT_XML.sub("\ufffd", text) if text else None


def json_feed(feed: Feed, entries: list[tuple[dict[str, Any], Post]], place: Place) -> bytes:
    """The feed as JSON Feed. Addresses in it have to be absolute: without the site's, the
    original's stands for a page."""
    is_absolute = place.home.startswith(("https://", "http://"))
    found: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "language": "zh-Hans",
    }
    if is_absolute:
        found["home_page_url"] = place.home
        found["feed_url"] = f"{place.home}{FOLDER}/{feed.name}.json"
    found["items"] = [
        {
            "id": post.story.canonical,
            "url": _page(row, place) if is_absolute else post.story.canonical,
            "external_url": post.story.canonical,
            "title": row["title"],
            "content_html": _content(post, place),
            "date_published": _time(row["date"]),
            "date_modified": _changed((row, post)),
            "authors": [{"name": name} for name in post.authors or ["联合早报"]],
            "tags": post.keywords,
        }
        for row, post in entries
    ]
    # A lone surrogate has no UTF-8.
    return json.dumps(found, ensure_ascii=False).encode("utf-8", "replace")


def _page(row: Mapping[str, Any], place: Place) -> str:
    return place.home + str(row["url"]).lstrip("/")


def _content(post: Post, place: Place) -> str:
    """The post's HTML under a note on what is not whole; kept pictures by absolute addresses."""
    notes = [NOTES[key]] if (key := post.front.get("access", "")) in NOTES else []
    notes += ["原文已从报纸网站撤下。"] if post.moment("gone") else []
    body = post.body.strip().replace(f'src="{IMAGES}', f'src="{place.home}{imagechecks.FOLDER}/')
    if post.front.get("excerpt") == "true":  # `posts.read` leaves the note out
        body += excerpt_note(post.story.canonical)
    elif not body:  # a video alone
        body = f'<p><a href="{post.story.canonical}">原文</a></p>'
    return "".join(f"<p><em>{note}</em></p>" for note in notes) + body


def _changed(entry: tuple[dict[str, Any], Post]) -> str:
    row, post = entry
    updated = post.moment("updated")
    return _time(int(updated.timestamp()) if updated else row["date"])


def _time(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"
