"""What commands print where the console is narrow in characters, or its reader has gone."""

from __future__ import annotations

import contextlib
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.archive import PATIENCE, Archive
from tests.support.older import old_post
from zaobao import console


def test_after_the_reader_has_gone_the_rest_goes_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "w", encoding="utf-8") as stream:  # noqa: PTH123 (a descriptor)
        monkeypatch.setattr(sys, "stdout", stream)
        console.data("a\n")
        assert os.path.samestat(os.fstat(writer), os.stat(os.devnull))  # noqa: PTH116
        console.data("b\n")


def test_what_is_noted_stands_on_stderr_and_data_on_stdout(
    capsys: pytest.CaptureFixture[str],
) -> None:
    console.data("数据\n")
    console.note("说明\n")
    assert capsys.readouterr() == ("数据\n", "说明\n")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("stream", "command", "exit_code"),
    [("stdout", ["doctor"], 0), ("stderr", ["withdraw", "1189718"], 1)],
)
def test_a_command_without_a_reader_does_its_work(
    tmp_path: Path, stream: str, command: list[str], exit_code: int
) -> None:
    archive = Archive(tmp_path / "output", "http://127.0.0.1:9")
    reader, writer = os.pipe()
    os.close(reader)
    where = archive.where() | {stream: writer}
    done = subprocess.run(
        archive.command(*command), **where, text=True, timeout=PATIENCE, check=False
    )
    os.close(writer)
    assert done.returncode == exit_code
    assert not done.stdout
    assert not done.stderr
    if stream == "stderr":
        assert (
            (archive.folder / "exclude.txt").read_text("utf-8").startswith("1189718  # withdrawn")
        )


@pytest.mark.slow
def test_what_a_console_of_gbk_cannot_show_is_a_question_mark(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "output", "http://127.0.0.1:9")
    posts = archive.folder / "_posts"
    posts.mkdir(parents=True)
    (posts / "2026-01-01-😀联合.md").write_bytes(b"no post")
    where = archive.where(PYTHONIOENCODING="gbk")
    done = subprocess.run(archive.command("doctor"), **where, timeout=PATIENCE, check=False)
    assert done.stderr == b""
    assert "2026-01-01-?联合.md: ".encode("gbk") in done.stdout


def on_a_terminal(archive: Archive, *arguments: str) -> tuple[int, bytes, str]:
    """Exit code, stdout, which is none, and stderr, which is a terminal."""
    main, terminal = pty.openpty()
    where = archive.where(TERM="xterm", COLUMNS="120") | {"stderr": terminal}
    with subprocess.Popen(archive.command(*arguments), **where) as child:
        os.close(terminal)
        shown = b""
        with contextlib.suppress(OSError):  # what Linux says when nobody has it open any more
            while block := os.read(main, 65536):
                shown += block
        data, _ = child.communicate()
    os.close(main)
    return child.returncode, data, shown.decode()


@pytest.mark.slow
def test_long_work_shows_on_a_terminal_how_far_it_is(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "output", "http://127.0.0.1:9")
    source = tmp_path / "older"
    source.mkdir()
    for number in range(1, 4):
        (source / f"2021-09-02-{number}.md").write_bytes(old_post(number))
    (source / "2021-09-02-cut.md").write_bytes(old_post(4)[:-8])
    code, data, shown = on_a_terminal(archive, "adopt", str(source))
    assert (code, data) == (3, b"")
    assert all(said in shown for said in ("looking at posts", "writing lines", "0/4", "3/3"))
    assert "Not taken over" in shown
    assert "4 files, 0 had a line; 3 stories taken over" in shown.splitlines()[-1]
    # What goes to a file is not drawn.
    code, data, shown = on_a_terminal(archive, "doctor")
    assert code == 0
    assert b"agreement: 3 stories, each with its line and its post" in data
    assert "looking at posts" in shown
    assert "agreement" not in shown
