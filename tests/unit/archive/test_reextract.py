"""What a raw page that gives no story any more leaves as it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.captured import Serial, paper, stories, write
from tests.support.older import contents, options
from zaobao import blockpages
from zaobao.archive.recovery import open_archive
from zaobao.archive.reextract import reextract
from zaobao.archive.takeover import take_over

pytestmark = [
    # warcio leaves the file behind in which it counts a record's bytes.
    pytest.mark.filterwarnings("ignore:Unclosed file <tempfile.Spooled:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def test_the_story_of_a_page_that_counts_as_a_block_page_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    captures = write(tmp_path / "a.warc.gz", stories(paper(), 2))
    chosen, said = replace(options(tmp_path / "output"), raw=True), list[str]()
    with open_archive(chosen, "scrapy adopt") as archive:
        assert take_over(archive, chosen, str(captures), Serial()).new == 2
    before = contents(chosen.output)
    monkeypatch.setattr(blockpages, "_in_a_storys_place", lambda _: "maintenance")
    with open_archive(chosen, "scrapy reextract") as archive:
        summary = reextract(archive, chosen, Serial(), said.append)
    assert (summary.failed, summary.same, summary.changed, summary.posts) == (2, 0, 0, 0)
    assert all(": a block page stands in the story's place: maintenance" in one for one in said)
    assert contents(chosen.output) == before
