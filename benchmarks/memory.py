"""P6: whether a crawl's memory stays flat, on more pages than a disk should hold.

The pages are rendered when they are asked for, by a server of its own process:
`python -m benchmarks.memory PORT COUNT`.
"""

from __future__ import annotations

import gzip
import subprocess
import sys
import time

from aiohttp import web

from benchmarks import crawls, pages, server
from benchmarks.runs import fresh
from benchmarks.table import Row
from demo.bulk import generated

_EVERY = 0.2


def rows(count: int) -> list[Row]:
    """The resident memory after `count` written articles − after a tenth of them."""
    port = server.free_port()
    command = [sys.executable, "-m", "benchmarks.memory", str(port), str(count)]
    process = subprocess.Popen(command, cwd=crawls.ROOT, stdout=subprocess.DEVNULL)
    try:
        server.wait(port)
        few, many = _crawl(f"http://127.0.0.1:{port}", count)
    finally:
        process.terminate()
        process.wait()
    print(
        f"  {few:.1f} MiB after {count // 10} pages, {many:.1f} MiB after {count}", file=sys.stderr
    )
    what = f"memory after {count:,} pages − after {count // 10:,}"
    return [Row("P6", what, "≤ 4", "MiB", [many - few])]


def _crawl(origin: str, count: int) -> tuple[float, float]:
    """MiB after a tenth of the articles and after the last; Broken when some are missing."""
    output = fresh("memory")
    written, few, many = 0, 0.0, 0.0
    command = crawls.crawl(origin, output, -(-count // pages.LIST_SIZE))
    with (
        (crawls.WORK / "log").open("wb") as log,
        (output / "articles.jsonl").open("w+b") as lines,
        subprocess.Popen(command, cwd=crawls.ROOT, stdout=log, stderr=log) as process,
    ):
        while process.poll() is None:
            written += lines.read().count(b"\n")
            if written >= count // 10:
                many = crawls.memory(process.pid, "VmRSS") or many
                few = few or many
            time.sleep(_EVERY)
        written += lines.read().count(b"\n")
    if written < count * 0.99:
        raise crawls.Broken(f"{written} articles of {count} were written")
    return few, many


def _serve(port: int, count: int) -> None:
    stories = list(generated(count, pages.DAY))
    for story in stories:
        story.section = f"news/{pages.SECTION}"
    by_path = {story.path: story for story in stories}

    async def answer(request: web.Request) -> web.Response:
        if request.path == f"/realtime/{pages.SECTION}":
            page = pages.list_page(stories, int(request.query.get("page", "1")))
        elif story := by_path.get(request.path):
            page = pages.story_page(story, stories[:12])
        else:
            raise web.HTTPNotFound
        headers = {"Content-Type": "text/html; charset=utf-8", "Content-Encoding": "gzip"}
        return web.Response(body=gzip.compress(page, 1), headers=headers)

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    web.run_app(app, host="127.0.0.1", port=port, access_log=None, print=None)


if __name__ == "__main__":
    _serve(int(sys.argv[1]), int(sys.argv[2]))
