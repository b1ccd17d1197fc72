"""The names of post files, and when two of them would get into each other's way."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST = 255
"""Bytes of a file name on every file system that git serves; the temporary name is another."""

_FORBIDDEN = re.compile(r'[<>:"\\|?*\x00-\x1f\x7f]')
_DATED = re.compile(r"(\d{4}-\d{2}-\d{2})-(.*)", re.S)
_ENDING = re.compile(r"\.(md|markdown)$", re.I)


def file_name(day: str, title: str, number: str, is_taken: Callable[[str], bool]) -> str:
    """`day-title.md`, and the story's number behind the title if that name is taken.

    Valid on Linux, macOS and Windows, also as the folder that Jekyll makes of it.
    """
    title = unicodedata.normalize("NFC", title).replace("/", "--")
    title = _FORBIDDEN.sub("-", title)
    if not title.isprintable():
        title = "".join(map(_portable, title))
    ending = ".md"
    name = _named(day, title, ending)
    if not post_keys(name)[1].endswith("/") and not is_taken(name):
        return name
    while True:  # another story's headline may end in this one's number
        ending = f"-{number}{ending}"
        name = _named(day, title, ending)
        if not is_taken(name):
            return name


@lru_cache(maxsize=8)  # each name is looked up three times in a row
def post_keys(name: str) -> tuple[str, str]:
    """The two keys of a post's file name that no other story's post may have.

    The first stands for the file (macOS and Windows do not tell letter case or
    Unicode forms apart), the second for the page: the date and Jekyll's slug, in
    which every run of anything but letters, marks and digits is one hyphen. Two
    posts with one slug and date give one page, and the other is lost silently.
    """
    stem = unicodedata.normalize("NFC", _ENDING.sub("", name))
    stem = unicodedata.normalize("NFC", stem.casefold())
    dated = _DATED.fullmatch(stem)
    day, title = dated.groups() if dated else ("", stem)
    return f"file:{stem}", f"page:{day}/{_slug(title)}"


def unfit(name: str) -> str | None:
    """The first character of a name that some system cannot hold."""
    if name.isprintable():  # then no character in it is unassigned
        found = _FORBIDDEN.search(name)
        return found[0] if found else None
    unfit = (char for char in name if _FORBIDDEN.match(char) or _portable(char) != char)
    return next(unfit, None)


def _slug(title: str) -> str:
    return "-".join(title.translate(_SLUGGED).split())


class _Slugged(dict[int, int]):
    """What a character is in a slug: itself, or a blank."""

    def __missing__(self, code: int) -> int:
        category = unicodedata.category(chr(code))
        self[code] = code if category[0] in "LM" or category == "Nd" else ord(" ")
        return self[code]


_SLUGGED = _Slugged()


def _portable(char: str) -> str:
    """macOS takes no code point that is not assigned."""
    return "-" if unicodedata.category(char) == "Cn" else char


def _named(day: str, title: str, ending: str) -> str:
    return f"{day}-{_cut(title, LONGEST - len(f'{day}-{ending}'))}{ending}"


def _cut(text: str, size: int) -> str:
    """The longest start of `text` with at most `size` bytes of UTF-8, no blank at its end.

    Jekyll's folder has the name in lower case, and `Ⱥ` is longer so.
    """
    if 4 * len(text) <= size:  # no character has more bytes, in lower case neither
        return text.rstrip()
    end = 0
    for char in text:
        size -= max(len(char.encode()), len(char.lower().encode()))
        if size < 0:
            break
        end += 1
    return text[:end].rstrip()
