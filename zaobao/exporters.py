"""Item in, bytes out: the Jekyll post, the JSON line, and Scrapy's feeds. None owns a path.

Registered in FEED_EXPORTERS, so that `-O -:jekyll` prints posts, `-O file.jsonl`
gives the lines of `articles.jsonl`, and every other format the same keys and values.
"""

from __future__ import annotations

import json
import re
import string
from datetime import UTC, datetime, time, timedelta
from html import escape, unescape
from typing import TYPE_CHECKING, Any, BinaryIO, Self

from scrapy.exporters import (
    BaseItemExporter,
    CsvItemExporter,
    JsonLinesItemExporter,
    XmlItemExporter,
)

from zaobao import imagechecks, names, text, urls
from zaobao.cleaning.elements import ATTRIBUTES, KEPT
from zaobao.errors import BadPost
from zaobao.lines import encode_line, to_json
from zaobao.options import Options
from zaobao.times import SINGAPORE
from zaobao.urls import is_image_host

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scrapy.crawler import Crawler

    from zaobao.items import Article

SOURCE = "联合早报"
EXCERPT = 200
"""Characters of an excerpt."""
MOST_OPEN = 100
"""Levels of elements in a body. Jekyll's Markdown fails on some 2,000, and with it every page."""

STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
STRING = r'"(?:[^"\\\n]|\\["\\/bfnrt]|\\u(?![dD][89a-fA-F])[0-9a-fA-F]{4})*"'
LIST = rf"\[{STRING}(?:, {STRING})*\]"
NEWS = {
    "access": "paywalled|truncated|unknown",
    "updated": STAMP,
    "gone": STAMP,
    "date_from": "url",
    "layout_seen": "generic",
    "excerpt": "true",
}
"""Front matter that stands after the fixed keys, in this order, only where it carries news: the
form of each value."""
ASKED = {
    "authors": LIST,
    "story": STRING,
    "edition": "[a-z]+",
    "access": "[a-z]+",
    "image": STRING,
    "layout_seen": "[a-z_]+",
}
"""Front matter that `ZAOBAO_FRONT_MATTER` may ask for; it stands last, in the order it names."""

_OPENS, _CLOSES = "“‘「『（《〈【〔(", "”’」』）》〉】〕)"
_STAYS = "…—·～" + _CLOSES
"""Marks that are not parted from what stands before them."""
_SENTENCE = re.compile(rf"[。！？!?…]+[{re.escape(_CLOSES)}]*|\n")
_HEADING = re.compile(r"<(h[1-6])>(.*?)</\1>")
_WORDS = re.compile(r"<[^>]*>|\s")
"""What a heading has in HTML and not in words."""
_IN_WORD = re.compile(r"[0-9A-Za-z.,%'’-][0-9A-Za-z%]")
_WORD = re.compile(r"[0-9A-Za-z.,%'’-]*$")
NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ENTITIES = {ord(mark): f"&#{ord(mark)};" for mark in string.punctuation}

_FURTHER = "|".join(rf"{key}: (?:{value})" for key, value in {**NEWS, **ASKED}.items())
_POST = re.compile(
    rf"""---
layout: post
title: (?P<title>{STRING})
date: (?P<date>{STAMP})
author: 联合早报
from: (?P<url>https://www\.zaobao\.com(?:/[a-z0-9-]+)+/story\d{{8}}-\d+)
tags: \[ 联合早报(?:, {STRING})* \]
categories: \[ 联合早报 \]
(?P<more>(?:(?:{_FURTHER})\n)*)---
<!---?\d{{1,15}}-->
\[(?P<link>[^\n\\<>\[\]]*)\]\((?P<address>[^\n()]+)\)
------

<div>
(?P<body>[^\n{{}}]*)
</div>
""",
    re.A,
)
_KEY = re.compile(r"^(\w+):", re.M)
# What no file, no YAML reader or no line can hold.
UNFIT = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_TAG = re.compile(r'<(/?)([a-z][a-z0-9]*)((?: [a-z]+="[^"<>]*")*)>')
_ATTRIBUTE = re.compile(r' ([a-z]+)="([^"]*)"')
_LINKS = ("https://", "http://", "mailto:")
_PICTURE = re.compile(r"https://([a-z0-9.-]+)/")
IMAGES = f"../{imagechecks.FOLDER}/"
"""Before a kept picture's path in a post: a post's page lies one level below the site's root."""
_KEPT = re.compile(re.escape(IMAGES) + imagechecks.PATH, re.A)
_IMAGE = re.compile(r'(<img\b[^<>]*? src=)"([^"]*)"')
_ATTRIBUTES = {**ATTRIBUTES, "a": ATTRIBUTES["a"] | {"rel"}}
_EMPTY = frozenset({"br", "hr", "img"})
_YEARS = range(1999, 2102)

