"""One line of `articles.jsonl`."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from zaobao.items import LINE_KEYS, Article, Image, Removed
from zaobao.times import iso

if TYPE_CHECKING:
    from collections.abc import Mapping

_TIMES = ("published", "updated", "crawled")
# JSON leaves these three as they are, and Python's splitlines() breaks at them.
_BREAKS = {char: f"\\u{ord(char):04x}" for char in "\u0085\u2028\u2029"}


def encode_line(line: Mapping[str, Any]) -> bytes:
    """The line's bytes with its line feed: UTF-8, `items.LINE_KEYS` in their order.

    Datetimes become ISO 8601 with offset, to the second or the millisecond; other
    values are JSON's. KeyError when a key is missing, ValueError for a naive
    datetime or NaN.
    """
    return to_json({key: line[key] for key in LINE_KEYS}).encode() + b"\n"


def to_json(values: Mapping[str, Any]) -> str:
    """An object on one line, however a reader splits lines, without what is no UTF-8."""
    text = json.dumps(values, ensure_ascii=False, allow_nan=False, default=_time)
    for char, escape in _BREAKS.items():  # `translate` takes twenty times as long
        text = text.replace(char, escape)
    # A lone surrogate becomes its JSON escape.
    return text.encode("utf-8", "backslashreplace").decode()


def decode_line(data: bytes) -> dict[str, Any] | None:
    """The object on a line, or None when it is none."""
    try:
        line = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return line if isinstance(line, dict) else None


def to_article(line: Mapping[str, Any]) -> Article:
    """The story of a line. ValueError when it is no whole line of a crawl."""
    try:
        values = {key: line[key] for key in LINE_KEYS}
        for key in _TIMES:
            values[key] = datetime.fromisoformat(values[key]) if values[key] else None
        values["images"] = [Image(**image) for image in values["images"]]
        values["removed"] = [Removed(**removed) for removed in values["removed"]]
        return Article(**values)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no line of a crawl: {error}") from error


def _time(value: object) -> str | None:
    if not isinstance(value, datetime):
        raise TypeError(f"{type(value).__name__} has no place in a JSON line")
    return iso(value)
