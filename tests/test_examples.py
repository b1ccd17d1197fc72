"""The examples of docs/examples: read by the programs they are for, their commands run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ROOT, Archive

from zaobao.demo.server import Served
from zaobao.doctor import servers

pytestmark = pytest.mark.slow

EXAMPLES = ROOT / "docs" / "examples"
UNITS = EXAMPLES / "systemd"
CRAWL = yaml.safe_load((EXAMPLES / "crawl.yml").read_text("utf-8"))
CRONTAB = (EXAMPLES / "crontab").read_text("utf-8")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """/srv/zaobao: the project with a scrapy that asks at full speed, and the output folder."""
    crawler = tmp_path / "srv" / "crawler"
    (crawler / ".venv" / "bin").mkdir(parents=True)
    for name in ("zaobao", "scrapy.cfg"):
        (crawler / name).symlink_to(ROOT / name)
    fast = " ".join(Archive.fast())
    program = crawler / ".venv" / "bin" / "scrapy"
    scrapy = " ".join(Archive.command())
    program.write_text(
        f'#!/bin/sh\ncase $1 in crawl) exec {scrapy} "$@" {fast};; esac\nexec {scrapy} "$@"\n'
    )
    program.chmod(0o755)
    (tmp_path / "srv" / "output").mkdir()
    return tmp_path / "srv"


def shell(command: str, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command as cron does, with another /srv/zaobao."""
    command = command.replace("/srv/zaobao", str(home))
    values = {"PATH": "/usr/bin:/bin", "HOME": str(home), **environment}
    return subprocess.run(
        ["/bin/sh", "-c", command],
        env=values,
        text=True,
        capture_output=True,
        timeout=120,
        check=False,
    )


# --- cron


def jobs() -> list[str]:
    """The commands of the crontab, as cron hands them to the shell."""
    found = [line for line in CRONTAB.splitlines() if re.match(r"[\d*]", line)]
    fields = [re.fullmatch(r"((?:[\d*/,-]+ ){5})(.+)", line) for line in found]
    assert all(fields)
    commands = [match[2] for match in fields if match]
    assert not any("%" in command for command in commands)  # cron ends the command there
    return commands


def crontab_settings() -> dict[str, str]:
    return dict(re.findall(r"^([A-Z_]+)=(.*)$", CRONTAB, re.M))


def test_the_crontab_is_silent_when_all_is_well(home: Path, served: Served) -> None:
    values = crontab_settings()
    assert values["SHELL"] == "/bin/sh"
    environment = {
        "ZAOBAO_SITE": served.origin,
        "ZAOBAO_OUTPUT": values["ZAOBAO_OUTPUT"].replace("/srv/zaobao", str(home)),
    }
    for job in jobs():
        done = shell(job, home, **environment)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert len(list((home / "output" / "_posts").iterdir())) == 57


def test_the_crontab_prints_what_went_wrong(home: Path) -> None:
    environment = {"ZAOBAO_SITE": "http://127.0.0.1:9", "ZAOBAO_OUTPUT": str(home / "output")}
    crawl, doctor = (shell(job, home, **environment) for job in jobs())
    assert crawl.stdout.startswith("exit code 1\n")
    assert "no list page could be read" in crawl.stdout
    assert doctor.stdout.startswith("exit code 1\n")
    assert "fail  last run: " in doctor.stdout


def test_doctor_is_content_with_the_crontab(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "crontab").write_text(CRONTAB)
    assert [one.level for one in servers.schedules(tmp_path)] == ["ok"]


# --- systemd


def verified(folder: Path) -> subprocess.CompletedProcess[str]:
    units = sorted(str(path) for path in folder.iterdir())
    command = ["systemd-analyze", "verify", *units]
    return subprocess.run(command, text=True, capture_output=True, timeout=60, check=False)


@pytest.fixture
def units(home: Path, tmp_path: Path) -> Path:
    if shutil.which("systemd-analyze") is None and os.environ.get("CI") != "true":
        pytest.skip("no systemd-analyze: apt-get install systemd")
    folder = tmp_path / "units"
    folder.mkdir()
    for path in UNITS.iterdir():
        (folder / path.name).write_text(path.read_text().replace("/srv/zaobao", str(home)))
    return folder


