"""Shares of stories held against what used to be: rungs, pictures, access, rules, lengths. Pure.

A share fell when the odds are low that a site which did not change gives so
little; few stories prove little. Runs right before this one that are as low
belong to the same fall, and are no part of what was usual.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb
from statistics import median
from typing import TYPE_CHECKING, Any

from zaobao.layouts import LAYOUTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Report = dict[str, Any]

ODDS, POOLED_ODDS = 1e-5, 1e-7
"""What an unchanged site gives less often than this is a fall: in this run alone, and in it
with those before it that were as low, which are chosen for being low."""
USUAL = 0.2
"""What fewer stories than this part used to have may be missing for days by chance."""
STORIES = 20
"""Earlier stories of a layout before its shares are usual."""
FALLEN = 0.5
"""A figure above this part of the usual one is never a fall."""
BEST = frozenset({"ld+json", "meta"})
"""Rungs that are no fallback: when one of them wins more often, nothing broke."""


@dataclass(frozen=True, slots=True)
class Drift:
    """One figure far below its floor. kind: which monitor it belongs to."""

    kind: str
    sentence: str


def fallen(now: Report, earlier: Sequence[Report]) -> Iterator[Drift]:
    """Rungs, pictures, access and rules that win or match in far fewer stories than usual."""
    for layout in now.get("layout", {}):
        if layout == "generic":
            continue
        for kind, path, what in _features(earlier, layout):
            fall = _fall(now, earlier, layout, path)
            if fall and not _rises(now, path):
                found, of, usual = fall
                instead = _instead(now, path)
                yield Drift(
                    kind,
                    f"{layout}: {what} in {found} of {of} stories, usually in {usual:.0%}{instead}",
                )


def other_layout(now: Report, alike: Sequence[Report]) -> Iterator[Drift]:
    """The layout of most stories reads few by now, and others read them: another edition came."""

    def counts(report: Report, layout: str) -> tuple[int, int]:
        read = {name: n for name, n in report.get("layout", {}).items() if name != "generic"}
        return read.get(layout, 0), sum(read.values())

    read = {name: n for name, n in now.get("layout", {}).items() if name != "generic"}
    for layout in sorted({name for one in alike for name in one.get("layout", {})}):
        before = [counts(one, layout) for one in alike]
        fall = _against(before, counts(now, layout))
        if fall and fall[2] > FALLEN:
            most = max(read, key=lambda name: read[name])
            yield Drift(
                "layouts",
                f"{layout} read {fall[0]} of {fall[1]} stories, usually {fall[2]:.0%}; "
                f"{most} reads them: the site may show this address another edition",
            )


def repeated(now: Report, earlier: Sequence[Report]) -> Iterator[Drift]:
    """Words that most stories of this run have in common, and those of no earlier run had."""
    if sum(sum(one.get("layout", {}).values()) for one in earlier) < STORIES:
        return
    known = {line for one in earlier for line in one.get("repeated", {})}
    for line, count in now.get("repeated", {}).items():
        if line not in known:
            yield Drift(
                "repeated", f"{count} stories hold the same words, no text of theirs: {line[:60]!r}"
            )


def _features(earlier: Sequence[Report], layout: str) -> Iterator[tuple[str, str, str]]:
    """What may fall: its monitor, where reports count it, and in words."""
    start = f"{layout}/"
    names = {name for one in earlier for name in one.get("rung", {}) if name.startswith(start)}
    for name in sorted(names):
        _, field, rung = name.split("/", 2)
        if rung != "none" and field in ("title", "published", "body", "tags", "lead"):
            yield "rungs", f"rung:{name}", f"{field} by {rung!r}"
    yield "pictures", f"pictured:{layout}", "a picture"
    yield "access", f"access:{layout}/free", "free access"
    rules = {name for one in earlier for name in one.get("removing", {}) if name.startswith(start)}
    for name in sorted(rules):
        yield "rules", f"removing:{name}", f"a match of rule {name.removeprefix(start)!r}"


def _rises(now: Report, path: str) -> bool:
    """Whether a better rung took over: then the pages tell more than they used to."""
    group, _, name = path.partition(":")
    if group != "rung":
        return False
    layout, field, rung = name.split("/", 2)
    better: int = sum(
        now.get("rung", {}).get(f"{layout}/{field}/{one}", 0)
        for one in _better(layout, field, rung)
    )
    stories: int = now["layout"][layout]
    return better * 2 > stories


def _better(layout: str, field: str, rung: str) -> frozenset[str]:
    """The rungs above one. A body's are the selectors before it: the layout was mended."""
    if field != "body":
        return BEST - {rung}
    above = [one.css for known in LAYOUTS if known.name == layout for one in known.body]
    return frozenset(above[: above.index(rung)] if rung in above else above)


