"""The state: what is due, and what is remembered."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.states import NOW, story, write
from zaobao import urls
from zaobao.archive.record import RETRY_AFTER, Record
from zaobao.archive.state import State, _from_row, _to_row
from zaobao.errors import ArchiveError
from zaobao.names import post_keys

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    state = State(tmp_path / "state.sqlite")
    yield state
    state.close()


def numbers(stories: list[Record]) -> list[str]:
    return [known.number for known in stories]


def test_a_listed_story_is_due_at_once_in_the_order_of_the_list(state: State) -> None:
    state.listed([story(n) for n in (30, 10, 20)], "china", NOW)
    assert numbers(state.due(["china"], NOW)) == ["30", "10", "20"]
    assert state.due(["world"], NOW) == []
    assert numbers(state.due(None, NOW)) == ["30", "10", "20"]
    assert state.due(None, NOW - timedelta(seconds=1)) == []


def test_listing_again_adds_and_never_takes_away(state: State) -> None:
    written = write(state, 7)
    time = NOW - timedelta(hours=3)
    later = NOW + timedelta(days=1)
    (known,) = state.listed([story(7, "news/china")], "world", later, {"7": time})
    assert known == replace(
        written, urls=(story(7, "news/china").canonical,), lists=("china", "world"), list_time=time
    )
    assert state.listed([story(7)], "china", later, {"7": later}) == [known]
    assert state.get("7") == known
    assert state.due(None, later) == []


def test_listing_is_one_transaction(state: State) -> None:
    def stories() -> Iterator[urls.StoryUrl]:
        yield story(1)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        state.listed(stories(), "china", NOW)
    assert state.get("1") is None


def test_a_number_has_no_limit_and_is_text(state: State) -> None:
    state.listed([story("9" * 31), story(12)], "china", NOW)
    assert state.get("9" * 31) is not None
    assert state.get("0" + "12") is None


def test_a_failed_story_is_due_after_an_hour_a_day_a_week_and_then_never(state: State) -> None:
    state.listed([story(1)], "china", NOW)
    now = NOW
    for pause in (timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)):
        state.fail("1", "http_500", now)
        assert state.due(None, now + pause - timedelta(seconds=1)) == []
        now += pause
        assert numbers(state.due(None, now)) == ["1"]
    state.fail("1", "http_500", now)
    assert state.due(None, now + timedelta(days=9999)) == []
    known = state.get("1")
    assert known is not None
    assert (known.status, known.reason, known.attempts) == ("failed", "http_500", 4)
    state.listed([story(1)], "china", now)
    assert state.due(None, now) == []
    state.make_due("1", now)
    assert numbers(state.due(None, now)) == ["1"]


def test_a_quarantined_story_stays_so_and_is_due_again(state: State) -> None:
    state.listed([story(1)], "china", NOW)
    state.fail("1", "unknown_layout", NOW, quarantined=True)
    assert state.status("1") == "quarantined"
    assert numbers(state.unread()) == ["1"]
    assert numbers(state.due(None, NOW + timedelta(hours=1))) == ["1"]


def test_a_final_failure_is_not_due(state: State) -> None:
    state.listed([story(1)], "china", NOW)
    state.fail("1", "interactive", NOW, final=True)
    assert state.due(None, NOW + timedelta(days=9999)) == []


def test_nothing_downgrades_a_written_story(state: State) -> None:
    before = write(state, 1)
    later = NOW + timedelta(days=1)
    state.fail("1", "http_500", later)
    state.outside("1", None, later)
    state.make_due("1", later)
    assert state.get("1") == replace(before, last_checked=later)


def test_a_story_outside_the_days_is_kept_with_its_time(state: State) -> None:
    state.listed([story(1)], "china", NOW)
    published = NOW - timedelta(days=40)
    state.outside("1", published, NOW)
    known = state.get("1")
    assert known is not None
    assert (known.status, known.published, known.due) == ("outside", published, None)


def test_what_was_never_listed_cannot_fail(state: State) -> None:
    with pytest.raises(LookupError, match="404"):
        state.fail("404", "x", NOW)


def test_remembering_stores_story_and_length_together(state: State) -> None:
    state.listed([story(1)], "china", NOW)
    known = state.get("1")
    assert known is not None

    def interrupted() -> None:
        with state.batch():
            state.remember(replace(known, file="_posts/2026-11-22-a.md"))
            state.length = 99
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        interrupted()
    assert state.status("1") == "listed"
    assert state.length is None
    assert state.owner("2026-11-22-a.md") is None
    with state.batch():
        state.remember(replace(known, file="_posts/2026-11-22-a.md"))
        state.length = 99
    assert (state.status("1"), state.length) == ("written", 99)
    assert state.due(None, NOW) == []


def test_a_story_is_told_as_the_file_has_it(tmp_path: Path) -> None:
    """Records are held in memory; the file is what counts."""
    state, other = State(tmp_path / "state.sqlite"), State(tmp_path / "state.sqlite")
    zone = timezone(timedelta(hours=8))
    exact = datetime(2026, 11, 22, 7, 0, 0, 123_456, zone)  # the file has milliseconds
    try:
        state.listed([story(1), story(2)], "china", NOW, {"1": exact})
        listed = state.get("1")

        def undone() -> None:
            with state.batch():
                state.fail("1", "timeout", NOW)
                assert state.get("1") != listed
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            undone()
        assert listed == state.get("1") == other.get("1")
        assert listed is not None
        assert listed.list_time != exact
        write(state, 3)
        state.begin()
        write(state, 2)
        state.refuse(ArchiveError("full"))
        assert [state.get(n) for n in "123"] == [other.get(n) for n in "123"]
        other.forget_written()
        assert (other.get("3"), other.get("1")) == (None, listed)
        other.withdraw("1")
        assert other.get("1") is None
    finally:
        state.close()
        other.close()


def test_records_in_memory_are_bounded(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zaobao.archive.state._REMEMBERED", 2)
    listed = state.listed([story(n) for n in range(1, 6)], "china", NOW)
    assert list(state._records_held) == ["4", "5"]
    assert [state.get(one.number) for one in listed] == listed
    assert state.listed([story(1), story(6)], "china", NOW)[0] == listed[0]


def test_a_story_without_a_post_is_not_remembered(state: State) -> None:
    with pytest.raises(ValueError, match="no post"):
        state.remember(Record("1", "20261122-1", "https://x"))


def test_two_checks_twelve_hours_apart_agree_that_a_story_is_gone(state: State) -> None:
    write(state, 1)
    assert not state.missing("1", NOW)
    assert not state.missing("1", NOW + timedelta(hours=11, minutes=59))
    assert state.missing("1", NOW + timedelta(hours=12))
    state.checked("1", NOW + timedelta(hours=13), etag='"b"')
    assert not state.missing("1", NOW + timedelta(hours=26))
    known = state.get("1")
    assert known is not None
    assert known.etag == '"b"'
    assert known.gone is None


def test_an_unchanged_check_keeps_the_former_validators(state: State) -> None:
    write(state, 1, etag='"a"', last_modified="Sun, 22 Nov 2026 04:00:00 GMT")
    state.checked("1", NOW, last_modified="later")
    known = state.get("1")
    assert known is not None
    assert (known.etag, known.last_modified) == ('"a"', "later")


def test_a_written_story_in_doubt_is_due_after_an_hour_a_day_a_week_and_then_never(
    state: State,
) -> None:
    reason = "in doubt: texts of sg_cards are short"
    write(state, 1, reason=reason, last_checked=NOW, due=None)
    looks = (lambda at: state.checked("1", at), lambda at: state.fail("1", "http_500", at))
    at = NOW
    for look, wait in zip((*looks, looks[0]), RETRY_AFTER, strict=True):
        assert state.due(["china"], at + wait - timedelta(seconds=1)) == []
        at += wait
        assert numbers(state.due(["china"], at)) == ["1"]
        look(at)
    assert state.due(["china"], at + timedelta(days=99)) == []
    known = state.get("1")
    assert known is not None
    assert (known.status, known.reason) == ("written", reason)
    state.remember(replace(known, reason=None, due=None))
    assert write(state, 2, reason="http_500").reason is None
    assert state.due(None, at + timedelta(days=99)) == []


def test_recent_counts_from_publication_or_first_sight(state: State) -> None:
    write(state, 1, published=NOW - timedelta(hours=2))
    write(state, 2, published=None, first_seen=NOW - timedelta(hours=1))
    write(state, 3, published=NOW - timedelta(hours=49))
    state.listed([story(4)], "china", NOW)
    assert numbers(state.recent(NOW - timedelta(hours=48))) == ["1", "2"]


def test_a_generic_story_counts_as_unread(state: State) -> None:
    write(state, 1, layout="generic")
    write(state, 2, layout="sg_drupal")
    assert numbers(state.unread()) == ["1"]


@pytest.mark.parametrize(
    "other",
    [
        "2026-11-22-A Café.md",
        "2026-11-22-a CAFE\u0301.md",
        "2026-11-22-a-café.md",
        "2026-11-22-a：“café”.markdown",
    ],
)
def test_names_that_clash_on_a_disk_or_in_a_url_have_an_owner(state: State, other: str) -> None:
    write(state, 1, file="_posts/2026-11-22-a café.md")
    assert state.owner(f"_posts/{other}") == "1"
    assert state.owner(other.replace("11-22", "11-23")) is None
    assert state.owner("2026-11-22-a cafés.md") is None


def test_further_posts_keep_their_names(state: State) -> None:
    known = write(state, 1, file="_posts/2026-11-22-a.md")
    state.remember(known, files=("_posts/2026-11-22-b.md",))
    assert state.owner("2026-11-22-B.md") == "1"
    assert state.has_post("1", "_posts/2026-11-22-a.md")
    assert state.has_post("1", "_posts/2026-11-22-b.md")
    assert not state.has_post("1", "_posts/2026-11-22-B.md")
    assert not state.has_post("2", "_posts/2026-11-22-b.md")


def test_which_files_are_no_known_storys_post(state: State) -> None:
    one = replace(Record.of(story(1)), file="_posts/a.md")
    state.remember(one, files=["_posts/further.md"])
    state.listed([story(2)], "china", NOW)
    asked = ["_posts/z.md", "_posts/a.md", "_posts/further.md", "_posts/b.md"]
    for _ in range(2):
        assert state.unknown(asked) == ["_posts/z.md", "_posts/b.md"]
    assert state.unknown([]) == []
    assert state.unknown(["_posts/\udcff.md"]) == ["_posts/\udcff.md"]
    assert state.posts("1") == ["_posts/a.md", "_posts/further.md"]
    assert state.posts("2") == state.posts("3") == []


def test_counts_and_withdraw(state: State) -> None:
    write(state, 1, gone=NOW)
    state.listed([story(2)], "china", NOW)
    assert state.counts() == {"written": 1, "listed": 1, "gone": 1}
    state.withdraw("1")
    assert state.counts() == {"listed": 1, "gone": 0}
    assert state.owner("2026-11-22-题 1.md") is None


def test_all_is_there_after_reopening(tmp_path: Path) -> None:
    state = State(tmp_path / "state.sqlite")
    known = write(state, 1, digest="sha256:x", access="free", gone=NOW, layout="sg_drupal")
    state.close()
    again = State(tmp_path / "state.sqlite")
    assert again.get("1") == known
    assert again.length == 10
    again.close()


moments = st.none() | st.integers(-(10**13), 10**14).map(
    lambda millis: datetime.fromtimestamp(millis / 1000, UTC)
)


@given(number=st.from_regex(r"[1-9][0-9]{0,30}", fullmatch=True), due=moments, text=st.text())
def test_a_row_reads_back_as_it_was(number: str, due: datetime | None, text: str) -> None:
    known = Record(number, "id", "url", urls=(text, "b"), lists=("a", "b"), due=due, reason=text)
    assert _from_row(tuple(_to_row(known))) == known


def test_only_a_story_with_a_post_has_a_revision(state: State) -> None:
    assert [known.revision for known in state.listed([story(1)], None, NOW)] == [None]
    assert write(state, 2, revision=0).revision == 0
    state.listed([story(1), story(2)], None, NOW)
    assert [known.revision for known in map(state.get, "12") if known] == [None, 0]


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no zone"):
        _to_row(Record("1", "id", "url", due=datetime(2026, 1, 1)))  # noqa: DTZ001


@given(st.text())
def test_keys_do_not_depend_on_case_or_unicode_form(title: str) -> None:
    name = f"2026-11-22-{title}.md"
    assert post_keys(name) == post_keys(unicodedata.normalize("NFD", name))
