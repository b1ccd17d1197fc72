"""A story's box → safe HTML for a post, and the record of what was taken out.

Order: match every rule on the untouched box, drop the outermost matches,
rebuild the blocks, sanitise by allow-list, escape braces. Pure.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import nh3

from zaobao import text
from zaobao.cleaning import figures, links, matching, near
from zaobao.cleaning.access import LAST, hiding, said
from zaobao.cleaning.blocks import Walk
from zaobao.cleaning.pieces import HEADINGS, INLINE, Block
from zaobao.cleaning.players import find_players, link_player
from zaobao.items import Access, Article, Extraction, Image, Removed
from zaobao.page import without_controls, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lxml import etree

    from zaobao.cleaning.rules import Rule
    from zaobao.selectors import Index

DECLARED_SHARE = 1.5
"""The page's own count of its text over this share of the body says that the text goes on."""

MOST_ENTITIES = 20_000
"""In one body. The sanitiser's time grows with the square of their number: 400,000 took 39 s."""

_BLOCKS = "p br hr ul ol li blockquote table tbody tr td th figure figcaption img"
_SANITISER = nh3.Cleaner(
    tags={*INLINE, *HEADINGS, *_BLOCKS.split()},
    clean_content_tags=set(),
    attributes={
        "a": {"href"},
        "img": {"src", "alt", "referrerpolicy", "loading"},
        "td": {"colspan", "rowspan"},
        "th": {"colspan", "rowspan"},
    },
    link_rel="noopener nofollow",
    url_schemes={"https", "http", "mailto"},
    url_relative="deny",
)


class TooMuchRemoved(ValueError):
    """The rules would take more than half of the box's characters; the message names which."""


class TooDeep(ValueError):
    """The box is nested deeper than a post may be."""


class TooLarge(ValueError):
    """The box holds more than can be sanitised in a moment."""


@dataclass(slots=True)
class Cleaned:
    """What is left of a box. `players`: videos and sound that became links to the story."""

    html: str
    text: str
    images: list[Image]
    removed: list[Removed]
    access: Access
    access_reason: str | None
    players: int


def clean(box: etree._Element, story_url: str, outside: Iterable[Image] = ()) -> Cleaned:
    """Clean a box; it is used up. `outside`: pictures from around it, lead and gallery.

    TooMuchRemoved, TooDeep, TooLarge: the story must not be published as it is.
    """
    content = without_controls(box)
    if len(content) > MOST_ENTITIES < sum(map(content.count, "&<>")):
        raise TooLarge(f"more than {MOST_ENTITIES} entities in one body")
    tree = box.getroottree()
    matches, players, index = marked(box, content)
    outermost = [node for node in matches if not matching.is_below(node, matches)]
    removed = [
        Removed(matches[node].name, matches[node].kind, tree.getpath(node), near.seen(node))
        for node in outermost
    ]
    _check_share(removed, text.count(content) - near.unseen(index))
    access, reason = _access(matches.values())
    if access == "free" and (tag := hiding(outermost)):
        access, reason = "unknown", f"text stands in a <{tag}>"
    taken = [words_of(node) for node in outermost if matches[node].kind == "paywall"]
    standing = [node for node in players if not matching.is_below(node, matches | players)]
    for node in outermost:
        matching.drop(node)
    for node in standing:
        link_player(node, players[node], story_url)
    try:
        walk = Walk()
        walk.flow(box)
        blocks = walk.close()
    except RecursionError as error:
        raise TooDeep(str(error)) from None
    parts = figures.placed(blocks, tuple(outside), removed)
    html = "".join(part if isinstance(part, str) else figures.html(*part) for part in parts)
    images = [part[0] for part in parts if not isinstance(part, str)]
    words = "\n".join(block.text for block in blocks if isinstance(block, Block) and block.text)
    if access == "free" and (line := said([*taken, *words.rsplit("\n", LAST)[-LAST:]])):
        access, reason = "unknown", f"it ends with {line!r}"
    return Cleaned(sanitised(html), words, images, removed, access, reason, len(standing))


def marked(
    box: etree._Element, content: str
) -> tuple[dict[etree._Element, Rule], dict[etree._Element, str], Index]:
    """The elements that a rule takes; the players that become links, each with its word; an index.

    content: all text of the box.
    """
    matches, index = matching.matches(box, content)
    players = find_players(box, index)
    for node in players:
        matches.pop(node, None)
    return matches, players, index


def clean_article(extraction: Extraction) -> None:
    """Clean an article in place: body, text, images, access, removals, digest. Its box is used up.

    TooMuchRemoved, TooDeep, TooLarge as in `clean`.
    """
    article = extraction.article
    cleaned = clean(extraction.box, article.url, article.images)
    extraction.box = None
    article.body_html, article.text = cleaned.html, cleaned.text
    article.images, article.removed = cleaned.images, cleaned.removed
    if not any(image.role == "lead" for image in article.images):
        extraction.rungs.pop("lead", None)
    extraction.players = cleaned.players
    article.access, article.access_reason = cleaned.access, cleaned.access_reason
    declared = extraction.declared_chars
    said_longer = declared and declared > DECLARED_SHARE * text.count(article.text)
    if article.access == "free" and said_longer:
        article.access = "truncated"
        article.access_reason = f"the page declares {declared} characters"
    article.digest = digest(article)


def digest(article: Article) -> str:
    """`sha256:` over headline, text without white space runs, and pictures without query or style.

    Adverts, white space and image tokens do not change it.
    """
    pictures = "\n".join(links.same_picture(image.url) for image in article.images)
    parts = (article.title, " ".join(article.text.split()), pictures)
    return "sha256:" + hashlib.sha256("\0".join(parts).encode()).hexdigest()


def sanitised(html: str) -> str:
    """HTML by the allow-list, on one line, every brace as an entity.

    The braces come after the sanitiser: an HTML parser turns entities back
    (hardening 4.2). Entities are the only escape from Liquid that held in
    Jekyll 3.10, 4.3 and 4.4.
    """
    safe = _SANITISER.clean(html).replace("\n", " ")
    return safe.replace("{", "&#123;").replace("}", "&#125;")


def _check_share(removed: list[Removed], total: int) -> None:
    taken = sum(entry.chars for entry in removed)
    if taken * 2 > total:
        most = max(removed, key=lambda entry: entry.chars)
        raise TooMuchRemoved(
            f"the rules would take {taken} of {total} characters, {most.chars} of them by "
            f"rule {most.rule!r} at {most.path}"
        )


def _access(rules: Iterable[Rule]) -> tuple[Access, str | None]:
    weak: tuple[Access, str | None] = ("free", None)
    for rule in rules:
        if rule.access == "paywalled":
            return "paywalled", rule.name
        if rule.access:
            weak = rule.access, rule.name
    return weak
