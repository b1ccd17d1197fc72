"""Posts and lines once more from the raw pages, as a crawl would write them now.

Each line of `articles.jsonl` is read again from the page of its moment; its id,
address, revision and post stay. What comes out the same is not written. Workers read, and
the one that holds the archive's lock writes: a worker that is lost leaves nothing behind.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from zaobao import posts, progress, reader, urls
from zaobao.archive import disk, images, raw, warc
from zaobao.archive.folder import POSTS
from zaobao.archive.record import why_suspect
from zaobao.archive.workers import groups
from zaobao.blockpages import check_story
from zaobao.errors import ArchiveError, NoArticle, NotAStory, UnreadablePage
from zaobao.exporters import JekyllPostExporter
from zaobao.items import FIRST
from zaobao.lines import decode_line, encode_line, last_line
from zaobao.page import Page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from zaobao.archive.folder import Archive
    from zaobao.archive.spool import Spool
    from zaobao.archive.workers import Workers
    from zaobao.items import Article, Extraction
    from zaobao.options import Options

_GROUP = 64
"""Lines that a process is given at a time at most; their posts are made durable together."""
_TABLES = """
CREATE TABLE pages (
    number TEXT, crawled TEXT, place INTEGER, warc TEXT NOT NULL, url TEXT NOT NULL, listed TEXT,
    page INTEGER NOT NULL, PRIMARY KEY (number, crawled, place)
) WITHOUT ROWID;
CREATE TABLE lines (
    start INTEGER PRIMARY KEY, "end" INTEGER NOT NULL, number TEXT NOT NULL, crawled TEXT NOT NULL,
    layout TEXT
);
CREATE TABLE changed (
    start INTEGER PRIMARY KEY, "end" INTEGER NOT NULL, line BLOB NOT NULL, number TEXT NOT NULL,
    current INTEGER NOT NULL
);
"""
_TASKS = """
SELECT start, "end", number, warc, url, listed, page, start = newest, layout,
    (SELECT json_group_array(json_array(warc, url, page)) FROM (
        SELECT warc, url, page FROM pages AS more
        WHERE more.number = lines.number AND more.crawled = lines.crawled AND place > 1
        ORDER BY place
    ))
