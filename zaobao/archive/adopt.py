"""Take over posts without a line: from an older archive, or after articles.jsonl was lost."""

from __future__ import annotations

import logging
import os
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from zaobao import exporters, imagechecks, posts, progress, times
from zaobao.archive import disk
from zaobao.archive.folder import POSTS
from zaobao.archive.record import Record
from zaobao.errors import ArchiveError
from zaobao.items import FIRST
from zaobao.lines import decode_line, encode_line
from zaobao.text import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from zaobao.archive.folder import Archive
    from zaobao.archive.spool import Spool
    from zaobao.archive.workers import Workers
    from zaobao.posts import Post

_T = TypeVar("_T")
_R = TypeVar("_R")

logger = logging.getLogger(__name__)

ADOPTED = "adopted"
"""The layout of a line that was made from a post."""

_TOGETHER = 64
"""Posts that a process is given at a time."""
_GROUP, _GROUP_BYTES = 1000, 1 << 24
"""Posts, and bytes of posts, that are copied, or whose lines are written, in one go."""
_TABLES = """
CREATE TABLE found (file TEXT PRIMARY KEY, time REAL NOT NULL, number TEXT NOT NULL) WITHOUT ROWID;
"""
_DATED = re.compile(r"\d{4}-\d{2}-\d{2}-.+", re.S)
_SHOWN = re.compile(rb'"%s(%s)"' % (exporters.IMAGES.encode(), imagechecks.PATH.encode()))
_ENDINGS = (".md", ".markdown")
_LONGEST = 255


@dataclass(slots=True)
class Summary:
    """The outcome, in counts. foreign, damaged: file and reason of what was not taken over."""

    found: int = 0  # Markdown files
    known: int = 0  # that had a line
    copied: int = 0  # into the output folder
    pictured: int = 0  # of these, that show kept pictures which the output folder lacks
    lines: int = 0  # written to articles.jsonl
    stories: int = 0  # whose posts had none
    further: int = 0  # posts without a line, since a crawl wrote their story
    excluded: int = 0  # left out by exclude.txt
    foreign: list[tuple[str, str]] = field(default_factory=list)  # no posts of the paper
    damaged: list[tuple[str, str]] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{counted(self.found, 'file')}, {self.known} had a line; "
            f"{counted(self.stories, 'story')} taken over, "
            f"{counted(self.lines, 'line')} written, {counted(self.copied, 'post')} copied, "
            f"{counted(self.further, 'further post')} of crawled stories, "
            f"{self.excluded} excluded, {len(self.foreign)} not of the paper, "
            f"{len(self.damaged)} damaged"
        )


def adopt(
    archive: Archive, path: Path, workers: Workers | None = None, *, legacy_times: bool = False
) -> Summary:
    """Give each post at `path` a line and make its story known as written.

    path: a post, a folder of posts or one with `_posts`; posts outside the
    archive are copied into it first. workers: read the posts; without them this
    process does. legacy_times: as of `ZAOBAO_TIMES`. What is no post, or a damaged
    one, is logged and stands in the summary. A story that exclude.txt leaves out is
    not taken over from elsewhere; a withdrawn one is not even from `_posts`.
    ArchiveError when `path` cannot be read or the archive not written; what was
    adopted until then stays so.
    """
    with archive.spool(_TABLES) as found:
        adoption = _Adoption(archive, workers, legacy_times, found)
        adoption.survey(path)
        adoption.write()
    return adoption.summary


