"""The mark of a story that the site has removed: `gone:` in the front matter of its post.

The mark is set and taken away in the post's own lines. So a post that another
program wrote keeps every other byte, and a story that comes back has the post
that it had before.
"""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from zaobao import posts
from zaobao.archive.folder import POSTS
from zaobao.exporters import stamp

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from zaobao.archive.known import Known
    from zaobao.archive.store import Store

logger = logging.getLogger(__name__)

# What stands after `gone:` in a post (contract 3.1). `access: free` is there
# only when ZAOBAO_FRONT_MATTER asks for it; any other access stands before.
_AFTER = re.compile(rb"---|(?:date_from|layout_seen|authors|story|edition|image):|access: free\s*$")
_MARK = re.compile(rb"gone:[ \t]")


def marked(post: bytes, moment: datetime) -> bytes:
    """The post with `gone:` in its front matter; ValueError when it has no front matter."""
    start, end = _front(lines := unmarked(post).splitlines(keepends=True))
    place = next(n for n in range(start, end + 1) if _AFTER.match(lines[n]))
    ending = lines[end][len(lines[end].rstrip(b"\r\n")) :] or b"\n"
    mark = f"gone: {stamp(moment)}".encode()
    return b"".join([*lines[:place], mark + ending, *lines[place:]])


def unmarked(post: bytes) -> bytes:
    """The post without `gone:`; ValueError when it has no front matter."""
    start, end = _front(lines := post.splitlines(keepends=True))
    kept = (line for line in lines[start:end] if not _MARK.match(line))
    return b"".join([*lines[:start], *kept, *lines[end:]])


def _front(lines: list[bytes]) -> tuple[int, int]:
    """The front matter's first line and the one that closes it."""
    if not lines or lines[0].removeprefix(b"\xef\xbb\xbf").rstrip() != b"---":
        raise ValueError("the post has no front matter")
    for number, line in enumerate(lines[1:], 1):
        if line.rstrip() == b"---":
            return 1, number
    raise ValueError("the front matter has no end")


def mark(store: Store, known: Known, moment: datetime) -> None:
    """Say in the story's first post that it is gone, then remember it."""
    data = store.archive.read_post(known.file or "")
    if data is not None and posts.gone(data) is None:
        _write(store, known, data, lambda post: marked(post, moment))
    store.state.remember(replace(known, gone=moment), length=None)


def unmark(store: Store, known: Known) -> Known:
    """Take the mark away from a story that was found again; the story as it is then known.

    A run that died between post and state has left a mark that the state does
    not know; only a story that was missing before can have one.
    """
    if known.gone is None and known.missing_since is None:
        return known
    data = store.archive.read_post(known.file or "")
    if data is not None and posts.gone(data) is not None:
        _write(store, known, data, unmarked)
    known = replace(known, gone=None, missing_since=None)
    store.state.remember(known, length=None)
    return known


def _write(store: Store, known: Known, post: bytes, change: Callable[[bytes], bytes]) -> None:
    assert known.file is not None
    try:
        changed = change(post)
    except ValueError as error:
        logger.warning("%s stays as it is: %s", known.file, error)
        return
    with store.writing():
        store.archive.write_post(known.file.removeprefix(f"{POSTS}/"), changed)
