"""What the log shows: one short line per decision, no traces of a full disk, no passwords."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any, Self

import scrapy.logformatter

from zaobao.errors import ArchiveError

if TYPE_CHECKING:
    from scrapy import Request, Spider
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.logformatter import LogFormatterResult
    from twisted.python.failure import Failure


def without_trace(record: logging.LogRecord) -> bool:
    """Let a disk that fails be one sentence in the log; a trace tells the user nothing."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, ArchiveError):
        record.msg, record.args, record.exc_info = "%s", (str(error),), None
    return True


_SECRET = re.compile(r"('\w*(?:PASS|PASSWORD|TOKEN|KEY|KEY_ID)': ).+?(?=,\n '|\}$)", re.DOTALL)
"""A setting by its name, as pprint writes it, and its value, which may take several lines."""


def without_secrets(record: logging.LogRecord) -> bool:
    """Scrapy logs the settings that it was given; passwords and tokens among them as `***`."""
    if isinstance(record.args, dict) and isinstance(said := record.args.get("settings"), str):
        record.args = {"settings": _SECRET.sub(r"\1'***'", said)}
    return True


class LogFormatter(scrapy.logformatter.LogFormatter):
    """One short line per decision, the story's id first; Scrapy's hold the whole story."""

    def __init__(self, *, shows_debug: bool) -> None:
        self._shows_debug = shows_debug

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        level = logging.getLevelName(crawler.settings["LOG_LEVEL"])
        return cls(shows_debug=isinstance(level, str) or level <= logging.DEBUG)

    # The next two are asked for each answer and each story. Scrapy's loggers take every level and
    # leave it to the handlers to drop what LOG_LEVEL does not show. None is not logged, as the
    # documentation says; Scrapy's own types leave it out.

    def crawled(  # type: ignore[override]
        self, request: Request, response: Response, spider: Spider
    ) -> LogFormatterResult | None:
        return super().crawled(request, response, spider) if self._shows_debug else None

    def scraped(  # type: ignore[override]
        self, item: Any, response: Response | Failure | None, spider: Spider
    ) -> LogFormatterResult | None:
        return super().scraped(item, response, spider) if self._shows_debug else None

    def dropped(
        self,
        item: Any,
        exception: BaseException,
        response: Response | Failure | None,
        spider: Spider,
    ) -> LogFormatterResult:
        # Every message of ours begins with the story's id.
        return {"level": logging.INFO, "msg": "%s", "args": (str(exception),)}

    def item_error(
        self,
        item: Any,
        exception: BaseException,
        response: Response | Failure | None,
        spider: Spider,
    ) -> LogFormatterResult:
        story = getattr(item, "id", "an item")
        return {"level": logging.ERROR, "msg": "%s could not be written", "args": (story,)}
