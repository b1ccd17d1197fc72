"""What an answer asks for beside its page: to wait, or to show that one is human. Pure."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from time import time
from typing import TYPE_CHECKING

from zaobao.decoding import UnfitError, unpack
from zaobao.downloadermiddlewares.blockpages import block_page

if TYPE_CHECKING:
    from scrapy.http import Response

CHALLENGE = "challenge"

# Statuses of Cloudflare's and AWS's challenges, and the headers that mark them.
_STATUSES = frozenset({403, 405, 429, 503})
_MITIGATED = (b"cf-mitigated", b"x-amzn-waf-action")
_SECONDS = re.compile(r"\d{1,18}", re.A)


def is_challenge(response: Response, kind: str, limit: int) -> bool:
    """Whether an answer is a challenge by its headers, or an error with such a page.

    kind: as for `block_page`. limit: bytes of the unpacked page. Pages that answer 200
    are looked at when they are read.
    """
    headers = response.headers
    if any(name in headers for name in _MITIGATED):
        return True
    if response.status not in _STATUSES:
        return False
    codings = b",".join(headers.getlist(b"Content-Encoding")).decode("latin-1").lower()
    try:
        body = unpack(response.body, map(str.strip, codings.split(",")), limit)
    except UnfitError:
        return False
    return block_page(body, kind) == CHALLENGE


def retry_after(value: str, date: str = "", now: float | None = None) -> float | None:
    """Seconds that a Retry-After header asks to wait; None when it asks nothing sensible.

    A date counts from the answer's own `Date` where it has one, so that a wrong
    clock on either side does no harm. Zero and the past are no wait.
    """
    value = value.strip()
    if _SECONDS.fullmatch(value):
        return float(value) or None
    if value.isascii() and value.isdigit():
        return float("inf")
    until, since = _instant(value), _instant(date)
    if until is None:
        return None
    wait = until - (since if since is not None else time() if now is None else now)
    return wait if wait > 0 else None


def _instant(date: str) -> float | None:
    try:
        return parsedate_to_datetime(date).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
