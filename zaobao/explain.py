"""One page, explained: layout, rungs, every node kept or removed with its rule, the post."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zaobao import layouts
from zaobao.cleaning import clean, removal
from zaobao.errors import UnreadablePage
from zaobao.exporters import JekyllPostExporter
from zaobao.page import Page, text_of, without_controls

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from lxml import etree

    from zaobao.items import Article
    from zaobao.options import Options
    from zaobao.urls import StoryUrl

SHOWN = 60
"""Characters of a node's text that are shown."""


def explain(page: Page, story: StoryUrl, crawled: datetime, options: Options) -> tuple[str, bool]:
    """The explanation, and whether the page gives a post."""
    claims = [layout.name for layout in layouts.LAYOUTS if layout.claims(page)]
    lines = [f"page      {page.url}", f"claimed   {', '.join(claims) or 'by no layout'}"]
    try:
        article = layouts.pick(page).article(page, story, crawled)
    except UnreadablePage as error:
        return "\n".join([*lines, f"refused   {error.reason}: {error}", ""]), False
    lines += _fields(article)
    lines += ["", "nodes     (+ kept, - removed)", *_nodes(article.box)]
    try:
        clean.clean_article(article)
    except (clean.TooMuchRemoved, clean.TooDeep, clean.TooLarge) as error:
        return "\n".join([*lines, "", f"refused   {error}", ""]), False
    lines += [f"access    {article.access} ({article.access_reason or 'no marker in the box'})", ""]
    post = JekyllPostExporter(options).post(article).decode()
    return "\n".join([*lines, "post", post]), True


def _fields(article: Article) -> Iterator[str]:
    values = {
        "title": article.title,
        "published": article.published,
        "tags": ", ".join(article.tags),
        "lead": next((image.url for image in article.images if image.role == "lead"), ""),
    }
    for name, value in values.items():
        yield f"{name:<9} {value}  ← {article.rungs.get(name, 'no rung')}"
    yield f"body      ← {article.rungs.get('body')}"
    yield f"updated   {article.updated}"
    yield f"authors   {', '.join(article.authors)}"


def _nodes(box: etree._Element) -> Iterator[str]:
    """Each node with words or a picture of its own, or the rule that takes it with all below it."""
    without_controls(box)
    matches = removal.matches(box)
    tree = box.getroottree()
    for node in box.iterdescendants():
        if removal.is_below(node, matches):
            continue
        words = text_of(node)[:SHOWN]
        if node in matches:
            rule = matches[node]
            yield f"  - {tree.getpath(node)}  [{rule.kind}/{rule.name}]  {words}"
        elif (node.text or "").strip() or node.tag == "img":
            shown = words or node.get("src") or node.get("data-src") or ""
            yield f"  + {tree.getpath(node)}  {shown}"
