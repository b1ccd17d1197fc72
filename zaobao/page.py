"""One page, parsed once: the tree that probe, fields and cleaning share."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any
from urllib.parse import urljoin

from lxml import etree

from zaobao import embedded, endings
from zaobao.selectors import CONTAINERS, INDEXED, Selector
from zaobao.selectors import boxes as boxes
from zaobao.selectors import css as css

_PARSER = etree.HTMLParser(
    encoding="utf-8",
    remove_comments=True,
    remove_pis=True,
    huge_tree=True,
    collect_ids=False,  # a table for XPath's `id()`, which nothing here asks
)
_SITEMAP_ID = re.compile(rb"""sitemapId["']?\s*[=:]\s*["']?(\d{1,9})""")
_LD_JSON = "application/ld+json"


def fragment(html: str) -> etree._Element:
    """The element that holds a piece of HTML, parsed like a page."""
    source = b"<html><body>" + html.replace("\x00", "").encode("utf-8", "ignore")
    body: etree._Element | None = etree.fromstring(source, _PARSER).find("body")
    if body is None:
        return etree.Element("body")
    endings.mend(list(body.iter(*endings.TAGS)))
    return body


class Page:
    """A page as it came, and what can be read from it without knowing its layout.

    url: the address that answered. source: its bytes as UTF-8. The tree has no
    comments and is never changed before the story's box has been cleaned.
    """

    def __init__(self, url: str, source: bytes) -> None:
        self.url = url
        self.source = source.replace(b"\x00", b"")
        self._held: dict[bytes, bool] = {}
        is_blank = not self.source or self.source.isspace()
        root = None if is_blank else etree.fromstring(self.source, _PARSER)
        self.root: etree._Element = etree.Element("html") if root is None else root
        self._collect()
        if endings.mend(self._odd):
            self._collect()

    def select(
        self, selectors: tuple[Selector, ...], within: etree._Element | None = None
    ) -> list[etree._Element]:
        """What the first selector that matches anything matches, in document order."""
        for selector in selectors:
            if within is not None or not selector.is_indexed:
                found = selector(self.root if within is None else within)
            elif not selector.is_container:
                nodes = [node for tag in selector.tags for node in self._index[tag]]
                found = selector.among(nodes, self.root)
            elif (mark := selector.mark) in self._names:
                nodes = [node for node, names in self._named if mark in names]
                found = selector.among(nodes, self.root)
            else:
                continue
            if found:
                return found
        return []

    def holds(self, mark: bytes) -> bool:
        """Whether `mark` stands in the page's bytes at all."""
        known = self._held.get(mark)
        if known is None:
            known = self._held[mark] = mark in self.source
        return known

    def _collect(self) -> None:
        """Take the elements that are asked for again and again, by tag, in one pass.

        `_named`: the containers in document order, each with its attributes' values.
        """
        boxes: list[etree._Element] = []
        self._odd: list[etree._Element] = []
        self._index: dict[str, list[etree._Element]] = {tag: [] for tag in INDEXED}
        lists = self._index | dict.fromkeys(CONTAINERS, boxes)
        for node in self.root.iter(*INDEXED, *CONTAINERS, *endings.TAGS):
            lists.get(node.tag, self._odd).append(node)
        self._named = [(node, " ".join(node.values())) for node in boxes]  # type: ignore[arg-type]
        self._names = " ".join([names for _, names in self._named])

    @property
    def scripts(self) -> list[etree._Element]:
        return self._index["script"]

    @property
    def links(self) -> list[etree._Element]:
        """The `link` elements."""
        return self._index["link"]

    @property
    def headings(self) -> list[etree._Element]:
        """The `h1` elements."""
        return self._index["h1"]

    @cached_property
    def news_articles(self) -> list[dict[str, Any]]:
        """The NewsArticle objects of all ld+json scripts, `#seo-article-page` among them."""
        return embedded.news_articles(
            script.text for script in self.scripts if _is_ld_json(script) and script.text
        )

    @cached_property
    def drupal(self) -> dict[str, Any]:
        """`articleDetails` of drupalSettings, or an empty dict."""
        found = map(embedded.drupal_details, self.inline("articleDetails"))
        return next(filter(None, found), {})

    @cached_property
    def hydration(self) -> dict[str, Any]:
        """The article of the router's hydration data, or an empty dict."""
        found = map(embedded.hydration_article, self.inline("__staticRouterHydrationData"))
        return next(filter(None, found), {})

    def inline(self, mark: str) -> list[str]:
        """The texts of the scripts that hold `mark`."""
        if not self.holds(mark.encode()):
            return []
        return [script.text for script in self.scripts if script.text and mark in script.text]

    @cached_property
    def metas(self) -> dict[str, str]:
        """`content` of the meta elements by `name` or `property`; the first of a name counts."""
        found: dict[str, str] = {}
        for meta in self._index["meta"]:
            name = meta.get("property") or meta.get("name")
            if name and (content := (meta.get("content") or "").strip()):
                found.setdefault(name, content)
        return found

    @property
    def sitemap_id(self) -> str | None:
        """`sitemapId` of an inline script: what `/more/sitemap/<id>` is asked with. HK-2."""
        match = _SITEMAP_ID.search(self.source)
        return match[1].decode() if match else None


def _is_ld_json(script: etree._Element) -> bool:
    kind = script.get("type")
    is_named = kind is not None and kind.strip().lower().startswith(_LD_JSON)
    return is_named or script.get("id") == "seo-article-page"


def resolved(base: str, address: object) -> str:
    """A link's address made absolute; "" for an empty one or what is no address."""
    if not isinstance(address, str) or not address.strip():
        return ""
    try:
        return urljoin(base, address.strip())
    except ValueError:
        return ""


def words_of(element: etree._Element) -> str:
    """All text of the element as it stands, seven times as fast as by `itertext`."""
    if not len(element):
        return element.text or ""
    return etree.tostring(element, encoding="unicode", method="text", with_tail=False)


def without_controls(box: etree._Element) -> str:
    """Blank the characters of a box that lxml would not take back; the text that it has then."""
    words = words_of(box)
    if not endings.NOT_XML.search(words):
        return words
    for node in box.iter():
        if node.text:
            node.text = endings.NOT_XML.sub(" ", node.text)
        if node.tail and node is not box:
            node.tail = endings.NOT_XML.sub(" ", node.tail)
    return words_of(box)


def text_of(element: etree._Element) -> str:
    """The element's text, white space collapsed, outer white space dropped."""
    return " ".join(words_of(element).split())
