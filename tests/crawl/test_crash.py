"""A short form of `python -m tools.crash`, and the gap that a killed pass leaves in a list."""

from __future__ import annotations

import random
from datetime import date
from typing import TYPE_CHECKING

import pytest

from demo.newspaper import Answer
from demo.server import Served, serve
from tests.support.archive import Archive
from tests.support.clock import fresh_paper
from tests.support.whole import numbers, verify
from tools.crash import Torture

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


def test_what_kills_leave_is_completed(tmp_path: Path) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    with serve(fresh_paper(bulk=450)) as served:
        done = Torture(served, tmp_path, 5, random.Random(seed), spread=2).run()
    assert done["archives"] >= 1
    assert done["stories"] >= 400


def lists(served: Served) -> list[str]:
    asked = [request.path_qs for request in served.paper.requests]
    served.paper.requests.clear()
    return [path for path in asked if "/story" not in path and path != "/robots.txt"]


def cut_off(archive: Archive, served: Served, page: int, *arguments: str) -> None:
    """A run that cannot go on at a page of the list; then the page is there again."""
    place = f"/realtime/china?page={page}"
    served.paper.overrides[place] = Answer(status=500)
    served.paper.api_shape = None
    assert archive.crawl("realtime", *arguments).returncode == 3
    assert place in lists(served)
    del served.paper.overrides[place]


def test_a_list_that_was_cut_off_is_read_to_where_it_should_have_been(
    archive: Archive, served: Served
) -> None:
    """All of the first page is written, and a later page of the same pass was never read."""
    cut_off(archive, served, 2, "-a", "pages=9")
    assert archive.by_number.keys() < numbers(served)
    done = archive.crawl()
    assert done.returncode == 0, done.stderr
    verify(archive, served, numbers(served))


def test_a_first_run_that_was_cut_off_ends_where_it_would_have(tmp_path: Path) -> None:
    with serve(fresh_paper(bulk=300)) as served:
        whole, cut = (Archive(tmp_path / name, served.origin) for name in ("whole", "cut"))
        assert whole.crawl().returncode == 0
        assert len(lists(served)) > 2
        cut_off(cut, served, 2)
        assert cut.by_number.keys() < whole.by_number.keys() < numbers(served)
        assert cut.crawl().returncode == 0
        assert cut.by_number.keys() == whole.by_number.keys()
        lists(served)
        before = cut.tree()
        assert cut.crawl().returncode == 0
        assert lists(served) == ["/realtime/china"]
        assert cut.tree() == before


def test_a_run_of_so_many_pages_that_was_cut_off_is_completed_by_the_same_command(
    tmp_path: Path,
) -> None:
    """What it read reaches further back than a first run has to."""
    with serve(fresh_paper(bulk=300)) as served:
        archive = Archive(tmp_path / "output", served.origin)
        cut_off(archive, served, 6, "-a", "pages=20")
        assert archive.by_number.keys() < numbers(served)
        done = archive.crawl("realtime", "-a", "pages=20")
        assert done.returncode == 0, done.stderr
        verify(archive, served, numbers(served))


@pytest.mark.parametrize("bound", ["pages=1", "since={today}"])
def test_a_bounded_run_does_not_close_the_gap_of_an_earlier_one(
    archive: Archive, served: Served, bound: str
) -> None:
    cut_off(archive, served, 2, "-a", "pages=9")
    done = archive.crawl("realtime", "-a", bound.format(today=served.paper.today))
    assert done.returncode == 0, done.stderr
    assert archive.by_number.keys() < numbers(served)
    assert archive.crawl().returncode == 0
    assert archive.by_number.keys() == numbers(served)


def test_since_looks_behind_the_page_on_which_its_day_began(
    archive: Archive, served: Served
) -> None:
    assert archive.crawl("realtime", "-a", "pages=1").returncode == 0
    oldest = min(line["id"][:8] for line in archive.lines if line["id"][:4] >= "2025")
    since = date.fromisoformat(oldest)
    wanted = {s.number for s in served.paper.listed("china") if s.published.date() >= since}
    assert archive.crawl("realtime", "-a", f"since={since}").returncode == 0
    assert wanted <= archive.by_number.keys()
