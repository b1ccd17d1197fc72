"""`backfill`: months of sitemaps, resumed after kills, and what hostile sitemaps come to."""

from __future__ import annotations

import gzip
import json
import random
import subprocess
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from demo.newspaper import Answer, Newspaper, list_of
from demo.server import Served, serve
from demo.sitemaps import HOST, index, month_of
from demo.story import Story
from tests.support.archive import Archive, wait_until
from tests.support.clock import fresh_paper
from tests.support.driving import Driven, drive
from zaobao.spiders.backfill import BackfillSpider
from zaobao.times import SINGAPORE

TODAY = datetime(2026, 11, 20, tzinfo=SINGAPORE)
XML = {"Content-Type": "application/xml"}


@pytest.fixture
def paper() -> Newspaper:
    return Newspaper(TODAY, bulk=300)


def backfill(paper: Newspaper, folder: Path, months: str, **arguments: str) -> Driven:
    settings = {"ZAOBAO_MAX_PAGES": arguments.pop("max_pages", "60")}
    return drive(BackfillSpider, paper, folder, settings, months=months, **arguments)


def listed(paper: Newspaper, *months: str, section: str | None = "china") -> list[Story]:
    """The stories of these months (`202609`) and of a section's list; None: of all."""
    inside = [s for s in paper.stories.values() if month_of(s) in months]
    return [s for s in inside if section is None or _section(s) == section]


def _section(story: Story) -> str:
    return list_of(story).rpartition("/")[2]


def numbers(stories: list[Story]) -> set[str]:
    return {story.number for story in stories}


def test_months_and_sections(paper: Newspaper, tmp_path: Path) -> None:
    for section in ("china", "world", "singapore", "finance"):
        driven = backfill(paper, tmp_path / section, "2026-07..2026-09", section=section)
        wanted = numbers(listed(paper, "202607", "202608", "202609", section=section))
        assert set(driven.stories) == wanted
        assert len(driven.stories) == len(wanted) > 1
        assert sorted(driven.lists) == [
            f"/sitemaps/sitemap-20260{month}.xml" for month in (7, 8, 9)
        ]
        assert driven.reasons == []
    several = backfill(paper, tmp_path / "two", "2026-07,2026-09", section="china,news/world")
    wanted = numbers(listed(paper, "202607", "202609"))
    wanted |= {
        s.number
        for s in listed(paper, "202607", "202609", section="world")
        if s.section == "news/world"
    }
    assert set(several.stories) == wanted
    everything = backfill(paper, tmp_path / "all", "2026-09", section="all")
    comic = "82026092"  # under /forum, which no list shows
    assert set(everything.stories) == {comic} | numbers(listed(paper, "202609", section=None))


@pytest.mark.parametrize("order", ["newest", "oldest"])
def test_order_is_that_of_the_days(order: str, paper: Newspaper, tmp_path: Path) -> None:
    driven = backfill(paper, tmp_path, "2026-06..2026-09", order=order)
    days = [paper.stories[number].path.rpartition("story")[2][:8] for number in driven.stories]
    assert days == sorted(days, reverse=order == "newest")
    assert len(days) > 20


def test_since_and_until_leave_out_months_and_stories(paper: Newspaper, tmp_path: Path) -> None:
    driven = backfill(paper, tmp_path, "2026-01..2026-10", since="2026-07-05", until="2026-08-20")
    assert len(driven.lists) == 2
    asked = [paper.stories[number] for number in driven.stories]
    days = [story.published.date() for story in asked]
    # The day in an address is at most one off, so a neighbour may be asked for.
    assert min(days) >= date(2026, 7, 4)
    assert max(days) <= date(2026, 8, 21)
    inside = listed(paper, "202607", "202608")
    span = (date(2026, 7, 5), date(2026, 8, 20))
    assert {s.number for s in inside if span[0] <= s.published.date() <= span[1]} <= set(
        driven.stories
    )


def test_lastmod_is_never_the_time_of_a_story(paper: Newspaper, tmp_path: Path) -> None:
    driven = backfill(paper, tmp_path, "2026-09", section="all")
    assert set(driven.times.values()) == {None}


def test_addresses_in_cdata(paper: Newspaper, tmp_path: Path) -> None:
    paper.sitemap_form = "cdata"
    driven = backfill(paper, tmp_path, "2026-09")
    assert set(driven.stories) == numbers(listed(paper, "202609"))


