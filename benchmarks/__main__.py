"""`python -m benchmarks`: the tables of docs/performance.md, each tool in turn."""

from __future__ import annotations

import argparse
import shutil
import sys
from statistics import median
from typing import TYPE_CHECKING

from benchmarks import crawls, extraction, memory, pages, peers, runs, scale, server, table
from benchmarks.crawls import Broken, Tool
from benchmarks.table import Row

if TYPE_CHECKING:
    from benchmarks.server import Served

PROJECT, MINIMAL, DURABLE = "the project", "minimal Scrapy", "minimal Scrapy, durable"
ASKING, MINIMAL_ASKING = "the project, asking", "minimal Scrapy, asking"
COMPARED = (
    Row("P1", MINIMAL, "≥ 1.5, then 2.0"),
    Row("P1d", DURABLE, "≥ 2.0, then 2.5"),
    Row("P2", "newspaper4k", "≥ 20, then 40"),
    Row("P2", "fundus", "≥ 2, then 3"),
    Row("P2", "crawlee", "≥ 1, then 1.3"),
    Row("P2", "newspaper4k, durable", "–"),
    Row("P2", "fundus, durable", "–"),
    Row("P2", "crawlee, durable", "–"),
)
"""Stories per CPU second of the project ÷ those of this tool."""
NAMES = ("P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pages", type=int, default=800, help="stories of a crawl (800)")
    parser.add_argument("--quick", action="store_true", help="3 rounds of 400 stories")
    parser.add_argument("--only", default="P1,P2,P3,P5,P7,P8", help="for instance P3, or P4,P7")
    parser.add_argument("--many", type=int, default=100_000, help="stories of P6 (100000)")
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
    if unknown := given.only - set(NAMES):
        parser.error(f"--only takes P1 to P8, not {', '.join(sorted(unknown))}")
    return given


def _tools(lists: int) -> list[Tool]:
    """Each crawls few list pages and many; one must do for newspaper4k, slow as it is."""
    few, folder = max(1, lists // 10), crawls.start_project()
    tools = [
        Tool(PROJECT, crawls.project, few, lists, crawls.ROOT),
        Tool(MINIMAL, crawls.minimal, few, lists, folder),
        Tool(DURABLE, crawls.durable, few, lists, folder),
        Tool(ASKING, crawls.asking, few, lists, crawls.ROOT),
        Tool(MINIMAL_ASKING, crawls.minimal_asking, few, lists, folder),
    ]
    for name in peers.PACKAGES:
        sizes = (0, 1) if name == "newspaper4k" else (few, lists)
        tools.append(Tool(name, crawls.peer(name, "lines"), *sizes))
        tools.append(Tool(f"{name}, durable", crawls.peer(name, "durable"), *sizes))
    return tools


def _crawl_all(tools: list[Tool], only: set[str], served: Served) -> dict[str, float]:
    """Every tool once; CPU seconds a story by the tool's name."""
    by_tool = {row.what: row for row in COMPARED}
    costs: dict[str, float] = {}
    for tool in tools:
        row = by_tool.get(tool.name)
        if row and (row.why_not or row.name[:2] not in only):
            continue
        try:
            costs[tool.name] = tool.cost(served.origin)
        except (Broken, peers.NotInstalled) as error:
            if tool.folder != crawls.WORK:  # no peer
                raise
            row.why_not = str(error).strip().splitlines()[-1][:160]
            continue
        print(f"  {tool.name}: {costs[tool.name] * 1e6:,.0f} µs CPU a story", file=sys.stderr)
        if row:
            row.values.append(costs[tool.name] / costs[PROJECT])
    return costs


def _parts(costs: dict[str, float], read: extraction.Reading) -> list[tuple[float, ...]]:
    """Asking, reading, keeping and the whole: of the project, of minimal Scrapy that keeps too."""
    sides = (PROJECT, ASKING, read.whole), (DURABLE, MINIMAL_ASKING, read.minimal)
    return [
        (costs[asking], reading, costs[whole] - costs[asking] - reading, costs[whole])
        for whole, asking, reading in sides
    ]


def _measure(given: argparse.Namespace, made: pages.Pages, served: Served) -> list[str]:
    """Print the tables; further lines for the conditions."""
    tools = _tools(len(made.lists))
    sizes = {pages_ for tool in tools for pages_ in (tool.few, tool.many)}
    pages.write(made, crawls.WORK / "pages", served.origin, sorted(sizes))
    costs, read = [], []
    for number in range(1, given.rounds + 1):
        print(f"round {number} of {given.rounds}, load {table.load()}", file=sys.stderr)
        if given.only & {"P1", "P2"}:
            costs.append(_crawl_all(tools, given.only, served))
        if given.only & {"P1", "P3"}:
            read.append(extraction.read(made.stories))
    rows = [row for row in COMPARED if row.name[:2] in given.only]
    for row in rows:
        row.what = f"stories/CPU s ÷ {row.what}"
    if "P3" in given.only:
        ratios = [each.whole / each.parse for each in read]
        what = "page bytes → clean story, CPU ÷ one lxml parse"
        rows.append(Row("P3", what, "≤ 1.4, then 1.2", values=ratios))
    rows += _others(given, served, made)
    print(table.rendered(rows) + "\n")
    if "P1" in given.only:
        print(table.parts([_parts(*each) for each in zip(costs, read, strict=True)]) + "\n")
    more = [f"one parse: {median(each.parse for each in read) * 1e6:,.0f} µs"] if read else []
    means = {name: median(each[name] for each in costs if name in each) for name in _names(costs)}
    return more + [f"{name}: {mean * 1e6:,.0f} µs CPU a story" for name, mean in means.items()]


def _names(costs: list[dict[str, float]]) -> list[str]:
    return list(dict.fromkeys(name for each in costs for name in each))


def _others(given: argparse.Namespace, served: Served, made: pages.Pages) -> list[Row]:
    """The rows of P4 to P8 that were asked for."""
    lists = len(made.lists)
    measures = {
        "P4": lambda: runs.rebuilding(given.rounds, served, lists, made.stories),
        "P5": lambda: runs.unchanged(served, lists),
        "P6": lambda: memory.rows(given.many),
        "P7": lambda: runs.million(given.rounds, served),
        "P8": lambda: runs.start(given.rounds, served),
    }
    return [row for name, rows in measures.items() if name in given.only for row in rows()]


def main() -> None:
    given = _arguments()
    crawls.WORK.mkdir(parents=True, exist_ok=True)
    if given.scale is not None:
        print(scale.table(given.scale or scale.COUNTS))
        print(table.conditions([]))
        return
    before = table.load()
    print(f"rendering {given.pages} pages …", file=sys.stderr)
    made = pages.build(given.pages)
    shutil.rmtree(crawls.WORK, ignore_errors=True)
    (crawls.WORK / "out").mkdir(parents=True)
    with server.serve(crawls.WORK) as served:
        more = _measure(given, made, served)
    sizes = sorted(map(len, made.stories.values()))
    rendered = (
        f"{len(sizes)} story pages of {sizes[0] // 1000}–{sizes[-1] // 1000} KB in two layouts, "
        f"{len(made.lists)} list pages, {server.about()} on loopback, {given.rounds} rounds in turn"
    )
    installed = [f"{name} {peers.version(name)}" for name in peers.PACKAGES if peers.is_there(name)]
    with_peers = [f"peers: {', '.join(installed)}"] if installed else []
    loads = f"load {before} at the start, {table.load()} at the end"
    print(table.conditions([loads, rendered, *with_peers, *more]))


if __name__ == "__main__":
    main()
