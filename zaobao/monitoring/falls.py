"""Whether a share of stories fell: what is usual, and how seldom chance gives so little. Pure.

A share fell when a site that did not change gives so little only with low odds; few stories prove
little. Runs right before this one that are as low belong to the same fall, and are not part of
what was usual.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb, exp, lgamma, log
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ODDS, POOLED_ODDS = 1e-5, 1e-7
"""What an unchanged site gives less often than this is a fall: in this run alone, and in it
together with the runs before it that were as low, which are chosen for being low."""
USUAL = 0.2
"""A share below this one may be zero for days by chance."""
STORIES = 20
"""Earlier stories of a layout before its shares are usual."""
FALLEN = 0.5
"""A figure above this part of the usual one is never a fall."""


@dataclass(frozen=True, slots=True)
class Fall:
    """A share that fell: `found` of `of` stories, usually the part `usual`.

    runs: how many runs before this one belong to the fall; their stories are counted, too.
    """

    found: int
    of: int
    usual: float
    runs: int


def fall(
    before: Sequence[tuple[int, int]],
    now: tuple[int, int],
    part: float = FALLEN,
    sound: Sequence[tuple[int, int]] | None = None,
) -> Fall | None:
    """Whether `now` (found, of) and the low counts right before it are too few.

    part: of the usual share, above which it is never a fall. sound: the counts of the earlier
    runs that are known to be in order; without it, a fall that lasts for most of the kept
    reports becomes the usual share.
    """
    usual = share(before if sound is None else sound)
    if usual is None or usual < USUAL or not now[1] or now[0] > part * usual * now[1]:
        return None
    left, found, of = list(before), *now
    while left and left[-1][0] <= part * usual * left[-1][1]:
        one = left.pop()
        found, of = found + one[0], of + one[1]
    usual, known = share(left), _sum(left)
    if usual is None or usual < USUAL:
        return None
    if _odds(now, known) > ODDS and _odds((found, of), known) > POOLED_ODDS:
        return None
    return Fall(found, of, usual, len(before) - len(left))


def share(counts: Sequence[tuple[int, int]]) -> float | None:
    """The part of all stories that have it; None where too few were seen."""
    found, of = _sum(counts)
    return (found + 1) / (of + 2) if of >= STORIES else None


def _sum(counts: Sequence[tuple[int, int]]) -> tuple[int, int]:
    return sum(one[0] for one in counts), sum(one[1] for one in counts)


def _odds(now: tuple[int, int], before: tuple[int, int]) -> float:
    """How often chance deals at most so many to `now`, of what both have together (Fisher's
    exact test): the usual share is known by `before` alone, by thirty stories not well."""
    found = now[0] + before[0]
    counts = range(max(0, found - before[1]), now[0] + 1)
    ways = sum(comb(now[1], k) * comb(before[1], found - k) for k in counts)
    return ways / comb(now[1] + before[1], found)


def at_most(count: int, mean: float) -> float:
    """How often at most `count` come where `mean` come on average, independently (Poisson)."""
    if count >= mean:
        return 1.0
    return sum(exp(k * log(mean) - mean - lgamma(k + 1)) for k in range(count + 1))
