"""What the two times of a post, `date:` and the comment, say about the truth.

The older producer read Singapore's clock as UTC until 2022-02-02, so that its
comment is eight hours late; where that lay in the future, or the page had no
time (`<!--NaN-->`), its `date:` is the time of the crawl (site-facts 11.3).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Literal

MENDED = date(2022, 2, 2)
"""The first day on which the older producer's comment is the true time."""

Writer = Literal["true", "late", "unknown"]

_LATE = timedelta(hours=8)
_AHEAD = timedelta(minutes=10)


def crawl(written: datetime | None, comment: datetime | None) -> datetime | None:
    """When the story was fetched: `date:`, where it lies before the comment or there is none."""
    if written is None:
        return None
    return written if comment is None or comment > written else None


def publication(
    comment: datetime, written: datetime | None, day: date, writer: Writer
) -> tuple[datetime | None, str | None]:
    """The true instant and what gave it, `comment` or `comment-8h`; None, None where it is open.

    written: the post's `date:`. day: of the story's address, Singapore's. writer:
    whether who wrote the post is known to give the true time or the late one.
    """
    fetched = crawl(written, comment)
    if fetched:
        moment = comment - _LATE
        return (moment, "comment-8h") if moment <= fetched + _AHEAD else (None, None)
    if writer == "unknown":
        writer = _by_day(comment, day)
    if writer == "unknown":
        return None, None
    return (comment - _LATE, "comment-8h") if writer == "late" else (comment, "comment")


def _by_day(comment: datetime, day: date) -> Writer:
    """The reading whose day in Singapore is the one in the address, if only one is."""
    as_true, as_late = (comment + _LATE).date(), comment.date()
    if as_true == as_late or day not in (as_true, as_late):
        return "unknown"
    return "true" if day == as_true else "late"
