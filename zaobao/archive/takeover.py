"""Take over the stories of captures: each becomes posts and lines as a crawl at that time had it.

The workers read captures and write nothing; the one that holds the archive's lock decides what is
kept, in an order that depends on the captures alone.
"""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zaobao import progress, reader, urls
from zaobao.archive import captures, images, warcreader
from zaobao.archive.captures import Capture, Found
from zaobao.archive.folder import POSTS
from zaobao.archive.group import MOST
from zaobao.archive.raw import Raw
from zaobao.archive.rechecks import is_unchanged, next_revision, why_lesser, why_shorter
from zaobao.archive.record import Record
from zaobao.archive.repeats import Texts
from zaobao.archive.warcreader import Damage, Files
from zaobao.archive.workers import groups
from zaobao.errors import ArchiveError, NotAStory, UnreadablePage
from zaobao.exporters import JekyllPostExporter
from zaobao.lines import encode_line
from zaobao.page import Page
from zaobao.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zaobao.archive.folder import Archive
    from zaobao.archive.spool import Spool
    from zaobao.archive.workers import Workers
    from zaobao.items import Article, Extraction
    from zaobao.options import Options

logger = logging.getLogger(__name__)

_GROUP = 16
"""Stories that a process is given at a time."""
_NAMED = 50
"""Damages, and stories that were not read, that are named in the log."""
_TABLES = """
CREATE TABLE captures (
    number TEXT NOT NULL, id TEXT NOT NULL, page TEXT NOT NULL, moment TEXT NOT NULL,
    url TEXT NOT NULL, record TEXT NOT NULL, file TEXT NOT NULL, start INTEGER NOT NULL,
    last INTEGER NOT NULL, digest TEXT NOT NULL, said TEXT NOT NULL, listed TEXT
);
CREATE TABLE revisits AS SELECT * FROM captures;
CREATE TABLE listed (number TEXT NOT NULL, seen TEXT NOT NULL, moment TEXT NOT NULL);
"""
_PUT = "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_REVISITED = """
INSERT INTO captures
SELECT r.number, r.id, r.page, r.moment, r.url, r.record, c.file, c.start, c.last, c.digest, '',
    r.listed
FROM revisits AS r JOIN captures AS c ON c.said = r.said
WHERE r.said != '' GROUP BY r.record
"""
_LISTED = "SELECT moment FROM listed WHERE listed.number = captures.number ORDER BY seen LIMIT 1"
_ORDERED = f"""
SELECT number, id, page, moment, url, record, file, start, last, digest, said,
    coalesce(listed, ({_LISTED}))
FROM captures
ORDER BY (SELECT max(id) FROM captures AS one WHERE one.number = captures.number), number,
    page != '', moment, url, file, start
