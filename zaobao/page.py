"""One page, parsed once: the tree that probes, fields and cleaning share."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from zaobao import dom, embedded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zaobao.dom import Node

MAX_DEPTH = 100
"""Levels of a page that is read: the paper's have fewer than 40."""
SIDES = frozenset({"aside", "footer", "nav"})
"""Elements that are no part of a story; a `header` may hold its headline and time."""
SIDE_MARKS = (
    *("recommend", "related", "sidebar", "hotnews", "hot-news", "outbrain", "further"),
    *("popular", "trending"),
)
"""Parts of the classes and ids of lists of other stories, in lower case."""

_NO_BASE = ("data:", "javascript:")
"""Schemes that a `base` may not have (HTML, 4.2.3): it counts for nothing then."""
_SITEMAP_ID = re.compile(rb"""sitemapId["']?\s*[=:]\s*["']?(\d{1,9})""")
_AT_RULE = re.compile(r"/\*(?:.*?\*/|.*)|@[^{};]*(?:;|\{(?:[^{}]*\{[^{}]*\})*[^{}]*\})?", re.S)
"""A comment, or a rule for some screens only; one that does not end goes to the end."""
_HIDES = re.compile(r"display\s*:\s*none", re.I)
_DISPLAY = re.compile(r"(?:^|;)\s*display\s*:\s*([\w-]+)", re.I)
_NAME = re.compile(r"[.#][A-Za-z_][\w-]*", re.A)
_SIDE = re.compile("|".join(SIDE_MARKS))
_LD_JSON = "application/ld+json"
_LIKE_LD_JSON = frozenset({"text/ld+json", "application/json+ld", "ld+json", "application/jsonld"})
_TOO_DEEP = "*" + " > *" * MAX_DEPTH


