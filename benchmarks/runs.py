"""P4, P5, P7 and P8: what a run costs beside its articles."""

from __future__ import annotations

import json
import shutil
import sqlite3
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from benchmarks import crawls, extraction
from benchmarks.pages import LIST_SIZE
from benchmarks.table import Row
from zaobao.archive.record import Record
from zaobao.archive.state import State
from zaobao.urls import StoryUrl

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from benchmarks.server import Served

KNOWN = 1_000_000


def rebuilding(rounds: int, served: Served, lists: int, stories: Mapping[str, bytes]) -> list[Row]:
    """P4: `scrapy reextract` of crawls whose posts are gone; no start-up is in either figure."""
    cost = Row("P4", "`reextract`: CPU a story ÷ page bytes → clean story", "≤ 1.5, then 1.3")
    cores = Row("P4", "`reextract` by the clock: one core ÷ all", "≥ 1.8 on two")
    sizes = max(1, lists // 10), lists
    few, many = (fresh(f"rebuilt-{size}") for size in sizes)
    for output, size in zip((few, many), sizes, strict=True):
        command = crawls.crawl(served.origin, output, size, "-s", "ZAOBAO_RAW=on")
        crawls.run(command, crawls.ROOT)
    for _ in range(rounds):
        whole, start = _reextract(many), _reextract(few)
        further = (whole.cpu - start.cpu) / ((sizes[1] - sizes[0]) * LIST_SIZE)
        cost.values.append(further / extraction.read(stories).whole)
        one, one_start = (_reextract(each, "taskset", "-c", "0") for each in (many, few))
        cores.values.append((one.wall - one_start.wall) / (whole.wall - start.wall))
    return [cost, cores]


def _reextract(output: Path, *prefix: str) -> crawls.Child:
    posts = {post: post.read_bytes() for post in (output / "_posts").iterdir()}
    for post in posts:
        post.unlink()
    command = [*prefix, str(crawls.BIN / "scrapy"), "reextract", "-s", f"ZAOBAO_OUTPUT={output}"]
    child = crawls.run(command, crawls.ROOT)
    if {post: post.read_bytes() for post in (output / "_posts").iterdir()} != posts:
        raise crawls.Broken("reextract gave other posts than the crawl")
    return child


def unchanged(served: Served, lists: int) -> list[Row]:
    """P5: the run right after a whole one, robots.txt counted too."""
    output = fresh("unchanged")
    sizes = []
    for _ in range(2):
        before = len(served.answers())
        crawls.run(crawls.crawl(served.origin, output, lists), crawls.ROOT)
        answers = served.answers(before)
        requests = [path for _, path in answers if path != "/robots.txt"]
        sizes.append((len(requests), sum(size for size, _ in answers)))
    (_, whole), (requests, again) = sizes
    return [
        Row("P5", "nothing changed: requests of a section", "1", "", [requests]),
        Row("P5", "nothing changed: bytes ÷ whole crawl", "≤ 0.1", "%", [100 * again / whole]),
    ]


def million(rounds: int, served: Served) -> list[Row]:
    """P7: a run that finds nothing new, with a million more known stories and without, in turn."""
    small, large = fresh("known-40"), fresh(f"known-{KNOWN}")
    crawls.run(crawls.crawl(served.origin, small, 1), crawls.ROOT)
    shutil.copytree(small, large, dirs_exist_ok=True)
    print(f"  a state of {KNOWN:,} stories …", file=sys.stderr)
    _fill(large / "state.sqlite", KNOWN)
    times = Row("P7", f"{KNOWN:,} known stories: CPU more for a run", "≤ 10", "ms")
    extra = Row("P7", f"{KNOWN:,} known stories: peak memory more", "≤ 20", "MiB")
    for turn in range(2 * rounds + 1):  # a run is short, and what is looked for is little
        few, many = (
            crawls.run(crawls.crawl(served.origin, output, 1), crawls.ROOT)
            for output in (small, large)
        )
        if turn:  # the first one fills caches
            times.values.append((many.cpu - few.cpu) * 1000)
            extra.values.append(many.peak - few.peak)
    return [times, extra]


def _fill(path: Path, count: int) -> None:
    """Add written stories: one as `remember` stores it, and the same rows with other numbers."""
    first, now = 1_000_000, datetime(2026, 9, 1, tzinfo=UTC)
    story = StoryUrl.of(f"https://www.zaobao.com/news/china/story20260901-{first}")
    record = replace(
        Record.of(story),
        published=now,
        first_seen=now,
        last_checked=now,
        revision=1,
        lists=("china",),
        file=f"_posts/2026-09-01-{first}.md",
        digest=f"sha256:{first:064}",
        access="free",
        layout="sg_cards",
    )
    state = State(path)
    state.remember(record)
    state.close()
    with closing(sqlite3.connect(path)) as database, database:
        numbers = "WITH RECURSIVE n(n) AS (VALUES(?1 + 1) UNION ALL SELECT n + 1 FROM n LIMIT ?2)"
        for table in ("stories", "names"):
            columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
            values = ", ".join(
                f"CASE typeof({name}) WHEN 'text' THEN replace({name}, ?1, n) ELSE {name} END"
                for name in columns
            )
            database.execute(
                f"{numbers} INSERT INTO {table} SELECT {values} FROM n, "
                f"(SELECT * FROM {table} WHERE number = CAST(?1 AS TEXT))",
                (first, count - 1),
            )


def start(rounds: int, served: Served) -> list[Row]:
    """P8: `scrapy crawl` of a story that is known, so without a request ÷ an empty project's."""
    row = Row("P8", "CPU of a `scrapy crawl` that fetches nothing ÷ an empty project's", "≤ 1.1")
    folder = crawls.start_project()
    spider = folder / "minimal" / "spiders" / "news.py"
    spider.write_text(
        "import scrapy\n\n\nclass NewsSpider(scrapy.Spider):\n    name = 'news'\n\n"
        "    async def start(self):\n        return\n        yield\n"
    )
    empty = [str(crawls.BIN / "scrapy"), "crawl", "news"]
    output = fresh("start")
    crawls.run(crawls.crawl(served.origin, output, 1), crawls.ROOT)
    known = json.loads((output / "articles.jsonl").read_bytes().partition(b"\n")[0])["url"]
    ours = [str(crawls.BIN / "scrapy"), "crawl", "stories", "-a", f"urls={known}"]
    ours += ["-s", f"ZAOBAO_OUTPUT={output}", "-s", f"ZAOBAO_SITE={served.origin}"]
    for turn in range(rounds + 1):
        base = crawls.run(empty, folder).cpu
        ratio = crawls.run(ours, crawls.ROOT).cpu / base
        if turn:  # the first one fills caches
            row.values.append(ratio)
    return [row]


def fresh(name: str) -> Path:
    """An empty folder."""
    folder = crawls.WORK / "runs" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
