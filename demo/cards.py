"""The entries of the lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from demo.story import SINGAPORE


@dataclass(frozen=True, slots=True)
class Card:
    """One entry of a list, as the reader sees it."""

    href: str
    title: str
    published: datetime
    number: str = ""
    image: str = ""


def when(moment: datetime, now: datetime, form: str) -> str:
    """The time on a card, for a paper whose clock shows `now` (site-facts 10)."""
    at, ago = moment.astimezone(SINGAPORE), now - moment
    if form == "bootstrap":
        return f"{at:%m-%d}"
    if timedelta(0) <= ago < timedelta(hours=1):
        return f"{int(ago.total_seconds() // 60)}分钟前"
    if form == "drupal":
        hours = int(ago.total_seconds() // 3600)
        return f"{hours}小时前" if 0 < hours < 24 else f"{at:%d/%m/%Y}"
    if at.date() == now.astimezone(SINGAPORE).date():
        return f"{at:%H:%M}"
    return f"{at:%m}月{at:%d}日" if form == "cards" else f"{at.month}月{at.day}日"
