"""The parts of the site: the posts of one month in Singapore each, and what tells that one changed.

Posts stay where they are in `_posts/`; only their `date:` says which part shows them.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections import defaultdict
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from zaobao.archive import disk
from zaobao.times import SINGAPORE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

PAGE_BYTES = 200_000
"""About how long the lists of one page may be; with all else no page exceeds 300 KB."""

_NAME = re.compile(r"(\d{4}-\d\d-\d\d)-.+\.(?:md|markdown)", re.S)
_DATE = re.compile(rb"^date:[ \t]*(\S[^\r\n]*)", re.M)
_TAGS = re.compile(rb"^tags:[ \t]*\[[^\r\n]*,", re.M)
_HEAD = 4096
_ROW = 200
"""About how many bytes a row of a list has besides headline and address."""


@dataclass(frozen=True, slots=True)
class PostFile:
    """One file of `_posts/`.

    seen: size, times of change and inode, which tell whether the file has to be read again; empty
    where it has to be. digest: of its bytes. at: `date:` in epoch seconds. has_keywords: whether it
    has tags besides the paper's name.
    """

    name: str
    seen: str
    digest: str
    at: int
    has_keywords: bool

    @property
    def day(self) -> str:
        """The day on which a reader in Singapore sees it: `2026-11-28`."""
        return f"{datetime.fromtimestamp(self.at, SINGAPORE):%Y-%m-%d}"

    @property
    def row_bytes(self) -> int:
        """About how long its row of a list is: the headline, and the address in percent signs."""
        return _ROW + 4 * len(self.name.encode("utf-8", "surrogateescape"))


def read_posts(folder: Path, cache: Path) -> list[PostFile]:
    """Every post below `folder`, sorted by name.

    cache: a file that remembers what was read, so that only changed posts are read again. It is
    written anew; where it cannot be read, all posts are. ArchiveError: a post cannot be read.
    """
    known = {post.name: post for post in _remembered(cache) if post.seen}
    found = sorted(_posts(folder, known), key=lambda post: post.name)
    if found != list(known.values()):
        data = json.dumps([astuple(post) for post in found], ensure_ascii=True)
        with disk.guard(cache, "Writing"):
            new = cache.with_suffix(".new")
            new.write_text(data, "ascii")
            new.replace(cache)
    return found


def _remembered(cache: Path) -> Iterator[PostFile]:
    try:
        yield from (PostFile(*values) for values in json.loads(cache.read_bytes()))
    except (OSError, ValueError, TypeError):
        return


def _posts(folder: Path, known: dict[str, PostFile]) -> Iterator[PostFile]:
    if not folder.exists():  # git keeps no empty folder
        return
    settled = time.time_ns() - disk.SETTLED
    with disk.guard(folder, "Reading"), os.scandir(folder) as entries:
        for entry in entries:
            name = disk.utf8(entry.name)
            dated = _NAME.fullmatch(name)
            if dated is None or not entry.is_file(follow_symlinks=False):
                continue
            at = entry.stat()
            seen = f"{at.st_size} {at.st_mtime_ns} {at.st_ctime_ns} {at.st_ino}"
            before = known.get(name)
            if before and before.seen == seen:
                yield before
                continue
            data = disk.read(folder / entry.name)
            if data is not None:  # a withdrawal has removed it meanwhile
                is_settled = max(at.st_mtime_ns, at.st_ctime_ns) < settled
                yield _read(name, dated[1], data, seen if is_settled else "")


def _read(name: str, day: str, data: bytes, seen: str) -> PostFile:
    head = data[:_HEAD].partition(b"\n---")[0]
    moment = _moment(_DATE.search(head), day)
    has_keywords = _TAGS.search(head) is not None
    digest = sha256(data).hexdigest()
    return PostFile(name, seen, digest, int(moment.timestamp()), has_keywords)


def _moment(found: re.Match[bytes] | None, day: str) -> datetime:
    """The instant of `date:`; the start of the day in the name where it is not there."""
    for text in (found[1].decode("utf-8", "replace").strip() if found else "", day):
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return datetime.fromtimestamp(0, UTC)  # no such day: Jekyll says what is wrong with it


def by_month(posts: Iterable[PostFile]) -> dict[str, list[PostFile]]:
    """The posts by month (`2026-11`), the newest month and the newest post first."""
    months: defaultdict[str, list[PostFile]] = defaultdict(list)
    for post in posts:
        months[post.day[:7]].append(post)
    for found in months.values():
        found.sort(key=lambda post: (post.at, post.name), reverse=True)
    return dict(sorted(months.items(), reverse=True))


def stamp(base: str, posts: Iterable[PostFile]) -> str:
    """What changes when a part has to be built again. base: of the layouts and settings."""
    digest = sha256(base.encode())
    for post in sorted(posts, key=lambda post: post.name):
        digest.update(f"\0{post.name}\0{post.digest}".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def pages(posts: Sequence[PostFile]) -> list[tuple[int, int]]:
    """The pages of a month's list, as first post and count; a day is kept together where it fits.

    posts: newest first.
    """
    found: list[tuple[int, int]] = []
    first = 0
    while first < len(posts):
        end, size = first, 0
        while end < len(posts) and (end == first or size + posts[end].row_bytes <= PAGE_BYTES):
            size += posts[end].row_bytes
            end += 1
        if end < len(posts):
            whole = end
            while whole > first and posts[whole].day == posts[whole - 1].day:
                whole -= 1
            end = whole if whole > first else end
        found.append((first, end - first))
        first = end
    return found
