"""Frames, players and quoted posts: what a post says in their place.

A post has a link to the story there, so that a reader learns that something
stands on the page: 视频 or 音频, else the frame's own title, else its kind.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from zaobao import dom, text
from zaobao.cleaning import media
from zaobao.cleaning.elements import BLOCKS
from zaobao.cleaning.lines import tells
from zaobao.cleaning.rules import ADVERT_MARKS, ADVERTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zaobao.cleaning.rules import Rule
    from zaobao.dom import Markup, Node

VIDEO = (
    'video, video-js, .brightcove-container, [class*="brightcove"]:not(.paragraph), '
    "[data-video-id], .fb-video, mpvideosnap"
)
AUDIO = "audio, mpvoice, qqmusic"
"""Players by their own names; frames are told by their address and title."""
FRAMES = "iframe, object, embed"
POSTS = (
    ".fb-post, .twitter-tweet, .instagram-media, .tiktok-embed, .reddit-embed-bq, .bluesky-embed, "
    "[class*=weibo-embed], amp-twitter, amp-instagram, amp-facebook"
)
"""Quoted posts that a script fills; one that has words keeps them, as any quote."""
SCRIPTS = (
    'script[data-telegram-post], script[id^="infogram_"], '
    'script[src*="jwplayer.com/players/"], script[src*="jwplatform.com/players/"]'
)
"""Scripts that put a post, a chart or a player where they stand."""
_SURE_PLACES = (
    '[class*="embed"], [id*="embed"], [class*="datawrapper"], [id*="datawrapper"], '
    ".tableauPlaceholder, oembed"
)
_SERVICES = (
    ".apester-media, .playbuzz, .typeform-widget, .leaflet-container, [data-tf-live], "
    '[data-pym-src], [data-pin-do^="embed"], [data-highcharts-chart], [id^="rumble_"]'
)
THUMBNAILS = (
    'a:is([href*="youtube.com/watch"], [href*="youtube.com/shorts/"], [href*="youtu.be/"], '
    '[href*="bilibili.com/video/"], [href*="facebook.com/watch"]):has(img)'
)
"""Links to a video that show a picture of it."""
PLACES = (
    f"{_SURE_PLACES}, {_SERVICES}, "
    '[class*="player"], [id*="player"], [class*="chart"], [id*="chart"], '
    '[class*="youtube"]:is([data-id], [data-embed], [data-youtube-id])'
)
"""Where a script puts a frame or a chart. One that says what it is has a link while it is empty;
so has an empty custom element, such as `<lite-youtube>`."""

_MARKS = [
    (mark, selector)
    for selector, marks in (
        (FRAMES, ("<iframe", "<object", "<embed")),
        (POSTS, ("fb-post", "twitter-tweet", "instagram-media", "-embed", "<amp-")),
        (SCRIPTS, ("telegram-post", "infogram_", "jwplayer", "jwplatform")),
        ("svg", ("<text",)),
        (VIDEO, ("<video", "brightcove", "data-video-id", "fb-video", "<mpvideosnap")),
        (AUDIO, ("<audio", "<mpvoice", "<qqmusic")),
        (PLACES, ("embed", "datawrapper", "player", "chart", "tableauPlaceholder")),
        (PLACES, ("apester", "playbuzz", "typeform", "leaflet", "data-tf-", "-pym-", "rumble_")),
        (PLACES, ("youtube",)),
        (THUMBNAILS, ("youtu", "bilibili.com/video/", "facebook.com/watch")),
    )
    for mark in marks
]
"""What stands in the tags and attributes of a box in which such a selector matches something."""
_OWN_TAG = re.compile(r"[a-z]+(?:-[a-z0-9]+)+")
_LONGEST_PLAYER = 60
"""Characters that a player may show; what holds more is a wrapper of the story's own text."""
_LONGEST_TITLE = 80
_NAMES = ("class", "id")
_TITLES = ("title", "aria-label", "data-title")
_ADDRESSES = ("src", "data-src", "data-lazy-src", "data-original", "data", "data-url", "url")
_ADDRESS_PARAMS = frozenset({"movie", "src", "url", "filename"})
"""The names of an object's `param` that give its address."""
_TAKEN_ANYWAY = frozenset({"frame", "script", "drawing"})
"""The rules that take every frame, script and drawing, also one that shows something."""
_LEAST_CHART = (200, 100)
"""Width and height in pixels of a drawing with words that is a chart, and no icon."""
_WIDENED = re.compile(r"(?i)min-width\s*:\s*[1-9]")
_WAITING = re.compile(r"src(?!doc|set)|lazy")
_NOWHERE = re.compile(r"(?i)\s*(?:about:|javascript:|#|$)")
_AUDIO_FRAME = (
    r"omny|spotify|soundcloud|podcast|megaphone\.fm|ximalaya|audio|\bradio|music|播客|音频|录音"
)
_VIDEO_FRAME = (
    r"video|player|youtu|vimeo|bilibili|dailymotion|tiktok|douyin|youku|iqiyi|//v\.qq\.com|//tv\.|"
    r"brightcove|jwplatform|kaltura|wistia|streamable|twitch|rumble|/reel|livestream|"
    r"\.mp4|\.m3u8|视频|视讯|短片|直播"
)
_POST_FRAME = (
    r"twitter|//(?:www\.)?x\.com|instagram|facebook|weibo|threads\.net|t\.me|telegram|reddit|"
    r"pin-do|mastodon|linkedin|post"
)
_KINDS = (("音频", _AUDIO_FRAME), ("视频", _VIDEO_FRAME))
_OTHERS = (
    ("图表", r"datawrapper|dwcdn|flourish|infogram|chart|tableau|graphic|图表"),
    ("地图", r"maps?\b|openstreetmap|leaflet|地图"),
    ("帖文", _POST_FRAME),
)
_FRAME = ("互动内容", r"iframe|widget")
_NUMBERS = re.compile(r"\d+(?:\.\d+)?")
_ALL = (*_KINDS, *_OTHERS, _FRAME)
_EMPTY_TITLES = re.compile(
    r"(?i)(?:iframe|frame|embed(?:ded)?(?: content| post)?|interactive or visual content|untitled"
    r"|内嵌框架)?$"
)


