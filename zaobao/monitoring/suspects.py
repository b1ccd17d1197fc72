"""Which stories of a run may differ from what the paper printed.

A text that is short, holds an odd line or has only one time is nothing by itself. When most of a
run's stories are so, and such runs used to have none, none of them can be passed off as whole and
true. Texts and words of whole runs are in `lengths` and `monitors`; here are the stories that
showed something by themselves.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zaobao import plausibility
from zaobao.archive.record import DESCRIBED, SUSPECT
from zaobao.monitoring.falls import FALLEN
from zaobao.monitoring.findings import FEW, Suspicion

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zaobao.items import Article, Extraction
    from zaobao.monitoring.history import History


@dataclass(slots=True)
class Repeated:
    """A text that several stories gave. others: those that were refused, the id by the number."""

    mark: str | None
    others: dict[str, str]


class Suspects:
    """What single stories of a run showed, and at its end which of them are suspect.

    unprinted: ids of written stories whose time is a script's and not the printed one. beginless:
    of those that print the start of their description outside the text. described: of those whose
    text is their description. repeated: by number, those whose text other stories gave, too.
    unchanged: by layout, the numbers of suspect stories
    that were read again and found the same.
    """

    def __init__(self) -> None:
        self.unprinted: set[str] = set()
        self.beginless: set[str] = set()
        self.described: set[str] = set()
        self.repeated: dict[str, Repeated] = {}
        self.unchanged: defaultdict[str, set[str]] = defaultdict(set)

    def add(self, extraction: Extraction) -> None:
        """Note what a written story shows."""
        item = extraction.article
        self._take_back(item)
        if extraction.unprinted:
            self.unprinted.add(item.id)
        if extraction.begins_outside:
            self.beginless.add(item.id)
        if plausibility.is_described(item.text, extraction.description):
            self.described.add(item.id)

    def add_unchanged(self, extraction: Extraction) -> None:
        """Note a suspect story that was read again and is as it was."""
        item = extraction.article
        self.unchanged[item.layout].add(item.number)

    def add_repeated(self, extraction: Extraction, other: str) -> None:
        """Note a story that has the text of another one, by its number: that one is suspect."""
        item = extraction.article
        there = self.repeated.setdefault(other, Repeated(plausibility.fingerprint(item.text), {}))
        there.others[item.number] = item.id

    def _take_back(self, item: Article) -> None:
        """A story that is written has a text of its own, or one that nobody else gave."""
        for repeated in self.repeated.values():
            repeated.others.pop(item.number, None)
        there = self.repeated.get(item.number)
        if there and there.mark != plausibility.fingerprint(item.text):
            del self.repeated[item.number]

    def found(self, history: History, refused: int) -> Iterator[Suspicion]:
        """The suspicions about texts, the strongest first.

        refused: how many stories of this run gave no more than a cut description.
        """
        yield from self._described(history, refused)
        yield from self._beginless(history)

    def _described(self, history: History, refused: int) -> Iterator[Suspicion]:
        """The text is the page's description, as with others of this run that were refused. In
        other runs it is a brief's text."""
        if refused >= FEW and self.described:
            why = f"{DESCRIBED.removeprefix(SUSPECT)}are all that {refused} stories of one run gave"
            yield Suspicion("", why, history.started, ids=frozenset(self.described))

    def _beginless(self, history: History) -> Iterator[Suspicion]:
        """A layout's texts do not hold the start of the description any more: they begin too
        late."""
        for layout in history.layouts if self.beginless else ():
            if low := history.fall(layout, f"begun:{layout}"):
                why = (
                    f"words of its description are in {low.found} of {low.of} texts of {layout} "
                    "only"
                )
                yield Suspicion(layout, why, history.started, ids=frozenset(self.beginless))

    def late(self, history: History) -> Iterator[Suspicion]:
        """The scripts' times are eight hours off: one that the page does not print is not taken."""
        for layout in history.layouts if self.unprinted else ():
            lost, of = _lost(history, layout)
            if of >= FEW and lost > FALLEN * of:
                why = f"{lost} of {of} times of {layout} were eight hours off"
                ids = frozenset(self.unprinted)
                yield Suspicion(layout, why, history.started, ids=ids, clock=True)


def is_on_time(history: History, layout: str) -> bool:
    """Whether enough times of a layout, by this run and those before it, have their zone."""
    lost, of = _lost(history, layout)
    return of >= FEW and lost <= FALLEN * of


def _lost(history: History, layout: str) -> tuple[int, int]:
    """Of the newest stories of a layout, those whose script was eight hours off, and all.

    By this run and as many before it as give a few stories.
    """
    lost, of = 0, 0
    for one in (history.now, *reversed(history.earlier)):
        same = one.get("same", {})
        lost += one.get("rung", {}).get(f"{layout}/zone/lost", 0) + same.get(f"{layout}/lost", 0)
        of += one.get("layout", {}).get(layout, 0) + same.get(layout, 0)
        if of >= FEW:
            break
    return lost, of
