"""One page, parsed once: the tree that probe, fields and cleaning share."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any
from urllib.parse import urljoin

from cssselect import HTMLTranslator
from lxml import etree

from zaobao import embedded

_PARSER = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
_MARKS = re.compile(
    r"""\[[^]]*?["']([\w/-]+)["']\]|\[[^]]*\]|[.#]([A-Za-z_][\w-]*)|\b([a-z]+-[a-z-]+)"""
)
_BLANKS = re.compile(r"\s+")
_TIME_LINES = etree.XPath(
    "descendant::*[not(self::script)][text()[starts-with(normalize-space(), '发布')"
    " or starts-with(normalize-space(), '更新')]]"
)
_SITEMAP_ID = re.compile(rb"""sitemapId["']?\s*[=:]\s*["']?(\d{1,9})""")
_LD_JSON = "application/ld+json"


class Selector:
    """A CSS selector, compiled once.

    The classes, ids and attribute values that it names are looked for in the
    page's bytes first: a scan of a page's attributes costs a fifth of its parse,
    a byte search nearly nothing.
    """

    __slots__ = ("_find", "css", "marks")

    def __init__(self, css: str) -> None:
        self.css = css
        marks = (value or name or tag for value, name, tag in _MARKS.findall(css))
        self.marks = tuple(mark.encode() for mark in marks if mark)
        self._find = etree.XPath(HTMLTranslator().css_to_xpath(css, prefix="descendant::"))

    def __call__(self, node: etree._Element) -> list[etree._Element]:
        """The matching elements below `node`, in document order."""
        found: list[etree._Element] = self._find(node)
        return found

    def may_match(self, source: bytes) -> bool:
        """Whether everything that the selector names stands in the page at all."""
        return all(mark in source for mark in self.marks)


def css(*selectors: str) -> tuple[Selector, ...]:
    """Compile selectors for a class attribute of a layout, best first."""
    return tuple(Selector(selector) for selector in selectors)


class Page:
    """A page as it came, and what can be read from it without knowing its layout.

    url: the address that answered. source: its bytes as UTF-8. The tree has no
    comments and is never changed before the story's box has been cleaned.
    """

    def __init__(self, url: str, source: bytes) -> None:
        self.url = url
        self.source = source.replace(b"\x00", b"")
        root = etree.fromstring(self.source, _PARSER) if self.source.strip() else None
        self.root: etree._Element = etree.Element("html") if root is None else root

    def select(
        self, selectors: tuple[Selector, ...], within: etree._Element | None = None
    ) -> list[etree._Element]:
        """What the first selector that matches anything matches, in document order."""
        for selector in selectors:
            if selector.may_match(self.source):
                found = selector(self.root if within is None else within)
                if found:
                    return found
        return []

    @cached_property
    def scripts(self) -> list[etree._Element]:
        return list(self.root.iter("script"))

    @cached_property
    def news_articles(self) -> list[dict[str, Any]]:
        """The NewsArticle objects of all ld+json scripts, `#seo-article-page` among them."""
        return embedded.news_articles(
            script.text
            for script in self.scripts
            if script.text
            and (script.get("type") == _LD_JSON or script.get("id") == "seo-article-page")
        )

    @cached_property
    def drupal(self) -> dict[str, Any]:
        """`articleDetails` of drupalSettings, or an empty dict."""
        for script in self.scripts:
            if script.text and "articleDetails" in script.text:
                details = embedded.drupal_details(script.text)
                if details:
                    return details
        return {}

    @cached_property
    def hydration(self) -> dict[str, Any]:
        """The article of the router's hydration data, or an empty dict."""
        for script in self.scripts:
            if script.text and "__staticRouterHydrationData" in script.text:
                article = embedded.hydration_article(script.text)
                if article:
                    return article
        return {}

    def inline(self, mark: str) -> list[str]:
        """The texts of the scripts that hold `mark`."""
        if mark.encode() not in self.source:
            return []
        return [script.text for script in self.scripts if script.text and mark in script.text]

    def time_lines(self, scope: etree._Element) -> list[etree._Element]:
        """Elements below `scope` with a text that starts with 发布 or 更新."""
        found: list[etree._Element] = _TIME_LINES(scope)
        return found

    @cached_property
    def metas(self) -> dict[str, str]:
        """`content` of the meta elements by `name` or `property`; the first of a name counts."""
        found: dict[str, str] = {}
        for meta in self.root.iter("meta"):
            name, content = meta.get("property") or meta.get("name"), meta.get("content")
            if name and content and content.strip():
                found.setdefault(name, content.strip())
        return found

    @property
    def sitemap_id(self) -> str | None:
        """`sitemapId` of an inline script: what `/more/sitemap/<id>` is asked with. HK-2."""
        match = _SITEMAP_ID.search(self.source)
        return match[1].decode() if match else None


def resolved(base: str, address: object) -> str:
    """A link's address made absolute; "" for an empty one or what is no address."""
    if not isinstance(address, str) or not address.strip():
        return ""
    try:
        return urljoin(base, address.strip())
    except ValueError:
        return ""


def text_of(element: etree._Element) -> str:
    """The element's text, white space collapsed, outer white space dropped."""
    return _BLANKS.sub(" ", "".join(element.itertext())).strip()  # type: ignore[arg-type]
