"""Item in, bytes out: the Jekyll post and the JSON line. No exporter owns a path.

Registered in FEED_EXPORTERS too, so that `-O -:jekyll` prints posts and
`-O file.jsonl` gives the lines of `articles.jsonl`.
"""

from __future__ import annotations

import json
import string
from dataclasses import asdict
from datetime import UTC, datetime, time, timedelta
from html import escape
from typing import TYPE_CHECKING, Any, BinaryIO, Self

from scrapy.exporters import BaseItemExporter

from zaobao import postcheck, text, urls
from zaobao.archive import names
from zaobao.archive.lines import encode_line
from zaobao.errors import BadPost
from zaobao.items import LINE_KEYS, Article
from zaobao.options import Options
from zaobao.times import SINGAPORE

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy.crawler import Crawler

SOURCE = "联合早报"
EXCERPT = 200
"""Characters of an excerpt."""

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


class ArticleLinesExporter(BaseItemExporter):
    """One JSON line per item, as in `articles.jsonl` (contract 3.2)."""

    def __init__(self, file: BinaryIO, **_feed_options: Any) -> None:
        super().__init__()
        self._file = file

    def export_item(self, item: Article) -> None:
        self._file.write(line(item))


def line(article: Article) -> bytes:
    """The story's line in `articles.jsonl`, with its line feed."""
    values = {key: getattr(article, key) for key in LINE_KEYS}
    values["images"] = [asdict(image) for image in article.images]
    values["removed"] = [asdict(removed) for removed in article.removed]
    return encode_line(values)


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
