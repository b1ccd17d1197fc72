"""Which stories of a run are in doubt, as a whole layout's fell off with them. Pure.

A text that is short, holds an odd line or has only one time is nothing by itself. When most
of a run's stories are so, and such runs used to have none, none of those can be
passed off as whole and true.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import TYPE_CHECKING, Any

from zaobao import text
from zaobao.monitoring.odds import FALLEN, STORIES, Drift, fall

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from zaobao.monitoring.odds import Report

FEW = 5
"""Stories of a layout below which a run shows nothing."""
EXPECTED = 3
"""Stories that a run should have of a length, before their absence means anything."""
FOREIGN = 0.2
"""A text of which more than this part are words that most stories share is another text."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why stories may not be what the paper printed, and which.

    layout: whose; "" for any. since: of runs that began then or later. below:
    whose text has fewer characters. words: in whose text these lines have more
    than their part. ids: just these. clock: it is their time that is in doubt.
    """

    layout: str
    why: str
    since: datetime
    below: float = 0
    words: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    clock: bool = False

    def holds(self, line: Mapping[str, Any]) -> bool:
        """Whether the story of a JSON line is in doubt."""
        if self.ids:
            return line["id"] in self.ids and self.layout in ("", line["layout"])
        if self.layout not in ("", line["layout"]):
            return False
        size = text.count(line["text"])
        if size < self.below:
            return True
        foreign = self.words.intersection(map(str.strip, line["text"].split("\n")))
        return sum(map(text.count, foreign)) > FOREIGN * size


def found(now: Report, earlier: Sequence[Report]) -> Iterator[Drift]:
    """The falls that leave stories in doubt; earlier: the reports before `now`, oldest first."""
    yield from _repeated(now, earlier)
    yield from _shorter(now, earlier)


# --- texts


@dataclass(frozen=True, slots=True)
class Usual:
    """The lengths of a layout's texts as they used to be, in order."""

    lengths: list[int]

    @property
    def short(self) -> int:
        """Nearly all are as long: two thirds of what nine tenths have."""
        return self.lengths[len(self.lengths) // 10] * 2 // 3

    def counts(self, values: Sequence[int]) -> tuple[int, int]:
        return sum(n >= self.short for n in values), len(values)

    def as_long(self, size: int) -> float:
        """The part that has this length at least."""
        return 1 - bisect_left(self.lengths, size) / len(self.lengths)


def usual(earlier: Sequence[Report], layout: str) -> Usual | None:
    """By the reports of runs whose texts were not found too short; None: too few stories."""
    lengths = [
        n
        for one in earlier
        if layout not in one.get("doubted", {})
        for n in one.get("lengths", {}).get(layout, ())
    ]
    return Usual(sorted(lengths)) if len(lengths) >= STORIES and layout != "generic" else None


def _shorter(now: Report, earlier: Sequence[Report]) -> Iterator[Drift]:
    """Texts that are shorter than nearly all of the layout used to be."""
    for layout, sizes in now.get("lengths", {}).items():
        before = usual(earlier, layout)
        if before is None:
            continue
        each = [one.get("lengths", {}).get(layout, ()) for one in earlier]
        counts = [before.counts(values) for values in each]
        low = fall(counts, before.counts(sizes), [before.counts(before.lengths)])
        if low is None:
            continue
        reach = earlier[len(earlier) - low.runs :]
        values = [*sizes, *(n for one in each[len(each) - low.runs :] for n in one)]
        sentence = (
            f"{layout}: {low.of - low.found} of {low.of} texts are shorter than {before.short} "
            f"characters, half of them than {median(sizes):g}; usually {median(before.lengths):g}"
        )
        why = f"texts of {layout} are far shorter than they used to be"
        doubt = Doubt(layout, why, _start(now, reach), below=_whole(values, before))
        yield Drift("lengths", sentence, doubt)


def _whole(values: Sequence[int], before: Usual) -> float:
    """The length below which texts may be cut: longer ones are missing."""
    for size in reversed(before.lengths):
        expected = before.as_long(size) * len(values)
        if expected >= EXPECTED and sum(n >= size for n in values) <= FALLEN * expected:
            return size + 1
    return before.short


def is_usual(now: Report, earlier: Sequence[Report], layout: str, sizes: Sequence[int]) -> bool:
    """Whether this run shows that a layout's texts are as long as they used to be.

    sizes: lengths of the stories that were read again and found the same.
    """
    every = [*now.get("lengths", {}).get(layout, ()), *sizes]
    before = usual(earlier, layout)
    if before is None or len(every) < FEW:
        return False
    # Cut texts may all be longer than the shortest; half of the usual ones have the median.
    long, half = before.short, before.lengths[len(before.lengths) // 2]
    return all(
        sum(n >= size for n in every) > FALLEN * before.as_long(size) * len(every)
        for size in (long, half)
    )


# --- words of others


def _repeated(now: Report, earlier: Sequence[Report]) -> Iterator[Drift]:
    """Words that most stories of this run have in common, and those of no earlier run had.

    The runs since they came do not make them usual.
    """
    foreign = {line for line in now.get("repeated", {}) if _is_foreign(line, earlier)}
    for line in sorted(foreign):
        count = now["repeated"][line]
        why = f"words of {count} stories of one run stand in it: {line[:60]!r}"
        sentence = f"{count} stories hold the same words, no text of theirs: {line[:60]!r}"
        doubt = Doubt("", why, _start(now, ()), words=frozenset({line}))
        yield Drift("repeated", sentence, doubt)


def _is_foreign(line: str, earlier: Sequence[Report]) -> bool:
    stories = 0
    for one in earlier:
        if line in one.get("repeated", {}):
            break
        stories += sum(one.get("layout", {}).values())
    return stories >= STORIES


def described(now: Report, refused: int, ids: Collection[str]) -> Iterator[Doubt]:
    """Stories whose text is the page's description, where it is that of others that were refused.

    refused: how many of this run gave no more than a cut description. ids: of the
    stories with a whole one, which in other runs is a brief's text.
    """
    if refused >= FEW and ids:
        why = f"words of the page's description are all that {refused} stories of one run gave"
        yield Doubt("", why, _start(now, ()), ids=frozenset(ids))


# --- times


def late(now: Report, earlier: Sequence[Report], ids: Collection[str]) -> Iterator[Doubt]:
    """The scripts' times are eight hours off: then one that the page does not print is none.

    By this run and as many before it as give a few stories. ids: of the stories
    whose time is a script's alone.
    """
    if not ids:
        return
    for layout in now.get("layout", {}):
        lost, of = 0, 0
        for one in (now, *reversed(earlier)):
            lost += one.get("rung", {}).get(f"{layout}/zone/lost", 0)
            of += one.get("layout", {}).get(layout, 0)
            if of >= FEW:
                break
        if of >= FEW and lost > FALLEN * of:
            why = f"{lost} of {of} times of {layout} were eight hours off"
            yield Doubt(layout, why, _start(now, ()), ids=frozenset(ids), clock=True)


def _start(now: Report, reach: Sequence[Report]) -> datetime:
    value = reach[0]["started"] if reach else now["started"]
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
