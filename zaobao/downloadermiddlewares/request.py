"""What all of these middlewares need of a request: its host, its kind, and how it is refused."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from scrapy.utils.httpobj import urlparse_cached

from zaobao.errors import HostLeftAlone, Interrupted

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler

    from zaobao.errors import Refused

logger = logging.getLogger(__name__)


def host_of(request: Request) -> str:
    """The host's name; it is also the key of its downloader slot."""
    return urlparse_cached(request).hostname or ""


def kind_of(request: Request) -> str:
    """What is asked for, from `meta["zaobao_kind"]`.

    `list` (the default), `story`, `api`, `sitemap`, `robots`, or `part` of a page that is drawn.
    """
    kind: str = request.meta.get("zaobao_kind", "list")
    return kind


def refuse(crawler: Crawler, error: Refused) -> Refused:
    """Count `error` under `zaobao/refused/<reason>`, log it, and return it to be raised."""
    assert crawler.stats
    crawler.stats.inc_value(f"zaobao/refused/{error.reason}")
    # A host that is left alone and the end of the run are logged once, as such.
    level = logging.DEBUG if isinstance(error, (HostLeftAlone, Interrupted)) else logging.INFO
    logger.log(level, "Refused (%s): %s", error.reason, error, extra={"spider": crawler.spider})
    return error
