"""The output folder: whole after any crash, one run at a time, errors as sentences."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from tests.support.archive import mounted
from tests.support.faulty import Faulty
from zaobao.archive import disk
from zaobao.archive.folder import REPORTS_KEPT, Archive
from zaobao.archive.linefile import LineFile
from zaobao.archive.lock import Lock
from zaobao.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive(tmp_path / "output", "scrapy crawl realtime") as archive:
        yield archive


def start(script: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


# --- the lock

_HOLDER = """
import sys, time
from pathlib import Path
from zaobao.archive.folder import Archive
archive = Archive(Path(sys.argv[1]), "scrapy crawl holder")
print("held", flush=True)
time.sleep(60)
"""


def test_a_second_run_names_the_first_and_a_killed_one_holds_nothing(tmp_path: Path) -> None:
    with start(_HOLDER, tmp_path) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "held\n"
        with pytest.raises(ArchiveError) as refused:
            Archive(tmp_path, "second")
        child.send_signal(signal.SIGKILL)
    assert f"process {child.pid} (scrapy crawl holder, since 20" in str(refused.value)
    Archive(tmp_path, "third").close()


def test_a_run_that_has_just_taken_the_lock_is_waited_for_to_say_who_it_is(tmp_path: Path) -> None:
    """Between taking and writing, the file holds the label of the last run, which is dead."""
    path = tmp_path / ".lock"
    with start("pass") as dead:
        pass
    path.write_text(json.dumps({"pid": dead.pid, "command": "dead", "started": "then"}))
    with path.open("r+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        label = json.dumps({"pid": os.getpid(), "command": "alive", "started": "now"})
        writing = threading.Timer(0.2, path.write_text, [label])
        writing.start()
        with pytest.raises(ArchiveError, match=rf"process {os.getpid()} \(alive, since now\)"):
            Lock(path, "second")
        writing.join()


def test_a_closed_archive_lets_the_next_in(tmp_path: Path) -> None:
    archive = Archive(tmp_path, "one")
    archive.close()
    archive.close()
    second = Archive(tmp_path, "two")
    with pytest.raises(ArchiveError, match=r"\(two, since"):
        Archive(tmp_path, "three")
    second.close()


# --- what is there at the start


def test_the_temporary_folder_is_swept_and_nothing_outside_it(tmp_path: Path) -> None:
    Archive(tmp_path, "x").close()
    outside = tmp_path / "kept"
    outside.mkdir()
    (outside / "file").touch()
    (tmp_path / ".tmp" / "1-1").touch()
    (tmp_path / ".tmp" / "deep" / "er").mkdir(parents=True)
    (tmp_path / ".tmp" / "link").symlink_to(outside)
    Archive(tmp_path, "x").close()
    assert list((tmp_path / ".tmp").iterdir()) == []
    assert (outside / "file").exists()


def test_the_site_is_put_there_once_and_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("mine")
    Archive(tmp_path, "x").close()
    assert (tmp_path / "_config.yml").exists()
    assert (tmp_path / "index.html").read_text() == "mine"
    assert (tmp_path / "_layouts").is_dir()
    (tmp_path / "404.html").unlink()
    (tmp_path / "_config.yml").write_text("mine: true")
    Archive(tmp_path, "x").close()
    assert not (tmp_path / "404.html").exists()
    assert (tmp_path / "_config.yml").read_text() == "mine: true"


@pytest.mark.parametrize("name", ["_posts", ".tmp", "revisions", "quarantine", "runs"])
def test_a_linked_folder_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "file").touch()
    output = tmp_path / "output"
    output.mkdir()
    (output / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ArchiveError, match="symbolic link"):
        Archive(output, "x")
    assert [path.name for path in (tmp_path / "elsewhere").iterdir()] == ["file"]


def test_a_file_where_the_folder_should_be_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "output").touch()
    with pytest.raises(ArchiveError, match=r"Making .*output: File exists"):
        Archive(tmp_path / "output", "x")


# --- posts


def test_a_post_is_written_whole_and_read_back(archive: Archive) -> None:
    file = "_posts/2026-11-22-题.md"
    archive.write_post(file, b"one")
    archive.write_post(file, b"two")
    assert archive.read_post(file) == b"two"
    assert archive.read_post("_posts/none.md") is None
    assert archive.has_post(file)
    assert not archive.has_post("_posts/none.md")
    assert archive.post_files() == [file]
    assert list((archive.folder / ".tmp").iterdir()) == []


def test_several_posts_are_whole_and_synced_before_they_have_their_names(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    sync, rename = os.fsync, os.rename
    monkeypatch.setattr(os, "fsync", lambda file: (done.append("sync"), sync(file)))
    monkeypatch.setattr(os, "rename", lambda *a, **k: (done.append("rename"), rename(*a, **k)))
    archive.write_posts({f"_posts/{n}.md": b"%d" % n for n in range(3)})
    assert done == ["sync"] * 3 + ["rename"] * 3 + ["sync"]
    assert [archive.read_post(f"_posts/{n}.md") for n in range(3)] == [b"0", b"1", b"2"]
    with pytest.raises(ValueError, match="no file name"):
        archive.write_posts({"_posts/3.md": b"3", "_posts/../4.md": b"4"})
    assert not archive.has_post("_posts/3.md")
    assert list((archive.folder / ".tmp").iterdir()) == []


@pytest.mark.parametrize("name", ["open", "write", "fsync", "rename"])
def test_several_posts_that_fail_leave_whole_ones(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    archive.write_post("_posts/a.md", b"old")
    with monkeypatch.context() as patch:
        patch.setattr(disk, "os", Faulty(name, errno.EIO))
        with pytest.raises(ArchiveError, match="What was written before it is whole"):
            archive.write_posts({"_posts/a.md": b"new", "_posts/b.md": b"new"})
    assert archive.read_post("_posts/a.md") == b"old"
    assert not archive.has_post("_posts/b.md")
    assert list((archive.folder / ".tmp").iterdir()) == []


def test_many_posts_are_synced_at_once_before_they_have_their_names(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    sync, rename = disk.syncfs, os.rename
    assert sync is not None, "Linux has had it since 5.8"
    monkeypatch.setattr(disk, "syncfs", lambda file: (done.append("sync"), sync(file)))
    monkeypatch.setattr(os, "rename", lambda *a, **k: (done.append("rename"), rename(*a, **k)))
    files = {f"_posts/{n:02}.md": b"%d" % n for n in range(50)}
    archive.write_posts(files)
    assert done == ["sync"] + ["rename"] * 50
    assert {file: archive.read_post(file) for file in archive.post_files()} == files

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(disk, "syncfs", full)
    with pytest.raises(ArchiveError, match="No space left"):
        archive.write_posts(dict.fromkeys(files, b"new"))
    assert {file: archive.read_post(file) for file in archive.post_files()} == files
    assert list((archive.folder / ".tmp").iterdir()) == []
    monkeypatch.setattr(disk, "syncfs", None)
    archive.write_posts(dict.fromkeys(files, b"new"))
    assert archive.read_post("_posts/49.md") == b"new"


def test_a_name_of_255_bytes_is_written(archive: Archive) -> None:
    name = "2026-11-22-" + "题" * 80 + "x.md"
    assert len(name.encode()) == 255
    archive.write_post(f"_posts/{name}", b"x")
    assert archive.read_post(f"_posts/{name}") == b"x"


@pytest.mark.parametrize("name", ["", ".", "..", "a/b.md", "../x.md", ".hidden", "a\0b"])
def test_a_name_that_leaves_the_folder_is_refused(archive: Archive, name: str) -> None:
    with pytest.raises(ValueError, match="no file name"):
        archive.write_post(f"_posts/{name}", b"x")


def test_a_link_at_the_target_is_replaced_not_followed(archive: Archive, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (archive.posts / "a.md").symlink_to(tmp_path / "secret")
    with pytest.raises(ArchiveError, match="symbolic link"):
        archive.read_post("_posts/a.md")
    assert archive.post_files() == []
    archive.write_post("_posts/a.md", b"post")
    assert (tmp_path / "secret").read_text() == "secret"
    assert archive.read_post("_posts/a.md") == b"post"


def test_a_folder_that_became_a_link_is_refused(archive: Archive, tmp_path: Path) -> None:
    archive.posts.rmdir()
    (tmp_path / "elsewhere").mkdir()
    archive.posts.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ArchiveError, match="Writing"):
        archive.write_post("_posts/a.md", b"post")
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert list((archive.folder / ".tmp").iterdir()) == []


@pytest.mark.parametrize("name", ["open", "write", "fsync", "rename"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EROFS, errno.EACCES])
def test_a_post_that_fails_leaves_the_former_one(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, name: str, number: int
) -> None:
    file = "_posts/a.md"
    archive.write_post(file, b"old")
    with monkeypatch.context() as patch:
        patch.setattr(disk, "os", Faulty(name, number))
        with pytest.raises(ArchiveError, match="What was written before it is whole") as error:
            archive.write_post(file, b"new")
    assert os.strerror(number) in str(error.value)
    assert archive.read_post(file) == b"old"
    assert list((archive.folder / ".tmp").iterdir()) == []


_WRITER = """
import sys
import threading
from pathlib import Path
from zaobao.archive.folder import Archive
from zaobao.archive.linefile import LineFile
archive = Archive(Path(sys.argv[1]), "writer")
lines = LineFile(archive.folder / "articles.jsonl")
print("ready", flush=True)
for n in range(10**6):
    lines.append(b'{"n": %d, "x": "%s"}\\n' % (n, b"y" * 5000))
    archive.write_post(f"_posts/{n % 3}.md", b"%d " % n * 5000)
