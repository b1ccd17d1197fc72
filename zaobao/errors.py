"""Every way in which a page or a run is refused, on one screen.

Each error carries a `reason`, a short stable word that stands in state, stats
and reports, and a message that says what happened, to what, and what to do.
"""

from __future__ import annotations

from typing import ClassVar

from scrapy.exceptions import DropItem, IgnoreRequest


class Refused(IgnoreRequest):
    """A request or an answer that the downloader does not let through."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class OutOfBounds(Refused):
    """An address outside the asked origin and the paper's hosts."""


class Forbidden(Refused):
    """robots.txt forbids the address, or could not be had."""


class HostLeftAlone(Refused):
    """The host asked for a stop: 403, 451, a challenge, a long Retry-After."""


class Unreachable(Refused):
    """No whole answer came after all tries: name, connection, time, size, cut transfer."""


class Interrupted(Refused):
    """The run was told to stop before the request was sent."""


class BadPage(Refused):
    """An answer that is cut, too large, too deep, garbled or no HTML; never a story."""


class UnreadablePage(Exception):
    """A whole page that gives no story; it is kept in quarantine with the reason."""

    reason: ClassVar[str] = "unreadable"


class UnknownLayout(UnreadablePage):
    """No layout, or more than one, claims the page."""

    reason = "unknown_layout"


class BodyMissing(UnreadablePage):
    """A layout claims the page, but the story's text is not where it should be."""

    reason = "body_missing"


class TitleMissing(UnreadablePage):
    """No rung of the ladder gives a headline."""

    reason = "title_missing"


class OrderHidden(UnreadablePage):
    """The paragraphs may stand in another order than they are to be read in."""

    reason = "order_unknown"


class OtherStory(UnreadablePage):
    """The page under this address says that it is another story."""

    reason = "other_story"


class NotAStory(DropItem):
    """A story that must not be published as it is; it is kept in quarantine with the reason."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class BadPost(NotAStory, ValueError):
    """A finished post that is not of the form that every post has; it is not written."""

    def __init__(self, message: str) -> None:
        super().__init__("self_check", message)


class ArchiveError(OSError):
    """The output folder cannot be written or is held by another run; the run fails, exit 1."""
