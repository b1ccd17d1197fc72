"""What reports hand on from run to run: how long a list was silent, and what is usual."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tools.simulated import Stats
from zaobao.monitoring import history
from zaobao.monitoring.falls import share

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


def watched(silent: float, last: float, longest: float, days: float) -> float:
    """The longest silence that a run hands on.

    Hours: since the newest story, which came after a silence of `last` hours, before which
    `longest` was the longest. days: how long the list was watched.
    """
    stats: Any = Stats()
    stats.set_value("start_time", NOW)
    archive: Any = SimpleNamespace(
        state=SimpleNamespace(newest=lambda _: NOW - timedelta(hours=silent))
    )
    started = NOW - timedelta(hours=silent + 1)
    report = {
        "started": started.isoformat(),
        "finished": started.isoformat(),
        "quiet_hours": {"china": last},
        "longest_quiet": {"china": longest},
        "watched_since": {"china": (started - timedelta(days=days)).isoformat()},
    }
    history.watch(stats, archive, ["china"], [report])
    found: float = stats.get_value("zaobao/longest_quiet/china")
    return found


@pytest.mark.parametrize(
    ("last", "longest", "days", "then"),
    [
        (6, 9, 30, 9),
        (12, 9, 30, 12),
        (22, 9, 30, 22),  # twice as long and four hours: the last that is no alarm
        (23, 9, 30, 9),  # one that raised an alarm is not what is usual
        (23, 9, 6, 23),  # in the first week nothing does
    ],
)
def test_the_longest_silence_that_ended_is_handed_on(
    last: float, longest: float, days: float, then: float
) -> None:
    assert watched(1, last, longest, days) == then


def test_a_share_of_few_stories_is_not_certain() -> None:
    assert share([(20, 20)]) == 21 / 22
    assert share([(0, 10), (0, 10)]) == 1 / 22
    assert share([(19, 19)]) is None


def test_what_is_no_report_is_passed_over(tmp_path: Path) -> None:
    begun, ended = {"started": "2026-11-29T12:00:00+00:00"}, {"finished": "2026-11-29T12:05:00Z"}
    (tmp_path / "runs").mkdir()
    written: list[object] = [
        *({**begun, **ended}, [], {}, begun, ended),
        *({**begun, "finished": "later"}, {**begun, "finished": "2026-11-29T12:05:00"}),
    ]
    for place, report in enumerate(written):
        (tmp_path / "runs" / f"{place}.json").write_text(json.dumps(report))
    (tmp_path / "runs" / "torn.json").write_text('{"started": "2026')
    found = history.reports(tmp_path)
    assert found == written[:1]
    assert history.ended(found) == NOW + timedelta(minutes=5)
    assert history.ended([]) is None
