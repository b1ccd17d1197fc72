"""A day or a week of the archive as an EPUB: a cover with the date, the stories by section.

The book is made by mkepub (MIT; EbookLib's AGPL would bind those who pass this program on). It is
imported by the one function that needs it.
"""

from __future__ import annotations

import os
import re
import uuid
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from lxml import etree
from lxml import html as lxml_html

from zaobao import urls
from zaobao.archive import disk, images
from zaobao.exporters import IMAGES, NOT_XML, JekyllPostExporter
from zaobao.items import Article
from zaobao.lines import decode_line
from zaobao.publish.feeds import NOTES
from zaobao.times import SINGAPORE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from mkepub.mkepub import Page

    from zaobao.options import Options

_DAY = re.compile(r"(20\d\d)-(\d\d)-(\d\d)", re.A)
_WEEK = re.compile(r"(20\d\d)-W(\d\d)", re.A)
_SHOWN = frozenset({"jpg", "png", "gif"})
"""What every reader of EPUB 3 shows; WebP and AVIF become links."""
_NAME = re.compile(r"^([\w/-]+): (.+)$", re.M)
_STYLE = """\
body { line-height: 1.7; margin: 0 4%; }
h1 { font-size: 1.35em; line-height: 1.35; }
.meta, .note, figcaption, .from { color: #555; font-size: .85em; }
.note { border-left: 3px solid #b00; padding-left: .6em; }
figure { margin: 1em 0; }
img { max-width: 100%; height: auto; }
blockquote { margin-left: 1em; }
table { border-collapse: collapse; }
td, th { border: 1px solid #999; padding: .2em .4em; }
"""
_COVER = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 800" width="600" height="800">
<rect width="600" height="800" fill="#fdfcf8"/>
<rect x="40" y="40" width="520" height="720" fill="none" stroke="#222" stroke-width="2"/>
<g fill="#222" text-anchor="middle" font-family="serif">
<text x="300" y="260" font-size="84">联合早报</text>
<text x="300" y="320" font-size="24" fill="#666">个人存档</text>
<text x="300" y="470" font-size="40">{title}</text>
<text x="300" y="530" font-size="26" fill="#666">{count} 篇</text>
</g></svg>
"""


@dataclass(frozen=True, slots=True)
class Span:
    """The days of an issue: Singapore dates, the last one included."""

    name: str
    first: date
    last: date

    @classmethod
    def of(cls, name: str) -> Span:
        """`2026-11-27` or the ISO week `2026-W48`; ValueError for anything else."""
        with suppress(ValueError):  # no such day, no such week
            if _DAY.fullmatch(name):
                day = date.fromisoformat(name)
                return cls(name, day, day)
            if found := _WEEK.fullmatch(name):
                monday = date.fromisocalendar(int(found[1]), int(found[2]), 1)
                return cls(name, monday, monday + timedelta(days=6))
        raise ValueError(f"{name!r} is neither a day like 2026-11-27 nor a week like 2026-W48")

    @property
    def title(self) -> str:
        first = f"{self.first.year}年{self.first.month}月{self.first.day}日"
        if self.first == self.last:
            return f"{first} 星期{'一二三四五六日'[self.first.weekday()]}"
        return f"{first}至{self.last.month}月{self.last.day}日"


def stories(folder: Path, span: Span) -> list[dict[str, Any]]:
    """The stories published in these days, by their last lines, in order of publication.

    One whose time is not known belongs to the day in its address.
    """
    found: dict[str, dict[str, Any]] = {}
    for line in _lines(folder / "articles.jsonl"):
        number = urls.number_in(str(line.get("id")))
        if span.first <= _published(line).date() <= span.last:
            found[number] = line
        else:
            found.pop(number, None)
    return sorted(found.values(), key=_published)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    if not path.exists():
        return
    with disk.guard(path, "Reading"), path.open("rb") as file:
        for data in file:
            line = decode_line(data)
            if line and isinstance(line.get("title"), str) and urls.story(str(line.get("url"))):
                yield line


def _published(line: dict[str, Any]) -> datetime:
    """When the story was published, in Singapore."""
    if line.get("published"):
        return datetime.fromisoformat(line["published"]).astimezone(SINGAPORE)
    return datetime.combine(urls.StoryUrl.of(line["url"]).day, time(12), SINGAPORE)


def write(found: list[dict[str, Any]], span: Span, target: Path, options: Options) -> None:
    """Make the book of these stories, in one step. ImportError: mkepub is missing."""
    from mkepub import Book

    book = Book(
        f"联合早报 {span.title}",
        lang="zh-Hans",
        author="联合早报",
        published=f"{span.last}",
        description="联合早报的个人存档，并非报纸的出版物。",
        rights="文章版权归原作者及出版方所有。",
    )
    # The same issue made again takes the place of the first one in a reader's library.
    book.uuid = uuid.uuid5(uuid.NAMESPACE_URL, f"{urls.CANONICAL_ORIGIN}/epub/{span.name}")
    book.set_stylesheet(_STYLE)
    cover = _COVER.format(title=escape(span.title), count=len(found))
    book.set_cover(cover.encode())
    _Issue(book, options).add(found)
    half = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    with disk.guard(target, "Writing"):
        try:
            book.save(half)
            half.replace(target)
        finally:
            half.unlink(missing_ok=True)


class _Issue:
    """The pages of a book."""

    def __init__(self, book: Any, options: Options) -> None:
        self.book = book
        self.options = options
        self.exporter = JekyllPostExporter(options)
        self.names = _section_names(options.output)
        self.added: set[str] = set()

    def add(self, found: Iterable[dict[str, Any]]) -> None:
        sections: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for line in found:
            sections[str(line.get("section"))].append(line)
        for path, lines in sorted(sections.items(), key=lambda one: -len(one[1])):
            name = self.names.get(path, path)
            rows = (f"<li>{escape(line['title'], quote=False)}</li>" for line in lines)
            listed = f"<h1>{escape(name)}</h1><ul>{''.join(rows)}</ul>"
            parent = self._page(name, _xhtml(listed), None)
            for line in lines:
                self._page(line["title"], self._story(line, name), parent)

    def _page(self, title: str, content: str, parent: Page | None) -> Page:
        # mkepub puts titles into XML as they are, and says that every page is English.
        content = f'<div xml:lang="zh-Hans" lang="zh-Hans">{content}</div>'
        return self.book.add_page(_text(title), content, parent)

    def _story(self, line: dict[str, Any], section: str) -> str:
        url = escape(urls.StoryUrl.of(line["url"]).canonical)
        meta = [f"{_published(line):%Y-%m-%d %H:%M}" if line.get("published") else "", section]
        meta += line.get("authors") or ()
        parts = [
            f"<h1>{escape(line['title'], quote=False)}</h1>",
            f'<p class="meta">{escape(" · ".join(filter(None, meta)))}</p>',
        ]
        if note := NOTES.get(str(line.get("access"))):
            parts.append(f'<p class="note">{note}</p>')
        parts += [self._body(line), f'<p class="from"><a href="{url}">原文</a></p>']
        return _xhtml("".join(parts), self)

    def _body(self, line: dict[str, Any]) -> str:
        """What the story's post shows."""
        try:
            return self.exporter.body(Article.from_dict(line))
        except ValueError:  # an adopted one
            return str(line.get("body_html") or "")

    def image(self, source: str) -> str | None:
        """The address in the book of a kept picture; it is put there. None for any other."""
        path = source.removeprefix(IMAGES)
        name = path.rpartition("/")[2]
        if path == source or name.rpartition(".")[2] not in _SHOWN:
            return None
        if name not in self.added:
            if not images.is_local(self.options.image_store):
                return None
            data = disk.read(images.folder_of(self.options.image_store) / path)
            if data is None:
                return None
            self.book.add_image(name, data)
            self.added.add(name)
        return f"images/{name}"


