"""What becomes of a story after it was read: every stage, in run order.

The line and the post are durable before the story counts as known, so a crash
may repeat a group of stories and never loses one.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn, Self

from scrapy.exceptions import DropItem, NotConfigured
from scrapy.utils.asyncio import call_later
from twisted.python.failure import Failure

from zaobao import signals, times, verdict
from zaobao.archive.exclusions import BECAUSE
from zaobao.archive.folder import POSTS
from zaobao.archive.group import MOST
from zaobao.archive.raw import Raw
from zaobao.archive.rechecks import is_unchanged, next_revision, why_lesser
from zaobao.archive.record import Record
from zaobao.archive.removed import unmark_removed
from zaobao.archive.repeats import Texts
from zaobao.errors import ArchiveError, BadPost, NotAStory, SameText
from zaobao.exporters import JekyllPostExporter, line
from zaobao.extensions import CrawlRun
from zaobao.items import PROVISIONAL
from zaobao.options import Options
from zaobao.urls import StoryUrl

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from zaobao.archive.folder import Archive
    from zaobao.archive.group import Done
    from zaobao.items import Article, Extraction

logger = logging.getLogger(__name__)

SOON = 2.0
"""Seconds that a story waits at most for others, to be kept together with them."""


class Excluded(DropItem):
    """exclude.txt leaves the story out."""

    row = "excluded"


class NotPublished(DropItem):
    """A story that must not be published as it is; `error` says why."""

    def __init__(self, error: NotAStory) -> None:
        super().__init__(str(error))
        self.error = error


class Outside(DropItem):
    """Published outside the days that the user asked for."""

    row = "outside"


class Unchanged(DropItem):
    """A re-check found what the archive has."""

    row = "known"


class Lesser(DropItem):
    """A re-check yields less than the archive has; the post stays."""

    row = "known"


class NotKept(DropItem):
    """The archive could not be written, as an earlier item was told."""


class Stage:
    """A stage of the pipeline, with the run's archive; none where nothing is written."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.run = CrawlRun.of(crawler)
        self.extractions = self.run.extractions

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    @property
    def archive(self) -> Archive:
        return self.run.open()

    def tell(self, signal: object, **facts: Any) -> None:
        """Send a signal; a receiver that fails degrades the run, and stops no story."""
        for _, result in self.crawler.signals.send_catch_log(signal, **facts):
            if isinstance(result, Failure):
                self.crawler.stats.inc_value("zaobao/callback_errors")


class Exclude(Stage):
    """Drop what exclude.txt leaves out: a headline may be known only now."""

    def process_item(self, item: Article) -> Article:
        rule = self.archive.exclusions.rule(item.number, (item.url,), item.title)
        if rule is None:
            return item
        self.archive.state.fail(item.number, BECAUSE + rule, item.crawled, final=True)
        raise Excluded(f"{item.id}: left out by {rule} in exclude.txt")


class Validate(Stage):
    """Refuse the text of another story, and a story of a day that was not asked for.

    What rules took out of it is counted here, too.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.texts = Texts(self.run.options.output / "articles.jsonl")

    def process_item(self, item: Article) -> Article:
        for removed in item.removed:
            self.crawler.stats.inc_value(f"zaobao/removed/{removed.rule}")
        read = self.extractions.of(item)
        try:
            self.texts.check(item, read.description)
        except SameText as error:
            self.tell(
                signals.text_repeated,
                extraction=read,
                other=error.other,
                is_other_suspect=error.is_other_suspect,
            )
            raise NotPublished(error) from None
        published = item.published
        day = (
            published.astimezone(times.SINGAPORE).date() if published else StoryUrl.of(item.url).day
        )
        if not self.run.spider.asks_for(day):
            self.archive.state.outside(item.number, item.published, item.crawled)
            raise Outside(f"{item.id}: published {day}, outside the asked days")
        return item


class Deduplicate(Stage):
    """One post per story: an unchanged or lesser re-check ends here, an edit gets its revision."""

    def process_item(self, item: Article) -> Article:
        known = self.archive.state.get(item.number)
        if known is None or known.status != "written":
            self._check_bounds(item)
            # One that has a file was written, and its post is no longer there.
            return next_revision(item, known) if known and known.file else item
        if "generic" in (known.layout, item.layout) and known.layout != item.layout:
            return self._by_layout(known, item)
        read = self.extractions.of(item)
        validators = {"etag": read.etag, "last_modified": read.last_modified}
        if is_unchanged(known, item):
            self._unchanged(known, item, validators)
        if why := why_lesser(self.archive, known, item):
            unmark_removed(self.archive, known)
            self.archive.state.checked(item.number, item.crawled, **validators)
            verdict.degrade(
                self.crawler.stats, f"{item.id}: the page gives less than the archive ({why})"
            )
            raise Lesser(f"{item.id}: {why}; the post stays as it is")
        return next_revision(item, known)

    def _by_layout(self, known: Record, item: Article) -> Article:
        """A layout's reading takes the place of a generic one, never the other way round."""
        if item.layout == "generic":
            raise Lesser(f"{item.id}: no layout reads its page any more; the post stays as it is")
        return next_revision(item, known)

    def _check_bounds(self, item: Article) -> None:
        if self.run.stop_at_bound():
            raise DropItem(f"{item.id}: a bound of this run is reached; the story stays due")

    def _unchanged(
        self, known: Record, item: Article, validators: dict[str, str | None]
    ) -> NoReturn:
        """Note a re-check that found nothing else; it ends here with Unchanged."""
        known = unmark_removed(self.archive, known)
        if known.digest is None:
            known = replace(known, digest=item.digest, last_checked=item.crawled)
            self.archive.state.remember(known)
        extraction = self.extractions.of(item)
        self.tell(signals.story_unchanged, extraction=extraction, is_suspect=bool(known.reason))
        self.archive.state.checked(known.number, item.crawled, **validators)
        raise Unchanged(f"{item.id}: unchanged")


