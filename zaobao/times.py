"""The paper's ways to write a time, as aware datetimes.

Whatever carries no zone is Singapore time: the paper's clock, without summer
time. A form that names only a day gives no time at all. The forms that were seen:
docs/site-facts.md, "Times".
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

SINGAPORE = timezone(timedelta(hours=8), "SGT")

PUBLISHED_WORDS = ("发布",)
"""What the paper prints before a time of publication."""
CHANGED_WORDS = ("更新",)
"""What it prints before a time of change."""
WORDS = (*PUBLISHED_WORDS, *CHANGED_WORDS)
"""All of them: what a dateline begins with."""

LONGEST = 120
"""Characters of a text that are looked at: no form of the paper needs more."""

_HALF = "凌晨|清晨|早上|早晨|上午|中午|午后|下午|傍晚|晚上|晚间|夜间|深夜|晚"
_CLOCK = (
    rf"(?:(?P<half>{_HALF})|(?P<before>[AP]M))?[ ]?(?P<hour>\d{{1,2}})"
    r"(?::(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"|[时点](?:(?P<minutes>\d{1,2})分(?:(?P<seconds>\d{1,2})秒)?)?(?![\d零一二三四五六七八九十半许左前后多]))"
    r"(?:[ ]?(?P<meridiem>[AP]\.?M\b))?"
)
_WEEKDAY = r"[ ]?[(]?(?:(?:星期|周)[一二三四五六日天])?[)]?[ ]{0,3}"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED = rf"(?P<name>{'|'.join(_MONTHS)})[a-z]{{0,6}}\.?"
_ZONE = (
    r"[ ]?[(]?(?P<zone>Z\b|(?:UTC|GMT)?[+-]\d{1,2}(?::?\d{2})?|UTC|GMT|SGT|HKT|CST"
    r"|(?P<other>[A-Z]{1,2}[DS]T))?"
)
_FORMS = tuple(
    re.compile(form, re.A | re.I)
    for form in (
        # 2026-09-28T07:41:00+08:00 (ld+json), 2026-09-28 07:41:00 (gaPushParams, lists)
        (
            r"(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})"
            rf"(?:T|(?=[ (星周]|{_HALF}){_WEEKDAY}){_CLOCK}{_ZONE}"
        ),
        # 发布 / 2021年9月2日 6:02 PM (SG-1), 发布/2025年2月22日 11:07 (SG-3 on)
        (
            r"(?P<year>\d{4})[ ]?年[ ]?(?P<month>\d{1,2})[ ]?月[ ]?(?P<day>\d{1,2})[ ]?日"
            rf"{_WEEKDAY}{_CLOCK}"
        ),
        # 11/19/2021 - 15:40 (ld+json of SG-1): month first
        rf"(?P<month>\d{{1,2}})/(?P<day>\d{{1,2}})/(?P<year>\d{{4}})[ ]?-[ ]?{_CLOCK}",
        # 11/19/2021 15:40, 19/11/2021 15:40: only where one of the two can be no month
        rf"(?P<month>\d{{1,2}})/(?P<day>1[3-9]|2\d|3[01])/(?P<year>\d{{4}}),?[ ]{_CLOCK}{_ZONE}",
        rf"(?P<day>1[3-9]|2\d|3[01])/(?P<month>\d{{1,2}})/(?P<year>\d{{4}}),?[ ]{_CLOCK}{_ZONE}",
        # Nov 19, 2021 3:40 PM; 19 November 2021, 15:40; Fri Nov 19 2021 15:40:00 GMT+0800
        rf"{_NAMED}[ ](?P<day>\d{{1,2}}),?[ ](?P<year>\d{{4}}),?[ ]{_CLOCK}{_ZONE}",
        rf"(?P<day>\d{{1,2}})[ ]{_NAMED},?[ ](?P<year>\d{{4}}),?[ ]{_CLOCK}{_ZONE}",
        # 20211119T154000+0800
        (
            r"(?P<year>20\d{2})(?P<month>\d{2})(?P<day>\d{2})T(?P<hour>\d{2})(?P<minute>\d{2})"
            rf"(?P<second>\d{{2}})?{_ZONE}"
        ),
    )
)
_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", re.A)
"""The form of ld+json: read at a third of the cost."""
_AFTERNOON = frozenset({"下午", "午后", "傍晚"})
_NIGHT = frozenset({"晚上", "晚间", "夜间", "深夜", "晚"})
_EIGHT = frozenset({"SGT", "HKT", "CST"})
"""Zones that are Singapore's time; the third is China's in this paper."""
_OF_MAIL = re.compile(r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{1,2} [A-Z][a-z]{2} \d{4} \d", re.A)
_OFFSET = re.compile(r"([+-])(\d{1,2}):?(\d{2})?", re.A)
_YEARS = range(2000, 2101)
"""The paper's stories are of these; systems write the years 1 and 1970 for no time."""
_NEARLY_EIGHT, _OVER_EIGHT = timedelta(hours=7, minutes=58), timedelta(hours=8, minutes=2)
_DAYS_OFF = timedelta(days=2)
_CARD_CLOCK = re.compile(r"(\d{1,2}):(\d{2})", re.A)
_BLANKS = re.compile(r"\s+")
_PUBLISHED = re.compile("|".join(PUBLISHED_WORDS))
_CHANGED = re.compile("|".join(CHANGED_WORDS))


def iso(moment: datetime | None) -> str | None:
    """`2021-09-02T18:02:00+08:00`, with milliseconds where there are some.

    ValueError for a moment without zone.
    """
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no zone")
    return moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds")


