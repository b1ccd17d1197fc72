"""From a page to an article: by the layout that claims it, else by the generic fallback.

The same for a page that was just fetched, one that was kept in quarantine, one
of the raw archive, and one that a program of somebody else gives to `extract`.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from zaobao import layouts, plausibility, text, times
from zaobao.blockpages import check_story
from zaobao.cleaning.blocks import TooDeep
from zaobao.cleaning.clean import TooLarge, TooMuchRemoved, clean_article
from zaobao.cleaning.pagers import page_of_story
from zaobao.decoding import utf8
from zaobao.errors import (
    BodyMissing,
    NoFallback,
    NotAStory,
    OrderHidden,
    OtherStory,
    UnfitError,
    UnreadablePage,
)
from zaobao.items import PAGE_MISSING, PROVISIONAL
from zaobao.layouts import order
from zaobao.layouts.base import EMPTY
from zaobao.page import MAX_DEPTH, Page
from zaobao.pagechecks import check_html
from zaobao.urls import StoryUrl

if TYPE_CHECKING:
    from datetime import datetime

    from zaobao.items import Article, Extraction
    from zaobao.layouts.base import Layout

logger = logging.getLogger(__name__)

_LONGEST_KEPT_UP = timedelta(days=31)
"""From a story's publication to an update that gives its address another day. Our choice: of the
paper it is known only that there are such addresses (docs/site-facts.md)."""
_SHOWS = "img, picture, iframe, object, embed, video, video-js, audio"


def extract(
    html: bytes | str,
    url: str,
    *,
    crawled: datetime | None = None,
    listed: datetime | None = None,
) -> Article:
    """The clean article of a story's page. It asks no network and writes nothing.

    html: the whole page, as bytes in the encoding that it came in, or as text.
    url: the story's address. crawled: when the page was asked for, with its zone;
    now, where it is not given. listed: the exact time that a list gave the story.
    A page that no layout claims is read by the generic fallback; its article's
    `layout` is `generic`. NoArticle: the page gives none, and `reason` says why.
    """
    crawled = crawled or times.now()
    if crawled.tzinfo is None or (listed and listed.tzinfo is None):
        raise ValueError("crawled and listed need a zone")
    story = story_of(url)
    page = checked_page(html, url)
    check_story(page.source)
    try:
        extraction = read(page, story, crawled, listed)
    except UnreadablePage as error:
        try:
            extraction = fallback(page, story, crawled)
        except UnreadablePage as other:
            raise error from other
    return finish(extraction)


def story_of(url: str) -> StoryUrl:
    """A story's address, taken apart. UnfitError `no_story` for another address."""
    try:
        return StoryUrl.of(url)
    except ValueError as error:
        raise UnfitError("no_story", str(error)) from None


def checked_page(html: bytes | str, url: str) -> Page:
    """A whole page, checked before and after it is parsed. UnfitError: it cannot be read."""
    data = html.encode("utf-8", "replace") if isinstance(html, str) else html
    source = utf8(data)
    check_html(source)
    page = Page(url, source)
    if page.is_too_deep:
        raise UnfitError("too_deep", f"elements inside each other over {MAX_DEPTH} levels")
    return page


def read(
    page: Page, story: StoryUrl, crawled: datetime, listed: datetime | None = None
) -> Extraction:
    """The story by its layout, not yet clean. UnreadablePage says why there is none.

    listed: the list's exact time for it.
    """
    layout = layouts.pick(page)
    extraction = layout.extract(page, story, crawled, listed)
    if extraction.sources.get("body") == EMPTY and _is_elsewhere(extraction, page):
        raise BodyMissing(f"{layout.name} finds the body of {story.id} empty")
    return _completed(extraction, page, story, listed)


def fallback(page: Page, story: StoryUrl, crawled: datetime) -> Extraction:
    """The story by the generic fallback, not yet clean. UnreadablePage says why there is none."""
    from zaobao.layouts import generic

    extraction = _completed(generic.extract(page, story, crawled), page, story, None)
    if extraction.article.published is None:
        raise NoFallback("the page's time lies more than two days from the address's day")
    return extraction


def try_fallback(page: Page, story: StoryUrl, crawled: datetime) -> Extraction | None:
    """As `fallback`; None, with a log line, when it gives none."""
    try:
        return fallback(page, story, crawled)
    except UnreadablePage as error:
        logger.info("%s: the generic fallback gives no post: %s", story.id, error)
        return None


