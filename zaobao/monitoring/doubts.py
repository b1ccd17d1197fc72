"""Which stories of a run are in doubt, as a whole layout's fell off with them. Pure.

A text that is short, holds an odd line or has only one time is nothing by itself. When most
of a run's stories are so, and such runs used to have none, none of those can be
passed off as whole and true.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from zaobao import text
from zaobao.archive.record import DESCRIBED, DOUBT
from zaobao.archive.repeats import SAMPLE, TAIL
from zaobao.monitoring.odds import FALLEN, STORIES, Drift
from zaobao.monitoring.shares import fell

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from zaobao.monitoring.odds import Report

FEW = 5
"""Stories of a layout below which a run shows nothing."""
FOREIGN = 0.2
"""A text of which more than this part are words that most stories share is another text."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why stories may not be what the paper printed, and which.

    layout: whose; "" for any. since: of runs that began then or later. below:
    whose text has fewer characters. words: in whose text these lines, and lines with
    these ends, have more than their part. ids: just these. clock: it is their time that
    is in doubt.
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
        lines = {line.strip() for line in line["text"].split("\n")}
        ends = tuple(words[1:] for words in self.words if words[0] == TAIL)
        foreign = [one for one in lines if one in self.words or (ends and one.endswith(ends))]
        return sum(map(text.count, foreign)) > FOREIGN * size


# --- words of others


def repeated(now: Report, earlier: Sequence[Report]) -> Iterator[Drift]:
    """Words that most stories of this run have in common, and those of no earlier run had.

    The runs since they came do not make them usual.
    """
    foreign = frozenset(line for line in now.get("repeated", {}) if _is_foreign(line, earlier))
    for place, line in enumerate(sorted(foreign)):
        count = now["repeated"][line]
        why = f"words of {count} stories of one run stand in it: {line[:60]!r}"
        sentence = f"{count} stories hold the same words, no text of theirs: {line[:60]!r}"
        # One doubt: several such lines in one story are told together.
        reach = start(now, _reach(now, earlier))
        yield Drift("repeated", sentence, None if place else Doubt("", why, reach, words=foreign))


def _reach(now: Report, earlier: Sequence[Report]) -> Sequence[Report]:
    """The runs before a small one whose stories were looked at with its own."""
    stories, place = sum(now.get("layout", {}).values()), len(earlier)
    while stories < SAMPLE and place:
        place -= 1
        stories += sum(earlier[place].get("layout", {}).values())
    return earlier[place:]


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
        why = f"{DESCRIBED.removeprefix(DOUBT)}are all that {refused} stories of one run gave"
        yield Doubt("", why, start(now, ()), ids=frozenset(ids))


def beginless(now: Report, earlier: Sequence[Report], ids: Collection[str]) -> Iterator[Doubt]:
    """The start of the page's description fell out of a layout's texts: they begin too late.

    ids: of the stories without it.
    """
    for layout in now.get("layout", {}) if ids else ():
        if low := fell(now, earlier, layout, f"begun:{layout}"):
            why = f"words of its description are in {low.found} of {low.of} texts of {layout} only"
            yield Doubt(layout, why, start(now, ()), ids=frozenset(ids))


# --- times


def late(now: Report, earlier: Sequence[Report], ids: Collection[str]) -> Iterator[Doubt]:
    """The scripts' times are eight hours off: then one that the page does not print is none.

    By this run and as many before it as give a few stories. ids: of the stories
    whose time is a script's alone.
    """
    for layout in now.get("layout", {}) if ids else ():
        lost, of = _lost(now, earlier, layout)
        if of >= FEW and lost > FALLEN * of:
            why = f"{lost} of {of} times of {layout} were eight hours off"
            yield Doubt(layout, why, start(now, ()), ids=frozenset(ids), clock=True)


def is_on_time(now: Report, earlier: Sequence[Report], layout: str) -> bool:
    """Whether enough times of a layout, by this run and those before it, have their zone."""
    lost, of = _lost(now, earlier, layout)
    return of >= FEW and lost <= FALLEN * of


def _lost(now: Report, earlier: Sequence[Report], layout: str) -> tuple[int, int]:
    """Of the newest stories of a layout, those whose script was eight hours off, and all."""
    lost, of = 0, 0
    for one in (now, *reversed(earlier)):
        same = one.get("same", {})
        lost += one.get("rung", {}).get(f"{layout}/zone/lost", 0) + same.get(f"{layout}/lost", 0)
        of += one.get("layout", {}).get(layout, 0) + same.get(layout, 0)
        if of >= FEW:
            break
    return lost, of


def start(now: Report, reach: Sequence[Report]) -> datetime:
    value = reach[0]["started"] if reach else now["started"]
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
