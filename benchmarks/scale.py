"""What an archive of many stories costs: `python -m benchmarks --scale [COUNT …]`.

An archive is drawn as a crawl with `ZAOBAO_RAW=on` would have left it. Then the commands
are run on it as a user runs them. CPU seconds are user and system time of the command and its
processes; seconds by the clock hold the machine's other work, too. Memory is the command's own
at most; `reextract` has one process more for each core.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
import threading
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

from scrapy.utils.project import get_project_settings

from benchmarks import crawls
from benchmarks.extraction import CRAWLED, article
from benchmarks.pages import DAY
from demo import pages as demo
from demo.bulk import generated
from zaobao import urls
from zaobao.archive import raw
from zaobao.exporters import JekyllPostExporter, line
from zaobao.options import Options

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from demo.story import Story

COUNTS = (1_000, 10_000)
DRAWN = 60
"""Stories that are drawn and read; the others are these with other numbers and headlines."""
FIRST = 4_000_000
"""The number of the first story."""
_PLAIN = re.compile(r"[^\W_]+")
_SITEMAP = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{}\n</urlset>'
)


@dataclass(frozen=True)
class Model:
    """A story as it is written, once. Its number and headline stand in all of it."""

    number: str
    title: str
    url: str
    name: str
    line: bytes
    post: bytes
    page: bytes

    @classmethod
    def of(cls, story: Story, others: list[Story], exporter: JekyllPostExporter) -> Model:
        page = demo.story_page(story, 0, others).encode()
        url = urls.CANONICAL_ORIGIN + story.path
        read = article(url, page)
        read.crawled = CRAWLED
        name = exporter.file_name(read, lambda _: False)
        read.post = f"_posts/{name}"
        # Which a rule of today removes: each story changes when it is read again.
        read.body_html += "<p>从前留下的一段。</p>"
        return cls(story.number, read.title, url, name, line(read), exporter.post(read), page)

    def numbered(self, number: str, data: bytes) -> bytes:
        """A text of it with another number, which stands behind the headline, too."""
        data = data.replace(self.number.encode(), number.encode())
        return data.replace(self.title.encode(), f"{self.title}第{number}号".encode())


@dataclass(frozen=True)
class Archive:
    """addresses: of all stories."""

    folder: Path
    addresses: list[str]

    def command(self, name: str, *arguments: str, site: str = "") -> Sequence[str]:
        """A scrapy command on it."""
        given = ["-s", f"ZAOBAO_OUTPUT={self.folder}", "-s", f"ZAOBAO_SITE={site or crawls.NOBODY}"]
        pace = ["-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=False"]
        return [str(crawls.BIN / "scrapy"), name, *given, *pace, *arguments]


def models() -> list[Model]:
    exporter = JekyllPostExporter(Options.from_settings(get_project_settings()))
    found = [
        story
        for story in generated(40 * DRAWN, DAY)
        if _PLAIN.fullmatch(story.title) and not story.quirks
    ]
    return [Model.of(story, found[:12], exporter) for story in found[:DRAWN]]


def draw(folder: Path, count: int) -> Archive:
    """An archive of so many stories, without its state."""
    (folder / "_posts").mkdir(parents=True)
    drawn, addresses, kept = models(), [], raw.Raw(folder)
    with (folder / "articles.jsonl").open("wb") as lines, mock.patch.object(os, "fsync"):
        for place in range(count):
            model, number = drawn[place % len(drawn)], str(FIRST + place)
            name, url = (
                model.numbered(number, text.encode()).decode() for text in (model.name, model.url)
            )
            lines.write(model.numbered(number, model.line))
            (folder / "_posts" / name).write_bytes(model.numbered(number, model.post))
            story = urls.StoryUrl.of(url)
            kept.add(story.id, CRAWLED, None, [(url, model.numbered(number, model.page))])
            addresses.append(url)
    kept.close()
    return Archive(folder, addresses)


def _steps(made: Archive, site: str) -> Iterator[tuple[str, Sequence[str]]]:
    """What is done, and its command."""
    fresh = Archive(made.folder.with_name("adopted"), [])
    yield "adopt", fresh.command("adopt", str(made.folder / "_posts"))
    shutil.rmtree(fresh.folder)
    known = ["stories", "-a", f"urls={made.addresses[0]}"]
    yield "state rebuilt", made.command("crawl", *known)
    yield "start, nothing new", made.command("crawl", *known)
    yield "doctor", made.command("doctor")
    yield "doctor again", made.command("doctor")
    day = urls.StoryUrl.of(made.addresses[0]).day
    month = made.command("audit", f"{day:%Y-%m}", "--section", "all", site=site)
    yield "audit of a month", month
    yield "withdraw one", made.command("withdraw", urls.StoryUrl.of(made.addresses[0]).id)
    yield "reextract, all changed", made.command("reextract")
    yield "reextract, all the same", made.command("reextract")


def measure(count: int) -> dict[str, crawls.Child]:
    """By what was done, what it took."""
    found = {}
    with tempfile.TemporaryDirectory(prefix="zaobao-scale-") as name:
        print(f"drawing {count:,} stories …", file=sys.stderr)
        made = draw(Path(name) / "drawn", count)
        os.sync()  # what the drawing left is not to be waited for
        with _sitemaps(made.addresses) as site:
            for what, command in _steps(made, site):
                found[what] = crawls.run(command, crawls.ROOT)
                print(f"  {what}: {_cell(found[what])}", file=sys.stderr)
    return found


@contextmanager
def _sitemaps(addresses: list[str]) -> Iterator[str]:
    """A site that has nothing but the sitemap of each month."""
    months = defaultdict(list)
    for url in addresses:
        months[f"{urls.StoryUrl.of(url).day:%Y%m}"].append(urls.StoryUrl.of(url).canonical)

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            named = re.search(r"sitemap-(\d{6})", self.path)
            listed = months.get(named[1], []) if named else []
            self.send_response(200 if listed else 404)
            self.end_headers()
            if listed:
                entries = "\n".join(f"<url><loc>{url}</loc></url>" for url in listed[:50_000])
                self.wfile.write(_SITEMAP.format(entries).encode())

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def _cell(took: crawls.Child) -> str:
    return f"{took.cpu:.1f} / {took.wall:.1f} / {took.peak:.0f}"


def table(counts: Sequence[int]) -> str:
    """CPU seconds, seconds by the clock and MiB of each command, by the number of stories."""
    found = {count: measure(count) for count in counts}
    lines = ["| CPU s / s / MiB | " + " | ".join(f"{count:,}" for count in counts) + " |"]
    lines.append("|---" * (len(counts) + 1) + "|")
    for what in found[counts[0]]:
        cells = " | ".join(_cell(found[count][what]) for count in counts)
        lines.append(f"| {what} | {cells} |")
    return "\n".join(lines) + "\n"
