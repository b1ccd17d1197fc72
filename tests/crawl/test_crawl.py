"""Whole crawls of the bundled newspaper, through the command line, in a child process."""

from __future__ import annotations

import html
import os
import pty
import re
import subprocess
import sys
from contextlib import suppress
from datetime import datetime, timedelta

import pytest

from demo.newspaper import Answer
from demo.server import Served
from tests.support.archive import Archive
from tests.support.whole import numbers
from zaobao.items import LINE_KEYS
from zaobao.ledger import ROWS

pytestmark = pytest.mark.slow


def story_requests(served: Served) -> list[str]:
    return [request.path_qs for request in served.paper.requests if "/story" in request.path_qs]


def list_requests(served: Served) -> list[str]:
    paths = (request.path_qs for request in served.paper.requests)
    return [path for path in paths if "/story" not in path and path != "/robots.txt"]


def test_every_story_is_whole_clean_and_truly_timed(archive: Archive, served: Served) -> None:
    done = archive.crawl("realtime", "-a", "pages=9")
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    lines = archive.by_number
    stories = {s.number: s for s in served.paper.listed("china") if s.status == 200}
    assert len(stories) > 40
    assert lines.keys() == stories.keys()
    assert len(archive.posts) == len(stories)
    for number, story in stories.items():
        line = lines[number]
        words = html.unescape(re.sub(r"<[^>]+>", "", line["body_html"]))
        assert [kept for kept in story.keep if kept not in words] == [], story.title
        assert [gone for gone in story.drop if gone in line["body_html"]] == [], story.title
        assert line["access"] == story.access, story.title
        assert line["title"] == story.title.strip()
        if line["published"]:
            moment = datetime.fromisoformat(line["published"])
            assert moment.utcoffset() == timedelta(hours=8)
            assert abs(moment - story.published) < timedelta(minutes=1), story.title
        assert tuple(line) == LINE_KEYS
        assert (archive.folder / line["post"]).is_file()


def test_the_table_ends_stderr_and_the_report_holds_the_same(archive: Archive) -> None:
    done = archive.crawl()
    table = done.stderr[done.stderr.rindex("zaobao\n") :]
    counts = dict(re.findall(r"│ (\w+) +│ +(\S+) │", table))
    report = archive.report
    assert counts["verdict"] == report["verdict"] == "ok"
    assert int(counts["new"]) == report["counts"]["new"] == len(archive.posts)
    assert list(counts)[: len(report["counts"])] == list(report["counts"])
    assert list(report["counts"]) == ["listed", *ROWS, "paywalled"]
    assert report["removed"]["google-ad"] > 0
    assert report["layout"].keys() == {"sg_cards", "hk_astro", "sg_drupal", "hk_bootstrap"}


def counted(archive: Archive) -> dict[str, int]:
    """The counts of the last run that are not 0, after a look at their sum."""
    counts = archive.report["counts"]
    assert counts["listed"] == sum(counts[row] for row in ROWS)
    return {name: number for name, number in counts.items() if number and name != "paywalled"}


def test_every_listed_story_is_in_one_row(archive: Archive, served: Served) -> None:
    stories = [story for story in served.paper.listed("china") if story.status == 200]
    served.paper.specials = False
    bad, missing, garbled, excluded, titled, edited = stories[:6]
    for story in stories[9:]:
        story.listed = False
    served.paper.overrides[bad.path] = Answer(status=500)
    served.paper.overrides[missing.path] = Answer(status=404)
    served.paper.overrides[garbled.path] = Answer("<html><body><h1>x</h1></body></html>")
    archive.folder.mkdir()
    (archive.folder / "exclude.txt").write_text(f"{excluded.number}\ntitle:{titled.title[:9]}\n")
    archive.crawl()
    expected = {"listed": 9, "new": 4, "failed": 2, "quarantined": 1, "excluded": 2}
    assert counted(archive) == expected
    archive.crawl()
    # What failed is due in an hour; it is not passed off as known.
    assert counted(archive) == {"listed": 9, "known": 4, "waiting": 3, "excluded": 2}
    edited.title = "改过：" + edited.title
    archive.crawl("realtime", "-a", "refresh=9999999")
    expected = {"listed": 9, "known": 3, "edited": 1, "waiting": 3, "excluded": 2}
    assert counted(archive) == expected


