"""A spider that asks what a plan names and writes down what came of each request.

`-a plan=FILE`: JSON, a list of `{"url": …, "kind": …}`. `-a out=FILE`: there it
writes `{"answers": {url: …}, "stats": {…}, "rss_mb": …, "listening": [...]}`.
"""

import json
from pathlib import Path

import scrapy

from zaobao.page import Page


def listening() -> list[str]:
    """The local addresses on which this very process listens."""
    inodes = set()
    for fd in Path("/proc/self/fd").iterdir():
        try:
            target = str(fd.readlink())
        except OSError:
            continue
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    found = []
    for table in ("/proc/self/net/tcp", "/proc/self/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in inodes:
                found.append(fields[1])
    return found


class Probe(scrapy.Spider):
    name = "probe"

    def __init__(self, plan: str, out: str, follow: str = "", **kwargs: str) -> None:
        super().__init__(**kwargs)
        self.plan = json.loads(Path(plan).read_text())
        self.out, self.follow = Path(out), bool(follow)
        self.answers: dict[str, str] = {}
        self.listening: set[str] = set()

    async def start(self):
        for one in self.plan:
            yield self.ask(one["url"], one.get("kind", "list"))

    def ask(self, url: str, kind: str) -> scrapy.Request:
        return scrapy.Request(
            url,
            meta={"zaobao_kind": kind},
            cb_kwargs={"asked": url},
            callback=self.parse,
            errback=self.failed,
            dont_filter=True,
        )

    def parse(self, response, asked):
        self.listening.update(listening())
        kind = response.meta["zaobao_kind"]
        problem = None
        if kind in ("list", "story"):
            problem = "too_deep" if Page(response.url, response.body).is_too_deep else None
        self.answers[asked] = problem or f"page {len(response.text)} {response.encoding}"
        if self.follow:
            for link in response.css("a::attr(href)").getall():
                yield self.ask(response.urljoin(link), "list")

    def failed(self, failure):
        asked = failure.request.cb_kwargs["asked"]
        error = failure.value
        reason = getattr(error, "reason", None)
        if reason is None and hasattr(error, "response"):
            reason = f"http_{error.response.status}"
        self.answers[asked] = f"{type(error).__name__} {reason}"

    def closed(self, reason):
        status = Path("/proc/self/status").read_text()
        peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        stats = {k: v for k, v in self.crawler.stats.get_stats().items() if "time" not in k}
        report = {
            "answers": self.answers,
            "finished": reason,
            "rss_mb": int(peak.split()[1]) / 1024,
            "listening": sorted(self.listening),
            "stats": {key: str(value) for key, value in stats.items()},
        }
        self.out.write_text(json.dumps(report))
