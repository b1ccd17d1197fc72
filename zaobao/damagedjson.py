"""JSON that a template has damaged, read as far as it can be.

What is mended: quotation marks and line feeds inside strings, escapes that only
JavaScript has, commas too many or missing, comments, several values in a row,
single quotation marks, names without any, a script whose quotation marks are
HTML entities, escaped or curly, and one that ends too early. Nothing is made up: a string
without an end and a word that is no value of JSON give None.
"""

from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEEPEST = 40
_ESCAPED_WHOLE = re.compile(r"[{\[]\s{0,99}&(?:amp;)*(?:quot|#0*34|#x0*22);")
_ESCAPED_MARKS = re.compile(r"[{\[]\s{0,99}(\\+)[\"']")
_LEVELS = 3
"""How many times over a template may escape a script."""
_CURLY = re.compile(r"[{,]\s{0,99}[“”]@?\w{1,60}[“”]\s{0,99}:")
_SKIP = re.compile(r"(?:\s|/\*.*?(?:\*/|\Z)|//[^\n]*)*", re.S)
_OPENING = re.compile(r"(?<!<!\[CDATA)[{\[]")
_BARE_NAME = re.compile(r"[A-Za-z_@$][\w@$.-]*", re.A)
_BARE_VALUE = re.compile(r"[^\s,}\]]+")
_QUOTE = {mark: re.compile(rf"\\.|{mark}", re.S) for mark in "\"'"}
_GAP = r"(?:\s|/\*[^*]{0,200}\*/|//[^\n]{0,200}\n)*"
_NAME = rf"""(?:"[^"\\]{{1,60}}"|'[^'\\]{{1,60}}'|[A-Za-z_@$][\w@$.-]*){_GAP}[:：]"""
_END = rf"{_GAP}(?:\Z|[}}\]]\s*(?:[,}}\]{{;<]|-->|\*/|//|$)"
_AFTER_NAME = re.compile(rf"{_GAP}[:：]")
_AFTER_MEMBER = re.compile(
    _END + rf"|(?:[,，]{_GAP}){{0,3}}{_GAP}{_NAME}|(?:,{_GAP}){{1,3}}[}}\]])"
)
_AFTER_ENTRY = re.compile(_END + rf"|,{_GAP}(?:[\"'{{\[\]\d-]|true\b|false\b|null\b))")
_JAVASCRIPT = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.S)
_LETTERS = {"b": " ", "f": " ", "n": "\n", "r": "\r", "t": "\t"}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def values(source: str) -> Iterator[Any]:
    """The objects and lists that stand in a row in a damaged script, as far as each can be read."""
    for _ in range(_LEVELS):
        if _ESCAPED_WHOLE.search(source):
            source = html.unescape(source)
    if marks := _ESCAPED_MARKS.search(source):
        for mark in "\"'":
            source = source.replace(marks[1] + mark, mark)
        source = source.replace("\\\\", "\\")
    if '"' not in source and _CURLY.search(source):
        source = source.replace("“", '"').replace("”", '"')
    reader = _Reader(_CONTROL.sub("", source))
    while (value := reader.next_value()) is not None:
        yield value


class _Reader:
    def __init__(self, source: str) -> None:
        self.source = source
        self.place = 0

    def next_value(self) -> Any:
        """The next object or list outside of all others; None at the end."""
        match = _OPENING.search(self.source, self.place)
        if match is None:
            return None
        self.place = match.start()
        return self._value(_AFTER_ENTRY, 0)

    def _skip(self) -> None:
        match = _SKIP.match(self.source, self.place)
        self.place = match.end() if match else self.place

    def _next(self) -> str:
        """The next character that is no blank and no comment; "" at the end."""
        self._skip()
        return self.source[self.place : self.place + 1]

    def _value(self, after: re.Pattern[str], depth: int) -> Any:
        mark = self._next()
        if mark in ("{", "[") and depth > _DEEPEST:
            self.place = len(self.source)
            return None
        if mark == "{":
            return self._object(depth)
        if mark == "[":
            return self._list(depth)
        if mark and mark in _QUOTE:
            return self._string(mark, after)
        match = _BARE_VALUE.match(self.source, self.place)
        self.place = match.end() if match else self.place
        try:
            return json.loads(match[0]) if match else None
        except ValueError:
            return None

    def _object(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        self.place += 1
        while (mark := self._next()) not in ("", "}"):
            name = self._name(mark)
            if name is None:
                self.place += 1
            elif self._next() in (":", "："):
                self.place += 1
                found.setdefault(name, self._value(_AFTER_MEMBER, depth + 1))
        self.place += 1
        return found

    def _name(self, mark: str) -> str | None:
        if mark in _QUOTE:
            return self._string(mark, _AFTER_NAME)
        match = _BARE_NAME.match(self.source, self.place)
        self.place = match.end() if match else self.place
        return match[0] if match else None

    def _list(self, depth: int) -> list[Any]:
        found: list[Any] = []
        self.place += 1
        while (mark := self._next()) not in ("", "]"):
            before = self.place
            if mark != ",":
                found.append(self._value(_AFTER_ENTRY, depth + 1))
            if self.place == before:
                self.place += 1
        self.place += 1
        return found

    def _string(self, mark: str, after: re.Pattern[str]) -> str | None:
        """A string; it ends at the first quotation mark behind which JSON goes on as it must."""
        start = self.place + 1
        for match in _QUOTE[mark].finditer(self.source, start):
            if match[0] == mark and after.match(self.source, match.end()):
                self.place = match.end()
                return _whole(_JAVASCRIPT.sub(_unescaped, self.source[start : match.start()]))
        self.place = len(self.source)
        return None


def _unescaped(match: re.Match[str]) -> str:
    if digits := match[1] or match[2]:
        return chr(int(digits, 16))
    return _LETTERS.get(match[3], match[3])


def _whole(words: str) -> str:
    """The same with the halves of a character joined; a half alone is left out."""
    return words.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