def test_what_a_limit_left_is_waiting(archive: Archive, served: Served) -> None:
    served.paper.specials = False
    archive.crawl("realtime", "-a", "limit=2", "-a", "pages=1")
    listed = counted(archive)["listed"]
    assert counted(archive) == {"listed": listed, "new": 2, "waiting": listed - 2}


def test_a_named_story_that_is_not_there_is_told(archive: Archive) -> None:
    missing = f"{archive.site}/news/china/story20261105-9799001"
    done = archive.crawl("stories", "-a", f"urls={missing}")
    assert done.returncode == 3
    assert "1 named story was not read: 20261105-9799001 (the site answered 404)\n" in done.stderr
    assert counted(archive) == {"listed": 1, "failed": 1}


@pytest.mark.parametrize("bound", ["limit=20", "pages=1"])
def test_what_a_first_runs_bound_left_is_read_by_the_next(archive: Archive, bound: str) -> None:
    whole = Archive(archive.folder / "whole", archive.site)
    whole.crawl()
    one = Archive(archive.folder / "one", archive.site)
    one.crawl("realtime", "-a", bound)
    assert len(one.posts) < len(whole.posts)
    one.crawl()
    assert one.by_number.keys() == whole.by_number.keys()


def test_a_second_run_asks_for_the_list_only_and_changes_nothing(
    archive: Archive, served: Served
) -> None:
    archive.crawl("realtime", "-a", "pages=9")
    before = archive.tree()
    served.paper.requests.clear()
    done = archive.crawl()
    assert done.returncode == 0, done.stderr
    assert story_requests(served) == []
    assert list_requests(served) == ["/realtime/china"]
    assert archive.tree() == before


def test_a_list_of_each_form_gives_the_same_stories(archive: Archive, served: Served) -> None:
    wanted = numbers(served)
    for form in ("cards", "drupal", "astro", "bootstrap"):
        served.paper.list_form = form
        one = Archive(archive.folder / form, archive.site)
        done = one.crawl("realtime", "-a", "pages=20")
        assert done.returncode == 0, (form, done.stderr)
        assert one.by_number.keys() == wanted, form


def test_limit_is_exact_and_the_rest_stays_due(archive: Archive) -> None:
    for written in (7, 14):
        done = archive.crawl("realtime", "-a", "limit=7")
        assert done.returncode == 0, done.stderr
        assert len(archive.posts) == len(archive.lines) == written


def test_since_and_until_are_singapore_days(archive: Archive, served: Served) -> None:
    days = sorted({s.published.date() for s in served.paper.listed("china")})
    since, until = days[-3], days[-2]
    done = archive.crawl("realtime", "-a", f"since={since}", "-a", f"until={until}")
    assert done.returncode == 0, done.stderr
    inside = {
        story.number
        for story in served.paper.listed("china")
        if since <= story.published.date() <= until and story.status == 200
    }
    assert archive.by_number.keys() == inside


def test_pages_bounds_the_list_pages(archive: Archive, served: Served) -> None:
    archive.crawl("realtime", "-a", "pages=1")
    assert list_requests(served) == ["/realtime/china"]


@pytest.mark.parametrize("section", ["singapore", "world", "finance", "news/world"])
def test_a_section_by_name_or_path(archive: Archive, served: Served, section: str) -> None:
    done = archive.crawl("realtime", "-a", f"section={section}")
    assert done.returncode == 0, done.stderr
    wanted = {s.number for s in served.paper.listed(section.rpartition("/")[2])}
    assert archive.by_number.keys() == wanted


def test_a_list_under_its_other_path(archive: Archive, served: Served) -> None:
    served.paper.overrides["/realtime/china"] = Answer(status=404)
    assert archive.crawl().returncode == 0
    assert "/news/china" in list_requests(served)
    served.paper.overrides["/news/china"] = Answer(status=404)
    done = archive.crawl()
    assert done.returncode == 1
    assert "no list page could be read" in done.stderr


