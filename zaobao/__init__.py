"""Crawler of 联合早报 (Lianhe Zaobao) realtime news: clean Jekyll posts and JSON lines.

As a library: `zaobao.extract(html, url)` gives the `Article` of a story's page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zaobao.errors import NoArticle as NoArticle
    from zaobao.items import Article as Article
    from zaobao.reader import extract as extract

__version__ = "0.1.0"

_HOMES = {"extract": "reader", "Article": "items", "NoArticle": "errors"}


def __getattr__(name: str) -> Any:
    """What the library offers, imported when it is used: `scrapy list` needs no parser."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
