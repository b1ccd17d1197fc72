"""A run that ends, compared with earlier ones: what is unusual, and which stories are suspect."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from zaobao import verdict
from zaobao.archive.record import SUSPECT, repeated, repeated_by
from zaobao.exporters import JekyllPostExporter
from zaobao.monitoring import figures, history, lengths, marks, suspects
from zaobao.monitoring.findings import Suspicion
from zaobao.monitoring.history import History
from zaobao.text import counted
from zaobao.urls import number_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from scrapy.statscollectors import StatsCollector

    from zaobao.archive.folder import Archive
    from zaobao.monitoring.findings import Finding
    from zaobao.monitoring.history import Report
    from zaobao.monitoring.monitors import RunMonitor
    from zaobao.monitoring.suspects import Suspects
    from zaobao.options import Options

EVER = datetime.min.replace(tzinfo=UTC)

logger = logging.getLogger(__name__)


class Comparison:
    """One run and the reports before it. Every method may raise ArchiveError."""

    def __init__(
        self,
        stats: StatsCollector,
        archive: Archive,
        sections: list[str],
        start: int,
        every: Sequence[Report],
    ) -> None:
        """start: where this run's lines begin in articles.jsonl. every: the reports of earlier
        runs of all spiders, oldest first.

        The stories that a run without a report has written, as it died, are judged with this one.
        """
        self.stats, self.archive, self.start = stats, archive, start
        earlier = [one for one in every if one.get("spider") == stats.get_value("zaobao/spider")]
        self.since = history.ended(every)
        history.watch(stats, archive, sections, earlier)
        for layout, size in marks.unreported(archive, start, self.since):
            figures.count_length(stats, layout, size)
        self.history = History(verdict.figures(stats.get_stats()), earlier)

    def find(self, monitor: type[RunMonitor]) -> list[Finding]:
        """What a monitor finds; each finding degrades the run."""
        found = list(monitor.find(self.history))
        for finding in found:
            verdict.degrade(self.stats, finding.sentence)
        return found

    def review(self, findings: Sequence[Finding], suspect: Suspects, options: Options) -> None:
        """Mark the suspect stories, and clear those that the run shows to be whole."""
        refused = self.stats.get_value("zaobao/quarantine/only_description", 0)
        found = [
            *suspect.found(self.history, refused),
            *self._repeated(suspect),
            *(finding.suspicion for finding in findings if finding.suspicion),
            *suspect.late(self.history),
        ]
        if not found and not suspect.unchanged:
            return
        judged = marks.Marks(self.archive, JekyllPostExporter(options), self.start)
        for suspicion in found:
            if suspicion.below:
                self.stats.set_value(f"zaobao/doubted/{suspicion.layout}", 0)
        marked = judged.mark(found, self.since or self.history.started) if found else {}
        told: dict[str, tuple[str, list[str]]] = {}
        for suspicion, ids in marked.items():
            if suspicion.below:
                self.stats.inc_value(f"zaobao/doubted/{suspicion.layout}", len(ids))
            # Stories of the same kind, each with a story of its own that it names, are told once.
            told.setdefault(suspicion.why.partition(": ")[0], (suspicion.why, []))[1].extend(ids)
        for why, ids in told.values():
            said = f"{counted(len(ids), 'story')}, {ids[0]} first"
            verdict.degrade(self.stats, f"in doubt, marked so and due again: {said} ({why})")
        cleared = judged.clear(
            self._sound(suspect, lengths.is_usual),
            self._sound(suspect, suspects.is_on_time),
            self._alone(suspect),
        )
        if cleared:
            said = counted(len(cleared), "story is", "stories are")
            logger.info("%s not suspect any more, %s first", said, cleared[0])

    def _repeated(self, suspect: Suspects) -> Iterator[Suspicion]:
        """Stories whose text another one gave, too, whichever run wrote them."""
        for number, one in suspect.repeated.items():
            known = self.archive.state.get(number)
            if known and one.others:
                why = repeated(next(iter(one.others.values()))).removeprefix(SUSPECT)
                yield Suspicion("", why, EVER, ids=frozenset({known.id}))

    def _alone(self, suspect: Suspects) -> set[str]:
        """Numbers of the stories that were read again and found the same, where the story that
        gave their text, too, has its own by now or was taken from the site."""
        get = self.archive.state.get
        found = set()
        still = {number for number, one in suspect.repeated.items() if one.others}
        for number in set().union(*suspect.unchanged.values()) - still:
            known = get(number)
            other = repeated_by(known.reason or "") if known else None
            there = get(number_in(other)) if other else None
            if there and (there.status == "written" or there.reason in ("http_404", "http_410")):
                found.add(number)
        return found

    def _sound(self, suspect: Suspects, is_sound: Callable[[History, str], bool]) -> set[str]:
        """Numbers of the suspect stories that were read again and found the same, where the
        newest runs show their layout to be in order."""
        return {
            number
            for layout, numbers in suspect.unchanged.items()
            if is_sound(self.history, layout)
            for number in numbers
        }
