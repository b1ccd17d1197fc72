"""The ladder of each field: every place where a page may say it, best first (site-facts 4.1).

A ladder gives (value, rung); the rung that won is recorded, so that a site
change shows as a shift from one rung to the next.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from zaobao import blocks, embedded, links, text, times, urls
from zaobao.items import Image
from zaobao.page import Page, text_of
from zaobao.rules import NOT_EDITORIAL

if TYPE_CHECKING:
    from lxml import etree

    from zaobao.layouts.base import Layout

AHEAD = timedelta(minutes=10)
"""A time further ahead of the crawl than this is none: clocks differ, stories do not."""

_SUFFIXES = (" | 联合早报网", " | 联合早报", " | 早报")
_SITE_NAMES = frozenset({"联合早报", "联合早报网", "早报", "zaobao", "zaobao.com", "zaobao.com.sg"})
_LONGEST_TIME_LINE = 80
_TAGS = re.compile(r"<[^>]{0,2000}>")


@dataclass(slots=True)
class Published:
    """A publication time: the instant, as it stood, the rung; and the page's time of change."""

    moment: datetime | None = None
    raw: str | None = None
    rung: str | None = None
    updated: datetime | None = None


def news(page: Page, story: urls.StoryUrl) -> dict[str, Any]:
    """The page's own NewsArticle: the one that names this story, else the first that names none."""
    unnamed = {}
    for article in page.news_articles:
        named = _named_story(article)
        if named and named.number == story.number:
            return article
        if named is None and not unnamed:
            unnamed = article
    return unnamed


def _named_story(article: dict[str, Any]) -> urls.StoryUrl | None:
    return next(filter(None, map(urls.story, _addresses(article))), None)


def _addresses(article: dict[str, Any]) -> Iterator[str]:
    for value in (article.get("url"), article.get("mainEntityOfPage"), article.get("@id")):
        address = embedded.dig(value, "@id") if isinstance(value, dict) else value
        if isinstance(address, str):
            yield address


def own_addresses(page: Page) -> Iterator[str]:
    """The addresses that the page names as its own: canonical link, og:url, ld+json.

    An ld+json counts when its headline is the page's heading: that of a
    recommended story may stand on the page too.
    """
    for link in page.root.iter("link"):
        if link.get("rel") == "canonical":
            yield link.get("href") or ""
    yield page.metas.get("og:url", "")
    headings = {text_of(heading) for heading in page.root.iter("h1")}
    for article in page.news_articles:
        if article.get("headline") in headings:
            yield from _addresses(article)


def other_story(page: Page, story: urls.StoryUrl) -> str | None:
    """The number of another story that the page says it is, or None."""
    numbers = [named.number for address in own_addresses(page) if (named := urls.story(address))]
    return numbers[0] if numbers and story.number not in numbers else None


def title(layout: Layout, page: Page, ld: dict[str, Any]) -> tuple[str, str | None]:
    """The headline and its rung; ("", None) when no rung has one."""
    heading = next((words for node in page.select(layout.title) if (words := text_of(node))), "")
    for rung, value in _titles(page, ld, heading):
        words = text.plain(value) if isinstance(value, str) else ""
        if words and words.lower() not in _SITE_NAMES:
            return words, rung
    return "", None


def _titles(page: Page, ld: dict[str, Any], heading: str) -> Iterator[tuple[str, Any]]:
    headline = ld.get("headline")
    if isinstance(headline, str) and "&" in headline and html.unescape(headline) == heading:
        headline = heading  # the script holds the headline as HTML
    yield "ld+json", headline
    yield "h1", heading
    yield "og:title", _without_suffix(page.metas.get("og:title", ""))
    yield "hydration", page.hydration.get("headline")
    yield "title", _without_suffix(page.root.findtext(".//head/title") or "")


def _without_suffix(words: str) -> str:
    for suffix in _SUFFIXES:
        words = words.strip().removesuffix(suffix)
    return words


def published(
    layout: Layout,
    page: Page,
    ld: dict[str, Any],
    scope: etree._Element,
    crawled: datetime,
    listed: datetime | None,
) -> Published:
    """The publication time by the ladder. `listed`: the list's exact time, the last rung.

    Of two sources exactly eight hours apart one has lost its zone: then the
    visible Singapore clock wins. Never the clock of the crawl.
    """
    line, shown, changed = _visible(layout, page, scope)
    latest = crawled + AHEAD
    found = Published(updated=changed or times.parse(ld.get("dateModified")))
    for rung, raw in _published(page, ld, line, listed):
        moment = shown if rung == "visible" else times.parse(raw)
        if moment and moment <= latest:
            found.moment, found.raw, found.rung = moment, str(raw), rung
            break
    if found.moment and shown and shown <= latest and times.eight_hours_apart(found.moment, shown):
        found.moment, found.raw, found.rung = shown, line, "visible"
    if found.updated and not (found.moment and found.moment < found.updated <= latest):
        found.updated = None
    return found


def _published(
    page: Page, ld: dict[str, Any], line: str, listed: datetime | None
) -> Iterator[tuple[str, Any]]:
    yield "ld+json", ld.get("datePublished")
    yield "drupalSettings", page.drupal.get("created")
    yield "hydration", page.hydration.get("create_time")
    for script in page.inline("pubdate"):
        yield "gaPushParams", embedded.ga_pubdate(script)
    yield "visible", line
    for script in page.inline("publication_date"):
        yield "next_f", embedded.next_publication_date(script)
    if listed:
        yield "list", listed.isoformat()


