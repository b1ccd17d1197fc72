"""What the log shows: one short line per decision, no traces of a full disk, no passwords."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any

import scrapy.logformatter

from zaobao.errors import ArchiveError

if TYPE_CHECKING:
    from scrapy import Spider
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
