"""Run a crawl of the probe spider with the project's settings in a child process."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
FAST = {
    "DOWNLOAD_DELAY": "0",
    "AUTOTHROTTLE_ENABLED": "False",
    "DOWNLOAD_TIMEOUT": "2",
    "RETRY_TIMES": "1",
    "RETRY_BACKOFF": "0.1",
    "LOG_LEVEL": "INFO",
}


@dataclass
class Report:
    """What the probe wrote, and how its process ended."""

    answers: dict[str, str]
    stats: dict[str, str]
    finished: str
    rss_mb: float
    listening: list[str]
    exit_code: int
    log: str

    def refused(self, reason: str) -> int:
        return int(self.stats.get(f"zaobao/refused/{reason}", 0))


def start(
    site: str, plan: list[dict[str, str]], folder: Path, follow: bool = False, **settings: str
) -> subprocess.Popen[str]:
    (folder / "plan.json").write_text(json.dumps(plan))
    command = [sys.executable, "-m", "scrapy", "runspider", "tests/spiders/probe.py"]
    command += ["-a", f"plan={folder / 'plan.json'}", "-a", f"out={folder / 'out.json'}"]
    command += ["-a", "follow=1"] if follow else []
    for name, value in {**FAST, "ZAOBAO_SITE": site, **settings}.items():
        command += ["-s", f"{name}={value}"]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen[str], folder: Path) -> Report:
    _, log = process.communicate(timeout=90)
    out = folder / "out.json"
    wrote = json.loads(out.read_text()) if out.exists() else {}
    return Report(
        answers=wrote.get("answers", {}),
        stats=wrote.get("stats", {}),
        finished=wrote.get("finished", "never"),
        rss_mb=wrote.get("rss_mb", 0),
        listening=wrote.get("listening", []),
        exit_code=process.returncode,
        log=log,
    )


def crawl(site: str, plan: list[dict[str, str]], follow: bool = False, **settings: str) -> Report:
    """Ask every address of `plan` under ZAOBAO_SITE=`site`; settings as for `-s`."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        return finish(start(site, plan, folder, follow, **settings), folder)