class _Adoption:
    """found: by the file of each post that gets a line, its time and its story's number.

    time: of its `date:`, else of its address.
    """

    def __init__(
        self, archive: Archive, workers: Workers | None, legacy_times: bool, found: Spool
    ) -> None:
        self.archive, self.state, self.legacy_times = archive, archive.state, legacy_times
        self.workers = workers
        self.summary = Summary()
        self.found = found
        self.revised = archive.revised()
        self.pictures = archive.folder / imagechecks.FOLDER
        self.copies: dict[str, bytes] = {}
        """Posts that are to be copied into the archive, by their files there."""
        self.copied_bytes = 0

    # --- which posts

    def survey(self, path: Path) -> None:
        """Find the posts that have no line, and copy each into the archive where it has to be."""
        for source, is_own, seen in self._read(_look, self._sources(path)):
            self.summary.found += 1
            try:
                if isinstance(seen, posts.PostError):
                    raise seen
                self._note(source, seen, is_own=is_own)
            except posts.PostError as error:
                name = disk.utf8(source).encode("utf-8", "backslashreplace").decode()
                kind = self.summary.foreign if error.foreign else self.summary.damaged
                kind.append((name, str(error)))
                logger.warning("Not taken over: %s: %s", name, error)
        self._write_copies()
        self.summary.stories = self.found.value("SELECT count(DISTINCT number) FROM found")

    def _read(self, function: Callable[[_T], _R], tasks: Iterable[_T]) -> Iterator[_R]:
        """What the function gives for each task, in order."""
        if self.workers is None:
            return map(function, tasks)
        from zaobao.archive.workers import each  # multiprocessing, which a crawl does without

        return each(self.workers, function, tasks, _TOGETHER)

    def _sources(self, path: Path) -> Iterator[tuple[str, bool]]:
        """Each Markdown file, and whether it lies in the archive already.

        Of the archive's own only those that no known story has; the others are counted.
        """
        for folder, names in _markdown_files(self.archive.folder, path):
            is_own = folder.samefile(self.archive.posts)
            if is_own:
                files = {f"{POSTS}/{disk.utf8(name)}": name for name in names}
                unknown = self.state.unknown(files)
                known = len(files) - len(unknown)
                self.summary.found += known
                self.summary.known += known
                names = [files[file] for file in unknown]
            looked = progress.track(names, "looking at posts", len(names))
            yield from ((f"{folder}/{name}", is_own) for name in looked)

    def _note(self, source: str, seen: _Seen, *, is_own: bool) -> None:
        """Note a post that gets a line."""
        if self._is_excluded(seen, is_own=is_own):
            self.summary.excluded += 1
            logger.info("Not taken over: %s: exclude.txt leaves it out", source)
            return
        name = disk.utf8(source.rpartition("/")[2])
        if not _is_utf8(name):
            raise posts.PostError("its name is not UTF-8")
        file = f"{POSTS}/{name}" if is_own else self._copy(name, seen)
        row = (file, seen.when.timestamp(), seen.number)
        # An equal post may lie elsewhere, too.
        if self.state.has_post(seen.number, file) or not self.found.run(
            "INSERT OR IGNORE INTO found VALUES (?, ?, ?)", row
        ):
            self.summary.known += 1

    def _is_excluded(self, seen: _Seen, *, is_own: bool) -> bool:
        exclusions = self.archive.exclusions
        if is_own:
            return seen.number in exclusions.withdrawn
        return exclusions.rule(seen.number, (seen.url,), seen.title) is not None

    def _copy(self, name: str, seen: _Seen) -> str:
        """Copy a post into the archive byte for byte; its path there.

        It keeps its name, with the day in front where Jekyll would miss that. Where
        another file or story has the name, the story's number is added. PostError
        when that is taken too.
        """
        number, data = seen.number, seen.data
        dated = name if _DATED.fullmatch(name) else f"{seen.when.date()}-{name}"
        for addition in ("", f"-{number}"):
            file = f"{POSTS}/{_shortened(dated, addition)}"
            if file in self.copies or self.archive.has_post(file):
                if (self.copies.get(file) or self.archive.read_post(file)) == data:
                    return file
            elif self.state.owner(file) in (None, number):
                self.summary.copied += 1
                self.summary.pictured += self._lacks_pictures(data)
                self.copies[file] = data
                self.copied_bytes += len(data)
                if len(self.copies) >= _GROUP or self.copied_bytes >= _GROUP_BYTES:
                    self._write_copies()
                return file
        raise posts.PostError("other posts have its name, with and without the story's number")

    def _lacks_pictures(self, data: bytes) -> bool:
        return any(not (self.pictures / path.decode()).is_file() for path in _SHOWN.findall(data))

    def _write_copies(self) -> None:
        if self.copies:
            self.archive.write_posts(self.copies)
        self.copies.clear()
        self.copied_bytes = 0

    # --- their lines

    def write(self) -> None:
        """Write the lines of the posts by their times; each group in one go, then its rows."""
        group = self.archive.group
        count = self.found.value("SELECT count(*) FROM found")
        found = (file for (file,) in self.found.rows("SELECT file FROM found ORDER BY time, file"))
        told = self._read(partial(_tell, self.archive.posts, self.legacy_times), found)
        for post in progress.track(told, "writing lines", count):
            if post is None:
                continue
            known, line = self.state.get(post.record.number), b""
            if known and known.file and known.layout != ADOPTED:
                record = known
                self.summary.further += 1
            else:
                record = self._with_text(known or post.record, post.record)
                line = post.line
                if record.revision != FIRST:
                    line = encode_line({**(decode_line(line) or {}), "revision": record.revision})
                self.summary.lines += 1
            group.add(record, line, files=() if post.file == record.file else (post.file,))
            if len(group) >= _GROUP or group.size >= _GROUP_BYTES:
                self.archive.close_group()
        self.archive.close_group()

    def _with_text(self, record: Record, told: Record) -> Record:
        """The story with one more text: the first post stays its file."""
        before = record.revision or 0
        while (
            record.id in self.revised
            and self.archive.read_revision(record.id, before + 1) is not None
        ):
            before += 1
        return replace(
            record,
            file=record.file or told.file,
            digest=None,
            published=told.published,
            access=told.access,
            revision=before + 1,
            layout=told.layout,
            first_seen=record.first_seen or told.first_seen or times.now(),
            gone=told.gone,
        )