_AFTER_GONE = [*NEWS][[*NEWS].index("gone") + 1 :] + [key for key in ASKED if key != "access"]
# `access: free` is there only when it was asked for; any other access stands before `gone:`.
_AFTER = re.compile(rf"---|(?:{'|'.join(_AFTER_GONE)}):|access: free\s*$".encode())
_MARK = re.compile(rb"gone:[ \t]")


class JekyllPostExporter(BaseItemExporter):
    """One post per item, in the one form that posts have."""

    def __init__(self, options: Options, file: BinaryIO | None = None) -> None:
        """file: where `export_item` writes; `post` and `file_name` need none."""
        super().__init__()
        self._options = options
        self._file = file

    @classmethod
    def from_crawler(cls, crawler: Crawler, file: BinaryIO, **_feed_options: Any) -> Self:
        return cls(Options.from_settings(crawler.settings), file)

    def export_item(self, item: Article) -> None:
        if self._file is None:
            raise ValueError("this exporter was made without a file")
        self._file.write(self.post(item))

    def post(self, article: Article, gone: datetime | None = None) -> bytes:
        """The post's bytes. gone: when the site was found to have removed the story.

        BadPost: they are not a post's, and must not be written.
        """
        shown = self._shown(article)
        front = "".join(f"{key}: {value}\n" for key, value in self._front(article, gone))
        title = article.title.translate(_ENTITIES)
        post = (
            f"---\n{front}---\n"
            f"<!--{_millis(shown)}-->\n[{title}]({article.url})\n------\n\n"
            f"<div>\n{self.body(article)}\n</div>\n"
        ).encode("utf-8", "surrogatepass")
        if problem := post_problem(post):
            raise BadPost(f"{article.id}: {problem}")
        return post

    def file_name(self, article: Article, is_taken: Callable[[str], bool]) -> str:
        """The name of the story's first post: UTC date, title, and the number if that is taken.

        is_taken: whether another story has that name, or the URL it gives.
        """
        day = f"{self._date(article):%Y-%m-%d}"
        return names.file_name(day, article.title, article.number, is_taken)

    def _front(self, article: Article, gone: datetime | None) -> list[tuple[str, str]]:
        tags = [SOURCE]
        if self._options.keyword_tags:
            tags += [_quoted(tag) for tag in article.tags if tag != SOURCE]
        front = {
            "layout": "post",
            "title": _quoted(article.title),
            "date": stamp(self._date(article)),
            "author": SOURCE,
            "from": article.url,
            "tags": f"[ {', '.join(tags)} ]",
            "categories": f"[ {SOURCE} ]",
        }
        if article.access != "free":
            front["access"] = article.access
        if updated := _updated(article):
            front["updated"] = stamp(updated)
        if gone:
            front["gone"] = stamp(gone)
        if article.published is None:
            front["date_from"] = "url"
        if article.layout == "generic":
            front["layout_seen"] = "generic"
        if self._is_excerpt(article):
            front["excerpt"] = "true"
        return [*front.items(), *self._asked(article, set(front))]

    def _asked(self, article: Article, present: set[str]) -> list[tuple[str, str]]:
        """What ZAOBAO_FRONT_MATTER asks for and the story has."""
        values = {
            "authors": json.dumps(article.authors, ensure_ascii=False) if article.authors else None,
            "story": _quoted(article.id),
            "edition": article.edition,
            "access": article.access,
            "image": _quoted(article.images[0].url) if article.images else None,
            "layout_seen": article.layout,
        }
        asked = [key for key in self._options.front_matter if key not in present]
        return [(key, value) for key in asked if (value := values.get(key))]

    def body(self, article: Article) -> str:
        """What stands in the post's `div`, on one line: the story's HTML, or its excerpt."""
        if not self._is_excerpt(article):
            return _without_braces(_with_kept_images(article))
        # Headings by their words: the text has them on lines of their own, like every block.
        found = _HEADING.findall(article.body_html)
        headings = {_WORDS.sub("", unescape(words)): name for name, words in found}
        lines, is_cut = excerpt(article.text)
        names = [headings.get(_WORDS.sub("", line), "p") for line in lines]
        while is_cut and names and names[-1] != "p":  # a heading of what is left out
            del names[-1], lines[-1]
        if is_cut and lines:
            lines[-1] = lines[-1].rstrip("…，、；：,;:") + "……"
        blocks = [
            f"<{name}>{escape(line, quote=False)}</{name}>"
            for name, line in zip(names, lines, strict=True)
        ]
        return _without_braces("".join(blocks)) + excerpt_note(article.url)

    def _is_excerpt(self, article: Article) -> bool:
        """Whether the post leaves words or pictures out."""
        return self._options.excerpt and (len(article.text) > EXCERPT or bool(article.images))

    def _shown(self, article: Article) -> datetime:
        """The instant of the comment: the legacy archives wrote Singapore's clock as UTC."""
        published = article.published or _noon(article)
        if self._options.legacy_times:
            return published.astimezone(SINGAPORE).replace(tzinfo=UTC)
        return published.astimezone(UTC)

    def _date(self, article: Article) -> datetime:
        """The instant of `date:`: a legacy time that lies after the crawl becomes the crawl's."""
        shown = self._shown(article)
        return min(shown, article.crawled) if self._options.legacy_times else shown


