"""`scrapy doctor`: each damage to an archive or its set-up is named, and nothing is written."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Archive
from scrapy.settings import Settings
from spidermon.core.actions import Action
from spidermon.exceptions import NotConfigured

import zaobao.settings
from zaobao.archive.store import open_store
from zaobao.demo.paper import Newspaper
from zaobao.demo.server import Served, serve
from zaobao.doctor import folder, lastruns, published, servers, setup
from zaobao.doctor.examine import examine
from zaobao.doctor.finding import Finding
from zaobao.options import Options

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of one whole crawl."""
    archive = Archive(tmp_path_factory.mktemp("doctor") / "output", "")
    with serve(Newspaper()) as served:
        archive.site = served.origin
        done = archive.crawl()
    assert done.returncode == 0, done.stderr
    return archive.folder


@pytest.fixture
def output(crawled: Path, tmp_path: Path) -> Path:
    """A copy of it to damage."""
    return Path(shutil.copytree(crawled, tmp_path / "output"))


def settings(output: Path, **values: Any) -> Settings:
    chosen = Settings()
    chosen.setmodule(zaobao.settings)
    chosen.update({"ZAOBAO_OUTPUT": str(output), "ZAOBAO_CONTACT": "a@example.org", **values})
    return chosen


def ask(output: Path, **values: Any) -> list[Finding]:
    return list(examine(settings(output, **values), datetime.now(UTC)))


def bad(output: Path, **values: Any) -> list[tuple[str, str]]:
    return [(one.level, one.subject) for one in ask(output, **values) if one.level != "ok"]


def message(output: Path, subject: str, **values: Any) -> str:
    found = [one.message for one in ask(output, **values) if one.subject == subject]
    return " / ".join(found)


