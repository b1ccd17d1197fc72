"""What the markers and lines of a text say about its access: whole, paid for, or cut.

The markers are rules; they were seen on real pages. The next paywall will have
other names and much the same words: that a story ends with them is a weak sign.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from zaobao import text
from zaobao.cleaning.lines import SENTENCE, is_followed, is_told, is_told_further, tells
from zaobao.dom import RUN, TEXT, ancestors, is_copy, seen, unshown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from zaobao.cleaning.endtags import EndTags
    from zaobao.cleaning.rules import Rule
    from zaobao.dom import Node
    from zaobao.items import Access

LONGEST = 60
"""Characters of such a line; a paragraph of the story that speaks of the same is longer."""
LAST = 3
"""So many lines of the text's end are looked at."""
LEAST_HIDDEN = 40
"""Characters in an element that no browser shows, which are a paragraph of the story then."""

_TAIL = 8
"""Characters after which a sentence that goes on tells something else."""

_AS_TEXT = frozenset({"template", "noscript", "noembed", "noframes", "iframe"})
_SHOWN_OTHERWISE = frozenset(
    {"select", "textarea", "datalist", "title", "canvas", "object", "applet", "svg"}
)
"""Elements that show something else than the text in them, or parts of it. Their words are a
story's where they hold a sentence: a list of choices and the labels of a drawing do not."""
_NEVER_TELLING = ("ad", "dfp", "tracking")
"""Kinds of rules whose elements have no sentences, most often."""
_OTHERWISE_OPEN = frozenset({"script", "style", "rp", "math", "video", "audio"})
"""Elements whose words are a story's only where they are never closed."""
_SENTENCES = re.compile("(?s)^.*。")
_PIECES = re.compile(r"<[^>]*>|\n")

_PRICE = "订阅|订户|登录|登入|注册|付费|购买|会员|subscribe|login|signin|signup|register"
_REST = "继续阅读|继续浏览|继续看|全文|余下|剩余|完整内容|完整文章|解锁|unlock|toread|continue"
_ASKS = re.compile(
    f"(?:{_PRICE}).{{0,24}}(?:{_REST})|(?:{_REST}).{{0,12}}(?:{_PRICE})"
    "|(?:仅限|仅供|只供|限).{0,4}(?:订户|会员|付费).{0,4}(?:阅读|浏览|观看)?"
    "|(?:订户|会员|付费)(?:用户)?(?:专享|专属|独享)(?!赠阅)",
    re.I,
)
_TELLS_OF_OTHERS = re.compile("(?<!其)他|她|[“「『《][^”」』》]*$")
"""What stands in front of such words in a sentence about somebody, or a quotation."""


def of_markers(rules: Iterable[Rule]) -> tuple[Access, str | None]:
    """The access that the matched rules say, and the rule that says it."""
    weak: tuple[Access, str | None] = ("free", None)
    for rule in rules:
        if rule.access == "paywalled":
            return "paywalled", rule.name
        if rule.access:
            weak = rule.access, rule.name
    return weak


def asking_line(lines: Iterable[str]) -> str | None:
    """The first line that asks the reader to sign up or pay to read on, or None."""
    for line in lines:
        words = text.squeeze(line)
        if len(words) <= LONGEST and (asks := _ASKS.search(words)):
            tail = words[asks.end() :]
            if _TELLS_OF_OTHERS.search(words[: asks.start()]) or "他" in tail.replace("其他", ""):
                continue
            if len(tail) <= _TAIL or not SENTENCE.search(tail):
                return words
    return None


def end_of(lines: list[str]) -> list[str]:
    """The last lines of a text from one that asks so; none where the story goes on after it."""
    for place in range(len(lines) - 1, max(len(lines) - LAST, 0) - 1, -1):
        if asking_line(lines[place : place + 1]):
            return lines[place:]
        if is_told(text.squeeze(lines[place])):
            break
    return []


def hiding(rules: Mapping[Node, Rule], nodes: Iterable[Node], ends: EndTags) -> str | None:
    """What the first of these elements is that no browser shows and that holds a paragraph, or
    less of the story where no end tag closes it: then it holds all that follows it."""
    for node in nodes:
        if node.tag in _AS_TEXT:
            where, inside, words = f"a <{node.tag}>", (held := unshown(node)), seen(held)
        elif node.tag in _SHOWN_OTHERWISE:
            told = _SENTENCES.search(node.text())
            where, inside, words = f"a <{node.tag}>", node, text.count(told[0]) if told else 0
        elif node.tag in _OTHERWISE_OPEN:
            where, inside, words = f"a <{node.tag}>", node, 0
        elif node in rules and rules[node].hidden:
            words = 0 if is_copy(node) else seen(node)
            where, inside = f"a hidden <{node.tag}>", node
        else:
            continue
        if words >= LEAST_HIDDEN or (_holds_told(inside) and ends.is_open_or_around(node)):
            return where
    return None


def _holds_told(node: Node) -> bool:
    """Whether a sentence stands in an element, whatever its tag."""
    return any(
        SENTENCE.search(text.squeeze(line))
        for part in node.traverse(include_text=True)
        if part.tag == TEXT
        for line in _PIECES.split(part.text())
    )


def swallowing(
    rules: Mapping[Node, Rule], nodes: Iterable[Node], box: Node, ends: EndTags
) -> str | None:
    """The rule that takes the first of these elements in which sentences stand and which its end
    tag does not close: they may be the story's."""
    for node in nodes:
        rule = rules[node]
        if rule.hidden or not tells(node):
            continue
        if _is_last(node) and ends.is_open(node):
            return rule.name
        never_tells = rule.kind in _NEVER_TELLING
        if (never_tells or not is_told_further(node, box, rules)) and ends.is_open_around(node):
            return rule.name
    return None


def _is_last(node: Node) -> bool:
    """Whether no words follow an element in the one around it."""
    around = next((up for up in ancestors(node) if up.tag != RUN), None)
    return around is None or not is_followed(node, around, ())
