"""A post's HTML as it reads without markup: powers, quotation marks, numbers of lists."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_RAISED = str.maketrans(
    "0123456789+-−–=()abcdefghijklmnoprstuvwxyz",
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ",
)
_LOWERED = str.maketrans("0123456789+-−–=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")
_SCRIPTS = (
    (re.compile(r"<sub>((?:(?!</?sub>).)*)</sub>", re.S), _LOWERED, "_"),
    (re.compile(r"<sup>((?:(?!</?sup>).)*)</sup>", re.S), _RAISED, "^"),
)
_ONE_TERM = re.compile(r"[+\-−–]?[\w.,%*†‡°′″]+|[\[［(（【].*[\])）］】]", re.S)
"""What stands after ^ or _ without brackets of its own."""
_STRUCK = re.compile(r"<(del|s)>.*?</\1>", re.S)
_READING = re.compile(r"<rt>(.*?)</rt>", re.S)
_TAGS = re.compile(r"<[^>]*>")
_GAPS = re.compile(r"[ \t]{2,}")
_MARKS = ("“”", "‘’")
_OPENING, _CLOSING = '“‘「『《"', '”’」』》"'
_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l")),
    *((40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)


def plain_text(html: str) -> str:
    """The words of a line of a post's HTML; `<br>` is a line feed.

    10<sup>8</sup> is 10⁸, or 10^8 where a character has no such form; a `<q>` has
    its marks; what is struck out is not said; a reading stands in brackets.
    """
    if "<" in html:
        html = _TAGS.sub("", _said(html.replace("<br>", "\n")))
    if "&" in html:
        html = html.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return html.strip()


def _said(html: str) -> str:
    """Marks and characters in place of the elements that mean them."""
    if "<del>" in html or "<s>" in html:
        html = _GAPS.sub(" ", _STRUCK.sub("", html))
    if "<su" in html:
        for pattern, forms, mark in _SCRIPTS:
            while "<su" in html:  # the innermost first
                html, found = pattern.subn(partial(_script, forms, mark), html)
                if not found:
                    break
    if "<q>" in html:
        html = _quoted(html)
    if "<rt>" in html:
        parts = html.split("<ruby>")
        html = "<ruby>".join(
            part if "<rp>" in part else _READING.sub(r"(\1)", part) for part in parts
        )
    return html


def _script(forms: Mapping[int, int], mark: str, match: re.Match[str]) -> str:
    words = _TAGS.sub("", match[1]).strip()
    if not words:
        return ""
    if all(ord(character) in forms for character in words):
        return words.translate(forms)
    if not any(map(str.isalnum, words)):  # 25° and ® are no powers
        return words
    return f"{mark}{words}" if _ONE_TERM.fullmatch(words) else f"{mark}({words})"


def _quoted(html: str) -> str:
    """Quotation marks for `<q>`, the outer ones double; not where the page has its own."""
    depth = 0
    parts = re.split(r"(</?q>)", html)
    for place, part in enumerate(parts):
        if part == "<q>":
            following = _TAGS.sub("", parts[place + 1]).lstrip()
            parts[place] = "" if following[:1] in _OPENING and following else _MARKS[depth % 2][0]
            depth += 1
        elif part == "</q>":
            depth = max(depth - 1, 0)
            before = _TAGS.sub("", parts[place - 1]).rstrip()
            parts[place] = "" if before[-1:] in _CLOSING and before else _MARKS[depth % 2][1]
    return "".join(parts)


def counted(start: int | None, values: list[int | None], *, falls: bool) -> Iterator[int]:
    """The numbers of a list's items, as a browser counts (HTML, 4.4.5).

    start, falls: its attributes `start` and `reversed`. values: `value` of each item.
    """
    step = -1 if falls else 1
    number = start if start is not None else (len(values) if falls else 1)
    for value in values:
        number = number if value is None else value
        yield number
        number += step


def numbered(number: int, kind: str) -> str:
    """The number of a list's item as it is shown: `1.` or `iv.`. kind: the list's `type`."""
    return f"{_number(number, kind)}."


def _number(number: int, kind: str) -> str:
    if kind in ("a", "A") and number > 0:
        letters = ""
        while number:
            number, place = divmod(number - 1, 26)
            letters = chr(ord(kind) + place) + letters
        return letters
    if kind in ("i", "I") and 0 < number < 4000:
        roman = ""
        for value, letter in _ROMAN:
            roman += letter * (number // value)
            number %= value
        return roman.upper() if kind == "I" else roman
    return str(number)
