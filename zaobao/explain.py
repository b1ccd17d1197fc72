"""One page, explained: layout, sources, every node kept or removed with its rule, the post."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from zaobao import dom, reader, text
from zaobao.cleaning import media
from zaobao.cleaning.endtags import EndTags
from zaobao.cleaning.matching import matched
from zaobao.errors import BadPost, NotAStory, UnreadablePage
from zaobao.exporters import JekyllPostExporter
from zaobao.page import Page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zaobao.dom import Node
    from zaobao.items import Extraction
    from zaobao.options import Options
    from zaobao.urls import StoryUrl

SHOWN = 60
"""Characters of a node's text that are shown."""

_LATE = datetime(9000, 1, 1, tzinfo=UTC)


def explain(page: Page, story: StoryUrl, crawled: datetime, options: Options) -> tuple[str, bool]:
    """The explanation, and whether a layout reads the page and it gives a post.

    A page that no layout reads is explained as the generic fallback reads it.
    """
    lines = [f"page      {page.url}", *_claims(page)]
    read = True
    try:
        extraction = reader.read(page, story, crawled)
    except UnreadablePage as error:
        read = False
        lines += [f"refused   {error.reason}: {error}", ""]
        try:
            extraction = reader.fallback(page, story, crawled)
        except UnreadablePage as none:
            lines += [f"generic   the fallback gives no post: {none}", ""]
            return "\n".join(lines), False
        lines += ["generic   the fallback gives:"]
    lines += _fields(extraction)
    if extraction.article.published is None and (ahead := _ahead(page, story)):
        lines += [f"          {ahead}, a time in the future, which is not taken"]
    lines += [
        "",
        "nodes     (+ kept, - removed, > a link in its place)",
        *_nodes(extraction),
        "",
    ]
    try:
        article = reader.finish(extraction)
        post = JekyllPostExporter(options).post(article).decode()
    except (NotAStory, BadPost) as error:
        return "\n".join([*lines, f"refused   {error.reason}: {error}", ""]), False
    lines += [f"access    {article.access} ({article.access_reason or 'no marker in the box'})"]
    return "\n".join([*lines, "", "post", post]), read


def _ahead(page: Page, story: StoryUrl) -> str:
    """The time that the page gives when any future one counts, with its source; "" if none."""
    try:
        found = reader.read(Page(page.url, page.source), story, _LATE)
    except UnreadablePage:
        return ""
    moment, source = found.article.published, found.article.published_from
    return f"{source} says {moment}" if moment else ""


def _claims(page: Page) -> Iterator[str]:
    """What each probe says; of a page with one layout only its name."""
    said = reader.said(page)
    claims = [name for name, probe in said.items() if probe["claims"]]
    yield f"claimed   {', '.join(claims) or 'by no layout'}"
    for name, probe in said.items() if len(claims) != 1 else ():
        found = ", ".join(probe["found"]) or "nothing of it"
        barred = f"; barred by {', '.join(probe['barred_by'])}" if probe["barred_by"] else ""
        yield f"          {name}: {found}{barred}"


def _fields(extraction: Extraction) -> Iterator[str]:
    article, sources = extraction.article, extraction.sources
    values = {
        "title": article.title,
        "published": article.published,
        "tags": ", ".join(article.tags),
        "lead": next((image.url for image in article.images if image.role == "lead"), ""),
    }
    for name, value in values.items():
        yield f"{name:<9} {value}  ← {sources.get(name, 'no source')}"
    yield f"body      ← {sources.get('body')}"
    for name in ("order", "zone"):
        if source := sources.get(name):
            yield f"{name:<9} ← {source}"
    yield f"updated   {article.updated}"
    yield f"authors   {', '.join(article.authors)}"
    if extraction.oddities:
        yield f"doubts    {', '.join(extraction.oddities)}"


def _nodes(extraction: Extraction) -> Iterator[str]:
    """Each node with words or a picture of its own, or the rule that takes it with all below it."""
    box = extraction.box
    paths = dom.Paths()
    found = matched(box, EndTags(extraction.page, paths))
    taken = found.rules | found.players
    for node in box.traverse():
        if not node.is_element_node or any(up in taken for up in dom.ancestors(node)):
            continue
        path = paths.of(node)
        if rule := found.rules.get(node):
            yield f"  - {path}  [{rule.kind}/{rule.name}]  {dom.text_of(node)[:SHOWN]}"
        elif word := found.players.get(node):
            yield f"  > {path}  [{word}]"
        elif node.tag == "img":
            yield _picture(node, path)
        elif words := _own_words(node):
            yield f"  + {path}  {words[:SHOWN]}"


def _picture(node: Node, path: str) -> str:
    parent = node.parent
    around = parent.css("source") if parent is not None and parent.tag == "picture" else []
    address = media.best_address([node, *around])
    rule = media.refused(address)
    return f"  - {path}  [chrome/{rule}]  {address}" if rule else f"  + {path}  {address}"


def _own_words(node: Node) -> str:
    """The words of a node that are no child's."""
    pieces = (child.text() for child in node.iter(include_text=True) if child.tag == dom.TEXT)
    return text.collapse(" ".join(pieces))
