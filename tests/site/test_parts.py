"""`scrapy site`: real Jekyll builds the site in parts, and only what has changed."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from tests.support import site_posts
from tests.support.archive import PATIENCE, ROOT, Archive
from tests.support.browsing import wait_for
from tests.support.building import (
    build,
    need,
    new_site,
    page_files,
    parse,
    story_files,
    text,
)
from zaobao.publish.budget import Budget

pytestmark = pytest.mark.slow

STRICT = "strict_front_matter: true\nliquid:\n  error_mode: strict\n  strict_filters: true\n"
COUNT, MINUTES = 40, 60 * 36
"""Sixty days, in three months."""


def scrapy_site(
    output: Path, *options: str, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return Archive(output, "https://www.zaobao.com.sg").scrapy("site", *options, **(env or {}))


def built(output: Path, *options: str, **env: str) -> Path:
    done = scrapy_site(output, *options, env=env)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    return output / "_site"


def archive(folder: Path) -> tuple[Path, list[site_posts.Story]]:
    need("jekyll", "jekyll ruby-jekyll-sitemap")
    output = new_site(folder / "output")
    with (output / "_config.yml").open("a") as config:
        config.write(STRICT)
    audit = {
        "month": "2026-02",
        "audited": "2026-11-29T20:00:00+00:00",
        "sections": "china",
        "sitemap": "read",
        "listed": 12,
        "held": 9,
        "cut": 0,
        "reasons": {"never fetched": 3},
        "days": [{"day": "2026-02-02", "listed": 3, "held": 0, "missing": 3}],
        "missing": [],
    }
    (output / "_data" / "audit.json").write_text(json.dumps([audit]))
    return output, site_posts.write_posts(output, COUNT, minutes=MINUTES)


@pytest.fixture(scope="module")
def made(
    tmp_path_factory: pytest.TempPathFactory, without_npx: str
) -> tuple[Path, list[site_posts.Story]]:
    output, stories = archive(tmp_path_factory.mktemp("made"))
    built(output, PATH=without_npx)
    return output, stories


@pytest.fixture
def site(
    made: tuple[Path, list[site_posts.Story]], tmp_path: Path
) -> tuple[Path, list[site_posts.Story], Path]:
    """An archive with its site, for one test to change."""
    output = shutil.copytree(made[0], tmp_path / "output")
    return output, made[1], output / "_site"


def files(folder: Path, *, hidden: bool = False) -> dict[str, tuple[int, int]]:
    """Every file by name, with its inode and time of change: what was built again has another."""
    return {
        str(path.relative_to(folder)): (path.stat().st_ino, path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file() and (hidden or ".parts" not in path.parts)
    }


def test_no_story_is_lost_and_no_link_is_dead(
    site: tuple[Path, list[site_posts.Story], Path],
) -> None:
    output, stories, folder = site
    found = story_files(folder)
    assert set(found) == {story.url for story in stories}
    ids: dict[Path, set[str]] = {}
    checked = 0
    for path in page_files(folder):
        assert path.stat().st_size <= 300_000
        for link in parse(path).xpath("//@href | //@src"):
            if link.startswith("https://"):
                continue
            address = urlsplit(link)
            target = folder / unquote(address.path).lstrip("/") if address.path else path
            target = target / "index.html" if target.is_dir() else target
            assert target.is_file(), f"{link} in {path}"
            if address.fragment:
                if target not in ids:
                    ids[target] = set(parse(target).xpath("//@id"))
                assert {address.fragment, unquote(address.fragment)} & ids[target], link
            checked += 1
    assert checked > COUNT * 10
    budget = Budget.read(output)
    assert budget is not None
    assert budget.posts == COUNT
    assert sum(budget.stories.values()) == COUNT
    assert len(budget.stories) == 3
    whole = sum(
        p.stat().st_size for p in folder.rglob("*") if p.is_file() and ".parts" not in p.parts
    )
    assert budget.bytes == whole


def test_months_list_each_story_once_on_its_day(
    site: tuple[Path, list[site_posts.Story], Path],
) -> None:
    _, stories, folder = site
    listed, clocks = [], []
    for path in sorted((folder / "months").glob("2*/index.html")):
        for group in parse(path).xpath("//section[@class='group']"):
            assert group.get("id").startswith(path.parent.name)
            listed += [(group.get("id"), text(a)) for a in group.xpath(".//li//a")]
            clocks += [text(clock) for clock in group.xpath(".//li/time")]
    assert sorted(listed) == sorted(
        (f"{one.singapore:%Y-%m-%d}", " ".join(one.title.split())) for one in stories
    )
    # A story of which only the day is known has no clock.
    assert sorted(clocks) == sorted(
        "" if "date_from" in one.front else f"{one.singapore:%H:%M}" for one in stories
    )
    months = parse(folder / "months" / "index.html").xpath("//main//li/@id")
    assert months == ["2026-03", "2026-02", "2026-01"]


def test_the_calendar_tells_days_apart_and_leads_to_them(
    site: tuple[Path, list[site_posts.Story], Path],
) -> None:
    _, stories, folder = site
    page = parse(folder / "calendar" / "2026" / "index.html")
    assert not page.xpath("//script | //@style")
    days = page.xpath("//div[@class='calendar']//li")
    assert len(days) == 365
    first = min(story.singapore for story in stories)
    shown = [day for day in days if re.match(r"s\d", day.get("class"))]
    assert len(shown) == len({story.singapore.date() for story in stories})
    assert text(shown[0]) == f"{first.day}日，1篇"
    assert shown[0].xpath("./a/@href") == [f"/months/{first:%Y-%m}/#{first:%Y-%m-%d}"]
    dark = page.xpath("//li[@class='dark']")
    assert [text(day) for day in dark] == ["2日，缺3篇，一篇未存"]
    assert page.xpath("//section/h2//a/@href[contains(., 'audit')]") == ["/audit/#2026-02"]


def test_an_edit_builds_its_part_alone(
    site: tuple[Path, list[site_posts.Story], Path], without_npx: str
) -> None:
    output, stories, folder = site
    assert "no month has changed" in scrapy_site(output, env={"PATH": without_npx}).stderr
    before, addresses = (
        files(folder),
        {one: p.parent.name for one, p in story_files(folder).items()},
    )
    parse.cache_clear()
    old = stories[-1]
    path = output / "_posts" / old.name
    path.write_text(
        path.read_text("utf-8").replace("</div>\n", "<p>添了一句。</p></div>\n"), "utf-8"
    )
    done = scrapy_site(output, env={"PATH": without_npx})
    assert "1 month built" in done.stderr
    after = files(folder)
    assert after.keys() == before.keys()
    changed = {
        name for name in after if after[name] != before[name] and name.endswith("index.html")
    }
    month = {
        f"{addresses[one.url]}/index.html"
        for one in stories
        if one.singapore.month == old.singapore.month
    }
    stories_changed = {name for name in changed if name.partition("/")[0] in addresses.values()}
    assert stories_changed == month
    assert "添了一句。" in (folder / addresses[old.url] / "index.html").read_text("utf-8")
    parse.cache_clear()


def test_addresses_stay_when_a_month_closes_and_a_withdrawn_story_goes(
    site: tuple[Path, list[site_posts.Story], Path], without_npx: str
) -> None:
    output, stories, folder = site
    addresses = {one: str(path) for one, path in story_files(folder).items()}
    parse.cache_clear()
    april = site_posts.post(0, stories[0], keywords=False).replace("2026-03-03T", "2026-04-03T")
    april = april.replace("-2000000", "-2999999")
    (output / "_posts" / "2026-04-03-新的一月.md").write_text(april, "utf-8")
    gone = next(one for one in stories if one.singapore.month == 2)
    (output / "_posts" / gone.name).unlink()
    done = scrapy_site(output, env={"PATH": without_npx})
    assert "2 months built" in done.stderr
    found = {one: str(path) for one, path in story_files(folder).items()}
    parse.cache_clear()
    new = set(found) - set(addresses)
    assert [one for one in new if one.endswith("-2999999")] == list(new)
    assert {one: path for one, path in found.items() if one in addresses} == {
        one: path for one, path in addresses.items() if one != gone.url
    }
    assert not Path(addresses[gone.url]).parent.exists()
    assert (folder / "months" / "2026-04" / "index.html").is_file()
    # By hand all is built anew, at the same addresses; the next build in parts mends what it left.
    by_hand = build(output, output.parent / "by-hand")
    assert {path.parent.name for path in story_files(by_hand).values()} == {
        Path(path).parent.name for path in found.values()
    }


def edit_unseen(output: Path) -> None:
    """Another text of the same length, and the file's times as they were."""
    paths = (output / "_posts").glob("*-02-1*")
    path = next(path for path in paths if "年" in path.read_text("utf-8"))
    at, text = path.stat(), path.read_text("utf-8")
    path.write_text(text.replace("年", "月", 1), "utf-8")
    os.utime(path, ns=(at.st_atime_ns, at.st_mtime_ns))