def tree(folder: Path) -> dict[str, tuple[int, int]]:
    return {
        str(path.relative_to(folder)): (path.stat().st_size, path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
    }


def first_post(output: Path) -> Path:
    return min((output / "_posts").iterdir())


# --- as a whole


def test_a_sound_archive_has_no_fault_and_stays_as_it_is(output: Path) -> None:
    before = tree(output)
    assert bad(output) == []
    assert tree(output) == before
    assert message(output, "agreement") == "57 stories, each with its line and its post"


def test_before_the_first_run(tmp_path: Path) -> None:
    assert bad(tmp_path / "none") == [("warn", "runs")]
    assert not (tmp_path / "none").exists()


def test_the_command_prints_a_line_each_and_exits_1_on_a_fault(output: Path) -> None:
    archive = Archive(output, "http://127.0.0.1:9")
    done = archive.scrapy("doctor")
    assert done.returncode == 0, done.stdout + done.stderr
    assert all(line[:6] in ("ok    ", "warn  ") for line in done.stdout.splitlines())
    assert done.stderr == ""
    first_post(output).unlink()
    done = archive.scrapy("doctor", ZAOBAO_CONTACT="a@example.org")
    assert done.returncode == 1
    [line] = [line for line in done.stdout.splitlines() if not line.startswith("ok")]
    assert line.startswith("fail  agreement: 1 lines have no post: _posts/")
    assert archive.scrapy("doctor", "now").returncode == 2


def test_what_it_says_to_do_mends_a_lost_post(output: Path) -> None:
    post = first_post(output)
    data = post.read_bytes()
    post.unlink()
    assert "Delete state.sqlite" in message(output, "agreement")
    (output / "state.sqlite").unlink()
    with open_store(Options.from_settings(settings(output)), "a test"):
        pass
    assert bad(output) == []
    assert post.read_bytes() == data


def test_while_a_crawl_runs(tmp_path: Path) -> None:
    with serve(Newspaper(bulk=300)) as served:
        archive = Archive(tmp_path / "output", served.origin)
        process = subprocess.Popen(
            archive.command("crawl", "realtime", "-a", "pages=20", *archive.fast()),
            **archive.where(),
        )
        answers = []
        while process.poll() is None:
            if (archive.folder / "state.sqlite").exists():
                answers.append(bad(archive.folder))
        _, log = process.communicate()
    assert process.returncode == 0, log.decode()
    assert len(answers) > 1
    wrong = [one for answer in answers for one in answer if one[0] == "fail"]
    assert wrong == []


def test_a_run_that_holds_the_lock_is_named_and_not_disturbed(output: Path) -> None:
    assert message(output, "lock") == "free"
    with open_store(Options.from_settings(settings(output)), "scrapy crawl realtime"):
        said = message(output, "lock")
        assert said.startswith(f"held by process {os.getpid()} (scrapy crawl realtime, since 20")
        assert bad(output) == []
    assert message(output, "lock") == "free"


def test_twenty_thousand_posts_are_looked_at_once_each(
    output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Time is measured by `python -m benchmarks`; here only that no file is read twice."""
    opened: list[str] = []
    real = os.open
    monkeypatch.setattr(
        os,
        "open",
        lambda path, *rest, **named: opened.append(str(path)) or real(path, *rest, **named),
    )
    ask(output)
    read = [name for name in opened if name.endswith(".md")]
    assert len(read) == len(set(read)) == 57


# --- the archive


def _torn(output: Path) -> None:
    with (output / "articles.jsonl").open("ab") as file:
        file.write(b'{"id": "2026')


def _no_line(output: Path) -> None:
    """A line is gone from the middle, and the state has the length without it."""
    lines = (output / "articles.jsonl").read_bytes().splitlines(keepends=True)
    data = b"".join(lines[1:])
    (output / "articles.jsonl").write_bytes(data)
    with sqlite3.connect(output / "state.sqlite") as state:
        state.execute("UPDATE meta SET value = ? WHERE name = 'length'", (len(data),))
    state.close()


def _shorter(output: Path) -> None:
    lines = (output / "articles.jsonl").read_bytes().splitlines(keepends=True)
    (output / "articles.jsonl").write_bytes(b"".join(lines[:-1]))


def _newer_format(output: Path) -> None:
    with sqlite3.connect(output / "state.sqlite") as state:
        state.execute("PRAGMA user_version = 99")
    state.close()


def _other_program(output: Path) -> None:
    (output / "state.sqlite").unlink()
    with sqlite3.connect(output / "state.sqlite") as state:
        state.execute("CREATE TABLE other (x)")
    state.close()


def _damaged(output: Path) -> None:
    with (output / "state.sqlite").open("r+b") as file:
        file.seek(100)
        file.write(os.urandom(20000))


def _liquid(output: Path) -> None:
    post = first_post(output)
    post.write_bytes(post.read_bytes().replace(b"<p>", b"<p>{{ site.secret }}", 1))


def _stray(name: str, data: str = "x") -> Callable[[Path], None]:
    def put(output: Path) -> None:
        (output / name).parent.mkdir(parents=True, exist_ok=True)
        (output / name).write_text(data)

    return put


def _link(name: str) -> Callable[[Path], None]:
    def put(output: Path) -> None:
        target = output / name
        target.rename(output.parent / "elsewhere")
        target.symlink_to(output.parent / "elsewhere")

    return put


def _same_address(output: Path) -> None:
    post = first_post(output)
    assert " " in post.name
    (post.parent / post.name.replace(" ", "，")).write_bytes(post.read_bytes())


def _large(name: str, size: int) -> Callable[[Path], None]:
    def put(output: Path) -> None:
        (output / name).parent.mkdir(parents=True, exist_ok=True)
        with (output / name).open("wb") as file:
            file.truncate(size)

    return put


def _large_site(output: Path) -> None:
    for number in range(17):
        _large(f"assets/{number}.bin", 48_000_000)(output)


def _config(before: str, after: str) -> Callable[[Path], None]:
    def change(output: Path) -> None:
        path = output / "_config.yml"
        text = path.read_text("utf-8")
        assert before in text
        path.write_text(text.replace(before, after), "utf-8")

    return change


def _tracked(output: Path) -> None:
    for command in (["init", "-q"], ["add", "-f", "state.sqlite", "_posts"]):
        subprocess.run(["git", "-C", str(output), *command], check=True)


def _kept(output: Path) -> None:
    for number, reason in enumerate(("unknown_layout", "unknown_layout", "body_missing")):
        _stray(f"quarantine/{number}.json", json.dumps({"reason": reason}))(output)


DAMAGE: list[tuple[Callable[[Path], None], str, str, str]] = [
    (_torn, "warn", "lines", "the last 12 bytes are a torn line"),
    (
        _stray("articles.jsonl", "[]\nno\n"),
        "fail",
        "lines",
        "2 lines of articles.jsonl are no line",
    ),
    (_shorter, "fail", "state", "lines are lost"),
    (_no_line, "warn", "agreement", "1 posts have no line: _posts/"),
    (_no_line, "fail", "agreement", "1 stories are known as written and have no line"),
    (lambda output: first_post(output).unlink(), "fail", "agreement", "1 lines have no post"),
    (lambda output: (output / "state.sqlite").unlink(), "warn", "state", "no state.sqlite"),
    (_newer_format, "fail", "state", "it has format 99"),
    (_other_program, "fail", "state", "another program's"),
    (_damaged, "fail", "state", "malformed"),
    (_stray("state.sqlite", "x" * 5000), "fail", "state", "not a database"),
    (_stray(".tmp/1-1"), "warn", "leftovers", "holds 1 files"),
    (_stray("state.sqlite.damaged-20261128"), "warn", "leftovers", "set aside"),
    (_liquid, "fail", "posts", "Liquid"),
    (_stray("_posts/notes.txt"), "fail", "posts", "notes.txt"),
    (_stray("_posts/2026-01-01-torn.md", "---\nlayout: post\n"), "fail", "posts", "or torn"),
    (_stray("_posts/below/2026-01-01-x.md"), "fail", "posts", "below"),
    (_same_address, "fail", "posts", "address"),
    (lambda output: _link(f"_posts/{first_post(output).name}")(output), "fail", "posts", "link"),
    (_link("_posts"), "fail", "output", "_posts is a symbolic link"),
    (_link("articles.jsonl"), "fail", "output", "articles.jsonl is a symbolic link"),
    (_link("."), "warn", "output", "is a link to"),
    (_stray("exclude.txt", "20260101-1\nnonsense here\n"), "warn", "exclude.txt", "line 2"),
    (_kept, "warn", "quarantine", "3 pages that no layout could read: 2 unknown_layout, 1 body"),
    (_large("assets/film.bin", 50_000_000), "warn", "sizes", "assets/film.bin (50 MB)"),
    (_large("raw/2026-11.warc.gz", 60_000_000), "warn", "sizes", "raw/2026-11.warc.gz (60 MB)"),
    (_large_site, "warn", "sizes", "the site has 816 MB"),
    (_large("_site/a.html", 800_000_000), "warn", "sizes", "the site has 800 MB"),
    (_config("  - quarantine/\n", ""), "fail", "_config.yml", "quarantine"),
    (_config("future: true", "future: false"), "warn", "_config.yml", "future: true must stay"),
    (_stray("notes.html"), "warn", "_config.yml", "notes.html"),
    (_tracked, "warn", "git", "state.sqlite"),
]


@pytest.mark.parametrize(("damage", "level", "subject", "said"), DAMAGE)
def test_damage_is_named(
    output: Path, damage: Callable[[Path], None], level: str, subject: str, said: str
) -> None:
    if said == "is a link to":
        output.rename(output.with_name("moved"))
        output.symlink_to(output.with_name("moved"))
    else:
        damage(output)
    found = [one for one in ask(output) if one.level != "ok"]
    assert [(one.level, one.subject) for one in found if said in one.message] == [(level, subject)]


def test_a_state_that_a_killed_run_left_is_read_and_not_touched(output: Path) -> None:
    """What is only in SQLite's own file beside it counts, and stays there."""
    state = sqlite3.connect(output / "state.sqlite", isolation_level=None)
    state.execute("PRAGMA wal_autocheckpoint = 0")
    state.execute("DELETE FROM stories WHERE status = 'failed'")
    copies = {name: (output / name).read_bytes() for name in ("state.sqlite", "state.sqlite-wal")}
    state.close()
    for name, data in copies.items():
        (output / name).write_bytes(data)
    before = tree(output)
    assert message(output, "state") == "format 1, 57 written"
    assert tree(output) == before


# --- the output folder and the disk


def test_a_folder_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "output").mkdir()
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert next(folder.look(tmp_path / "output")).level == "fail"
    assert [one.level for one in folder.look(tmp_path / "below" / "output")] == ["fail"]
    (tmp_path / "file").write_text("x")
    assert "no folder" in next(folder.look(tmp_path / "file")).message


@pytest.mark.parametrize(
    ("free", "inodes", "level"),
    [
        (10**10, 10**6, "ok"),
        (5 * 10**8, 10**6, "warn"),
        (10**7, 10**6, "fail"),
        (10**10, 9, "fail"),
    ],
)
def test_room_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, inodes: int, level: str
) -> None:
    real = os.statvfs(tmp_path)
    values = list(real)
    values[os.statvfs_result.n_sequence_fields - 3] = inodes
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(free, 0, free))
    monkeypatch.setattr(
        os, "statvfs", lambda path: type("At", (), {"f_files": 10**7, "f_favail": inodes})
    )
    assert folder.room(tmp_path).level == level


