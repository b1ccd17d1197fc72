"""The tables of docs/elements.md: what becomes of each example, filled in from real output."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

from tests.support.pages import TEXT, ld, news, page, read

PATH = Path(__file__).parents[2] / "docs" / "elements.md"
_ROW = re.compile(r"^\| `(<[^`]*)` \|.*\|$", re.M)
_EVERYWHERE = re.compile(
    r' (?:rel="noopener nofollow"|referrerpolicy="no-referrer"|loading="lazy")'
)


def filled(document: str) -> str:
    """The page with the last three cells of each example as they are."""
    return _ROW.sub(lambda row: _row(row[1]), document)


def examples(document: str) -> list[str]:
    return _ROW.findall(document)


def _row(example: str) -> str:
    article = read(page(ld(news()), body=TEXT + example.replace("&#10;", "\n")))
    html = _EVERYWHERE.sub("", article.body_html).replace(f'"{article.url}"', '"…"')
    html = html.removeprefix(TEXT)
    lines = article.text.removeprefix(re.sub("<[^>]*>", "", TEXT)).strip("\n")
    words = unescape(lines).replace("\n", " ⏎ ").replace("\t", " ⇥ ").replace("|", "\\|")
    rules = ", ".join(f"`{one.rule}`" for one in article.removed)
    return f"| `{example}` | {f'`{html}`' if html else ''} | {words} | {rules} |"