"""


def test_kill_9_leaves_whole_posts_and_lines(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for wait in (0.02, 0.05, 0.13):
        with start(_WRITER, tmp_path) as child:
            assert child.stdout is not None
            child.stdout.readline()
            with pytest.raises(subprocess.TimeoutExpired):
                child.wait(wait)
            child.kill()
        with Archive(tmp_path, "check") as archive:
            numbers = [line["n"] for _, line in archive.lines()]
            assert numbers
            assert "passed over" not in caplog.text
            for file in archive.post_files():
                data = archive.read_post(file) or b""
                number = data.split(b" ", 1)[0]
                assert data == number + b" " + (number + b" ") * 4999
                assert int(number) in numbers
            assert list((tmp_path / ".tmp").iterdir()) == []


@pytest.fixture
def small_disk() -> Iterator[Path]:
    with mounted("512k") as folder:
        yield folder


def test_a_full_disk_is_a_sentence_and_nothing_is_torn(small_disk: Path) -> None:
    post = b"x" * 20_000
    line = b'{"x": "' + b"y" * 5000 + b'"}\n'
    written: list[str] = []
    with Archive(small_disk / "output", "x") as archive:
        lines = LineFile(archive.folder / "articles.jsonl")

        def fill() -> None:
            for n in range(1000):
                lines.append(line)
                archive.write_post(f"_posts/{n}.md", post)
                written.append(f"_posts/{n}.md")

        with pytest.raises(ArchiveError, match=r"No space left on device.*Make room on the disk"):
            fill()
        with pytest.raises(ArchiveError, match="No space left on device"):
            archive.write_post("_posts/0.md", post * 2)
        lines.close()
    with Archive(small_disk / "output", "x") as archive:
        assert archive.post_files() == sorted(written)
        assert {archive.read_post(file) for file in written} == {post}
        assert len(list(archive.lines())) in (len(written), len(written) + 1)


def test_a_read_only_disk_is_a_sentence(small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(ArchiveError, match=r"Read-only file system.*ZAOBAO_OUTPUT"):
        Archive(small_disk / "output", "x")


# --- earlier texts, quarantine, reports


def test_an_earlier_text_is_kept_beside_the_others(archive: Archive) -> None:
    assert archive.write_revision("20261122-1", 1, b"first") == "revisions/20261122-1/1.md"
    archive.write_revision("20261122-1", 2, b"second")
    assert archive.read_revision("20261122-1", 1) == b"first"
    assert archive.read_revision("20261122-1", 3) is None


def test_a_page_in_quarantine_has_its_reason_beside_it(archive: Archive) -> None:
    kept = archive.quarantine
    kept.put("20261122-1", b"<p>", "unknown_layout", "https://x", {"title": "\ud800"})
    page, notes = kept.get("20261122-1") or (b"", {})
    assert page == b"<p>"
    assert notes["reason"] == "unknown_layout"
    assert notes["title"] == "\ud800"
    assert notes["time"].endswith("+00:00")
    kept.release("20261122-1")
    kept.release("20261122-1")
    assert kept.get("20261122-1") is None


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".x", "x" * 101])
def test_an_id_that_leaves_the_folder_is_refused(archive: Archive, name: str) -> None:
    with pytest.raises(ValueError, match="no id"):
        archive.quarantine.put(name, b"", "", "", {})
    with pytest.raises(ValueError, match="no id"):
        archive.write_revision(name, 1, b"")


def test_the_newest_reports_stay(archive: Archive) -> None:
    for n in range(REPORTS_KEPT + 5):
        (archive.folder / "runs" / f"{n:04}.json").touch()
    archive.write_report("9999.json", b"{}")
    names = sorted(path.name for path in (archive.folder / "runs").iterdir())
    assert names == [f"{n:04}.json" for n in range(6, REPORTS_KEPT + 5)] + ["9999.json"]
