"""What exclude.txt leaves out is never fetched, and what was withdrawn never comes back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from demo.newspaper import Answer
from demo.server import Served
from demo.sitemaps import months
from tests.support.archive import Archive
from tests.support.driving import SITE, drive
from zaobao.archive.exclusions import Exclusions
from zaobao.archive.folder import DOCTOR
from zaobao.spiders.backfill import BackfillSpider
from zaobao.spiders.realtime import RealtimeSpider
from zaobao.spiders.stories import StoriesSpider


def traces(folder: Path, *words: str) -> list[str]:
    """The files of an archive that have one of the words in their name or bytes."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return sorted(
        str(path.relative_to(folder))
        for path in files
        if any(w in path.name or w.encode() in path.read_bytes() for w in words)
    )


def asked_for(served: Served, number: str) -> list[str]:
    return [r.path_qs for r in served.paper.requests if f"-{number}" in r.path_qs]


@pytest.mark.slow
def test_excluded_stories_are_not_fetched(archive: Archive, served: Served) -> None:
    by_id, by_path, by_word, hidden = served.paper.listed("china")[2:10:2]
    hidden.list_title = "列表上另有说法"
    archive.folder.mkdir()
    text = f"{by_id.number}\nurl:{by_path.path}\ntitle:{by_word.title[2:9]}\ntitle:{hidden.title}\n"
    (archive.folder / "exclude.txt").write_text(text + "gibberish\n", "utf-8")
    done = archive.crawl("realtime", "-a", "pages=9")
    assert done.returncode == 3
    assert "exclude.txt, line 5: 'gibberish' is no rule" in done.stderr
    (archive.folder / "exclude.txt").write_text(text, "utf-8")
    left_out = {one.number for one in (by_id, by_path, by_word, hidden)}
    assert archive.by_number.keys().isdisjoint(left_out)
    assert archive.report["counts"]["excluded"] == 4
    assert [n for n in left_out if asked_for(served, n)] == [hidden.number]
    served.paper.requests.clear()
    for _ in range(2):
        assert archive.crawl().returncode == 0
        assert [n for n in left_out if asked_for(served, n)] == []
    # Without the rule a story is had again; with another rule it is not.
    (archive.folder / "exclude.txt").write_text(f"{by_path.number}\n{by_word.number}\n", "utf-8")
    assert archive.crawl("realtime", "-a", "pages=9").returncode == 0
    assert archive.by_number.keys() & left_out == {by_id.number, hidden.number}


@pytest.mark.slow
def test_a_withdrawn_story_leaves_its_tombstone_only(archive: Archive, served: Served) -> None:
    stories = [s for s in served.paper.listed("china") if s.layout == "sg4b"][:8]
    story, garbled = stories[1], stories[5]
    served.paper.overrides[garbled.path] = Answer(f"<html><h1>{garbled.title}</h1></html>")
    assert archive.crawl(ZAOBAO_RAW="on").returncode == 3
    first = archive.by_number[story.number]
    older = archive.folder.parent / "older" / "_posts"
    older.mkdir(parents=True)
    (older / Path(first["post"]).name).write_bytes((archive.folder / first["post"]).read_bytes())
    earlier, story.title = story.title, f"改过：{story.title}"
    archive.crawl("realtime", "-a", "refresh=240", ZAOBAO_RAW="on")
    whole = len(archive.posts)
    assert (archive.folder / "revisions" / first["id"]).is_dir()

    assert archive.scrapy("doctor").returncode == 0
    assert (archive.folder / DOCTOR).exists()
    for number, is_built in ((story.number, False), (garbled.number, True)):
        if is_built:
            (archive.folder / "_site").mkdir()
        done = archive.scrapy("withdraw", number)
        assert done.returncode == 0, done.stderr
        assert ("built in _site/ shows it" in done.stderr) == is_built
    assert len(archive.posts) == whole - 1
    assert archive.by_number.keys().isdisjoint({story.number, garbled.number})
    words = (f"-{story.number}", f"-{garbled.number}", earlier[:8], garbled.title)
    assert traces(archive.folder, *words) == ["exclude.txt"]
    assert archive.scrapy("withdraw", story.number).returncode == 0
    text = (archive.folder / "exclude.txt").read_text("utf-8")
    assert [line.split()[:3] for line in text.splitlines()] == [
        [first["id"], "#", "withdrawn"],
        [f"{garbled.path.rpartition('story')[2]}", "#", "withdrawn"],
    ]

    served.paper.requests.clear()
    served.paper.overrides.clear()
    for number, run in enumerate(_ten_runs(served, story.path, garbled.path)):
        if number % 3 == 2:
            _lose_state(archive)
        settings = {"ZAOBAO_MAX_PAGES": "300"}  # seven years of sitemaps
        driven = drive(run[0], served.paper, archive.folder, settings, **run[1])
        assert {story.number, garbled.number}.isdisjoint(driven.stories), run
        assert driven.stats.get("zaobao/stories/excluded", 0) > 0, run
    done = archive.scrapy("adopt", str(older.parent))
    assert done.returncode == 0, done.stderr
    assert "1 excluded" in done.stderr
    assert archive.crawl("realtime", "-a", "refresh=240").returncode == 0
    assert len(archive.posts) == whole - 1
    assert traces(archive.folder, f"from: https://www.zaobao.com{story.path}") == []
    assert asked_for(served, story.number) == asked_for(served, garbled.number) == []


def _ten_runs(served: Served, *paths: str) -> list[tuple[type[Any], dict[str, str]]]:
    spans = months(served.paper.stories.values())
    span = f"{spans[0][:4]}-{spans[0][4:]}..{spans[-1][:4]}-{spans[-1][4:]}"
    last = served.paper.today
    named = ",".join(SITE + path for path in paths)
    return [
        (RealtimeSpider, {"pages": "9"}),
        (RealtimeSpider, {"since": str(last - timedelta(days=9))}),
        (RealtimeSpider, {"refresh": "2400", "pages": "9"}),
        (BackfillSpider, {"months": span}),
        (BackfillSpider, {"months": span, "section": "all", "order": "oldest"}),
        (StoriesSpider, {"urls": named}),
        (RealtimeSpider, {"section": "china,world", "pages": "9"}),
        (BackfillSpider, {"months": span}),
        (StoriesSpider, {"urls": named.replace("/story", "-old/story")}),
        (RealtimeSpider, {"limit": "500", "pages": "9"}),
    ]


def _lose_state(archive: Archive) -> None:
    for path in archive.folder.glob("state.sqlite*"):
        path.unlink()


@pytest.mark.slow
def test_withdrawing_what_is_not_there(archive: Archive) -> None:
    done = archive.scrapy("withdraw", "20210902-1189718")
    assert done.returncode == 1
    assert "delete that line if the number was mistyped" in done.stderr
    assert Exclusions.read(archive.folder).withdrawn == {"1189718"}
    for wrong in ((), ("maybe",), ("1", "2")):
        assert archive.scrapy("withdraw", *wrong).returncode == 2
