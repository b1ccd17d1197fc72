"""Every way in which a page, a story or a run fails, on one screen.

Refused requests and answers stand in `downloadermiddlewares.refusals`.

Each error carries a `reason`, a short stable word that stands in state, stats
and reports, and a message that says what happened, to what, and what to do.
"""

from __future__ import annotations


class NoArticle(Exception):
    """A page gives no article; `zaobao.extract` raises nothing else. `reason`: a stable word."""

    reason: str = "unreadable"


class UnfitError(NoArticle, ValueError):
    """The bytes of an answer that is no readable page: `cut`, `charset`, `not_html`, …"""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class UnreadablePage(NoArticle):
    """A whole page that gives no story; it is kept in quarantine with the reason."""


class UnknownLayout(UnreadablePage):
    """No layout, or more than one, claims the page."""

    reason = "unknown_layout"


class BodyMissing(UnreadablePage):
    """A layout claims the page, but the story's text is not where it should be."""

    reason = "body_missing"


class NoFallback(UnreadablePage):
    """The generic fallback gives no post: nothing rather than what may be wrong."""

    reason = "no_fallback"


class TitleMissing(UnreadablePage):
    """Nowhere on the page is a headline."""

    reason = "title_missing"


class OrderHidden(UnreadablePage):
    """The paragraphs may stand in another order than they are to be read in."""

    reason = "order_unknown"


class OtherStory(UnreadablePage):
    """The page under this address says that it is another story."""

    reason = "other_story"


class NotAStory(NoArticle):
    """A story that must not be published as it is; it is kept in quarantine with the reason."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class SameText(NotAStory):
    """A story whose text another one has under another headline.

    other: the number of that story. is_other_suspect: False where that story's page, and not
    this one's, describes the text as its own.
    """

    def __init__(self, message: str, other: str, *, is_other_suspect: bool) -> None:
        super().__init__("same_text", message)
        self.other, self.is_other_suspect = other, is_other_suspect


class BadPost(NotAStory, ValueError):
    """A finished post that is not of the form that every post has; it is not written."""

    def __init__(self, message: str) -> None:
        super().__init__("self_check", message)


class ArchiveError(OSError):
    """The output folder cannot be written or is held by another run; the run fails, exit 1."""


class SiteError(Exception):
    """The site cannot be built; what is published stays as it was, and the command exits 1."""


class PortError(Exception):
    """The built site cannot be served at a port of this machine; the command exits 1."""


class WorkersLost(ArchiveError):
    """The processes that read for a command cannot be reached; it fails, exit 1."""
