"""A site that puts the same words before or behind every headline: the run says so."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from demo.server import serve
from tests.support.archive import Archive
from tools.replays import newspaper, todays

pytestmark = pytest.mark.slow
WORDS = ["联合早报网 - {}", "[会员专享] {}", "VIP|{}", "{}（付费内容）", "{} - 早报", "<独家> “{}"]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive that has all stories but today's."""
    paper, folder = newspaper("sg4b"), tmp_path_factory.mktemp("headlines") / "base"
    for story in todays(paper):
        story.listed = False
    with serve(paper, paper.edition) as served:
        done = Archive(folder, served.origin).crawl("realtime", "-apages=9")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("words", WORDS)
def test_a_run_in_which_every_headline_has_the_same_words_says_so(
    base: Path, tmp_path: Path, words: str
) -> None:
    shutil.copytree(base, tmp_path / "archive")
    paper = newspaper("sg4b")
    new = todays(paper)
    later = new[:3]
    for story in new:
        story.title = words.format(story.title)
        story.listed = story not in later
    verb = "end" if words.startswith("{}") else "begin"
    shared = words.replace("{}", "")
    with serve(paper, paper.edition) as served:
        archive = Archive(tmp_path / "archive", served.origin)
        assert archive.crawl().returncode == 3
        read = archive.report["counts"]["new"]
        assert f"{read} of {read} headlines {verb} with {shared!r}" in archive.report["reasons"]
        for story in later:
            story.listed = True
        assert archive.crawl().returncode == 3  # as long as it is so
        assert f"8 of 8 headlines {verb} with {shared!r}" in archive.report["reasons"]


def test_a_column_of_many_stories_is_no_such_thing(base: Path, tmp_path: Path) -> None:
    shutil.copytree(base, tmp_path / "archive")
    paper = newspaper("sg4b")
    for n, story in enumerate(todays(paper)):
        story.title = f"独家｜{story.title}" if n % 2 else story.title
    with serve(paper, paper.edition) as served:
        archive = Archive(tmp_path / "archive", served.origin)
        assert archive.crawl().returncode == 0, archive.report["reasons"]
