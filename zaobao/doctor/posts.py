"""What lies in `_posts/` and would harm the site: for `scrapy doctor`.

A crawl writes only posts that the exporter has checked. Other files come from older
archives, from editors and from other programs, and Jekyll answers many of them
with no site at all, or with a story that is missing without a word.
"""

from __future__ import annotations

import os
import re
import stat
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from lxml import etree
from lxml import html as lxml_html

from zaobao import exporters, names, posts, progress, urls
from zaobao.archive import disk
from zaobao.archive.workers import each, workers_for
from zaobao.cleaning import elements
from zaobao.doctor.memory import text
from zaobao.errors import BadPost

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from zaobao.doctor.memory import Memory

SECOND = "a second post of story"
"""How the sentence begins that names one of several posts of a story."""
AHEAD = timedelta(days=1)
"""A date of which only the day is known is noon of that day."""

_GIVEN = 256
"""Files that a process is given at a time."""
_TOGETHER = 1000
"""Keys of posts that are stored in one go."""
_NAME = re.compile(r"(\d{4}-\d{2}-\d{2})-.+\.(md|markdown)")
_LIQUID = re.compile(r"\{[{%]")
_ACTIVE = set(elements.SKIPPED) - {"head", "title", "option", "area", "map", "param", "track"}
_ACTIVE |= {"button", "frame", "applet", "form", "input", "video", "audio"}
_ADDRESS = re.compile(r"(?:https?:|mailto:|[/?#]|[^:]*\Z)", re.I)


def look(folder: Path, seen: Memory) -> None:
    """List a folder of posts. ArchiveError when it cannot be read."""
    with disk.guard(folder, "Listing"), os.scandir(os.fsencode(folder)) as entries:
        seen.run_many("INSERT INTO listing VALUES (?, ?, ?, ?, ?, ?)", _listed(entries))


def _listed(entries: Iterator[os.DirEntry[bytes]]) -> Iterator[tuple[Any, ...]]:
    for entry in entries:
        try:
            at = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            continue  # a run has replaced it meanwhile
        try:
            name = entry.name.decode()
        except UnicodeDecodeError:
            name = text(entry.name.decode("utf-8", "surrogateescape"))
        yield name, at.st_ino, at.st_size, at.st_mtime_ns, at.st_ctime_ns, at.st_mode


def problems(folder: Path, now: datetime, seen: Memory) -> Iterator[tuple[str, str]]:
    """What is wrong in a folder of posts, as (file name, what Jekyll or a reader gets from it).

    now: an aware datetime; a `date:` more than a day after it is a fault. seen: what
    `look` has listed, and what was sound before, which is not opened again.
    ArchiveError when a file cannot be read.
    """
    for table in ("sound", "keys"):
        # A system's own files are passed over.
        seen.run(f"DELETE FROM {table} WHERE file NOT IN (SELECT file FROM listing)")  # noqa: S608
    seen.run("DELETE FROM listing WHERE file GLOB '.*' AND file NOT GLOB '*.md*'")
    found = [(name, 0, wrong) for name, wrong in _changed(folder, now, seen)]
    found += [
        (name, 1, f"{SECOND} {number}, beside {other!r}: keep one of them")
        for name, number, other in seen.rows(
            "SELECT file, number, first FROM sound JOIN (SELECT number, min(file) AS first "
            "FROM sound GROUP BY number HAVING count(*) > 1) USING (number) WHERE file != first"
        )
    ]
    found += [
        (name, 2, _CLASH[key.partition(":")[0]].format(other))
        for name, key, other in seen.rows(
            "SELECT file, key, first FROM keys JOIN (SELECT key, min(file) AS first "
            "FROM keys GROUP BY key HAVING count(*) > 1) USING (key) WHERE file != first"
        )
    ]
    yield from ((name, wrong) for name, _, wrong in sorted(found))


def _changed(folder: Path, now: datetime, seen: Memory) -> Iterator[tuple[str, str]]:
    """What is wrong with files that are not as they were when they were sound."""
    where = (
        "FROM listing WHERE NOT EXISTS (SELECT 1 FROM sound WHERE sound.file = listing.file AND "
        "sound.inode = listing.inode AND sound.size = listing.size AND "
        "sound.mtime = listing.mtime AND sound.ctime = listing.ctime)"
    )
    count = seen.value(f"SELECT count(*) {where}")
    changed = seen.rows(f"SELECT file, inode, size, mtime, ctime, mode {where} ORDER BY file")
    keys: list[tuple[str, str]] = []
    sound: list[tuple[Any, ...]] = []
    with workers_for(count) as those:
        looked = each(those, partial(_look, folder, now), changed, _GIVEN)
        for name, facts, both, wrong, number in progress.track(looked, "looking at posts", count):
            keys += [(key, name) for key in both]
            if len(keys) >= _TOGETHER:
                _note(keys, sound, seen)
            if wrong is None:
                # What changed just now may change again and look the same: nothing fits -1.
                inode = facts[0] if seen.is_settled(facts[-1]) else -1
                sound.append((name, inode, *facts[1:], number))
            else:
                seen.run("DELETE FROM sound WHERE file = ?", (name,))
                yield name, wrong
    _note(keys, sound, seen)


