"""P5, P7 and P8, and P6 in the long form: what a run costs beside its articles."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from benchmarks import crawls
from benchmarks.table import Row

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.server import Served

KNOWN = 1_000_000
_OPEN = """
import json, resource, sys, time
from pathlib import Path
import zaobao.store
from zaobao.state import State
before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
state = State(Path(sys.argv[1]))
state.status("9000000"), state.length
took = time.perf_counter() - started
print(json.dumps([took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before]))
"""
_FILL = """
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from zaobao.known import Known
from zaobao.state import State
state, now = State(Path(sys.argv[1])), datetime.now(UTC)
with state.batch():
    for n in range(int(sys.argv[2])):
        number = str(1_000_000 + n)
        story = f"20260901-{number}"
        known = Known(number, story, f"https://www.zaobao.com/news/china/story{story}")
        file = f"_posts/2026-09-01-{number}.md"
        state.remember(
            Known(**{**{f: getattr(known, f) for f in known.__dataclass_fields__},
            "file": file, "published": now, "first_seen": now, "last_checked": now,
            "digest": "sha256:" + number.rjust(64, "0"), "revision": 1}),
            length=None,
        )
state.length = 0
"""


def rows(wanted: set[str], rounds: int, served: Served, lists: int) -> list[Row]:
    """The rows that were asked for."""
    found: list[Row] = []
    if "P5" in wanted:
        found += unchanged(served, lists)
    if "P6" in wanted:
        found.append(memory(served, lists))
    if "P7" in wanted:
        found += million(rounds)
    if "P8" in wanted:
        found.append(start(rounds))
    return found


def unchanged(served: Served, lists: int) -> list[Row]:
    """P5: the run right after a whole one."""
    output = _fresh("unchanged")
    sizes = []
    for _ in range(2):
        before = len(served.answers())
        crawls.run(crawls.crawl(served.origin, output, lists), crawls.ROOT)
        answers = served.answers(before)
        sizes.append((len(answers), sum(size for size, _ in answers)))
    (_, whole), (requests, again) = sizes
    return [
        Row(
            "P5", "nothing changed: requests, robots.txt among them", "1 a section", "", [requests]
        ),
        Row("P5", "nothing changed: bytes ÷ whole crawl", "≤ 0.1", "%", [100 * again / whole]),
    ]


def memory(served: Served, lists: int) -> Row:
    """P6: the same pages again and again in one process, its peak after few and after many."""
    row = Row("P6", "peak memory, all pages − a quarter of them", "≤ 16, then 4", "MiB")
    peaks = []
    for pages in (lists // 4, lists):
        output = _fresh("memory")
        peaks.append(crawls.run(crawls.crawl(served.origin, output, pages), crawls.ROOT).peak)
    row.values.append((peaks[1] - peaks[0]) / 1024)
    return row


def million(rounds: int) -> list[Row]:
    """P7: a state of a million written stories against an empty one, each in a new process."""
    paths = {count: _fresh(f"known-{count}") / "state.sqlite" for count in (0, KNOWN)}
    for count, path in paths.items():
        print(f"  a state of {count:,} stories …", file=sys.stderr)
        _python(_FILL, str(path), str(count))
    times = Row("P7", f"{KNOWN:,} known stories: extra time to open", "≤ 50, then 10", "ms")
    extra = Row("P7", f"{KNOWN:,} known stories: extra memory", "≤ 20", "MB")
    for _ in range(rounds):
        (empty, small), (full, large) = (_python(_OPEN, str(path)) for path in paths.values())
        times.values.append((full - empty) * 1000)
        extra.values.append((large - small) * 1024 / 1e6)
    return [times, extra]


def start(rounds: int) -> Row:
    """P8: `scrapy crawl` up to its first request, with nothing to fetch, ÷ an empty project."""
    row = Row(
        "P8", "CPU of a `scrapy crawl` that fetches nothing ÷ an empty project's", "≤ 1.3, 1.1"
    )
    folder = crawls.start_project()
    spider = folder / "minimal" / "spiders" / "news.py"
    spider.write_text(
        "import scrapy\n\n\nclass NewsSpider(scrapy.Spider):\n    name = 'news'\n\n"
        "    async def start(self):\n        return\n        yield\n"
    )
    empty = [str(crawls.BIN / "scrapy"), "crawl", "news"]
    none = crawls.WORK / "none.txt"
    none.write_text("")
    ours = [str(crawls.BIN / "scrapy"), "crawl", "stories", "-a", f"file={none}"]
    ours += ["-s", f"ZAOBAO_OUTPUT={_fresh('start')}"]
    for turn in range(rounds + 1):
        base = crawls.run(empty, folder).cpu
        ratio = crawls.run(ours, crawls.ROOT).cpu / base
        if turn:  # the first one fills caches
            row.values.append(ratio)
    return row


def _fresh(name: str) -> Path:
    folder = crawls.WORK / "runs" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _python(code: str, *arguments: str) -> list[float]:
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=crawls.ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout or "[]")
