"""What lies in `_posts/` and would harm the site: for `scrapy doctor`.

A crawl writes only posts that the exporter has checked. Other files come from older
archives, from editors and from other programs, and Jekyll answers many of them
with no site at all, or with a story that is missing without a word.
"""

from __future__ import annotations

import os
import re
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from lxml import etree
from lxml import html as lxml_html

from zaobao import exporters, names, posts
from zaobao.archive import disk
from zaobao.cleaning import elements

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECOND = "a second post of story"
"""How the sentence begins that names one of several posts of a story."""
AHEAD = timedelta(days=1)
"""A date of which only the day is known is noon of that day."""

_NAME = re.compile(r"(\d{4}-\d{2}-\d{2})-.+\.(md|markdown)")
_LIQUID = re.compile(r"\{[{%]")
_ACTIVE = set(elements.SKIPPED) - {"head", "title", "option", "area", "map", "param", "track"}
_ACTIVE |= {"button", "frame", "applet", "form", "input", "video", "audio"}
_ADDRESS = re.compile(r"(?:https?:|mailto:|[/?#]|[^:]*\Z)", re.I)


def problems(folder: Path, now: datetime) -> Iterator[tuple[str, str]]:
    """What is wrong in a folder of posts, as (file name, what Jekyll or a reader gets from it).

    now: an aware datetime; a `date:` more than a day after it is a fault.
    ArchiveError when the folder or a file in it cannot be read.
    """
    with disk.guard(folder, "Listing"), os.scandir(folder) as scanned:
        entries = sorted(scanned, key=lambda entry: entry.name)
    keys: dict[str, str] = {}
    stories: dict[str, str] = {}
    for entry in entries:
        name = disk.utf8(entry.name)
        if name.startswith(".") and ".md" not in name:
            continue  # a system's own file
        wrong = _entry_problem(entry) or name_problem(name)
        if wrong is None:
            data = disk.read(folder / entry.name) or b""
            wrong = _problem(data, name, now, stories)
        if wrong:
            yield name, wrong
        for key in set(names.post_keys(name)):
            if (other := keys.setdefault(key, name)) != name:
                yield name, _CLASH[key.partition(":")[0]].format(other)


_CLASH = {
    "file": "macOS and Windows take {!r} for the same file: rename one",
    "page": "Jekyll gives it the address of {!r}, and one of them is lost: rename one",
}


def _entry_problem(entry: os.DirEntry[str]) -> str | None:
    if entry.is_symlink():
        return "a symbolic link: Jekyll publishes what it leads to, or fails; put the file there"
    if not entry.is_file():
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


def _problem(data: bytes, name: str, now: datetime, stories: dict[str, str]) -> str | None:
    """What is wrong with a post. stories: the file of each story's number that was seen so far."""
    try:
        post = posts.read(data)
    except posts.PostError as error:
        return _older_problem(data) or str(error)
    if exporters.post_problem(data) and (wrong := _older_problem(data) or _active(post.body)):
        return wrong
    if post.date and post.date > now + AHEAD:
        day = f"{post.date:%Y-%m-%d}"
        return f"its date lies ahead ({day}): Jekyll leaves it out, or puts it on top"
    number = post.story.number
    if (other := stories.setdefault(number, name)) != name:
        return f"{SECOND} {number}, beside {other!r}: keep one of them"
    return None


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
