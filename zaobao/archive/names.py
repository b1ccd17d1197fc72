"""When two post files would get into each other's way."""

from __future__ import annotations

import re
import unicodedata

_DATED = re.compile(r"(\d{4}-\d{2}-\d{2})-(.*)", re.S)
_ENDING = re.compile(r"\.(md|markdown)$", re.I)


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


def _slug(title: str) -> str:
    chars = (char if _kept(unicodedata.category(char)) else " " for char in title)
    return "-".join("".join(chars).split())


def _kept(category: str) -> bool:
    return category[0] in "LM" or category == "Nd"
