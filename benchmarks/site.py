"""What the layouts of the site cost: `python -m benchmarks.site [POSTS]`.

CPU seconds of Jekyll for the same posts, pages and plugins, with the layouts as
they are and with them emptied, in turn; the best of five of each. Promised: at
most 1.4 times, for 1,000 posts.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support import site_posts

ROUNDS = 5
SITE = Path(__file__).parent.parent / "zaobao" / "site"


def spent(source: Path, layouts: str) -> float:
    """CPU seconds of one build."""
    other = source / "_other.yml"
    other.write_text(f"layouts_dir: {layouts}\n")
    target = source.parent / "built"
    shutil.rmtree(target, ignore_errors=True)
    config = f"{source / '_config.yml'},{other}"
    command = ["jekyll", "build", "-q", "-s", str(source), "-d", str(target), "--config", config]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([*command, "--disable-disk-cache"], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure(count: int) -> tuple[float, float]:
    """Best CPU seconds with the layouts, and with them emptied."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "output"
        shutil.copytree(SITE, source)
        site_posts.write_posts(source, count, minutes=33)
        (source / "_empty").mkdir()
        for layout in (source / "_layouts").iterdir():
            (source / "_empty" / layout.name).write_text("{{ content }}\n")
        rounds = [(spent(source, "_layouts"), spent(source, "_empty")) for _ in range(ROUNDS)]
    return min(whole for whole, _ in rounds), min(empty for _, empty in rounds)


if __name__ == "__main__":
    posts = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    whole, empty = measure(posts)
    print(
        f"{posts} posts: {whole:.2f} s of CPU, {empty:.2f} s with empty layouts, "
        f"ratio {whole / empty:.2f}"
    )
