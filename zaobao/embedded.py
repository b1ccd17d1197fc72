"""What the paper's frameworks embed in a page, decoded to plain dicts and lists. Pure.

Every reader takes script texts and returns what can be read; a script that
cannot be read never stops the others. Traps and key paths: site-facts 5.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_HYDRATION = re.compile(
    r'__staticRouterHydrationData\s*=\s*JSON\.parse\(\s*("(?:[^"\\]|\\.)*")', re.S
)
_PUBDATE = re.compile(r"""["']?pubdate["']?\s*:\s*["']([^"']{8,40})["']""")
_NEXT_DATE = re.compile(r'\\?"publication_date\\?"\s*[,:]\s*\\?"([^"\\]{8,40})\\?"')


def loads(text: str) -> Any:
    """JSON with raw control characters stripped; None for what is no JSON.

    Control characters inside JSON-LD were seen on 2025-03-01 (RSSHub #18480).
    """
    try:
        return json.loads(_CONTROL.sub("", text))
    except (ValueError, RecursionError):
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
    if depth > 40:
        return None
    if isinstance(data, dict):
        return {key: _unwrap(value, depth + 1) for key, value in data.items()}
    if isinstance(data, list):
        if len(data) == 2 and data[0] == 0 and not isinstance(data[0], bool):
            return _unwrap(data[1], depth + 1)
        if len(data) == 2 and data[0] == 1 and isinstance(data[1], list):
            return [_unwrap(entry, depth + 1) for entry in data[1]]
        return [_unwrap(entry, depth + 1) for entry in data]
    return data


def dig(data: Any, *path: str) -> Any:
    """The value at a path of keys, or None."""
    for key in path:
        data = data.get(key) if isinstance(data, dict) else None
    return data


def names(value: Any) -> list[str]:
    """Names from a string, an object with `name`, or a list of these; comma lists are split."""
    if isinstance(value, str):
        return [part.strip() for part in re.split(r"[,，、;；]", value) if part.strip()]
    if isinstance(value, dict):
        return names(value.get("name"))
    if isinstance(value, list):
        return [name for entry in value for name in names(entry)]
    return []


def addresses(value: Any) -> list[tuple[str, str | None]]:
    """(address, caption) of images: a string, an object with `url`, or a list of these."""
    if isinstance(value, str):
        return [(value, None)] if value.strip() else []
    if isinstance(value, dict):
        caption = value.get("caption")
        return [
            (address, caption if isinstance(caption, str) else None)
            for address, _ in addresses(value.get("url") or value.get("contentUrl"))
        ]
    if isinstance(value, list):
        return [pair for entry in value for pair in addresses(entry)]
    return []