def test_a_month_is_found_through_the_index(paper: Newspaper, tmp_path: Path) -> None:
    """Under another name of its month; behind an index below the index; among numbered ones."""
    wanted = numbers(listed(paper, "202608", "202609"))
    bodies = {
        month: paper.answer("GET", f"/sitemaps/sitemap-{month}.xml", {})
        for month in ("202608", "202609")
    }
    for month in bodies:
        paper.overrides[f"/sitemaps/sitemap-{month}.xml"] = Answer(status=404)
        paper.overrides[f"/maps/news-{month[:4]}-{month[4:]}.xml"] = bodies[month]
    named = [f"{HOST}/maps/news-{m[:4]}-{m[4:]}.xml" for m in bodies]
    paper.overrides["/sitemap.xml"] = _index(*named)
    driven = backfill(paper, tmp_path / "named", "2026-08..2026-09")
    assert set(driven.stories) == wanted
    assert driven.lists.count("/sitemap.xml") == 1

    paper.overrides["/sitemap.xml"] = _index(f"{HOST}/sitemap-1.xml")
    paper.overrides["/sitemap-1.xml"] = _index(*named)
    driven = backfill(paper, tmp_path / "below", "2026-08..2026-09")
    assert set(driven.stories) == wanted

    for n, month in enumerate(bodies):
        paper.overrides[f"/sitemaps/sitemap-{n}.xml"] = bodies[month]
    paper.overrides["/sitemap.xml"] = Answer(index(["0", "1"]), headers=XML)
    driven = backfill(paper, tmp_path / "numbered", "2026-08..2026-09")
    assert set(driven.stories) == wanted
    assert len(driven.stories) == len(set(driven.stories))


def _index(*addresses: str) -> Answer:
    rows = "".join(f"<sitemap><loc>{address}</loc></sitemap>" for address in addresses)
    return Answer(f"<sitemapindex>{rows}</sitemapindex>", headers=XML)


@pytest.mark.parametrize(
    ("own", "top", "said"),
    [
        (Answer(status=404), Answer(status=404), "sitemap.xml: 404"),
        (Answer(status=500), Answer(status=500), "sitemap-202609.xml: 500"),
        (Answer(status=404), _index(f"{HOST}/sitemap.xml"), ""),
        (Answer(status=404), _index("https://evil.example/sitemap-202609.xml"), "no sitemap of"),
        (_index(f"{HOST}/sitemaps/sitemap-202609.xml"), Answer(), "there is no sitemap of 2026-09"),
        (_index(f"{HOST}/a-202609.xml"), Answer(), "is an index below an index"),
        (Answer("<urlset></urlset>"), Answer(), "names no story"),
        (Answer("<html></html>"), Answer(), "could not be read: its root is <html>"),
        (Answer("nothing"), Answer(), "could not be read: it is no XML"),
        (
            Answer('<!DOCTYPE u [<!ENTITY a "b">]><urlset><url><loc>&a;</loc></url></urlset>'),
            Answer(),
            "could not be read: it has a document type",
        ),
    ],
)
def test_what_gives_no_story_ends_in_a_clear_line(
    own: Answer, top: Answer, said: str, paper: Newspaper, tmp_path: Path
) -> None:
    paper.overrides["/sitemaps/sitemap-202609.xml"] = own
    paper.overrides["/sitemap.xml"] = top
    paper.overrides["/a-202609.xml"] = _index(f"{HOST}/b-202609.xml")
    driven = backfill(paper, tmp_path, "2026-09")
    assert driven.stories == []
    assert len(driven.lists) == len(set(driven.lists)) <= 4
    if said:
        assert any(said in reason for reason in driven.reasons), driven.reasons


def test_sitemaps_are_bounded(paper: Newspaper, tmp_path: Path) -> None:
    paper.overrides["/sitemaps/sitemap-202609.xml"] = Answer(status=404)
    paper.overrides["/sitemap.xml"] = Answer(index(map(str, range(60_000))), headers=XML)
    driven = backfill(paper, tmp_path, "2026-09", max_pages="7")
    assert len(driven.lists) == 7
    assert any("over 50000 entries" in reason for reason in driven.reasons)


def test_a_damaged_sitemap_is_read_again(paper: Newspaper, tmp_path: Path) -> None:
    path = "/sitemaps/sitemap-202609.xml"
    whole = paper.answer("GET", path, {})
    assert isinstance(whole.body, bytes)
    paper.overrides[path] = Answer(whole.body.replace(b"</url>", b"</ur>", 1), headers=XML)
    driven = backfill(paper, tmp_path, "2026-09")
    assert any("is damaged" in reason for reason in driven.reasons)
    paper.overrides.clear()
    assert path in backfill(paper, tmp_path, "2026-09").lists


def test_unfinished_work_is_gone_on_with_first(paper: Newspaper, tmp_path: Path) -> None:
    """Nothing is fetched here, so all is still due; its sitemaps are not read again."""
    first = backfill(paper, tmp_path, "2026-07..2026-09")
    again = backfill(paper, tmp_path, "2026-07..2026-09")
    assert (again.lists, again.stats["zaobao/lists_resumed"]) == ([], 3)
    assert again.stories == first.stories
    other = backfill(paper, tmp_path, "2026-08", section="world")
    assert other.lists == ["/sitemaps/sitemap-202608.xml"]
    assert set(other.stories) == numbers(listed(paper, "202608", section="world"))


# --- whole crawls