def join(extraction: Extraction, page: Page) -> None:
    """Join the next page of a story of several. UnreadablePage: it is none of this story."""
    number = extraction.article.number
    if page_of_story(page.url, number) is None:
        raise OtherStory(f"it leads to {page.url}")
    extraction.further.add(page)


def leave_out_page(extraction: Extraction, why: str) -> None:
    """Note that the next page of a story of several cannot be read; the text is truncated."""
    further = extraction.further
    extraction.article.revision = PROVISIONAL
    further.fail(f"{PAGE_MISSING}{further.number} could not be read: {why}")


def finish(extraction: Extraction) -> Article:
    """Clean the article in place, and check that it makes sense; NotAStory when it does not."""
    clean(extraction)
    plausibility.check(extraction)
    return extraction.article


def clean(extraction: Extraction) -> None:
    """Clean the article in place; NotAStory when it cannot be."""
    article = extraction.article
    if extraction.further:
        article.images += extraction.further.images
    try:
        clean_article(extraction)
    except TooMuchRemoved as error:
        raise NotAStory("rule_took_too_much", f"{article.id}: {error}") from None
    except TooDeep as error:
        raise NotAStory("too_deep", f"{article.id}: {error}") from None
    except TooLarge as error:
        raise NotAStory("too_large", f"{article.id}: {error}") from None
    missing = extraction.further.missing if extraction.further else None
    if article.access == "free" and missing:
        article.access, article.access_reason = "truncated", missing
    if article.access == "free" and plausibility.is_cut(article.text, extraction.description):
        article.access, article.access_reason = "truncated", "the page's description goes on"


def said(page: Page) -> dict[str, Any]:
    """What each layout's probe says about a page, for a person to read."""
    return {layout.name: _probe(layout, page) for layout in layouts.LAYOUTS}


def _probe(layout: Layout, page: Page) -> dict[str, Any]:
    found, barred = (
        [selector for selector in selectors if page.has((selector,))]
        for selectors in (layout.probe, layout.never)
    )
    return {"claims": layout.claims(page), "found": found, "barred_by": barred}


def _is_elsewhere(extraction: Extraction, page: Page) -> bool:
    """Whether the text must be somewhere else: the box shows nothing, and the page has no lead
    picture, has its text in a script, or describes more than headline and captions say."""
    article = extraction.article
    if extraction.box.css_first(_SHOWS) is not None:
        return False
    if not article.images or page.embedded_body is not None:
        return True
    about = text.squeeze(page.description.rstrip("…."))
    return about not in text.squeeze(
        "".join([article.title, *(image.caption or "" for image in article.images)])
    )


def _completed(
    extraction: Extraction, page: Page, story: StoryUrl, listed: datetime | None
) -> Extraction:
    """The extraction with what its page, list and address say besides; OrderHidden."""
    _check_order(extraction, page, story)
    extraction.page, extraction.listed = page.source, listed
    extraction.description = page.description
    extraction.begins_outside = plausibility.begins_outside(
        extraction.box, page.root, extraction.description
    )
    if _is_off_day(extraction.article, story):
        extraction.oddities.append("time_off_day")
        _take_time_of_list(extraction, story, listed)
    return extraction


def _check_order(extraction: Extraction, page: Page, story: StoryUrl) -> None:
    """Note a text in the order as served; OrderHidden where marks may hide another order."""
    sources = extraction.sources
    if "order" not in sources and (mark := order.hidden(extraction.box, page.description)):
        raise OrderHidden(
            f"the paragraphs of {story.id} have a {mark} each, whose values do not rise: "
            "their order may be hidden there"
        )
    if sources.get("order") == "served":
        extraction.oddities.append("order_served")


def _take_time_of_list(extraction: Extraction, story: StoryUrl, listed: datetime | None) -> None:
    """Put the list's time in place of the page's; none, where that is missing or off, too."""
    article, sources = extraction.article, extraction.sources
    article.published = article.published_raw = article.published_from = article.updated = None
    sources.pop("published", None)
    if listed is not None and not times.is_off_day(listed, story.day):
        article.published, article.published_from = listed.astimezone(times.SINGAPORE), "list"
        article.published_raw = listed.isoformat()
        sources["published"] = "list"


def _is_off_day(article: Article, story: StoryUrl) -> bool:
    """Whether the time is far from the address's day, which may be that of the page's update."""
    published, updated = article.published, article.updated
    if published is None or not times.is_off_day(published, story.day):
        return False
    if updated is None or times.is_off_day(updated, story.day):
        return True
    return updated - published > _LONGEST_KEPT_UP