"""  # noqa: S608 (our own SQL)


@dataclass(slots=True)
class Summary:
    """The outcome, in counts. refused, unread: by reason."""

    records: int = 0
    elsewhere: int = 0
    others: Counter[str] = field(default_factory=Counter)
    """Of these, pages of stories by an origin that is neither the paper nor ZAOBAO_SITE."""
    no_story: int = 0
    captures: int = 0  # of pages of stories
    lone_revisits: int = 0  # whose page is not among the captures
    new: int = 0
    edited: int = 0
    known: int = 0  # that the archive has as the captures, or better
    excluded: int = 0
    lines: int = 0
    older: int = 0  # captures of a text before the archive's
    lesser: int = 0  # captures with less than another, or than the archive
    refused: Counter[str] = field(default_factory=Counter)
    unread: Counter[str] = field(default_factory=Counter)
    damaged: int = 0
    images: int = 0  # that stories taken over lack, due in the next crawl

    def add(self, found: Found) -> None:
        self.records += found.records
        self.elsewhere += found.elsewhere
        self.others.update(found.others)
        self.no_story += found.no_story
        self.captures += len(found.captures) + len(found.revisits)
        self.refused.update(found.refused)

    def __str__(self) -> str:
        return (
            f"{counted(self.records, 'record or saved page', 'records and saved pages')}, "
            f"{self.elsewhere} of something else, {self.no_story} of the paper's other pages, "
            f"{counted(self.captures, 'capture')} of stories; "
            f"{counted(self.new, 'story')} taken over, {self.edited} edited, "
            f"{self.known} known, {self.excluded} excluded, "
            f"{counted(self.lines, 'line')} written; "
            f"{counted(self.older, 'capture')} older than the archive's text, "
            f"{self.lesser} with less text, "
            f"{counted(self.lone_revisits, 'revisit')} of pages that are not there, "
            f"refused: {_by_reason(self.refused)}; stories not read: {_by_reason(self.unread)}; "
            f"{self.damaged} damaged"
        )


def _by_reason(counts: Counter[str]) -> str:
    return ", ".join(f"{reason} {count}" for reason, count in sorted(counts.items())) or "none"


def take_over(archive: Archive, options: Options, address: str, workers: Workers) -> Summary:
    """Take over every story of the paper in a file or folder of captures.

    What the archive has is never made poorer. Damaged records and pages that cannot be read are
    logged and counted. Killed and run again it ends the same. ArchiveError when a file cannot be
    read or the archive not written.
    """
    _check_place(archive.folder, address)
    summary = Summary()
    with archive.spool(_TABLES) as spool:
        _survey(options, address, workers, spool, summary)
        count = spool.value("SELECT count(DISTINCT number) FROM captures WHERE page = ''")
        keeper = _Keeper(archive, options, summary)
        try:
            tasks = groups(_tasks(spool), _GROUP)
            read = workers.map(partial(_read_group, options.raw), tasks)
            stories = (story for group in read for story in group)
            for story in progress.track(stories, "reading captures", count):
                keeper.take(story)
            archive.close_group()
        finally:
            keeper.close()
    if options.images:
        summary.images = images.make_due(archive, keeper.exporter, keeper.kept)
    return summary


def _check_place(home: Path, address: str) -> None:
    """ArchiveError where captures lie in the output folder, but for its raw pages, or around it."""
    if warcreader.is_remote(address):
        return
    real, home = Path(address).resolve(), home.resolve()
    is_raw = home / "raw" in (real, *real.parents)
    if real in (home, *home.parents) or (home in real.parents and not is_raw):
        raise ArchiveError(
            f"{address} overlaps with the output folder {home}: name the captures themselves. "
            "Nothing was changed."
        )


def _survey(
    options: Options, address: str, workers: Workers, spool: Spool, summary: Summary
) -> None:
    """Note every capture of a story."""
    damages = _Named("Damaged")

    def readable() -> Iterator[Any]:
        for part in captures.parts(address):
            if isinstance(part, Damage):
                damages.add(str(part))
            else:
                yield part

    looked = workers.map(partial(captures.survey, site=options.site), readable())
    for found in progress.track(looked, "looking for stories"):
        summary.add(found)
        spool.run_many(f"INSERT INTO captures {_PUT}", map(_row, found.captures))
        spool.run_many(f"INSERT INTO revisits {_PUT}", map(_row, found.revisits))
        spool.run_many("INSERT INTO listed VALUES (?, ?, ?)", found.listed)
        for damage in found.damages:
            damages.add(damage)
    summary.damaged = damages.end()
    spool.run("CREATE INDEX said ON captures (said)")
    revisits = spool.value("SELECT count(*) FROM revisits")
    summary.lone_revisits = revisits - spool.run(_REVISITED)
    spool.run("CREATE INDEX story ON captures (number, id)")
    spool.run("CREATE INDEX times ON listed (number, seen)")


def _row(capture: Capture) -> tuple[Any, ...]:
    return tuple(getattr(capture, name) for name in Capture.__dataclass_fields__)


class _Named:
    """Sentences for the log, the first ones; all are counted."""

    def __init__(self, what: str) -> None:
        self._what, self._count = what, 0

    def add(self, sentence: str) -> None:
        self._count += 1
        if self._count <= _NAMED:
            logger.warning("%s: %s", self._what, sentence)

    def end(self) -> int:
        if self._count > _NAMED:
            logger.warning("%s: %d more, not named", self._what, self._count - _NAMED)
        return self._count


# --- one story, in one of several processes


@dataclass(frozen=True, slots=True)
class Task:
    """The captures of a story's first page, oldest first, and those of its further pages."""

    first: tuple[Capture, ...]
    further: tuple[Capture, ...]