def _visible(
    layout: Layout, page: Page, scope: etree._Element
) -> tuple[str, datetime | None, datetime | None]:
    """The page's time line as it stands, its time of publication and of change."""
    for node in page.select(layout.time, scope):
        line = text_of(node)[:_LONGEST_TIME_LINE]
        shown, changed = times.visible(line)
        if shown or changed:
            return line, *_with_next(node, shown, changed)
    return _time_line(page, scope)


def _with_next(
    node: etree._Element, shown: datetime | None, changed: datetime | None
) -> tuple[datetime | None, datetime | None]:
    """Published and updated may stand in two elements side by side."""
    following = node.getnext()
    if changed is None and following is not None:
        line = text_of(following)[:_LONGEST_TIME_LINE]
        if line.startswith("更新"):
            changed = times.visible(line)[1]
    return shown, changed


def _time_line(page: Page, scope: etree._Element) -> tuple[str, datetime | None, datetime | None]:
    """A line that starts with 发布 or 更新 and a time, wherever the layout puts it."""
    line, shown, changed = "", None, None
    for node in page.time_lines(scope):
        around: etree._Element | None = node
        for _ in range(3):  # the word and the time may stand in elements of their own
            words = text_of(around) if around is not None else ""
            if around is None or len(words) > _LONGEST_TIME_LINE:
                break
            if words.startswith(("发布", "更新")) and any(found := times.visible(words)):
                line, shown, changed = line or words, shown or found[0], changed or found[1]
                break
            around = around.getparent()
        if shown and changed:
            break
    return line, shown, changed


def authors(layout: Layout, page: Page, ld: dict[str, Any], scope: etree._Element) -> list[str]:
    found = embedded.names(ld.get("author"))
    if not found:
        found = [text_of(node) for node in page.select(layout.byline, scope)]
    return _distinct(found)


def tags(layout: Layout, page: Page, ld: dict[str, Any]) -> tuple[list[str], str | None]:
    """The keywords and their rung; the paper's pages may say null (RSSHub #20230)."""
    for rung, value in (
        ("meta", embedded.names(page.metas.get("keywords"))),
        ("ld+json", embedded.names(ld.get("keywords"))),
        ("hydration", embedded.names(page.hydration.get("tags"))),
        ("block", [text_of(node) for node in page.select(layout.keywords)]),
    ):
        if found := _distinct(value):
            return found, rung
    return [], None


def _distinct(values: list[str]) -> list[str]:
    return list(dict.fromkeys(words for value in values if (words := text.plain(value))))


def outside_images(
    layout: Layout, page: Page, ld: dict[str, Any], box: etree._Element, scope: etree._Element
) -> tuple[list[Image], str | None]:
    """Lead picture and gallery from around the box, addresses as written; the lead's rung.

    A picture that only the metadata name is the lead when the page shows none
    at all: beside others it is a crop of one of them, under another address.
    """
    leads, gallery = (
        [
            Image(address, caption, "gallery")
            for node in page.select(selectors, scope)
            if _is_outside(node, box)
            for address, caption in [_shown(node)]
            if _is_editorial(address)
        ]
        for selectors in (layout.lead, layout.gallery)
    )
    block = leads.pop(0) if leads else None
    gallery = leads + gallery
    if block is None and (gallery or next(box.iter("img", "picture"), None) is not None):
        return gallery, None
    for rung, address, caption in _declared(page, ld, block):
        if _is_editorial(address):
            caption = (block.caption if block else None) or (text.plain(caption or "") or None)
            return [Image(address, caption, "lead"), *gallery], rung
    return gallery, None


def _declared(
    page: Page, ld: dict[str, Any], block: Image | None
) -> Iterator[tuple[str, str, str | None]]:
    for address, caption in embedded.addresses(ld.get("image"))[:1]:
        yield "ld+json", address, caption
    for address, caption in embedded.addresses(page.hydration.get("images"))[:1]:
        yield "hydration", address, caption
    if block:
        yield "block", block.url, block.caption
    for address, _ in embedded.addresses(ld.get("thumbnailUrl"))[:1]:
        yield "thumbnailUrl", address, None
    yield "og:image", page.metas.get("og:image", ""), None


def _is_editorial(address: str) -> bool:
    return bool(links.image(address)) and not any(part in address for part in NOT_EDITORIAL)


def _is_outside(node: etree._Element, box: etree._Element) -> bool:
    return not any(up is box or up.tag in ("aside", "footer", "nav") for up in node.iterancestors())


def _shown(node: etree._Element) -> tuple[str, str | None]:
    """The address of a picture around the box, and its caption: printed, else in an attribute."""
    printed = None
    figure = next(node.iterancestors("figure"), None)
    if figure is not None:
        printed = next((text_of(caption) for caption in figure.iter("figcaption")), None)
    named = (node.get(name) for name in ("data-caption", "title", "alt"))
    caption = text.plain(printed or next(filter(None, named), None) or "")
    return next(blocks.addresses([node]), ""), caption or None


def declared_chars(ld: dict[str, Any]) -> int | None:
    """How long the page's own data say that the text is, white space not counted; None: unsaid."""
    counts = []
    words = ld.get("wordCount")
    if isinstance(words, str) and words.isascii() and words.isdigit():
        words = int(words)
    if isinstance(words, int) and not isinstance(words, bool):
        counts.append(words)
    body = ld.get("articleBody")
    if isinstance(body, str):
        counts.append(text.count(_TAGS.sub("", html.unescape(body))))
    return max(counts, default=None)
