"""What a layout is: one class whose class attributes say where things are on a page.

It removes nothing. Selectors are CSS, the best first; `fields`, `time` and
`images` read what they find.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from zaobao import dom, text
from zaobao.cleaning import addresses
from zaobao.cleaning.elements import SKIPPED
from zaobao.errors import BodyMissing, OtherStory, TitleMissing
from zaobao.items import Article, Edition, Extraction
from zaobao.layouts import fields, headlines, identity, order, tail, time
from zaobao.layouts.further import FurtherPages
from zaobao.layouts.images import images_around
from zaobao.layouts.lists import Card, Pagination, read_cards
from zaobao.layouts.place import Place, Selectors

if TYPE_CHECKING:
    from datetime import datetime

    from zaobao.dom import Node
    from zaobao.page import Page
    from zaobao.urls import StoryUrl

_CLOSING = re.compile(r"</(?:p|div|h[2-4]|li|figure)>")
_NO_TEXT = {*SKIPPED, "button"}
_ESCAPED = 3
"""Printed end tags from which they are markup and no story about HTML, where words stand around."""

ESCAPED = "escaped"
"""Source of a body whose HTML the page prints as text."""
BODY_CN = "body_cn"
"""Source of a body that stands in the hydration data alone."""
EMPTY = "empty"
"""Source of a body whose element is there, without words."""


class Layout:
    """One generation of the site's markup. Subclass it where only selectors move."""

    name: ClassVar[str]
    edition: ClassVar[Edition | None]

    probe: ClassVar[Selectors]
    """A story page of this layout has at least one of these."""
    never: ClassVar[Selectors] = ()
    """And none of these; they are asked for first, so those that another layout asks for lead."""
    also: ClassVar[Selectors] = ()
    """And one of these, too, where there are any."""
    body: ClassVar[Selectors]
    title: ClassVar[Selectors] = ("h1",)
    time: ClassVar[Selectors] = ()
    byline: ClassVar[Selectors] = ()
    keywords: ClassVar[Selectors] = ()
    lead: ClassVar[Selectors] = ()
    """The `img` elements of the lead picture, outside the body."""
    gallery: ClassVar[Selectors] = ()
    """The `img` elements of the pictures beside it, outside the body, too."""

    list_probe: ClassVar[Selectors] = ()
    """A list page of this layout has at least one of these."""
    cards: ClassVar[Selectors] = ()
    """The links of the cards, best first; never a side list."""
    paginations: ClassVar[tuple[Pagination, ...]] = ()
    """How further list pages are asked for, best first."""

    def claims(self, page: Page) -> bool:
        """Whether the page is a story of this layout."""
        if page.has(self.never) or not page.has(self.probe):
            return False
        return not self.also or page.has(self.also)

    def claims_list(self, page: Page) -> bool:
        """Whether the page is a list of this layout."""
        return page.has(self.list_probe)

    def extract(
        self, page: Page, story: StoryUrl, crawled: datetime, listed: datetime | None = None
    ) -> Extraction:
        """Read the story; it is not clean yet. Its `box` holds all that stood in it, in order.

        listed: the list's exact time, for a page that shows none. BodyMissing,
        TitleMissing, OtherStory: the page is no story of this layout after all.
        """
        if other := identity.other_story(page, story):
            raise OtherStory(f"the page at story {story.id} says that it is story {other}")
        box, body_from = self._box(page)
        box, goes_on = tail.rejoined(box, page)
        goes_on = goes_on or tail.is_swallowed(box, page)
        dom.hide(box, page.hiding)
        place = self._place(page, story, box)
        headline, title_from = headlines.title(place, self.title)
        if not headline:
            raise TitleMissing(f"no headline in the page of story {story.id}")
        published = time.published(place, self.time, story.day, crawled, listed)
        tags, tags_from = fields.tags(place, self.keywords)
        images, lead_from = images_around(place, self.lead, self.gallery)
        ordered = self.put_in_order(box) if order.MARK in place.html else None
        sources = {
            "title": title_from,
            "published": published.source,
            "zone": "lost" if published.shifted else None,
            "body": body_from,
            "order": ordered,
            "tags": tags_from,
            "lead": lead_from,
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
            published_from=published.source,
            updated=published.updated,
            crawled=crawled,
            authors=fields.authors(place, self.byline),
            tags=tags,
            images=images,
        )
        return Extraction(
            article,
            box,
            further=FurtherPages.of(self, place, story),
            base=addresses.base_of(page.url, page.base),
            sources={name: source for name, source in sources.items() if source},
            unprinted=published.unprinted,
            declared_chars=fields.declared_chars(place.ld),
            goes_on=goes_on,
        )

    def place(self, page: Page, story: StoryUrl) -> Place:
        """Where the story stands on a further page of it. BodyMissing."""
        box, _ = tail.rejoined(self._box(page)[0], page)
        dom.hide(box, page.hiding)
        return self._place(page, story, box)

    def _place(self, page: Page, story: StoryUrl, box: Node) -> Place:
        html = box.html or ""
        return Place(page, identity.news(page, story), box, html, _scope(box, page))

    def _box(self, page: Page) -> tuple[Node, str]:
        """The element that holds the story's text, and what found it."""
        empty = None
        for selector in self.body:
            if found := page.select((selector,)):
                box = max(_own(found, page), key=dom.seen) if len(found) > 1 else found[0]
                if (escaped := _escaped(page, box)) is not None:
                    return escaped, ESCAPED
                if _has_words(box):
                    return box, selector
                empty = empty or box
        body_cn = page.hydration.get("body_cn")
        if isinstance(body_cn, str) and body_cn.strip():
            return dom.fragment(body_cn), BODY_CN
        if empty is None:
            raise BodyMissing(
                f"{self.name} claims the page at {page.url}, but its body is not there"
            )
        return empty, EMPTY

    def put_in_order(self, box: Node) -> str | None:
        """Put the body's children into reading order; how, or None where they need none.

        HK-2's marks count in any layout, where they are positions.
        """
        return order.by_data_s(box) if order.has_positions(box) else None

    def listing(self, page: Page, seen: datetime) -> tuple[list[Card], str | None]:
        """The cards of a list page as read at `seen`, and the selector that found them."""
        return read_cards(page, self.cards, seen)