# --- the runs


def shift(output: Path, hours: float, **changes: Any) -> None:
    """Let every report be so many hours older."""
    for path in sorted((output / "runs").glob("*.json")):
        report = json.loads(path.read_bytes())
        for key in ("started", "finished"):
            moment = datetime.fromisoformat(report[key]) - timedelta(hours=hours)
            report[key] = str(moment)
        path.write_text(json.dumps({**report, **changes}))
        name = datetime.fromisoformat(report["started"]).strftime("%Y%m%dT%H%M%S.%f")[:-3]
        path.rename(path.with_name(f"{name}Z.json"))


@pytest.mark.parametrize(("hours", "level"), [(25.9, "ok"), (26.1, "fail"), (720, "fail")])
def test_no_ok_run_for_26_hours(output: Path, hours: float, level: str) -> None:
    shift(output, hours)
    [found] = [one for one in ask(output) if one.subject == "scheduler"]
    assert found.level == level
    if level == "fail":
        assert found.message.startswith(f"no run for {hours:.0f} hours")


@pytest.mark.parametrize(
    ("verdict", "level"), [("degraded", "warn"), ("interrupted", "warn"), ("failed", "fail")]
)
def test_the_last_run_and_why_it_was_not_ok(output: Path, verdict: str, level: str) -> None:
    shift(output, 1, verdict=verdict, reasons=["the list was empty", "and more"])
    [found] = [one for one in ask(output) if one.subject == "last run"]
    assert found.level == level
    assert f"{verdict}: the list was empty. and more" in found.message