@pytest.fixture
def served() -> Iterator[Served]:
    with serve(fresh_paper(bulk=600)) as one:
        yield one


def span(served: Served, count: int) -> tuple[str, set[str]]:
    """The last `count` whole months as an argument, and as the sitemaps name them."""
    last = served.paper.today.replace(day=1) - timedelta(days=1)
    first = last.year * 12 + last.month - count
    names = {f"{n // 12}{n % 12 + 1:02d}" for n in range(first, first + count)}
    return f"{min(names)[:4]}-{min(names)[4:]}..{last:%Y-%m}", names


def sitemaps_asked(served: Served) -> list[str]:
    return [r.path_qs for r in served.paper.requests if "sitemap" in r.path_qs]


def kept(archive: Archive) -> set[str]:
    """The numbers of the stories that have a whole line; a kill may leave half a line behind."""
    path = archive.folder / "articles.jsonl"
    whole = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    return {str(json.loads(line)["id"]).partition("-")[2] for line in whole}


def stories_asked(served: Served) -> list[str]:
    """The numbers of the stories that were asked for, as often as each was."""
    paths = [r.path_qs for r in served.paper.requests]
    return [path.rpartition("-")[2] for path in paths if "/story" in path]


@pytest.mark.slow
def test_twelve_months_survive_six_kills(archive: Archive, served: Served) -> None:
    months, names = span(served, 12)
    wanted = {s.number for s in listed(served.paper, *names) if s.status == 200}
    assert len(wanted) > 150
    arguments = ("backfill", "-a", f"months={months}")
    rng = random.Random(served.origin)
    kills = [rng.randint(1, 30) for _ in range(5)]
    for stories in kills:
        goal = stories + len(stories_asked(served))
        _kill_when(archive, arguments, partial(_has_asked, served, goal))
    _kill_when(archive, arguments, lambda: bool(kept(archive)))
    before_the_last = kept(archive)
    served.paper.requests.clear()
    done = archive.crawl(*arguments)
    assert done.returncode == 0, done.stderr
    assert archive.by_number.keys() == wanted
    assert len(archive.lines) == len(archive.posts) == len(wanted)
    asked = stories_asked(served)
    assert len(asked) == len(set(asked))
    assert before_the_last.isdisjoint(asked)

    before = archive.tree()
    served.paper.requests.clear()
    done = archive.crawl(*arguments)
    assert done.returncode == 0, done.stderr
    assert archive.tree() == before
    asked = [r.path_qs for r in served.paper.requests if r.path_qs != "/robots.txt"]
    assert sorted(asked) == [f"/sitemaps/sitemap-{name}.xml" for name in sorted(names)]


def _has_asked(served: Served, count: int) -> bool:
    return len(stories_asked(served)) >= count


def _kill_when(
    archive: Archive, arguments: tuple[str, ...], is_reached: Callable[[], bool]
) -> None:
    """SIGKILL a crawl once so much is done."""
    command = archive.command("crawl", *arguments, *archive.fast())
    with subprocess.Popen(command, **archive.where()) as child:
        wait_until(is_reached, child)
        child.kill()
        child.communicate()


@pytest.mark.slow
def test_bounds_let_the_next_run_go_on(archive: Archive, served: Served) -> None:
    months, names = span(served, 2)
    wanted = {s.number for s in listed(served.paper, *names) if s.status == 200}
    arguments = ("backfill", "-a", f"months={months}")
    done = archive.crawl(*arguments, ZAOBAO_MAX_NEW="15")
    assert (done.returncode, len(archive.posts)) == (0, 15), done.stderr
    done = archive.crawl(*arguments, "-a", "limit=6")
    assert (done.returncode, len(archive.posts)) == (0, 21), done.stderr
    assert archive.report["reasons"] == []
    served.paper.requests.clear()
    assert archive.crawl(*arguments).returncode == 0
    assert archive.by_number.keys() == wanted
    assert sitemaps_asked(served) == []


@pytest.mark.slow
def test_gzipped_broken_and_bombs(archive: Archive, served: Served) -> None:
    months, names = span(served, 3)
    served.paper.sitemap_form = "gzip"
    one, two, three = sorted(names)
    bomb = gzip.compress(b"<urlset>" + b" " * 60_000_000, mtime=0)
    served.paper.overrides[f"/sitemaps/sitemap-{one}.xml"] = Answer(bomb, headers=XML)
    cut = b"<urlset><url><loc>https://www.zaobao.com"
    served.paper.overrides[f"/sitemaps/sitemap-{two}.xml"] = Answer(cut, headers=XML)
    done = archive.crawl("backfill", "-a", f"months={months}")
    assert done.returncode == 3, done.stderr
    assert archive.by_number.keys() == numbers(listed(served.paper, three))
    reasons = archive.report["reasons"]
    assert [one in reason or two in reason for reason in reasons] == [True, True]
    assert "Traceback" not in done.stderr
