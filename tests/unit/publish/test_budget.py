"""When the site outgrows GitHub Pages; nothing is said where it is not known."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from zaobao.doctor import publishing
from zaobao.publish.budget import NAME, Budget

TODAY = date(2026, 11, 29)
MONTHS = {"2026-08": 3, "2026-09": 1000, "2026-10": 2000, "2026-11": 7}


def test_the_rate_is_of_whole_months() -> None:
    assert Budget(3010, 1, 1, MONTHS).rate == 1500
    assert Budget(10, 1, 1, {"2026-10": 3, "2026-11": 7}).rate is None


def test_the_rate_is_of_the_newest_year() -> None:
    stories = {f"2024-{month:02}": 9000 for month in range(1, 13)}
    stories |= {f"2025-{month:02}": 100 for month in range(1, 13)}
    assert Budget(1, 1, 1, {**stories, "2026-01": 7}).rate == 100


def test_limits_are_reached_at_this_rate() -> None:
    found = Budget(posts=3000, bytes=30_000_000, seconds=30, stories=MONTHS).reached(TODAY)
    # 10 KB and 0.01 s a story: 97,000 more stories, 64.7 months; 57,000 more, 38 months.
    assert {key: f"{day:%Y-%m}" for key, day in found.items() if day} == {
        "bytes": "2032-04",
        "seconds": "2030-01",
    }
    assert Budget(3000, 2_000_000_000, 30, {}).reached(TODAY) == {"bytes": TODAY, "seconds": None}
    assert Budget(3000, 1000, 0, MONTHS).reached(TODAY) == {"bytes": None, "seconds": None}


def test_doctor_says_it_and_nothing_where_no_site_was_built(tmp_path: Path) -> None:
    assert list(publishing.site(tmp_path, TODAY)) == []
    (tmp_path / NAME).write_text("{}")
    assert list(publishing.site(tmp_path, TODAY)) == []
    budget = Budget(3000, 30_000_000, 30.0, MONTHS)
    budget.write(tmp_path)
    assert Budget.read(tmp_path) == budget
    [found] = publishing.site(tmp_path, TODAY)
    assert str(found) == (
        "ok    site: 3000 stories, 30 MB, 30 s to build it whole; 1500 stories a month; "
        "the 1 GB of GitHub Pages in 2032-04; ten minutes in 2030-01"
    )
    # 10 KB a story, 18,000 a year: the last 15,000 before 1 GB are ten months.
    for bytes_now, level in ((850_000_000, "warn"), (800_000_000, "ok")):
        Budget(bytes_now // 10_000, bytes_now, 30.0, MONTHS).write(tmp_path)
        assert [one.level for one in publishing.site(tmp_path, TODAY)] == [level]
    Budget(100_000, 1_100_000_000, 30.0, {}).write(tmp_path)
    [found] = publishing.site(tmp_path, TODAY)
    assert found.level == "warn"
    assert "1 GB of GitHub Pages is reached. Serve it from a server" in found.message
    assert "minutes" not in found.message


def test_a_report_has_only_what_is_known() -> None:
    assert Budget(10, 1000, 2.5, {"2026-11": 10}).as_report(TODAY) == {
        "posts": 10,
        "bytes": 1000,
        "seconds": 2.5,
        "stories_a_month": None,
        "bytes_reach_1_gb": None,
        "seconds_reach_600": None,
    }
