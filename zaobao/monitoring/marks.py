"""Suspect stories, marked after they were written, and cleared once a run shows them whole.

A mark is no edit: the line is put in place of the story's own, with revision 0 where it was 1, so
that the first reading without a mark is revision 1, and the post is written again. Posts first,
then all lines in one step, then the state. A run that dies in between leaves no report, and the
next one judges its stories again.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from zaobao import posts, text, times
from zaobao.archive.record import (
    DESCRIBED,
    LATE,
    REPEATED,
    SHORT,
    SUSPECT,
    Record,
    why_suspect,
)
from zaobao.items import FIRST, PROVISIONAL, Article
from zaobao.lines import decode_line, encode_line
from zaobao.urls import number_in

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from datetime import datetime

    from zaobao.archive.folder import Archive
    from zaobao.exporters import JekyllPostExporter
    from zaobao.monitoring.findings import Suspicion

logger = logging.getLogger(__name__)

REACH = 8 << 20
"""Bytes at the end of articles.jsonl in which stories of earlier runs are looked for: two months
of China."""

Line = dict[str, Any]

_UNJUDGED = ("adopted", "generic")


def unreported(archive: Archive, start: int, since: datetime | None) -> Iterator[tuple[str, int]]:
    """Layouts and lengths of stories written after the last report, by a run that died.

    start: where this run's lines begin. since: the last report's end.
    """
    if since is None or not _lines_after(archive, max(0, start - (1 << 16)), start, since):
        return
    for line in _lines_after(archive, max(0, start - REACH), start, since):
        if line["layout"] not in _UNJUDGED:
            yield line["layout"], text.count(line["text"])


def _lines_after(archive: Archive, begin: int, end: int, since: datetime) -> list[Line]:
    found: list[Line] = []

    def look(offset: int, data: bytes) -> bytes:
        line = decode_line(data) if offset < end else None
        if line and (moment := posts.moment(line.get("crawled"))) and moment > since:
            found.append(line)
        return data

    archive.change_lines(look, begin)
    return found


class Marks:
    """Marks and clears the suspect stories of one archive."""

    def __init__(self, archive: Archive, exporter: JekyllPostExporter, start: int) -> None:
        """start: where the lines of this run begin."""
        self.archive, self.exporter, self.start = archive, exporter, start

    def mark(self, suspicions: Sequence[Suspicion], since: datetime) -> dict[Suspicion, list[str]]:
        """Mark the suspect stories of this run; their ids.

        since: stories that were read later are judged, too, whichever run wrote them.
        """
        marked: dict[Suspicion, list[str]] = {}

        def changed(offset: int, line: Line) -> Line | None:
            crawled, found = posts.moment(line["crawled"]), line
            for one in suspicions:
                is_of = offset >= self.start or (crawled and crawled >= min(one.since, since))
                new = _marked(found, one) if is_of else None
                if new is not None:
                    marked.setdefault(one, []).append(line["id"])
                    found = new
            return None if found is line else found

        self._rewrite(changed, max(0, min(self.start, self.archive.length - REACH)))
        return marked

    def clear(
        self, texts: Collection[str], clocks: Collection[str], alone: Collection[str] = ()
    ) -> list[str]:
        """Take the mark about their text or their time from stories, by number; their ids.

        alone: those whose text no other story gives any more.
        """
        cleared: list[str] = []

        def changed(_offset: int, line: Line) -> Line | None:
            number, why = number_in(line["id"]), why_suspect(line) or ""
            sound = None
            is_whole = number in texts and why.startswith((SHORT, DESCRIBED))
            if is_whole or (number in alone and why.startswith(REPEATED)):
                sound = {"access": "free", "access_reason": None}
            elif number in clocks and why.startswith(LATE):
                sound = {"published": _moment(line["published_raw"])}
            if sound is None:
                return None
            cleared.append(line["id"])
            return {**line, **sound, "revision": max(FIRST, line["revision"])}

        if texts or clocks or alone:
            self._rewrite(changed, 0)
        return cleared

    def _rewrite(self, changed: Callable[[int, Line], Line | None], start: int) -> None:
        """Put lines in place of others, with their posts."""
        archive, state = self.archive, self.archive.state
        stored: list[Record] = []

        def each(offset: int, data: bytes) -> bytes:
            line = decode_line(data)
            known = state.get(number_in(str(line.get("id")))) if line else None
            if not line or not known or not _is_current(line, known):
                return data
            new = changed(offset, line)
            if new is None or not self._write_post(new):
                return data
            if not stored:
                state.distrust()  # until it fits the lines again
            stored.append(
                replace(
                    known,
                    access=new["access"],
                    published=posts.moment(new["published"]),
                    revision=new["revision"],
                    reason=why_suspect(new),
                    due=None,
                    attempts=0,
                )
            )
            return encode_line(new)

        with self.archive.writing():
            archive.change_lines(each, start)
            if stored:
                with state.batch():
                    for known in stored:
                        state.remember(known)
                    state.length = archive.length

    def _write_post(self, line: Line) -> bool:
        """Write the post of a line; False where there is none to be written."""
        there = self.archive.read_post(line["post"])
        if there is None:
            return False
        post = self.exporter.post(Article.from_dict(line), posts.gone(there))
        self.archive.write_post(line["post"], post)
        return True


def _is_current(line: Line, known: Record) -> bool:
    """Whether a line is its story's last, by a crawl."""
    return (
        known.status == "written"
        and known.layout == line.get("layout") not in _UNJUDGED
        and (known.revision, known.digest) == (line.get("revision"), line.get("digest"))
    )


def _moment(raw: str) -> str | None:
    moment = times.parse(raw)
    return moment.astimezone(times.SINGAPORE).isoformat() if moment else None


def _marked(line: Line, suspicion: Suspicion) -> Line | None:
    """The line with its mark; None when it is not suspect, or is marked already."""
    if not (line["published"] if suspicion.clock else line["access"] == "free"):
        return None
    if not suspicion.holds(line):
        return None
    new = {**line, "revision": PROVISIONAL if line["revision"] == FIRST else line["revision"]}
    if suspicion.clock:
        return {**new, "published": None, "updated": None}
    return {**new, "access": "unknown", "access_reason": SUSPECT + suspicion.why}