@dataclass(slots=True)
class Version:
    """A text of a story. pages: the bytes of its pages in order, where they are to be kept."""

    article: Article
    record: str
    listed: datetime | None
    pages: list[tuple[str, bytes]]


@dataclass(slots=True)
class Story:
    """What the captures of a story give, oldest text first. troubles: reason and sentence."""

    number: str
    versions: list[Version] = field(default_factory=list)
    troubles: list[tuple[str, str]] = field(default_factory=list)
    lesser: int = 0


def _tasks(spool: Spool) -> Iterator[Task]:
    for _, rows in groupby(spool.rows(_ORDERED), key=itemgetter(0)):
        found = [Capture(*row) for row in rows]
        first = [one for one in found if not one.page]
        if first:
            distinct = [
                one for n, one in enumerate(first) if not n or one.digest != first[n - 1].digest
            ]
            yield Task(tuple(distinct), tuple(one for one in found if one.page))


def _read_group(keep_pages: bool, tasks: list[Task]) -> list[Story]:
    with Files() as files:
        return [_read_story(task, files, keep_pages=keep_pages) for task in tasks]


def _read_story(task: Task, files: Files, *, keep_pages: bool) -> Story:
    story = Story(task.first[0].number)
    for capture in task.first:
        try:
            extraction = _read_capture(capture, task.further, files)
            reader.finish(extraction)
        except (UnreadablePage, NotAStory) as error:
            sentence = f"{capture.id}, {capture.record} in {capture.file}: {error}"
            story.troubles.append((error.reason, sentence))
            continue
        pages = extraction.pages if keep_pages else []
        story.versions.append(Version(extraction.article, capture.record, extraction.listed, pages))
    _choose(story)
    return story


def _read_capture(capture: Capture, further: tuple[Capture, ...], files: Files) -> Extraction:
    """The story as its layout, or the generic fallback, reads it. UnreadablePage: none does."""
    page, address = Page(capture.url, captures.page(capture, files)), urls.StoryUrl.of(capture.url)
    if page.is_too_deep:
        raise UnreadablePage("its page is nested too deep to be read whole")
    crawled = datetime.fromisoformat(capture.moment)
    listed = datetime.fromisoformat(capture.listed) if capture.listed else None
    try:
        extraction = reader.read(page, address, crawled, listed)
    except UnreadablePage as error:
        try:
            return reader.fallback(page, address, crawled)
        except UnreadablePage:
            raise error from None
    while extraction.further.wanted:
        _join(extraction, capture, further, files)
    return extraction


def _join(
    extraction: Extraction, capture: Capture, further: tuple[Capture, ...], files: Files
) -> None:
    """Join the capture of the wanted page that is nearest in time to the first's."""
    key = captures.page_key(extraction.further.wanted, capture.number)
    crawled = datetime.fromisoformat(capture.moment)
    near = sorted(
        (abs(datetime.fromisoformat(one.moment) - crawled), place, one)
        for place, one in enumerate(further)
        if one.page == key
    )
    if not near:
        reader.leave_out_page(extraction, "there is no capture of it")
        return
    try:
        reader.join(extraction, Page(near[0][2].url, captures.page(near[0][2], files)))
    except UnreadablePage as error:
        reader.leave_out_page(extraction, str(error))


def _choose(story: Story) -> None:
    """Leave the texts that are worth keeping: read by a layout, whole, each differing from the one
    before it, and none with much less text than that."""
    kept = story.versions
    if any(one.article.layout != "generic" for one in kept):
        kept = [one for one in kept if one.article.layout != "generic"]
    whole = [one for one in kept if one.article.access == "free"]
    if kept and not whole:
        # Of cut texts the longest; the first of those.
        whole = [max(kept, key=lambda one: len(one.article.text))]
    chosen: list[Version] = []
    for one in whole:
        if chosen and chosen[-1].article.digest == one.article.digest:
            continue
        if not chosen or why_shorter(chosen[-1].article.text, one.article) is None:
            chosen.append(one)
    alike = {(one.article.digest, one.article.access) for one in chosen}
    story.lesser = sum(
        (one.article.digest, one.article.access) not in alike for one in story.versions
    )
    story.versions = chosen


# --- what the archive keeps of it


