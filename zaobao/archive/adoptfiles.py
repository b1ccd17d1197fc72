"""The files of an archive that is taken over, and their places in this one."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from zaobao.archive import disk
from zaobao.archive.folder import POSTS
from zaobao.errors import ArchiveError
from zaobao.posts import PostError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from zaobao.archive.folder import Archive
    from zaobao.archive.state import State
    from zaobao.posts import Post

_DATED = re.compile(r"\d{4}-\d{2}-\d{2}-.+", re.S)
_ENDINGS = (".md", ".markdown")
_LONGEST = 255


def markdown_files(archive: Archive, path: Path) -> Iterator[Path]:
    """Every Markdown file at or below `path`, or below its `_posts`; links too, unfollowed.

    Hidden files and folders are left out. ArchiveError when something cannot be
    read, or `path` holds the archive or is one of its other folders.
    """
    with disk.guard(path, "Reading"):
        real, home = path.resolve(), archive.folder.resolve()
        if real == home:
            real = home / POSTS
        posts = home / POSTS
        if real in home.parents or (home in real.parents and posts not in (real, *real.parents)):
            raise ArchiveError(
                f"{path} overlaps with the output folder {home}: name the older archive itself. "
                "Nothing was changed."
            )
        if real.is_file():
            return iter([real])
        if (real / POSTS).is_dir():
            return _below(real / POSTS)
        if real.is_dir():
            return _below(real)
    raise ArchiveError(f"{path}: there is no such file or folder. Nothing was changed.")


def _below(folder: Path) -> Iterator[Path]:
    with disk.guard(folder, "Reading"):
        entries = sorted(folder.iterdir())
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir() and not entry.is_symlink():
            yield from _below(entry)
        elif entry.suffix in _ENDINGS:
            yield entry


def place(
    archive: Archive, state: State, name: str, day: date, post: Post, data: bytes
) -> tuple[str, bool]:
    """Copy a post into the archive byte for byte: its path there, and whether it is new.

    It keeps its name, with the day in front where Jekyll would miss that. Where
    another file or story has the name, the story's number is added. PostError
    when that is taken too, or the name is no UTF-8.
    """
    dated = name if _DATED.fullmatch(name) else f"{day}-{name}"
    for candidate in (_shortened(dated, ""), _shortened(dated, f"-{post.story.number}")):
        file = f"{POSTS}/{candidate}"
        if archive.has_post(file):
            if archive.read_post(file) == data:
                return file, False
        elif state.owner(file) in (None, post.story.number):
            return archive.write_post(candidate, data), True
    raise PostError("other posts have its name, with and without the story's number")


def _shortened(name: str, addition: str) -> str:
    path = PurePosixPath(name)
    try:
        stem = path.stem.encode()
    except UnicodeEncodeError:
        raise PostError("its name is not UTF-8") from None
    room = _LONGEST - len(path.suffix) - len(addition)
    return stem[:room].decode(errors="ignore") + addition + path.suffix
