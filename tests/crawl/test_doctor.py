"""`scrapy doctor`: each damage to an archive or its set-up is named, and nothing is written."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from spidermon.core.actions import Action
from spidermon.exceptions import NotConfigured

from demo.server import Served, serve
from tests.support import clock, damages
from tests.support.archive import ROOT, Archive
from tests.support.clock import fresh_paper
from tests.support.examined import ask, bad, settings
from zaobao.archive import disk
from zaobao.archive.folder import DOCTOR
from zaobao.archive.recovery import open_archive
from zaobao.doctor import agreement, folder, runs, setup
from zaobao.options import Options
from zaobao.publish.jekyll import listed

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of one whole crawl."""
    archive = Archive(tmp_path_factory.mktemp("doctor") / "output", "")
    with serve(fresh_paper()) as served:
        archive.site = served.origin
        done = archive.crawl()
    assert done.returncode == 0, done.stderr
    return archive.folder


@pytest.fixture
def output(crawled: Path, tmp_path: Path) -> Path:
    """A copy of it to damage."""
    return Path(shutil.copytree(crawled, tmp_path / "output"))


def message(output: Path, subject: str, **values: Any) -> str:
    found = [one.message for one in ask(output, **values) if one.subject == subject]
    return " / ".join(found)


def tree(folder: Path) -> dict[str, tuple[int, int]]:
    return {
        str(path.relative_to(folder)): (path.stat().st_size, path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.name != DOCTOR
    }


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
    damages.first_post(output).unlink()
    done = archive.scrapy("doctor", ZAOBAO_CONTACT="a@example.org")
    assert done.returncode == 1
    [line] = [line for line in done.stdout.splitlines() if not line.startswith("ok")]
    assert line.startswith("fail  agreement: 1 line has no post: _posts/")
    assert archive.scrapy("doctor", "now").returncode == 2


def test_a_wrong_setting_exits_2_whatever_else_fails(archive: Archive) -> None:
    archive.folder.parent.mkdir(exist_ok=True)
    archive.folder.write_bytes(b"")  # no folder, which is a fault of its own
    done = archive.scrapy("doctor", "-s", "ZAOBAO_TEXT=exerpt")
    assert done.returncode == 2, done.stdout
    assert "fail  settings: ZAOBAO_TEXT='exerpt': it takes full or excerpt" in done.stdout
    assert "fail  output: " in done.stdout
    assert archive.scrapy("doctor").returncode == 1


def test_what_it_says_to_do_mends_a_lost_post(output: Path) -> None:
    post = damages.first_post(output)
    data = post.read_bytes()
    post.unlink()
    assert "Delete state.sqlite" in message(output, "agreement")
    (output / "state.sqlite").unlink()
    with open_archive(Options.from_settings(settings(output)), "a test"):
        pass
    assert bad(output) == []
    assert post.read_bytes() == data


def test_while_a_crawl_runs(tmp_path: Path) -> None:
    with serve(fresh_paper(bulk=300)) as served:
        archive = Archive(tmp_path / "output", served.origin)
        process = subprocess.Popen(
            archive.command("crawl", "realtime", "-a", "pages=20", *archive.fast()),
            **archive.where(),
        )
        answers = []
        while process.poll() is None:
            if (archive.folder / "state.sqlite").exists():
                answers.append(bad(archive.folder))
            time.sleep(0.05)  # the crawl wants to get on, too
        _, log = process.communicate()
    assert process.returncode == 0, log.decode()
    assert len(answers) > 1
    wrong = [one for answer in answers for one in answer if one[0] == "fail"]
    assert wrong == []


def test_a_run_that_holds_the_lock_is_named_and_not_disturbed(output: Path) -> None:
    assert message(output, "lock") == "free"
    with open_archive(Options.from_settings(settings(output)), "scrapy crawl realtime"):
        said = message(output, "lock")
        assert said.startswith(f"held by process {os.getpid()} (scrapy crawl realtime, since 20")
        assert bad(output) == []
    assert message(output, "lock") == "free"


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that are opened. What the crawl of this test wrote is no longer new."""
    names: list[str] = []
    real = os.open
    monkeypatch.setattr(
        os,
        "open",
        lambda path, *rest, **named: names.append(str(path)) or real(path, *rest, **named),
    )
    monkeypatch.setattr(disk, "SETTLED", -(10**15))
    return names


def test_posts_are_read_once_and_again_only_where_they_have_changed(
    output: Path, opened: list[str]
) -> None:
    """Time is measured by `python -m benchmarks`; here only which files are read."""

    def read(**values: Any) -> list[str]:
        opened.clear()
        assert bad(output, **values) == []
        return [name for name in opened if name.endswith(".md")]

    whole = read()
    assert len(whole) == len(set(whole)) == 57
    assert read() == []
    post = damages.first_post(output)
    os.utime(post)
    assert read() == [str(post)]
    assert read() == []
    opened.clear()
    assert [one for one in ask(output, anew=True) if one.level != "ok"] == []
    assert len([name for name in opened if name.endswith(".md")]) == 57


def test_a_change_of_the_same_size_and_time_is_seen(output: Path, opened: list[str]) -> None:
    assert bad(output) == []
    post = damages.first_post(output)
    at = post.stat()
    post.write_bytes(post.read_bytes().replace(b"layout: post", b"layout: pest"))
    os.utime(post, ns=(at.st_atime_ns, at.st_mtime_ns))
    assert post.stat().st_size == at.st_size
    assert bad(output) == [("fail", "posts")]
    assert bad(output) == [("fail", "posts")]


def test_damage_below_the_file_system_is_seen_by_all(output: Path, opened: list[str]) -> None:
    assert bad(output) == []
    post = damages.first_post(output)
    post.write_bytes(post.read_bytes().replace(b"layout: post", b"layout: pest"))
    # As if nothing had written the file.
    at = post.stat()
    with sqlite3.connect(output / DOCTOR) as seen:
        values = (at.st_mtime_ns, at.st_ctime_ns, post.name)
        seen.execute("UPDATE sound SET mtime = ?, ctime = ? WHERE file = ?", values)
    seen.close()
    assert bad(output) == []
    assert [one.subject for one in ask(output, anew=True) if one.level == "fail"] == ["posts"]
    assert bad(output) == [("fail", "posts")]


def test_a_post_of_a_moment_ago_is_read_again(
    output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The disk's times are the machine's own, also where the tests' clock is another.
    monkeypatch.setattr(disk, "SETTLED", 10**18)
    assert bad(output) == []
    with sqlite3.connect(output / DOCTOR) as seen:
        assert seen.execute("SELECT DISTINCT inode FROM sound").fetchall() == [(-1,)]
    seen.close()


@pytest.mark.parametrize("change", ["a line more", "a line less", "another line", "the same"])
def test_lines_are_read_on_from_where_they_were_the_same(
    output: Path, opened: list[str], monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    assert bad(output) == []
    read: list[bytes] = []
    real = agreement.decode_line
    monkeypatch.setattr(agreement, "decode_line", lambda data: read.append(data) or real(data))
    path = output / "articles.jsonl"
    *lines, last = path.read_bytes().splitlines(keepends=True)
    if change == "a line more":
        path.write_bytes(b"".join([*lines, last, last]))
        assert bad(output) == [("warn", "state")]
        assert read == [last]
    elif change == "a line less":
        path.write_bytes(b"".join(lines))
        assert ("fail", "state") in bad(output)
        assert read == lines
    elif change == "another line":
        path.write_bytes(b"".join([b"[" + lines[0][1:], *lines[1:], last]))
        assert ("fail", "lines") in bad(output)
        assert len(read) == 57
    else:
        os.utime(path)
        assert bad(output) == []
        assert read == []


@pytest.mark.parametrize("damage", [b"", b"no database", b"SQLite format 3\0" + b"x" * 9000])
def test_a_memory_that_is_damaged_is_made_anew(
    output: Path, opened: list[str], damage: bytes
) -> None:
    assert bad(output) == []
    (output / DOCTOR).write_bytes(damage)
    assert bad(output) == []
    opened.clear()
    assert bad(output) == []
    assert [name for name in opened if name.endswith(".md")] == []


def test_a_memory_that_is_a_link_is_not_followed(output: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"")
    (output / DOCTOR).symlink_to(tmp_path / "elsewhere")
    assert bad(output) == []
    assert (tmp_path / "elsewhere").read_bytes() == b""


# --- the archive


@pytest.mark.parametrize("is_known", [False, True], ids=["first", "again"])
@pytest.mark.parametrize(("damage", "level", "subject", "said"), damages.DAMAGE)
def test_damage_is_named(
    output: Path,
    opened: list[str],
    damage: Callable[[Path], None],
    level: str,
    subject: str,
    said: str,
    is_known: bool,
) -> None:
    if is_known:  # the doctor has seen all of it before
        assert bad(output) == []
    if said == "is a link to":
        output.rename(output.with_name("moved"))
        output.symlink_to(output.with_name("moved"))
    else:
        damage(output)
    found = [one for one in ask(output) if one.level != "ok"]
    assert [(one.level, one.subject) for one in found if said in one.message] == [(level, subject)]


def test_written_stories_that_a_rule_leaves_out_are_counted_and_stay(output: Path) -> None:
    lines = [json.loads(line) for line in (output / "articles.jsonl").read_bytes().splitlines()]
    one, other = lines[0], lines[-1]
    rules = f"{one['id']}\nurl:{other['url']}\ntitle:no such word\n"
    (output / "exclude.txt").write_text(rules, "utf-8")
    assert bad(output) == []
    said = message(output, "exclude.txt")
    assert "2 written stories match a rule and stay as they are" in said
    assert one["id"] in said
    assert other["id"] in said


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
    assert next(folder.check(tmp_path / "output")).level == "fail"
    assert [one.level for one in folder.check(tmp_path / "below" / "output")] == ["fail"]
    (tmp_path / "file").write_text("x")
    assert "no folder" in next(folder.check(tmp_path / "file")).message


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
    assert found.message.startswith(f"realtime, {verdict}, ended ")
    assert found.message.endswith(" ago: the list was empty. and more")


def test_runs_that_end_and_are_never_ok(output: Path) -> None:
    shift(output, 30)
    [old] = (output / "runs").iterdir()
    report = json.loads(old.read_bytes())
    now = clock.now()
    report.update(started=str(now), finished=str(now), verdict="degraded", reasons=["x"])
    (output / "runs" / "29991231T000000.000Z.json").write_text(json.dumps(report))
    assert message(output, "scheduler").startswith("no ok run for 30 hours, though 1 ended")


def test_reports_that_cannot_be_read(output: Path) -> None:
    damages.stray("runs/1.json", "{")(output)
    damages.stray("runs/2.json", "{}")(output)
    damages.stray("runs/3.json", "[]")(output)
    assert message(output, "runs") == "3 reports cannot be read: 1.json, 2.json, 3.json"
    [sound] = (output / "runs").glob("2*Z.json")
    (output / "runs" / "0.json").write_text(sound.read_text("utf-8").replace("+00:00", ""))
    assert message(output, "runs").startswith("4 reports cannot be read: 0.json")


def test_a_run_of_named_stories_does_not_vouch_for_the_scheduler() -> None:
    now = clock.now()

    def run(hours: int, spider: str) -> runs.Run:
        when = str(now - timedelta(hours=hours))
        return runs.Run(
            {"started": when, "finished": when, "spider": spider, "verdict": "ok", "reasons": []}
        )

    found = list(runs.check([run(40, "realtime"), run(1, "stories")], [], now))
    assert [(one.level, one.subject) for one in found] == [
        ("ok", "last run"),
        ("fail", "scheduler"),
    ]
    found = list(runs.check([run(1, "stories")], [], now))
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
        ({"ZAOBAO_ALERTS": f"{__name__}.Tell"}, "fail", "alerts", "a value for TELL_TOKEN"),
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
    values = {"ZAOBAO_ALERTS": f"{__name__}.Tell", "TELL_TOKEN": "s3cret"}
    assert message(output, "alerts", **values) == f"{__name__}.Tell is set up"
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
    damages.stray("_posts/\x1b[2Jx.txt")(output)
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
    assert listed(text, "exclude") == found


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
