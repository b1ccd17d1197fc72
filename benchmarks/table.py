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
    load = Path("/proc/loadavg").read_text().split()[0]
    return f"{len(models)} × {models[0] if models else platform.machine()}, load {load} at the end"
