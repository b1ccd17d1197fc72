"""`python -m benchmarks`: the ratios of docs/performance.md, in turn, in one table."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections import defaultdict
from statistics import median
from typing import TYPE_CHECKING

from benchmarks import crawls, extraction, memory, pages, peers, runs, scale, server, table
from benchmarks.crawls import Broken, Tool
from benchmarks.table import Row

if TYPE_CHECKING:
    from benchmarks.server import Served

PROJECT = "the project"
COMPARED = (
    Row("P1", "minimal Scrapy", "≥ 1.5, then 2.0"),
    Row("P1", "minimal Scrapy, LOG_LEVEL=INFO", "–"),
    Row("P2", "newspaper4k", "≥ 25, then 40"),
    Row("P2", "fundus", "≥ 2, then 3"),
    Row("P2", "crawlee", "≥ 1, then 1.3"),
)
"""Articles per CPU second of the project ÷ those of this tool."""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pages", type=int, default=2000, help="articles of a crawl (2000)")
    parser.add_argument("--quick", action="store_true", help="3 rounds of 400 articles")
    parser.add_argument("--only", default="P1,P2,P3", help="for instance P3, or P4,P5,P7,P8")
    parser.add_argument("--many", type=int, default=100_000, help="articles of P6 (100000)")
    parser.add_argument(
        "--scale",
        type=int,
        nargs="*",
        metavar="COUNT",
        help="instead: what the commands cost on archives of so many stories (1000 10000)",
    )
    given = parser.parse_args()
    if given.quick:
        given.rounds, given.pages = 3, 400
    given.only = set(given.only.split(","))
    if unknown := given.only - {f"P{number}" for number in range(1, 9)}:
        parser.error(f"--only takes P1 to P8, not {', '.join(sorted(unknown))}")
    return given


def _tools(lists: int) -> list[Tool]:
    """Each crawls few list pages and many; a page more must do for newspaper4k, slow as it is."""
    few = max(1, lists // 10)
    project = crawls.start_project()
    info = crawls.minimal("-s", "LOG_LEVEL=INFO")
    return [
        Tool(PROJECT, crawls.project, few, lists, crawls.ROOT),
        Tool("minimal Scrapy", crawls.minimal(), few, lists, project),
        Tool("minimal Scrapy, LOG_LEVEL=INFO", info, few, lists, project),
        Tool("newspaper4k", crawls.peer("newspaper4k"), 1, 2),
        Tool("fundus", crawls.peer("fundus"), few, lists),
        Tool("crawlee", crawls.peer("crawlee"), few, lists),
    ]


def _crawl_all(tools: list[Tool], rows: list[Row], served: Served) -> dict[str, float]:
    """Every tool once; each row gets its ratio of this round. Microseconds an article."""
    by_tool = {row.what: row for row in rows}
    costs: dict[str, float] = {}
    for tool in tools:
        row = by_tool.get(tool.name)
        if tool.name != PROJECT and (row is None or row.why_not):
            continue
        try:
            costs[tool.name] = tool.cost(served.origin) * 1e6
        except (Broken, peers.NotInstalled) as error:
            if row is None:
                raise
            row.why_not = str(error)
            continue
        if row:
            row.values.append(costs[tool.name] / costs[PROJECT])
        print(f"  {tool.name}: {costs[tool.name]:,.0f} µs CPU an article", file=sys.stderr)
    return costs


def _measure(given: argparse.Namespace, made: pages.Pages, served: Served) -> list[str]:
    """Print the table; further lines for the conditions."""
    tools = _tools(len(made.lists))
    sizes = {pages_ for tool in tools for pages_ in (tool.few, tool.many)}
    pages.write(made, crawls.WORK / "pages", served.origin, sorted(sizes))
    rows = [row for row in COMPARED if row.name in given.only]
    extracted = Row("P3", "page bytes → clean Article, CPU ÷ one lxml parse", "≤ 2.0, then 1.6")
    costs, parses = defaultdict(list), []
    for number in range(1, given.rounds + 1):
        print(f"round {number} of {given.rounds}", file=sys.stderr)
        if rows:
            for name, cost in _crawl_all(tools, rows, served).items():
                costs[name].append(cost)
        if "P3" in given.only:
            ratio, parse = extraction.ratio(made.stories)
            extracted.values.append(ratio)
            parses.append(parse)
    for row in rows:
        row.what = f"articles/CPU s ÷ {row.what}"
    rows += [extracted] if parses else []
    rows += _others(given, served, len(made.lists))
    print(table.rendered(rows) + "\n")
    more = [f"one parse: {median(parses) * 1e6:,.0f} µs"] if parses else []
    return more + [f"{name}: {median(each):,.0f} µs CPU an article" for name, each in costs.items()]


def _others(given: argparse.Namespace, served: Served, lists: int) -> list[Row]:
    """The rows of P4 to P8 that were asked for."""
    measures = {
        "P4": lambda: runs.rebuilding(given.rounds, served, lists),
        "P5": lambda: runs.unchanged(served, lists),
        "P6": lambda: memory.rows(given.many),
        "P7": lambda: runs.million(given.rounds, served),
        "P8": lambda: runs.start(given.rounds, served),
    }
    return [row for name, rows in measures.items() if name in given.only for row in rows()]


def main() -> None:
    given = _arguments()
    if given.scale is not None:
        crawls.WORK.mkdir(parents=True, exist_ok=True)
        print(scale.table(given.scale or scale.COUNTS))
        print(table.conditions([]))
        return
    print(f"rendering {given.pages} pages …", file=sys.stderr)
    made = pages.build(given.pages)
    shutil.rmtree(crawls.WORK, ignore_errors=True)
    (crawls.WORK / "out").mkdir(parents=True)
    with server.serve(crawls.WORK) as served:
        more = _measure(given, made, served)
    sizes = sorted(map(len, made.stories.values()))
    rendered = (
        f"{len(sizes)} article pages of {sizes[0] // 1000}–{sizes[-1] // 1000} KB in two layouts, "
        f"{len(made.lists)} list pages, {server.about()} on loopback, {given.rounds} rounds in turn"
    )
    installed = [f"{name} {peers.version(name)}" for name in peers.PACKAGES if peers.is_there(name)]
    print(table.conditions([rendered, "peers: " + ", ".join(installed), *more]))


if __name__ == "__main__":
    main()
