"""Write first, remember last: the line, the post, then the row in the state."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from zaobao import plausibility
from zaobao.archive import store
from zaobao.archive.record import Record
from zaobao.archive.repeats import Blocks
from zaobao.exporters import JekyllPostExporter, line
from zaobao.items import PROVISIONAL
from zaobao.monitoring import tally
from zaobao.options import Options

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from zaobao.items import Article, Extraction

logger = logging.getLogger(__name__)


class Export:
    """Write the JSON line, then the post; each is durable when its call returns."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.store = store.of(crawler)
        self.exporter = JekyllPostExporter(Options.from_settings(crawler.settings))

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_item(self, item: Article) -> Article:
        archive = self.store.archive
        with self.store.writing():
            if item.post is None:
                item.post = "_posts/" + self.exporter.file_name(item, self._is_taken)
            # Both before the first byte is written: one that cannot be made leaves no trace.
            new_line, post = line(item), self.exporter.post(item)
            if item.revision > PROVISIONAL and (before := archive.read_post(item.post)):
                archive.write_revision(item.id, item.revision - 1, before)
            archive.append(new_line)
            archive.write_post(item.post.removeprefix("_posts/"), post)
        return item

    def _is_taken(self, name: str) -> bool:
        """Whether another story has this name or its URL, or something unknown stands there."""
        file = f"_posts/{name}"
        return self.store.state.owner(file) is not None or self.store.archive.has_post(file)


class Remember:
    """Make the story known, last of all; count it."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.store = store.of(crawler)
        self.blocks, self.start = Blocks(), self.store.archive.length

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_item(self, item: Article) -> Article:
        number = item.id.partition("-")[2]
        read = self.store.extraction(item)
        state = self.store.state
        was = state.get(number)
        known = was or Record(number, item.id, item.url)
        is_new = known.status != "written"
        known = replace(
            known,
            id=item.id,
            url=item.url,
            file=item.post,
            digest=item.digest,
            etag=read.etag,
            last_modified=read.last_modified,
            published=item.published,
            access=item.access,
            revision=item.revision,
            layout=item.layout,
            reason=None,
            due=None,
            first_seen=known.first_seen or datetime.now(UTC),
            last_checked=item.crawled,
            missing_since=None,
            gone=None,
        )
        with self.store.writing():
            state.remember(known, length=self.store.archive.length)
        if item.layout != "generic":
            self._release(item, was)
        self._count(read, is_new=is_new)
        self.crawler.spider.may_write()  # type: ignore[union-attr]
        return item

    def close_spider(self) -> None:
        lines = self.store.archive.folder / "articles.jsonl"
        for words, count in self.blocks.common(lines, self.start).items():
            self.crawler.stats.set_value(f"zaobao/repeated/{words}", count)

    def _release(self, item: Article, was: Record | None) -> None:
        """The page of a story that could not be read before is not needed any more."""
        if was and (was.status == "quarantined" or was.layout == "generic"):
            for name in {item.id, was.id}:
                self.store.archive.release(name)

    def _count(self, read: Extraction, *, is_new: bool) -> None:
        item = read.article
        tally.count(self.crawler.stats, read, is_new=is_new)
        if read.unprinted:
            self.crawler.spider.unprinted.add(item.id)  # type: ignore[union-attr]
        if plausibility.is_described(item.text, read.description):
            self.crawler.spider.described.add(item.id)  # type: ignore[union-attr]
        if plausibility.begins(item.text, read.description):
            self.crawler.stats.inc_value(f"zaobao/begun/{item.layout}")
        if read.begins_outside:
            self.crawler.spider.beginless.add(item.id)  # type: ignore[union-attr]
        self.blocks.add(item.text)
        how = "written" if is_new else f"edited, revision {item.revision},"
        if read.kept:
            how = "rewritten from its kept page"
        logger.info(
            "%s %s as %s (%s, published by %s, %s)",
            item.id,
            how,
            item.post,
            item.layout,
            item.published_from,
            item.access,
        )
