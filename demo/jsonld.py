"""The JSON that the paper's pages carry, in every form that was seen."""

from __future__ import annotations

import json
import re
from datetime import UTC
from typing import Any

from demo.story import SINGAPORE, Story

Json = dict[str, Any]
_MARKUP = re.compile(r"\{\{\w+\}\}|<[^>]*>|\n")


def stamp(story: Story) -> str:
    """`datePublished` as this story's layout writes it."""
    moment = story.published.astimezone(SINGAPORE)
    if story.times == "shifted":
        return f"{moment:%Y-%m-%dT%H:%M:%S}Z"
    if story.layout == "sg_drupal":
        return f"{moment:%m/%d/%Y - %H:%M}"
    if "ld_utc" in story.quirks:
        return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000Z"
    return f"{moment:%Y-%m-%dT%H:%M:%S}+08:00"


def news_article(story: Story, description: str) -> Json:
    """The NewsArticle of a page, without wrapping."""
    quirks = story.quirks
    data: Json = {
        "@context": "https://schema.org",
        "@type": ["NewsArticle", "Article"] if "ld_type_list" in quirks else "NewsArticle",
        "headline": story.title,
        "description": description,
        "mainEntityOfPage": {"@type": "WebPage", "@id": "https://www.zaobao.com" + story.path},
        "image": _image(story),
        "author": _authors(story),
        "publisher": {"@type": "Organization", "name": "联合早报"},
        "keywords": ",".join(story.keywords) if story.keywords else None,
    }
    return data | _times(story) | _extent(story)


def _times(story: Story) -> Json:
    if story.times not in ("all", "json", "shifted"):
        return {}
    changed = {"dateModified": f"{story.updated:%Y-%m-%dT%H:%M:%S}+08:00"} if story.updated else {}
    return {"datePublished": stamp(story), **changed}


def _extent(story: Story) -> Json:
    """How long the whole story is, by the page's own word."""
    data: Json = {"wordCount": 2400} if "ld_word_count" in story.quirks else {}
    if "ld_article_body" in story.quirks:
        data["articleBody"] = _MARKUP.sub("", story.body)
    return data


def _image(story: Story) -> Any:
    if not story.leads:
        return None if story.layout.startswith("hk") else []
    url, caption = story.leads[0]
    if "ld_image_string" in story.quirks:
        return url
    one = {"@type": "ImageObject", "url": url, "caption": caption}
    return [one] if story.layout == "sg4b" else one


def _authors(story: Story) -> Any:
    people = [{"@type": "Person", "name": name} for name in story.authors]
    if len(people) == 1 and "ld_author_list" not in story.quirks:
        return people[0]
    return people or {"@type": "Organization", "name": "联合早报"}


def scripts(story: Story, description: str) -> str:
    """All ld+json scripts of a story page."""
    if "no_ld" in story.quirks:
        return ""
    data = news_article(story, description)
    if story.layout in ("sg3", "sg3h", "sg4a"):
        return _with_id(story, data)
    if story.layout == "sg_drupal":
        return _script(_wrapped(story, data), story)
    return _several(story, _script(_wrapped(story, data), story))


def _with_id(story: Story, data: Json) -> str:
    """SG-3, SG-3h: the article is `@graph[0]`. SG-4a: it stands anywhere in the graph."""
    trail = _breadcrumb(story)
    graph = [trail, _site(), data] if story.layout == "sg4a" else [data, trail]
    whole = {"@context": "https://schema.org", "@graph": graph}
    return _script(whole, story, ' id="seo-article-page"')


def _wrapped(story: Story, data: Json) -> Any:
    if "ld_list" in story.quirks:
        return [_site(), data]
    if "ld_graph" in story.quirks:
        return {"@context": "https://schema.org", "@graph": [_breadcrumb(story), data]}
    return data


def _several(story: Story, article: str) -> str:
    """SG-4b and HK-2 have more than one script; the place of the article varies."""
    if story.layout == "hk_astro":
        found = [article]
    else:
        found = [_script(_site(), None), _script(_breadcrumb(story), None)]
        place = 1 if story.layout == "hk_bootstrap" else int(story.number) % 3
        found.insert(place, article)
    if "ld_empty" in story.quirks:
        found.insert(0, '<script type="application/ld+json"></script>')
    if "ld_broken" in story.quirks:
        found.insert(0, '<script type="application/ld+json">{"@type": "NewsArticle", </script>')
    return "\n".join(found)


def _script(data: Any, story: Story | None, more: str = "") -> str:
    source = json.dumps(data, ensure_ascii=False).replace("</", "<\\/")
    if story and "ld_control" in story.quirks:
        source = source.replace('"headline": "', '"headline": "\x0b').replace(
            "，", "，\x1f\n\x85", 1
        )
    return f'<script type="application/ld+json"{more}>{source}</script>'


def _site() -> Json:
    name = {"@type": "WebSite", "name": "联合早报网", "url": "https://www.zaobao.com.sg"}
    return {"@context": "https://schema.org", **name}


def _breadcrumb(story: Story) -> Json:
    item = {"@type": "ListItem", "position": 1, "name": story.section.split("/")[-1]}
    return {"@context": "https://schema.org", "@type": "BreadcrumbList", "itemListElement": [item]}


def hydration(story: Story, body: str) -> str:
    """SG-3h: a JSON string inside a JSON string."""
    article = {
        "headline": story.title,
        "create_time": int(story.published.timestamp()),
        "tags": [{"name": name} for name in story.keywords or ()],
        "body_cn": body,
        "images": [{"url": url, "caption": caption} for url, caption in story.leads],
    }
    data = {"loaderData": {"0-0": {"context": {"payload": {"article": article}}}}}
    inner = json.dumps(data, ensure_ascii=False)
    quoted = json.dumps(inner, ensure_ascii=False).replace("</", "<\\/")
    return f"<script>window.__staticRouterHydrationData = JSON.parse({quoted});</script>"


def drupal_settings(story: Story) -> str:
    """SG-1 from 2023-07 on."""
    details = {"nid": story.number, "created": int(story.published.timestamp())}
    data = {"path": {"baseUrl": "/"}, "articleDetails": details}
    kind = 'type="application/json" data-drupal-selector="drupal-settings-json"'
    return f"<script {kind}>{json.dumps(data)}</script>"


def ga_push(story: Story) -> str:
    """HK: `pubdate` is the Singapore clock."""
    moment = story.published.astimezone(SINGAPORE)
    data = {"pubdate": f"{moment:%Y-%m-%d %H:%M:%S}", "contentid": story.number}
    return f"<script>var gaPushParams = {json.dumps(data)};</script>"