def test_stories_by_address_from_a_file_and_by_argument(archive: Archive, served: Served) -> None:
    one, other, third = list(served.paper.stories.values())[:3]
    listing = archive.folder.parent / "urls.txt"
    listing.write_text(f"{served.origin}{one.path}\nhttps://www.zaobao.com.sg{other.path}?ref=x\n")
    assert archive.crawl("stories", "-a", f"file={listing}").returncode == 0
    assert archive.by_number.keys() == {one.number, other.number}
    done = archive.crawl("stories", "-a", f"urls=https://zaobao.com{third.path}/,{one.path}")
    assert done.returncode == 0, done.stderr
    assert len(archive.posts) == 3
    assert "is known" in done.stderr


def test_a_file_of_addresses_as_windows_saves_it(archive: Archive, served: Served) -> None:
    stories = [s for s in served.paper.listed("china") if s.status == 200][:2]
    archive.folder.mkdir()
    file = archive.folder.parent / "urls.txt"
    lines = ["# of today", "", *(f"{archive.site}{story.path}" for story in stories), ""]
    file.write_bytes("\r\n".join(lines).encode("utf-8-sig"))
    done = archive.crawl("stories", "-a", f"file={file}")
    assert done.returncode == 0, done.stderr
    assert archive.by_number.keys() == {story.number for story in stories}


def test_an_edited_headline_keeps_its_file(archive: Archive, served: Served) -> None:
    archive.crawl()
    story = served.paper.listed("china")[0]
    before = archive.by_number[story.number]
    story.title = "改过的标题：" + story.title
    served.paper.requests.clear()
    done = archive.crawl("realtime", "-a", "refresh=240")
    assert done.returncode == 0, done.stderr
    after = archive.by_number[story.number]
    assert (after["revision"], after["post"]) == (2, before["post"])
    post = (archive.folder / after["post"]).read_text("utf-8")
    assert f'title: "{story.title}"' in post
    assert "\nupdated: " in post
    earlier = archive.folder / "revisions" / before["id"] / "1.md"
    assert before["title"] in earlier.read_text("utf-8")
    checks = [r for r in served.paper.requests if "/story" in r.path_qs and r.status != 404]
    assert all("If-None-Match" in r.headers or "If-Modified-Since" in r.headers for r in checks)
    assert [r.status for r in checks].count(200) == 1


def test_advert_noise_is_no_edit(archive: Archive, served: Served) -> None:
    archive.crawl()
    before = archive.tree()
    served.paper.noise = 7
    done = archive.crawl("realtime", "-a", "refresh=240")
    assert done.returncode == 0, done.stderr
    assert archive.tree() == before


def test_whole_then_walled_then_whole_leaves_the_post(archive: Archive, served: Served) -> None:
    archive.crawl()
    before = archive.tree()
    free = [s for s in served.paper.listed("china") if s.access == "free" and len(s.keep) > 3]
    story = next(s for s in free if s.layout == "sg4b")
    story.wall, story.shown = "wall_cta", 1
    done = archive.crawl("realtime", "-a", "refresh=2400")
    assert done.returncode == 3, done.stderr
    assert archive.tree() == before
    story.wall = None
    assert archive.crawl("realtime", "-a", "refresh=2400").returncode == 0
    assert archive.tree() == before


def test_one_broken_story_stops_nothing(archive: Archive, served: Served) -> None:
    stories = served.paper.listed("china")
    served.paper.overrides[stories[2].path] = Answer(status=500)
    served.paper.overrides[stories[4].path] = Answer("<html><body><h1>x</h1></body></html>")
    done = archive.crawl()
    assert done.returncode == 3, done.stderr
    assert archive.by_number.keys().isdisjoint({stories[2].number, stories[4].number})
    assert len(archive.posts) > 40
    kept = list((archive.folder / "quarantine").glob("*.html"))
    assert [path.stem.partition("-")[2] for path in kept] == [stories[4].number]


def test_a_list_without_stories_is_no_success(archive: Archive, served: Served) -> None:
    for story in served.paper.stories.values():
        story.listed = False
    served.paper.specials = False
    done = archive.crawl()
    assert done.returncode == 3
    assert "has no stories" in done.stderr


