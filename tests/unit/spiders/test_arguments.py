"""Spider arguments: what each takes, and the sentence for what it does not take."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from scrapy.exceptions import UsageError

from zaobao.spiders import arguments

TODAY = date(2021, 9, 15)


@pytest.mark.parametrize(
    ("value", "months"),
    [
        ("2021-08", ["202108"]),
        ("2020-11..2021-02", ["202011", "202012", "202101", "202102"]),
        ("2021-09, 2021-08..2021-09", ["202108", "202109"]),
    ],
)
def test_months(value: str, months: list[str]) -> None:
    assert arguments.months(value, TODAY) == months


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "-a months=: it takes a month like 2021-08"),
        ("2021-13", "-a months=2021-13: it takes a month like 2021-08"),
        ("2021-8", "it takes a month like 2021-08"),
        ("２０２１-08", "it takes a month like 2021-08"),
        ("2021-09..2021-08", "2021-09 lies after 2021-08"),
        ("2021-09..2021-11", "2021-10 lies in the future"),
    ],
)
def test_what_is_no_month(value: str | None, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        arguments.months(value, TODAY)


def test_an_addresss_day_may_be_one_off() -> None:
    span = arguments.days("2021-09-02", "2021-09-04")
    day = date(2021, 8, 30)
    ten = [day + timedelta(days=n) for n in range(10)]
    assert [one.day for one in ten if span.hold(one)] == [2, 3, 4]
    assert [one.day for one in ten if span.may_hold(one)] == [1, 2, 3, 4, 5]
    assert all(map(arguments.days(None, None).may_hold, ten))


@pytest.mark.parametrize(
    ("since", "until", "said"),
    [
        ("2021-13-01", None, "-a since=2021-13-01: it takes a day like 2026-11-01"),
        (None, "yesterday", "-a until=yesterday: it takes a day like 2026-11-01"),
        ("2021-09-04", "2021-09-02", "-a since=2021-09-04 lies after -a until=2021-09-02"),
    ],
)
def test_what_is_no_day(since: str | None, until: str | None, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        arguments.days(since, until)


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "４", "1000000000", ""])
def test_what_is_no_count(value: str) -> None:
    assert arguments.count("limit", "20") == 20
    assert arguments.count("limit", None) is None
    with pytest.raises(UsageError, match=r"-a limit=.*: it takes a whole number above 0"):
        arguments.count("limit", value)


def test_an_argument_that_there_is_not_is_named() -> None:
    arguments.refuse_unknown({"limit": "1"}, ["section", "limit"])
    with pytest.raises(UsageError, match="-a sction=…: no such argument; there are section, limit"):
        arguments.refuse_unknown({"sction": "china"}, ["section", "limit"])
