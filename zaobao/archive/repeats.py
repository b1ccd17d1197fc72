"""The same words in several stories: another story's page, or what is no story's at all."""

from __future__ import annotations

import os
import re
from collections import Counter
from math import ceil
from typing import TYPE_CHECKING, NamedTuple

from zaobao.archive import disk
from zaobao.errors import SameText
from zaobao.lines import decode_line
from zaobao.plausibility import begin_of, begins, fingerprint
from zaobao.urls import number_in

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from zaobao.items import Article

LOOKED_BACK = 1 << 20
"""Bytes of articles.jsonl that are compared with: some 150 stories, three days of China."""
KEPT = 5000
"""Texts that are kept; a long run must not take more and more memory."""
LINES_KEPT = 10_000
"""Lines that are counted at a time: those of 1,000 stories, 3 MB."""

LINE_LEAST, LINE_MOST = 8, 200
"""Characters of a line that may be the same by design in stories that differ."""
TAIL, TAIL_LENGTH = "…", 12
"""Before the end of lines that differ, as it is counted; a line of twice that length has one."""
COMMON_LEAST = 5
"""Stories with the same line before it is no accident."""
SAMPLE = 8
"""Stories that are looked at for it: a run that wrote fewer takes the newest before it, too."""

BEGIN, END = "begin with ", "end with "
"""Before words that headlines share, as they are counted."""
NEARLY_ALL = 0.8
"""The part of the headlines that share them. A column has half of a list's at most."""
SHARED_MOST = 40
"""Characters of a headline's beginning or end that are looked at."""
ENOUGH = 20
"""Stories without such words before their coming is sudden."""
_SITE = r"(?:联合早报网?|早报网?|zaobao(?:\.com(?:\.sg)?)?)"
_IS_SITE = {
    BEGIN: re.compile(rf"^\W*{_SITE}(?:\s+[-–—]\s|\s*[|｜_])", re.I),
    END: re.compile(rf"(?:\s[-–—]\s+|[|｜_]\s*){_SITE}\W*$", re.I),
}


class Owner(NamedTuple):
    """The story that a text was first seen in. begin: of its page's description, where known."""

    number: str
    title: str
    begin: str = ""


class Texts:
    """The texts of the newest stories and of this run, its last `KEPT`."""

    def __init__(self, lines: Path) -> None:
        """lines: `articles.jsonl`; its end is read when the first story is compared."""
        self._lines = lines
        self._owners: dict[str, Owner] | None = None
        self._marks: dict[str, str] = {}

    def check(self, article: Article, description: str = "") -> None:
        """SameText when another story has this text under another headline.

        Under the same headline it is the same news once more, and both stay; but
        what no layout has read may be one page that stands under every address.
        description: the page's own.
        """
        if self._owners is None:
            self._owners = {}
            for text, owner in _newest(self._lines):
                self._add(self._owners, text, owner)
        if (mark := fingerprint(article.text)) is None:
            return
        new = Owner(article.number, article.title, begin_of(description))
        first = self._add(self._owners, mark, new)
        if first.number != new.number and (first.title != new.title or article.layout == "generic"):
            is_firsts = begins(article.text, first.begin) and not begins(article.text, new.begin)
            raise SameText(
                f"{article.id}: its text is that of story {first.number}",
                first.number,
                is_other_suspect=not is_firsts,
            )

    def _add(self, owners: dict[str, Owner], mark: str, new: Owner) -> Owner:
        """Note a story's text, in place of its former one; the story that had it first."""
        first = owners.setdefault(mark, new)
        if first.number != new.number:
            return first
        former = self._marks.get(new.number, mark)
        if former != mark:
            del owners[former]
        owners[mark], self._marks[new.number] = new, mark
        if len(owners) > KEPT:
            oldest = next(iter(owners))
            del self._marks[owners.pop(oldest).number]
        return new


