"""Generated stories, for crawls of many pages and months."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from zaobao.demo.story import Story


def generated(count: int, today: date) -> Iterator[Story]:
    """`count` stories over the 14 months before `today`; the same for the same day."""
    yield from ()