def change(name: str, old: str, new: str) -> Callable[[Path], None]:
    def apply(output: Path) -> None:
        path = output / name
        text = path.read_text("utf-8") if path.exists() else old
        assert old in text
        path.parent.mkdir(exist_ok=True)
        path.write_text(text.replace(old, new, 1), "utf-8")

    return apply


def a_page(output: Path) -> Path:
    note = json.loads((output / "_site" / ".parts" / "2026-02.json").read_bytes())
    return Path(output / "_site" / note["files"][0])


ALL = ["2026-01", "2026-02", "2026-03"]


@pytest.mark.parametrize(
    ("changed", "months", "has_spanning"),
    [
        (edit_unseen, ["2026-02"], True),
        (lambda output: a_page(output).unlink(), ["2026-02"], False),
        (lambda output: a_page(output).write_text(""), ["2026-02"], False),
        (lambda output: (output / "_site" / "feed.xml").write_text(""), [], True),
        (change("_layouts/post.html", "</article>", "</article><!-- -->"), ALL, True),
    ],
    ids=["post", "page lost", "page empty", "feed empty", "layout"],
)
def test_what_has_changed_is_built_and_nothing_else(
    site: tuple[Path, list[site_posts.Story], Path],
    without_npx: str,
    changed: Callable[[Path], None],
    months: list[str],
    has_spanning: bool,
) -> None:
    output, _, folder = site
    before = files(folder / ".parts", hidden=True)
    changed(output)
    built(output, PATH=without_npx)
    after = files(folder / ".parts", hidden=True)
    notes = {name for name in after if after[name] != before.get(name)} - {"posts.json", "lock"}
    assert notes == {f"{name}.json" for name in (*months, *["pages"] * has_spanning)}
    assert a_page(output).stat().st_size > 0