def _xhtml(markup: str, issue: _Issue | None = None) -> str:
    """HTML as XML. Pictures that the book cannot have become links to the originals."""
    box = lxml_html.fragment_fromstring(NOT_XML.sub("\ufffd", markup), create_parent="div")
    for image in box.xpath(".//img"):
        source, caption = image.get("src", ""), image.get("alt", "")
        place = issue.image(source) if issue else None
        for name in ("referrerpolicy", "loading"):
            image.attrib.pop(name, None)
        if place:
            image.set("src", place)
            continue
        image.tag = "a"
        image.attrib.clear()
        image.text = caption or "图片"
        if source.startswith("https://"):
            image.set("href", source)
    for link in box.xpath(".//a[@rel]"):
        del link.attrib["rel"]
    return etree.tostring(box, encoding="unicode", method="xml")


def _text(title: str) -> str:
    """A title as text of XML."""
    return escape(NOT_XML.sub("\ufffd", title), quote=False)


def _section_names(folder: Path) -> dict[str, str]:
    """The sections' names, as the archive's site has them."""
    own = disk.read(folder / "_data" / "sections.yml") if (folder / "_data").is_dir() else None
    data = own or (files("zaobao") / "site" / "_data" / "sections.yml").read_bytes()
    return dict(_NAME.findall(data.decode("utf-8", "replace")))
