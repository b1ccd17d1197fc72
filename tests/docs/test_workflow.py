"""docs/examples/crawl.yml: its steps run in their order, as a runner of GitHub Actions does."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from demo.server import Served
from tests.support import clock
from tests.support.archive import PATIENCE, ROOT
from tests.support.examples import EXAMPLES, installed
from tests.support.whole import numbers

pytestmark = pytest.mark.slow

CRAWL = yaml.safe_load((EXAMPLES / "crawl.yml").read_text("utf-8"))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return installed(tmp_path)


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), "-c", "user.name=t", "-c", "user.email=t@example.org"]
    return subprocess.run(
        [*command, *arguments], text=True, capture_output=True, check=True
    ).stdout.strip()


class Workflow:
    """The crawl job's own steps, run in order as a runner does, and what the cache would hold."""

    def __init__(self, home: Path, origin: Path, site: str) -> None:
        self.home, self.origin, self.site = home, origin, site
        self.cache: dict[str, Path] = {}

    def run(self) -> dict[str, str]:
        """One run on a machine of its own; the outputs of all steps."""
        shutil.rmtree(self.home / "work", ignore_errors=True)
        self.work = self.home / "work"
        self.work.mkdir()
        subprocess.run(["git", "clone", "-q", self.origin, self.work / "archive"], check=True)
        (self.work / "crawler").symlink_to(self.home / "crawler")
        outputs: dict[str, str] = {}
        for step in CRAWL["jobs"]["crawl"]["steps"]:
            self._step(step, outputs)
        return outputs

    def _step(self, step: dict[str, Any], outputs: dict[str, str]) -> None:
        uses = step.get("uses", "")
        if uses.startswith("actions/cache/"):
            key = self._fill(step["with"]["key"], outputs)
            paths = [self.work / path for path in step["with"]["path"].split()]
            (self._restore if "restore" in uses else self._save)(key, paths)
        elif step.get("name") == "Install":
            assert (ROOT / step["run"].split()[-1]).exists()
        elif "run" in step:
            self._shell(step, outputs)
        else:
            assert uses.partition("@")[0] in ("actions/checkout", "actions/setup-python")

    def _shell(self, step: dict[str, Any], outputs: dict[str, str]) -> None:
        given = self.home / "outputs"
        given.write_text("")
        path = f"{self.home / 'crawler' / '.venv' / 'bin'}:{os.environ['PATH']}"
        environment = {
            name: self._fill(text, outputs) for name, text in step.get("env", {}).items()
        }
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=self.work / step["working-directory"],
            env={
                **clock.GIVEN,
                "PATH": path,
                "HOME": str(self.home),
                "GITHUB_OUTPUT": str(given),
                "ZAOBAO_SITE": self.site,
                **environment,
            },
            text=True,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, (step["name"], done.stdout, done.stderr)
        for line in given.read_text().splitlines():
            name, _, value = line.partition("=")
            outputs[f"steps.{step['id']}.outputs.{name}"] = value

    def _fill(self, text: str, outputs: dict[str, str]) -> str:
        known = {
            **outputs,
            "github.workspace": str(self.work),
            "vars.ZAOBAO_CONTACT": "you@example.org",
        }
        return re.sub(r"\$\{\{ (.+?) \}\}", lambda match: known[match[1]], text)

    def _restore(self, key: str, paths: list[Path]) -> None:
        if kept := self.cache.get(key):
            for path in paths:
                if (kept / path.name).is_dir():
                    shutil.copytree(kept / path.name, path)
                else:
                    shutil.copy2(kept / path.name, path)

    def _save(self, key: str, paths: list[Path]) -> None:
        if key in self.cache:
            return  # a cache is never written twice
        self.cache[key] = kept = self.home / "cache" / key
        kept.mkdir(parents=True)
        for path in paths:
            (shutil.copytree if path.is_dir() else shutil.copy2)(path, kept / path.name)


@pytest.fixture
def workflow(home: Path, served: Served) -> Workflow:
    origin = home / "origin.git"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", origin], check=True)
    first = home / "first"
    subprocess.run(["git", "clone", "-q", origin, first], check=True, capture_output=True)
    (first / ".github" / "workflows").mkdir(parents=True)
    for name in ("crawl.yml", "pages.yml"):
        shutil.copy(EXAMPLES / name, first / ".github" / "workflows" / name)
    git(first, "checkout", "-q", "-B", "main")
    git(first, "add", ".")
    git(first, "commit", "-qm", "Start")
    git(first, "push", "-q", "origin", "main")
    return Workflow(home, origin, served.origin)


