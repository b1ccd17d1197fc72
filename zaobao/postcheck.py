"""A finished post, read again before it is written: is it of the one form that posts have?

Not a parser that forgives: whatever is not known here is refused, so that a
mistake anywhere before cannot break a build or reach a reader. Pure; about a
hundredth of the time that a page takes.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from html import unescape

from zaobao.cleaning.pieces import HEADINGS, INLINE
from zaobao.urls import IMAGE_HOSTS

DEEPEST = 100
"""Levels of elements in a body. Jekyll's Markdown fails on some 2,000, and with it every page."""

BLOCKS = frozenset(
    [
        "p",
        "br",
        "hr",
        "ul",
        "ol",
        "li",
        "blockquote",
        "table",
        "tbody",
        "tr",
        "td",
        "th",
        "figure",
        "figcaption",
        "img",
    ]
)
"""The elements of a body beside inline ones and headings."""

STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
STRING = r'"(?:[^"\\\n]|\\["\\/bfnrt]|\\u(?![dD][89a-fA-F])[0-9a-fA-F]{4})*"'
LIST = rf"\[{STRING}(?:, {STRING})*\]"
_POST = re.compile(
    rf"""---
layout: post
title: (?P<title>{STRING})
date: (?P<date>{STAMP})
author: 联合早报
from: (?P<url>https://www\.zaobao\.com(?:/[a-z0-9-]+)+/story\d{{8}}-\d+)
tags: \[ 联合早报(?:, {STRING})* \]
categories: \[ 联合早报 \]
(?P<more>(?:(?:access|date_from|layout_seen|edition): [a-z_]+
|(?:updated|gone): {STAMP}
|(?:story|image): {STRING}
|authors: {LIST}
)*)---
<!---?\d{{1,15}}-->
\[(?P<link>[^\n\\<>\[\]]*)\]\((?P<address>[^\n()]+)\)
------

<div>
(?P<body>[^\n{{}}]*)
</div>
""",
    re.A,
)
_KEY = re.compile(r"^(\w+):", re.M)
# What no file, no YAML reader or no line can hold.
UNFIT = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_TAG = re.compile(r'<(/?)([a-z][a-z0-9]*)((?: [a-z]+="[^"<>]*")*)>')
_ATTRIBUTE = re.compile(r' ([a-z]+)="([^"]*)"')
_ADDRESSES = {
    "href": ("https://", "http://", "mailto:"),
    "src": tuple(f"https://{host}/" for host in sorted(IMAGE_HOSTS)),
}
_ATTRIBUTES = {
    "a": {"href", "rel"},
    "img": {"src", "alt", "referrerpolicy", "loading"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
_ALLOWED = INLINE | HEADINGS | BLOCKS
_EMPTY = frozenset({"br", "hr", "img"})
_YEARS = range(1999, 2102)


def problem(post: bytes) -> str | None:
    """What is wrong with a post's bytes; None for one that may be written."""
    try:
        text = post.decode()
    except UnicodeDecodeError as error:
        return f"not UTF-8 at byte {error.start}"
    if unfit := UNFIT.search(text):
        return f"U+{ord(unfit[0]):04X} in it"
    form = _POST.fullmatch(text)
    if not form:
        return "not of a post's form"
    keys = _KEY.findall(form["more"])
    if len(set(keys)) != len(keys):
        return "a key stands twice in its front matter"
    if unescape(form["link"]) != json.loads(form["title"]) or form["address"] != form["url"]:
        return "its link line is not its headline's"
    return date_problem(form["date"]) or _body_problem(form["body"])


def date_problem(stamp: str) -> str | None:
    """What is wrong with a value of the form of STAMP."""
    try:
        year = datetime.fromisoformat(stamp).year
    except ValueError:
        return f"no such date: {stamp}"
    return None if year in _YEARS else f"the year {year}"


def _body_problem(body: str) -> str | None:
    """Every `<` begins a known tag with known attributes, and every element is closed in order."""
    tags = list(_TAG.finditer(body))
    if len(tags) != body.count("<"):
        return "a `<` in its body that is no tag"
    still: list[str] = []
    for tag in tags:
        closing, name, attributes = tag.groups()
        if name not in _ALLOWED:
            return f"<{name}> in its body"
        if closing:
            if not still or still.pop() != name:
                return f"</{name}> without its beginning"
            continue
        if name not in _EMPTY:
            still.append(name)
            if len(still) > DEEPEST:
                return f"more than {DEEPEST} elements in one another"
        for key, value in _ATTRIBUTE.findall(attributes):
            if key not in _ATTRIBUTES.get(name, ()):
                return f"the attribute {key} on <{name}>"
            if key in _ADDRESSES and not value.startswith(_ADDRESSES[key]):
                return f"the address {value[:40]!r}"
    return f"<{still[-1]}> is not closed" if still else None