class Blocks:
    """The lines that many stories of a run have in common, and the ends of lines: an advert.

    Of a long run only those that were frequent all along.
    """

    def __init__(self) -> None:
        self._stories = 0
        self._counts: Counter[str] = Counter()

    def add(self, body: str) -> None:
        self._stories += 1
        lines = {line.strip() for line in body.split("\n")}
        self._counts.update(line for line in lines if LINE_LEAST <= len(line) <= LINE_MOST)
        self._counts.update(
            {TAIL + line[-TAIL_LENGTH:] for line in lines if len(line) >= 2 * TAIL_LENGTH}
        )
        if len(self._counts) > LINES_KEPT:
            often = self._stories / 10
            self._counts = Counter({line: n for line, n in self._counts.items() if n >= often})

    def common(self, lines: Path, start: int) -> dict[str, int]:
        """Each line, or `TAIL` and end of lines, that more than half of the stories have, with
        their number.

        lines: `articles.jsonl`; the end of what was there before this run, up to the byte
        `start`, is read when the run wrote a few stories only.
        """
        own, missing = set(self._counts), SAMPLE - self._stories
        if own and missing > 0:
            for body in _texts_before(lines, start, missing):
                self.add(body)
        least = max(COMMON_LEAST, self._stories // 2 + 1)
        found = {line: n for line, n in self._counts.items() if n >= least and line in own}
        ends = {TAIL + line[-TAIL_LENGTH:] for line in found if line[0] != TAIL}
        return {line: n for line, n in found.items() if line not in ends}


class Headlines:
    """The headlines of a run's stories, its last `KEPT`: what most of them begin or end with."""

    def __init__(self) -> None:
        self._own: dict[str, str] = {}

    def add(self, number: str, title: str) -> None:
        self._own.pop(number, None)
        self._own[number] = title
        if len(self._own) > KEPT:
            del self._own[next(iter(self._own))]

    def common(
        self, lines: Path, start: int, known: Collection[str] = ()
    ) -> dict[str, tuple[int, int]]:
        """`BEGIN` or `END` and the words that nearly all headlines begin or end with of late: how
        many do, of how many.

        A column's name is no such words: it was there before, now and then. Those with the paper's
        name as a page's title has it count from the first day on.
        lines, start: as with `Blocks.common`. known: what an earlier run found; it does not
        become usual.
        """
        own = list(self._own.values())
        found: dict[str, tuple[int, int]] = {}
        if not own:
            return found
        newest = own
        if len(own) < SAMPLE:
            newest = [*_titles_before(lines, start, 1 << 16), *own][-SAMPLE:]
        for side, step in ((BEGIN, 1), (END, -1)):
            words, count = _shared([title[::step] for title in newest])
            name = side + words[::step]
            if not words or not any(title[::step].startswith(words) for title in own):
                continue
            if not (name in known or _IS_SITE[side].search(words[::step])):
                every = [*_titles_before(lines, start), *own]
                if not _is_new([title[::step].startswith(words) for title in every]):
                    continue
            found[name] = count, len(newest)
        return found


def _shared(titles: list[str]) -> tuple[str, int]:
    """The longest words that nearly all titles begin with, and how many do; "" for none."""
    counts = Counter(
        title[:size] for title in titles for size in range(2, min(len(title), SHARED_MOST) + 1)
    )
    least = max(COMMON_LEAST, ceil(NEARLY_ALL * len(titles)))
    found = [words for words, n in counts.items() if n >= least and len(words.strip()) > 1]
    longest = max(found, key=len, default="")
    return longest, counts[longest]


def _is_new(has_it: list[bool]) -> bool:
    """Whether what the newest stories have came at once, after enough without it."""
    since = has_it.index(True)
    return since >= ENOUGH and sum(has_it) > (len(has_it) - since) / 2


def _titles_before(path: Path, start: int, most: int = LOOKED_BACK) -> list[str]:
    """The headlines of the lines before the byte `start`, oldest first."""
    found = map(decode_line, _end(path, start, most))
    return [str(values["title"]) for values in found if values and values.get("title")]


def _texts_before(path: Path, start: int, count: int) -> list[str]:
    """The texts of the `count` newest stories whose lines end before the byte `start`."""
    found: dict[str, str] = {}
    for line in reversed(_end(path, start, 1 << 16)):
        values = decode_line(line)
        if values and isinstance(values.get("text"), str):
            found.setdefault(str(values.get("id")), values["text"])
        if len(found) == count:
            break
    return list(found.values())


def _newest(path: Path) -> Iterator[tuple[str, Owner]]:
    for line in _end(path):
        if (values := decode_line(line)) and isinstance(values.get("text"), str):
            owner = Owner(number_in(str(values.get("id"))), str(values.get("title")))
            if mark := fingerprint(values["text"]):
                yield mark, owner


def _end(path: Path, end: int | None = None, most: int = LOOKED_BACK) -> list[bytes]:
    """The whole lines of the last `most` bytes before the byte `end`; ArchiveError when they
    cannot be read."""
    with disk.guard(path, "Reading"):
        try:
            file = path.open("rb")
        except FileNotFoundError:
            return []
        with file:
            size = os.fstat(file.fileno()).st_size if end is None else end
            begin = max(0, size - most)
            file.seek(begin)
            return file.read(size - begin).split(b"\n")[1 if begin else 0 :]
