"""Pages that gave no story: kept with what was tried, read again when the layouts have changed.

A page stays until a layout reads it. It is then written like any other story,
in its first file and without a request.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import TYPE_CHECKING, Any

from zaobao import reader, urls
from zaobao.archive.record import Record
from zaobao.errors import UnreadablePage
from zaobao.page import Page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zaobao.archive.folder import Archive
    from zaobao.archive.store import Store
    from zaobao.items import Extraction

logger = logging.getLogger(__name__)

MOST_BYTES = 100 * 1024 * 1024
"""Of kept pages; then the oldest go. At 100 KB a page it is a week of every section."""


class Quarantine:
    """The kept pages of an archive, bounded in size."""

    def __init__(self, archive: Archive, most: int = MOST_BYTES) -> None:
        self._archive = archive
        self._most = most
        self._pages: dict[str, int] | None = None

    def keep(
        self, known: Record, page: Page, crawled: datetime, error: Exception, **details: Any
    ) -> int:
        """Keep a story's page with the error's `reason` and what each layout's probe says of it.

        How many older pages had to go; their notes stay and say so.
        """
        notes = {
            "message": str(error),
            "crawled": crawled.isoformat(timespec="milliseconds"),
            "list_time": known.list_time.isoformat() if known.list_time else None,
            "layouts": reader.said(page),
            **details,
        }
        reason = getattr(error, "reason", "unreadable")
        self._archive.quarantine(known.id, page.source, reason, page.url, notes)
        pages = self._sizes()
        pages.pop(known.id, None)
        pages[known.id] = len(page.source)
        return self._bound(pages)

    def _sizes(self) -> dict[str, int]:
        if self._pages is None:
            self._pages = self._archive.quarantine_sizes()
        return self._pages

    def _bound(self, pages: dict[str, int]) -> int:
        dropped, total = 0, sum(pages.values())
        for name in list(pages)[:-1]:
            if total <= self._most:
                break
            total -= pages.pop(name)
            self._archive.drop_quarantined(name)
            dropped += 1
        return dropped


def readable(store: Store) -> Iterator[Extraction]:
    """The stories of the kept pages that a layout reads now, as a crawl at that time had them.

    A page whose story has been written by a layout since then is removed.
    """
    for name in store.archive.quarantine_sizes():
        kept = store.archive.quarantined(name)
        story = urls.story(str(kept[1].get("url"))) if kept else None
        if kept is None or story is None:
            continue
        known = store.state.get(story.number) or Record(story.number, name, story.canonical)
        if store.exclude.rule_for(known) is not None:
            continue
        extraction = _read(*kept, story)
        if extraction is None:
            continue
        if known.status == "written" and known.layout != "generic":
            store.archive.release(name)
            continue
        yield extraction


def _read(data: bytes, notes: dict[str, Any], story: urls.StoryUrl) -> Extraction | None:
    crawled, listed = _moment(notes.get("crawled")), _moment(notes.get("list_time"))
    if crawled is None:
        return None
    try:
        extraction = reader.read(Page(str(notes["url"]), data), story, crawled, listed)
    except UnreadablePage:
        return None
    extraction.kept = True
    extraction.etag, extraction.last_modified = notes.get("etag"), notes.get("last_modified")
    return extraction


def _moment(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment if moment.tzinfo else None
