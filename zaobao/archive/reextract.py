"""Posts and lines once more from the raw pages, on all cores, as a crawl would write them now.

Each line of `articles.jsonl` is read again from the page of its moment; its id,
address, revision and post stay. What comes out the same is not written.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

from zaobao import posts, reader, urls
from zaobao.archive import disk, raw, warc
from zaobao.archive.folder import POSTS
from zaobao.archive.record import why_suspect
from zaobao.errors import NotAStory, UnreadablePage
from zaobao.exporters import JekyllPostExporter
from zaobao.items import FIRST
from zaobao.lines import decode_line, encode_line
from zaobao.page import Page

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from zaobao.archive.folder import Archive
    from zaobao.archive.warc import Entry
    from zaobao.items import Article, Extraction
    from zaobao.options import Options

_CHUNK = 8
"""Lines that a process is given at a time."""


@dataclass(slots=True)
class Summary:
    """Counts of a whole run, and a sentence for each story that changed or could not be read."""

    same: int = 0
    posts: int = 0
    without_raw: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    changed: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def reextract(
    archive: Archive, options: Options, ids: Iterable[str] = (), month: str | None = None
) -> Summary:
    """Rebuild the posts of all stories, of these ids or numbers, or of one month (`2026-11`).

    Killed and run again it ends the same: posts first, then all lines at once,
    then the state.
    """
    numbers = {story_id.rpartition("-")[2] for story_id in ids}
    summary = Summary()
    tasks = list(_tasks(archive, numbers, (month or "").replace("-", ""), summary))
    changed: dict[int, Result] = {}
    for result in _results(tasks, options):
        _take(result, summary)
        if result.line is not None:
            changed[result.task.start] = result
    if changed:
        _write_lines(archive, changed)
    return summary


def _take(result: Result, summary: Summary) -> None:
    summary.posts += result.post_written
    if result.trouble:
        summary.failed.append(f"{result.id} revision {result.revision}: {result.trouble}")
    elif result.line is None and not result.post_written:
        summary.same += 1
    else:
        summary.fields.update(result.fields)
        what = ", ".join(result.fields) or "the post alone"
        summary.changed.append(f"{result.id} revision {result.revision}: {what}{result.why}")


# --- which lines, and their pages


@dataclass(frozen=True, slots=True)
class Task:
    """One line: where it lies, the raw page of its moment, and what follows it.

    current: it is the story's last. superseded: what the generic fallback gave
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


def _tasks(archive: Archive, numbers: set[str], month: str, summary: Summary) -> Iterator[Task]:
    pages = {(e.number, e.crawled): (path, e) for path, e in raw.entries(archive.folder)}
    found: dict[str, list[tuple[int, int, dict[str, Any]]]] = {}
    start = 0
    for end, values in archive.lines():
        story_id = str(values.get("id"))
        number = urls.number_in(story_id)
        if (not numbers or number in numbers) and story_id.startswith(month):
            kept = {key: values.get(key) for key in ("revision", "crawled", "layout")}
            found.setdefault(number, []).append((start, end, kept))
        start = end
    for number, lines in found.items():
        for begin, end, values in lines:
            page = pages.get((number, _stamp(values["crawled"])))
            if page is None:
                summary.without_raw += 1
                continue
            current = values is lines[-1][2]
            old = values["layout"] == "generic" and not current
            yield Task(begin, end, *page, current, old)


def _stamp(crawled: object) -> str:
    try:
        return raw.stamp(datetime.fromisoformat(str(crawled)))
    except ValueError:
        return ""


# --- one line, in one of several processes


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
            extraction = reader.try_fallback(page, story, crawled)
        if extraction is None:
            raise NotAStory("unreadable", "no layout reads its page")
        article = extraction.article
        article.id, article.url, article.post = before["id"], before["url"], before["post"]
        if article.layout != "generic":
            article.revision = max(FIRST, before["revision"])
        else:
            article.revision = before["revision"]
        reader.finish(extraction)
        _keep_suspect(article, before)
        return article

    def _page(self, task: Task) -> bytes:
        if task.warc not in self.warcs:
            self.warcs[task.warc] = os.open(task.warc, os.O_RDONLY)
        return warc.read_page(self.warcs[task.warc], task.entry.page)

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


def _keep_suspect(article: Article, before: dict[str, Any]) -> None:
    """A run has marked its stories as suspect; the same words from the same page clear none."""
    if why_suspect(before) is None or article.digest != before["digest"]:
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


_worker: Rebuilder


def _start(options: Options) -> None:
    global _worker
    _worker = Rebuilder(options)


def _rebuild(task: Task) -> Result:
    return _worker.rebuild(task)


def _results(tasks: list[Task], options: Options) -> Iterator[Result]:
    if not tasks:
        return
    with get_context("fork").Pool(os.cpu_count(), _start, (options,)) as pool:
        yield from pool.imap_unordered(_rebuild, tasks, _CHUNK)


# --- all lines at once


def _write_lines(archive: Archive, changed: dict[int, Result]) -> None:
    """Put the new lines in place of the old ones, and their digests into the state.

    The state's length goes first: a run that finds none reads all lines again.
    """
    state = archive.state
    state.distrust()
    parts = {start: (r.task.end, r.line or b"") for start, r in changed.items()}
    length = archive.replace_lines(parts)
    with state.batch():
        for result in changed.values():
            values = result.values
            record = state.get(result.task.entry.number)
            if result.task.current and record is not None:
                kept = {key: values[key] for key in ("digest", "layout", "access", "revision")}
                moment = posts.moment(values["published"])
                record = replace(record, **kept, published=moment, reason=why_suspect(values))
                state.remember(record, length=None)
        state.length = length