def test_a_list_that_no_layout_claims(archive: Archive, served: Served) -> None:
    served.paper.mutate("renamed", "list", lambda page: page.replace("card-listing", "x-listing"))
    done = archive.crawl()
    assert done.returncode == 3
    assert "no layout claims the list page" in done.stderr
    listed = {s.number for s in served.paper.listed("china")}
    assert archive.posts
    assert archive.by_number.keys() <= listed


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("realtime", "-a", "section=sport"), "section=sport"),
        (("realtime", "-a", "limit=0"), "limit=0"),
        (("realtime", "-a", "since=1.11.2026"), "since=1.11.2026"),
        (("realtime", "-a", "since=2026-11-02", "-a", "until=2026-11-01"), "lies after"),
        (("realtime", "-a", "page=1"), "page="),
        (("realtime", "-s", "ZAOBAO_TEXT=half"), "ZAOBAO_TEXT"),
        (("realtime", "-s", "ZAOBAO_TXT=excerpt"), "the nearest is ZAOBAO_TEXT"),
        (("stories", "-a", "urls=https://example.org/a/story20260101-1"), "example.org"),
        (("realtime", "-s", "ZAOBAO_FRONT_MATTER=colour"), "colour"),
        (("realtime", "-s", "ZAOBAO_MAX_NEW=none"), "ZAOBAO_MAX_NEW"),
        (("stories",), "urls="),
        (("stories", "-a", "urls=https://www.zaobao.com/news/china"), "no address of a story"),
        (("nonesuch",), "nonesuch"),
    ],
)
def test_a_wrong_argument_is_named(
    archive: Archive, arguments: tuple[str, ...], named: str
) -> None:
    done = archive.crawl(*arguments)
    assert done.returncode == 2
    assert named in done.stderr
    assert "Traceback" not in done.stderr
    assert not archive.folder.exists()


def test_a_setting_from_the_environment(archive: Archive) -> None:
    assert archive.crawl(ZAOBAO_MAX_PAGES="zero").returncode == 2
    for command in (archive.crawl, lambda **env: archive.scrapy("doctor", **env)):
        done = command(ZAOBAO_MAX_PAGE="5")
        said = "ZAOBAO_MAX_PAGE: there is no such setting; the nearest is ZAOBAO_MAX_PAGES"
        assert (done.returncode, said in done.stdout + done.stderr) == (2, True)
    assert not archive.folder.exists()
    assert archive.crawl("realtime", "-a", "limit=1", ZAOBAO_TEXT="excerpt").returncode == 0


def test_feeds_give_posts_and_lines_on_stdout(archive: Archive) -> None:
    posts = archive.crawl("realtime", "-a", "limit=2", "-O", "-:jekyll")
    assert posts.stdout.encode() == b"".join(
        (archive.folder / line["post"]).read_bytes() for line in archive.lines
    )
    lines = archive.crawl("realtime", "-a", "limit=3", "-O", "-:jsonl")
    kept = (archive.folder / "articles.jsonl").read_text("utf-8").splitlines(keepends=True)
    assert lines.stdout == "".join(kept[2:])


def test_shell_opens_no_output_folder(archive: Archive) -> None:
    """So it works beside a crawl that holds the lock."""
    code = "print(response.status, len(response.css('a[href*=story]')))"
    done = archive.scrapy("shell", f"{archive.site}/realtime/china", "-c", code)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("200 ")
    assert not archive.folder.exists()


def test_on_a_terminal_it_shows_how_far_it_is(archive: Archive, served: Served) -> None:
    master, terminal = pty.openpty()
    where = archive.where(COLUMNS="200", TERM="xterm")
    command = archive.command("crawl", "realtime", "--nolog", *archive.fast())
    with subprocess.Popen(command, **{**where, "stderr": terminal}) as child:
        os.close(terminal)
        shown = b""
        with suppress(OSError):  # so a terminal ends
            while part := os.read(master, 4096):
                shown += part
    os.close(master)
    assert child.returncode == 0
    asked = len(story_requests(served))
    assert f"story {asked} of {asked}  known 0".encode() in shown


@pytest.mark.slow
def test_memory_of_the_program_that_starts_a_crawl_is_not_the_crawls(archive: Archive) -> None:
    command = archive.command("crawl", "realtime", "-a", "limit=2", *archive.fast())
    script = (
        f"import subprocess; held = b'x' * 700_000_000; subprocess.run({command!r}, check=True)"
    )
    where = archive.where()
    done = subprocess.run([sys.executable, "-c", script], **where, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "memusage_exceeded" not in done.stderr