def test_runs_that_end_and_are_never_ok(output: Path) -> None:
    shift(output, 30)
    [old] = (output / "runs").iterdir()
    report = json.loads(old.read_bytes())
    now = datetime.now(UTC)
    report.update(started=str(now), finished=str(now), verdict="degraded", reasons=["x"])
    (output / "runs" / "29991231T000000.000Z.json").write_text(json.dumps(report))
    assert message(output, "scheduler").startswith("no ok run for 30 hours, though 1 ended")


def test_reports_that_cannot_be_read(output: Path) -> None:
    _stray("runs/1.json", "{")(output)
    _stray("runs/2.json", "{}")(output)
    _stray("runs/3.json", "[]")(output)
    assert message(output, "runs") == "3 reports cannot be read: 1.json, 2.json, 3.json"


def test_a_run_of_named_stories_does_not_vouch_for_the_scheduler() -> None:
    now = datetime.now(UTC)

    def run(hours: int, spider: str) -> lastruns.Run:
        when = str(now - timedelta(hours=hours))
        return lastruns.Run(
            {"started": when, "finished": when, "spider": spider, "verdict": "ok", "reasons": []}
        )

    found = list(lastruns.look([run(40, "realtime"), run(1, "stories")], [], now))
    assert [(one.level, one.subject) for one in found] == [
        ("ok", "last run"),
        ("fail", "scheduler"),
    ]
    found = list(lastruns.look([run(1, "stories")], [], now))
    assert [one.level for one in found] == ["ok", "ok"]


# --- the set-up


class Tell(Action):  # type: ignore[misc]  # Spidermon has no types
    """An action as Spidermon's own are: it needs a setting, and says so when it is made."""

    @classmethod
    def from_crawler_kwargs(cls, crawler: Any) -> dict[str, Any]:
        if not crawler.settings.get("TELL_TOKEN"):
            raise NotConfigured("You must provide a value for TELL_TOKEN setting.")
        return {}

    def run_action(self) -> None:
        raise AssertionError("the doctor only makes it")


