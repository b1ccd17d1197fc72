"""An archive whose lines another version wrote: keys of ours are missing, others are there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from zaobao.items import LINE_DEFAULTS, LINE_KEYS

if TYPE_CHECKING:
    from demo.server import Served
    from tests.support.archive import Archive

pytestmark = pytest.mark.slow

MISSING = ("language", "tags")
"""Keys that a field would have which was added to the item after the lines were written."""


@pytest.fixture
def other(archive: Archive) -> Archive:
    """An archive with raw pages and lines of another version."""
    done = archive.crawl("realtime", "-a", "limit=12", ZAOBAO_RAW="on")
    assert done.returncode == 0, done.stderr
    assert any(line["tags"] for line in archive.lines)
    lines = []
    for line in archive.lines:
        kept = {key: value for key, value in line.items() if key not in MISSING}
        lines.append(json.dumps({"rating": 5, **kept}, ensure_ascii=False) + "\n")
    archive.folder.joinpath("articles.jsonl").write_text("".join(lines), "utf-8")
    archive.folder.joinpath("state.sqlite").unlink()
    return archive


def test_it_is_crawled_on_adopted_audited_and_examined(other: Archive, served: Served) -> None:
    before, posts = other.lines, other.posts
    served.paper.requests.clear()
    for command in (
        ("crawl", "stories", "-a", f"urls={before[0]['url']}"),
        ("adopt", str(other.folder)),
        ("doctor",),
    ):
        done = other.scrapy(*command)
        assert done.returncode == 0, done.stderr + done.stdout
    # The story is known from its line, and nothing is written anew.
    assert [one for one in served.paper.requests if "/story" in one.path_qs] == []
    assert other.lines == before
    assert other.posts == posts
    month = "20{}-{}".format(before[0]["id"][2:4], before[0]["id"][4:6])
    audited = other.scrapy("audit", month, *other.fast())
    assert audited.returncode in (0, 3), audited.stderr
    assert '"audited"' in audited.stdout, audited.stderr


def test_a_post_that_is_lost_is_completed_from_its_line(other: Archive) -> None:
    last, posts = other.lines[-1], other.posts
    (other.folder / last["post"]).unlink()
    done = other.crawl("stories", "-a", f"urls={last['url']}")
    assert done.returncode == 0, done.stderr
    assert "its post was completed from its line" in done.stderr
    assert other.posts == posts


def test_reading_its_raw_pages_again_fills_the_keys_and_keeps_the_others(other: Archive) -> None:
    before, posts = other.lines, other.posts
    done = other.scrapy("reextract")
    assert done.returncode == 0, done.stderr
    after = other.lines
    assert other.posts == posts
    assert all(tuple(line) == (*LINE_KEYS, "rating") for line in after)
    assert [{**line, **{key: line[key] for key in before[0]}} for line in after] == after
    assert [{key: line[key] for key in before[0]} for line in after] == before
    assert {line["language"] for line in after} == {LINE_DEFAULTS["language"]}
    assert any(line["tags"] for line in after)
    again = other.scrapy("reextract")
    assert f"{len(after)} the same, 0 changed" in again.stderr
