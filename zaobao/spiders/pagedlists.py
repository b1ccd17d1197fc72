"""Asking for a list page by page, by its layout's ways, down to its end."""

from __future__ import annotations

import logging
from datetime import date
from typing import TYPE_CHECKING

from scrapy import Request
from scrapy.spidermiddlewares.httperror import HttpError

from zaobao import runs
from zaobao.spiders.failures import MISSING
from zaobao.spiders.lists import ListSpider

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.http import Response
    from twisted.python.failure import Failure

    from zaobao.spiders.paging import Paging

logger = logging.getLogger(__name__)


class PagedListSpider(ListSpider):
    """Base of the spider that reads lists for people, not sitemaps."""

    pages: int | None
    list_pages = 0

    def parse_list(self, response: Response, paging: Paging) -> Iterator[Request]:
        raise NotImplementedError

    def _list_request(self, paging: Paging, path: str) -> Request:
        is_json = paging.pages > 0 and paging.way.read is not None
        site = self.options.site
        return Request(
            site.sg(path) if is_json else site.at(path),
            callback=self.parse_list,
            errback=self.list_failed,
            cb_kwargs={"paging": paging},
            dont_filter=True,
            # Lists first: a list that is read at once moves least while it is paged.
            # With a limit, a further page is only asked when the stories did not do.
            priority=-1 if self.limit and paging.pages else 1,
            meta={"zaobao_kind": "api" if is_json else "list"},
        )

    def next_list(self, paging: Paging, path: str | None) -> Iterator[Request]:
        """The request for one more page of the list; None: the list ends here."""
        if path is None:
            self._ended(paging)
        elif self.list_pages >= self.options.max_pages:
            runs.degrade(
                self.crawler.stats,
                f"ZAOBAO_MAX_PAGES={self.options.max_pages} list pages are read and "
                f"{paging.path} goes on; what lies behind was not listed",
            )
            self.store.state.passes.end(paging.section.name, paging.newest)
        else:
            self.list_pages += 1
            yield self._list_request(paging, path)

    def begin_pass(self, paging: Paging) -> None:
        """Note that a list begins to be read, and down to which day it has to be."""
        if paging.pages == 0:
            bounds = paging.bounds
            self.store.state.passes.begin(
                paging.section.name, bounds.unfinished or bounds.since or date.min
            )

    def _ended(self, paging: Paging) -> None:
        """The list ends here: say why, and where that was not its end."""
        logger.info("%s: %d pages read, end: %s", paging.path, paging.pages, paging.end)
        if not paging.leaves_gap:
            self.store.state.passes.end(paging.section.name, paging.newest)
        if paging.end == "ways" and paging.layout != "unknown":
            runs.degrade(
                self.crawler.stats,
                f"{paging.path}: no way to further pages gives more after page {paging.pages}; "
                "what lies behind was not listed",
            )

    def list_failed(self, failure: Failure) -> Iterator[Request]:
        """The errback of a list page: its other path, its other way, or the end."""
        paging: Paging = failure.request.cb_kwargs["paging"]  # type: ignore[attr-defined]
        error = failure.value
        status = error.response.status if isinstance(error, HttpError) else None
        message = f"list page {failure.request.url}: {status or str(error) or repr(error)}"  # type: ignore[attr-defined]
        if paging.pages > 0:
            paging.failed = paging.failed or status not in MISSING
            logger.warning("%s; the next way is asked", message)
            yield from self.next_list(paging, paging.other_way())
            return
        paths = paging.section.paths
        later = paths[paths.index(paging.path) + 1 :] if paging.path in paths else ()
        if status in MISSING and later:
            paging.path = later[0]
            yield self._list_request(paging, later[0])
        else:
            runs.degrade(self.crawler.stats, message)
