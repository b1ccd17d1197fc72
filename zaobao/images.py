"""Pictures that stay (ZAOBAO_IMAGES=keep): a stage of the pipeline, Scrapy's own for files.

A picture is durable in the store before the line and the post that show it are written. One
that cannot be had is noted; its story is written with the original's address.
"""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from typing import TYPE_CHECKING, Any, Self

from scrapy import Request
from scrapy.exceptions import DropItem
from scrapy.http.request import NO_CALLBACK
from scrapy.pipelines.files import FilesPipeline, FSFilesStore
from scrapy.utils.defer import ensure_awaitable
from twisted.python.failure import Failure

from zaobao import verdict
from zaobao.archive import disk
from zaobao.archive.images import Images, checksum, fill, folder_of, is_local
from zaobao.downloadermiddlewares.refusals import (
    BadPage,
    HostLeftAlone,
    Interrupted,
    RobotsUnavailable,
    refuse,
)
from zaobao.downloadermiddlewares.request import host_of
from zaobao.errors import ArchiveError, UnfitError
from zaobao.exporters import JekyllPostExporter
from zaobao.extensions import CrawlRun
from zaobao.imagechecks import check_image
from zaobao.options import Options
from zaobao.text import counted
from zaobao.times import now

if TYPE_CHECKING:
    from collections.abc import Iterable
    from io import BytesIO
    from os import PathLike
    from pathlib import Path

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.pipelines.media import FileInfo, FileInfoOrError, MediaPipeline
    from scrapy.settings import BaseSettings

    from zaobao.items import Article, Image

logger = logging.getLogger(__name__)

PLACE = 380
"""After the page of a story is kept and before its line is written."""
_URL = "zaobao_image"
"""In `meta`: the picture's address as the line has it."""
_NOT_ASKED = (HostLeftAlone, Interrupted, RobotsUnavailable)
_BLOCKED = frozenset({"http_403", "http_451", "challenge"})
_IN_A_ROW = 3
"""Blocks in a row after which a host is asked for no more pictures in this run."""


def install(settings: BaseSettings, options: Options) -> None:
    """Have a crawl keep pictures, or show those that an earlier one kept. Where to is Scrapy's
    FILES_STORE."""
    if options.images:
        settings.setdefault_in_component_priority_dict("ITEM_PIPELINES", KeepImages, PLACE)
        settings.set("FILES_STORE", options.image_store, priority="cmdline")
    elif not options.excerpt:
        settings.setdefault_in_component_priority_dict("ITEM_PIPELINES", ShowImages, PLACE)


