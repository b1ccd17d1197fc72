"""Videos and sound in a box: a post has a plain link to the story in their place."""

from __future__ import annotations

from lxml import etree

from zaobao.cleaning import removal
from zaobao.rules import AUDIO, VIDEO
from zaobao.selectors import Selector

_PLAYERS = (("视频", Selector(VIDEO)), ("音频", Selector(AUDIO)))
_TAGS = frozenset({"iframe", "video", "video-js", "audio"})
_LONGEST = 60
"""Characters that a player may show; what holds more is a wrapper of the story's own text."""


def find_players(box: etree._Element) -> dict[etree._Element, str]:
    """The players below a box, each with the word for it."""
    if not any(
        node.tag in _TAGS or "brightcove" in (node.get("class") or "") or node.get("data-video-id")
        for node in box.iterdescendants()
    ):
        return {}
    found = {node: word for word, selector in _PLAYERS for node in selector(box)}
    return {node: word for node, word in found.items() if removal.seen(node) <= _LONGEST}


def link_player(node: etree._Element, word: str, story_url: str) -> None:
    """Put a link to the story in a player's place; the text after it stays."""
    tail = node.tail
    node.clear()
    node.tag, node.tail = "p", tail
    link = etree.SubElement(node, "a", href=story_url)
    link.text = word
