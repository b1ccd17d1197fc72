"""The output folder: whether it can be written, free space, who holds the lock, leftovers."""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from typing import TYPE_CHECKING

from zaobao.archive import disk, lock
from zaobao.archive.exclusions import Exclusions
from zaobao.archive.folder import DOCTOR, FOLDERS
from zaobao.archive.images import INDEX
from zaobao.doctor.finding import Finding, fail, ok, size, some, warn
from zaobao.errors import ArchiveError
from zaobao.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FULL, LOW = 50_000_000, 1_000_000_000
"""Free bytes below which a run fails soon, and below which somebody should know."""
LARGE_FILE, LARGE_SITE = 50_000_000, 800_000_000
"""GitHub warns of a file of this size, and Pages refuses a site of a gigabyte."""
_FILES = ("articles.jsonl", "state.sqlite", "exclude.txt", ".lock")
_UNPUBLISHED = frozenset({*_FILES, DOCTOR, INDEX, "revisions", "quarantine", "raw", "runs"})
_UNSEEN = frozenset({".git", ".tmp", ".jekyll-cache", ".parts"})


def check(folder: Path) -> Iterator[Finding]:
    """Whether a run could write there. A folder that is not there yet is no trouble."""
    if not os.path.lexists(folder):
        yield _missing(folder)
        return
    troubles = list(_troubles(folder))
    if troubles:
        yield from (fail("output", trouble) for trouble in troubles)
    elif folder.is_symlink():
        yield warn("output", f"{folder} is a link to {folder.resolve()}; it works while that lasts")
    else:
        yield ok("output", f"{folder} can be written")
    if folder.is_dir():
        yield room(folder)


def _missing(folder: Path) -> Finding:
    above = next(path for path in folder.parents if os.path.lexists(path))
    if above.is_dir() and os.access(above, os.W_OK | os.X_OK):
        return ok("output", f"{folder} is not there yet; the first run makes it")
    return fail("output", f"{folder} is not there, and this user cannot make it in {above}")


def _troubles(folder: Path) -> Iterator[str]:
    if not folder.is_dir():
        yield f"{folder} is no folder: move it away, or set ZAOBAO_OUTPUT"
        return
    home = folder.stat().st_dev
    for path in (folder, *(folder / name for name in FOLDERS)):
        if path.is_symlink() and path != folder:
            yield f"{path} is a symbolic link, and nothing is written through one"
        elif path.exists() and not path.is_dir():
            yield f"{path} is no folder: move it away"
        elif path.is_dir() and not os.access(path, os.W_OK | os.X_OK | os.R_OK):
            yield f"this user may not write in {path}"
        elif path.is_dir() and path.stat().st_dev != home:
            yield f"{path} lies on another file system: the whole folder has to be on one"
    for path in (folder / name for name in _FILES):
        if path.is_symlink():
            yield f"{path} is a symbolic link, and nothing is written through one"
        elif path.exists() and not os.access(path, os.R_OK | os.W_OK):
            yield f"this user may not write {path}"


def room(folder: Path) -> Finding:
    """Free bytes and free names on the disk of the folder."""
    free, at = shutil.disk_usage(folder).free, os.statvfs(folder)
    if at.f_files and at.f_favail < 1000:
        return fail("disk", f"the file system has {at.f_favail} free inodes; remove files")
    if free < FULL:
        return fail("disk", f"{size(free)} free: make room")
    if free < LOW:
        return warn("disk", f"{size(free)} free: make room soon")
    return ok("disk", f"{size(free)} free")


def held(folder: Path) -> tuple[str | None, Finding]:
    """Who writes there just now, None for nobody; a crawl that runs is no trouble."""
    holder = lock.holder(folder / ".lock")
    return holder, ok("lock", f"held by {holder}" if holder else "free")


def leftovers(folder: Path, holder: str | None) -> Iterator[Finding]:
    """What a killed run left."""
    names = sorted(path.name for path in folder.glob("state.sqlite.damaged-*"))
    if names:
        yield warn("leftovers", f"a damaged state was set aside: {some(names)}; remove it some day")
    temporary = folder / ".tmp"
    if holder is None and temporary.is_dir() and not temporary.is_symlink():
        count = sum(1 for _ in temporary.iterdir())
        if count:
            yield warn(
                "leftovers",
                f".tmp/ holds {counted(count, 'file')} of a killed run; the next sweeps it",
            )


def excluded(folder: Path) -> tuple[Exclusions, Finding]:
    """The rules of exclude.txt, and whether it can be read and its lines are rules."""
    try:
        rules = Exclusions.read(folder)
    except ArchiveError as error:
        return Exclusions(), fail("exclude.txt", str(error))
    if rules.problems:
        said = f"{counted(len(rules.problems), 'line is no rule', 'lines are no rules')}: "
        said += rules.problems[0]
        return rules, warn("exclude.txt", said)
    return rules, ok("exclude.txt", f"{counted(len(rules.withdrawn), 'story')} withdrawn")


def quarantined(folder: Path) -> Finding:
    """How many pages could not be read, by reason."""
    reasons: Counter[str] = Counter()
    for path in sorted((folder / "quarantine").glob("*.json")):
        try:
            reasons[str(json.loads(path.read_bytes())["reason"])] += 1
        except FileNotFoundError:
            continue  # a run has read that page meanwhile
        except (OSError, ValueError, KeyError, TypeError):
            reasons["notes that cannot be read"] += 1
    if not reasons:
        return ok("quarantine", "empty")
    counts = ", ".join(f"{count} {reason}" for reason, count in reasons.most_common())
    return warn(
        "quarantine", f"{counted(reasons.total(), 'page')} that no layout could read: {counts}"
    )


def sizes(folder: Path) -> Finding:
    """The largest file, and how large the site would be: all that is no part of our own."""
    large: list[tuple[int, str]] = []
    built = site = 0
    for path, count in _files(folder):
        if count >= LARGE_FILE:
            large.append((count, disk.utf8(path)))
        top = path.partition("/")[0]
        if top == "_site":
            built += count
        elif top not in _UNPUBLISHED:
            site += count
    said = []
    if large:
        names = [f"{path} ({size(count)})" for count, path in sorted(large, reverse=True)]
        said.append(f"{some(names)}: keep it out of a git repository; GitHub refuses 100 MB")
    whole = f"the site has {size(max(built, site))}"
    if max(built, site) >= LARGE_SITE:
        said.append(
            f"{whole}, and GitHub Pages takes 1 GB: docs/publishing.md says what to do then"
        )
    return warn("sizes", "; ".join(said)) if said else ok("sizes", whole)


def _files(folder: Path) -> Iterator[tuple[str, int]]:
    """Every file below the folder with its size; links are not followed."""
    waiting = [""]
    while waiting:
        current = waiting.pop()
        try:
            entries = os.scandir(folder / current)
        except OSError:
            continue  # `check` has named a folder that cannot be read
        with entries:
            for entry in entries:
                path = f"{current}{entry.name}"
                try:
                    if entry.is_dir(follow_symlinks=False):
                        if entry.name not in _UNSEEN:
                            waiting.append(f"{path}/")
                    elif entry.is_file(follow_symlinks=False):
                        yield path, entry.stat().st_size
                except FileNotFoundError:
                    continue  # a run has replaced it meanwhile