def _own(boxes: list[Node], page: Page) -> list[Node]:
    """Those in one `article` with the page's own heading; another story may stand below or above.

    All of them where no heading is the page's, or none has it.
    """
    titles = headlines.named(page)
    headings = [node for node in page.headings if headlines.key(headlines.line(node)) in titles]
    around = {up for node in headings for up in dom.ancestors(node) if up.tag == "article"}
    kept = [box for box in boxes if _article(box) in around]
    return kept or boxes


def _article(box: Node) -> Node | None:
    return next((up for up in dom.ancestors(box) if up.tag == "article"), None)


def _escaped(page: Page, box: Node) -> Node | None:
    """The body of a page whose template escaped its HTML, as one did in 2022 (RSSHub #9001)."""
    if "</" not in dom.words_of(box) or not page.holds("&lt;/"):
        return None
    words = "".join(
        node.text()
        for node in box.traverse(include_text=True)
        if node.tag == dom.TEXT and not dom.is_below(node, dom.UNSEEN, box)
    )
    words = words.strip()
    ends = len(_CLOSING.findall(words))
    is_all = ends and words[:1] + words[-1:] == "<>"
    return dom.fragment(words) if is_all or ends >= _ESCAPED else None


def _has_words(box: Node) -> bool:
    return any(
        node.tag == dom.TEXT and node.text().strip() and not dom.is_below(node, _NO_TEXT, box)
        for node in box.traverse(include_text=True, skip_empty=True)
    )


def _scope(box: Node, page: Page) -> Node:
    """The part of the page around the body that is about this story."""
    around = [up for up in dom.ancestors(box) if up.tag in ("main", "article")]
    return around[-1] if around else page.root
