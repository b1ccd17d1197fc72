"""What the paper's frameworks embed in a page's scripts, decoded.

Every function takes script texts and returns what can be read; a script that
cannot be read never stops the others. Key paths and traps: docs/site-facts.md, "Embedded data".
"""

from __future__ import annotations

import json
import re
from html import escape
from typing import TYPE_CHECKING, Any

from zaobao import damagedjson, text
from zaobao.dom import Node, fragment, squeezed, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_LINE_ENDS = re.compile(r"[\t\n\r]+")
_POSTS = frozenset(
    {"BlogPosting", "LiveBlogPosting", "SocialMediaPosting", "DiscussionForumPosting", "Report"}
)
"""The types below schema.org's Article whose names do not end so."""
_NAMESPACE = re.compile("[/:#]")
"""What ends the vocabulary in front of the name of a type."""
_LIKELY = re.compile("article|Article|Posting|Report")
_SCHEMA = re.compile(r"^(?:schema:|https?://schema\.org/)")
_STRINGS = 3
"""How many times over a script may be JSON in a string."""
_OF_OTHERS = frozenset({"liveBlogUpdate", "comment", "review", "reply"})
"""Properties with what others wrote, or with parts of a story that have times of their own."""
_HYDRATION = re.compile(
    r'__staticRouterHydrationData\s*=\s*JSON\.parse\(\s*("[^"\\]*(?:\\.[^"\\]*)*")', re.S
)
_DEEPEST = 40
_PUBDATE = re.compile(r"""["']?pubdate["']?\s*:\s*["']([^"']{8,40})["']""")
_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.S)
_BODY_LEAST, _BODY_MOST = 200, 200_000
_OPENING = 12
"""Characters of the page's description with which a text must begin to be this story's."""
_MARKUP = re.compile(r"<(?:p|div|br)\b", re.I)
_DEEPEST_STRING = 8
_NEXT_DATE = re.compile(r'\\?"publication_date\\?"\s*[,:]\s*\\?"([^"\\]{8,40})\\?"')


def loads(script: str) -> Any:
    """JSON with raw control characters stripped; None for what is no JSON.

    Control characters inside JSON-LD were seen on 2025-03-01 (RSSHub #18480). A
    line feed inside a string is a blank. What stands around the object, a comment
    or CDATA mark or a semicolon, is left out when the whole cannot be read.
    """
    if not script.isprintable():
        script = _CONTROL.sub("", _LINE_ENDS.sub(" ", script))
    for part in (script, script[script.find("{") : script.rfind("}") + 1]):
        try:
            return json.loads(part)
        except (ValueError, RecursionError):
            continue
    return None


def news_articles(scripts: Iterable[str]) -> list[dict[str, Any]]:
    """Every article of the ld+json scripts: at the root, in a list or in an `@graph`.

    An article is any type that schema.org has below Article, a live blog too.
    Scripts are parsed one by one; position says nothing (RSSHub #22873). Of a
    damaged one all that can be read counts.
    """
    found = []
    for script in scripts:
        if _LIKELY.search(script):
            nodes = (node for value in _values(script) for node in _nodes(value))
            found += [_plain(node) for node in nodes if _is_article(node)]
    return found


def dated(scripts: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Every node of the ld+json scripts with a name and a time of publication, whatever its type
    and place: a page, a gallery, an article that is part of one. Not the entries of a live blog
    or readers' comments."""
    for script in scripts:
        if "datePublished" in script:
            for node in (node for value in _values(script) for node in _within(value)):
                plain = _plain(node)
                name = plain.get("headline") or plain.get("name")
                if isinstance(name, str) and "datePublished" in plain:
                    yield plain | {"headline": name}


def _values(script: str) -> Iterable[Any]:
    data = loads(script)
    for _ in range(_STRINGS):
        if isinstance(data, str):  # JSON in a JSON string
            script, data = data, loads(data)
    return damagedjson.values(script) if data is None else [data]


def _within(data: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    if depth > _DEEPEST_STRING:
        return
    if isinstance(data, dict):
        yield data
        inner = [value for key, value in data.items() if key not in _OF_OTHERS]
    else:
        inner = data if isinstance(data, list) else []
    for value in inner:
        yield from _within(value, depth + 1)


def _nodes(data: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    if isinstance(data, dict):
        yield data
        if depth < 4:
            yield from _nodes(data.get("@graph"), depth + 1)
            yield from _nodes(data.get("mainEntity"), depth + 1)
    elif isinstance(data, list) and depth < 4:
        for entry in data:
            yield from _nodes(entry, depth + 1)


def _plain(node: dict[str, Any]) -> dict[str, Any]:
    """The same with the texts of JSON-LD's long forms in their place: `[x]`, `{"@value": x}`, and
    schema.org's names in their short form: `schema:headline`."""
    if any(":" in key for key in node):
        node = {_SCHEMA.sub("", key): value for key, value in node.items()}
    for key in ("headline", "datePublished", "dateModified"):
        value = node.get(key)
        for _ in range(4):
            if isinstance(value, list) and len(value) == 1:
                value = value[0]
            elif isinstance(value, dict):
                value = value.get("@value")
        node[key] = value
    return {key: value for key, value in node.items() if value is not None}


def _is_article(node: dict[str, Any]) -> bool:
    kinds = node.get("@type", node.get("type"))
    return any(
        isinstance(kind, str)
        and (kind.lower().endswith("article") or _NAMESPACE.split(kind)[-1] in _POSTS)
        for kind in (kinds if isinstance(kinds, list) else [kinds])
    )


def is_post(article: dict[str, Any]) -> bool:
    """Whether an article is of a type that comments and lists of others have, too."""
    return "article" not in str(article.get("@type", article.get("type"))).lower()


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


def island_props(props: str) -> Any:
    """The `props` of an astro-island, each `[0, value]` and `[1, [ … ]]` unwrapped. HK-3."""
    return _unwrap(loads(props))


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


def longest_body(scripts: Iterable[str], about: str) -> Node | None:
    """The longest text in any script that begins as the page's description `about` does.

    It is the body of an element, whatever framework put it there; None when there is none.
    """
    opening = text.squeeze(about.rstrip("…."))[:_OPENING]
    if len(opening) < _OPENING:
        return None
    found: list[Node] = []
    for script in scripts:
        for value in _strings(script):
            box = _body(value)
            if box is not None and opening in squeezed(box)[:80]:
                found.append(box)
    return max(found, key=lambda box: text.count(words_of(box)), default=None)


def _strings(source: str, depth: int = 0) -> Iterator[str]:
    """The long JSON strings of a script, also those inside of JSON that is itself a string."""
    for match in _STRING.finditer(source):
        if _BODY_LEAST <= len(match[0]) <= _BODY_MOST * 4:
            try:
                value: Any = json.loads(match[0], strict=False)
            except ValueError:
                continue
            yield value
            if value[:1] in ("{", "[") and depth < _DEEPEST_STRING:
                yield from _strings(value, depth + 1)


def _body(value: str) -> Node | None:
    if not _BODY_LEAST <= len(value) <= _BODY_MOST or value[:1] in ("{", "["):
        return None
    if _MARKUP.search(value):
        return fragment(value)
    return fragment("".join(f"<p>{escape(line)}</p>" for line in value.split("\n")))


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