class _Keeper:
    """Writes stories into the archive."""

    def __init__(self, archive: Archive, options: Options, summary: Summary) -> None:
        self.archive, self.state, self.summary = archive, archive.state, summary
        self.exporter = JekyllPostExporter(options)
        self.texts = Texts(options.output / "articles.jsonl")
        self.raw = Raw(options.output) if options.raw else None
        self.unread = _Named("Not read")
        self.kept: list[str] = []
        """Numbers of the stories that were written."""

    def close(self) -> None:
        self.unread.end()
        if self.raw:
            self.raw.close()

    def take(self, story: Story) -> None:
        """Keep what the archive has not, or not as well."""
        known = self.state.get(story.number)
        self.summary.lesser += story.lesser
        if not story.versions:
            self._note_unread(known, *story.troubles[-1])
            return
        newest = story.versions[-1].article
        addresses = {newest.url, *((known.url, *known.urls) if known else ())}
        if rule := self.archive.exclusions.rule(story.number, addresses, newest.title):
            self.summary.excluded += 1
            logger.info("%s: left out by %s in exclude.txt", newest.id, rule)
            return
        try:
            for version in story.versions:
                self.texts.check(version.article)
            self._keep(known, story)
        except NotAStory as error:
            self._note_unread(known, error.reason, str(error))

    def _note_unread(self, known: Record | None, reason: str, sentence: str) -> None:
        if known is not None and known.status == "written":
            self.summary.known += 1
            return
        self.summary.unread[reason] += 1
        self.unread.add(sentence)

    def _keep(self, known: Record | None, story: Story) -> None:
        is_new = known is None or known.status != "written"
        record = known or Record.of(urls.StoryUrl.of(story.versions[0].article.url))
        post = None if is_new else self.archive.read_post(record.file or "")
        lines, earlier, count = bytearray(), {}, 0
        for version in story.versions:
            article = version.article
            if lines or not is_new:
                if not lines and not self._adds(record, article):
                    continue
                next_revision(article, record)
            elif record.file:  # it was written, and its post is no longer there
                next_revision(article, record)
            else:
                article.post = f"{POSTS}/{self.exporter.file_name(article, self.archive.is_taken)}"
            if post is not None:
                earlier[article.revision - 1] = post
            values = article.to_dict() | {"capture": version.record}
            new_line, post = encode_line(values), self.exporter.post(article, record.gone)
            if self.raw:
                self.raw.add(article.id, article.crawled, version.listed, version.pages)
            lines += new_line
            count += 1
            record = _written(record, article)
        if not lines:
            self.summary.known += 1
            return
        self.summary.lines += count
        self.summary.new += is_new
        self.summary.edited += not is_new
        self.kept.append(story.number)
        assert post is not None
        assert record.file is not None
        kept = partial(self._kept, known, record)
        with self.archive.writing():
            for revision, data in earlier.items():
                self.archive.write_revision(record.id, revision, data)
            self.archive.group.add(record, bytes(lines), {record.file: post}, done=kept)
        if len(self.archive.group) >= MOST:
            self.archive.close_group()

    def _kept(self, known: Record | None, record: Record, error: ArchiveError | None) -> None:
        """The pages of a story that could not be read before are not needed any more."""
        if error is None and record.layout != "generic" and known:
            for name in {record.id, known.id}:
                self.archive.quarantine.release(name)

    def _adds(self, known: Record, article: Article) -> bool:
        """Whether a capture is better, or later and an edit, than what the archive has."""
        if "generic" in (known.layout, article.layout) and known.layout != article.layout:
            self.summary.lesser += article.layout == "generic"
            return article.layout != "generic"
        if is_unchanged(known, article):
            return False
        is_whole = article.access == "free" and known.access not in (None, "free")
        if known.last_checked and article.crawled <= known.last_checked and not is_whole:
            self.summary.older += 1
            return False
        if why := why_lesser(self.archive, known, article):
            self.summary.lesser += 1
            logger.info("%s: %s; the post stays as it is", known.id, why)
            return False
        return True


def _written(known: Record, article: Article) -> Record:
    checked = max(known.last_checked or article.crawled, article.crawled)
    return replace(known.with_article(article), etag=None, last_modified=None, last_checked=checked)