class DurableStore(FSFilesStore):
    """Scrapy's store on a disk; a file appears there whole, and is durable when the call returns.

    Scrapy's writes into the file itself: a kill would leave half a picture under its name.
    """

    def __init__(self, basedir: str | Path) -> None:
        super().__init__(basedir)
        self.folder = folder_of(str(basedir))
        self.temporary = self.folder / ".tmp"
        disk.make_folder(self.temporary)
        with disk.guard(self.temporary, "Sweeping"):
            for left in self.temporary.iterdir():
                left.unlink()

    def persist_file(
        self,
        path: str | PathLike[str],
        buf: BytesIO,
        info: MediaPipeline.SpiderInfo,
        meta: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        target = self.folder / path
        disk.make_folder(target.parent)
        disk.replace(target.parent, target.name, buf.getvalue(), self.temporary)


class KeepImages(FilesPipeline):
    """Fetch a story's pictures at the crawl's pace, within its bounds, and note their copies.

    The publisher's bytes are kept as they came, under the SHA-256 of them.
    """

    MEDIA_NAME = "image"
    # A copy does not grow old: Scrapy would ask again after 90 days.
    EXPIRES = 365 * 1000
    STORE_SCHEMES = {**FilesPipeline.STORE_SCHEMES, "": DurableStore, "file": DurableStore}

    def __init__(self, store_uri: str, *, crawler: Crawler) -> None:
        self.run = CrawlRun.of(crawler)
        self.largest = crawler.settings.getint("IMAGE_MAXSIZE")
        self.exporter = JekyllPostExporter(Options.from_settings(crawler.settings))
        self._images: Images | None = None
        self._blocks: Counter[str] = Counter()
        self._is_interrupted = False
        self.store_uri = store_uri
        super().__init__(store_uri, crawler=crawler)

    @property
    def images(self) -> Images:
        if self._images is None:
            self._images = Images(self.run.open())
        return self._images

    # --- a story on its way

    # Scrapy's has a second parameter that it no longer fills.
    async def process_item(self, item: Article) -> Article:  # type: ignore[override]
        is_new = self.run.open().state.status(item.number) != "written"
        await super().process_item(item)
        # While its pictures came, others may have been written.
        if is_new and self.run.stop_at_bound():
            raise DropItem(f"{item.id}: a bound of this run is reached; the story stays due")
        return item

    async def fill_in(self, named: Iterable[str] = ()) -> None:
        """Fetch the pictures of earlier stories that are due. named: numbers of stories whose
        missing pictures are due in any case. `close_spider` shows them."""
        self.images.want(named, now())
        for article in self.images.due(now(), self.run.options.max_new):
            if self._is_interrupted:
                return
            await super().process_item(article)

    def close_spider(self) -> None:
        """Put what came for earlier stories into their lines and posts."""
        if self._images is None:
            return
        try:
            with self.run.open().writing():
                count = self._images.show(self.exporter)
        except ArchiveError as error:
            verdict.fail(self.crawler.stats, str(error))
        else:
            if count:
                stories = counted(count, "earlier story shows", "earlier stories show")
                logger.info("%s pictures that came since", stories)
        finally:
            self._images.close()

    # --- what Scrapy's pipeline asks

    def get_media_requests(self, item: Article, info: MediaPipeline.SpiderInfo) -> list[Request]:
        return [
            Request(
                image.url,
                callback=NO_CALLBACK,
                headers={"Accept": "image/avif,image/webp,image/*;q=0.8"},
                meta={
                    "zaobao_kind": "image",
                    "download_maxsize": self.largest,
                    _URL: image.url,
                },
            )
            for image in _lacking(item)
        ]

    def media_to_download(
        self, request: Request, info: MediaPipeline.SpiderInfo, *, item: Any = None
    ) -> Any:
        """Nothing for a copy that the store has."""
        if self.images.kept(request.meta[_URL]):
            return super().media_to_download(request, info, item=item)
        host = host_of(request)
        if self._blocks[host] >= _IN_A_ROW:
            raise HostLeftAlone("left_alone", f"{host} is asked for no more pictures in this run")
        return None

    def file_path(
        self,
        request: Request,
        response: Response | None = None,
        info: MediaPipeline.SpiderInfo | None = None,
        *,
        item: Any = None,
    ) -> str:
        """Of an answer: the path by its content. Without one: that of the copy there is."""
        if response is None:
            return self.images.kept(request.meta[_URL]) or ""
        name = hashlib.sha256(response.body).hexdigest()
        return f"{name[:2]}/{name}.{check_image(response.body)}"

    async def media_downloaded(
        self,
        response: Response,
        request: Request,
        info: MediaPipeline.SpiderInfo,
        *,
        item: Any = None,
    ) -> FileInfo:
        """Check the picture, and put it into the store."""
        url = request.meta[_URL]
        if response.status != 200:
            error = BadPage(
                f"http_{response.status}", f"{url}: the site answered {response.status}"
            )
            raise refuse(self.crawler, error)
        try:
            path = self.file_path(request, response, info, item=item)
        except UnfitError as error:
            raise refuse(self.crawler, BadPage(error.reason, f"{url}: {error}")) from None
        try:  # Scrapy's own gives the bytes to the store.
            await ensure_awaitable(self.file_downloaded(response, request, info, item=item))
        except ArchiveError:
            raise
        except Exception as error:  # each store has errors of its own
            raise ArchiveError(
                f"the picture {url} cannot be written to {self.store_uri}: "
                f"{type(error).__name__}: {error}. Its story stays due; mend that, and run again."
            ) from error
        self.images.keep(url, path)
        self.inc_stats("downloaded")
        return {"url": url, "path": path, "checksum": checksum(path), "status": "downloaded"}

    def media_failed(
        self, failure: Failure, request: Request, info: MediaPipeline.SpiderInfo
    ) -> Any:
        if isinstance(failure.value, ArchiveError):
            raise failure.value
        return super().media_failed(failure, request, info)

    def item_completed(
        self, results: list[FileInfoOrError], item: Article, info: MediaPipeline.SpiderInfo
    ) -> Article:
        for image, (_, result) in zip(_lacking(item), results, strict=True):
            host = host_of(Request(image.url))
            if isinstance(result, Failure):
                self._note_failure(item, image, host, result.value)
                continue
            image.path, image.checksum = result["path"], checksum(result["path"])
            self._blocks[host] = 0
            self._count("kept" if result["status"] == "downloaded" else "reused")
        return item

    def _note_failure(
        self, item: Article, image: Image, host: str, error: BaseException | None
    ) -> None:
        assert error is not None
        if isinstance(error, ArchiveError):
            raise error
        # Scrapy wraps what our middlewares refuse.
        cause = error.__cause__ or error.__context__ or error
        reason = getattr(cause, "reason", type(cause).__name__)
        was_asked = not isinstance(cause, _NOT_ASKED)
        self._is_interrupted |= isinstance(cause, Interrupted)
        self._blocks[host] += reason in _BLOCKED
        self.images.postpone(image.url, now(), failed=was_asked)
        self._count("failed" if was_asked else "not_asked")
        logger.warning(
            "%s: its picture stays linked and is due again (%s): %s", item.id, reason, cause
        )

    def _count(self, name: str) -> None:
        self.crawler.stats.inc_value(f"zaobao/images/{name}")


class ShowImages:
    """With ZAOBAO_IMAGES=link: an edited story goes on showing the copies that an earlier run kept.

    Nothing is fetched. A copy that was removed from the folder is linked again.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.run = CrawlRun.of(crawler)
        self.store = Options.from_settings(crawler.settings).image_store
        self._images: Images | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_item(self, item: Article) -> Article:
        if self._images is None:
            self._images = Images(self.run.open())
        kept = {image.url: self._images.kept(image.url) for image in item.images}
        fill(item.images, {url: path for url, path in kept.items() if path and self._has(path)})
        return item

    def _has(self, path: str) -> bool:
        return not is_local(self.store) or (folder_of(self.store) / path).is_file()

    def close_spider(self) -> None:
        if self._images is not None:
            self._images.close()


def _lacking(item: Article) -> list[Image]:
    return [image for image in item.images if image.path is None]