def found(box: Node, html: str, markup: Markup, rules: Mapping[Node, Rule]) -> dict[Node, str]:
    """The embeds below a box that a post has a link for, each with the link's words.

    html: the box's. rules: what the rules take; an advert and what is hidden is none.
    """
    selectors = {selector for mark, selector in _MARKS if mark in markup.said}
    nodes = {selector: markup.select(selector) for selector in selectors}
    if own := sorted(filter(_OWN_TAG.fullmatch, markup.tags)):
        nodes[PLACES] = markup.select(PLACES, own)
    if not nodes and "noscript" not in markup.tags:
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
    for node in nodes.get(SCRIPTS, ()):
        hints = f"{node.attributes.get('id')} {_address(node)}".lower()
        found_in = (word for word, pattern in _ALL if re.search(pattern, hints))
        words[node] = _title(node) or next(found_in, _FRAME[0])
    for node in nodes.get(THUMBNAILS, ()):
        if not dom.seen(node) and not _holds_shown(node):
            words[node] = "视频"
    for node in nodes.get("svg", ()):
        if label := _of_drawing(node):
            words[node] = label
    for word, selector in (("视频", VIDEO), ("音频", AUDIO)):
        for node in nodes.get(selector, ()):
            if (dom.seen(node) <= _LONGEST_PLAYER or holds_quote(node)) and not _is_told(node):
                words[node] = word
    shown = {node: word for node, word in words.items() if _is_shown(node, rules.get(node))}
    if "noscript" in markup.tags and "<iframe" in html:
        shown |= _unscripted(box, shown)
    return shown


def holds_quote(node: Node) -> bool:
    """Whether a player is a quoted post, too: its words stay beside its link."""
    quote = node if node.tag == "blockquote" else node.css_first(".fb-video > blockquote")
    return quote is not None and bool(dom.squeezed(quote))


def _is_told(node: Node) -> bool:
    """Whether a box that is named after a player has a sentence beside it, a caption most often."""
    is_box = node.tag in BLOCKS and "data-video-id" not in node.attributes
    return is_box and not holds_quote(node) and tells(node)


def _is_shown(node: Node, rule: Rule | None) -> bool:
    """Whether a browser shows an embed, and no rule knows it for something else."""
    return (rule is None or rule.name in _TAKEN_ANYWAY) and not dom.is_hidden(node)


def _unscripted(box: Node, shown: Mapping[Node, str]) -> dict[Node, str]:
    """Each `noscript` with a frame that stands nowhere else: a script puts it in its place."""
    found = {}
    for node in dom.below(box, "noscript"):
        frame = dom.unshown(node).css_first("iframe")
        if frame is None or frame.css_matches(ADVERTS) or dom.is_hidden(frame):
            continue
        around = node.parent
        if around is not None and any(dom.is_in(one, around) for one in shown):
            continue
        if label := _of_frame(frame):
            found[node] = label
    return found


