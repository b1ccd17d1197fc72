"""`make demo`: serve the newspaper, crawl it as a user would, show what came of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from demo.newspaper import Newspaper
from demo.server import serve

OUTPUT = Path("build/demo")
"""Outside `output/`: a site shows whatever posts lie there as the paper's own."""


def main(output: Path = OUTPUT) -> int:
    """Crawl into `output`, which is emptied first. Returns the crawl's exit code."""
    shutil.rmtree(output, ignore_errors=True)
    with serve(Newspaper(datetime.now(UTC))) as served:
        environment = {
            **os.environ,
            "ZAOBAO_SITE": served.origin,
            "ZAOBAO_OUTPUT": str(output),
            "SCRAPY_SETTINGS_MODULE": "zaobao.settings",
        }
        # The newspaper is ours, so there is nobody to be polite to.
        settings = ("DOWNLOAD_DELAY=0", "AUTOTHROTTLE_ENABLED=False", "LOG_LEVEL=WARNING")
        command = ["-m", "scrapy", "crawl", "realtime", *(f"-s{value}" for value in settings)]
        print(f"A newspaper of our own is at {served.origin}")
        print(f"$ scrapy crawl realtime  (ZAOBAO_SITE={served.origin})", flush=True)
        code = subprocess.run([sys.executable, *command], env=environment, check=False).returncode  # noqa: S603
    posts = sorted((output / "_posts").glob("*.md"))
    if posts:
        print(f"\n{posts[0]}:\n\n{posts[0].read_text('utf-8')}")
    print(f"{len(posts)} posts: {output}/_posts/   JSON lines: {output}/articles.jsonl")
    return code


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
