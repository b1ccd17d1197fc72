"""What becomes of stories in the markup of 2021: `python -m tools.twins FILE`.

FILE: gzipped JSON lines with the `url`, `title` and `html` (of the body) of a story each. Each
is put into a page of its layout, read, cleaned and printed. Exit code 1 where a story gives no
post, is not free, loses a paragraph, or keeps a promo or a picture without an address.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from html import escape
from pathlib import Path

from tests.support import chain
from tools.differential import Body, stories
from zaobao import dom, reader, text
from zaobao.errors import NotAStory, UnfitError, UnreadablePage
from zaobao.items import Article
from zaobao.times import SINGAPORE
from zaobao.urls import StoryUrl

_PROMO = re.compile(r"freemium_images|//subscribe\.sph\.com\.sg|newspost\.newslink")
_NO_PICTURE = re.compile(r"undefined|/null\b")
_SHOWN = "p, li, h2, h3, h4, blockquote"


def page(twin: Body) -> str:
    """The page of a twin, as the paper printed it in 2021."""
    day = StoryUrl.of(twin.name).day
    printed = f"发布 / {day.year}年{day.month}月{day.day}日 9:12 AM"
    return (
        f"<!DOCTYPE html><html><head><title>{escape(twin.title)} | 联合早报网</title></head>"
        f'<body class="path-node"><h1 class="article-title">{escape(twin.title)}</h1>'
        f'<h4 class="title-byline date-published">{printed}</h4><div class="article-content">'
        '<div class="article-content-container"><div class="article-content-rawhtml">'
        f"{twin.html}</div></div></div></body></html>"
    )


def article_of(twin: Body) -> Article:
    """UnfitError, UnreadablePage, NotAStory: there is none."""
    story = StoryUrl.of(twin.name)
    crawled = datetime.combine(story.day, time(12), SINGAPORE) + timedelta(days=1)
    read = reader.read(reader.checked_page(page(twin), twin.name), story, crawled)
    return reader.finish(read)


def faults(twin: Body, article: Article) -> Iterator[str]:
    """What is wrong with the post of a twin."""
    if article.access != "free":
        yield f"access {article.access}: {article.access_reason}"
    told = text.squeeze(
        text.body(article.text + "".join(one.caption or "" for one in article.images))
    )
    for node in dom.fragment(twin.html).css(_SHOWN):
        words = text.squeeze(text.body(node.text()))
        if words and node.css_first(_SHOWN) is None and words not in told:
            yield f"lost: {words[:60]}"
    for pattern in (_PROMO, _NO_PICTURE):
        if found := pattern.search(article.body_html):
            yield f"kept: {found[0]}"


def main() -> int:
    became, wrong = Counter[str](), list[str]()
    times, chars = Counter[str](), Counter[str]()
    for twin in stories(Path(sys.argv[1])):
        try:
            article = article_of(twin)
            chain.post(article)
        except (UnfitError, UnreadablePage, NotAStory) as error:
            became["refused"] += 1
            wrong.append(f"{twin.name}: {error}")
            continue
        became["archived"] += 1
        became[article.access] += 1
        for one in article.removed:
            times[one.rule] += 1
            chars[one.rule] += one.chars
        found = [*faults(twin, article)]
        became["with a fault"] += bool(found)
        wrong += [f"{twin.name}: {fault}" for fault in found]
    print(", ".join(f"{count:,} {what}" for what, count in became.items()))
    for rule, count in times.most_common():
        print(f"{count:7,} × {rule} ({chars[rule]:,} characters)")
    print("\n".join(wrong))
    return 1 if wrong or not became["archived"] else 0


if __name__ == "__main__":
    sys.exit(main())
