"""What becomes of a story after it was read. File order is run order.

Exclude → Clean → Validate → Deduplicate → Export → Remember: the line and the post are
durable before the story counts as known, so a crash may repeat a story and
never loses one.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from scrapy.exceptions import DropItem

from zaobao import reading, runs, sense, text, times
from zaobao.archive import gone, store
from zaobao.archive.exclude import BECAUSE, number_of
from zaobao.archive.known import Known
from zaobao.archive.posts import read as read_post
from zaobao.exporters import JekyllPostExporter, line
from zaobao.monitoring import tally
from zaobao.options import Options
from zaobao.repeats import Texts
from zaobao.urls import StoryUrl

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from zaobao.items import Article
    from zaobao.spiders.base import StorySpider

logger = logging.getLogger(__name__)

LEAST_SHARE = 0.5
"""A re-check with less of the former text than this, and no time of change, is no edit."""


class Unchanged(DropItem):
    """A re-check found what the archive has."""


class Outside(DropItem):
    """Published outside the days that the user asked for."""


class Lesser(DropItem):
    """A re-check yields less than the archive has; the post stays."""


class Excluded(DropItem):
    """exclude.txt leaves the story out."""


class Exclude:
    """Drop what exclude.txt leaves out: a headline may be known only now."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.store = store.of(crawler)
        for problem in self.store.exclude.problems:
            runs.degrade(crawler.stats, problem)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_item(self, item: Article) -> Article:
        number = number_of(item.id) or ""
        rule = self.store.exclude.rule(number, (item.url,), item.title)
        if rule is None:
            return item
        spider: StorySpider = self.crawler.spider  # type: ignore[assignment]
        spider.leave_out(number, item.id, rule)
        self.store.state.fail(number, BECAUSE + rule, item.crawled, final=True)
        raise Excluded(f"{item.id}: left out by {rule} in exclude.txt")


class Clean:
    """The box becomes safe HTML; what was removed and what it says about access is recorded."""

    def __init__(self, crawler: Crawler) -> None:
        self.stats = crawler.stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_item(self, item: Article) -> Article:
        reading.clean(item)
        for removed in item.removed:
            self.stats.inc_value(f"zaobao/removed/{removed.rule}")
        return item


class Validate:
    """Refuse what must not be published as it is, and what was not asked for."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.texts = Texts(store.of(crawler).archive.folder / "articles.jsonl")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_item(self, item: Article) -> Article:
        sense.check(item)
        self.texts.check(item)
        spider: StorySpider = self.crawler.spider  # type: ignore[assignment]
        published = item.published
        day = (
            published.astimezone(times.SINGAPORE).date() if published else StoryUrl.of(item.url).day
        )
        if not spider.days.hold(day):
            number = item.id.partition("-")[2]
            store.of(self.crawler).state.outside(number, item.published, item.crawled)
            raise Outside(f"{item.id}: published {day}, outside the asked days")
        return item


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
            return item
        if "generic" in (known.layout, item.layout) and known.layout != item.layout:
            return self._by_layout(known, item)
        validators = {"etag": item.etag, "last_modified": item.last_modified}
        if known.digest == item.digest or known.digest is None:
            self._unchanged(known, item, validators)
        if why := self._lesser(known, item):
            gone.unmark(self.store, known)
            self.store.state.checked(number, item.crawled, **validators)
            runs.degrade(
                self.crawler.stats, f"{item.id}: the page gives less than the archive ({why})"
            )
            raise Lesser(f"{item.id}: {why}; the post stays as it is")
        return _next(item, known)

    def _by_layout(self, known: Known, item: Article) -> Article:
        """A layout's reading takes the place of a generic one, never the other way round."""
        if item.layout == "generic":
            raise Lesser(f"{item.id}: no layout reads its page any more; the post stays as it is")
        return _next(item, known)

    def _check_bounds(self, item: Article) -> None:
        spider: StorySpider = self.crawler.spider  # type: ignore[assignment]
        if spider.may_write() is False:
            raise DropItem(f"{item.id}: a bound of this run is reached; the story stays due")

    def _unchanged(self, known: Known, item: Article, validators: dict[str, str | None]) -> None:
        known = gone.unmark(self.store, known)
        if known.digest is None:
            known = replace(known, digest=item.digest, last_checked=item.crawled)
            self.store.state.remember(known, length=None)
        self.store.state.checked(known.number, item.crawled, **validators)
        raise Unchanged(f"{item.id}: unchanged")

    def _lesser(self, known: Known, item: Article) -> str | None:
        if known.access == "free" and item.access != "free":
            return f"it is {item.access}: {item.access_reason}"
        data = self.store.archive.read_post(known.file or "")
        before = text.count(read_post(data).text) if data else 0
        after = text.count(item.text)
        if item.updated is None and after < LEAST_SHARE * before:
            return f"{after} characters where there were {before}, and no time of change"
        return None


def _next(item: Article, known: Known) -> Article:
    """The next revision of a story, under its first id, address and file."""
    item.id, item.url, item.post = known.id, known.url, known.file
    item.revision = known.revision + 1
    return item


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
            if item.revision > 0 and (before := archive.read_post(item.post)):
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

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_item(self, item: Article) -> Article:
        number = item.id.partition("-")[2]
        state = self.store.state
        known = state.get(number) or Known(number, item.id, item.url)
        is_new = known.status != "written"
        known = replace(
            known,
            id=item.id,
            url=item.url,
            file=item.post,
            digest=item.digest,
            etag=item.etag,
            last_modified=item.last_modified,
            published=item.published,
            access=item.access,
            revision=item.revision,
            layout=item.layout,
            first_seen=known.first_seen or datetime.now(UTC),
            last_checked=item.crawled,
            missing_since=None,
            gone=None,
        )
        was = state.get(number)
        with self.store.writing():
            state.remember(known, length=self.store.archive.length)
        if item.layout != "generic":
            self._release(item, was)
        self._count(item, is_new=is_new)
        self.crawler.spider.may_write()  # type: ignore[union-attr]
        return item

    def _release(self, item: Article, was: Known | None) -> None:
        """The page of a story that could not be read before is not needed any more."""
        if was and (was.status == "quarantined" or was.layout == "generic"):
            for name in {item.id, was.id}:
                self.store.archive.release(name)

    def _count(self, item: Article, *, is_new: bool) -> None:
        tally.count(self.crawler.stats, item, is_new=is_new)
        how = "written" if is_new else f"edited, revision {item.revision},"
        if item.kept:
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
