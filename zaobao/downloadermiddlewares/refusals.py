"""Every way in which a request or its answer is refused, on one screen.

Each error carries a `reason`, a short stable word that stands in state, stats
and reports, and a message that says what happened, to what, and what to do.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from scrapy.exceptions import IgnoreRequest

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)


class Refused(IgnoreRequest):
    """A request or an answer that the downloader does not let through."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class OutOfBounds(Refused):
    """An address outside the asked origin and the paper's hosts."""


class Forbidden(Refused):
    """robots.txt forbids the address."""


class RobotsUnavailable(Refused):
    """The host's robots.txt could not be fetched, so nothing of the host is asked."""


class HostLeftAlone(Refused):
    """The host is not asked any more: 403, 451, a challenge or a long Retry-After."""


class Unreachable(Refused):
    """No whole answer after all retries: name, connection, time, size, cut transfer."""


class Interrupted(Refused):
    """The run was told to stop before the request was sent."""


class BadPage(Refused):
    """An answer that cannot be read: cut, too large, too deep, garbled or no HTML."""


def refuse(crawler: Crawler, error: Refused) -> Refused:
    """Count `error` under `zaobao/refused/<reason>`, log it, and return it to be raised."""
    assert crawler.stats
    crawler.stats.inc_value(f"zaobao/refused/{error.reason}")
    # A host that is left alone and the end of the run are logged once, as such.
    level = logging.DEBUG if isinstance(error, (HostLeftAlone, Interrupted)) else logging.INFO
    logger.log(level, "Refused (%s): %s", error.reason, error, extra={"spider": crawler.spider})
    return error
