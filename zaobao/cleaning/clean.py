"""A story's box → safe HTML for a post, and the record of what was taken out.

Order: match every rule on the untouched box, rebuild the blocks without the
outermost matches, sanitise by allow-list, escape braces.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zaobao import dom, text, urls
from zaobao.cleaning import access, links, media
from zaobao.cleaning.addresses import resolve_below
from zaobao.cleaning.blocks import Block, Walk, once
from zaobao.cleaning.endtags import EndTags
from zaobao.cleaning.lines import is_told_further
from zaobao.cleaning.matching import matched
from zaobao.cleaning.pagers import PAGER, may_hold, pagers
from zaobao.cleaning.placing import placed
from zaobao.cleaning.rules import HIDDEN
from zaobao.cleaning.sanitiser import MOST_ENTITIES, sanitised
from zaobao.items import Access, Article, Extraction, Image, Removed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zaobao.dom import Node

DECLARED_SHARE = 1.5
"""The page's own count of its text over this share of the body says that the text goes on."""


REPEATED = "repeated-body"
"""The name in `removed` of a second copy of the body."""


_NO_SHARE = frozenset({HIDDEN, PAGER.name})
"""Rules whose removals may be more than half of a box."""


class TooMuchRemoved(ValueError):
    """The rules would take more than half of the box's characters; the message names which."""


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


def clean(
    box: Node,
    story_url: str,
    outside: Iterable[Image] = (),
    base: str = "",
    source: bytes = b"",
) -> Cleaned:
    """Clean a box. `outside`: pictures from around it, lead and gallery.

    base: the address that relative ones belong to; the story's, where it is not given.
    source: the page in which the box stands, for its end tags.

    TooMuchRemoved, TooDeep, TooLarge: the story must not be published as it is.
    """
    html = box.html or ""
    if any(mark in html for mark in media.HIDDEN_MARKS):
        media.reveal(box)
        media.draw(box)
        html = box.html or ""
    if "<a " in html or "<img" in html or "<source" in html:
        resolve_below(box, base or story_url)
    content = dom.squeezed(box)
    if len(content) > MOST_ENTITIES < sum(map(content.count, "&<>")):
        raise TooLarge(f"more than {MOST_ENTITIES} entities in one body")
    paths = dom.Paths()
    ends = EndTags(source, paths)
    found = matched(box, ends, html, content)
    if may_hold(html) and (story := urls.story(story_url)) is not None:
        for node in pagers(box, story.number, base or story_url):
            found.rules.setdefault(node, PAGER)
    outermost, standing = found.outermost(), found.standing()
    removed = [
        Removed(rule.name, rule.kind, paths.of(node), dom.seen(node))
        for node in outermost
        if (rule := found.rules[node])
    ]
    shown = dom.seen(box, content) - sum(one.chars for one in removed if one.rule in _NO_SHARE)
    _check_share([one for one in removed if one.rule not in _NO_SHARE], shown)
    said, reason = access.of_markers(found.rules.values())
    hidden = [*outermost, *standing]
    if "<rp" in html or "<math" in html:
        hidden += dom.below(box, "rp, math")
    if said == "free" and (where := access.hiding(found.rules, hidden, ends)):
        said, reason = "unknown", f"text stands in {where}"
    if said == "free" and (name := access.swallowing(found.rules, outermost, box, ends)):
        said = "unknown"
        reason = f"sentences stand in what rule {name!r} took, which never ends"
    walk = Walk(story_url, frozenset(outermost), {node: found.players[node] for node in standing})
    blocks, repeated = once(walk.blocks_of(box), box, walk.left_out)
    if repeated:
        removed.append(Removed(REPEATED, "chrome", paths.of(box), repeated))
    body, images = placed(blocks, outside, removed)
    lines = [block.text for block in blocks if isinstance(block, Block) and block.text]
    words = "\n".join(lines)
    if said == "free":
        taken = [
            dom.words_of(node)
            for node in outermost
            if found.rules[node].kind == "paywall" and not is_told_further(node, box, found.rules)
        ]
        if line := access.asking_line([*taken, *access.end_of(words.split("\n"))]):
            said, reason = "unknown", f"it ends with {line!r}"
    return Cleaned(sanitised(body), words, images, removed, said, reason, len(standing))


def clean_article(extraction: Extraction) -> None:
    """Clean an article in place: body, text, images, access, removals, digest.

    TooMuchRemoved, TooDeep, TooLarge as in `clean`.
    """
    article = extraction.article
    cleaned = clean(extraction.box, article.url, article.images, extraction.base, extraction.page)
    extraction.box = None
    article.body_html, article.text = cleaned.html, cleaned.text
    article.images, article.removed = cleaned.images, cleaned.removed
    if not any(image.role == "lead" for image in article.images):
        extraction.sources.pop("lead", None)
    extraction.players = cleaned.players
    article.access, article.access_reason = cleaned.access, cleaned.access_reason
    declared = extraction.declared_chars
    said_longer = declared and declared > DECLARED_SHARE * text.count(article.text)
    if article.access == "free" and said_longer:
        article.access = "truncated"
        article.access_reason = f"the page declares {declared} characters"
    if article.access == "free" and extraction.goes_on:
        article.access = "truncated"
        article.access_reason = "sentences stand behind the end of its body"
    article.digest = digest(article)


def digest(article: Article) -> str:
    """`sha256:` over headline, text without white space runs, and pictures without query or style.

    Adverts, white space and image tokens do not change it.
    """
    pictures = "\n".join(links.same_picture(image.url) for image in article.images)
    parts = (article.title, " ".join(article.text.split()), pictures)
    return "sha256:" + hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _check_share(removed: list[Removed], total: int) -> None:
    taken = sum(entry.chars for entry in removed)
    if taken * 2 > total:
        most = max(removed, key=lambda entry: entry.chars)
        raise TooMuchRemoved(
            f"the rules would take {taken} of {total} characters, {most.chars} of them by "
            f"rule {most.rule!r} at {most.path}"
        )
