"""What makes a run suspicious: one monitor for each kind, held against the reports in `runs/`.

A monitor of Spidermon's kind that also finds by itself: `find` gives what is not as usual, and each
finding degrades the run, whether or not anybody is told. To add one, write its class, put it into
`MONITORS` and its line into docs/alerts.md.
"""

from __future__ import annotations

from bisect import bisect
from datetime import timedelta
from itertools import accumulate
from statistics import median
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy.utils.misc import load_object
from spidermon import Monitor, MonitorSuite

from zaobao.archive.repeats import SAMPLE
from zaobao.layouts import LAYOUTS
from zaobao.monitoring import lengths
from zaobao.monitoring.falls import FALLEN, STORIES, at_most, fall
from zaobao.monitoring.findings import FEW, Finding, Suspicion
from zaobao.monitoring.history import WEEK, hours, moment, quiet_floor
from zaobao.options import ALERTS
from zaobao.text import counted
from zaobao.times import SINGAPORE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from scrapy.crawler import Crawler

    from zaobao.monitoring.history import History, Report

PAGES = 3
"""Earlier runs, or first pages of a list, before their figures are usual."""
DAY = timedelta(days=1)


class RunMonitor(Monitor):  # type: ignore[misc]  # Spidermon has no types
    """A monitor of a whole run. It fails in Spidermon's terms when it has found something."""

    kind: ClassVar[str]
    """Its name in a finding."""
    advice: ClassVar[str] = (
        "Look at such a page with `scrapy explain`; if its markup has changed, mend the layout "
        "(docs/when-the-site-changes.md)."
    )
    """What to do about its findings."""

    @classmethod
    def find(cls, history: History) -> Iterator[Finding]:
        """What is not as usual in `history.now`."""
        raise NotImplementedError

    @classmethod
    def finding(cls, sentence: str, suspicion: Suspicion | None = None) -> Finding:
        return Finding(cls.kind, sentence, cls.advice, suspicion)

    def test_run(self) -> None:
        found = [one.sentence for one in self.data.findings if one.kind == self.kind]
        if found:
            self.fail("; ".join(found))


class ListMonitor(RunMonitor):
    """As many cards on a list's first page as usual, by the usual selector, at its address."""

    kind = "lists"
    advice = (
        "Open the list in a browser. If the site has changed it, mend the layout that reads it "
        "(docs/when-the-site-changes.md); if it moved, give `-a section=` its new path."
    )

    @classmethod
    def find(cls, history: History) -> Iterator[Finding]:
        yield from cls._cards(history)
        yield from cls._selectors(history)
        yield from cls._addresses(history)

    @classmethod
    def _cards(cls, history: History) -> Iterator[Finding]:
        links = history.now.get("first_page_links", {})
        for section, found in {**dict.fromkeys(links, 0), **history.now["first_page"]}.items():
            sizes = [
                one["first_page"][section]
                for one in history.alike
                if section in one.get("first_page", {})
            ]
            if len(sizes) < PAGES or found > FALLEN * (usual := median(sizes)):
                continue
            sentence = f"{section}: {found} of usually {usual:g} cards on the first list page"
            if section in links:
                sentence = (
                    f"{section}: list container gone: {found} of usually {usual:g} cards; "
                    f"generic found {links[section]}"
                )
            yield cls.finding(sentence)

    @classmethod
    def _selectors(cls, history: History) -> Iterator[Finding]:
        for layout, found in _by_layout(history.now.get("list", {})).items():
            used: dict[str, int] = {}
            for one in history.alike:
                for name, count in _by_layout(one.get("list", {})).get(layout, {}).items():
                    used[name] = used.get(name, 0) + count
            known = {name for name in used if _is_selector(name)}
            usual = max(known, key=lambda name: used[name], default=None)
            other = sorted(name for name in found if _is_selector(name))
            if usual and used[usual] >= PAGES and other and usual not in found:
                yield cls.finding(
                    f"{layout}: the list's cards were found by {'; '.join(other)!r}, "
                    f"usually by {usual!r}"
                )

    @classmethod
    def _addresses(cls, history: History) -> Iterator[Finding]:
        for section, path in history.now.get("list_path", {}).items():
            before = [
                one["list_path"][section]
                for one in history.alike
                if section in one.get("list_path", {})
            ]
            if len(before) >= PAGES and path not in before:
                yield cls.finding(f"{section}: the list at {before[-1]} moved to {path}")


