"""The message about a run, and whether anybody has to get it.

A cause is told once, then once a day as long as it lasts; the first run that is `ok` after that
is told, too. What was told when stands in each report, which hands it on to the next one, so it
is as safe as the reports are, and a run that dies before its report is told once more at most.
"""

from __future__ import annotations

import html
import re
import textwrap
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from zaobao import posts
from zaobao.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from zaobao.verdict import Outcome

AGAIN = timedelta(hours=23)
"""How long a cause is not told again. An hour less than a day: a daily timer has some play."""

_NUMBER = re.compile(r"\d+(?:[.,:-]\d+)*")
_ONE = re.compile(r"\b1 ((?:new )?story|error)\b")
_CAUSE = 300
"""Characters of a reason that tell causes apart."""

_WHAT_TO_DO = {
    "ok": "Nothing has to be done.",
    "failed": "What was written before is whole. Mend what the reasons name; the next run makes up "
    "for this one. `scrapy doctor` says what is wrong with the set-up or the archive.",
    "degraded": "What could be read is written. `scrapy doctor` says what is wrong with the set-up "
    "or the archive, docs/when-the-site-changes.md what to do when the site has changed.",
    "interrupted": "What was written is whole, and the next run goes on from there. If nobody "
    "stopped this run, look at why it ended.",
}


def cause(reason: str) -> str:
    """What makes two reasons the same: all but their numbers, ids and dates."""
    return _NUMBER.sub("N", _ONE.sub(lambda one: counted(2, one[1]), reason))[:_CAUSE]


@dataclass(frozen=True, slots=True)
class Alert:
    """What is told about one run.

    folder: where it writes. machine: the name of the computer. advice: what to do about the
    findings of its monitors.
    """

    outcome: Outcome
    spider: str
    sections: str
    folder: str
    started: datetime
    machine: str
    advice: tuple[str, ...] = ()

    @property
    def is_over(self) -> bool:
        """Whether it says that all is well again: an ok run is told for no other reason."""
        return self.outcome.verdict == "ok"

    @property
    def subject(self) -> str:
        """`zaobao: degraded (realtime china on news.example.org)`."""
        what = "all well again" if self.is_over else self.outcome.verdict
        return f"zaobao: {what} ({self.run} on {self.machine})"

    @property
    def run(self) -> str:
        """The spider, and the sections that it was asked for."""
        return f"{self.spider} {self.sections}".strip()

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        return (
            ("machine", self.machine),
            ("folder", self.folder),
            ("spider", self.run),
            ("started", f"{self.started:%Y-%m-%d %H:%M} UTC"),
        )

    @property
    def reasons(self) -> tuple[str, ...]:
        if self.is_over:
            return ("This run is ok; what was told before is over.",)
        return self.outcome.reasons

    @property
    def what_to_do(self) -> str:
        return " ".join([*self.advice, _WHAT_TO_DO[self.outcome.verdict]])

    @property
    def until(self) -> str:
        """When the reader hears of it again."""
        if self.is_over:
            return ""
        return "As long as it lasts this is told once a day, and once when all is well again."

    @property
    def text(self) -> str:
        """The message as plain text, one reason in a line."""
        parts = [
            self.subject,
            "\n".join(f"- {reason}" for reason in self.reasons),
            f"What to do: {self.what_to_do}",
            "\n".join(f"{name}: {value}" for name, value in self.facts),
            self.until,
        ]
        return "\n\n".join(part for part in parts if part)

    @property
    def mail(self) -> str:
        """The text in lines that a terminal shows whole."""
        return "\n".join(_wrapped(self.text.split("\n")))

    @property
    def html(self) -> str:
        """The message as an HTML document."""
        said = html.escape
        reasons = "\n".join(f"<li>{said(reason)}</li>" for reason in self.reasons)
        rows = "\n".join(
            f"<tr><th align='left'>{said(name)}</th><td>{said(value)}</td></tr>"
            for name, value in self.facts
        )
        after = f"<p>{said(self.until)}</p>\n" if self.until else ""
        return (
            "<!DOCTYPE html>\n<html>\n<head><meta charset='utf-8'></head>\n<body>\n"
            f"<h3>{said(self.subject)}</h3>\n<ul>\n{reasons}\n</ul>\n"
            f"<p><b>What to do:</b> {said(self.what_to_do)}</p>\n"
            f"<table>\n{rows}\n</table>\n{after}</body>\n</html>\n"
        )


def _wrapped(lines: Iterable[str]) -> Iterable[str]:
    for line in lines:
        after = "  " if line.startswith("- ") else ""
        yield from textwrap.wrap(
            line, 76, subsequent_indent=after, break_long_words=False, break_on_hyphens=False
        ) or [""]


class Told:
    """What was told about the runs of one spider and its sections: each cause, and when."""

    def __init__(self, earlier: Sequence[Mapping[str, Any]], now: datetime) -> None:
        """earlier: the reports of such runs, oldest first; the last one has what was told."""
        self.now = now
        self.causes: dict[str, datetime] = {}
        told = earlier[-1].get("told") if earlier else None
        for one, moment in told.items() if isinstance(told, dict) else ():
            # Of a report that was edited by hand the cause is told once more.
            if at := posts.moment(moment):
                self.causes[one] = at

    def is_news(self, outcome: Outcome) -> bool:
        """Whether somebody has to hear of a run."""
        if outcome.verdict == "ok":
            return bool(self.causes)
        return any(one not in self._recent() for one in map(cause, outcome.reasons))

    def after(self, outcome: Outcome, *, is_sent: bool) -> dict[str, datetime]:
        """What the next run has to know. is_sent: whether a message about this one arrived."""
        if outcome.verdict == "ok":
            return {} if is_sent else self.causes
        if is_sent:
            return {**self._recent(), **dict.fromkeys(map(cause, outcome.reasons), self.now)}
        return self.causes if self.is_news(outcome) else self._recent()

    def _recent(self) -> dict[str, datetime]:
        return {one: at for one, at in self.causes.items() if self.now - at < AGAIN}
