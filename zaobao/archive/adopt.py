"""Take over posts without a line: from an older archive, or after articles.jsonl was lost."""

from __future__ import annotations

import logging
import os
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from zaobao import exporters, imagechecks, posts, progress, times
from zaobao.archive import disk
from zaobao.archive.folder import POSTS
from zaobao.archive.record import Record
from zaobao.errors import ArchiveError
from zaobao.lines import encode_line
from zaobao.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zaobao.archive.folder import Archive
    from zaobao.archive.spool import Spool
    from zaobao.posts import Post

logger = logging.getLogger(__name__)

ADOPTED = "adopted"
"""The layout of a line that was made from a post."""

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


def adopt(archive: Archive, path: Path, *, legacy_times: bool = False) -> Summary:
    """Give each post at `path` a line and make its story known as written.

    path: a post, a folder of posts or one with `_posts`; posts outside the
    archive are copied into it first. legacy_times: as of `ZAOBAO_TIMES`. What is
    no post, or a damaged one, is logged and stands in the summary. A story that
    exclude.txt leaves out is not taken over from elsewhere; a withdrawn one is not
    even from `_posts`. ArchiveError when `path` cannot be read or the archive not
    written; what was adopted until then stays so.
    """
    with archive.spool(_TABLES) as found:
        adoption = _Adoption(archive, legacy_times, found)
        adoption.survey(path)
        adoption.write()
    return adoption.summary


class _Adoption:
    """found: by the file of each post that gets a line, its time and its story's number.

    time: of its `date:`, else of its address.
    """

    def __init__(self, archive: Archive, legacy_times: bool, found: Spool) -> None:
        self.archive, self.state, self.legacy_times = archive, archive.state, legacy_times
        self.summary = Summary()
        self.found = found
        self.revised = archive.revised()
        self.copies: dict[str, bytes] = {}
        """Posts that are to be copied into the archive, by their files there."""
        self.copied_bytes = 0

    # --- which posts

    def survey(self, path: Path) -> None:
        """Find the posts that have no line, and copy each into the archive where it has to be."""
        for source, is_own in self._sources(path):
            self.summary.found += 1
            try:
                self._look(source, is_own=is_own)
            except posts.PostError as error:
                name = disk.utf8(str(source)).encode("utf-8", "backslashreplace").decode()
                kind = self.summary.foreign if error.foreign else self.summary.damaged
                kind.append((name, str(error)))
                logger.warning("Not taken over: %s: %s", name, error)
        self._write_copies()
        self.summary.stories = self.found.value("SELECT count(DISTINCT number) FROM found")

    def _sources(self, path: Path) -> Iterator[tuple[Path, bool]]:
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
            yield from ((folder / name, is_own) for name in looked)

    def _look(self, source: Path, *, is_own: bool) -> None:
        data = disk.read(source) if not source.is_symlink() else None
        if data is None:
            raise posts.PostError("it is a link, and links are not followed", foreign=True)
        post = posts.read(data)
        when = post.date or datetime.combine(post.story.day, datetime.min.time(), UTC)
        if self._is_excluded(post, is_own=is_own):
            self.summary.excluded += 1
            logger.info("Not taken over: %s: exclude.txt leaves it out", source)
            return
        name = disk.utf8(source.name)
        if not _is_utf8(name):
            raise posts.PostError("its name is not UTF-8")
        file = f"{POSTS}/{name}" if is_own else self._copy(name, when.date(), post, data)
        row = (file, when.timestamp(), post.story.number)
        # An equal post may lie elsewhere, too.
        if self.state.has_post(post.story.number, file) or not self.found.run(
            "INSERT OR IGNORE INTO found VALUES (?, ?, ?)", row
        ):
            self.summary.known += 1

    def _is_excluded(self, post: Post, *, is_own: bool) -> bool:
        number = post.story.number
        if is_own:
            return number in self.archive.exclusions.withdrawn
        return (
            self.archive.exclusions.rule(number, (post.story.canonical,), post.title or "")
            is not None
        )

    def _copy(self, name: str, day: date, post: Post, data: bytes) -> str:
        """Copy a post into the archive byte for byte; its path there.

        It keeps its name, with the day in front where Jekyll would miss that. Where
        another file or story has the name, the story's number is added. PostError
        when that is taken too.
        """
        number = post.story.number
        dated = name if _DATED.fullmatch(name) else f"{day}-{name}"
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
        home = self.archive.folder / imagechecks.FOLDER
        return any(not (home / path.decode()).is_file() for path in _SHOWN.findall(data))

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
        found = self.found.rows("SELECT file FROM found ORDER BY time, file")
        for (file,) in progress.track(found, "writing lines", count):
            data = self.archive.read_post(file)
            if data is None:
                continue
            post = posts.read(data)
            record, line = self._record(post), b""
            if record.file and record.layout != ADOPTED:
                self.summary.further += 1
            else:
                record = self._with_text(record, post, file)
                line = encode_line(self._line(post, record, file))
                self.summary.lines += 1
            group.add(record, line, files=() if file == record.file else (file,))
            if len(group) >= _GROUP or group.size >= _GROUP_BYTES:
                self.archive.close_group()
        self.archive.close_group()

    def _record(self, post: Post) -> Record:
        return self.state.get(post.story.number) or Record.of(post.story)

    def _with_text(self, record: Record, post: Post, file: str) -> Record:
        """The story with one more text: the first post stays its file."""
        published, _ = post.published(legacy_times=self.legacy_times)
        before = record.revision or 0
        while (
            record.id in self.revised
            and self.archive.read_revision(record.id, before + 1) is not None
        ):
            before += 1
        return replace(
            record,
            file=record.file or file,
            digest=None,
            published=published,
            access=post.front.get("access"),
            revision=before + 1,
            layout="generic" if post.front.get("layout_seen") == "generic" else ADOPTED,
            first_seen=record.first_seen or published or post.date or times.now(),
            gone=post.moment("gone"),
        )

    def _line(self, post: Post, record: Record, file: str) -> dict[str, Any]:
        """What the post says, as a line; what it does not say is None, or an empty list."""
        published, source = post.published(legacy_times=self.legacy_times)
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
            "revision": record.revision,
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
    path = PurePosixPath(name)
    room = _LONGEST - len(path.suffix) - len(addition)
    return path.stem.encode()[:room].decode(errors="ignore") + addition + path.suffix
