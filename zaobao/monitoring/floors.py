"""What a run gave against what such runs used to give. Pure: reports in, sentences out.

A report is the content of a file in `runs/`.
"""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from zaobao.monitoring import doubts, lengths, shares, silence
from zaobao.monitoring.doubts import FEW
from zaobao.monitoring.odds import FALLEN, Drift
from zaobao.monitoring.silence import PAGES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from zaobao.monitoring.odds import Report

UNREAD = 0.2
"""The part of a run's stories that may be gone when they are listed."""


def drifts(now: Report, earlier: Sequence[Report]) -> list[Drift]:
    """Every fall of the run `now`; earlier: the reports before it, oldest first."""
    alike = [one for one in earlier if _asks(one) == _asks(now) and one.get("list")]
    return [
        *silence.dark(now, earlier),
        *_first_pages(now, alike),
        *_list_rungs(now, alike),
        *_moved(now, alike),
        *shares.other_layout(now, alike),
        *shares.fallen(now, earlier),
        *doubts.repeated(now, earlier),
        *lengths.shorter(now, earlier),
        *silence.quiet(now, alike),
        *silence.too_few(now, alike),
        *_unread(now),
    ]


def _unread(now: Report) -> Iterator[Drift]:
    """Stories of a list whose first answer is no page of theirs, many for one reason.

    A server that answers nothing or 5xx is away; the stories are due again, and the list tells.
    """
    unread = now.get("unread", {}) if now.get("sections") else {}
    read = sum(now.get("layout", {}).values()) + now["counts"].get("quarantined", 0)
    tried = read + sum(unread.values())
    for reason, count in unread.items():
        is_away = not reason.islower() or reason.startswith(("http_5", "http_429"))
        if count >= FEW and count > UNREAD * tried and not is_away:
            yield Drift("yield", f"{count} of {tried} listed stories could not be read: {reason}")


def _asks(report: Report) -> tuple[object, object]:
    return report.get("spider"), report.get("sections")


# --- the lists


def _first_pages(now: Report, earlier: Sequence[Report]) -> Iterator[Drift]:
    links = now.get("first_page_links", {})
    for section, found in {**dict.fromkeys(links, 0), **now["first_page"]}.items():
        sizes = [
            one["first_page"][section] for one in earlier if section in one.get("first_page", {})
        ]
        if len(sizes) < PAGES or found > FALLEN * (usual := median(sizes)):
            continue
        sentence = f"{section}: {found} of usually {usual:g} cards on the first list page"
        if section in links:
            sentence = (
                f"{section}: list container gone: {found} of usually {usual:g} cards; "
                f"generic found {links[section]}"
            )
        yield Drift("lists", sentence)


def _list_rungs(now: Report, earlier: Sequence[Report]) -> Iterator[Drift]:
    for layout, rungs in _by_first(now.get("list", {})).items():
        used: dict[str, int] = {}
        for one in earlier:
            for rung, count in _by_first(one.get("list", {})).get(layout, {}).items():
                used[rung] = used.get(rung, 0) + count
        first = {rung for rung in used if "." in rung or "[" in rung}  # others name a way on
        usual = max(first, key=lambda rung: used[rung], default=None)
        other = {rung for rung in rungs if "." in rung or "[" in rung}
        if usual and used[usual] >= PAGES and other and usual not in rungs:
            yield Drift(
                "lists",
                f"{layout}: the list's cards were found by {'; '.join(sorted(other))!r}, "
                f"usually by {usual!r}",
            )


def _moved(now: Report, earlier: Sequence[Report]) -> Iterator[Drift]:
    """A list that answers under an address at which it never did before."""
    for section, path in now.get("list_path", {}).items():
        before = [
            one["list_path"][section] for one in earlier if section in one.get("list_path", {})
        ]
        if len(before) >= PAGES and path not in before:
            yield Drift("lists", f"{section}: the list at {before[-1]} moved to {path}")


def _by_first(counts: dict[str, int]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for name, count in counts.items():
        first, _, rest = name.partition("/")
        found.setdefault(first, {})[rest] = count
    return found
