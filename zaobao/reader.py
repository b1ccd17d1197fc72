"""From a page to a story: by the layout that claims it, else by the reader of last resort.

The same for a page that was just fetched, one that was kept in quarantine and
one of the raw archive.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from zaobao import layouts, plausibility, text, times
from zaobao.cleaning.blocks import TooDeep
from zaobao.cleaning.clean import TooLarge, TooMuchRemoved, clean_article
from zaobao.errors import BodyMissing, NotAStory, OrderHidden, UnreadablePage
from zaobao.layouts import order

if TYPE_CHECKING:
    from datetime import datetime

    from zaobao.items import Article, Extraction
    from zaobao.layouts.base import Layout
    from zaobao.page import Page
    from zaobao.urls import StoryUrl

logger = logging.getLogger(__name__)

_SHOWS = "img, picture, iframe, video, video-js, audio"


def read(
    page: Page, story: StoryUrl, crawled: datetime, listed: datetime | None = None
) -> Extraction:
    """The story by its layout, not yet clean. UnreadablePage says why there is none.

    listed: the list's exact time for it.
    """
    layout = layouts.pick(page)
    extraction = layout.extract(page, story, crawled, listed)
    if extraction.rungs.get("body") == "empty" and _is_elsewhere(extraction, page):
        raise BodyMissing(f"{layout.name} finds the body of {story.id} empty")
    return _completed(extraction, page, story, listed)


def without_layout(page: Page, story: StoryUrl, crawled: datetime) -> Extraction:
    """The story by the generic reader, not yet clean. UnreadablePage says why there is none."""
    from zaobao.layouts import generic  # it brings trafilatura's part

    extraction = _completed(generic.extract(page, story, crawled), page, story, None)
    if extraction.article.published is None:
        raise BodyMissing("the page's time lies more than two days from the address's day")
    return extraction


def last_resort(page: Page, story: StoryUrl, crawled: datetime) -> Extraction | None:
    """As `without_layout`; None, with a log line, when it gives none."""
    try:
        return without_layout(page, story, crawled)
    except UnreadablePage as error:
        logger.info("%s: the generic reader gives no post: %s", story.id, error)
        return None


def finish(extraction: Extraction) -> Article:
    """Clean the article in place, and check that it makes sense; NotAStory when it does not."""
    clean(extraction)
    plausibility.check(extraction)
    return extraction.article


def clean(extraction: Extraction) -> None:
    """Clean the article in place; NotAStory when it cannot be."""
    article = extraction.article
    try:
        clean_article(extraction)
    except TooMuchRemoved as error:
        raise NotAStory("rule_took_too_much", f"{article.id}: {error}") from None
    except TooDeep as error:
        raise NotAStory("too_deep", f"{article.id}: {error}") from None
    except TooLarge as error:
        raise NotAStory("too_large", f"{article.id}: {error}") from None
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
    """Whether an empty box is no story's: nothing to see in it, and no lead picture, or words of
    the story in the page's description."""
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
    article, rungs = extraction.article, extraction.rungs
    if "order" not in rungs and (mark := order.hidden(extraction.box, page.description)):
        raise OrderHidden(
            f"the paragraphs of {story.id} have a {mark} each, whose values do not rise: "
            "their order may be hidden there"
        )
    if rungs.get("order") == "served":
        extraction.doubts.append("order_served")
    extraction.source, extraction.listed = page.source, listed
    extraction.description = page.description
    extraction.begins_outside = plausibility.begins_outside(
        extraction.box, page.root, extraction.description
    )
    if _is_off_day(article, story):
        extraction.doubts.append("time_off_day")
        article.published = article.published_raw = article.published_from = None
        article.updated = None
        rungs.pop("published", None)
        if listed is not None:
            article.published, article.published_from = listed.astimezone(times.SINGAPORE), "list"
            article.published_raw = listed.isoformat()
            rungs["published"] = "list"
        if _is_off_day(article, story):
            article.published = article.published_raw = article.published_from = None
    return extraction


def _is_off_day(article: Article, story: StoryUrl) -> bool:
    return article.published is not None and times.is_off_day(article.published, story.day)
