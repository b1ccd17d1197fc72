"""Which story a page says it is, and which NewsArticle of its scripts is its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zaobao import embedded, times, urls
from zaobao.layouts import headlines
from zaobao.page import resolved

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zaobao.page import Page

_ALIKE = 0.4
"""Share of the characters of one headline that another version of it has, too."""


def news(page: Page, story: urls.StoryUrl) -> dict[str, Any]:
    """The page's own NewsArticle, or an empty dict.

    It is one that names this story, else one with the page's heading, else the
    first that names none: a recommended story may have its own beside it. One with
    neither name nor heading, of a day far from the address's or with a headline unlike
    the one that heading and metadata agree on, is such a story's.
    Of two alike an article comes before a post: a reader's comment may be one, too.
    Where none says when it was published, what else has the page's heading for a name does.
    """
    ranked: list[tuple[int, bool, int, dict[str, Any]]] = []
    articles = page.news_articles
    shown = headlines.shown(page) if len(articles) > 1 else set()
    for place, article in enumerate(articles):
        named = _named_story(article)
        if named and named.number != story.number:
            continue
        said = sum(key in article for key in ("headline", "datePublished"))
        is_shown = bool(shown) and _headline(article) in shown
        if not named and not is_shown:
            shown = shown or headlines.shown(page)
            if _headline(article) not in shown and (
                (shown and _is_far(article, story)) or _has_another_headline(article, page)
            ):
                continue
        rank = 8 * bool(named) + 4 * is_shown + said
        ranked.append((-rank, embedded.is_post(article), place, article))
    own = min(ranked, key=lambda entry: entry[:3])[3] if ranked else {}
    if "datePublished" in own:
        return own
    shown = shown or headlines.shown(page)
    return next((one for one in page.dated if _headline(one) in shown), {}) | own


def addresses(page: Page) -> Iterator[str]:
    """The addresses that the page names as its own: canonical link, og:url, ld+json.

    An ld+json counts when its headline is the page's heading: that of a
    recommended story may stand on the page too.
    """
    yield from _declared(page)
    shown = headlines.shown(page) if page.news_articles else set()
    for article in page.news_articles:
        if _headline(article) in shown:
            yield from _addresses(article)


def _declared(page: Page) -> Iterator[str]:
    for link in page.links:
        said = link.attributes
        if (said.get("rel") or "").lower() == "canonical":
            yield resolved(page.base, said.get("href"))
    yield page.metas.get("og:url", "")


def other_story(page: Page, story: urls.StoryUrl) -> str | None:
    """The number of another story that the page says it is, or None."""
    told = [
        *_declared(page),
        *(one for article in page.news_articles for one in _addresses(article)),
    ]
    if all(named is None or named.number == story.number for named in map(urls.story, told)):
        return None  # most often, and nothing more is asked of the page
    other = None
    for named in filter(None, map(urls.story, addresses(page))):
        if named.number == story.number:
            return None
        other = other or named.number
    return other


def _is_far(article: dict[str, Any], story: urls.StoryUrl) -> bool:
    moment = times.parse(article.get("datePublished"))
    return moment is not None and times.is_off_day(moment, story.day)


def _has_another_headline(article: dict[str, Any], page: Page) -> bool:
    """Whether heading and metadata have one headline, and this has hardly a character of it."""
    words = set(_headline(article))
    agreed = {headlines.key(headlines.line(node)) for node in page.headings} & headlines.named(page)
    return bool(words and agreed) and all(
        len(words & set(one)) < _ALIKE * min(len(words), len(set(one))) for one in agreed
    )


def _headline(article: dict[str, Any]) -> str:
    headline = article.get("headline")
    return headlines.key_of_html(headline) if isinstance(headline, str) else ""


def _named_story(article: dict[str, Any]) -> urls.StoryUrl | None:
    return next(filter(None, map(urls.story, _addresses(article))), None)


def _addresses(article: dict[str, Any]) -> Iterator[str]:
    for value in (article.get("url"), article.get("mainEntityOfPage"), article.get("@id")):
        address = embedded.dig(value, "@id") if isinstance(value, dict) else value
        if isinstance(address, str):
            yield address