def test_a_month_without_posts_and_a_removed_picture_go(
    site: tuple[Path, list[site_posts.Story], Path], without_npx: str
) -> None:
    output, stories, folder = site
    picture = output / "images" / "ab" / f"{'ab' * 32}.png"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(b"picture")
    built(output, PATH=without_npx)
    shown = folder / "images" / "ab" / picture.name
    assert shown.read_bytes() == b"picture"
    picture.unlink()
    for story in stories:
        if story.singapore.month == 2:
            (output / "_posts" / story.name).unlink()
    pages = set(files(folder))
    assert "no month has changed" in scrapy_site(output, env={"PATH": without_npx}).stderr
    assert not shown.exists()
    assert not (folder / ".parts" / "2026-02.json").exists()
    gone = pages - set(files(folder))
    assert "months/2026-02/index.html" in gone
    assert len(gone) == sum(story.singapore.month == 2 for story in stories) + 3
    assert "2026-02" not in (folder / "sitemap.xml").read_text()


def test_another_jekyll_builds_all_anew(
    site: tuple[Path, list[site_posts.Story], Path], without_npx: str, tmp_path: Path
) -> None:
    output, _, _ = site
    assert "no month has changed" in scrapy_site(output, env={"PATH": without_npx}).stderr
    other = programs(tmp_path / "other", 'if [ "$1" = --version ]; then echo jekyll 99; exit; fi')
    assert "3 months built" in scrapy_site(output, env={"PATH": other}).stderr


def programs(folder: Path, first: str) -> str:
    """A PATH with a Jekyll that does `first` before all else."""
    folder.mkdir()
    script = folder / "jekyll"
    script.write_text(f'#!/bin/sh\n{first}\nexec {shutil.which("jekyll")} "$@"\n')
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    for name in ("ruby", "env", "sh", "sleep", "mkdir"):
        (folder / name).symlink_to(shutil.which(name) or "")
    return str(folder)


def failing(folder: Path, then: str) -> str:
    """A PATH on which the second build of Jekyll ends as `then` says."""
    return programs(
        folder,
        f'if [ "$1" = build ]; then if [ -e {folder}/ran ]; then {then}; fi; : > {folder}/ran; fi',
    )


def test_a_jekyll_that_outlives_a_killed_build_spoils_nothing(
    site: tuple[Path, list[site_posts.Story], Path], without_npx: str, tmp_path: Path
) -> None:
    output, _, folder = site
    change("_layouts/post.html", "</article>", "</article><!-- old -->")(output)
    late, wait = tmp_path / "late", "while [ ! -e {} ]; do sleep 0.05; done"
    # It writes a page of its own when the next build's Jekyll has built the same month.
    said = (
        f'kill -9 $PPID; exec > /dev/null 2>&1; {wait.format(late)}; mkdir -p "$6/months"; '
        f'echo old > "$6/months/late.html"; : > {late}.done; exit 1'
    )
    path = programs(tmp_path / "bin", f'if [ "$1" = build ]; then {said}; fi')
    assert scrapy_site(output, "--workers", "1", env={"PATH": path}).returncode == -9
    change("_layouts/post.html", "<!-- old -->", "<!-- new -->")(output)
    real = shutil.which("jekyll")
    slow = programs(
        tmp_path / "slow",
        f'if [ "$1" = build ]; then {real} "$@" && : > {late} && {wait.format(f"{late}.done")}; '
        "exit; fi",
    )
    built(output, "--workers", "1", PATH=slow)
    assert not list(folder.glob("months/late.html"))
    assert not [path for path in story_files(folder).values() if "<!-- old" in path.read_text()]


