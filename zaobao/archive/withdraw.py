"""Remove one story from everything that was written, for good.

Its tombstone in `exclude.txt` is durable before anything is removed: a
withdrawal that was killed is completed by doing it again, and meanwhile no run
brings the story back.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from zaobao import posts
from zaobao.archive import disk, images, raw
from zaobao.archive.exclusions import NAME, TOMBSTONE, number_of, read_text
from zaobao.archive.folder import DOCTOR
from zaobao.lines import decode_line
from zaobao.text import counted

if TYPE_CHECKING:
    from pathlib import Path

    from zaobao.archive.folder import Archive


@dataclass(slots=True)
class Withdrawn:
    """What was removed: files, lines and raw pages. was_known: whether the state knew it."""

    was_known: bool = False
    posts: int = 0
    lines: int = 0
    revisions: int = 0
    quarantined: int = 0
    raw: int = 0
    images: int = 0
    elsewhere: tuple[str, ...] = ()  # paths of pictures in a store that is no folder here
    reports: int = 0  # in which its id was struck out

    @property
    def any(self) -> bool:
        return bool(self.posts or self.lines or self.revisions or self.quarantined or self.raw)

    def __str__(self) -> str:
        kept = f"{counted(self.images, 'picture')}, " if self.images else ""
        return (
            f"{counted(self.posts, 'post')}, {counted(self.lines, 'line')}, "
            f"{counted(self.revisions, 'earlier text')}, "
            f"{counted(self.quarantined, 'page')} in quarantine, {kept}"
            f"{counted(self.raw, 'raw page')} removed, {counted(self.reports, 'report')} changed"
        )


def withdraw(archive: Archive, number: str, given: str, store: str) -> Withdrawn:
    """Leave the tombstone of story `number`, then remove all of it. given: its id or number.
    store: of pictures, as in `Options`.

    ArchiveError: what could not be removed is named; do it again.
    """
    state = archive.state
    record = state.get(number)
    if number not in archive.exclusions.withdrawn:
        _entomb(archive, record.id if record else given)
    found = Withdrawn(was_known=record is not None)
    complete = state.length is not None
    state.distrust()
    lines = [one for one in archive.find_lines(number.encode()) if _is_line(one[1], number)]
    found.images, elsewhere = images.remove(archive, number, [line for _, line in lines], store)
    found.elsewhere = tuple(elsewhere)
    found.lines = len(lines)
    if lines:
        archive.replace_lines((start, start + len(line), b"") for start, line in lines)
    found.posts = _remove(_posts(archive, number))
    found.revisions = _remove(_named(archive.folder / "revisions", number))
    found.quarantined = _remove(_named(archive.folder / "quarantine", number))
    if (archive.folder / "raw").is_dir():
        found.raw = raw.drop(archive.folder, number)
    found.reports = _strike_out(archive, number)
    for index in (DOCTOR, images.INDEX):
        _remove(list(archive.folder.glob(f"{index}*")))
    state.withdraw(number)
    if complete:
        state.length = archive.length
    return found


def _entomb(archive: Archive, story_id: str) -> None:
    """Add the tombstone of a story; it is durable when this returns. Other lines stay."""
    text = read_text(archive.folder)
    if text and not text.endswith("\n"):
        text += "\n"
    text += f"{story_id}  # {TOMBSTONE} {datetime.now(UTC):%Y-%m-%d}\n"
    archive.put(NAME, text.encode())


def _is_line(data: bytes, number: str) -> bool:
    line = decode_line(data)
    if line is None:  # torn or damaged: its text may be there all the same
        return _mention(number).search(data) is not None
    return number_of(str(line.get("id"))) == number


def _posts(archive: Archive, number: str) -> list[Path]:
    """Every post of the story, by the address in its front matter.

    What the state knows as another story's post is not opened.
    """
    files = [*archive.state.posts(number), *archive.state.unknown(archive.post_files())]
    paths = [archive.folder / disk.local(file) for file in files]
    return [path for path in paths if posts.is_of(disk.read(path) or b"", number)]


def _named(folder: Path, number: str) -> list[Path]:
    """What is named by the story's id, whatever its date."""
    name = re.compile(rf"20\d{{6}}-{number}(?:\.[a-z]+)?", re.A)
    with disk.guard(folder, "Listing"):
        return [path for path in folder.iterdir() if name.fullmatch(path.name)]


def _remove(paths: list[Path]) -> int:
    for path in paths:
        with disk.guard(path, "Removing"):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
    for folder in {path.parent for path in paths}:
        with disk.guard(folder, "Removing from"):
            disk.sync_folder(folder)
    return len(paths)


def _strike_out(archive: Archive, number: str) -> int:
    """Take the story's id out of the runs' reports and the audit's data."""
    mention, changed = _mention(number), 0
    for path in (*(archive.folder / "runs").glob("*.json"), archive.folder / "_data/audit.json"):
        data = disk.read(path) if path.is_file() else None
        if data is not None and mention.search(data):
            place = str(path.relative_to(archive.folder))
            archive.put(place, mention.sub(b"withdrawn", data))
            changed += 1
    return changed


def _mention(number: str) -> re.Pattern[bytes]:
    return re.compile(rb"(?:[\w:/.-]*/story)?20\d{6}-%s(?!\d)" % number.encode())
