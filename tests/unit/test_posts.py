"""Reading the posts of an older archive."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.older import BODY, millis, old_post
from zaobao import posts, urls


@pytest.mark.parametrize(
    "title",
    [
        "一个标题",
        '他说："好"',
        '"全引号"',
        "以反斜线结尾\\",
        "反斜线\\n和\\u4e00",
        '引号"\\',
        "冒号: 与 # 号",
        "a/b",
        "[括号](x)",
        "{{ x }} {% y %}",
        "【视频/图集】题",
    ],
)
def test_any_title_reads_back_in_either_quoting(title: str) -> None:
    assert posts.read(old_post(title=title)).title == title
    quoted = json.dumps(title, ensure_ascii=False)
    new = (
        old_post(title="X").replace(b'"X"', quoted.encode()).replace(b"[X]", f"[{title}]".encode())
    )
    assert posts.read(new).title == title


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), min_size=1))
def test_any_text_is_a_title(title: str) -> None:
    assert posts.read(old_post(title=title)).title == (title.strip() or None)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_post_or_a_reason(data: bytes) -> None:
    for candidate in (data, b"---\n" + data, old_post()[:90] + data + old_post()[150:]):
        with suppress(posts.PostError):
            post = posts.read(candidate)
            assert urls.story(post.story.canonical) == post.story
            assert all(
                date.utcoffset() == timedelta(0) for date in (post.date, post.comment) if date
            )


@pytest.mark.parametrize(
    ("date", "comment", "more", "published", "source"),
    [
        # The comment lies ahead of the crawl: eight hours late.
        ("2021-09-02T15:41:04.832Z", "2021-09-02T18:02:00Z", {}, "2021-09-02T10:02:00Z", "-8h"),
        # As above, and no reading fits the crawl.
        ("2021-09-02T15:41:04.832Z", "2021-09-03T18:02:00Z", {}, None, None),
        # The clock lay before the crawl, and the body is the older producer's.
        ("2021-09-02T09:02:00.000Z", "2021-09-02T09:02:00Z", {}, "2021-09-02T01:02:00Z", "-8h"),
        # It could be either's.
        ("2021-09-02T09:02:00.000Z", "2021-09-02T09:02:00Z", {"body": BODY}, None, None),
        # Only one reading falls on the address's day, 2021-09-02 in Singapore.
        ("2021-09-01T17:02:00Z", "2021-09-01T17:02:00Z", {"body": BODY}, "2021-09-01T17:02Z", ""),
        (
            "2021-09-02T17:02:00Z",
            "2021-09-02T17:02:00Z",
            {"body": BODY},
            "2021-09-02T09:02Z",
            "-8h",
        ),
        # The older producer since February 2022, which knew the zone.
        ("2022-05-22T08:43:00.000Z", "2022-05-22T08:43:00Z", {"comments": True}, "date", ""),
        ("2026-05-22T08:43:00.000Z", "2026-05-22T08:43:00Z", {"day": "2026-05-22"}, "date", ""),
    ],
)
def test_the_true_time_of_an_older_post(
    date: str, comment: str, more: dict[str, Any], published: str | None, source: str | None
) -> None:
    post = posts.read(old_post(date=date, comment=millis(comment), **more))
    wanted = date if published == "date" else published
    moment = datetime.fromisoformat(wanted).astimezone(UTC) if wanted else None
    assert post.published() == (moment, None if source is None else f"comment{source}")


def test_nan_is_a_crawl_and_no_publication() -> None:
    post = posts.read(old_post(comment="NaN", comments=True))
    assert post.published() == (None, None)
    assert post.crawled == datetime(2021, 9, 2, 15, 41, 4, 832000, UTC)


@pytest.mark.parametrize(
    ("fetched", "comment", "day", "expected"),
    [
        ("2021-05-03T04:00", "2021-05-03T18:00", "2021-05-03", ("2021-05-03T03:00", "comment-15h")),
        ("2021-05-03T12:00", "2021-05-03T18:00", "2021-05-03", (None, None)),
        ("2021-05-03T12:00", "2021-05-05T02:00", "2021-05-03", (None, None)),
        ("2021-07-01T12:00", "2021-07-01T18:00", "2021-07-01", ("2021-07-01T10:00", "comment-8h")),
        ("2021-07-01T04:00", "2021-07-01T18:00", "2021-07-01", (None, None)),
        # Two clocks differ by minutes.
        ("2021-07-01T09:50", "2021-07-01T18:00", "2021-07-01", ("2021-07-01T10:00", "comment-8h")),
        ("2021-07-01T09:49", "2021-07-01T18:00", "2021-07-01", (None, None)),
        ("2021-06-15T23:00", "2021-06-16T12:00", "2021-06-12", (None, None)),
    ],
)
def test_a_server_further_west_wrote_comments_that_are_later(
    fetched: str, comment: str, day: str, expected: tuple[str | None, str | None]
) -> None:
    data = old_post(
        day=day,
        date=f"{fetched}:00.123Z",
        comment=millis(f"{comment}:00.000Z"),
        body=BODY,
    )
    moment, source = posts.read(data).published()
    assert (moment and f"{moment:%Y-%m-%dT%H:%M}", source) == expected


def test_a_day_from_the_address_is_no_publication() -> None:
    noon = "2026-09-02T04:00:00.000Z"
    data = old_post(day="2026-09-02", date=noon, comment=millis(noon), body=BODY)
    post = posts.read(data.replace(b"\ncategories", b"\ndate_from: url\ncategories"))
    assert (post.published(), post.crawled) == ((None, None), None)


def test_legacy_times_are_the_true_ones_eight_hours_late() -> None:
    late = "2026-09-02T18:02:00.000Z"
    data = old_post(day="2026-09-02", date=late, comment=millis(late), body=BODY)
    true = datetime(2026, 9, 2, 10, 2, tzinfo=UTC)
    assert posts.read(data).published(legacy_times=True) == (true, "comment-8h")


@pytest.mark.parametrize(
    ("data", "reason", "foreign"),
    [
        (b"# Notes\n", "no front matter", True),
        (b"", "no front matter", True),
        (b"\xff\xfe", "not UTF-8 at byte 0", False),
        (b"---\nlayout: post\n", "the front matter has no end", False),
        (b"---\nlayout: post\n---\n", "no from: and no link", False),
        (old_post().replace(b"zaobao.com", b"example.org"), "is no story of the paper", True),
        (old_post()[:-8], "it is cut", False),
        (old_post(section="zvideos"), "is no story of the paper", True),
    ],
)
def test_what_is_no_post_says_why(data: bytes, reason: str, foreign: bool) -> None:
    with pytest.raises(posts.PostError, match=reason) as error:
        posts.read(data)
    assert error.value.foreign == foreign