def test_a_failure_leaves_the_site_and_the_next_build_goes_on(
    site: tuple[Path, list[site_posts.Story], Path], without_npx: str, tmp_path: Path
) -> None:
    output, _, folder = site
    for path in (output / "_posts").iterdir():  # every part has changed
        path.write_text(path.read_text("utf-8").replace("</div>\n", "<p>改。</p></div>\n"), "utf-8")
    before = files(folder)
    said = "echo 'No space left on device @ io_writev' >&2; "
    said += (
        "for n in 1 2 3 4 5 6 7 8; do echo '\tfrom /usr/lib/ruby/a.rb:1:in call' >&2; done; exit 1"
    )
    done = scrapy_site(output, "--workers", "1", env={"PATH": failing(tmp_path / "full", said)})
    assert done.returncode == 1
    assert "Jekyll ended with exit code 1:\n  No space left on device" in done.stderr
    assert "is as it was" in done.stderr
    assert "Traceback" not in done.stderr
    assert files(folder) == before
    killed = failing(tmp_path / "killed", "kill -9 $PPID; exit 1")
    assert scrapy_site(output, "--workers", "1", env={"PATH": killed}).returncode == -9
    assert files(folder) == before
    done = scrapy_site(output, env={"PATH": without_npx})
    assert done.returncode == 0, done.stderr
    # Built since the disk was full: one part before it, one before the kill, the rest now.
    assert "3 months built" in done.stderr
    pages = [(folder / name).read_text("utf-8") for name in before if name.startswith("2026-")]
    assert sum("改。" in page for page in pages) == COUNT
    assert list((folder / ".parts" / "new").iterdir()) == []


def test_pages_of_a_build_by_hand_go_also_after_a_first_build_that_failed(
    tmp_path: Path, without_npx: str
) -> None:
    output = new_site(tmp_path / "output")
    site_posts.write_posts(output, 3, minutes=MINUTES)
    by_hand = output / "_site" / "2020-01-01-撤下" / "index.html"
    by_hand.parent.mkdir(parents=True)
    by_hand.write_text("by hand")
    done = scrapy_site(output, env={"PATH": failing(tmp_path / "bad", "exit 1")})
    assert done.returncode == 1
    assert by_hand.exists()
    built(output, PATH=without_npx)
    assert not by_hand.exists()
    assert (output / "_site" / "index.html").is_file()


def test_of_images_only_whole_pictures_go_into_the_site(tmp_path: Path, without_npx: str) -> None:
    output = new_site(tmp_path / "output")
    picture = f"ab/{'ab' * 32}.png"
    for name in (picture, ".tmp/half", "ab/notes.txt"):
        (output / "images" / name).parent.mkdir(parents=True, exist_ok=True)
        (output / "images" / name).write_bytes(b"picture")
    folder = built(output, PATH=without_npx) / "images"
    assert [path for path in folder.rglob("*") if path.is_file()] == [folder / picture]
    budget = Budget.read(output)
    assert budget is not None
    pages = [output / "_site" / name for name in files(output / "_site")]
    assert budget.bytes == sum(path.stat().st_size for path in pages)


def test_a_kill_while_pages_take_their_places_is_mended(
    site: tuple[Path, list[site_posts.Story], Path], without_npx: str
) -> None:
    output, _, folder = site
    before = files(folder)
    note: dict[str, Any] = json.loads((folder / ".parts" / "2026-02.json").read_bytes())
    (folder / ".parts" / "2026-02.json").write_text(
        json.dumps({"stamp": None, "files": [*note["files"], "2026-02-09-没有了/index.html"]})
    )
    (folder / "2026-02-09-没有了").mkdir()
    (folder / "2026-02-09-没有了" / "index.html").write_text("half")
    (folder / note["files"][0]).unlink()
    assert "1 month built" in scrapy_site(output, env={"PATH": without_npx}).stderr
    assert files(folder).keys() == before.keys()


