"""The feeds by section and keyword: read by feedparser and by JSON Feed's rules, hostile words in them."""

from __future__ import annotations

import json
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import feedparser
import jsonschema
import pytest
from lxml import html

from tests.support.building import need

if TYPE_CHECKING:
    from pathlib import Path

    from demo.server import Served
    from tests.support.archive import Archive

pytestmark = pytest.mark.slow
HOSTILE = [
    "]]> & &amp; <b>粗</b> <script>alert(1)</script>",
    "引号 \"双\" '单' “弯” {{ site.title }} {% raw %}",
    "表情 😀👩‍👩‍👧‍👦 与 \u202e反向\u202c \u2066隔离\u2069",
    "控制\x08字符\x1b和\u0085分隔\u2028符\ufffe",
]
_ADDRESS = {"type": "string", "pattern": "^https?://"}
JSON_FEED = {
    # https://www.jsonfeed.org/version/1.1/, written as a schema.
    "type": "object",
    "required": ["version", "title", "items"],
    "properties": {
        "version": {"const": "https://jsonfeed.org/version/1.1"},
        "title": {"type": "string", "minLength": 1},
        "home_page_url": _ADDRESS,
        "feed_url": _ADDRESS,
        "language": {"type": "string"},
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "content_html"],
                "properties": {
                    "id": _ADDRESS,
                    "url": _ADDRESS,
                    "external_url": _ADDRESS,
                    "title": {"type": "string", "minLength": 1},
                    "content_html": {"type": "string", "minLength": 1},
                    "date_published": {"type": "string", "format": "date-time"},
                    "date_modified": {"type": "string", "format": "date-time"},
                    "authors": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["name"],
                            "properties": {"name": {"type": "string"}},
                            "additionalProperties": False,
                        },
                    },
                    "tags": {"type": "array", "items": {"type": "string"}},
                },
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
}
RULES = jsonschema.Draft202012Validator(JSON_FEED, format_checker=jsonschema.FormatChecker())


def site(
    archive: Archive, served: Served, target: Path, path: str, *more: str, **setting: str
) -> Path:
    """An archive with hostile headlines, as a site built with the programs of `path`."""
    need("jekyll", "jekyll ruby-jekyll-sitemap")
    stories = [one for one in served.paper.listed("china") if one.status == 200]
    for story, title in zip(stories, HOSTILE, strict=False):
        story.title = title
    done = archive.crawl("realtime", ZAOBAO_TAGS="keywords", **setting)
    assert done.returncode in (0, 3), done.stderr
    done = archive.scrapy("site", "-d", str(target), *more, PATH=path)
    assert done.returncode == 0, done.stderr
    return target


def jsons(folder: Path) -> dict[str, dict[str, Any]]:
    return {path.stem: json.loads(path.read_bytes()) for path in (folder / "feeds").glob("*.json")}


def test_feeds_are_valid_and_lead_to_the_site(
    archive: Archive, served: Served, tmp_path: Path, without_npx: str
) -> None:
    home = "https://archive.example/below/"
    built = site(
        archive, served, tmp_path / "site", without_npx,
        "--url", "https://archive.example", "--baseurl", "/below",
        ZAOBAO_IMAGES="keep",
    )  # fmt: skip
    found = jsons(built)
    RULES.check_schema(JSON_FEED)
    assert {"all", "section-realtime-china"} <= found.keys()
    assert sum(name.startswith("keyword-") for name in found) > 10
    titles = {line["title"] for line in archive.lines}
    ids = set()
    for name, feed in found.items():
        RULES.validate(feed)
        atom = feedparser.parse((built / "feeds" / f"{name}.xml").read_bytes())
        assert not atom.bozo, (name, atom.get("bozo_exception"))
        assert atom.version == "atom10"
        ids.add(atom.feed.id)
        assert [one.id for one in atom.entries] == [one["id"] for one in feed["items"]]
        assert len({one.id for one in atom.entries}) == len(atom.entries) > 0
        assert all(one.id.startswith("https://www.zaobao.com/") for one in atom.entries)
        assert {unescape(one.title) for one in atom.entries} <= {unescape(one) for one in titles}
        for item in feed["items"]:
            assert item["title"] in titles
            page = (
                built / unquote(urlsplit(item["url"]).path).removeprefix("/below/") / "index.html"
            )
            assert item["url"].startswith(home)
            assert page.is_file(), page
            for picture in html.fragment_fromstring(item["content_html"], "div").xpath(".//@src"):
                assert picture.startswith(f"{home}images/")
                assert (built / picture.removeprefix(home)).is_file()
    assert len(ids) == len(found)
    shown = json.dumps(list(found.values()), ensure_ascii=False)
    assert all(
        part in shown
        for part in ("]]> & &amp; <b>粗</b>", "😀👩‍👩‍👧‍👦", "{{ site.title }}", "“弯”")
    )
    sections = html.fromstring((built / "sections" / "index.html").read_bytes())
    keywords = html.fromstring((built / "keywords" / "index.html").read_bytes())
    linked = [*sections.xpath("//main//a/@href"), *keywords.xpath("//main//a/@href")]
    feeds = [one for one in linked if "/feeds/" in one]
    assert len(feeds) > 10
    assert all((built / unquote(one).removeprefix("/below/")).is_file() for one in feeds)


def test_without_an_address_the_originals_stand_in(
    archive: Archive, served: Served, tmp_path: Path, without_npx: str
) -> None:
    built = site(archive, served, tmp_path / "site", without_npx, ZAOBAO_TEXT="excerpt")
    for feed in jsons(built).values():
        RULES.validate(feed)
        assert all(item["url"] == item["id"] for item in feed["items"])
    texts = {line["url"]: line["text"] for line in archive.lines}
    long = [one for one in jsons(built)["all"]["items"] if len(texts[one["id"]]) > 300]
    assert long
    for item in long:
        said = html.fragment_fromstring(item["content_html"], "div").text_content()
        assert len(said) < 260
        assert "节选，全文见原文" in said