def asked(served: Served) -> list[str]:
    return [request.path_qs for request in served.paper.requests if "/story" in request.path_qs]


def test_the_workflow_commits_once_and_only_what_changed(
    workflow: Workflow, served: Served
) -> None:
    served.paper.listed("china")[0].listed = False
    count = len(numbers(served))
    outputs = workflow.run()
    assert outputs["steps.crawl.outputs.code"] == "0"
    assert outputs["steps.commit.outputs.changed"] == "true"
    assert git(workflow.origin, "log", "--format=%s", "main").splitlines() == [
        f"Crawl: new posts: {count}",
        "Start",
    ]
    tracked = git(
        workflow.origin, "-c", "core.quotepath=off", "ls-tree", "-r", "--name-only", "main"
    ).splitlines()
    assert sum(name.startswith("_posts/") for name in tracked) == count
    assert {"_config.yml", "index.html", ".github/workflows/crawl.yml"} <= set(tracked)
    for name in ("runs", "state.sqlite", "articles.jsonl", "quarantine", ".tmp", ".lock"):
        assert [path for path in tracked if path.startswith(name)] == []

    served.paper.requests.clear()
    outputs = workflow.run()
    assert outputs["steps.commit.outputs.changed"] == "false"
    assert len(git(workflow.origin, "log", "--format=%s", "main").splitlines()) == 2
    assert asked(served) == []

    # One more story, and the cache is gone: what is known comes from the posts alone.
    for story in served.paper.stories.values():
        story.listed = True
    workflow.cache.clear()
    outputs = workflow.run()
    assert outputs["steps.commit.outputs.changed"] == "true"
    message = git(workflow.origin, "log", "-1", "--format=%s", "main")
    assert re.fullmatch(r"Crawl: new posts: \d+", message)
    before, after = (
        set(
            git(
                workflow.origin,
                "-c",
                "core.quotepath=off",
                "ls-tree",
                "--name-only",
                f"{where}:_posts",
            ).splitlines()
        )
        for where in ("main~1", "main")
    )
    assert before < after
    assert len(asked(served)) < 20


def test_a_run_that_was_degraded_commits_and_says_so(workflow: Workflow, served: Served) -> None:
    served.paper.mutate("x", "list", lambda page: page.replace("card-listing", "x-listing"))
    outputs = workflow.run()
    assert outputs["steps.crawl.outputs.code"] == "3"
    assert outputs["steps.commit.outputs.changed"] == "true"
    [step] = CRAWL["jobs"]["verdict"]["steps"]
    for code, ended in (("3", 3), ("0", 0), ("", 1)):
        done = subprocess.run(["bash", "-ec", step["run"]], env={"CODE": code}, check=False)
        assert done.returncode == ended


def test_nothing_that_is_safe_to_delete_is_committed() -> None:
    reference = (ROOT / "docs" / "reference.md").read_text("utf-8")
    rows = re.findall(r"^\| (.+?) \| .*safe to delete", reference, re.M)
    names = [name.rstrip("/") for row in rows for name in re.findall("`(.+?)`", row)]
    assert len(names) > 4
    (script,) = (one["run"] for one in CRAWL["jobs"]["crawl"]["steps"] if one.get("id") == "commit")
    assert [name for name in names if f":(exclude){name}" not in script] == []


def test_what_the_workflow_may_do() -> None:
    """Each job's rights are named, actions are GitHub's own, and nothing foreign is in a script."""
    jobs = CRAWL["jobs"]
    assert CRAWL["permissions"] == {"contents": "read"}
    assert jobs["crawl"]["permissions"] == {"contents": "write"}
    assert jobs["publish"]["uses"] == "./.github/workflows/pages.yml"
    pages = yaml.safe_load((EXAMPLES / "pages.yml").read_text("utf-8"))
    assert "workflow_call" in pages[True]  # YAML 1.1 reads `on` as true
    assert set(pages["permissions"].items()) == set(jobs["publish"]["permissions"].items())
    assert CRAWL[True]["schedule"] == [{"cron": "17 * * * *"}]
    for job in (*jobs.values(), *pages["jobs"].values()):
        for step in job.get("steps", ()):
            assert "${{" not in step.get("run", "")
            assert step.get("uses", "actions/").startswith("actions/")
    named = set(re.findall(r"(?:steps\.(\w+)\.outputs)", str(jobs["crawl"])))
    assert named == {step["id"] for step in jobs["crawl"]["steps"] if "id" in step}