class KeepRaw(Stage):
    """Keep the page of every story that is about to be written, before its line."""

    def __init__(self, crawler: Crawler) -> None:
        options = Options.from_settings(crawler.settings)
        if not options.raw:
            raise NotConfigured
        super().__init__(crawler)
        self.raw = Raw(options.output)

    def close_spider(self) -> None:
        self.raw.close()

    def process_item(self, item: Article) -> Article:
        read = self.extractions.of(item)
        self.raw.add(item.id, item.crawled, read.listed, read.pages)
        return item


class Keep(Stage):
    """Write the JSON line and the post, then make the story known: a group of stories at a time.

    An item leaves this stage when its story is durable and known. Until then it is
    not counted, not announced, and in no feed.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.exporter = JekyllPostExporter(self.run.options)
        self._closes_soon = False
        self._has_failed = False

    async def process_item(self, item: Article) -> Article:
        read, was = self.extractions.of(item), self.archive.state.get(item.number)
        kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        try:
            with self.archive.writing():
                self._add(item, read, was, partial(self._done, item, read, was, kept))
        except ArchiveError as error:
            raise self._failure(item, error) from None
        self.run.waiting += _is_new(was)
        read.further = None  # with it goes the page's tree, which would wait too
        self._close_in_time(read)
        await kept
        return item

    def _add(self, item: Article, read: Extraction, was: Record | None, done: Done) -> None:
        archive = self.archive
        before = archive.read_post(item.post) if item.post and item.revision > PROVISIONAL else None
        if item.post is None:
            item.post = f"{POSTS}/{self.exporter.file_name(item, archive.is_taken)}"
        # Both before the first byte is written: one that cannot be made leaves no trace.
        try:
            new_line, post = line(item), self.exporter.post(item)
        except BadPost as error:
            raise NotPublished(error) from None
        if before:
            archive.write_revision(item.id, item.revision - 1, before)
        archive.group.add(_record(item, read, was), new_line, {item.post: post}, done=done)

    def _close_in_time(self, read: Extraction) -> None:
        """Close the group where it is full or no other story is on its way, else soon."""
        count = self.crawler.stats.get_value
        is_last = not read.kept and count("zaobao/asked", 0) == count("zaobao/answered", 0)
        if len(self.archive.group) >= MOST or is_last or self.run.stop_at_bound():
            call_later(0, self._close)  # once this item waits, too: items are scraped in turn
        elif not self._closes_soon:
            self._closes_soon = True
            call_later(SOON, self._close)

    def _close(self) -> None:
        self._closes_soon = False
        with suppress(ArchiveError):  # each item of the group is told
            self.archive.close_group()

    def _done(
        self,
        item: Article,
        read: Extraction,
        was: Record | None,
        kept: asyncio.Future[None],
        error: ArchiveError | None,
    ) -> None:
        """The story is durable and known, or it failed with its group."""
        self.run.waiting -= _is_new(was)
        try:
            if error is not None:
                raise self._failure(item, error)
            if item.layout != "generic":
                self._release(item, was)
        except (ArchiveError, NotKept) as failure:
            if not kept.done():  # a second signal cancels what waits
                kept.set_exception(failure)
            return
        self._say(item, read, is_new=_is_new(was))
        if not kept.done():
            kept.set_result(None)

    def _failure(self, item: Article, error: ArchiveError) -> ArchiveError | NotKept:
        """What an item is told: the error, but once; its sentence is about the run."""
        if self._has_failed:
            return NotKept(f"{item.id}: not kept, since nothing more is written; it stays due")
        self._has_failed = True
        return error

    def _release(self, item: Article, was: Record | None) -> None:
        """The page of a story that could not be read before is not needed any more."""
        if was and (was.status == "quarantined" or was.layout == "generic"):
            for name in {item.id, was.id}:
                self.archive.quarantine.release(name)

    def _say(self, item: Article, read: Extraction, *, is_new: bool) -> None:
        how, counted = "written", "new"
        if not is_new:
            how, counted = f"edited, revision {item.revision},", "edited"
        if read.kept:
            how, counted = "rewritten from its kept page", "new" if is_new else ""
            self.crawler.stats.inc_value("zaobao/rewritten")
        if counted:
            self.crawler.stats.inc_value(f"zaobao/{counted}")
        logger.info(
            "%s %s as %s (%s, published by %s, %s)",
            item.id,
            how,
            item.post,
            item.layout,
            item.published_from,
            item.access,
        )
        self.tell(signals.story_written, extraction=read)


def _is_new(was: Record | None) -> bool:
    return was is None or was.status != "written"


def _record(item: Article, read: Extraction, was: Record | None) -> Record:
    """The story as it is known once its line and post are durable."""
    known = was or Record(item.number, item.id, item.url)
    return replace(
        known.with_article(item),
        etag=read.etag,
        last_modified=read.last_modified,
        missing_since=None,
        gone=None,
    )