def _look(
    folder: Path, now: datetime, row: tuple[Any, ...]
) -> tuple[str, tuple[int, ...], tuple[str, str], str | None, str]:
    """A listed file's name, facts and keys, what is wrong with it, and the number of its story."""
    name, *facts, mode = row
    wrong, number = _entry_problem(mode) or name_problem(name), ""
    if wrong is None:
        wrong, number = _problem(disk.read(folder / disk.local(name)) or b"", now)
    return name, tuple(facts), names.post_keys(name), wrong, number


def _note(keys: list[tuple[str, str]], sound: list[tuple[Any, ...]], seen: Memory) -> None:
    """Store what was seen of some posts, and forget it here."""
    seen.run_many("INSERT OR IGNORE INTO keys VALUES (?, ?)", keys)
    seen.run_many("INSERT OR REPLACE INTO sound VALUES (?, ?, ?, ?, ?, ?)", sound)
    keys.clear()
    sound.clear()


_CLASH = {
    "file": "macOS and Windows take {!r} for the same file: rename one",
    "page": "Jekyll gives it the address of {!r}, and one of them is lost: rename one",
}


def _entry_problem(mode: int) -> str | None:
    if stat.S_ISLNK(mode):
        return "a symbolic link: Jekyll publishes what it leads to, or fails; put the file there"
    if not stat.S_ISREG(mode):
        return "no file: posts lie flat in the folder, and Jekyll publishes what is below; move it"
    return None


def name_problem(name: str) -> str | None:
    """What is wrong with a post's file name; None for one that Jekyll and every system can hold."""
    found = _NAME.fullmatch(name)
    if not found:
        return "no name of a post (date-title.md): Jekyll passes it over, or publishes it as it is"
    try:
        date.fromisoformat(found[1])
    except ValueError:
        return f"no such day: {found[1]}; Jekyll builds nothing at all"
    if unfit := names.unfit(name):
        return f"U+{ord(unfit):04X} in its name: not every system can hold that"
    if names.post_keys(name)[1].endswith("/"):
        return "no letter or digit in its title: its page has no address"
    return None


def _problem(data: bytes, now: datetime) -> tuple[str | None, str]:
    """What is wrong with a post, and the number of its story."""
    facts = _facts(data)
    if facts is None:
        try:
            post = posts.read(data)
        except posts.PostError as error:
            return _older_problem(data) or str(error), ""
        if wrong := _older_problem(data) or _active(post.body):
            return wrong, ""
        facts = post.story.number, post.date
    number, written = facts
    if written and written > now + AHEAD:
        day = f"{written:%Y-%m-%d}"
        return f"its date lies ahead ({day}): Jekyll leaves it out, or puts it on top", ""
    return None, number


def _facts(data: bytes) -> tuple[str, datetime | None] | None:
    """The story's number and the `date:` of a post in today's form, which is most; else None."""
    try:
        url, written = exporters.post_facts(data)
    except BadPost:
        return None
    story = urls.story(url)
    return (story.number, written) if story else None


def _older_problem(data: bytes) -> str | None:
    """What is wrong with the form of a post of an older archive."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        return f"not UTF-8 at byte {error.start}: Jekyll drops it without a word"
    if unfit := exporters.UNFIT.search(text):
        return f"U+{ord(unfit[0]):04X} in it"
    head, mark, rest = text.removeprefix("---\n").partition("\n---\n")
    if not (text.startswith("---\n") and mark):
        return "no front matter between two lines of ---: it is no post, or torn"
    if wrong := posts.front_problem(head):
        return wrong
    if _LIQUID.search(rest):
        return "Liquid ({{ or {%) in its text: Jekyll runs it, or builds nothing at all"
    return None


def _active(body: str) -> str | None:
    """What of a body acts in a reader's browser, or ends the block that keeps Markdown off."""
    if len(re.findall("<div\\b", body, re.I)) != len(re.findall("</div\\b", body, re.I)):
        return "a <div> too many or too few: Markdown runs in what follows"
    if not body.strip():
        return "no text"
    for element in lxml_html.fragment_fromstring(body, create_parent="div").iter(etree.Element):
        if element.tag in _ACTIVE:
            return f"<{element.tag}> in its text: it may act in a reader's browser"
        for key, value in element.items():
            if key.lower().startswith("on") or key.lower() == "markdown":
                return f"the attribute {key} in its text: it acts in a browser or in Jekyll"
            if key in ("href", "src") and not _ADDRESS.match("".join(value.split())):
                return f"the address {value[:40]!r} in its text"
    return None
