"""The names of posts are UTF-8 in every locale."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.archive import Archive
from zaobao.archive import disk
from zaobao.doctor import setup
from zaobao.errors import ArchiveError

NAME = "2021-09-02-阿里称“投入”€·é😀.md"
UNCARRIED = "襎梧.md"
"""Big5 has two codes for a sign in these bytes, and Python writes the other one."""


@pytest.fixture
def encoding(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """Python's functions for file names, as they are in a locale of that encoding."""
    used: str = request.param

    def encode(name: str) -> bytes:
        return name.encode(used, "surrogateescape")

    def decode(name: bytes) -> str:
        return name.decode(used, "surrogateescape")

    monkeypatch.setattr(os, "fsencode", encode)
    monkeypatch.setattr(os, "fsdecode", decode)
    monkeypatch.setattr("sys.getfilesystemencoding", lambda: used)
    return used


@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "gb18030", "latin-1"], indirect=True)
def test_a_name_is_utf_8_on_the_disk_and_read_back(encoding: str) -> None:
    assert os.fsencode(disk.local(NAME)) == NAME.encode()
    assert disk.utf8(disk.local(NAME)) == NAME


@pytest.mark.parametrize("encoding", ["big5hkscs"], indirect=True)
def test_a_locale_that_cannot_carry_a_name_is_named(encoding: str) -> None:
    with pytest.raises(ArchiveError, match=f"encoding, {encoding}, .* LC_ALL=C.UTF-8"):
        disk.local(UNCARRIED)


@pytest.mark.parametrize(
    ("encoding", "level"),
    [("utf-8", "ok"), ("gbk", "warn"), ("latin-1", "warn"), ("big5hkscs", "fail")],
    indirect=["encoding"],
)
def test_the_doctor_names_a_locale_that_is_not_utf_8(
    encoding: str, level: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.some")
    found = setup.locale()
    assert (found.level, found.subject) == (level, "locale")
    assert f"LC_ALL=zh_CN.some, file names in {encoding}" in found.message


@pytest.fixture
def gbk(tmp_path: Path) -> dict[str, str]:
    """The environment of a process in a Chinese locale of GBK."""
    make = shutil.which("localedef")
    if make is None or not Path("/usr/share/i18n/locales/zh_CN").exists():
        pytest.skip("the system has no sources of locales (Debian's package locales)")
    # It warns of what GBK lacks, and exits 1 for that.
    command = [make, "-c", "-i", "zh_CN", "-f", "GBK", str(tmp_path / "zh_CN.GBK")]
    subprocess.run(command, capture_output=True, check=False)
    return {"LOCPATH": str(tmp_path), "LC_ALL": "zh_CN.GBK", "PYTHONIOENCODING": "utf-8"}


@pytest.mark.slow
def test_an_archive_written_in_gbk_is_that_of_every_other_locale(
    archive: Archive, gbk: dict[str, str]
) -> None:
    done = archive.crawl("realtime", "-a", "limit=5", **gbk)
    assert done.returncode == 0, done.stderr
    lines = archive.lines
    assert len(lines) == 5
    posts = (archive.folder / "_posts").iterdir()
    names = {os.fsencode(path.name).decode("utf-8") for path in posts}
    assert {f"_posts/{name}" for name in names} == {line["post"] for line in lines}
    there = archive.scrapy("doctor", **gbk)
    assert "warn  locale: LC_ALL=zh_CN.GBK, file names in gb" in there.stdout
    for done in (there, archive.scrapy("doctor", LC_ALL="C.UTF-8")):
        assert "agreement: 5 stories, each with its line and its post" in done.stdout
    tree = archive.tree()
    (archive.folder / "state.sqlite").unlink()
    again = archive.scrapy("adopt", str(archive.folder), **gbk)
    assert "5 files, 5 had a line" in again.stderr
    number = lines[0]["id"]
    gone = archive.scrapy("withdraw", number, **gbk)
    assert "1 post, 1 line" in gone.stderr
    assert archive.tree().keys() == tree.keys() - {lines[0]["post"]}