def _of_place(node: Node) -> str | None:
    """What to say of an empty element that a script fills; None where nothing tells what with."""
    if dom.seen(node) or node.tag in media.PICTURES or _holds_shown(node):
        return None
    said = node.attributes
    is_service = node.css_matches(_SERVICES)
    if not (is_service or node.css_matches(_SURE_PLACES) or _is_named(node)):
        return None
    hints = " ".join([node.tag or "", *(said.get(name) or "" for name in (*_NAMES, *_ADDRESSES))])
    hints += " ".join(said) if is_service else ""
    for word, pattern in _ALL:
        if re.search(pattern, hints.lower()):
            return word if word in ("视频", "音频") else _title(node) or word
    if is_service:
        return _title(node) or _FRAME[0]
    if "embed" in hints and any(name.startswith("data-") and said[name] for name in said):
        return _title(node) or _FRAME[0]
    return None


def _is_named(node: Node) -> bool:
    """Whether a script may know an element: a block with an id or data, or one of its own tag."""
    said = node.attributes
    is_known = any(said[name] for name in said if name == "id" or name.startswith("data-"))
    return "-" in (node.tag or "") or (is_known and node.tag in BLOCKS)


def _holds_shown(node: Node) -> bool:
    """Whether a picture of the story or a frame that is shown stands below an element."""
    frames = dom.below(node, FRAMES)
    shown = any(map(media.is_of_story, node.css(media.IMAGES)))
    return (
        shown
        or node.css_first("video, audio") is not None
        or any(_of_frame(frame) and not dom.is_hidden(frame) for frame in frames)
    )


def _title(node: Node) -> str:
    """An embed's own title; empty for one that says nothing."""
    said = node.attributes
    title = next((value for name in _TITLES if (value := said.get(name))), "")
    title = text.plain(title)[:_LONGEST_TITLE]
    return "" if _EMPTY_TITLES.fullmatch(title) else title


def _of_frame(node: Node) -> str | None:
    """What to say of a frame; None for one that shows nothing."""
    said = node.attributes
    if (said.get("type") or "").lower().startswith("image/"):
        return None
    address = _address(node)
    if not address and not said.get("srcdoc"):
        inner = dom.below(node, FRAMES)
        return next(filter(None, map(_of_frame, inner)), None)
    is_flat = any(size is not None and size <= 1 for size in media.sizes(node))
    if is_flat and not _WIDENED.search(said.get("style") or ""):
        return None
    title = _title(node)
    hints = f"{address} {title} {said.get('class') or ''} {said.get('type') or ''}".lower()
    for word, pattern in _KINDS:
        if re.search(pattern, hints):
            return word
    if title:
        return title
    return next((word for word, pattern in _OTHERS if re.search(pattern, hints)), _FRAME[0])


def _address(node: Node) -> str:
    """Where a frame's content lies: the first address that leads somewhere, or "".

    It may wait for the reader's consent in an attribute that each tool names otherwise.
    """
    said = node.attributes
    found = [said.get(name) for name in _ADDRESSES]
    found += [
        value
        for name, value in said.items()
        if value and _WAITING.search(name) and "//" in value and not _is_advert(value)
    ]
    for param in node.css("param"):
        if (param.attributes.get("name") or "").lower() in _ADDRESS_PARAMS:
            found.append(param.attributes.get("value"))
    return next((one for one in found if one and not _NOWHERE.match(one)), "")


def _is_advert(address: str) -> bool:
    return any(mark in address for mark in ADVERT_MARKS)


def _of_drawing(node: Node) -> str | None:
    """What to say of a drawing; None for an icon, and for one around a picture."""
    if node.css_first("text") is None or node.css_first("image") is not None:
        return None
    said = node.attributes
    sizes = media.sizes(node)
    if None in sizes and len(box := _NUMBERS.findall(said.get("viewBox") or "")) == 4:
        sizes = [float(size) for size in box[2:]]
    if sizes[0] is None and "%" in (said.get("width") or ""):
        sizes[0] = _LEAST_CHART[0]
    if any((size or 0) < least for size, least in zip(sizes, _LEAST_CHART, strict=True)):
        return None
    title = node.css_first("title")
    return _title(node) or (dom.text_of(title)[:_LONGEST_TITLE] if title else "") or "图表"
