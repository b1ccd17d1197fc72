"""Stories that need no page."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from zaobao import times
from zaobao.items import Article, Image, Removed

ARTICLE = Article(
    id="20210902-1189718",
    url="https://www.zaobao.com/realtime/china/story20210902-1189718",
    fetched_url="https://www.zaobao.com.sg/realtime/china/story20210902-1189718",
    section="realtime/china",
    edition="sg",
    layout="sg_drupal",
    title="盐道修好了",
    published=datetime(2021, 9, 2, 18, 2, tzinfo=times.SINGAPORE),
    published_raw="发布 / 2021年9月2日 6:02 PM",
    published_from="visible",
    updated=None,
    crawled=datetime(2021, 9, 2, 15, 41, 4, 832000, tzinfo=UTC),
    body_html="<p>甲</p>",
    text="甲",
)
FULL = replace(
    ARTICLE,
    authors=["甲, 乙", '"丙"'],
    tags=["丁\u2028"],
    images=[Image("https://static.zaobao.com/a.jpg?x=1&y=2", None, "lead")],
    removed=[Removed("google-ad", "ad", "img[\x0b\x01.jpg]", 7)],
    text="甲\n乙 < & >",
)
"""What is hard to write in one format or another."""
