"""One table of ratios, and the conditions under which they were taken."""

from __future__ import annotations

import platform
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from statistics import median

from lxml import etree


@dataclass
class Row:
    """One ratio. reach: what it must be at least, or at most. values: one a round."""

    name: str
    what: str
    reach: str
    unit: str = "×"
    values: list[float] = field(default_factory=list)
    why_not: str = ""

    @property
    def cells(self) -> tuple[str, str, str]:
        """Median, range, number of rounds."""
        if not self.values:
            return "–", self.why_not or "not run", "0"
        low, high = min(self.values), max(self.values)
        return (
            f"{number(median(self.values))} {self.unit}",
            f"{number(low)}–{number(high)}",
            str(len(self.values)),
        )


def number(value: float) -> str:
    """Three digits are what these measurements are worth."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def rendered(rows: list[Row]) -> str:
    """The rows as a Markdown table."""
    lines = ["| # | what | median | range | rounds | to reach |", "|---|---|---|---|---|---|"]
    for row in rows:
        middle, span, rounds = row.cells
        lines.append(f"| {row.name} | {row.what} | {middle} | {span} | {rounds} | {row.reach} |")
    return "\n".join(lines)


def parts(rounds: list[list[tuple[float, ...]]]) -> str:
    """What a story costs, in parts: of the project, of the other side, and their ratio.

    rounds: in each, for the two sides, CPU seconds for asking, reading, keeping and the whole.
    """
    lines = ["| µs of CPU a story | asking | reading | keeping | whole |", "|---|---|---|---|---|"]
    columns = [list(zip(*both, strict=True)) for both in rounds]
    for side, name in enumerate(("the project", "minimal Scrapy, durable")):
        cells = [median(each[part][side] for each in columns) * 1e6 for part in range(4)]
        lines.append(f"| {name} | " + " | ".join(f"{cell:,.0f}" for cell in cells) + " |")
    ratios = [[theirs / ours for ours, theirs in each] for each in columns]
    cells = [_ratio([each[part] for each in ratios]) for part in range(4)]
    return "\n".join([*lines, f"| ÷ | {' | '.join(cells)} |"])


def _ratio(values: list[float]) -> str:
    return f"{number(median(values))} × ({number(min(values))}–{number(max(values))})"


def load() -> str:
    """The processes that ran or waited in the last minute, on the average."""
    return Path("/proc/loadavg").read_text().split()[0]


def conditions(more: list[str]) -> str:
    """Machine and versions, one line each."""
    libxml = ".".join(map(str, etree.LIBXML_VERSION))
    names = ("scrapy", "lxml", "parsel", "nh3")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    lines = [
        f"machine: {_processor()}, Linux {platform.release()}",
        f"Python {platform.python_version()}, {versions}, libxml2 {libxml}",
        *more,
    ]
    return "\n".join(f"- {line}" for line in lines)


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{len(models)} × {models[0] if models else platform.machine()}"
