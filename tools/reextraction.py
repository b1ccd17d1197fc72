"""Posts from raw pages, against the crawl that wrote them: `python -m tools.reextraction`.

The bundled newspaper is crawled with `ZAOBAO_RAW=on`. Then every post is spoilt
and `scrapy reextract` has to write it again, byte for byte, while it is killed.

    python -m tools.reextraction --stories 1000 --kills 5
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from demo.server import Served, serve
from tests.support.archive import PATIENCE, Archive
from tests.support.clock import fresh_paper

SHARE = 2.6
"""Generated stories for each one that the list of China has."""
SPOILT = b"spoilt\n"


@dataclass
class Measured:
    """Seconds of the crawl and of the whole `reextract`, and how often it was killed."""

    stories: int
    crawl: float
    reextract: float = 0
    kills: int = 0


def crawled(served: Served, folder: Path) -> tuple[Archive, Measured]:
    """An archive with the raw page of every story of China."""
    archive = Archive(folder, served.origin)
    began = time.monotonic()
    done = archive.crawl(
        "realtime",
        "-a",
        "pages=200",
        ZAOBAO_RAW="on",
        ZAOBAO_MAX_PAGES="200",
        ZAOBAO_MAX_NEW="5000",
    )
    assert done.returncode == 0, done.stderr
    return archive, Measured(len(archive.posts), time.monotonic() - began)


def edit(served: Served, archive: Archive, count: int) -> None:
    """Edit some stories and crawl them again: each has an earlier version then."""
    for story in [
        s for s in served.paper.listed("china") if s.status == 200 and s.access == "free"
    ][:count]:
        story.body += "\n<p>编者按：这一段是后来加上的。</p>"
    done = archive.crawl("realtime", "-a", "refresh=40", ZAOBAO_RAW="on")
    assert done.returncode == 0, done.stderr


def spoil(archive: Archive) -> None:
    """Every post and every earlier text becomes something else."""
    for path in [*archive.folder.glob("_posts/*.md"), *archive.folder.glob("revisions/*/*.md")]:
        path.write_bytes(SPOILT)


def killed(archive: Archive, seconds: float = 0) -> bool:
    """Kill `reextract` some seconds after its first post; False when it was at its end before."""
    left = [path for path in archive.folder.glob("_posts/*.md") if path.read_bytes() == SPOILT]
    with subprocess.Popen(archive.command("reextract"), **archive.where()) as child:
        while child.poll() is None and all(path.read_bytes() == SPOILT for path in left):
            time.sleep(0.005)
        time.sleep(seconds)
        child.kill()
        child.wait()
        child.communicate(timeout=PATIENCE)
    return child.returncode < 0


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.reextraction")
    parser.add_argument("--stories", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=5)
    given = parser.parse_args()
    paper = fresh_paper(bulk=round(SHARE * given.stories))
    with tempfile.TemporaryDirectory() as name, serve(paper) as served:
        archive, measured = crawled(served, Path(name) / "output")
        assert measured.stories >= given.stories, f"the paper has only {measured.stories}"
        before = archive.tree()
        spoil(archive)
        while measured.kills < given.kills and killed(archive, 0.2 * measured.kills):
            measured.kills += 1
        done = archive.scrapy("reextract")
        assert done.returncode == 0, done.stderr
        assert archive.tree() == before, "the posts differ"
        spoil(archive)
        began = time.monotonic()
        done = archive.scrapy("reextract")
        measured.reextract = time.monotonic() - began
        assert archive.tree() == before, "the posts differ"
    print(
        f"{measured.stories} stories: crawled in {measured.crawl:.1f} s, rebuilt byte for byte in "
        f"{measured.reextract:.1f} s ({measured.crawl / measured.reextract:.1f} times as fast), "
        f"the same after {measured.kills} kills"
    )


if __name__ == "__main__":
    main()
