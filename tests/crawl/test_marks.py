"""A site that cuts its texts without a word: marked, read again, whole once it is mended."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from scrapy.utils.project import get_project_settings

from demo.newspaper import Newspaper
from demo.server import Served, serve
from tests.support.archive import Archive
from tools.breakages import NOT_YET, Breakage
from tools.replays import newspaper, todays
from zaobao.archive.recovery import open_archive
from zaobao.exporters import JekyllPostExporter
from zaobao.monitoring.findings import Suspicion
from zaobao.monitoring.marks import Marks
from zaobao.options import Options

pytestmark = pytest.mark.slow

CUT: Breakage = next(b for b in NOT_YET if b.name == "text cut without a word")
KILLS = {
    "before the first mark": "zaobao.monitoring.comparison:Comparison.review",
    "posts marked, lines not": "zaobao.archive.linefile:LineFile.replace",
    "lines marked, state not": "zaobao.archive.state:State.remember",
    "all marked, no report": "zaobao.archive.folder:Archive.write_report",
}
"""When a run dies → what is called then."""
_DIE = """
import importlib, os, signal, sys
from zaobao.monitoring import comparison
module, _, path = sys.argv.pop(1).partition(":")
owner, _, name = path.partition(".")
owner = getattr(importlib.import_module(module), owner)
before = comparison.Comparison.review
def review(self, *given):
    setattr(owner, name, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
    (before if owner is not comparison.Comparison else owner.review)(self, *given)
comparison.Comparison.review = review
from scrapy.cmdline import execute
execute(["scrapy", *sys.argv[1:]])
"""


class Site:
    """The served newspaper, today's stories shown or not; archives of it begin as `base`."""

    def __init__(self, served: Served, folder: Path) -> None:
        self.paper: Newspaper = served.paper
        self.folder, self.origin = folder, served.origin
        self.todays = todays(served.paper)

    def archive(self, name: str, origin: str = "base") -> Archive:
        if (self.folder / origin).exists():
            shutil.copytree(self.folder / origin, self.folder / name)
        return Archive(self.folder / name, self.origin)

    def show(self, listed: bool) -> None:
        for story in self.todays:
            story.listed = listed


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    paper = newspaper("sg4b")
    with serve(paper, paper.edition) as served:
        site = Site(served, tmp_path_factory.mktemp("review"))
        site.show(False)
        base = site.archive("base", "nothing").crawl("realtime", "-apages=9", ZAOBAO_RAW="on")
        assert base.returncode == 0, base.stderr
        site.show(True)
        whole = site.archive("whole").crawl(ZAOBAO_RAW="on")
        assert whole.returncode == 0, whole.stderr
        CUT.apply(paper)
        cut = site.archive("cut").crawl(ZAOBAO_RAW="on")
        assert cut.returncode == 3, cut.stderr
        yield site


@pytest.fixture
def whole(site: Site) -> Archive:
    return Archive(site.folder / "whole", site.origin)


@pytest.fixture
def cut(site: Site, request: pytest.FixtureRequest) -> Archive:
    """An archive whose last run met the cut texts."""
    return site.archive(f"cut of {request.node.name}", "cut")


def passed_off(archive: Archive, whole: Archive) -> list[str]:
    """Stories whose text is not the printed one and that do not say so, in their line or post."""
    names = {n: one["post"].removeprefix("_posts/") for n, one in archive.by_number.items()}
    return [
        number
        for number, line in archive.by_number.items()
        if len(line["text"]) < 0.8 * len(whole.by_number[number]["text"])
        and (line["access"] == "free" or b"\naccess: " not in archive.posts[names[number]])
    ]


def make_due(archive: Archive) -> int:
    with closing(sqlite3.connect(archive.folder / "state.sqlite")) as state, state:
        return state.execute("UPDATE stories SET due = 0 WHERE due IS NOT NULL").rowcount


def marked(archive: Archive) -> dict[str, str]:
    lines = archive.by_number.values()
    suspects = [line for line in lines if "in doubt: " in str(line["access_reason"])]
    return {line["id"]: line["access"] for line in suspects}


def due_in_doubt(archive: Archive) -> set[str]:
    with closing(sqlite3.connect(archive.folder / "state.sqlite")) as state:
        rows = state.execute("SELECT id, reason FROM stories WHERE status = 'written' AND due > 0")
        return {story for story, reason in rows if reason.startswith("in doubt: ")}


def test_no_cut_text_is_passed_off_as_whole(cut: Archive, whole: Archive) -> None:
    assert passed_off(cut, whole) == []
    assert set(marked(cut).values()) == {"unknown"}
    assert len(marked(cut)) == cut.report["doubted"]["sg_cards"] >= 15
    assert any("in doubt, marked so and due again" in said for said in cut.report["reasons"])
    # One line for each story, as if it had been written so.
    ids = [(line["id"], line["revision"]) for line in cut.lines]
    assert len(ids) == len(set(ids))
    assert {line["access"] for line in cut.lines if line["layout"] != "sg_cards"} <= {"free"}


@pytest.mark.parametrize("moment", KILLS)
def test_a_run_that_is_killed_leaves_the_marks_to_the_next(
    site: Site, cut: Archive, whole: Archive, moment: str
) -> None:
    killed = site.archive(f"killed {list(KILLS).index(moment)}")
    command = ("-c", _DIE, KILLS[moment], "crawl", "realtime", *killed.fast())
    ended = killed.python(*command, ZAOBAO_RAW="on")
    assert ended.returncode == -9, ended.stderr
    assert len(killed.posts) == len(cut.posts)
    again = killed.crawl(ZAOBAO_RAW="on")
    assert again.returncode == 3, again.stderr
    assert killed.posts == cut.posts
    assert marked(killed) == marked(cut)
    assert due_in_doubt(killed) == set(marked(cut))
    assert passed_off(killed, whole) == []
    assert len(killed.lines) == len(cut.lines)


def test_read_again_while_the_texts_are_cut_they_stay_in_doubt(site: Site, cut: Archive) -> None:
    before = cut.tree()
    assert make_due(cut) >= len(marked(cut))
    cut.crawl(ZAOBAO_RAW="on")
    assert cut.tree() == before
    assert make_due(cut) >= len(marked(cut))
    # A mended layout may read more in a page that has not changed.
    with closing(sqlite3.connect(cut.folder / "state.sqlite")) as state, state:
        state.execute("UPDATE stories SET due = NULL")
    site.paper.requests.clear()
    cut.crawl("realtime", "-arefresh=72", ZAOBAO_RAW="on")
    assert cut.tree() == before
    asked = {
        request.path_qs.rpartition("-")[2]: "If-None-Match" in request.headers
        for request in site.paper.requests
        if "/story" in request.path_qs
    }
    in_doubt = {story.partition("-")[2] for story in marked(cut)}
    assert {number for number, known in asked.items() if not known} == in_doubt


def test_the_run_after_the_mend_has_what_one_has_that_never_broke(
    site: Site, cut: Archive, whole: Archive
) -> None:
    changes, site.paper.mutations = site.paper.mutations, {}
    try:
        make_due(cut)
        cut.crawl(ZAOBAO_RAW="on")
        assert marked(cut) == {}
    finally:
        site.paper.mutations = changes
    names = [one["post"].removeprefix("_posts/") for one in whole.lines]
    in_doubt = [name for name in names if cut.posts[name] != whole.posts[name]]
    # Those that the page itself calls cut are not suspect; `-a refresh` reads them again.
    assert all("truncated" in str(cut.posts[name]) for name in in_doubt)
    brief = cut.by_number["10004392"]
    assert (brief["access"], brief["revision"]) == ("free", 1)
    kept = (cut.folder / "revisions" / cut.by_number["10004417"]["id"] / "0.md").read_text()
    assert "\naccess: unknown\n" in kept


def test_a_mark_that_is_taken_away_leaves_no_trace(site: Site) -> None:
    """Of a text by what a run shows, of a time by the raw one, which stays in the line."""
    copy = site.archive("marked and cleared", "whole")
    before, numbers = copy.tree(), set(copy.by_number)
    untouched = frozenset(line["id"] for line in copy.lines if line["updated"] is None)
    settings = get_project_settings()
    settings.set("ZAOBAO_OUTPUT", str(copy.folder))
    options = Options.from_settings(settings)
    now = datetime.fromisoformat(copy.report["finished"])
    by_length = Suspicion("sg_cards", "texts of sg_cards are short", now, below=150)
    by_clock = Suspicion("sg_cards", "times are late", now, ids=untouched, clock=True)
    with open_archive(options, "a test") as opened:
        marks = Marks(opened, JekyllPostExporter(options), 0)
        marked_ids = marks.mark([by_length, by_clock], now)
        short, late = marked_ids[by_length], marked_ids[by_clock]
        assert len(short) > 10
        assert len(late) > 30
    line = copy.by_number[late[0].partition("-")[2]]
    post = copy.posts[line["post"].removeprefix("_posts/")].decode()
    assert (line["published"], line["revision"]) == (None, 0)
    assert "\ndate_from: url\n" in post
    with open_archive(options, "a test") as opened:
        marks = Marks(opened, JekyllPostExporter(options), 0)
        assert marks.clear(set(), set()) == []
        assert set(marks.clear(numbers, set())) == set(short)
        assert set(marks.clear(numbers, numbers)) == set(late)
        assert [
            known for known in opened.state.due(None, now + timedelta(days=30)) if known.file
        ] == []
    assert copy.tree() == before


def test_a_state_that_is_built_again_knows_the_doubts(cut: Archive) -> None:
    in_doubt = marked(cut)
    for path in cut.folder.glob("state.sqlite*"):
        path.unlink()
    cut.crawl("realtime", "-apages=1", ZAOBAO_RAW="on")
    assert due_in_doubt(cut) == set(in_doubt)


def test_reextract_leaves_the_marks(cut: Archive) -> None:
    before = cut.tree()
    done = cut.scrapy("reextract")
    assert done.returncode == 0, done.stderr
    assert cut.tree() == before
    assert json.loads((cut.folder / "articles.jsonl").read_bytes().splitlines()[0])
