"""The machine's clock, which the tests read here alone.

Crawls in child processes see the machine's clock, so the newspaper that they read is of the same
day. What a test expects of it is counted from the newspaper, not written down.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, time

from demo.newspaper import Newspaper
from zaobao.times import SINGAPORE


def now() -> datetime:
    """For what is compared with a time that a child process has just written."""
    return datetime.now(UTC)


# All processes of a session share the moment it began, for a day may end while it runs.
_BEGAN = datetime.fromisoformat(os.environ.setdefault("TESTS_BEGAN", now().isoformat()))
TODAY = datetime.combine(_BEGAN.astimezone(SINGAPORE), time(), SINGAPORE)
"""The first minute of this day in Singapore."""

GIVEN = {
    name: value
    for name, value in os.environ.items()
    if name in ("LD_PRELOAD", "PYTHONPATH", "TZ") or name.startswith("FAKETIME")
}
"""What a child process with an environment of its own needs to see the same clock."""


def fresh_paper(bulk: int = 0) -> Newspaper:
    """Today's newspaper as it was at midnight; `bulk`: how many generated stories it has."""
    return Newspaper(TODAY, bulk)
