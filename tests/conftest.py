"""What all tests have: a served newspaper, and an archive of it."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import hypothesis
import pytest

from demo.server import Served, serve
from tests.support.archive import Archive
from tests.support.clock import fresh_paper

# Their asserts say what was wrong, as those of a test do.
pytest.register_assert_rewrite(
    "tools.crash", "tools.faults", "tools.faultcases", "tests.support.whole"
)

# How long an example takes says nothing on a busy machine.
hypothesis.settings.register_profile("untimed", hypothesis.settings.default, deadline=None)
hypothesis.settings.load_profile("untimed")


def pytest_xdist_auto_num_workers() -> int:
    """`-n auto`: two more than there are CPUs; a test waits for disks, servers and browsers, too."""
    return (os.cpu_count() or 1) + 2


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Side by side, files with slow tests begin first: no worker is left with one at the end.

    CONTRIBUTING's recipes run tests of their own and take longest of all.
    """
    if hasattr(config, "workerinput"):
        slow = {item.path for item in items if item.get_closest_marker("slow")}
        items.sort(key=lambda item: (item.path.stem != "test_contributing", item.path not in slow))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI nothing may be skipped: a test that cannot run fails, with the reason."""
    report = yield
    if report.skipped and os.environ.get("CI") == "true":
        report.outcome, report.longrepr = "failed", str(report.longrepr)
    return report


@pytest.fixture
def served() -> Iterator[Served]:
    """The hand-written newspaper, today's."""
    with serve(fresh_paper()) as one:
        yield one


@pytest.fixture
def archive(tmp_path: Path, served: Served) -> Archive:
    """An empty output folder and the served newspaper as its site."""
    return Archive(tmp_path / "output", served.origin)