@pytest.mark.parametrize(
    ("values", "level", "subject", "said"),
    [
        ({"ZAOBAO_TEXT": "half"}, "fail", "settings", "ZAOBAO_TEXT='half'"),
        ({"ZAOBAO_MAX_NEW": "0"}, "fail", "settings", "ZAOBAO_MAX_NEW"),
        ({"DOWNLOAD_DELAY": "soon"}, "fail", "settings", "soon"),
        ({"DOWNLOAD_DELAY": 0, "AUTOTHROTTLE_ENABLED": False}, "warn", "settings", "no pace"),
        ({"ZAOBAO_CONTACT": ""}, "warn", "contact", "is not set"),
        ({"ZAOBAO_ALERTS": "test_doctor.Tell"}, "fail", "alerts", "a value for TELL_TOKEN"),
        ({"ZAOBAO_ALERTS": "none.such.Action"}, "fail", "alerts", "No module named 'none'"),
    ],
)
def test_a_fault_in_the_settings(
    output: Path, values: dict[str, Any], level: str, subject: str, said: str
) -> None:
    found = [one for one in ask(output, **values) if one.level != "ok"]
    assert [(one.level, one.subject) for one in found if said in one.message] == [(level, subject)]
    # A wrong setting does not keep the archive from being looked at.
    assert message(output, "agreement", **values).startswith("57 stories")


def test_an_alert_that_is_set_up_and_whose_secret_is_not_shown(output: Path) -> None:
    values = {"ZAOBAO_ALERTS": "test_doctor.Tell", "TELL_TOKEN": "s3cret"}
    assert message(output, "alerts", **values) == "test_doctor.Tell is set up"
    assert "s3cret" not in " ".join(map(str, ask(output, **values)))


def test_a_browser_that_is_asked_for_and_missing(
    output: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    assert bad(output, ZAOBAO_BROWSER="on") == [("fail", "browser")]
    assert "apt-get install chromium" in message(output, "browser", ZAOBAO_BROWSER="on")


def test_another_scrapy_than_this_program_is_made_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for found, level in (("2.19.7", "ok"), ("2.2", "fail"), ("2.20.0", "fail"), ("2.190", "fail")):
        monkeypatch.setattr(setup, "version", lambda name, found=found: found)
        assert setup.versions().level == level
    pinned = (ROOT / "requirements.txt").read_text()
    assert f"scrapy>={setup.SCRAPY}," in pinned


def test_a_clock_that_is_wrong() -> None:
    now = datetime(2026, 11, 28, 4, tzinfo=UTC)
    assert setup.clock(now + timedelta(minutes=9), now).level == "ok"
    assert "2026-11-28 12:00 in Singapore" in setup.clock(None, now).message
    assert setup.clock(now + timedelta(minutes=11), now).level == "fail"
    assert setup.clock(None, datetime(1970, 1, 1, tzinfo=UTC)).level == "fail"


def test_a_name_cannot_move_the_cursor_of_a_terminal(output: Path) -> None:
    _stray("_posts/\x1b[2Jx.txt")(output)
    assert "\x1b" not in " ".join(map(str, ask(output)))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a: 1\n", []),
        ("exclude: [a, 'b/', \"c\"]\n", ["a", "b/", "c"]),
        ("exclude:\n- a\n- b  # why\n\n# more\n- c\nother: x\n- d\n", ["a", "b", "c"]),
        ("x: y\nexclude:\n  - 'a'\n  # no\n  - b/\n", ["a", "b/"]),
    ],
)
def test_how_exclude_is_written(text: str, found: list[str]) -> None:
    assert published.excludes(text) == found


# --- what starts the crawls


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A machine without any set-up."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("BIND_ADDRESS", "USERNAME", "PASSWORD"):
        monkeypatch.delenv(f"SCRAPYD_{name}", raising=False)
    for name in ("home", "here", "etc/scrapyd/conf.d", "etc/cron.d", "etc/systemd/system"):
        (tmp_path / name).mkdir(parents=True)
    return tmp_path


def scrapyd(root: Path, *lines: str, at: str = "here/scrapyd.conf") -> list[Finding]:
    (root / at).write_text("\n".join(("[scrapyd]", *lines)))
    (root / at).chmod(0o600)
    return list(servers.scrapyd(root / "output", root / "here", root))


