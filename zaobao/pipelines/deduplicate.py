"""One post per story: what a re-check of a known story is worth."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Self

from scrapy.exceptions import DropItem

from zaobao import runs, text
from zaobao.archive import gone, store
from zaobao.archive.record import STRANGE, late
from zaobao.items import PROVISIONAL
from zaobao.monitoring import tally
from zaobao.posts import read as read_post

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from zaobao.archive.record import Record
    from zaobao.items import Article
    from zaobao.spiders.base import StorySpider

LEAST_SHARE = 0.5
"""A re-check with less of the former text than this, and no time of change, is no edit."""


class Unchanged(DropItem):
    """A re-check found what the archive has."""

    row = "known"


class Lesser(DropItem):
    """A re-check yields less than the archive has; the post stays."""

    row = "known"


class Deduplicate:
    """One post per story: an unchanged or lesser re-check ends here, an edit gets its revision."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.store = store.of(crawler)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_item(self, item: Article) -> Article:
        number = item.id.partition("-")[2]
        known = self.store.state.get(number)
        if known is None or known.status != "written":
            self._check_bounds(item)
            # One that has a file was written, and its post is no longer there.
            return _next(item, known) if known and known.file else item
        if "generic" in (known.layout, item.layout) and known.layout != item.layout:
            return self._by_layout(known, item)
        read = self.store.extraction(item)
        validators = {"etag": read.etag, "last_modified": read.last_modified}
        is_same = known.digest == item.digest or known.digest is None
        if is_same and not _says_more(known, item):
            self._unchanged(known, item, validators)
        if why := self._lesser(known, item):
            gone.unmark(self.store, known)
            self.store.state.checked(number, item.crawled, **validators)
            runs.degrade(
                self.crawler.stats, f"{item.id}: the page gives less than the archive ({why})"
            )
            raise Lesser(f"{item.id}: {why}; the post stays as it is")
        return _next(item, known)

    def _by_layout(self, known: Record, item: Article) -> Article:
        """A layout's reading takes the place of a generic one, never the other way round."""
        if item.layout == "generic":
            raise Lesser(f"{item.id}: no layout reads its page any more; the post stays as it is")
        return _next(item, known)

    def _check_bounds(self, item: Article) -> None:
        spider: StorySpider = self.crawler.spider  # type: ignore[assignment]
        if spider.may_write() is False:
            raise DropItem(f"{item.id}: a bound of this run is reached; the story stays due")

    def _unchanged(self, known: Record, item: Article, validators: dict[str, str | None]) -> None:
        known = gone.unmark(self.store, known)
        if known.digest is None:
            known = replace(known, digest=item.digest, last_checked=item.crawled)
            self.store.state.remember(known, length=None)
        tally.count_same(self.crawler.stats, self.store.extraction(item))
        if known.reason:
            spider: StorySpider = self.crawler.spider  # type: ignore[assignment]
            spider.unchanged.setdefault(item.layout, set()).add(known.number)
        self.store.state.checked(known.number, item.crawled, **validators)
        raise Unchanged(f"{item.id}: unchanged")

    def _lesser(self, known: Record, item: Article) -> str | None:
        if (known.reason or "").startswith(STRANGE) and item.access == "free":
            return None
        if known.access == "free" and item.access != "free":
            return f"it is {item.access}: {item.access_reason}"
        data = self.store.archive.read_post(known.file or "")
        before = text.count(read_post(data).text) if data else 0
        after = text.count(item.text)
        if item.updated is None and after < LEAST_SHARE * before:
            return f"{after} characters where there were {before}, and no time of change"
        return None


def _says_more(known: Record, item: Article) -> bool:
    """Whether the page tells what it did not tell before: its time, or that the text is whole."""
    if known.digest is None:
        return False
    is_timed = known.published is None and item.published is not None
    if known.reason:  # in doubt, and the words are the same
        return is_timed and known.reason != late(item.published_raw or "")
    return is_timed or (known.access not in (None, "free") and item.access == "free")


def _next(item: Article, known: Record) -> Article:
    """The next revision of a story, under its first id, address and file."""
    item.id, item.url, item.post = known.id, known.url, known.file
    item.revision = (known.revision or PROVISIONAL) + 1
    return item
