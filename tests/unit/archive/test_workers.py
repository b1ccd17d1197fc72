"""The processes that read."""

from __future__ import annotations

import os
import signal

import pytest

from zaobao.archive.workers import each, workers
from zaobao.errors import WorkersLost


def _ended(number: int) -> tuple[int, int]:
    return number, os.getpid()


def _killed(number: int) -> int:
    if number == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def test_results_come_in_order_and_from_other_processes() -> None:
    with workers() as those:
        found = list(each(those, _ended, range(100), 3))
    assert [number for number, _ in found] == list(range(100))
    assert os.getpid() not in {process for _, process in found}


def test_one_that_is_killed_ends_the_work_with_a_sentence() -> None:
    with workers() as those, pytest.raises(WorkersLost, match="A process that reads was killed"):
        list(each(those, _killed, range(20), 2))