def excerpt(body: str) -> tuple[list[str], bool]:
    """The first `EXCERPT` characters of a text as lines, and whether anything was left out.

    It ends with a sentence, where one ends in the last half; else not inside a
    word, and not with a mark that belongs to what follows.
    """
    start = body[:EXCERPT]
    if is_cut := len(body) > EXCERPT:
        ends = [end.end() for end in _SENTENCE.finditer(start) if _is_closed(start[: end.end()])]
        if ends and ends[-1] > EXCERPT // 2 and body[ends[-1]] not in _STAYS:
            start = start[: ends[-1]]
        else:
            if _IN_WORD.match(body, EXCERPT - 1):
                start = _WORD.sub("", start, count=1) or start
            start = start.rstrip(_OPENS + _STAYS + "。！？，、；：!?.,;:")
    return [line for line in map(text.collapse, start.split("\n")) if line], is_cut


def _is_closed(start: str) -> bool:
    """Whether every quotation and bracket that begins in a text ends in it."""
    pairs = zip(_OPENS, _CLOSES, strict=True)
    return all(start.count(one) <= start.count(other) for one, other in pairs)


def excerpt_note(url: str) -> str:
    """The last paragraph of an excerpt."""
    return f'<p><a href="{url}" rel="noopener nofollow">节选，全文见原文</a></p>'


def with_gone(post: bytes, moment: datetime) -> bytes:
    """The post with `gone:` in its front matter; ValueError when it has no front matter."""
    start, end = _front(lines := without_gone(post).splitlines(keepends=True))
    place = next(n for n in range(start, end + 1) if _AFTER.match(lines[n]))
    ending = lines[end][len(lines[end].rstrip(b"\r\n")) :] or b"\n"
    mark = f"gone: {stamp(moment)}".encode()
    return b"".join([*lines[:place], mark + ending, *lines[place:]])


def without_gone(post: bytes) -> bytes:
    """The post without `gone:`; ValueError when it has no front matter."""
    start, end = _front(lines := post.splitlines(keepends=True))
    kept = (line for line in lines[start:end] if not _MARK.match(line))
    return b"".join([*lines[:start], *kept, *lines[end:]])


def _front(lines: list[bytes]) -> tuple[int, int]:
    """The front matter's first line and the one that closes it."""
    if not lines or lines[0].removeprefix(b"\xef\xbb\xbf").rstrip() != b"---":
        raise ValueError("the post has no front matter")
    for number, line in enumerate(lines[1:], 1):
        if line.rstrip() == b"---":
            return 1, number
    raise ValueError("the front matter has no end")


def post_problem(post: bytes) -> str | None:
    """What is wrong with a post's bytes; None for one that may be written."""
    try:
        post_facts(post)
    except BadPost as error:
        return str(error)
    return None


def post_facts(post: bytes) -> tuple[str, datetime]:
    """The address and the `date:` of a post that may be written. BadPost: what is wrong with it."""
    try:
        text = post.decode()
    except UnicodeDecodeError as error:
        raise BadPost(f"not UTF-8 at byte {error.start}") from None
    if unfit := UNFIT.search(text):
        raise BadPost(f"U+{ord(unfit[0]):04X} in it")
    form = _POST.fullmatch(text)
    if not form:
        raise BadPost("not of a post's form")
    keys = _KEY.findall(form["more"])
    if len(set(keys)) != len(keys):
        raise BadPost("a key stands twice in its front matter")
    if unescape(form["link"]) != json.loads(form["title"]) or form["address"] != form["url"]:
        raise BadPost("its link line is not its headline's")
    if problem := date_problem(form["date"]) or _body_problem(form["body"]):
        raise BadPost(problem)
    return form["url"], datetime.fromisoformat(form["date"])


