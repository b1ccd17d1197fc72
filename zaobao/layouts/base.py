"""What a layout is: one class whose selectors are class attributes.

It says where things are and removes nothing. Selectors are CSS, best first;
the ladders that read them are in `fields.py`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from zaobao import text
from zaobao.cleaning import near
from zaobao.cleaning.pieces import SKIPPED
from zaobao.errors import BodyMissing, OtherStory, TitleMissing
from zaobao.items import Article, Edition, Extraction
from zaobao.layouts import fields, identity, time
from zaobao.layouts.images import outside_images
from zaobao.layouts.lists import Card, Way, read_cards
from zaobao.page import Page, fragment, text_of, words_of
from zaobao.selectors import Selector, css

if TYPE_CHECKING:
    from datetime import datetime

    from lxml import etree

    from zaobao.urls import StoryUrl


_CLOSING = re.compile(r"</(?:p|div|h[2-4]|li|figure)>")
_ESCAPED = 3
"""Printed end tags from which they are markup and no story about HTML, where words stand around."""


class Layout:
    """One generation of the site's markup. Subclass it where only selectors move."""

    name: ClassVar[str]
    edition: ClassVar[Edition | None]

    probe: ClassVar[tuple[Selector, ...]]
    """A story page of this layout has at least one of these."""
    never: ClassVar[tuple[Selector, ...]] = ()
    """And none of these."""
    body: ClassVar[tuple[Selector, ...]]
    title: ClassVar[tuple[Selector, ...]] = css("h1")
    time: ClassVar[tuple[Selector, ...]] = ()
    byline: ClassVar[tuple[Selector, ...]] = ()
    keywords: ClassVar[tuple[Selector, ...]] = ()
    lead: ClassVar[tuple[Selector, ...]] = ()
    gallery: ClassVar[tuple[Selector, ...]] = ()
    """As `lead`: the `img` elements of pictures around the box."""

    list_probe: ClassVar[tuple[Selector, ...]] = ()
    """A list page of this layout has at least one of these."""
    cards: ClassVar[tuple[Selector, ...]] = ()
    """The links of the cards, best first; never a side list."""
    ways: ClassVar[tuple[Way, ...]] = ()
    """How further list pages are asked for, best first."""

    def claims(self, page: Page) -> bool:
        """Whether the page is a story of this layout."""
        return bool(page.select(self.probe)) and not page.select(self.never)

    def claims_list(self, page: Page) -> bool:
        """Whether the page is a list of this layout."""
        return bool(page.select(self.list_probe))

    def extract(
        self, page: Page, story: StoryUrl, crawled: datetime, listed: datetime | None = None
    ) -> Extraction:
        """Read the story; it is not clean yet, and its `box` is untouched.

        listed: the list's exact time, for a page that shows none. BodyMissing,
        TitleMissing, OtherStory: the page is no story of this layout after all.
        """
        if other := identity.other_story(page, story):
            raise OtherStory(f"the page at story {story.id} says that it is story {other}")
        ld = identity.news(page, story)
        box, body_rung = self._box(page)
        scope = _scope(box, page)
        headline, title_rung = fields.title(self, page, ld, scope)
        if not headline:
            raise TitleMissing(f"no headline in the page of story {story.id}")
        published = time.published(self, page, ld, box, scope, story.day, crawled, listed)
        tags, tags_rung = fields.tags(self, page, ld, box, scope)
        images, lead_rung = outside_images(self, page, ld, box, scope)
        rungs = {
            "title": title_rung,
            "published": published.rung,
            "zone": "lost" if published.shifted else None,
            "body": body_rung,
            "order": self.restore_order(box),
            "tags": tags_rung,
            "lead": lead_rung,
        }
        article = Article(
            id=story.id,
            url=story.canonical,
            fetched_url=page.url,
            section=story.section,
            edition=self.edition,
            layout=self.name,
            title=headline,
            published=published.moment,
            published_raw=text.plain(published.raw) if published.raw else None,
            published_from=published.rung,
            updated=published.updated,
            crawled=crawled,
            authors=fields.authors(self, page, ld, scope),
            tags=tags,
            images=images,
        )
        return Extraction(
            article,
            box,
            rungs={name: rung for name, rung in rungs.items() if rung},
            unprinted=published.unprinted,
            declared_chars=fields.declared_chars(ld),
        )

    def _box(self, page: Page) -> tuple[etree._Element, str]:
        """The element that holds the story's text, and which rung found it."""
        empty = None
        for selector in self.body:
            found = page.select((selector,))
            if found:
                box = max(_own(found, page), key=near.seen) if len(found) > 1 else found[0]
                if (escaped := _escaped(page, box)) is not None:
                    return escaped, "escaped"
                if _has_words(box):
                    return box, selector.css
                empty = empty if empty is not None else box
        body_cn = page.hydration.get("body_cn")
        if isinstance(body_cn, str) and body_cn.strip():
            return fragment(body_cn), "body_cn"
        if empty is None:
            raise BodyMissing(
                f"{self.name} claims the page at {page.url}, but its body is not there"
            )
        return empty, "empty"

    def restore_order(self, box: etree._Element) -> str | None:
        """Put the body's children into reading order; how, or None where they need none."""
        return None

    def listing(self, page: Page, seen: datetime) -> tuple[list[Card], str | None]:
        """The cards of a list page as read at `seen`, and the rung that found them."""
        return read_cards(page, self.cards, seen)


def _own(boxes: list[etree._Element], page: Page) -> list[etree._Element]:
    """Those in one `article` with the page's own heading; another story may stand below or above.

    All of them where no heading is the page's, or none has it.
    """
    titles = fields.named(page)
    headings = [node for node in page.headings if text_of(node) in titles]
    around = {up for node in headings for up in node.iterancestors("article")}
    kept = [box for box in boxes if next(box.iterancestors("article"), None) in around]
    return kept or boxes


def _escaped(page: Page, box: etree._Element) -> etree._Element | None:
    """The body of a page whose template escaped its HTML, as one did in 2022 (RSSHub #9001)."""
    words = words_of(box)
    if "</" not in words or not page.holds(b"&lt;/"):
        return None
    words = words.strip()
    ends = len(_CLOSING.findall(words))
    is_all = ends and words[:1] + words[-1:] == "<>"
    return fragment(words) if is_all or ends >= _ESCAPED else None


def _has_words(box: etree._Element) -> bool:
    for node in box.iter():
        if node.tag not in SKIPPED and (node.text or "").strip():
            return True
        if node is not box and (node.tail or "").strip():
            return True
    return False


def _scope(box: etree._Element, page: Page) -> etree._Element:
    """The part of the page around the body that is about this story."""
    around = [node for node in box.iterancestors() if node.tag in ("main", "article")]
    return around[-1] if around else page.root
