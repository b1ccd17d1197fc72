"""A short form of `python -m tools.faults`: some cases of two scenarios, drawn anew each time."""

from __future__ import annotations

import random
import shutil
from typing import TYPE_CHECKING

import pytest

from tools.faultcases import Adopt, Edits, Scenario
from tools.faults import Faults

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("strace") is None, reason="no strace: apt-get install strace")
@pytest.mark.parametrize(("scenario", "sample"), [(Edits(), 3), (Adopt(), 2)])
def test_a_call_that_fails_once(tmp_path: Path, scenario: Scenario, sample: int) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    done = Faults(scenario, tmp_path).run(sample, random.Random(seed))
    assert done["SIGKILL"] + done["ENOSPC"] + done["EIO"] + done["not reached"] == sample
