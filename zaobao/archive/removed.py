"""The mark of a story that the site has removed: `gone:` in the front matter of its post.

The mark is set and taken away in the post's own lines. So a post that another
program wrote keeps every other byte, and a story that comes back has the post
that it had before.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from zaobao import posts
from zaobao.exporters import with_gone, without_gone

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from zaobao.archive.folder import Archive
    from zaobao.archive.record import Record

logger = logging.getLogger(__name__)


def mark_removed(archive: Archive, record: Record, moment: datetime) -> None:
    """Mark the story's first post as removed upstream, then store that."""
    data = archive.read_post(record.file or "")
    if data is not None and posts.gone(data) is None:
        _write(archive, record, data, lambda post: with_gone(post, moment))
    archive.state.remember(replace(record, gone=moment))


def unmark_removed(archive: Archive, record: Record) -> Record:
    """Take the mark away from a story that was found again; the story as it is known then.

    A run that died between post and state has left a mark that the state does
    not know; only a story that was missing before can have one.
    """
    if record.gone is None and record.missing_since is None:
        return record
    data = archive.read_post(record.file or "")
    if data is not None and posts.gone(data) is not None:
        _write(archive, record, data, without_gone)
    record = replace(record, gone=None, missing_since=None)
    archive.state.remember(record)
    return record


def _write(archive: Archive, record: Record, post: bytes, change: Callable[[bytes], bytes]) -> None:
    assert record.file is not None
    try:
        changed = change(post)
    except ValueError as error:
        logger.warning("%s stays as it is: %s", record.file, error)
        return
    with archive.writing():
        archive.write_post(record.file, changed)
