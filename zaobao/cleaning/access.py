"""Signs that a text goes on elsewhere: lines that ask to sign up or pay, hidden paragraphs. Pure.

The markers of `rules.py` were seen on real pages. The next wall will have other
names and much the same words; that a story ends with them is a weak sign.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from zaobao import text
from zaobao.page import words_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lxml import etree

LONGEST = 60
"""Characters of such a line; a paragraph of the story that speaks of the same is longer."""
LAST = 3
"""So many lines of the text's end are looked at."""
HIDDEN = 40
"""Characters in a `template` or `noscript`, which holds a picture at most, that are the story's."""

_PRICE = "订阅|订户|登录|登入|注册|付费|购买|会员|subscribe|login|signin|signup|register"
_REST = "继续阅读|继续浏览|继续看|全文|余下|剩余|完整内容|完整文章|解锁|unlock|toread|continue"
_GATE = re.compile(f"(?:{_PRICE}).{{0,24}}(?:{_REST})|(?:{_REST}).{{0,12}}(?:{_PRICE})", re.I)


def said(lines: Iterable[str]) -> str | None:
    """The first line that asks for it, or None."""
    for line in lines:
        words = "".join(line.split())
        if len(words) <= LONGEST and _GATE.search(words):
            return words
    return None


def hiding(nodes: Iterable[etree._Element]) -> str | None:
    """The tag of the first element that holds a paragraph's words and that no browser shows."""
    kinds = (node for node in nodes if node.tag in ("template", "noscript"))
    return next((str(node.tag) for node in kinds if text.count(words_of(node)) >= HIDDEN), None)