class Page:
    """A page as it came, and what can be read from it without knowing its layout.

    url: the address that answered. source: its bytes as UTF-8; `pagechecks` says
    whether they may be parsed. The tree is not changed before the story is clean.
    """

    def __init__(self, url: str, source: bytes) -> None:
        self.url = url
        self.source = source.replace(b"\x00", b"")
        self.tree = dom.parse(self.source)
        root = self.tree.root
        assert root is not None  # an empty page has one, too
        self.root: Node = root
        self._held: dict[str, bool] = {}
        self._has: dict[str, bool] = {}

    def select(self, selectors: tuple[str, ...], within: Node | None = None) -> list[Node]:
        """What the first selector that matches anything matches, in document order."""
        for selector in selectors:
            if found := dom.below(within or self.root, selector):
                return found
        return []

    def has(self, selectors: tuple[str, ...]) -> bool:
        """Whether one of the selectors matches anything."""
        for selector in selectors:
            known = self._has.get(selector)
            if known is None:
                known = self._has[selector] = self.root.css_first(selector) is not None
            if known:
                return True
        return False

    def holds(self, mark: str) -> bool:
        """Whether `mark` stands in the page's bytes at all."""
        known = self._held.get(mark)
        if known is None:
            known = self._held[mark] = mark.encode() in self.source
        return known

    @property
    def is_too_deep(self) -> bool:
        """Whether it is nested deeper than a page of the paper ever is."""
        return self.root.css_first(_TOO_DEEP) is not None

    @cached_property
    def _by_tag(self) -> dict[str | None, list[Node]]:
        """The elements that every page is asked for, found in one pass."""
        found: dict[str | None, list[Node]] = {}
        asked = "script, style, link, meta, base, a[rel~='next' i]"
        for node in self.root.css(asked):
            found.setdefault(node.tag, []).append(node)
        return found

    @property
    def links(self) -> list[Node]:
        """The `link` elements."""
        return self._by_tag.get("link", [])

    @property
    def next_links(self) -> list[Node]:
        """The `a` elements that say that they lead to the next page."""
        return self._by_tag.get("a", [])

    @cached_property
    def headings(self) -> list[Node]:
        """The `h1` elements."""
        return self.root.css("h1")

    @cached_property
    def base(self) -> str:
        """The address that relative ones belong to: the page's own, or that of its `base`."""
        said = (node.attributes.get("href") for node in self._by_tag.get("base", []))
        address = resolved(self.url, next((href for href in said if href is not None), ""))
        return self.url if address.lower().startswith(_NO_BASE) else address or self.url

    @cached_property
    def hiding(self) -> list[str]:
        """Selectors of the classes and ids that the page's own style sheets hide on any screen."""
        sheets = [dom.words_of(style) for style in self._by_tag.get("style", [])]
        if not any("none" in sheet.lower() and _HIDES.search(sheet) for sheet in sheets):
            return []
        shown: dict[str, bool] = {}
        for sheet in sheets:
            for rule in _AT_RULE.sub("", sheet).split("}"):
                selectors, _, declarations = rule.partition("{")
                if display := _DISPLAY.search(declarations):
                    for selector in map(str.strip, selectors.split(",")):
                        if _NAME.fullmatch(selector):
                            shown[selector] = display[1].lower() != "none"
        return [selector for selector, is_shown in shown.items() if not is_shown]

    @cached_property
    def title(self) -> str:
        """The text of the page's `title`; a drawing may have one of its own."""
        title = self.root.css_first("title:not(svg *)")
        return "" if title is None else dom.words_of(title)

    @cached_property
    def metas(self) -> dict[str, str]:
        """`content` of the meta elements by `name` or `property`; the first of a name counts."""
        found: dict[str, str] = {}
        for meta in self._by_tag.get("meta", []):
            said = meta.attributes
            name = said.get("property") or said.get("name")
            if name and (content := (said.get("content") or "").strip()):
                found.setdefault(name, content)
        return found

    @property
    def description(self) -> str:
        """What the page says that its story is about, most often the start of its text; or ""."""
        return self.metas.get("description") or self.metas.get("og:description") or ""

    @property
    def scripts(self) -> list[Node]:
        """The `script` elements."""
        return self._by_tag.get("script", [])

    def script_texts(self) -> Iterator[str]:
        """The texts of the scripts, and the properties of the islands."""
        yield from filter(None, map(dom.words_of, self.scripts))
        for island in self.root.css("astro-island"):
            yield island.attributes.get("props") or ""

    def scripts_with(self, mark: str) -> list[str]:
        """The texts of the scripts that hold `mark`."""
        if not self.holds(mark):
            return []
        return [words for words in map(dom.words_of, self.scripts) if mark in words]

    @cached_property
    def news_articles(self) -> list[dict[str, Any]]:
        """The NewsArticle objects of all ld+json scripts, `#seo-article-page` among them."""
        return embedded.news_articles(self._ld_json())

    @cached_property
    def dated(self) -> list[dict[str, Any]]:
        """All else in the ld+json scripts that has a name and a time of publication."""
        return list(embedded.dated(self._ld_json()))

    def _ld_json(self) -> Iterator[str]:
        return (dom.words_of(node) for node in self.scripts if _is_ld_json(node))

    @cached_property
    def drupal(self) -> dict[str, Any]:
        """`articleDetails` of drupalSettings, or an empty dict."""
        found = map(embedded.drupal_details, self.scripts_with("articleDetails"))
        return next(filter(None, found), {})

    @cached_property
    def hydration(self) -> dict[str, Any]:
        """The article of the router's hydration data, or an empty dict."""
        found = map(embedded.hydration_article, self.scripts_with("__staticRouterHydrationData"))
        return next(filter(None, found), {})

    @cached_property
    def embedded_body(self) -> Node | None:
        """The longest text in the scripts that begins as the page describes its story, or None."""
        return embedded.longest_body(self.script_texts(), self.description)

    @property
    def sitemap_id(self) -> str | None:
        """`sitemapId` of an inline script: what `/more/sitemap/<id>` is asked with. HK-2."""
        match = _SITEMAP_ID.search(self.source)
        return match[1].decode() if match else None


def _is_ld_json(script: Node) -> bool:
    said = script.attributes
    kind = (said.get("type") or "").strip().lower()
    if kind.startswith(_LD_JSON) or said.get("id") == "seo-article-page":
        return True
    if kind == "application/json":  # JSON-LD has a context, the state of a framework has none
        return "schema.org" in dom.words_of(script)
    return kind in _LIKE_LD_JSON


def is_side(node: Node) -> bool:
    """Whether an element is a list of other stories or a part of the page's frame, by its name."""
    if node.tag in SIDES:
        return True
    said = node.attributes
    names = f"{said.get('class') or ''} {said.get('id') or ''}" if said else ""
    return _SIDE.search(names.lower()) is not None


def resolved(base: str, address: object) -> str:
    """A link's address made absolute; "" for an empty one or what is no address."""
    if not isinstance(address, str) or not address.strip():
        return ""
    try:
        return urljoin(base, address.strip())
    except ValueError:
        return ""
