"""Frames, players and quoted posts: what a post says in their place.

A post has a link to the story there, so that a reader learns that something
stands on the page: 视频 or 音频, else the frame's own title, else its kind.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from zaobao import dom, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zaobao.cleaning.rules import Rule
    from zaobao.dom import Node

VIDEO = (
    'video, video-js, .brightcove-container, [class*="brightcove"]:not(.paragraph), '
    "[data-video-id], .fb-video"
)
AUDIO = "audio"
"""Players by their own names; frames are told by their address and title."""
FRAMES = "iframe, object, embed"
POSTS = (
    ".fb-post, .twitter-tweet, .instagram-media, .tiktok-embed, .reddit-embed-bq, .bluesky-embed, "
    "[class*=weibo-embed], amp-twitter, amp-instagram, amp-facebook"
)
"""Quoted posts that a script fills; one that has words keeps them, as any quote."""
PLACES = (
    '[class*="embed"], [id*="embed"], [class*="datawrapper"], [id*="datawrapper"], '
    ".tableauPlaceholder"
)
"""Where a script puts a frame or a chart. One that says what it is has a link while it is empty;
so has an empty custom element, such as `<lite-youtube>`."""

_MARKS = [
    (mark, selector)
    for selector, marks in (
        (FRAMES, ("<iframe", "<object", "<embed")),
        (POSTS, ("fb-post", "twitter-tweet", "instagram-media", "-embed", "<amp-")),
        (VIDEO, ("<video", "brightcove", "data-video-id", "fb-video")),
        (AUDIO, ("<audio",)),
        (PLACES, ("embed", "datawrapper", "tableauPlaceholder")),
    )
    for mark in marks
]
"""What stands in the HTML of a box in which such a selector matches something."""
_OWN_TAG = re.compile(r"[a-z]+(?:-[a-z0-9]+)+")
_MAY_BE_OWN = re.compile(r"<[a-z]+-")
_LONGEST_PLAYER = 60
"""Characters that a player may show; what holds more is a wrapper of the story's own text."""
_LONGEST_TITLE = 80
_NAMES = ("class", "id")
_TITLES = ("title", "aria-label", "data-title")
_ADDRESSES = ("src", "data-src", "data-lazy-src", "data-original", "data", "data-url")
_NOWHERE = re.compile(r"(?i)\s*(?:about:|javascript:|#|$)")
_AUDIO_FRAME = (
    r"omny|spotify|soundcloud|podcast|megaphone\.fm|ximalaya|audio|\bradio|music|播客|音频|录音"
)
_VIDEO_FRAME = (
    r"video|player|youtu|vimeo|bilibili|dailymotion|tiktok|douyin|youku|iqiyi|qq\.com/txp|"
    r"brightcove|jwplatform|kaltura|wistia|streamable|twitch|rumble|/reel|livestream|"
    r"\.mp4|\.m3u8|视频|视讯|短片|直播"
)
_KINDS = (("音频", _AUDIO_FRAME), ("视频", _VIDEO_FRAME))
_OTHERS = (
    ("图表", r"datawrapper|dwcdn|flourish|infogram|chart|tableau|graphic|图表"),
    ("地图", r"maps?\b|openstreetmap|地图"),
    ("帖文", r"twitter|//(?:www\.)?x\.com|instagram|facebook|weibo|threads\.net|t\.me|reddit|post"),
)
_FRAME = ("互动内容", r"iframe")
_EMPTY_TITLES = re.compile(r"(?i)(?:iframe|frame|embed(?:ded)?(?: content)?|untitled|内嵌框架)?$")


def found(box: Node, html: str, rules: Mapping[Node, Rule]) -> dict[Node, str]:
    """The embeds below a box that a post has a link for, each with the link's words.

    html: the box's. rules: what the rules take; an advert and what is hidden is none.
    """
    selectors = {selector for mark, selector in _MARKS if mark in html}
    nodes = {selector: dom.below(box, selector) for selector in selectors}
    tags = {node.tag or "" for node in box.traverse()} if _MAY_BE_OWN.search(html) else ()
    if own := sorted(filter(_OWN_TAG.fullmatch, tags)):
        nodes[PLACES] = dom.below(box, ", ".join([PLACES, *own]))
    if not nodes:
        return {}
    words: dict[Node, str] = {}
    for node in nodes.get(PLACES, ()):
        if label := _of_place(node):
            words[node] = label
    for node in nodes.get(FRAMES, ()):
        if label := _of_frame(node):
            words[node] = label
    for node in nodes.get(POSTS, ()):
        if not dom.squeezed(node):
            words[node] = "帖文"
    for word, selector in (("视频", VIDEO), ("音频", AUDIO)):
        for node in nodes.get(selector, ()):
            if dom.seen(node) <= _LONGEST_PLAYER:
                words[node] = word
    return {node: word for node, word in words.items() if _is_shown(node, rules.get(node))}


def _is_shown(node: Node, rule: Rule | None) -> bool:
    is_advert = rule is not None and rule.kind in ("ad", "dfp", "tracking")
    return not is_advert and not dom.is_hidden(node)


def _of_place(node: Node) -> str | None:
    """What to say of an empty element that a script fills; None where nothing tells what with."""
    if dom.seen(node) or node.css_first("img, iframe, object, embed, video, audio") is not None:
        return None
    said = node.attributes
    hints = " ".join([node.tag or "", *(said.get(name) or "" for name in (*_NAMES, *_ADDRESSES))])
    for word, pattern in (*_KINDS, *_OTHERS, _FRAME):
        if re.search(pattern, hints.lower()):
            return word if word in ("视频", "音频") else _title(node) or word
    return None


def _title(node: Node) -> str:
    """An embed's own title; empty for one that says nothing."""
    said = node.attributes
    title = next((value for name in _TITLES if (value := said.get(name))), "")
    title = text.plain(title)[:_LONGEST_TITLE]
    return "" if _EMPTY_TITLES.fullmatch(title) else title


def _of_frame(node: Node) -> str | None:
    """What to say of a frame; None for one that shows nothing."""
    said = node.attributes
    address = next((value for name in _ADDRESSES if (value := said.get(name))), "")
    if _NOWHERE.match(address) and not said.get("srcdoc"):
        return None
    sizes = [value for name in ("width", "height") if (value := said.get(name))]
    if any(re.fullmatch(r"\s*[01](?:px)?\s*", value) for value in sizes):
        return None
    title = _title(node)
    hints = f"{address} {title} {said.get('class') or ''} {said.get('type') or ''}".lower()
    for word, pattern in _KINDS:
        if re.search(pattern, hints):
            return word
    if title:
        return title
    return next((word for word, pattern in _OTHERS if re.search(pattern, hints)), _FRAME[0])