def test_what_cannot_be_built_is_said(tmp_path: Path, without_npx: str) -> None:
    output = tmp_path / "none"
    done = scrapy_site(output)
    assert (done.returncode, done.stdout) == (1, "")
    assert "has no _config.yml" in done.stderr
    new_site(output)
    done = scrapy_site(output, env={"PATH": str(tmp_path)})
    assert done.returncode == 1
    assert "apt-get install jekyll ruby-jekyll-sitemap" in done.stderr
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "index.html").write_text("mine")
    for folder, why in ((foreign, "is not empty"), (output, "holds the archive itself")):
        done = scrapy_site(output, "-d", str(folder), env={"PATH": without_npx})
        assert done.returncode == 1
        assert why in done.stderr
    assert (foreign / "index.html").read_text() == "mine"
    assert scrapy_site(output, "--workers", "0").returncode == 2


def test_an_empty_archive_and_pages_of_an_earlier_version(tmp_path: Path, without_npx: str) -> None:
    need("jekyll", "jekyll ruby-jekyll-sitemap")
    output = new_site(tmp_path / "output")
    folder = built(output, PATH=without_npx)
    assert "还没有报道" in (folder / "index.html").read_text("utf-8")
    site_posts.write_posts(output, 3)
    old = (output / "months.html").read_text("utf-8").replace("site.data.archive", "site.nothing")
    (output / "months.html").write_text(old, "utf-8")
    shutil.rmtree(output / "_includes")
    done = scrapy_site(
        output, "--url", "https://a.example", "--baseurl", "/b", env={"PATH": without_npx}
    )
    assert done.returncode == 0
    assert "months.html: of an earlier version" in done.stderr
    assert parse(folder / "months" / "index.html").xpath("//main//li/@id") == ["2026-03"]
    assert (
        "<loc>https://a.example/b/sitemap-2026-03.xml</loc>" in (folder / "sitemap.xml").read_text()
    )


def test_posts_that_jekyll_leaves_out_are_named(tmp_path: Path, without_npx: str) -> None:
    need("jekyll", "jekyll ruby-jekyll-sitemap")
    output = new_site(tmp_path / "output")
    site_posts.write_posts(output, 2)
    (output / "_posts" / "2026-03-01-坏.md").write_bytes(b"---\nlayout: post\n---\n\xff\xfe\n")
    done = scrapy_site(output, env={"PATH": without_npx})
    assert done.returncode == 0, done.stderr
    assert "Jekyll made no page of 1 post;" in done.stderr
    assert "2026-03-01-坏.md" in done.stderr


def test_each_part_has_its_index(tmp_path: Path) -> None:
    need("npx", "npm")
    output, _ = archive(tmp_path)
    folder = built(output)
    page = parse(folder / "search" / "index.html")
    assert page.xpath("//div[@id='search']/@data-parts") == ["2026-03 2026-02 2026-01"]
    counts = []
    for month in ("2026-03", "2026-02", "2026-01"):
        entry = json.loads((folder / "pagefind" / month / "pagefind-entry.json").read_bytes())
        counts.append(entry["languages"]["zh-hans"]["page_count"])
    assert sum(counts) == COUNT
    assert min(counts) > 0


def test_sigterm_ends_jekyll_too(tmp_path: Path) -> None:
    output = new_site(tmp_path / "output")
    site_posts.write_posts(output, COUNT, minutes=MINUTES)
    programs, started = tmp_path / "bin", tmp_path / "started"
    programs.mkdir()
    started.mkdir()
    for name in ("sleep", "env", "sh"):
        (programs / name).symlink_to(str(shutil.which(name)))
    (programs / "jekyll").write_text(
        f'#!/bin/sh\n[ "$1" = --version ] && exit\n: > {started}/$$\nexec sleep 600\n'
    )
    (programs / "jekyll").chmod(0o755)
    process = subprocess.Popen(
        [sys.executable, "-m", "scrapy", "site", "--workers", "2"],
        cwd=ROOT,
        env={**os.environ, "ZAOBAO_OUTPUT": str(output), "PATH": str(programs)},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert wait_for(lambda: process.poll() is not None or len(list(started.iterdir())) == 2)
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=PATIENCE)[1]
        left = [path.name for path in started.iterdir() if Path("/proc", path.name).exists()]
    finally:
        process.kill()
        for path in started.iterdir():
            with suppress(ProcessLookupError):
                os.kill(int(path.name), signal.SIGKILL)
    assert process.returncode == 143, said
    assert (len(list(started.iterdir())), left) == (2, [])
    assert "stopped" in said
    assert not (output / "_site" / "index.html").exists()
