"""The paper's ways to write a time, as aware datetimes.

Whatever carries no zone is Singapore time: the paper's clock, without summer
time. A form that names only a day gives no time at all.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone

SINGAPORE = timezone(timedelta(hours=8), "SGT")

LONGEST = 120
"""Characters of a text that are looked at: no form of the paper needs more."""

_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
_FORMS = tuple(
    re.compile(form, re.A | re.I)
    for form in (
        # 2026-09-28T07:41:00+08:00 (ld+json), 2026-09-28 07:41:00 (gaPushParams, lists)
        r"(?P<year>\d{4})[-/](?P<month>\d{1,2})[-/](?P<day>\d{1,2})(?:T|[ ]{1,3})"
        + _CLOCK
        + r"[ ]?(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?",
        # 发布 / 2021年9月2日 6:02 PM (SG-1), 发布/2025年2月22日 11:07 (SG-3 on)
        r"(?P<year>\d{4})年[ ]?(?P<month>\d{1,2})月[ ]?(?P<day>\d{1,2})日[ ]?"
        r"(?:[(]?(?:星期|周).[)]?)?[ ]?(?P<half>上午|下午|早上|晚上|中午)?[ ]?"
        + _CLOCK
        + r"[ ]?(?P<meridiem>[AP]\.?M)?",
        # 11/19/2021 - 15:40 (ld+json of SG-1): month first
        r"(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4})[ ]?-[ ]?" + _CLOCK,
    )
)
_CARD_CLOCK = re.compile(r"(\d{1,2}):(\d{2})", re.A)
_BLANKS = re.compile(r"\s+")


def parse(value: object) -> datetime | None:
    """An instant from any form that names a day and a clock time; None when there is none.

    Takes unix seconds or milliseconds (number or digits) and every text form of
    site-facts 10. A text without zone is Singapore time.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return _from_epoch(value)
    if not isinstance(value, str):
        return None
    text = _plain(value)
    if text.isascii() and text.isdigit():
        return _from_epoch(int(text))
    for form in _FORMS:
        match = form.search(text)
        if match:
            return _from_parts(match.groupdict())
    return None


def visible(text: str) -> tuple[datetime | None, datetime | None]:
    """(published, updated) of a time line: `发布 / …`, `更新 / …`, both, or a bare time.

    Where both stand, the first is the time of publication; a line that only
    says 更新 gives no time of publication.
    """
    before, mark, after = text.partition("更新")
    if "发布" in after:  # 更新 stands first
        after, _, before = after.partition("发布")
    return parse(before), parse(after) if mark else None


def card_clock(text: str, seen: datetime) -> datetime | None:
    """The instant of a card's `HH:mm`, as of the moment `seen` at which the list was read.

    A clock time later than that is yesterday's. Every other form of a card
    (`15分钟前`, `9月27日`) is an estimate and gives None.
    """
    match = _CARD_CLOCK.fullmatch(_plain(text))
    if not match or int(match[1]) > 23 or int(match[2]) > 59:
        return None
    local = seen.astimezone(SINGAPORE)
    moment = local.replace(hour=int(match[1]), minute=int(match[2]), second=0, microsecond=0)
    return moment if moment <= local else moment - timedelta(days=1)


def eight_hours_apart(one: datetime, other: datetime) -> bool:
    """Whether one of two times lost its zone. Seconds are ignored: a visible clock has none."""
    minutes = abs(int(one.timestamp() // 60) - int(other.timestamp() // 60))
    return minutes == 8 * 60


def _plain(text: str) -> str:
    """NFKC (full-width digits and colons), white space collapsed."""
    return _BLANKS.sub(" ", unicodedata.normalize("NFKC", text[: LONGEST * 2])).strip()[:LONGEST]


def _from_epoch(number: float) -> datetime | None:
    try:
        seconds = number / 1000 if number >= 1e11 else float(number)
        moment = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None
    return moment if 2000 <= moment.year <= 2100 else None


def _from_parts(parts: dict[str, str | None]) -> datetime | None:
    hour = int(parts["hour"] or 0)
    half, meridiem = parts.get("half"), (parts.get("meridiem") or "").upper()
    afternoon = meridiem.startswith("P") or half in ("下午", "晚上", "中午")
    if afternoon and hour < 12:
        hour += 12
    elif hour == 12 and (meridiem.startswith("A") or half in ("上午", "早上")):
        hour = 0
    fraction = (parts.get("fraction") or "0").ljust(6, "0")[:6]
    try:
        return datetime(
            int(parts["year"] or 0),
            int(parts["month"] or 0),
            int(parts["day"] or 0),
            hour,
            int(parts["minute"] or 0),
            int(parts["second"] or 0),
            int(fraction),
            _zone(parts.get("zone")),
        )
    except ValueError:
        return None


def _zone(text: str | None) -> timezone:
    if not text:
        return SINGAPORE
    if text[0] not in "+-":
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(offset if text[0] == "+" else -offset)
