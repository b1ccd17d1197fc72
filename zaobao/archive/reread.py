"""Pages of the quarantine, read again when the layouts have changed.

A page stays in quarantine until a layout reads it. Its story is then written like any
other one, in its first file and without a request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zaobao import posts, reader, urls
from zaobao.archive.record import Record
from zaobao.errors import UnreadablePage
from zaobao.page import Page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zaobao.archive.folder import Archive
    from zaobao.items import Extraction


def readable(archive: Archive) -> Iterator[Extraction]:
    """The stories of the kept pages that a layout reads now, as a crawl at that time had them.

    A page whose story has been written by a layout since then is removed.
    """
    for name in archive.quarantine.sizes():
        kept = archive.quarantine.get(name)
        story = urls.story(str(kept[1].get("url"))) if kept else None
        if kept is None or story is None:
            continue
        record = archive.state.get(story.number) or Record(story.number, name, story.canonical)
        if archive.exclusions.rule_for(record) is not None:
            continue
        extraction = _read(*kept, story)
        if extraction is None:
            continue
        if record.status == "written" and record.layout != "generic":
            archive.quarantine.release(name)
            continue
        yield extraction


def _read(data: bytes, notes: dict[str, Any], story: urls.StoryUrl) -> Extraction | None:
    crawled, listed = posts.moment(notes.get("crawled")), posts.moment(notes.get("list_time"))
    if crawled is None:
        return None
    try:
        extraction = reader.read(Page(str(notes["url"]), data), story, crawled, listed)
    except UnreadablePage:
        return None
    extraction.kept = True
    extraction.etag, extraction.last_modified = notes.get("etag"), notes.get("last_modified")
    return extraction