# --- one post, in one of several processes


class _Seen(NamedTuple):
    """A post that was looked at. when: its `date:`, else the day of its address. data: its bytes,
    where it is to be copied."""

    number: str
    url: str
    title: str
    when: datetime
    data: bytes


class _Told(NamedTuple):
    """What a post tells of its story: its line, as the story's first one."""

    file: str
    record: Record
    line: bytes


def _look(task: tuple[str, bool]) -> tuple[str, bool, _Seen | posts.PostError]:
    source, is_own = task
    path = Path(source)
    try:
        data = disk.read(path) if not path.is_symlink() else None
        if data is None:
            raise posts.PostError("it is a link, and links are not followed", foreign=True)
        post = posts.read(data)
    except posts.PostError as error:
        return source, is_own, error
    when = post.date or datetime.combine(post.story.day, datetime.min.time(), UTC)
    kept = b"" if is_own else data
    seen = _Seen(post.story.number, post.story.canonical, post.title or "", when, kept)
    return source, is_own, seen


def _tell(folder: Path, legacy_times: bool, file: str) -> _Told | None:
    """None: the post is no longer there."""
    data = disk.read(folder / disk.local(file.removeprefix(f"{POSTS}/")))
    if data is None:
        return None
    post = posts.read(data)
    published, source = post.published(legacy_times=legacy_times)
    record = Record(
        post.story.number,
        post.story.id,
        post.story.canonical,
        file=file,
        published=published,
        access=post.front.get("access"),
        layout="generic" if post.front.get("layout_seen") == "generic" else ADOPTED,
        first_seen=published or post.date,
        gone=post.moment("gone"),
    )
    return _Told(file, record, encode_line(_line(post, file, published, source)))


def _line(post: Post, file: str, published: datetime | None, source: str | None) -> dict[str, Any]:
    """What the post says, as a line; what it does not say is None, or an empty list."""
    return {
        "id": post.story.id,
        "url": post.story.canonical,
        "fetched_url": None,
        "section": post.story.section,
        "edition": post.front.get("edition"),
        "layout": ADOPTED,
        "title": post.title,
        "published": times.iso(published),
        "published_raw": None,
        "published_from": source,
        "updated": times.iso(post.moment("updated")),
        "crawled": times.iso(post.crawled),
        "authors": post.authors,
        "tags": post.keywords,
        "language": "zh-Hans",
        "images": [],
        "body_html": post.body,
        "text": post.text,
        "access": post.front.get("access"),
        "access_reason": None,
        "removed": [],
        "digest": None,
        "revision": FIRST,
        "post": file,
    }


def _markdown_files(home: Path, path: Path) -> Iterator[tuple[Path, list[str]]]:
    """Every Markdown file at or below `path`, or below its `_posts`, by folder; links too,
    unfollowed.

    home: the output folder. Hidden files and folders are left out. ArchiveError
    when something cannot be read, or `path` holds the archive or is one of its
    other folders.
    """
    with disk.guard(path, "Reading"):
        real, home = path.resolve(), home.resolve()
        own = home / POSTS
        if real == home:
            real = own
        if real in home.parents or (home in real.parents and own not in (real, *real.parents)):
            raise ArchiveError(
                f"{path} overlaps with the output folder {home}: name the older archive itself. "
                "Nothing was changed."
            )
        if real.is_file():
            return iter([(real.parent, [real.name])])
        if (real / POSTS).is_dir():
            return _below(real / POSTS)
        if real.is_dir():
            return _below(real)
    raise ArchiveError(f"{path}: there is no such file or folder. Nothing was changed.")


def _below(folder: Path) -> Iterator[tuple[Path, list[str]]]:
    with disk.guard(folder, "Reading"), os.scandir(folder) as entries:
        found = sorted(
            (entry.name, entry.is_dir(follow_symlinks=False))
            for entry in entries
            if not entry.name.startswith(".")
        )
    names: list[str] = []
    for name, is_folder in found:
        if is_folder:
            yield folder, names
            names = []
            yield from _below(folder / name)
        elif name.endswith(_ENDINGS):
            names.append(name)
    yield folder, names


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _shortened(name: str, addition: str) -> str:
    """The name with an addition before its ending, in 255 bytes."""
    if not addition and len(name.encode()) <= _LONGEST:
        return name
    path = PurePosixPath(name)
    room = _LONGEST - len(path.suffix) - len(addition)
    return path.stem.encode()[:room].decode(errors="ignore") + addition + path.suffix
