"""A real Scrapyd with the example's settings: deploy, schedule, refuse, cancel."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from demo.server import Served
from tests.support.archive import PATIENCE, ROOT, Archive
from tests.support.examined import bad
from tests.support.whole import numbers, verify
from zaobao.doctor import schedulers

pytestmark = pytest.mark.slow

BIN = ROOT / ".venv" / "scrapyd" / "bin"
EXAMPLE = ROOT / "docs" / "examples" / "scrapyd.conf"
FAST = ("DOWNLOAD_DELAY=0", "AUTOTHROTTLE_ENABLED=False")
SLOW = ("DOWNLOAD_DELAY=0.3", "AUTOTHROTTLE_ENABLED=False")


@dataclass
class Scrapyd:
    """A running Scrapyd, its folder, and a password that it asks for."""

    folder: Path
    port: int
    password: str = "of-our-own"

    def ask(self, name: str, known: bool = True, **values: Any) -> dict[str, Any]:
        """GET `name`, or POST the values; HTTPError without the password."""
        data = urlencode(values, doseq=True).encode() if values else None
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/{name}", data)
        if known:
            secret = base64.b64encode(f"zaobao:{self.password}".encode()).decode()
            request.add_header("Authorization", f"Basic {secret}")
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return dict(json.load(answer))

    def schedule(self, archive: Archive, *settings: str, **arguments: str) -> str:
        given = (f"ZAOBAO_SITE={archive.site}", f"ZAOBAO_OUTPUT={archive.folder}", *settings)
        arguments = {"spider": "realtime", **arguments}
        answer = self.ask("schedule.json", project="zaobao", setting=given, **arguments)
        assert answer["status"] == "ok", answer
        return str(answer["jobid"])

    def wait(self, condition: Callable[[], Any]) -> None:
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, (self.folder / "log").read_text()
            time.sleep(0.1)

    def ended(self, job: str) -> str:
        """Wait for a job's end; its log."""
        self.wait(lambda: job in {one["id"] for one in self.ask("listjobs.json")["finished"]})
        [log] = (self.folder / "scrapyd" / "logs").rglob(f"{job}.log")
        return log.read_text("utf-8")

    @contextmanager
    def held(self, job: str) -> Iterator[None]:
        """A running job stands still meanwhile, however long that takes."""
        (pid,) = (one["pid"] for one in self.ask("listjobs.json")["running"] if one["id"] == job)
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def exit_code(self, job: str) -> int:
        """What Scrapyd's own log says of a job's process."""
        text = (self.folder / "log").read_text("utf-8")
        ends = re.findall(rf"Process (finished|died: exitstatus=(\d+)).*?job='{job}'", text)
        assert len(ends) == 1, text
        return int(ends[0][1] or 0)


@pytest.fixture(scope="module")
def scrapyd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scrapyd]:
    """The example's Scrapyd, its paths, port and password replaced, with the project deployed."""
    if not (BIN / "scrapyd").exists():
        pytest.skip("no Scrapyd: make .venv/scrapyd/ready")
    folder = tmp_path_factory.mktemp("scrapyd")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        server = Scrapyd(folder, free.getsockname()[1])
    (folder / "scrapyd.conf").write_text(settings(server))
    environment = {**os.environ, "HOME": str(folder)}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [BIN / "scrapyd"], cwd=folder, env=environment, stdout=log, stderr=log
        )
    try:
        server.wait(lambda: answers(server))
        deploy(server, environment)
        yield server
    finally:
        process.terminate()
        process.wait(PATIENCE)


def settings(server: Scrapyd) -> str:
    text = EXAMPLE.read_text("utf-8").replace("/srv/zaobao", str(server.folder))
    for before, after in (
        ("http_port = 6800", f"http_port = {server.port}"),
        ("password = change-me", f"password = {server.password}"),
        ("max_proc = 1", "max_proc = 2"),
        ("poll_interval = 5", "poll_interval = 0.1"),
    ):
        assert before in text
        text = text.replace(before, after)
    return text


def answers(server: Scrapyd) -> bool:
    try:
        return server.ask("daemonstatus.json")["status"] == "ok"
    except urllib.error.URLError:
        return False


