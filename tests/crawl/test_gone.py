"""A story that the site has removed: its post stays and says so, and comes back as it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from scrapy.settings import Settings
from scrapy.utils.project import get_project_settings

from tests.support.whole import set_clock_back
from zaobao import posts
from zaobao.exporters import JekyllPostExporter, with_gone, without_gone
from zaobao.items import Article
from zaobao.options import FRONT_MATTER_KEYS, Options

if TYPE_CHECKING:
    from demo.server import Served
    from demo.story import Story
    from tests.support.archive import Archive

MOMENT = datetime(2026, 11, 22, 3, 4, 5, 678000, UTC)
MARK = b"gone: 2026-11-22T03:04:05.678Z\n"
OLD = (
    '---\r\nlayout: post\r\ntitle: "题"\r\ntags: [ 联合早报 ]\r\ncomments: True\r\n---\r\n'
    "<!--NaN-->\r\n<div>\r\n<p>gone: x</p>\r\n</div>\r\n"
).encode()
WINDOW = ("realtime", "-a", "refresh=2400")


def exporter(*keys: str) -> JekyllPostExporter:
    settings: Settings = get_project_settings()
    settings.set("ZAOBAO_FRONT_MATTER", ",".join(keys))
    return JekyllPostExporter(Options.from_settings(settings))


@pytest.mark.slow
@pytest.mark.parametrize("keys", [(), FRONT_MATTER_KEYS])
def test_the_mark_stands_where_the_exporter_puts_it(
    archive: Archive, keys: tuple[str, ...]
) -> None:
    archive.crawl("realtime", "-a", "limit=20")
    write = exporter(*keys).post
    articles = [Article.from_dict(line) for line in archive.lines]
    assert {"free", "paywalled"} <= {article.access for article in articles}
    for article in articles:
        for one in (article, replace(article, revision=2), replace(article, published=None)):
            assert with_gone(write(one), MOMENT) == write(one, MOMENT)
            assert without_gone(write(one, MOMENT)) == write(one)


def test_a_post_of_another_program_keeps_its_other_bytes() -> None:
    marked = with_gone(OLD, MOMENT)
    assert marked == OLD.replace(b"True\r\n", b"True\r\n" + MARK[:-1] + b"\r\n")
    assert posts.gone(marked) == MOMENT
    assert without_gone(marked) == without_gone(OLD) == OLD
    assert with_gone(marked, MOMENT) == marked


@pytest.mark.parametrize("post", [b"", b"no post", b"---\ntitle: x\n"])
def test_what_has_no_front_matter_gets_no_mark(post: bytes) -> None:
    with pytest.raises(ValueError, match="front matter"):
        with_gone(post, MOMENT)


def taken(archive: Archive, served: Served) -> tuple[Story, str, bytes]:
    """A story that is written and then removed; its post's name and bytes."""
    for one in served.paper.listed("china")[4:]:
        one.listed = False
    served.paper.specials = False
    assert archive.crawl().returncode == 0
    story = served.paper.listed("china")[0]
    story.status = 404
    name = archive.by_number[story.number]["post"].removeprefix("_posts/")
    return story, name, archive.posts[name]


@pytest.mark.slow
def test_two_checks_twelve_hours_apart_mark_it(archive: Archive, served: Served) -> None:
    story, name, before = taken(archive, served)
    tree = archive.tree()
    assert archive.crawl(*WINDOW).returncode == 0
    set_clock_back(archive, story, 11.9)
    assert archive.crawl(*WINDOW).returncode == 0
    assert archive.tree() == tree
    set_clock_back(archive, story, 0.2)
    story.status = 410
    assert archive.crawl(*WINDOW).returncode == 0
    post = archive.posts[name]
    assert archive.report["counts"]["gone"] == 1
    mark = posts.gone(post)
    assert mark is not None
    began, ended = (archive.report[key] for key in ("started", "finished"))
    assert datetime.fromisoformat(began) <= mark <= datetime.fromisoformat(ended)
    assert without_gone(post) == before != post
    tree = archive.tree()
    assert archive.crawl(*WINDOW).returncode == 0
    assert (archive.report["counts"]["gone"], archive.tree()) == (0, tree)


@pytest.mark.slow
@pytest.mark.parametrize("is_edited", [False, True])
def test_a_story_that_is_back_loses_the_mark(
    archive: Archive, served: Served, is_edited: bool
) -> None:
    story, name, before = taken(archive, served)
    archive.crawl(*WINDOW)
    set_clock_back(archive, story, 13)
    archive.crawl(*WINDOW)
    marked = archive.posts[name]
    assert posts.gone(marked)
    story.status = 200
    if is_edited:
        story.title = "改过：" + story.title
    assert archive.crawl(*WINDOW).returncode == 0
    if is_edited:
        assert b"\ngone: " not in archive.posts[name]
        assert archive.by_number[story.number]["revision"] == 2
    else:
        assert archive.posts[name] == before
    # The next removal is a new one: its first 404 marks nothing.
    story.status = 404
    archive.crawl(*WINDOW)
    assert posts.gone(archive.posts[name]) is None


@pytest.mark.slow
def test_a_mark_that_a_dead_run_left_goes_too(archive: Archive, served: Served) -> None:
    story, name, before = taken(archive, served)
    archive.crawl(*WINDOW)
    (archive.folder / "_posts" / name).write_bytes(with_gone(before, MOMENT))
    story.status = 200
    archive.crawl(*WINDOW)
    assert archive.posts[name] == before


@pytest.mark.slow
def test_a_lost_state_learns_from_the_post_what_is_gone(archive: Archive, served: Served) -> None:
    story, name, before = taken(archive, served)
    (archive.folder / "_posts" / name).write_bytes(with_gone(before, MOMENT))
    (archive.folder / "state.sqlite").unlink()
    archive.crawl(*WINDOW)
    assert archive.posts[name] != before
    assert archive.report["counts"]["gone"] == 0
    story.status = 200
    archive.crawl(*WINDOW)
    assert archive.posts[name] == before
