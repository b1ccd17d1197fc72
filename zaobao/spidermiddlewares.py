"""Before a spider asks for anything: the stories whose kept pages a layout reads by now."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Self

from zaobao.archive import store
from zaobao.errors import NotAStory

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)


class Reread:
    """Puts the readable pages of the quarantine at the head of every run."""

    def __init__(self, crawler: Crawler) -> None:
        self.store = store.of(crawler)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_start(self, start: AsyncIterator[Any]) -> AsyncIterator[Any]:
        # Trees and layouts: the spider loads them too.
        from zaobao import reader
        from zaobao.kept import quarantine

        for extraction in quarantine.readable(self.store):
            try:
                article = reader.finish(extraction)
            except NotAStory as error:
                logger.info("%s; its page stays in quarantine", error)
                continue
            self.store.expect(extraction)
            yield article
        async for entry in start:
            yield entry
