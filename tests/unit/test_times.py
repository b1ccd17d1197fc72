"""The forms of a time in docs/site-facts.md, "Times", and what only looks like one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zaobao import times

SGT = times.SINGAPORE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("发布 / 2019年11月21日 6:02 PM", "2019-11-21T18:02:00+08:00"),
        ("发布 / 2021年9月2日 12:05 AM", "2021-09-02T00:05:00+08:00"),
        ("发布 / 2021年9月2日 12:05 PM", "2021-09-02T12:05:00+08:00"),
        ("发布/2021年12月31日 11:59 p.m.", "2021-12-31T23:59:00+08:00"),
        ("发布/2025年2月22日 11:07", "2025-02-22T11:07:00+08:00"),
        ("发布／２０２５年２月２９日　１１：０７", None),
        ("发布／２０２４年２月２９日　１１：０７", "2024-02-29T11:07:00+08:00"),
        ("2022年7月23日05:30:09", "2022-07-23T05:30:09+08:00"),
        ("2022年7月23日 星期六 下午5:30", "2022-07-23T17:30:00+08:00"),
        ("2022年7月23日（周六） 中午11:30", "2022-07-23T11:30:00+08:00"),
        ("2022年7月23日 中午1:30", "2022-07-23T13:30:00+08:00"),
        ("2022年7月23日 凌晨12:10", "2022-07-23T00:10:00+08:00"),
        ("11/19/2021 - 15:40", "2021-11-19T15:40:00+08:00"),
        ("19/11/2021 - 15:40", None),
        ("07/23/2022 14:00", "2022-07-23T14:00:00+08:00"),
        ("23/07/2022, 2:00 PM", "2022-07-23T14:00:00+08:00"),
        ("06/07/2022 14:00", None),  # June or July
        ("07/23/2022", None),
        ("2022.07.23 14:00", "2022-07-23T14:00:00+08:00"),
        ("2022.07-23 14:00", None),
        ("2022-07-23 下午2:05", "2022-07-23T14:05:00+08:00"),
        ("2022-07-23(周六)14:00", "2022-07-23T14:00:00+08:00"),
        ("2022-07-23 星期六 14:00", "2022-07-23T14:00:00+08:00"),
        ("2022年7月23日 下午2时", "2022-07-23T14:00:00+08:00"),
        ("2022年7月23日14时05分", "2022-07-23T14:05:00+08:00"),
        ("2022 年 7 月 23 日 14时5分9秒", "2022-07-23T14:05:09+08:00"),
        ("2022年7月23日 晚间9点", "2022-07-23T21:00:00+08:00"),
        ("2022年7月23日 晚上12:05", "2022-07-23T00:05:00+08:00"),
        ("2022年7月23日 清晨6:05", "2022-07-23T06:05:00+08:00"),
        ("2022年7月23日 PM 2:05", "2022-07-23T14:05:00+08:00"),
        ("2022年7月23日 下午2时许", None),
        ("2022年7月23日 下午2点半", None),
        ("2022年7月23日 10点零五分", None),
        ("Jul 23, 2022 2:00 PM", "2022-07-23T14:00:00+08:00"),
        ("23 July 2022, 14:00", "2022-07-23T14:00:00+08:00"),
        ("Sat Jul 23 2022 14:00:00 GMT+0800 (CST)", "2022-07-23T14:00:00+08:00"),
        ("20220723T140000+0800", "2022-07-23T14:00:00+08:00"),
        ("20220723T060000Z", "2022-07-23T06:00:00+00:00"),
        ("2022-07-23T14:00:00\u221205:00", "2022-07-23T14:00:00-05:00"),
        ("2022-07-23 14:00 SGT", "2022-07-23T14:00:00+08:00"),
        ("2022-07-23 14:00 JST", None),
        ("Sat, 23 Jul 2022 14:00:00 JST", None),
        ("Sat, 23 Jul 2022 14:00:00", "2022-07-23T14:00:00+08:00"),
        ("Sat, 23 Jul 2022 14:00:00 -0000", "2022-07-23T14:00:00+00:00"),
        ("2小时前", None),
        ("今天 14:00", None),
        ("7月23日 14:00", None),
        ("1658556000.0", "2022-07-23T06:00:00+00:00"),
        ("2026-09-28T07:41:00+08:00", "2026-09-28T07:41:00+08:00"),
        ("2026-09-27T23:41:00Z", "2026-09-27T23:41:00+00:00"),
        ("2026-09-27T23:41:00.123Z", "2026-09-27T23:41:00.123000+00:00"),
        ("2026-09-28T07:41:00+0800", "2026-09-28T07:41:00+08:00"),
        ("2026-09-28 07:41:00", "2026-09-28T07:41:00+08:00"),
        ("2026-09-28 07:41:00 GMT+0800", "2026-09-28T07:41:00+08:00"),
        ("2026-09-28 07:41:00 UTC", "2026-09-28T07:41:00+00:00"),
        ("Mon, 28 Sep 2026 07:41:00 +0800", "2026-09-28T07:41:00+08:00"),
        ("Sun, 27 Sep 2026 23:41:00 GMT", "2026-09-27T23:41:00+00:00"),
        ("Mon, 28 Sep 2026 77:41:00 +0800", None),
        ("Thu, 1 Jan 1970 00:00:00 GMT", None),
        ("2016-01-20T18:38:00", "2016-01-20T18:38:00+08:00"),
        ("2021-9-2 6:02 PM", "2021-09-02T18:02:00+08:00"),
        (1630576920, "2021-09-02T10:02:00+00:00"),
        ("1630576920", "2021-09-02T10:02:00+00:00"),
        (1630576920000, "2021-09-02T10:02:00+00:00"),
        ("0001-01-01T00:00:00Z", None),
        ("1970-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59-12:00", None),
        ("2021-13-45 10:00", None),
        ("2021-09-02T25:00:00Z", None),
        ("2021-09-02T10:00:00+99:99", None),
        ("2021年9月2日", None),
        ("15分钟前", None),
        (True, None),
        (None, None),
        (float("nan"), None),
        (10**400, None),
        ("9" * 5000, None),
        ({"@value": "2021"}, None),
    ],
)
def test_parse(text: object, expected: str | None) -> None:
    assert times.parse(text) == (datetime.fromisoformat(expected) if expected else None)


@pytest.mark.parametrize(
    ("line", "published", "updated"),
    [
        ("发布/2025年2月22日 11:07 更新/2025年2月23日 09:00", "22T11:07", "23T09:00"),
        ("更新/2025年2月23日 09:00 发布/2025年2月22日 11:07", "22T11:07", "23T09:00"),
        ("更新 / 2025年2月23日 09:00", None, "23T09:00"),
        ("2025年2月22日 11:07", "22T11:07", None),
        ("发布", None, None),
    ],
)
def test_visible(line: str, published: str | None, updated: str | None) -> None:
    expected = [
        datetime.fromisoformat(f"2025-02-{day}:00+08:00") if day else None
        for day in (published, updated)
    ]
    assert list(times.visible(line)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("11:59", "2026-10-31T23:59:00+08:00"),
        ("23:59", "2026-10-31T23:59:00+08:00"),
        ("00:05", "2026-11-01T00:05:00+08:00"),
        ("００：０５", "2026-11-01T00:05:00+08:00"),
        ("中国 · 00:05", "2026-11-01T00:05:00+08:00"),
        ("中国 · 9月27日", None),
        ("刚刚", None),
        ("2025年9月27日", None),
        ("24:00", None),
        ("9月27日", None),
        ("6 分钟前", None),
        ("11:07 快讯", None),
    ],
)
def test_card_clock_around_midnight(text: str, expected: str | None) -> None:
    seen = datetime(2026, 10, 31, 16, 10, tzinfo=UTC)  # ten past midnight in Singapore
    if text == "11:59":
        expected = "2026-10-31T11:59:00+08:00"
    assert times.card_clock(text, seen) == (datetime.fromisoformat(expected) if expected else None)


@given(st.datetimes(datetime(2001, 1, 1), datetime(2099, 1, 1)))  # noqa: DTZ001 (it takes naive ones)
def test_every_minute_is_read_back_in_every_form(moment: datetime) -> None:
    local = moment.replace(second=0, microsecond=0, tzinfo=SGT)
    day = f"{local.year}年{local.month}月{local.day}日"
    forms = [
        f"发布 / {day} {local.hour % 12 or 12}:{local:%M} {'AM' if local.hour < 12 else 'PM'}",
        f"发布/{day} {local:%H:%M}",
        f"{local:%m/%d/%Y - %H:%M}",
        f"{local:%Y-%m-%d %H:%M:%S}",
        local.isoformat(),
        local.astimezone(UTC).isoformat(),
        str(int(local.timestamp())),
    ]
    assert {times.parse(form) for form in forms} == {local}


@given(st.text() | st.integers() | st.floats())
def test_whatever_comes_is_a_bounded_instant_or_none(value: object) -> None:
    moment = times.parse(value)
    assert moment is None or (moment.utcoffset() is not None and moment.astimezone(SGT))


def test_eight_hours_apart_ignores_seconds() -> None:
    shown = datetime(2026, 1, 1, 0, 5, tzinfo=SGT)
    assert times.eight_hours_apart(shown + timedelta(hours=8, seconds=30), shown)
    assert times.eight_hours_apart(shown, shown + timedelta(hours=8, seconds=59))
    assert not times.eight_hours_apart(shown + timedelta(hours=8, minutes=1), shown)
