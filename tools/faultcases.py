"""What a command is doing while a call fails under it, in tools/faults.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from demo.newspaper import Answer, Newspaper
from tests.support.archive import Archive
from tests.support.clock import fresh_paper
from tests.support.whole import holds, set_clock_back
from zaobao import posts

if TYPE_CHECKING:
    from pathlib import Path

    from demo.server import Served
    from demo.story import Story

REFRESH = ("crawl", "realtime", "-a", "refresh=200000")
OLD = """---
layout: post
title: "旧{number}"
date: 2021-09-02T15:41:04.832Z
author: 联合早报
from: {url}
tags: [ 联合早报 ]
categories: [ 联合早报 ]
---
<!--NaN-->
[旧{number}]({url})
------

<div>
<p>第一段。</p>
</div>
"""


class Scenario:
    """A first run of three stories into no folder at all."""

    name: ClassVar[str] = "first"
    exit_code: ClassVar[int] = 0
    stories: ClassVar[int] = 3

    def paper(self) -> Newspaper:
        """A paper with a short list."""
        paper = fresh_paper()
        paper.specials = False
        free = [one for one in paper.listed("china") if one.access == "free"]
        for one in paper.listed("china"):
            one.listed = one in free[: self.stories]
        return paper

    def prepare(self, archive: Archive, served: Served) -> None:
        """Make the folder as it is before the command."""

    def command(self, folder: Path) -> tuple[str, ...]:
        return ("crawl", "realtime")

    def verify(self, archive: Archive, paper: Newspaper, before: dict[str, bytes]) -> None:
        """What must be true when the command has come to its end at last."""
        holds(archive, {story.number for story in paper.listed("china")})


class Many(Scenario):
    """A first run of a group that is made durable by one sync of the file system."""

    name = "many"
    stories = 20


class Edits(Scenario):
    """A refresh: one story has another headline, one is gone, one is walled, one is new."""

    name = "edits"
    exit_code = 3
    stories = 4

    def prepare(self, archive: Archive, served: Served) -> None:
        self.edited, self.gone, self.walled, self.fresh = served.paper.listed("china")
        self.fresh.listed = False
        assert archive.crawl().returncode == 0
        self.gone.status = 404
        assert archive.scrapy(*REFRESH, *archive.fast()).returncode == 0
        set_clock_back(archive, self.gone, 13)
        self.edited.title = "改过：" + self.edited.title
        self.walled.wall, self.walled.shown = "wall_cta", 1
        self.fresh.listed = True

    def command(self, folder: Path) -> tuple[str, ...]:
        return REFRESH

    def verify(self, archive: Archive, paper: Newspaper, before: dict[str, bytes]) -> None:
        wanted = {one.number for one in (self.edited, self.gone, self.walled, self.fresh)}
        holds(archive, wanted, {self.edited.number: self.edited.title.strip()})
        lines = archive.by_number
        assert lines[self.walled.number]["revision"] == 1
        assert posts.gone(_post(archive, self.gone))
        for name in before.keys() & {_name(archive, self.walled)}:
            assert archive.posts[name] == before[name]


class Unreadable(Scenario):
    """One story's page is not to be read; with ZAOBAO_RAW on, all pages are kept."""

    name = "unreadable"
    exit_code = 3
    stories = 2

    def prepare(self, archive: Archive, served: Served) -> None:
        self.broken = served.paper.listed("china")[0]
        page = "<!DOCTYPE html><html><body><p>没有版式的一页</p></body></html>"
        served.paper.overrides[self.broken.path] = Answer(page)

    def command(self, folder: Path) -> tuple[str, ...]:
        return ("crawl", "realtime", "-s", "ZAOBAO_RAW=on")

    def verify(self, archive: Archive, paper: Newspaper, before: dict[str, bytes]) -> None:
        others = {one.number for one in paper.listed("china")} - {self.broken.number}
        holds(archive, others)
        kept = {path.suffix for path in (archive.folder / "quarantine").iterdir()}
        assert kept == {".html", ".json"}


class Adopt(Scenario):
    """`scrapy adopt` of three old posts, two of them of one story, beside a crawled one."""

    name = "adopt"
    stories = 1

    def prepare(self, archive: Archive, served: Served) -> None:
        assert archive.crawl().returncode == 0
        source = archive.folder.parent / "older"
        source.mkdir()
        for number, day in ((1, 1), (2, 1), (2, 2)):
            url = f"https://www.zaobao.com/realtime/china/story20210902-900{number}"
            name = f"2021-09-0{day}-旧{number}.md"
            (source / name).write_text(OLD.format(number=number, url=url), "utf-8")

    def command(self, folder: Path) -> tuple[str, ...]:
        return ("adopt", str(folder / "older"))

    def verify(self, archive: Archive, paper: Newspaper, before: dict[str, bytes]) -> None:
        (story,) = paper.listed("china")
        source = archive.folder.parent / "older"
        older = {path.name: path.read_bytes() for path in source.iterdir()}
        assert archive.posts.items() >= older.items()
        assert len(archive.posts) == len(older) + 1
        assert archive.by_number.keys() == {story.number, "9001", "9002"}
        lines = [(line["post"], line["revision"]) for line in archive.lines]
        assert sorted(number for post, number in lines if "旧2" in post) == [1, 2]
        assert len(lines) == len(set(lines)) == 4
        holds(archive, {story.number}, others=frozenset({"9001", "9002"}))


SCENARIOS: tuple[Scenario, ...] = (Scenario(), Many(), Edits(), Unreadable(), Adopt())


def _name(archive: Archive, story: Story) -> str:
    return str(archive.by_number[story.number]["post"]).removeprefix("_posts/")


def _post(archive: Archive, story: Story) -> bytes:
    return archive.posts[_name(archive, story)]
