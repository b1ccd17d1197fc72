"""A short form of `python -m tools.powerloss`, and that it sees a sync that is missing."""

from __future__ import annotations

import random
import shutil
from typing import TYPE_CHECKING

import pytest

from tools.faultcases import Many
from tools.powerloss import lose, without

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("strace") is None, reason="no strace: apt-get install strace")
def test_a_loss_of_power_loses_nothing_that_was_told(tmp_path: Path) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    losses = lose(tmp_path, 8, random.Random(seed), Many().paper())
    assert (losses.done["without"], losses.done["partly"]) == (8, 8)
    missed = {
        "articles.jsonl": "has no line",
        ".tmp": "is torn",
        "_posts": "has no post",
        "state.sqlite-wal": "are not known",
    }
    for path, wrong in missed.items():
        assert wrong in next(without(losses, path, tmp_path)), path
