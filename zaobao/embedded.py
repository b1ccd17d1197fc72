"""What the paper's frameworks embed in a page, decoded to plain dicts and lists. Pure.

Every reader takes script texts and returns what can be read; a script that
cannot be read never stops the others. Traps and key paths: site-facts 5.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_HYDRATION = re.compile(
    r'__staticRouterHydrationData\s*=\s*JSON\.parse\(\s*("[^"\\]*(?:\\.[^"\\]*)*")', re.S
)
_DEEPEST = 40
_PUBDATE = re.compile(r"""["']?pubdate["']?\s*:\s*["']([^"']{8,40})["']""")
_NEXT_DATE = re.compile(r'\\?"publication_date\\?"\s*[,:]\s*\\?"([^"\\]{8,40})\\?"')


def loads(text: str) -> Any:
    """JSON with raw control characters stripped; None for what is no JSON.

    Control characters inside JSON-LD were seen on 2025-03-01 (RSSHub #18480).
    What stands around the object, a comment or CDATA mark or a semicolon, is
    left out when the whole cannot be read.
    """
    if not text.isprintable():
        text = _CONTROL.sub("", text)
    for part in (text, text[text.find("{") : text.rfind("}") + 1]):
        try:
            return json.loads(part)
        except (ValueError, RecursionError):
            continue
    return None


def news_articles(scripts: Iterable[str]) -> list[dict[str, Any]]:
    """Every NewsArticle of the ld+json scripts: at the root, in a list or in an `@graph`.

    Scripts are parsed one by one; position says nothing (RSSHub #22873).
    """
    found = []
    for script in scripts:
        if "Article" in script:
            found += [node for node in _nodes(loads(script)) if _is_article(node)]
    return found


def _nodes(data: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    if isinstance(data, dict):
        yield data
        if depth < 4:
            yield from _nodes(data.get("@graph"), depth + 1)
            yield from _nodes(data.get("mainEntity"), depth + 1)
    elif isinstance(data, list) and depth < 4:
        for entry in data:
            yield from _nodes(entry, depth + 1)


def _is_article(node: dict[str, Any]) -> bool:
    kinds = node.get("@type")
    return any(
        isinstance(kind, str) and kind.endswith("Article")
        for kind in (kinds if isinstance(kinds, list) else [kinds])
    )


def drupal_details(script: str) -> dict[str, Any]:
    """`articleDetails` of drupalSettings: `nid`, `created` (unix seconds). SG-1, #12789."""
    details = dig(loads(script), "articleDetails")
    return details if isinstance(details, dict) else {}


def hydration_article(script: str) -> dict[str, Any]:
    """The article of `__staticRouterHydrationData`: a JSON string in a JSON string. SG-3h.

    Keys: `headline`, `create_time` (unix seconds), `tags[].name`, `body_cn`
    (HTML), `images[].url`, `images[].caption`.
    """
    match = _HYDRATION.search(script)
    inner = loads(match[1]) if match else None
    routes = dig(loads(inner), "loaderData") if isinstance(inner, str) else None
    for route in routes.values() if isinstance(routes, dict) else ():
        article = dig(route, "context", "payload", "article")
        if isinstance(article, dict):
            return article
    return {}


def ga_pubdate(script: str) -> str | None:
    """`pubdate` of gaPushParams: `YYYY-MM-DD HH:MM:SS`, Singapore. HK."""
    match = _PUBDATE.search(script)
    return match[1] if match else None


def next_publication_date(script: str) -> str | None:
    """`publication_date` in a `__next_f` frame: no zone, Singapore. SG-N, archived pages."""
    match = _NEXT_DATE.search(script)
    return match[1] if match else None


def island_props(text: str) -> Any:
    """The `props` of an astro-island, each `[0, value]` and `[1, [ … ]]` unwrapped. HK-3."""
    return _unwrap(loads(text))


def _unwrap(data: Any, depth: int = 0) -> Any:
    if depth > _DEEPEST:
        return None
    if isinstance(data, dict):
        return {key: _unwrap(value, depth + 1) for key, value in data.items()}
    if isinstance(data, list):
        kind = data[0] if len(data) == 2 and type(data[0]) is int else None
        if kind == 0 or (kind is not None and not isinstance(data[1], list)):
            return _unwrap(data[1], depth + 1)  # other numbers: a date, an address …
        return [_unwrap(entry, depth + 1) for entry in (data[1] if kind == 1 else data)]
    return data


def dig(data: Any, *path: str) -> Any:
    """The value at a path of keys, or None."""
    for key in path:
        data = data.get(key) if isinstance(data, dict) else None
    return data


def names(value: Any, depth: int = 0) -> list[str]:
    """Names from a string, an object with `name`, or a list of these; comma lists are split."""
    if isinstance(value, str):
        return [part.strip() for part in re.split(r"[,，、;；]", value) if part.strip()]
    if isinstance(value, dict) and depth < _DEEPEST:
        return names(value.get("name"), depth + 1)
    if isinstance(value, list) and depth < _DEEPEST:
        return [name for entry in value for name in names(entry, depth + 1)]
    return []


def addresses(value: Any, depth: int = 0) -> list[tuple[str, str | None]]:
    """(address, caption) of images: a string, an object with `url`, or a list of these."""
    if isinstance(value, str):
        return [(value, None)] if value.strip() else []
    if isinstance(value, dict) and depth < _DEEPEST:
        caption = value.get("caption")
        return [
            (address, caption if isinstance(caption, str) else inner)
            for address, inner in addresses(value.get("url") or value.get("contentUrl"), depth + 1)
        ]
    if isinstance(value, list) and depth < _DEEPEST:
        return [pair for entry in value for pair in addresses(entry, depth + 1)]
    return []
