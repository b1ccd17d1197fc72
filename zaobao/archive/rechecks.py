"""What one more reading of a story means for what the archive has of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zaobao import posts, text
from zaobao.archive.record import STRANGE, Record, late
from zaobao.items import PROVISIONAL

if TYPE_CHECKING:
    from zaobao.archive.folder import Archive
    from zaobao.items import Article

LEAST_SHARE = 0.5
"""A re-check with less of the former text than this, and no time of change, is no edit."""


def is_unchanged(known: Record, item: Article) -> bool:
    """Whether the words are the archive's, and the page adds nothing to them."""
    is_same = known.digest == item.digest or known.digest is None
    return is_same and not _says_more(known, item)


def why_lesser(archive: Archive, known: Record, item: Article) -> str | None:
    """Why the reading yields less than the archive has; None for an edit."""
    if (known.reason or "").startswith(STRANGE) and item.access == "free":
        return None
    if known.access == "free" and item.access != "free":
        return f"it is {item.access}: {item.access_reason}"
    data = archive.read_post(known.file or "")
    return why_shorter(posts.read(data).text if data else "", item)


def why_shorter(former: str, item: Article) -> str | None:
    """Why the text is too short to be an edit of the former one; None where it is not."""
    before, after = text.count(former), text.count(item.text)
    if item.updated is None and after < LEAST_SHARE * before:
        return (
            f"{text.counted(after, 'character')} where there were {before}, and no time of change"
        )
    return None


def next_revision(item: Article, known: Record) -> Article:
    """The next revision of a story, under its first id, address and file."""
    item.id, item.url, item.post = known.id, known.url, known.file
    item.revision = (known.revision or PROVISIONAL) + 1
    return item


def _says_more(known: Record, item: Article) -> bool:
    """Whether the page adds something: a time, or that the text is whole.

    For a suspect story also: that the text is cut.
    """
    if known.digest is None:
        return False
    is_timed = known.published is None and item.published is not None
    if known.reason:  # suspect, and the words are the same
        says_cut = item.access not in ("free", known.access)
        return says_cut or (is_timed and known.reason != late(item.published_raw or ""))
    return is_timed or (known.access not in (None, "free") and item.access == "free")
