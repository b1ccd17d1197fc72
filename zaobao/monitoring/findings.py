"""What monitors give: findings, and which stories a finding makes suspect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zaobao import text
from zaobao.archive.repeats import TAIL

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

FEW = 5
"""Stories of a layout below which a run shows nothing."""
FOREIGN = 0.2
"""A text of which more than this part are words that most stories share is not the story's."""


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Why stories may differ from what the paper printed, and which.

    layout: whose; "" for any. since: only stories of runs that began then or later. below: those
    whose text has fewer characters. words: those in whose text these lines, and lines with these
    ends, are more than `FOREIGN`. ids: just these. clock: it is their time that is suspect, not
    their text.
    """

    layout: str
    why: str
    since: datetime
    below: float = 0
    words: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    clock: bool = False

    def holds(self, line: Mapping[str, Any]) -> bool:
        """Whether the story of a JSON line is suspect."""
        if self.layout not in ("", line["layout"]):
            return False
        if self.ids:
            return line["id"] in self.ids
        size = text.count(line["text"])
        if size < self.below:
            return True
        lines = {line.strip() for line in line["text"].split("\n")}
        ends = tuple(words[1:] for words in self.words if words[0] == TAIL)
        foreign = [one for one in lines if one in self.words or (ends and one.endswith(ends))]
        return sum(map(text.count, foreign)) > FOREIGN * size


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a run that is not as usual.

    kind: of the monitor that found it. sentence: what it is, for the user. advice: what to do.
    suspicion: which stories must not pass for whole because of it.
    """

    kind: str
    sentence: str
    advice: str
    suspicion: Suspicion | None = None
