"""Rows of a state."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from zaobao import urls
from zaobao.archive.record import Record
from zaobao.archive.state import State

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


def story(number: int | str, section: str = "realtime/china") -> urls.StoryUrl:
    found = urls.story(f"https://www.zaobao.com/{section}/story20261122-{number}")
    assert found is not None
    return found


def write(state: State, number: int | str, **changes: object) -> Record:
    (known,) = state.listed([story(number)], "china", NOW)
    known = replace(known, file=f"_posts/2026-11-22-题 {number}.md", revision=1, published=NOW)
    state.remember(replace(known, **changes))  # type: ignore[arg-type]
    state.length = 10
    stored = state.get(str(number))
    assert stored is not None
    return stored