def date_problem(stamp: str) -> str | None:
    """What is wrong with a value of the form of STAMP."""
    try:
        year = datetime.fromisoformat(stamp).year
    except ValueError:
        return f"no such date: {stamp}"
    return None if year in _YEARS else f"the year {year}"


def _body_problem(body: str) -> str | None:
    """Every `<` begins a known tag with known attributes, and every element is closed in order."""
    tags = _TAG.findall(body)
    if len(tags) != body.count("<"):
        return "a `<` in its body that is no tag"
    still: list[str] = []
    for closing, name, attributes in tags:
        if name not in KEPT:
            return f"<{name}> in its body"
        if closing:
            if not still or still.pop() != name:
                return f"</{name}> without its beginning"
            continue
        if name not in _EMPTY:
            still.append(name)
            if len(still) > MOST_OPEN:
                return f"more than {MOST_OPEN} elements in one another"
        for key, value in _ATTRIBUTE.findall(attributes) if attributes else ():
            if key not in _ATTRIBUTES.get(name, ()):
                return f"the attribute {key} on <{name}>"
            if not _is_fit_address(key, value):
                return f"the address {value[:40]!r}"
    return f"<{still[-1]}> is not closed" if still else None


def _is_fit_address(attribute: str, value: str) -> bool:
    """Whether a link is of a scheme that posts have, and a picture the paper's own."""
    if attribute == "href":
        return value.startswith(_LINKS)
    if attribute != "src":
        return True
    if _KEPT.fullmatch(value):
        return True
    found = _PICTURE.match(value)
    return found is not None and is_image_host(found[1])


class _LineEncoder(json.JSONEncoder):
    def encode(self, o: Any) -> str:
        return to_json(o)


class ArticleLinesExporter(JsonLinesItemExporter):
    """One JSON line per item, byte for byte as in `articles.jsonl`."""

    def __init__(self, file: Any, **feed_options: Any) -> None:
        super().__init__(file, **feed_options)
        self.encoder = _LineEncoder()


class ArticleCsvExporter(CsvItemExporter):
    """Scrapy's, with lists as JSON: Scrapy's commas leave no way back, and images no JSON."""

    def serialize_field(self, field: Mapping[str, Any], name: str, value: Any) -> Any:
        value = BaseItemExporter.serialize_field(self, field, name, value)
        return json.dumps(value, ensure_ascii=False) if isinstance(value, (list, dict)) else value


class ArticleXmlExporter(XmlItemExporter):
    """Scrapy's, with an empty element for None, and U+FFFD for what XML cannot carry."""

    def serialize_field(self, field: Mapping[str, Any], name: str, value: Any) -> Any:
        return _for_xml(super().serialize_field(field, name, value))


def _for_xml(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, str):
        return NOT_XML.sub("\ufffd", value)
    if isinstance(value, dict):
        return {key: _for_xml(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_for_xml(part) for part in value]
    return value


def line(article: Article) -> bytes:
    """The story's line in `articles.jsonl`, with its line feed."""
    return encode_line(article.to_dict())


def _with_kept_images(article: Article) -> str:
    """The body with kept copies in place of the originals."""
    kept = {image.url: image.path for image in article.images if image.path is not None}

    def copy(image: re.Match[str]) -> str:
        path = kept.get(unescape(image[2]))
        return f'{image[1]}"{IMAGES}{path}"' if path else image[0]

    return _IMAGE.sub(copy, article.body_html) if kept else article.body_html


def _without_braces(body: str) -> str:
    """Entities are the only escape from Liquid that holds; a body from elsewhere may lack them."""
    return body.replace("{", "&#123;").replace("}", "&#125;")


def _updated(article: Article) -> datetime | None:
    """When the story was changed: as the page says, else when a crawl found it so."""
    return article.updated or (article.crawled if article.revision > 1 else None)


def _noon(article: Article) -> datetime:
    """Noon in Singapore of the URL's day: all that is known when no source has a time."""
    return datetime.combine(urls.StoryUrl.of(article.url).day, time(12), SINGAPORE)


def stamp(moment: datetime) -> str:
    """`2021-09-02T10:02:00.000Z`."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def _millis(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def _quoted(text: str) -> str:
    """A YAML string that both Ruby readers read back alike: JSON, non-ASCII as it is."""
    return json.dumps(text, ensure_ascii=False)
