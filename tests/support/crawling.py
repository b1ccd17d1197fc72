"""Run crawls of the probe spider with the project's settings in a child process.

`crawl` is one ordinary `scrapy runspider`. `crawl_all` runs several side by side in
one process, each with settings of its own, so that the start is paid for once.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from tests.support import forkserver
from tests.support.archive import PATIENCE, ROOT

PROBE = "tests/support/spiders/probe.py"
FAST = {
    "DOWNLOAD_DELAY": "0",
    "AUTOTHROTTLE_ENABLED": "False",
    "DOWNLOAD_TIMEOUT": "2",
    "RETRY_TIMES": "1",
    "RETRY_BACKOFF": "0.1",
    "LOG_LEVEL": "INFO",
    # The probe yields no items; what writes and reports is tested elsewhere.
    "ITEM_PIPELINES": "{}",
    "EXTENSIONS": "{}",
    "ZAOBAO_OUTPUT": tempfile.gettempdir(),
}


@dataclass
class Job:
    """What is asked, under which ZAOBAO_SITE, with which further settings."""

    site: str
    plan: list[dict[str, str]]
    settings: dict[str, str] = field(default_factory=dict)
    follow: bool = False

    @property
    def all_settings(self) -> dict[str, str]:
        return {**FAST, "ZAOBAO_SITE": self.site, **self.settings}


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


def read(out: Path, exit_code: int, log: str) -> Report:
    wrote = json.loads(out.read_text()) if out.exists() else {}
    return Report(
        answers=wrote.get("answers", {}),
        stats=wrote.get("stats", {}),
        finished=wrote.get("finished", "never"),
        rss_mb=wrote.get("rss_mb", 0),
        listening=wrote.get("listening", []),
        exit_code=exit_code,
        log=log,
    )


def _command(job: Job, folder: Path) -> list[str]:
    (folder / "plan.json").write_text(json.dumps(job.plan))
    command = ["-m", "scrapy", "runspider", PROBE]
    command += ["-a", f"plan={folder / 'plan.json'}", "-a", f"out={folder / 'out.json'}"]
    command += ["-a", "follow=1"] if job.follow else []
    for name, value in job.all_settings.items():
        command += ["-s", f"{name}={value}"]
    return command


def start(job: Job, folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, *_command(job, folder)]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen[str], folder: Path) -> Report:
    _, log = process.communicate(timeout=PATIENCE)
    return read(folder / "out.json", process.returncode, log)


def crawl(site: str, plan: list[dict[str, str]], follow: bool = False, **settings: str) -> Report:
    """Ask every address of `plan` in one `scrapy runspider`; settings as for `-s`."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command = _command(Job(site, plan, settings, follow), folder)
        ended = forkserver.run(*command, environment=dict(os.environ), timeout=PATIENCE)
        return read(folder / "out.json", ended.returncode, ended.stderr)


def crawl_all(jobs: dict[str, Job]) -> dict[str, Report]:
    """Run the jobs side by side in one process; their reports share exit code and log."""
    with tempfile.TemporaryDirectory() as name:
        folder, plans = Path(name), []
        for number, job in enumerate(jobs.values()):
            plan, out = folder / f"{number}.plan", folder / f"{number}.out"
            plan.write_text(json.dumps(job.plan))
            arguments = {"plan": str(plan), "out": str(out), "follow": "1" if job.follow else ""}
            plans.append([job.all_settings, arguments])
        (folder / "jobs").write_text(json.dumps(plans))
        ended = forkserver.run(
            *("-m", "tests.support.crawling", str(folder / "jobs")),
            environment=dict(os.environ),
            timeout=PATIENCE,
        )
        return {
            name: read(folder / f"{number}.out", ended.returncode, ended.stderr)
            for number, name in enumerate(jobs)
        }


def _child(jobs: str) -> None:
    from scrapy.crawler import Crawler, CrawlerProcess
    from scrapy.utils.project import get_project_settings

    from tests.support.spiders.probe import Probe

    plans = json.loads(Path(jobs).read_text())
    settings = get_project_settings()
    # A process merges its settings into its crawls': theirs must rank higher.
    settings.setdict(plans[0][0], priority="project")
    process = CrawlerProcess(settings)
    for number, (own_settings, arguments) in enumerate(plans):
        own = settings.copy()
        own.setdict(own_settings, priority="cmdline")
        process.crawl(Crawler(Probe, own, init_reactor=number == 0), **arguments)
    process.start()


if __name__ == "__main__":
    _child(sys.argv[1])
