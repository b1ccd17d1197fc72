"""`exclude.txt`: the stories that are never to be fetched, one rule a line.

An id (`20210902-1189718`), a number or a story's address; `url:GLOB`, held
against the canonical address, or against the path alone where it begins with
`/`; `title:WORD`, a part of the headline, upper and lower case alike. What
follows ` #` is a comment. A line of `scrapy withdraw` is an id whose comment
begins with `withdrawn`: a tombstone.
"""

from __future__ import annotations

import re
import unicodedata
from fnmatch import translate
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from zaobao import urls
from zaobao.archive import disk
from zaobao.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from zaobao.archive.record import Record

NAME = "exclude.txt"
BECAUSE = "excluded by "
"""Before the rule in the `reason` of a story that the state knows as excluded."""

_COMMENT = re.compile(r"(?:^|\s)#(.*)", re.S)
_ID = re.compile(r"(?:20\d{6}-)?([1-9]\d{0,30})", re.A)
TOMBSTONE = "withdrawn"
"""So begins the comment of a tombstone."""


class Exclusions:
    """The rules of one exclude.txt.

    problems: a sentence for each line that is no rule. withdrawn: the numbers
    that have a tombstone.
    """

    def __init__(self, text: str = "") -> None:
        self.problems: list[str] = []
        self.withdrawn: set[str] = set()
        self._numbers: dict[str, str] = {}
        self._globs: list[tuple[str, re.Pattern[str]]] = []
        self._words: list[tuple[str, str]] = []
        for place, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
            comment = _COMMENT.search(line)
            rule = (line[: comment.start()] if comment else line).strip()
            if rule and not self._take(rule, comment[1].strip() if comment else ""):
                self.problems.append(
                    f"{NAME}, line {place}: {rule!r} is no rule and leaves nothing out; "
                    "it takes an id, url:GLOB or title:WORD"
                )

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The rules of an output folder. ArchiveError when the file cannot be read."""
        return cls(read_text(folder))

    def _take(self, rule: str, comment: str) -> bool:
        kind, _, value = rule.partition(":")
        value = value.strip()
        if kind == "url" and value:
            self._globs.append((rule, re.compile(translate(_canonical(value)))))
        elif kind == "title" and value:
            self._words.append((rule, _folded(value)))
        elif number := number_of(rule):
            self._numbers[number] = rule
            if comment.startswith(TOMBSTONE):
                self.withdrawn.add(number)
        else:
            return False
        return True

    @property
    def are_none(self) -> bool:
        """Whether nothing is left out."""
        return not (self._numbers or self._globs or self._words)

    @property
    def numbers(self) -> list[str] | None:
        """The numbers that are left out; None where there are rules of other kinds, too."""
        return None if self._globs or self._words else [*self._numbers]

    def rule(self, number: str, addresses: Iterable[str], title: str = "") -> str | None:
        """The first rule that leaves out a story with this number, address or headline."""
        if self.are_none:
            return None
        if number in self._numbers:
            return self._numbers[number]
        for rule, pattern in self._globs:
            for address in addresses:
                if pattern.match(address) or pattern.match(urlsplit(address).path):
                    return rule
        folded = _folded(title)
        return next((rule for rule, word in self._words if word in folded), None)

    def rule_for(self, record: Record) -> str | None:
        """The rule that leaves out a known story; one by headline holds while it stands."""
        rule = self.rule(record.number, (record.url, *record.urls))
        before = (record.reason or "").removeprefix(BECAUSE)
        if rule or before == record.reason:
            return rule
        return next((rule for rule, _ in self._words if rule == before), None)


def number_of(text: str) -> str | None:
    """The story number of an id, a number or a story's address; None for anything else."""
    if match := _ID.fullmatch(text):
        return match[1]
    story = urls.story(text) if "/" in text else None
    return story.number if story else None


def _canonical(glob: str) -> str:
    """A glob for one of the paper's hosts, for the host of the canonical addresses."""
    for host in sorted(urls.PAPER_HOSTS, key=len, reverse=True):
        for start in (f"https://{host}/", f"http://{host}/"):
            if glob.startswith(start):
                return f"{urls.CANONICAL_ORIGIN}/{glob.removeprefix(start)}"
    return glob


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def read_text(folder: Path) -> str:
    """The file of an output folder; "" when there is none. ArchiveError when it is not UTF-8."""
    data = disk.read(folder / NAME) or b""
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise ArchiveError(
            f"{folder / NAME} is not UTF-8 at byte {error.start}, so it cannot be said what to "
            "leave out. Nothing was fetched. Save the file as UTF-8 and run again."
        ) from None
