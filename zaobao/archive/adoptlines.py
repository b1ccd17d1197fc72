"""What an adopted post says of its story: its row in the state, and its line."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from zaobao import times

if TYPE_CHECKING:
    from zaobao.archive.folder import Archive
    from zaobao.archive.record import Record
    from zaobao.posts import Post


def next_text(archive: Archive, known: Record, post: Post, file: str, legacy_times: bool) -> Record:
    """The story with one more text: the first post stays its file."""
    published, _ = post.published(legacy_times=legacy_times)
    before = known.revision or 0
    while archive.read_revision(known.id, before + 1) is not None:
        before += 1
    return replace(
        known,
        file=known.file or file,
        digest=None,
        published=published,
        access=post.front.get("access"),
        revision=before + 1,
        layout="generic" if post.front.get("layout_seen") == "generic" else "adopted",
        first_seen=known.first_seen or published or post.date or datetime.now(UTC),
        gone=post.moment("gone"),
    )


def line(post: Post, known: Record, file: str, legacy_times: bool) -> dict[str, Any]:
    """What the post says, as a line; what it does not say is None, or an empty list."""
    published, rung = post.published(legacy_times=legacy_times)
    return {
        "id": post.story.id,
        "url": post.story.canonical,
        "fetched_url": None,
        "section": post.story.section,
        "edition": post.front.get("edition"),
        "layout": "adopted",
        "title": post.title,
        "published": times.iso(published),
        "published_raw": None,
        "published_from": rung,
        "updated": times.iso(post.moment("updated")),
        "crawled": times.iso(post.crawled),
        "authors": post.authors,
        "tags": post.keywords,
        "language": "zh-Hans",
        "images": [],
        "body_html": post.body,
        "text": post.text,
        "access": post.front.get("access"),
        "access_reason": None,
        "removed": [],
        "digest": None,
        "revision": known.revision,
        "post": file,
    }
