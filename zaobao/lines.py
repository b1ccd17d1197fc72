"""One line of `articles.jsonl`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from zaobao.items import LINE_DEFAULTS, LINE_KEYS

if TYPE_CHECKING:
    from collections.abc import Mapping

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
# JSON leaves these three as they are, and Python's splitlines() breaks at them.
_BREAKS = {char: f"\\u{ord(char):04x}" for char in "\u0085\u2028\u2029"}


def encode_line(values: Mapping[str, Any]) -> bytes:
    """The line's bytes with its line feed: UTF-8, `items.LINE_KEYS` in their order.

    A missing key becomes the field's default; unknown ones, of a later version, stand
    last. KeyError when a key without default is missing, ValueError for NaN.
    """
    ordered = {key: values[key] if key in values else LINE_DEFAULTS[key] for key in LINE_KEYS}
    return _bytes({**ordered, **values}) + b"\n"


def to_json(values: Mapping[str, Any]) -> str:
    """An object on one line, however a reader splits lines, without what is no UTF-8."""
    return _bytes(values).decode()


def _bytes(values: Mapping[str, Any]) -> bytes:
    text = _encode(values)
    for char, escape in _BREAKS.items():  # `translate` takes twenty times as long
        text = text.replace(char, escape)
    # A lone surrogate becomes its JSON escape.
    return text.encode("utf-8", "backslashreplace")


def decode_line(data: bytes) -> dict[str, Any] | None:
    """The object on a line; None when the line is not a JSON object."""
    try:
        line = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return line if isinstance(line, dict) else None


def last_line(data: bytes) -> bytes:
    """The last of some whole lines: what is no JSON object may stand before a line, and stays."""
    return data[data.rstrip(b"\n").rfind(b"\n") + 1 :]