def deploy(server: Scrapyd, environment: dict[str, str]) -> None:
    """As docs/running.md says; in a copy, since the build leaves files behind."""
    copy = server.folder / "project"
    shutil.copytree(ROOT / "zaobao", copy / "zaobao", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "setup.py", "scrapy.cfg", "requirements.txt", "README.md"):
        shutil.copy(ROOT / name, copy / name)
    target = (copy / "scrapy.cfg").read_text()
    assert "127.0.0.1:6800" in target
    (copy / "scrapy.cfg").write_text(target.replace(":6800", f":{server.port}"))
    netrc = server.folder / ".netrc"
    netrc.write_text(f"machine 127.0.0.1 login zaobao password {server.password}\n")
    netrc.chmod(0o600)
    done = subprocess.run(
        [BIN / "scrapyd-deploy"],
        cwd=copy,
        env=environment,
        text=True,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    shutil.rmtree(copy)  # from here on there is the egg alone


def test_nothing_without_the_password(scrapyd: Scrapyd, archive: Archive) -> None:
    for name in ("listprojects.json", "addversion.json", "schedule.json"):
        with pytest.raises(urllib.error.HTTPError, match="401"):
            scrapyd.ask(name, known=False)


def test_the_project_is_deployed_with_its_spiders(scrapyd: Scrapyd) -> None:
    wanted = [path.stem for path in (ROOT / "zaobao" / "spiders").glob("*.py")]
    spiders = scrapyd.ask("listspiders.json?project=zaobao")["spiders"]
    assert {"realtime", "stories", "backfill"} <= set(spiders) <= set(wanted)


def test_the_egg_has_what_a_crawl_needs_and_nothing_else(scrapyd: Scrapyd) -> None:
    [egg] = (scrapyd.folder / "scrapyd" / "eggs").rglob("*.egg")
    names = zipfile.ZipFile(egg).namelist()
    assert {name.partition("/")[0] for name in names} == {"EGG-INFO", "zaobao"}
    assert "zaobao/site/_config.yml" in names


def test_two_at_once_and_one_refuses(scrapyd: Scrapyd, archive: Archive) -> None:
    first = scrapyd.schedule(archive, *SLOW, limit="25")
    scrapyd.wait(lambda: archive.posts)
    with scrapyd.held(first):
        second = scrapyd.schedule(archive, *FAST)
        refused = scrapyd.ended(second)
    assert f"{archive.folder} is in use by process " in refused.splitlines()[-1]
    assert scrapyd.exit_code(second) == 1
    log = scrapyd.ended(first)
    assert scrapyd.exit_code(first) == 0
    assert "│ verdict" in log.splitlines()[-3]
    assert archive.report["verdict"] == "ok"
    assert archive.report["arguments"] == {"limit": "25", "_job": first}
    assert len(archive.posts) == len(archive.lines) == 25
    assert bad(archive.folder) == []


def test_the_site_comes_out_of_the_egg(scrapyd: Scrapyd, archive: Archive) -> None:
    scrapyd.ended(scrapyd.schedule(archive, *FAST, limit="2"))
    site = files("zaobao") / "site"
    for name in ("_config.yml", "_layouts/post.html", "assets/search.js", "_data/access.yml"):
        assert (archive.folder / name).read_bytes() == (site / name).read_bytes()
    assert len(archive.posts) == 2


def test_cancel_leaves_a_consistent_archive(
    scrapyd: Scrapyd, archive: Archive, served: Served
) -> None:
    job = scrapyd.schedule(archive, *SLOW, pages="9")
    scrapyd.wait(lambda: len(archive.posts) > 3)
    assert scrapyd.ask("cancel.json", project="zaobao", job=job)["prevstate"] == "running"
    log = scrapyd.ended(job)
    assert scrapyd.exit_code(job) == 3
    assert "  interrupted: the run was interrupted: shutdown" in log.splitlines()[-2:]
    assert archive.report["verdict"] == "interrupted"
    assert bad(archive.folder) == [("warn", "last run"), ("warn", "scheduler")]
    written = len(archive.posts)
    assert 3 < written < len(numbers(served))
    scrapyd.ended(scrapyd.schedule(archive, *FAST, pages="9"))
    verify(archive, served, numbers(served))


@pytest.mark.parametrize(
    ("setting", "arguments", "said"),
    [
        ((), {"spider": "stories", "file": "/etc/hostname"}, "no path is taken from Scrapyd"),
        ((), {"out": "../../x"}, "-a out=…: no such argument"),
        ((), {"section": "../../x"}, "section=../../x"),
        (("ZAOBAO_TEXT=half",), {}, "ZAOBAO_TEXT='half'"),
    ],
)
def test_what_is_wrong_is_in_the_jobs_log(
    scrapyd: Scrapyd,
    archive: Archive,
    setting: tuple[str, ...],
    arguments: dict[str, str],
    said: str,
) -> None:
    job = scrapyd.schedule(archive, *setting, **arguments)
    last = scrapyd.ended(job).splitlines()[-1]
    assert said in last
    assert last.endswith("(exit code 2)")
    assert Path("/etc/hostname").read_text().strip() not in last
    assert scrapyd.exit_code(job) == 2
    assert not archive.folder.exists()


def test_doctor_knows_the_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    output = Path("/srv/zaobao/output")

    def levels() -> list[str]:
        return [one.level for one in schedulers.scrapyd(output, tmp_path, tmp_path)]

    (tmp_path / "scrapyd.conf").write_text(EXAMPLE.read_text("utf-8"))
    (tmp_path / "scrapyd.conf").chmod(0o600)
    assert levels() == ["fail"]
    (tmp_path / "scrapyd.conf").write_text(settings(Scrapyd(Path("/srv/zaobao"), 1)))
    assert levels() == ["ok"]
