"""The lengths of a layout's texts, compared with earlier ones. Pure.

A cut at a fixed length leaves no long text, a paywall before some stories leaves many short ones.
Both are seen; which texts may be cut follows from the lengths that are missing and those that are
too many.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from zaobao.monitoring.falls import FALLEN, STORIES, Fall, at_most, fall
from zaobao.monitoring.findings import FEW, Suspicion
from zaobao.monitoring.history import moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from zaobao.monitoring.history import History, Report

CHANCE = 0.01
"""In a run that fell, chance alone does not explain what comes less often than this."""


@dataclass(frozen=True, slots=True)
class Usual:
    """The lengths of a layout's texts in sound runs, sorted."""

    lengths: list[int]

    @property
    def floors(self) -> tuple[tuple[int, float], ...]:
        """Lengths, and of the usual part of texts as long the part that is never a fall.

        Nearly all are as long as the first, nine tenths as the second, half as the last.
        """
        tenth, half = (self.lengths[len(self.lengths) // n] for n in (10, 2))
        return (tenth * 2 // 3, 0.8), (tenth, 0.7), (half, FALLEN)

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


def shorter(history: History) -> Iterator[tuple[str, Suspicion]]:
    """Layouts whose texts are shorter than they used to be: a sentence, and which are suspect."""
    earlier = history.earlier
    for layout, sizes in history.now.get("lengths", {}).items():
        before = usual(earlier, layout)
        each = [one.get("lengths", {}).get(layout, ()) for one in earlier]
        if before is None or (fallen := _fallen(before, each, sizes)) is None:
            continue
        low, size = fallen
        reach, values = earlier[len(earlier) - low.runs :], list(sizes)
        values += [n for one in each[len(each) - low.runs :] for n in one]
        sentence = (
            f"{layout}: {low.of - low.found} of {low.of} texts are shorter than {size} "
            f"characters, half of them than {median(sizes):g}; usually {median(before.lengths):g}"
        )
        why = f"texts of {layout} are far shorter than they used to be"
        since = moment(reach[0]["started"]) if reach else history.started
        yield sentence, Suspicion(layout, why, since, _below(values, before))


def _fallen(
    before: Usual, each: Sequence[Sequence[int]], sizes: Sequence[int]
) -> tuple[Fall, int] | None:
    """The first fall, and the length that too few texts have."""
    for size, part in before.floors:
        counts = [
            (_at_least(values, size), len(values)) for values in (*each, sizes, before.lengths)
        ]
        if low := fall(counts[:-2], counts[-2], part, counts[-1:]):
            return low, size
    return None


def _below(values: Sequence[int], before: Usual) -> int:
    """The length below which texts may be cut.

    Half or more of the longer ones are missing, or half or more of the shorter ones are too many.
    """
    below, values = before.floors[0][0], sorted(values)
    for size in sorted({*values, *before.lengths}):
        short, expected = bisect_left(values, size), before.as_long(size) * len(values)
        long, ordinary = len(values) - short, len(values) - expected
        missing = long <= FALLEN * expected and at_most(long, expected) < CHANCE
        too_many = ordinary <= FALLEN * short and 1 - at_most(short - 1, ordinary) < CHANCE
        if missing or too_many:
            below = max(below, size)
    return below


def is_usual(history: History, layout: str) -> bool:
    """Whether texts are as long as they used to be, by what was written since a fall.

    What a re-check finds the same is no evidence: the suspect stories are the short ones.
    """
    written: list[int] = []
    for one in (history.now, *reversed(history.earlier)):
        if layout in one.get("doubted", {}) or len(written) >= STORIES:
            break
        written += one.get("lengths", {}).get(layout, ())
    before = usual(history.earlier, layout)
    if before is None or len(written) < FEW:
        return False
    return all(
        _at_least(written, size) > part * before.as_long(size) * len(written)
        for size, part in before.floors
    )


def _at_least(values: Sequence[int], size: int) -> int:
    """How many have this length at least."""
    return sum(n >= size for n in values)
