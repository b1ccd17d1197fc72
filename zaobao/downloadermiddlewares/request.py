"""What the middlewares need of a request: its host and its kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.utils.httpobj import urlparse_cached

if TYPE_CHECKING:
    from scrapy import Request


def host_of(request: Request) -> str:
    """The host's name; it is also the key of its downloader slot."""
    return urlparse_cached(request).hostname or ""


def kind_of(request: Request) -> str:
    """What is asked for, from `meta["zaobao_kind"]`.

    `list` (the default), `story`, `api`, `sitemap`, `robots`, `image`, or `part` of a page that is
    rendered.
    """
    kind: str = request.meta.get("zaobao_kind", "list")
    return kind