def test_systemd_takes_the_units(units: Path) -> None:
    done = verified(units)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    text = (units / "zaobao.service").read_text()
    (units / "zaobao.service").write_text(text.replace("ProtectClock=true", "ProtectClok=true"))
    assert "ProtectClok" in verified(units).stderr
    (units / "zaobao.service").write_text(text.replace("bin/scrapy", "bin/scrap"))
    assert verified(units).returncode != 0


def unit(name: str) -> ConfigParser:
    parser = ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string((UNITS / name).read_text("utf-8"))
    return parser


@pytest.mark.parametrize("name", ["zaobao.service", "zaobao-doctor.service"])
def test_a_unit_runs_as_its_user_and_a_failure_tells(name: str) -> None:
    parser = unit(name)
    assert parser["Service"]["User"] == "zaobao"
    assert parser["Unit"]["OnFailure"] == "zaobao-tell@%N.service"
    assert parser["Service"]["ReadWritePaths"] == "/srv/zaobao/output"
    assert (UNITS / name.replace(".service", ".timer")).exists()


def test_what_the_service_runs(home: Path, served: Served) -> None:
    for name in ("zaobao.service", "zaobao-doctor.service"):
        service = unit(name)["Service"]
        command = f"cd {service['WorkingDirectory']} && {service['ExecStart']}"
        output = {"ZAOBAO_SITE": served.origin, "ZAOBAO_OUTPUT": str(home / "output")}
        done = shell(command, home, **output)
        assert done.returncode == 0, done.stdout + done.stderr
    assert len(list((home / "output" / "_posts").iterdir())) == 57


@pytest.mark.parametrize("has_mail", [True, False])
def test_who_is_told(tmp_path: Path, has_mail: bool) -> None:
    """The script of the unit, with programs that write down how they were called."""
    script = re.search(
        r"ExecStart=/bin/sh -c '(.*)'", (UNITS / "zaobao-tell@.service").read_text(), re.S
    )
    assert script
    for name in ("logger", "journalctl", *(["mail"] if has_mail else [])):
        program = tmp_path / name
        program.write_text(
            f'#!/bin/sh\necho "{name} $*" >> {tmp_path}/called\n[ {name} = mail ] && /bin/cat >> {tmp_path}/called || echo the log\n'
        )
        program.chmod(0o755)
    command = script[1].replace("\\\n", " ").replace("%i", "zaobao")
    done = subprocess.run(["/bin/sh", "-c", command], env={"PATH": str(tmp_path)}, check=False)
    assert done.returncode == 0
    called = (tmp_path / "called").read_text().splitlines()
    assert called[0] == "logger -p user.err -t zaobao zaobao failed: journalctl -u zaobao"
    if has_mail:
        assert sorted(called[1:3]) == [
            "journalctl -u zaobao -n 60 --no-pager -o cat",
            "mail -s zaobao failed root",
        ]
        assert called[3:] == ["the log"]
    else:
        assert called[1:] == []


# --- GitHub Actions


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
                "PATH": path,
                "HOME": str(self.home),
                "GITHUB_OUTPUT": str(given),
                "ZAOBAO_SITE": self.site,
                **environment,
            },
            text=True,
            capture_output=True,
            timeout=120,
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
    outputs = workflow.run()
    assert outputs["steps.crawl.outputs.code"] == "0"
    assert outputs["steps.commit.outputs.changed"] == "true"
    assert git(workflow.origin, "log", "--format=%s", "main").splitlines() == [
        "Crawl: 56 new posts",
        "Start",
    ]
    tracked = git(
        workflow.origin, "-c", "core.quotepath=off", "ls-tree", "-r", "--name-only", "main"
    ).splitlines()
    assert sum(name.startswith("_posts/") for name in tracked) == 56
    assert {"_config.yml", "index.html", ".github/workflows/crawl.yml"} <= set(tracked)
    for name in ("runs", "state.sqlite", "articles.jsonl", "quarantine", ".tmp", ".lock"):
        assert [path for path in tracked if path.startswith(name)] == []

    served.paper.requests.clear()
    outputs = workflow.run()
    assert outputs["steps.commit.outputs.changed"] == "false"
    assert len(git(workflow.origin, "log", "--format=%s", "main").splitlines()) == 2
    assert asked(served) == []

    served.paper.listed("china")  # one more story, and the cache is gone: from posts alone
    for story in served.paper.stories.values():
        story.listed = True
    workflow.cache.clear()
    outputs = workflow.run()
    assert outputs["steps.commit.outputs.changed"] == "true"
    assert git(workflow.origin, "log", "-1", "--format=%s", "main").endswith(" new posts")
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
