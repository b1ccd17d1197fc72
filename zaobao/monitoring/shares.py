"""Shares of stories held against what used to be: rungs, pictures, access, rules. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zaobao.layouts import LAYOUTS
from zaobao.monitoring.odds import FALLEN, Drift, Fall, fall

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from zaobao.monitoring.odds import Report

BEST = frozenset({"ld+json", "meta"})
"""Rungs that are no fallback: when one of them wins more often, nothing broke."""


def fallen(now: Report, earlier: Sequence[Report]) -> Iterator[Drift]:
    """Rungs, pictures, access and rules that win or match in far fewer stories than usual."""
    for layout in now.get("layout", {}):
        if layout == "generic":
            continue
        for kind, path, what in _features(earlier, layout):
            low = fell(now, earlier, layout, path)
            if low and not _rises(now, path):
                yield Drift(
                    kind,
                    f"{layout}: {what} in {low.found} of {low.of} stories, "
                    f"usually in {low.usual:.0%}{_instead(now, path)}",
                )


def other_layout(now: Report, alike: Sequence[Report]) -> Iterator[Drift]:
    """The layout of most stories reads few by now, and others read them: another edition came."""

    def counts(report: Report, layout: str) -> tuple[int, int]:
        read = {name: n for name, n in report.get("layout", {}).items() if name != "generic"}
        return read.get(layout, 0), sum(read.values())

    read = {name: n for name, n in now.get("layout", {}).items() if name != "generic"}
    for layout in sorted({name for one in alike for name in one.get("layout", {})}):
        before = [counts(one, layout) for one in alike]
        low = fall(before, counts(now, layout))
        if low and low.usual > FALLEN:
            most = max(read, key=lambda name: read[name])
            yield Drift(
                "layouts",
                f"{layout} read {low.found} of {low.of} stories, usually {low.usual:.0%}; "
                f"{most} reads them: the site may show this address another edition",
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
    yield "lengths", f"begun:{layout}", "the start of its description"
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
    above = [one for known in LAYOUTS if known.name == layout for one in known.body]
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


def fell(now: Report, earlier: Sequence[Report], layout: str, path: str) -> Fall | None:
    """The fall of a feature, with the runs before that were as low."""
    group, _, name = path.partition(":")

    def counts(report: Report) -> tuple[int, int]:
        return report.get(group, {}).get(name, 0), report.get("layout", {}).get(layout, 0)

    return fall([counts(one) for one in earlier], counts(now))
