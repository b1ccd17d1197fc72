"""What a crawl leaves in the output folder, and what of it the built site holds."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from demo.server import Served
from tests.support import site_posts
from tests.support.archive import PATIENCE, Archive
from tests.support.browsing import answer
from tests.support.building import PACKAGE, ROOT, build, need, new_site, parse, story_files
from tests.support.examples import EXAMPLES

OURS = (
    "articles.jsonl",
    "state.sqlite",
    *("quarantine", "raw", "revisions", "runs"),
)
UNREAD = "没有版式认得的一页"
PAGE = f"<!DOCTYPE html><html><head><title>联合早报</title></head><body>{UNREAD}</body></html>"
EDITED = "改过一次的标题"

PICTURE = f"images/ab/{'ab' * 32}.jpg"


def files(folder: Path) -> list[Path]:
    paths = [folder] if folder.is_file() else folder.rglob("*")
    return [path for path in paths if path.is_file()]


def digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


@pytest.mark.slow
def test_the_site_holds_posts_and_nothing_else_of_a_crawl(
    archive: Archive, served: Served, tmp_path: Path
) -> None:
    on = {"ZAOBAO_RAW": "on", "ZAOBAO_TAGS": "keywords", "ZAOBAO_FRONT_MATTER": "authors,image"}
    first, second, *_ = served.paper.listed("china")
    for section in (second.section, *second.mirrors):
        served.paper.overrides[second.path_in(section)] = answer(PAGE)
    assert archive.crawl(**on).returncode == 3
    before = first.title
    first.title = EDITED
    archive.crawl("realtime", "-a", "refresh=48", **on)
    kept = {name: files(archive.folder / name) for name in OURS}
    assert all(kept.values()), {name: len(found) for name, found in kept.items()}
    assert any(UNREAD.encode() in path.read_bytes() for path in kept["quarantine"])
    assert any(before.encode() in path.read_bytes() for path in kept["revisions"])

    built = build(archive.folder, tmp_path / "_site")
    posts = archive.posts
    assert len(story_files(built)) == len(posts) > 10
    unwanted = {digest(path) for found in kept.values() for path in found}
    published = files(built)
    assert not [path for path in published if digest(path) in unwanted]
    names = {path.name for found in kept.values() for path in found}
    assert not [path for path in published if path.name in names]
    whole = b"\n".join(path.read_bytes() for path in published)
    for mark in (UNREAD, before, '"digest"', "seo-article-page", "SQLite format", "verdict"):
        assert mark.encode() not in whole, mark
    assert EDITED.encode() in whole


@pytest.mark.slow
def test_git_takes_posts_site_and_old_texts_only(archive: Archive, tmp_path: Path) -> None:
    archive.crawl("realtime", "-a", "limit=2", ZAOBAO_RAW="on")
    folder = archive.folder
    build(folder, folder / "_site")
    strays = ("demo/_posts/2026-01-01-x.md", "demo/index.html", "notes.txt", "revisions/1/1.html")
    for name in (
        *strays,
        "quarantine/1.html",
        "articles.jsonl.1",
        "exclude.txt",
        PICTURE,
        "images/.tmp/1",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x")
    shutil.copy(ROOT / "docs" / "examples" / "gitignore", folder / ".gitignore")
    git = ("git", "-C", str(folder), "-c", "core.quotepath=off")
    subprocess.run((*git, "init", "-q"), check=True)
    subprocess.run((*git, "add", "."), check=True)
    listed = subprocess.run((*git, "ls-files"), check=True, capture_output=True, text=True).stdout
    site = [str(path.relative_to(PACKAGE)) for path in files(PACKAGE)]
    posts = [f"_posts/{name}" for name in archive.posts]
    assert len(posts) == 2
    assert sorted(listed.splitlines()) == sorted(
        [*site, *posts, ".gitignore", "exclude.txt", PICTURE, "revisions/1/1.html"]
    )


@pytest.mark.slow
def test_a_run_puts_the_site_there_once_and_never_over_a_file(archive: Archive) -> None:
    archive.folder.mkdir()
    (archive.folder / "index.html").write_text("mine")
    archive.crawl("realtime", "-a", "limit=1")
    for path in files(PACKAGE):
        there = archive.folder / path.relative_to(PACKAGE)
        if path.name == "index.html" and path.parent == PACKAGE:
            assert there.read_text() == "mine"
        else:
            assert there.read_bytes() == path.read_bytes(), there
    (archive.folder / "_config.yml").write_text("mine: true\n")
    shutil.rmtree(archive.folder / "_layouts")
    (archive.folder / "search.html").unlink()
    archive.crawl("realtime", "-a", "limit=1")
    assert (archive.folder / "_config.yml").read_text() == "mine: true\n"
    assert not (archive.folder / "_layouts").exists()
    assert not (archive.folder / "search.html").exists()


SITE_UNITS = ROOT / "docs" / "examples" / "site"


@pytest.mark.slow
def test_the_site_takes_the_place_of_the_served_one_when_it_is_whole(tmp_path: Path) -> None:
    for tool in ("jekyll", "npx"):
        need(tool, "jekyll ruby-jekyll-sitemap npm")
    output, served = new_site(tmp_path / "output"), tmp_path / "www" / "site"
    served.parent.mkdir()

    def publish() -> int:
        command = [sys.executable, "-m", "scrapy", "site", "--destination", str(served)]
        environment = {**os.environ, "ZAOBAO_OUTPUT": str(output)}
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=ROOT, env=environment
        )
        if "npm error" in done.stderr:
            pytest.skip(f"npx cannot get Pagefind: {done.stderr}")
        return done.returncode

    for count in (2, 3):
        site_posts.write_posts(output, count)
        assert publish() == 0
        assert len(story_files(served)) == count
        assert (served / "pagefind" / "2026-03" / "pagefind-entry.json").is_file()
        assert [path.name for path in served.parent.iterdir()] == ["site"]
        parse.cache_clear()
    index = (output / "index.html").read_text("utf-8")
    (output / "index.html").write_text(index + "{% no such tag %}", "utf-8")
    assert publish() != 0
    assert len(story_files(served)) == 3


def test_systemd_takes_the_units_of_the_site(tmp_path: Path) -> None:
    need("systemd-analyze", "systemd")
    (tmp_path / "crawler").symlink_to(ROOT)
    units = []
    for path in (*SITE_UNITS.glob("zaobao-site.*"), EXAMPLES / "systemd" / "zaobao-tell@.service"):
        units.append(tmp_path / path.name)
        units[-1].write_text(path.read_text("utf-8").replace("/srv/zaobao", str(tmp_path)))
    command = ["systemd-analyze", "verify", *map(str, units)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert len(units) == 3


def test_documents_of_the_site_name_the_paths_of_its_examples() -> None:
    page = (ROOT / "docs" / "publishing.md").read_text("utf-8")
    [service] = re.findall(
        r"^ExecStart=(.+)$", (SITE_UNITS / "zaobao-site.service").read_text(), re.M
    )
    command = service.removeprefix("/srv/zaobao/crawler/")
    assert command.startswith(".venv/bin/scrapy site ")
    assert page.count(command) == 2  # by hand, and by cron
