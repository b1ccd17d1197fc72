"""A short form of `python -m tests.crash`, and the gap that a killed pass leaves in a list."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from tests.crash import Torture
from tests.whole import verify
from zaobao.demo.answers import Answer
from zaobao.demo.paper import Newspaper
from zaobao.demo.server import Served, serve

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Archive

pytestmark = pytest.mark.slow


def test_what_kills_leave_is_completed(tmp_path: Path) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    with serve(Newspaper(bulk=450)) as served:
        done = Torture(served, tmp_path, 5, random.Random(seed), spread=2).run()
    assert done["archives"] >= 1
    assert done["stories"] >= 400


def test_a_list_that_was_cut_off_is_read_to_where_it_should_have_been(
    archive: Archive, served: Served
) -> None:
    """All of the first page is written, and a later page of the same pass was never read."""
    wanted = {story.number for story in served.paper.listed("china") if story.status == 200}
    served.paper.overrides["/realtime/china?page=2"] = Answer(status=500)
    served.paper.api_shape = None
    done = archive.crawl("realtime", "-a", "pages=9")
    assert done.returncode == 3
    assert archive.by_number.keys() < wanted
    served.paper.overrides.clear()
    done = archive.crawl()
    assert done.returncode == 0, done.stderr
    verify(archive, served, wanted)