def _by_layout(counts: dict[str, int]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for name, count in counts.items():
        layout, _, rest = name.partition("/")
        found.setdefault(layout, {})[rest] = count
    return found


def _is_selector(name: str) -> bool:
    """Other names in a report's `list` are those of kinds of pagination."""
    return "." in name or "[" in name


class LayoutMonitor(RunMonitor):
    """Stories read by the layout that usually reads them."""

    kind = "layouts"
    advice = "See with `scrapy explain` which edition the site shows here, and check ZAOBAO_SITE."

    @classmethod
    def find(cls, history: History) -> Iterator[Finding]:
        """Most stories are read by another layout: the site shows another edition."""
        read = {name: n for name, n in history.layouts.items() if name != "generic"}
        for layout in sorted({name for one in history.alike for name in one.get("layout", {})}):
            before = [_read_by(one, layout) for one in history.alike]
            low = fall(before, _read_by(history.now, layout))
            if low and low.usual > FALLEN:
                most = max(read, key=lambda name: read[name])
                yield cls.finding(
                    f"{layout} read {low.found} of {low.of} stories, usually {low.usual:.0%}; "
                    f"{most} reads them: the site may show this address another edition"
                )


def _read_by(report: Report, layout: str) -> tuple[int, int]:
    """The stories that a layout read, and those that any layout read."""
    read = {name: n for name, n in report.get("layout", {}).items() if name != "generic"}
    return read.get(layout, 0), sum(read.values())


class ShareMonitor(RunMonitor):
    """A share of a layout's stories as large as usual."""

    @classmethod
    def shares(cls, history: History, layout: str) -> Iterator[tuple[str, str]]:
        """Where reports count the stories that have something, and what it is, in words."""
        raise NotImplementedError

    @classmethod
    def find(cls, history: History) -> Iterator[Finding]:
        for layout in history.layouts:
            if layout == "generic":
                continue
            for path, what in cls.shares(history, layout):
                low = history.fall(layout, path)
                if low and not cls.is_better(history, path):
                    yield cls.finding(
                        f"{layout}: {what} in {low.found} of {low.of} stories, usually in "
                        f"{low.usual:.0%}{cls.instead(history, path)}"
                    )

    @classmethod
    def is_better(cls, _history: History, _path: str) -> bool:
        """Whether the fall means that the pages tell more than they used to."""
        return False

    @classmethod
    def instead(cls, _history: History, _path: str) -> str:
        """What the stories have instead, or may have; it ends the sentence."""
        return ""


def _counted(history: History, group: str, layout: str) -> list[str]:
    """The names that earlier reports count for a layout in one of their groups."""
    names = {name for one in history.earlier for name in one.get(group, {})}
    return sorted(name for name in names if name.startswith(f"{layout}/"))


class FallbackMonitor(ShareMonitor):
    """Each field by its usual source in the chain of fallbacks."""

    kind = "fallbacks"
    fields = frozenset({"title", "published", "body", "tags", "lead"})
    best = frozenset({"ld+json", "meta"})
    """Sources that are no fallback: when one of them gives more often, nothing broke."""

    @classmethod
    def shares(cls, history: History, layout: str) -> Iterator[tuple[str, str]]:
        for name in _counted(history, "rung", layout):
            _, field, source = name.split("/", 2)
            if source != "none" and field in cls.fields:
                yield f"rung:{name}", f"{field} by {source!r}"

    @classmethod
    def is_better(cls, history: History, path: str) -> bool:
        layout, field, source = path.removeprefix("rung:").split("/", 2)
        found = history.now.get("rung", {})
        better = sum(
            found.get(f"{layout}/{field}/{one}", 0) for one in cls._above(layout, field, source)
        )
        return bool(better * 2 > history.layouts[layout])

    @classmethod
    def _above(cls, layout: str, field: str, source: str) -> frozenset[str]:
        """The sources before one. Those of a body are the layout's selectors: it was mended."""
        if field != "body":
            return cls.best - {source}
        chain = [one for known in LAYOUTS if known.name == layout for one in known.body]
        return frozenset(chain[: chain.index(source)] if source in chain else chain)

    @classmethod
    def instead(cls, history: History, path: str) -> str:
        layout, field, _ = path.removeprefix("rung:").split("/", 2)
        start = f"{layout}/{field}/"
        found = {
            name.removeprefix(start): count
            for name, count in history.now.get("rung", {}).items()
            if name.startswith(start)
        }
        return f"; now by {max(found, key=lambda name: found[name])!r}" if found else ""


class PictureMonitor(ShareMonitor):
    """As many stories with a picture as usual."""

    kind = "pictures"

    @classmethod
    def shares(cls, _history: History, layout: str) -> Iterator[tuple[str, str]]:
        yield f"pictured:{layout}", "a picture"


class AccessMonitor(ShareMonitor):
    """As many free stories as usual."""

    kind = "access"
    advice = (
        "Open some of the stories in a browser. If they are free there, mend the paywall markers "
        "(docs/when-the-site-changes.md); if not, nothing is to be done."
    )

    @classmethod
    def shares(cls, _history: History, layout: str) -> Iterator[tuple[str, str]]:
        yield f"access:{layout}/free", "free access"

    @classmethod
    def instead(cls, _history: History, _path: str) -> str:
        return "; a paywall may have come"


class RuleMonitor(ShareMonitor):
    """Each removal rule finds what it used to find."""

    kind = "rules"
    advice = (
        "Look for what the rule took with `scrapy explain`; if it is there under another selector, "
        "mend the rule (docs/when-the-site-changes.md)."
    )

    @classmethod
    def shares(cls, history: History, layout: str) -> Iterator[tuple[str, str]]:
        for name in _counted(history, "removing", layout):
            yield f"removing:{name}", f"a match of rule {name.removeprefix(f'{layout}/')!r}"

    @classmethod
    def instead(cls, _history: History, _path: str) -> str:
        return "; its selector may have changed"


class LengthMonitor(ShareMonitor):
    """Texts as long as usual, with their beginning."""

    kind = "lengths"

    @classmethod
    def find(cls, history: History) -> Iterator[Finding]:
        yield from super().find(history)
        for sentence, suspicion in lengths.shorter(history):
            yield cls.finding(sentence, suspicion)

    @classmethod
    def shares(cls, _history: History, layout: str) -> Iterator[tuple[str, str]]:
        yield f"begun:{layout}", "the start of its description"


class RepeatedMonitor(RunMonitor):
    """No words that most stories have in common and earlier ones did not have."""

    kind = "repeated"
    advice = (
        "Read one of the stories. If the words are an advert, write a rule for it "
        "(docs/when-the-site-changes.md)."
    )

    @classmethod
    def find(cls, history: History) -> Iterator[Finding]:
        """The runs since such words came do not make them usual."""
        repeated = history.now.get("repeated", {})
        foreign = frozenset(line for line in repeated if cls._is_foreign(line, history.earlier))
        for place, line in enumerate(sorted(foreign)):
            count = repeated[line]
            sentence = f"{count} stories hold the same words, no text of theirs: {line[:60]!r}"
            why = f"words of {count} stories of one run stand in it: {line[:60]!r}"
            # One suspicion: several such lines in one story are looked at together.
            suspicion = Suspicion("", why, cls._since(history), words=foreign)
            yield cls.finding(sentence, None if place else suspicion)

    @staticmethod
    def _is_foreign(line: str, earlier: Sequence[Report]) -> bool:
        stories = 0
        for one in earlier:
            if line in one.get("repeated", {}):
                break
            stories += sum(one.get("layout", {}).values())
        return stories >= STORIES

    @staticmethod
    def _since(history: History) -> datetime:
        """The start of the first of the runs whose stories were looked at with this one's."""
        stories, since = sum(history.layouts.values()), history.started
        for one in reversed(history.earlier):
            if stories >= SAMPLE:
                break
            stories, since = stories + sum(one.get("layout", {}).values()), moment(one["started"])
        return since


class HeadlineMonitor(RunMonitor):
    """No words that nearly all headlines begin or end with and earlier ones did not."""

    kind = "headlines"
    advice = (
        "Open one of the stories. If its headline stands there without the words, let the layout "
        "read the headline elsewhere (docs/when-the-site-changes.md)."
    )

    @classmethod
    def find(cls, history: History) -> Iterator[Finding]:
        for words, (count, of) in sorted(history.now.get("headlines", {}).items()):
            verb, _, shared = words.partition(" with ")
            yield cls.finding(f"{count} of {of} headlines {verb} with {shared!r}")


class YieldMonitor(RunMonitor):
    """As many new stories in 24 hours as usual, and a page for each that is listed."""

    kind = "yield"
    advice = (
        "Open the list in a browser: does the site give as much as before, and do its stories open?"
    )
    holiday = 0.2
    """The part of the usual stories that a holiday gives at least."""
    odds = 1e-4
    """Fewer stories than a holiday gives with these odds are too few."""
    unread = 0.2
    """The part of a run's stories that may be gone when they are listed."""

    @classmethod
    def find(cls, history: History) -> Iterator[Finding]:
        yield from cls._too_few(history)
        yield from cls._unread(history)

    @classmethod
    def _too_few(cls, history: History) -> Iterator[Finding]:
        """Of the last 24 hours, so that the hour of the day does not matter."""
        every = (*history.alike, history.now)
        if _span(every) < WEEK or history.now.get("dark_hours", 0) > 6:
            return
        *before, found = _days(every)
        usual = median(before)
        if at_most(found, cls.holiday * usual) < cls.odds:
            yield cls.finding(f"{counted(found, 'new story')} in 24 hours, usually {usual:g}")

    @classmethod
    def _unread(cls, history: History) -> Iterator[Finding]:
        """Many listed stories whose first answer is not the story's page, for one reason.

        A server that answers nothing or 5xx is away; the stories are due again, and the list
        tells.
        """
        now = history.now
        unread = now.get("unread", {}) if now.get("sections") else {}
        read = sum(history.layouts.values()) + now["counts"].get("quarantined", 0)
        tried = read + sum(unread.values())
        for reason, count in unread.items():
            is_away = not reason.islower() or reason.startswith(("http_5", "http_429"))
            if count >= FEW and count > cls.unread * tried and not is_away:
                yield cls.finding(f"{count} of {tried} listed stories could not be read: {reason}")


class QuietMonitor(RunMonitor):
    """No longer silence than ever before, of the list or of the scheduler."""

    kind = "quiet"
    advice = (
        "Open the list in a browser: has it newer stories? Look whether the timer or cron runs "
        "(docs/running.md)."
    )
    slow, slow_weekend = 1 / 2, 1 / 3
    """A day with less than this part of the best one's stories is slow; one that ends on Saturday
    to Monday has half of them at any time."""

    @classmethod
    def find(cls, history: History) -> Iterator[Finding]:
        yield from cls._scheduler(history)
        yield from cls._lists(history)

    @classmethod
    def _scheduler(cls, history: History) -> Iterator[Finding]:
        """No run was made for much longer than ever before."""
        earlier = history.earlier
        if (dark := history.now.get("dark_hours")) and len(earlier) >= PAGES:
            ends = [moment(one["finished"]) for one in earlier]
            starts = [moment(one["started"]) for one in earlier]
            gaps = [hours(b - a) for a, b in zip(ends, starts[1:], strict=False)]
            if dark > max(24.0, 4 * max(gaps)):
                yield cls.finding(f"no run was made in the {dark:.0f} hours before this one")

    @classmethod
    def _lists(cls, history: History) -> Iterator[Finding]:
        """Nothing new for longer than ever before, on a list that was watched for a week.

        Twice as long passes where the stories had become few before they ended: in a holiday week
        a whole day without one is ordinary.
        """
        now = history.now
        for section, quiet in now.get("quiet_hours", {}).items():
            longest = now.get("longest_quiet", {}).get(section)
            since = now.get("watched_since", {}).get(section)
            is_watched = since and history.started - moment(since) >= WEEK
            if longest is None or not is_watched or not history.alike:
                continue
            floor = quiet_floor(longest)
            if quiet > floor and not (quiet <= 2 * floor and cls._slowed(history.alike)):
                yield cls.finding(
                    f"{section}: nothing new for {quiet:.0f} hours, at most {longest:.0f} before; "
                    "the list may stand still"
                )

    @classmethod
    def _slowed(cls, earlier: Sequence[Report]) -> bool:
        """Whether the day that ended with the last new story gave far fewer than usual."""
        days = _days(earlier)
        last = next((n for n, one in enumerate(reversed(earlier)) if _new(one)), len(days))
        if last >= len(days) or _span(earlier) < 2 * DAY:
            return False
        day = moment(earlier[-1 - last]["started"]).astimezone(SINGAPORE).weekday()
        part = cls.slow_weekend if day in (5, 6, 0) else cls.slow
        return days[-1 - last] < part * max(days)


def _span(every: Sequence[Report]) -> timedelta:
    return moment(every[-1]["started"]) - moment(every[0]["started"])


def _days(every: Sequence[Report]) -> list[int]:
    """New stories of the 24 hours before the end of each run that has as many before it."""
    moments = [moment(one["started"]) for one in every]
    sums = [0, *accumulate(map(_new, every))]
    return [
        sums[place + 1] - sums[bisect(moments, end - DAY)]
        for place, end in enumerate(moments)
        if end - moments[0] >= DAY
    ]


def _new(report: Report) -> int:
    count: int = report["counts"]["new"]
    return count


MONITORS: tuple[type[RunMonitor], ...] = (
    *(QuietMonitor, ListMonitor, LayoutMonitor, FallbackMonitor, PictureMonitor, AccessMonitor),
    *(RuleMonitor, LengthMonitor, RepeatedMonitor, HeadlineMonitor, YieldMonitor),
)
"""All of them; their findings are told in this order."""


class VerdictMonitor(Monitor):  # type: ignore[misc]
    """Fails when the verdict is not `ok`, whatever the reason."""

    def test_verdict(self) -> None:
        outcome = self.data.outcome
        if outcome.verdict != "ok":
            self.fail("; ".join(outcome.reasons))


class RunSuite(MonitorSuite):  # type: ignore[misc]
    """All of them in Spidermon; the channels of ZAOBAO_ALERTS run after them.

    It is run when there is something to tell, which is also that all is well again.
    """

    monitors: ClassVar[list[Any]] = [*MONITORS, VerdictMonitor]

    def __init__(self, name: str | None = None, crawler: Crawler | None = None) -> None:
        names = crawler.settings.getlist("ZAOBAO_ALERTS") if crawler else []
        self.troubles: list[str] = []
        """Why an alert that was asked for cannot be sent; the others are."""
        made = [self._channel(one, crawler) for one in map(str.strip, names) if one]
        channels = [channel for channel in made if channel is not None]
        super().__init__(name=name, crawler=crawler, monitors_finished_actions=channels)

    def _channel(self, name: str, crawler: Crawler | None) -> Any:
        try:
            channel = load_object(ALERTS.get(name, name)).from_crawler(crawler)
        except Exception as error:  # noqa: BLE001 - whatever an action of others raises is told
            self.troubles.append(f"{name}: {error or type(error).__name__}")
            return None
        channel.channel = name
        return channel
