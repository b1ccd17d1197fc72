"""Raw pages and `scrapy reextract`: what it rebuilds, what other tools read, what a kill leaves."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from demo.server import Served
from tests.support.archive import Archive
from tests.support.whole import rows
from tools.reextraction import SPOILT, crawled, edit, killed, spoil

pytestmark = pytest.mark.slow


@pytest.fixture
def raw(served: Served, tmp_path: Path) -> Archive:
    """An archive with raw pages; three stories have an earlier version."""
    archive, _ = crawled(served, tmp_path / "raw-output")
    edit(served, archive, 3)
    return archive


def test_every_post_and_earlier_text_is_rebuilt_byte_for_byte(raw: Archive, served: Served) -> None:
    before = raw.tree()
    assert sum("revisions/" in name for name in before) == 3
    spoil(raw)
    served.paper.requests.clear()
    done = raw.scrapy("reextract")
    assert done.returncode == 0, done.stderr
    assert raw.tree() == before
    assert served.paper.requests == []
    assert f"{len(before) and len(raw.posts) + 3} posts written" in done.stderr
    assert "the post alone" in done.stdout
    again = raw.scrapy("reextract")
    assert f"{len(raw.lines)} the same, 0 changed, 0 not read any more" in again.stderr

    wanted = raw.lines[0]["id"]
    spoil(raw)
    raw.scrapy("reextract", wanted)
    written = [name for name, data in raw.posts.items() if data != SPOILT]
    assert written == [raw.by_number[wanted.partition("-")[2]]["post"].removeprefix("_posts/")]

    done = raw.scrapy("reextract", wanted, "20200101-1", "2")
    assert done.returncode == 1
    assert done.stderr.endswith("The archive has no story 20200101-1, 2.\n")
    assert raw.scrapy("reextract", wanted).returncode == 0


def test_killed_and_run_again_it_ends_the_same(raw: Archive) -> None:
    before = raw.tree()
    spoil(raw)
    assert killed(raw)
    assert SPOILT in raw.posts.values()
    done = raw.scrapy("reextract")
    assert done.returncode == 0, done.stderr
    assert raw.tree() == before


_KILLED = """
import os, signal, sys
from scrapy.cmdline import execute
from zaobao.archive.folder import Archive
from zaobao.archive.state import State
where, calls = {"replace_lines": Archive, "remember": State}[sys.argv[1]], []
real = getattr(where, sys.argv[1])
def call(*given, **named):
    calls.append(1)
    if len(calls) == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*given, **named)
setattr(where, sys.argv[1], call)
execute(["scrapy", "reextract"])
"""


@pytest.mark.parametrize(("step", "n"), [("replace_lines", 1), ("remember", 5)])
def test_killed_before_or_after_the_lines_it_ends_the_same(raw: Archive, step: str, n: int) -> None:
    before = raw.tree()
    digests = rows(raw, "SELECT number, digest, revision FROM stories ORDER BY number")
    lines = raw.folder / "articles.jsonl"
    whole = lines.read_bytes()
    lines.write_bytes(whole.replace(b'"digest": "sha256:', b'"digest": "sha256:0'))
    with closing(sqlite3.connect(raw.folder / "state.sqlite")) as state, state:
        state.execute("UPDATE stories SET digest = 'sha256:0' || substr(digest, 8)")
    done = raw.python("-c", _KILLED, step, str(n))
    assert done.returncode == -9, done.stderr
    assert (lines.read_bytes() == whole) == (step == "remember")
    done_again = raw.scrapy("reextract")
    assert done_again.returncode == 0, done_again.stderr
    assert raw.tree() == before
    assert rows(raw, "SELECT number, digest, revision FROM stories ORDER BY number") == digests


def test_other_tools_read_the_file_and_each_content_is_there_once(raw: Archive) -> None:
    (path,) = raw.folder.glob("raw/*.warc.gz")
    kinds: Counter[str] = Counter()
    digests = set()
    with path.open("rb") as file:
        for record in ArchiveIterator(file, check_digests="raise"):
            kinds[record.rec_type] += 1
            if record.rec_type == "response":
                story = record.rec_headers.get_header("Zaobao-Story")
                digests.add((story, record.rec_headers.get_header("WARC-Payload-Digest")))
                assert b"<html" in record.content_stream().read()
    assert kinds["warcinfo"] == 1
    assert kinds["response"] == len(digests)
    assert kinds["response"] + kinds["revisit"] == len(raw.lines)
    (path.parent / path.name.replace(".warc.gz", ".index.jsonl")).unlink()
    before = raw.tree()
    spoil(raw)
    assert raw.scrapy("reextract").returncode == 0
    assert raw.tree() == before


def test_it_says_what_changed_and_why(raw: Archive) -> None:
    lines = raw.folder / "articles.jsonl"
    first, *rest = lines.read_bytes().splitlines(keepends=True)
    values = json.loads(first)
    values["title"] = "从前的标题"
    lines.write_bytes(json.dumps(values, ensure_ascii=False).encode() + b"\n" + b"".join(rest))
    done = raw.scrapy("reextract")
    assert done.returncode == 0, done.stderr
    assert f"{values['id']} revision 1: title" in done.stdout
    assert "changed: title 1" in done.stderr
    assert lines.read_bytes().splitlines(keepends=True)[0] == first


def test_a_story_without_a_raw_page_is_counted_and_stays(raw: Archive) -> None:
    before = raw.tree()
    shutil.rmtree(raw.folder / "raw")
    done = raw.scrapy("reextract")
    assert done.returncode == 0, done.stderr
    assert f"{len(raw.lines)} without a raw page; 0 posts written" in done.stderr
    assert raw.tree() == before
