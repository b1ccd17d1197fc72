"""One line of `articles.jsonl` and its post, read again from the raw page of its moment."""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from zaobao import posts, reader, urls
from zaobao.archive import disk, warcrecords
from zaobao.archive.folder import POSTS
from zaobao.archive.record import doubt_in
from zaobao.errors import NotAStory, UnreadablePage
from zaobao.exporters import JekyllPostExporter
from zaobao.items import FIRST
from zaobao.lines import decode_line, encode_line
from zaobao.page import Page

if TYPE_CHECKING:
    from pathlib import Path

    from zaobao.archive.warcfile import Entry
    from zaobao.items import Article, Extraction
    from zaobao.options import Options


@dataclass(frozen=True, slots=True)
class Task:
    """One line: where it lies, the raw page of its moment, and what follows it.

    current: it is the story's last. superseded: what the generic reader gave
    and a layout's reading of the same page has replaced.
    """

    start: int
    end: int
    warc: Path
    entry: Entry
    current: bool
    superseded: bool


@dataclass(slots=True)
class Result:
    """What became of one line. line: its new bytes, or None when they are the same."""

    task: Task
    id: str
    revision: int = 1
    line: bytes | None = None
    values: dict[str, Any] = field(default_factory=dict)
    fields: tuple[str, ...] = ()
    why: str = ""
    post_written: bool = False
    trouble: str = ""


class Rebuilder:
    """What a process needs for its lines; it writes posts, each its own, and nothing else."""

    def __init__(self, options: Options) -> None:
        self.folder = options.output
        self.exporter = JekyllPostExporter(options)
        self.lines = os.open(self.folder / "articles.jsonl", os.O_RDONLY)
        self.warcs: dict[Path, int] = {}

    def rebuild(self, task: Task) -> Result:
        data = os.pread(self.lines, task.end - task.start, task.start)
        # What is no JSON object may stand before the line, and stays.
        old = data[data.rstrip(b"\n").rfind(b"\n") + 1 :]
        before = decode_line(old) or {}
        result = Result(task, str(before["id"]), before["revision"])
        try:
            article = self._article(task, before)
        except (UnreadablePage, NotAStory) as error:
            result.trouble = str(error)
            return result
        result.revision = article.revision
        after = encode_line({**before, **article.to_dict()})
        if old != after:
            result.line, result.values = data.removesuffix(old) + after, json.loads(after)
            result.fields, result.why = _difference(before, result.values)
        result.post_written = self._write(task, article)
        return result

    def _article(self, task: Task, before: dict[str, Any]) -> Article:
        entry = task.entry
        page = Page(entry.url, self._page(task))
        story, crawled = urls.StoryUrl.of(entry.url), datetime.fromisoformat(before["crawled"])
        listed = datetime.fromisoformat(entry.listed) if entry.listed else None
        extraction = None if task.superseded else _read(page, story, crawled, listed)
        if extraction is None:
            extraction = reader.last_resort(page, story, crawled)
        if extraction is None:
            raise NotAStory("unreadable", "no layout reads its page")
        article = extraction.article
        article.id, article.url, article.post = before["id"], before["url"], before["post"]
        if article.layout != "generic":
            article.revision = max(FIRST, before["revision"])
        else:
            article.revision = before["revision"]
        reader.finish(extraction)
        _keep_doubt(article, before)
        return article

    def _page(self, task: Task) -> bytes:
        if task.warc not in self.warcs:
            self.warcs[task.warc] = os.open(task.warc, os.O_RDONLY)
        return warcrecords.page(self.warcs[task.warc], task.entry.page)

    def _write(self, task: Task, article: Article) -> bool:
        """Write the post, or the earlier text, where it differs."""
        if task.current:
            folder, name = self.folder / POSTS, str(article.post).removeprefix(f"{POSTS}/")
        else:
            folder, name = self.folder / "revisions" / article.id, f"{article.revision}.md"
            folder.mkdir(exist_ok=True)
        there = disk.read(folder / disk.local(disk.check_name(name)))
        post = self.exporter.post(article, posts.gone(there) if there else None)
        if post == there:
            return False
        disk.replace(folder, name, post, self.folder / ".tmp")
        return True


def _read(
    page: Page, story: urls.StoryUrl, crawled: datetime, listed: datetime | None
) -> Extraction | None:
    try:
        return reader.read(page, story, crawled, listed)
    except UnreadablePage:
        return None


def _keep_doubt(article: Article, before: dict[str, Any]) -> None:
    """A run has put its stories in doubt; the same words from the same page do not clear one."""
    if doubt_in(before) is None or article.digest != before["digest"]:
        return
    article.revision = before["revision"]
    if before["access_reason"]:
        article.access, article.access_reason = before["access"], before["access_reason"]
    if before["published"] is None and article.published_raw == before["published_raw"]:
        article.published = article.updated = None


def _difference(before: dict[str, Any], after: dict[str, Any]) -> tuple[tuple[str, ...], str]:
    """The keys whose values differ, and in words what the removal rules did otherwise."""
    keys = tuple(key for key in after if after[key] != before.get(key))
    one, other = (
        Counter(entry["rule"] for entry in values.get("removed") or ())
        for values in (before, after)
    )
    moved = [f"+{rule}" for rule in other - one] + [f"-{rule}" for rule in one - other]
    if "layout" in keys:
        moved.insert(0, f"{before.get('layout')} → {after['layout']}")
    return keys, f" ({', '.join(moved)})" if moved else ""