def parse(value: object) -> datetime | None:
    """An instant from any form that names a day and a clock time; None when there is none.

    Takes unix seconds or milliseconds (number or digits) and every text form of
    the paper. A text without zone is Singapore time.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return _from_epoch(value)
    if not isinstance(value, str):
        return None
    if _ISO.fullmatch(value):
        return _from_iso(value)
    text = _plain(value)
    if text.isascii() and text.removesuffix(".0").isdigit():
        return _from_epoch(int(text.removesuffix(".0")))
    if _OF_MAIL.match(text) and (moment := _from_mail(text)):
        return moment
    return _found(text)[0]


def beside(text: str) -> tuple[datetime | None, str]:
    """The first time in a line, and what else stands there; (None, "") where there is none."""
    text = _plain(text)
    moment, match = _found(text)
    return (moment, f"{text[: match.start()]} {text[match.end() :]}") if match else (None, "")


def _found(text: str) -> tuple[datetime | None, re.Match[str] | None]:
    match = next(filter(None, (form.search(text) for form in _FORMS)), None)
    return (_from_parts(match.groupdict()) if match else None), match


def _from_mail(words: str) -> datetime | None:
    """An instant of RFC 5322, as feeds and mails have it: `Fri, 20 Nov 2026 10:00:00 +0800`."""
    try:
        moment = parsedate_to_datetime(words)
    except ValueError:
        return None
    if moment.tzinfo is None and words.endswith("-0000"):
        moment = moment.replace(tzinfo=UTC)
    return moment if moment.tzinfo and moment.year in _YEARS else None


def visible(text: str) -> tuple[datetime | None, datetime | None]:
    """(published, updated) of a dateline: `发布 / …`, `更新 / …`, both, or a bare time.

    A bare time is one of publication; a line that only says 更新 gives none of these.
    """
    changed = _CHANGED.search(text)
    if changed is None:
        return parse(text), None
    before, after = text[: changed.start()], text[changed.end() :]
    if word := _PUBLISHED.search(after):  # the time of change stands first
        before, after = after[word.end() :], after[: word.start()]
    return parse(before), parse(after)


def card_clock(text: str, seen: datetime) -> datetime | None:
    """The instant of a card's `HH:mm`, as of the moment `seen` at which the list was read.

    A clock time later than that is yesterday's. Every other form of a card
    (`15分钟前`, `9月27日`) is an estimate and gives None.
    """
    # The section's name may stand before it: `中国 · 09:12`.
    match = _CARD_CLOCK.fullmatch(_plain(text).rpartition("·")[2].strip())
    if not match or int(match[1]) > 23 or int(match[2]) > 59:
        return None
    local = seen.astimezone(SINGAPORE)
    moment = local.replace(hour=int(match[1]), minute=int(match[2]), second=0, microsecond=0)
    return moment if moment <= local else moment - timedelta(days=1)


def eight_hours_apart(one: datetime, other: datetime) -> bool:
    """Whether one of two times lost its zone. Seconds are ignored: a visible clock has none."""
    if not _NEARLY_EIGHT < abs(one - other) < _OVER_EIGHT:
        return False
    minutes = abs(int(one.timestamp() // 60) - int(other.timestamp() // 60))
    return minutes == 8 * 60


def is_off_day(moment: datetime, day: date) -> bool:
    """Whether a moment lies more than two days from a day in Singapore.

    A story's address has the day on which it was made. A time of publication
    further off is not taken.
    """
    return abs(moment.astimezone(SINGAPORE).date() - day) > _DAYS_OFF


def _plain(text: str) -> str:
    """NFKC (full-width digits and colons), white space collapsed."""
    text = unicodedata.normalize("NFKC", text[: LONGEST * 2]).replace("−", "-")
    return _BLANKS.sub(" ", text).strip()[:LONGEST]


def _from_iso(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.year in _YEARS else None


def _from_epoch(number: float) -> datetime | None:
    try:
        seconds = number / 1000 if number >= 1e11 else float(number)
        moment = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None
    return moment if moment.year in _YEARS else None


def _from_parts(parts: dict[str, str | None]) -> datetime | None:
    """None for an impossible time, and for one in a zone whose offset no letters tell for sure."""
    if parts.get("other"):
        return None
    meridiem = parts.get("meridiem") or parts.get("before") or ""
    hour = _hour(int(parts["hour"] or 0), parts.get("half") or "", meridiem)
    name = (parts.get("name") or "").lower()
    fraction = (parts.get("fraction") or "0").ljust(6, "0")[:6]
    try:
        moment = datetime(
            int(parts["year"] or 0),
            _MONTHS.index(name) + 1 if name else int(parts["month"] or 0),
            int(parts["day"] or 0),
            hour,
            int(parts.get("minute") or parts.get("minutes") or 0),
            int(parts.get("second") or parts.get("seconds") or 0),
            int(fraction),
            _zone(parts.get("zone")),
        )
    except ValueError:
        return None
    return moment if moment.year in _YEARS else None


def _hour(hour: int, half: str, meridiem: str) -> int:
    """The hour of 24; one that is above 12 already stays."""
    if meridiem[:1] in ("P", "p") or half in _AFTERNOON:
        return hour + 12 if hour < 12 else hour
    if half == "中午":
        return hour + 12 if hour < 4 else hour
    if half in _NIGHT:
        return hour + 12 if 5 < hour < 12 else 0 if hour == 12 else hour
    return 0 if hour == 12 and (meridiem or half) else hour


def _zone(text: str | None) -> timezone:
    if not text or text.upper() in _EIGHT:
        return SINGAPORE
    match = _OFFSET.search(text)
    if not match:
        return UTC
    offset = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    return timezone(offset if match[1] == "+" else -offset)


def now() -> datetime:
    """The clock of all that is stored about stories: UTC, whole milliseconds."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
