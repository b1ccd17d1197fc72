"""The calendar's days: their kinds and shades, as data for the page and as text."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from zaobao.publish import calendar

COUNTS = {date(2025, 12, 30): 2, date(2026, 1, 1): 10, date(2026, 1, 5): 1}
AUDITS = {
    date(2026, 1, 1): (12, 2),
    date(2026, 1, 2): (0, 0),
    date(2026, 1, 3): (4, 4),
}


def test_days_are_told_apart() -> None:
    found = calendar.Calendar.of(COUNTS, AUDITS)
    assert list(found.years) == [2026, 2025]
    kinds = {day.day: day.kind for days in found.years.values() for day in days}
    assert len(kinds) == 730
    assert kinds[date(2025, 12, 29)] == kinds[date(2026, 1, 6)] == "out"
    assert kinds[date(2025, 12, 30)] == kinds[date(2026, 1, 5)] == "whole"
    assert kinds[date(2025, 12, 31)] == kinds[date(2026, 1, 4)] == "unknown"
    assert kinds[date(2026, 1, 1)] == "gaps"
    assert kinds[date(2026, 1, 2)] == "none"
    assert kinds[date(2026, 1, 3)] == "dark"


def test_shades_grow_with_the_stories() -> None:
    counts = {date(2026, 3, n): n for n in range(1, 21)}
    days = calendar.Calendar.of(counts, {}).years[2026]
    # Quarters of 19 stories, which nine tenths of the days do not exceed.
    assert [day.level for day in days if day.count] == [1] * 4 + [2] * 5 + [3] * 5 + [4] * 6
    assert {day.level for day in days if not day.count} == {0}


def test_a_day_of_a_great_event_makes_no_other_pale() -> None:
    counts = {date(2026, 3, n): 20 for n in range(1, 20)} | {date(2026, 3, 20): 400}
    days = calendar.Calendar.of(counts, {}).years[2026]
    assert {day.level for day in days if day.count} == {4}


def test_a_single_story_is_not_many_where_most_days_have_one() -> None:
    counts = {date(2026, 3, n): 1 for n in range(1, 20)} | {date(2026, 3, 20): 39}
    days = calendar.Calendar.of(counts, {}).years[2026]
    assert [day.level for day in days if day.count] == [1] * 19 + [4]


def test_the_data_say_where_a_month_begins_and_what_it_lacks() -> None:
    year, _ = calendar.Calendar.of(COUNTS, AUDITS).as_data()
    assert (year["name"], year["count"]) == ("2026", 11)
    january = year["months"][0]
    assert (january["name"], january["count"], january["missing"]) == ("2026-01", 11, 6)
    assert january["first"] == date(2026, 1, 1).weekday() == 3
    assert [len(month["days"]) for month in year["months"]][:3] == [31, 28, 31]


def test_the_text_has_a_column_a_week() -> None:
    text = calendar.Calendar.of(COUNTS, AUDITS).as_text()
    lines = text.splitlines()
    assert lines[0] == "2026  11 stories"
    assert lines[1].split() == [str(month) for month in range(1, 13)]
    monday = date(2025, 12, 29)
    for month in range(1, 13):
        week = (date(2026, month, 1) - monday).days // 7
        assert lines[1][4 + week :].startswith(str(month))
    assert [line[2:6] for line in lines[2:9]] == [
        "一  ░",
        "二",
        "三",
        "四 -",
        "五 .",
        "六 x",
        "日 ?",
    ]
    assert lines[9] == "  2026-01: 6 missing, 1 day without any"
    assert calendar.Calendar.of({}, AUDITS).as_text() == ""


def test_an_audited_month_is_known_to_its_last_day(tmp_path: Path) -> None:
    path = tmp_path / "audit.json"
    assert calendar.audits(path) == {}
    days = [{"day": "2026-02-03", "listed": 5, "held": 3, "missing": 2}]
    months = [
        {"month": "2026-02", "sitemap": "read", "days": days},
        {"month": "2026-01", "sitemap": "not read", "days": []},
    ]
    path.write_text(json.dumps(months))
    found = calendar.audits(path)
    assert len(found) == 28
    assert found[date(2026, 2, 3)] == (5, 2)
    assert found[date(2026, 2, 28)] == (0, 0)


def test_a_day_that_the_next_month_names_is_not_taken_for_one_without_stories(
    tmp_path: Path,
) -> None:
    path = tmp_path / "audit.json"
    last = {"day": "2026-01-31", "listed": 5, "held": 3, "missing": 2}
    months = [
        {"month": "2026-02", "sitemap": "not read", "days": [last]},
        {"month": "2026-01", "sitemap": "read", "days": []},
    ]
    path.write_text(json.dumps(months))
    found = calendar.audits(path)
    assert (len(found), found[date(2026, 1, 31)]) == (31, (5, 2))


def test_what_is_no_audit_says_nothing_and_hides_no_other(tmp_path: Path) -> None:
    path = tmp_path / "audit.json"
    for written in ("null", "{}", "5", "torn"):
        path.write_text(written)
        assert calendar.audits(path) == {}
    day = {"day": "2026-02-03", "listed": 5, "held": 3, "missing": 2}
    good = {"month": "2026-02", "sitemap": "not read", "days": [day]}
    others = [None, {}, {**good, "month": "soon"}, {**good, "days": [{"day": "2026-02-04"}]}]
    path.write_text(json.dumps([*others, good]))
    assert calendar.audits(path) == {date(2026, 2, 3): (5, 2)}