FROM lines JOIN (SELECT number, max(start) AS newest FROM lines GROUP BY number) USING (number)
JOIN pages USING (number, crawled) WHERE place = 1 ORDER BY start
"""


@dataclass(slots=True)
class Summary:
    """Counts of a whole run."""

    same: int = 0
    posts: int = 0
    without_raw: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    changed: int = 0
    failed: int = 0
    images: int = 0
    """Pictures that stories lack, due in the next crawl."""
    unknown: list[str] = field(default_factory=list)
    """The asked ids of which there is no line, as they were given."""


def reextract(
    archive: Archive,
    options: Options,
    workers: Workers,
    say: Callable[[str], None],
    ids: Iterable[str] = (),
    month: str | None = None,
) -> Summary:
    """Rebuild the posts of all stories, of these ids or numbers, or of one month (`2026-11`).

    say: is given a sentence for each story that changed or could not be read. Killed
    and run again it ends the same: posts first, then all lines at once, then the
    state.
    """
    asked = {story_id: story_id.rpartition("-")[2] for story_id in ids}
    summary = Summary()
    with archive.spool(_TABLES) as spool:
        month_digits = (month or "").replace("-", "")
        count = _survey(archive, spool, set(asked.values()), month_digits, summary)
        held = {number for (number,) in spool.rows("SELECT DISTINCT number FROM lines")}
        summary.unknown = [story_id for story_id, number in asked.items() if number not in held]
        with progress.bar("reading pages again", count) as advance:
            size = max(1, min(_GROUP, count // (4 * workers.count)))
            tasks = groups(map(_task, spool.rows(_TASKS)), size)
            for results in workers.map(partial(_rebuild, options), tasks):
                _write_posts(archive, results)
                for result in results:
                    _take(result, summary, say)
                    if result.line is not None:
                        task = result.task
                        row = (task.start, task.end, result.line, task.number, task.current)
                        spool.run("INSERT INTO changed VALUES (?, ?, ?, ?, ?)", row)
                advance(len(results))
        if spool.value("SELECT count(*) FROM changed"):
            _write_lines(archive, spool)
        if options.images:
            numbers_read = (number for (number,) in spool.rows("SELECT number FROM lines"))
            summary.images = images.make_due(archive, JekyllPostExporter(options), numbers_read)
    return summary


def _write_posts(archive: Archive, results: list[Result]) -> None:
    """Write what differs: the posts of a group at once, and each earlier text."""
    current = {}
    for result in results:
        if result.post is None:
            continue
        if result.task.current:
            current[result.file] = result.post
        else:
            archive.write_revision(result.id, result.revision, result.post)
    if current:
        archive.write_posts(current)


def _take(result: Result, summary: Summary, say: Callable[[str], None]) -> None:
    summary.posts += result.post is not None
    if result.trouble:
        summary.failed += 1
        say(f"{result.id} revision {result.revision}: {result.trouble}")
    elif result.line is None and result.post is None:
        summary.same += 1
    else:
        summary.changed += 1
        summary.fields.update(result.fields)
        what = ", ".join(result.fields) or "the post alone"
        say(f"{result.id} revision {result.revision}: {what}{result.why}")


# --- which lines, and their pages


@dataclass(frozen=True, slots=True)
class Task:
    """One line: where it lies, the raw page of its moment, and what follows it.

    warc, page: the file of the page, and where its record begins. url, listed: as of
    `warc.Entry`. current: it is the story's last. superseded: what the generic
    fallback gave and a layout's reading of the same page has replaced. further: file,
    address and record of each further page of the story, in order.
    """

    start: int
    end: int
    number: str
    warc: str
    url: str
    listed: str | None
    page: int
    current: bool
    superseded: bool
    further: tuple[tuple[str, str, int], ...] = ()


@dataclass(slots=True)
class Result:
    """What became of one line. line, post: the new bytes, or None when they are the same; file: of
    the post."""

    task: Task
    id: str
    revision: int = 1
    line: bytes | None = None
    fields: tuple[str, ...] = ()
    why: str = ""
    file: str = ""
    post: bytes | None = None
    trouble: str = ""


def _survey(archive: Archive, spool: Spool, numbers: set[str], month: str, summary: Summary) -> int:
    """Note the wanted lines and all pages; how many lines have one."""
    pages = (
        (one.number, one.crawled, one.place, str(path), one.url, one.listed, one.page)
        for path, one in raw.entries(archive.folder)
    )
    spool.run_many("INSERT OR REPLACE INTO pages VALUES (?, ?, ?, ?, ?, ?, ?)", pages)
    spool.run_many("INSERT INTO lines VALUES (?, ?, ?, ?, ?)", _lines(archive, numbers, month))
    spool.run("CREATE INDEX story ON lines (number, start)")
    count: int = spool.value(
        "SELECT count(*) FROM lines JOIN pages USING (number, crawled) WHERE place = 1"
    )
    summary.without_raw = spool.value("SELECT count(*) FROM lines") - count
    return count


def _lines(archive: Archive, numbers: set[str], month: str) -> Iterator[tuple[Any, ...]]:
    start = 0
    for end, values in archive.lines():
        story_id, layout = str(values.get("id")), values.get("layout")
        number = urls.number_in(story_id)
        if (not numbers or number in numbers) and story_id.startswith(month):
            kept = layout if isinstance(layout, str) else None
            yield start, end, number, _stamp(values.get("crawled")), kept
        start = end


def _task(row: tuple[Any, ...]) -> Task:
    start, end, number, warc_file, url, listed, page, current, layout, further = row
    superseded = layout == "generic" and not current
    return Task(
        start,
        end,
        number,
        warc_file,
        url,
        listed,
        page,
        bool(current),
        superseded,
        tuple((file, address, place) for file, address, place in json.loads(further)),
    )


def _stamp(crawled: object) -> str:
    try:
        return raw.stamp(datetime.fromisoformat(str(crawled)))
    except ValueError:
        return ""


# --- one line, in one of several processes


class Rebuilder:
    """The files that a group of lines is read from, open until the end of the block."""

    def __init__(self, options: Options) -> None:
        self.folder = options.output
        self.exporter = JekyllPostExporter(options)
        self.files: dict[str, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for descriptor in self.files.values():
            os.close(descriptor)

    def rebuild(self, task: Task) -> Result:
        lines = self._open(str(self.folder / "articles.jsonl"))
        data = os.pread(lines, task.end - task.start, task.start)
        old = last_line(data)
        before = decode_line(old) or {}
        result = Result(task, str(before["id"]), before["revision"])
        try:
            article = self._article(task, before)
        except NoArticle as error:
            result.trouble = str(error)
            return result
        result.revision, result.file = article.revision, str(article.post)
        values = {**before, **article.to_dict()}
        after = encode_line(values)
        if old != after:
            result.line = data.removesuffix(old) + after
            result.fields, result.why = _difference(before, values)
        result.post = self._post(task, article)
        return result

    def _open(self, file: str) -> int:
        if file not in self.files:
            self.files[file] = os.open(file, os.O_RDONLY)
        return self.files[file]

    def _article(self, task: Task, before: dict[str, Any]) -> Article:
        page = Page(task.url, self._page(task.warc, task.page))
        check_story(page.source)
        story, crawled = urls.StoryUrl.of(task.url), datetime.fromisoformat(before["crawled"])
        listed = datetime.fromisoformat(task.listed) if task.listed else None
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
        self._join(extraction, task)
        reader.finish(extraction)
        _keep_suspect(article, before)
        _keep_images(article, before)
        return article

    def _page(self, file: str, place: int) -> bytes:
        return warc.read_page(self._open(file), place)

    def _join(self, extraction: Extraction, task: Task) -> None:
        """Join the further pages that were kept with the first."""
        for file, address, place in task.further:
            try:
                reader.join(extraction, Page(address, self._page(file, place)))
            except UnreadablePage as error:
                reader.leave_out_page(extraction, str(error))

    def _post(self, task: Task, article: Article) -> bytes | None:
        """The post, or the earlier text, where it differs from the one that is there."""
        if task.current:
            folder, name = self.folder / POSTS, str(article.post).removeprefix(f"{POSTS}/")
        else:
            folder, name = self.folder / "revisions" / article.id, f"{article.revision}.md"
        there = disk.read(folder / disk.local(disk.check_name(name)))
        post = self.exporter.post(article, posts.gone(there) if there else None)
        return None if post == there else post


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


def _keep_images(article: Article, before: dict[str, Any]) -> None:
    """The copies of its pictures that the line names stay."""
    paths = {image["url"]: image["path"] for image in before["images"] if image.get("path")}
    images.fill(article.images, paths)


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


def _rebuild(options: Options, tasks: list[Task]) -> list[Result]:
    try:
        with Rebuilder(options) as rebuilder:
            return [rebuilder.rebuild(task) for task in tasks]
    except ArchiveError:
        raise
    except OSError as error:
        raise ArchiveError(
            f"{error.filename or options.output} cannot be read on {os.uname().nodename}: "
            f"{error.strerror or error}. Where other machines read, the output folder must lie "
            "under the same path on all of them. What was written before is whole; run again."
        ) from error


# --- all lines at once


def _write_lines(archive: Archive, spool: Spool) -> None:
    """Put the new lines in place of the old ones, and their digests into the state.

    The state's length goes first: a run that finds none reads all lines again.
    """
    state = archive.state
    state.distrust()
    parts = spool.rows('SELECT start, "end", line FROM changed ORDER BY start')
    length = archive.replace_lines(parts)
    with state.batch():
        current = "SELECT number, line FROM changed WHERE current ORDER BY start"
        for number, data in spool.rows(current):
            record, values = state.get(number), decode_line(last_line(data))
            if record is not None and values is not None:
                kept = {key: values[key] for key in ("digest", "layout", "access", "revision")}
                moment = posts.moment(values["published"])
                record = replace(record, **kept, published=moment, reason=why_suspect(values))
                state.remember(record)
        state.length = length