GOOD = ("bind_address = 127.0.0.1", "username = u", "password = 8%2fq")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (GOOD, None),
        (("username = u", "password = 8%2fq"), None),
        (("bind_address = ::1", *GOOD[1:]), None),
        (("bind_address =", "unix_socket_path = /run/x", *GOOD[1:]), None),
        (("bind_address = 0.0.0.0", *GOOD[1:]), "bind_address = 0.0.0.0"),
        (("bind_address = ::", *GOOD[1:]), "bind_address = ::"),
        (("bind_address = news.example.org", *GOOD[1:]), "bind_address = news"),
        (GOOD[:2], "no username or no password"),
        (("bind_address = 127.0.0.1",), "no username or no password"),
        ((*GOOD[:2], "password = change-me"), "the example's"),
        ((*GOOD[:2], "password = u"), "the example's"),
        ((*GOOD, "items_dir = ../output/_posts"), "items_dir"),
        ((*GOOD, "logs_dir = {root}/output"), "logs_dir"),
        ((*GOOD, "no option"), "no option"),
    ],
)
@pytest.mark.parametrize("at", ["here/scrapyd.conf", "etc/scrapyd/conf.d/a", "home/.scrapyd.conf"])
def test_scrapyd(root: Path, lines: tuple[str, ...], said: str | None, at: str) -> None:
    found = scrapyd(root, *(line.format(root=root) for line in lines), at=at)
    assert len(found) == 1
    assert found[0].level == ("fail" if said else "ok")
    assert (said or "") in found[0].message
    assert "8%2fq" not in found[0].message


def test_a_later_file_of_scrapyds_wins_and_a_readable_password_is_named(root: Path) -> None:
    scrapyd(root, *GOOD, at="etc/scrapyd/scrapyd.conf")
    [found] = scrapyd(root, "bind_address = 0.0.0.0")
    assert found.level == "fail"
    scrapyd(root, *GOOD)
    (root / "here/scrapyd.conf").chmod(0o644)
    found = servers.scrapyd(root / "output", root / "here", root)
    assert [one.level for one in found] == ["warn", "ok"]


SERVICE = (
    "[Unit]\nOnFailure=x.service\n[Service]\nUser=zaobao\nExecStart=/x/scrapy crawl realtime\n"
)


@pytest.mark.parametrize(
    ("service", "enabled", "said"),
    [
        (SERVICE, True, None),
        (SERVICE, False, "not enabled"),
        (SERVICE.replace("User=zaobao\n", ""), True, "root"),
        (SERVICE.replace("User=zaobao", "User=root"), True, "root"),
        (SERVICE.replace("OnFailure=x.service\n", ""), True, "OnFailure"),
    ],
)
def test_a_systemd_timer(root: Path, service: str, enabled: bool, said: str | None) -> None:
    units = root / "etc/systemd/system"
    (units / "other.timer").write_text("")
    (units / "zaobao.timer").write_text("")
    (units / "zaobao.service").write_text(service)
    if enabled:
        (units / "timers.target.wants").mkdir()
        (units / "timers.target.wants/zaobao.timer").symlink_to(units / "zaobao.timer")
    [found] = servers.schedules(root)
    assert (found.level, found.subject) == ("warn" if said else "ok", "zaobao.timer")
    assert (said or "") in found.message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("7 * * * * cd /x && scrapy crawl realtime\n", "1 lines"),
        ("MAILTO=a@example.org\n7 * * * * scrapy crawl realtime 2>&1\n", "1 lines"),
        ('MAILTO=""\n7 * * * * scrapy crawl realtime\n', "MAILTO is empty"),
        ("7 * * * * scrapy crawl realtime >/dev/null 2>&1\n", "throws away"),
    ],
)
def test_a_crontab(root: Path, text: str, said: str) -> None:
    (root / "etc/cron.d/zaobao").write_text(text)
    (root / "etc/crontab").write_text("# scrapy crawl\n5 * * * * root other\n")
    [found] = servers.schedules(root)
    assert said in found.message


# --- a dead scheduler


def test_after_thirty_dark_days(archive: Archive, served: Served) -> None:
    """Doctor has failed since the second day; the run catches up and says how long it was dark."""
    stories = served.paper.listed("china")
    for story in stories[:10]:
        story.listed = False
    assert archive.crawl().returncode == 0
    before = len(archive.posts)
    shift(archive.folder, 25)
    assert archive.scrapy("doctor").returncode == 0
    shift(archive.folder, 2)
    done = archive.scrapy("doctor")
    assert done.returncode == 1
    assert "fail  scheduler: no run for 27 hours" in done.stdout
    shift(archive.folder, 693)
    assert "fail  scheduler: no run for 720 hours" in archive.scrapy("doctor").stdout
    for story in stories[:10]:
        story.listed = True
    done = archive.crawl()
    assert done.returncode == 0, done.stderr
    assert len(archive.posts) == before + sum(story.status == 200 for story in stories[:10])
    assert re.search(r"│ dark hours before +│ +720 │", done.stderr)
    assert round(archive.report["dark_hours"]) == 720
    assert archive.scrapy("doctor").returncode == 0
