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
from zaobao.archive.folder import POSTS
from zaobao.exporters import with_gone, without_gone

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from zaobao.archive.record import Record
    from zaobao.archive.store import Store

logger = logging.getLogger(__name__)


def mark(store: Store, known: Record, moment: datetime) -> None:
    """Say in the story's first post that it is gone, then remember it."""
    data = store.archive.read_post(known.file or "")
    if data is not None and posts.gone(data) is None:
        _write(store, known, data, lambda post: with_gone(post, moment))
    store.state.remember(replace(known, gone=moment), length=None)


def unmark(store: Store, known: Record) -> Record:
    """Take the mark away from a story that was found again; the story as it is then known.

    A run that died between post and state has left a mark that the state does
    not know; only a story that was missing before can have one.
    """
    if known.gone is None and known.missing_since is None:
        return known
    data = store.archive.read_post(known.file or "")
    if data is not None and posts.gone(data) is not None:
        _write(store, known, data, without_gone)
    known = replace(known, gone=None, missing_since=None)
    store.state.remember(known, length=None)
    return known


def _write(store: Store, known: Record, post: bytes, change: Callable[[bytes], bytes]) -> None:
    assert known.file is not None
    try:
        changed = change(post)
    except ValueError as error:
        logger.warning("%s stays as it is: %s", known.file, error)
        return
    with store.writing():
        store.archive.write_post(known.file.removeprefix(f"{POSTS}/"), changed)
