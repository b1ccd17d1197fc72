"""Taking over posts that have no line: those of an older archive, or of a lost articles.jsonl."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from zaobao import posts
from zaobao.archive import adoptlines, disk
from zaobao.archive.adoptfiles import markdown_files, place
from zaobao.archive.exclusions import Exclusions
from zaobao.archive.record import Record
from zaobao.lines import encode_line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from zaobao.archive.folder import Archive
    from zaobao.archive.state import State
    from zaobao.posts import Post

logger = logging.getLogger(__name__)

_CHUNK = 200


@dataclass(slots=True)
class Summary:
    """What came of it. problems: what was not taken over, and why, one by one."""

    found: int = 0  # Markdown files
    known: int = 0  # that had a line
    copied: int = 0  # into the output folder
    lines: int = 0  # written to articles.jsonl
    stories: int = 0  # whose posts had none
    further: int = 0  # posts without a line, since a crawl wrote their story
    excluded: int = 0  # left out by exclude.txt
    foreign: list[tuple[str, str]] = field(default_factory=list)  # no posts of the paper
    damaged: list[tuple[str, str]] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.found} files, {self.known} had a line; {self.stories} stories taken over, "
            f"{self.lines} lines written, {self.copied} posts copied, {self.further} further posts "
            f"of crawled stories, {self.excluded} excluded, "
            f"{len(self.foreign)} no posts of the paper, {len(self.damaged)} damaged"
        )


@dataclass(frozen=True, slots=True)
class _Found:
    """A post in the archive that has no line. when: of its `date:`, else of its address."""

    when: datetime
    file: str
    number: str


def adopt(
    archive: Archive,
    state: State,
    path: Path,
    *,
    legacy_times: bool = False,
    exclude: Exclusions | None = None,
) -> Summary:
    """Give each post at `path` a line and make its story known as written.

    path: a post, a folder of posts or one with `_posts`; posts outside the
    archive are copied into it first. What is no post, or a damaged one, is
    logged and stands in the summary. A story that `exclude` leaves out is not taken
    over from elsewhere; a withdrawn one is not even from `_posts`. ArchiveError
    when `path` cannot be read or the archive not written; what was adopted until
    then stays so.
    """
    summary = Summary()
    survey = _survey(archive, state, path, summary, exclude or Exclusions())
    found = sorted(survey, key=lambda post: (post.when, post.file))
    for start in range(0, len(found), _CHUNK):
        _adopt_chunk(archive, state, found[start : start + _CHUNK], summary, legacy_times)
    summary.stories = len({post.number for post in found})
    return summary


def _survey(
    archive: Archive, state: State, path: Path, summary: Summary, exclude: Exclusions
) -> Iterator[_Found]:
    for source in markdown_files(archive, path):
        summary.found += 1
        try:
            found = _look(archive, state, source, summary, exclude)
        except posts.PostError as error:
            name = disk.utf8(str(source)).encode("utf-8", "backslashreplace").decode()
            (summary.foreign if error.foreign else summary.damaged).append((name, str(error)))
            logger.warning("Not taken over: %s: %s", name, error)
            continue
        if found:
            yield found


def _look(
    archive: Archive, state: State, source: Path, summary: Summary, exclude: Exclusions
) -> _Found | None:
    """One file, copied into the archive where it has to be; None when it is not to be adopted."""
    data = disk.read(source) if not source.is_symlink() else None
    if data is None:
        raise posts.PostError("it is a link, and links are not followed", foreign=True)
    post = posts.read(data)
    when = post.date or datetime.combine(post.story.day, datetime.min.time(), UTC)
    is_own = source.parent.samefile(archive.posts)
    if _is_excluded(exclude, post, is_own=is_own):
        summary.excluded += 1
        logger.info("Not taken over: %s: exclude.txt leaves it out", source)
        return None
    if is_own:
        file = f"{archive.posts.name}/{disk.utf8(source.name)}"
    else:
        file, is_new = place(archive, state, disk.utf8(source.name), when.date(), post, data)
        summary.copied += is_new
    if state.has_post(post.story.number, file):
        summary.known += 1
        return None
    return _Found(when, file, post.story.number)


def _is_excluded(exclude: Exclusions, post: Post, *, is_own: bool) -> bool:
    number = post.story.number
    if is_own:
        return number in exclude.withdrawn
    return exclude.rule(number, (post.story.canonical,), post.title or "") is not None


def _adopt_chunk(
    archive: Archive, state: State, chunk: list[_Found], summary: Summary, legacy_times: bool
) -> None:
    """Write the lines of these posts in one go, then remember them in one go."""
    lines = bytearray()
    latest: dict[str, Record] = {}
    remembered: list[tuple[Record, str]] = []
    for found in chunk:
        data = archive.read_post(found.file)
        if data is None:
            continue
        post = posts.read(data)
        known = latest.get(found.number) or _known(state, post)
        if known.file and known.layout != "adopted":
            summary.further += 1
        else:
            known = adoptlines.next_text(archive, known, post, found.file, legacy_times)
            lines += encode_line(adoptlines.line(post, known, found.file, legacy_times))
            summary.lines += 1
        latest[found.number] = known
        remembered.append((known, found.file))
    _store(archive, state, bytes(lines), remembered)


def _store(
    archive: Archive, state: State, lines: bytes, remembered: list[tuple[Record, str]]
) -> None:
    if lines:
        archive.append(lines)
    complete = state.length is not None
    with state.batch():
        for known, file in remembered:
            files = () if file == known.file else (file,)
            state.remember(known, length=archive.length if complete else None, files=files)


def _known(state: State, post: Post) -> Record:
    story = post.story
    return state.get(story.number) or Record.of(story)
