"""Item in, bytes out: the Jekyll post, the JSON line, and Scrapy's feeds. None owns a path.

Registered in FEED_EXPORTERS, so that `-O -:jekyll` prints posts, `-O file.jsonl`
gives the lines of `articles.jsonl`, and every other format the same keys and values.
"""

from __future__ import annotations

import json
import re
import string
from datetime import UTC, datetime, time, timedelta
from html import escape
from typing import TYPE_CHECKING, Any, BinaryIO, Self

from scrapy.exporters import (
    BaseItemExporter,
    CsvItemExporter,
    JsonLinesItemExporter,
    XmlItemExporter,
)

from zaobao import names, postcheck, text, urls
from zaobao.errors import BadPost
from zaobao.lines import encode_line, to_json
from zaobao.options import Options
from zaobao.times import SINGAPORE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scrapy.crawler import Crawler

    from zaobao.items import Article

SOURCE = "联合早报"
EXCERPT = 200
"""Characters of an excerpt."""

_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ENTITIES = {ord(mark): f"&#{ord(mark)};" for mark in string.punctuation}


class JekyllPostExporter(BaseItemExporter):
    """One post per item, byte for byte as contract 3.1 says."""

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
            f"<div>\n{self._body(article)}\n</div>\n"
        ).encode("utf-8", "surrogatepass")
        if problem := postcheck.problem(post):
            raise BadPost(f"{article.id}: {problem}")
        return post

    def file_name(self, article: Article, is_taken: Callable[[str], bool]) -> str:
        """The name of the story's first post: UTC date, title, and the number if that is taken.

        is_taken: whether another story has that name, or the URL it gives.
        """
        day, number = f"{self._date(article):%Y-%m-%d}", article.id.partition("-")[2]
        return names.file_name(day, article.title, number, is_taken)

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

    def _body(self, article: Article) -> str:
        if not self._options.excerpt:
            return _without_braces(article.body_html)
        left, lines = EXCERPT, []
        for line in article.text.split("\n"):
            if piece := text.collapse(line[:left]):
                lines.append(f"<p>{escape(piece, quote=False)}</p>")
            left -= len(line)
            if left <= 0:
                break
        return _without_braces("".join(lines))

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
        return _NOT_XML.sub("\ufffd", value)
    if isinstance(value, dict):
        return {key: _for_xml(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_for_xml(part) for part in value]
    return value


def line(article: Article) -> bytes:
    """The story's line in `articles.jsonl`, with its line feed."""
    return encode_line(article.to_dict())


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
