"""Videos and sound in a box: a post has a plain link to the story in their place."""

from __future__ import annotations

from lxml import etree

from zaobao.cleaning import near
from zaobao.cleaning.rules import AUDIO, VIDEO
from zaobao.selectors import Index, Selector

_PLAYERS = (("视频", Selector(VIDEO)), ("音频", Selector(AUDIO)))
_TAGS = ("iframe", "video", "video-js", "audio")
_SAID = ("brightcove", "data-video-id")
_LONGEST = 60
"""Characters that a player may show; what holds more is a wrapper of the story's own text."""


def find_players(box: etree._Element, index: Index) -> dict[etree._Element, str]:
    """The players below a box, each with the word for it."""
    if index.keys().isdisjoint(_TAGS) and not any(said in index.said for said in _SAID):
        return {}
    found = {node: word for word, selector in _PLAYERS for node in selector.within(box, index)}
    return {node: word for node, word in found.items() if near.seen(node) <= _LONGEST}


def link_player(node: etree._Element, word: str, story_url: str) -> None:
    """Put a link to the story in a player's place; the text after it stays."""
    tail = node.tail
    node.clear()
    node.tag, node.tail = "p", tail
    link = etree.SubElement(node, "a", href=story_url)
    link.text = word