def _instead(now: Report, path: str) -> str:
    group, _, name = path.partition(":")
    if group == "removing":
        return "; its selector may have changed"
    if group == "access":
        return "; a wall may have come"
    if group != "rung":
        return ""
    layout, field, _ = name.split("/", 2)
    start = f"{layout}/{field}/"
    others = {
        n.removeprefix(start): c for n, c in now.get("rung", {}).items() if n.startswith(start)
    }
    return f"; now by {max(others, key=lambda rung: others[rung])!r}" if others else ""


def _fall(
    now: Report, earlier: Sequence[Report], layout: str, path: str
) -> tuple[int, int, float] | None:
    """(found, of, usual share) of a feature that fell, with the runs before that were as low."""
    group, _, name = path.partition(":")

    def counts(report: Report) -> tuple[int, int]:
        return report.get(group, {}).get(name, 0), report.get("layout", {}).get(layout, 0)

    return _against([counts(one) for one in earlier], counts(now))


def _against(
    before: Sequence[tuple[int, int]], now: tuple[int, int]
) -> tuple[int, int, float] | None:
    """Whether `now` (found, of) and the low counts right before it are too few."""
    usual = _share(before)
    if usual is None or usual < USUAL or not now[1] or now[0] > FALLEN * usual * now[1]:
        return None
    left, found, of = list(before), *now
    while left and left[-1][0] <= FALLEN * usual * left[-1][1]:
        one = left.pop()
        found, of = found + one[0], of + one[1]
    usual = _share(left)
    if usual is None or usual < USUAL:
        return None
    if _odds(*now, usual) > ODDS and _odds(found, of, usual) > POOLED_ODDS:
        return None
    return found, of, usual


def _share(counts: Sequence[tuple[int, int]]) -> float | None:
    found, of = sum(one[0] for one in counts), sum(one[1] for one in counts)
    return (found + 1) / (of + 2) if of >= STORIES else None


def _odds(found: int, of: int, share: float) -> float:
    """How often at most `found` of `of` have what a `share` of all has."""
    of = min(of, 500)
    return sum(comb(of, k) * share**k * (1 - share) ** (of - k) for k in range(min(found, of) + 1))


def shorter(now: Report, earlier: Sequence[Report]) -> Iterator[Drift]:
    """Texts that are shorter than nearly all of the layout used to be."""
    for layout, found in now.get("lengths", {}).items():
        lengths = sorted(n for one in earlier for n in one.get("lengths", {}).get(layout, ()))
        if layout == "generic" or len(lengths) < STORIES:
            continue
        short = lengths[len(lengths) // 10] * 2 // 3

        def counts(values: Sequence[int], short: int = short) -> tuple[int, int]:
            return sum(n >= short for n in values), len(values)

        before = [counts(one.get("lengths", {}).get(layout, ())) for one in earlier]
        fall = _against(before, counts(found))
        if fall:
            yield Drift(
                "lengths",
                f"{layout}: {fall[1] - fall[0]} of {fall[1]} texts are shorter than {short} "
                f"characters, half of them than {median(found):g}; usually {median(lengths):g}",
            )
