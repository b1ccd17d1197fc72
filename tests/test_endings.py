"""Elements that HTML ends and libxml2 does not: no word of a story goes with them."""

from __future__ import annotations

from datetime import datetime

import pytest
from chain import post, read
from lxml import etree

from zaobao.endings import mend
from zaobao.page import Page, fragment, without_controls, words_of

ADDRESS = "https://www.zaobao.com/realtime/china/story20260301-5000000"
CRAWLED = datetime.fromisoformat("2026-03-01T12:00:00+08:00")


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("<svg/onload=x><p>甲</p>乙", '<svg onload="x"/><p>甲</p>乙'),
        ("<svg><path/><p>甲</p></svg>乙", "<svg><path/></svg><p>甲</p>乙"),
        ("<svg><g>甲<p>乙</p>丙</g>丁</svg>戊", "<svg><g>甲</g></svg><p>乙</p>丙丁戊"),
        ("<math><mrow>甲<b>乙</b>丙</mrow>", "<math><mrow>甲</mrow></math><b>乙</b>丙"),
        ("<svg><svg><p>甲</p></svg></svg>", "<svg><svg/></svg><p>甲</p>"),
        # What may hold HTML holds it.
        ("<svg><desc><p>甲</p></desc></svg>乙", "<svg><desc><p>甲</p></desc></svg>乙"),
        ("<math><mtext><b>甲</b></mtext></math>", "<math><mtext><b>甲</b></mtext></math>"),
        ("<svg><title/><p>甲</p></svg>", "<svg><title/></svg><p>甲</p>"),
        (
            "<p>甲<embed src=x>乙<embed>丙<b>丁</b></p>",
            '<p>甲<embed src="x"/>乙<embed/>丙<b>丁</b></p>',
        ),
        ("<embed>甲\x01乙</embed>丙\x0b", "<embed/>甲 乙丙 "),
        ("<source><track><p>甲</p>", "<source/><track/><p>甲</p>"),
    ],
)
def test_what_follows_stands_behind(written: str, read_as: str) -> None:
    page = Page(ADDRESS, f"<html><body><div>{written}<p>末</p></div>".encode())
    (box,) = page.root.iter("div")
    made = etree.tostring(box, encoding="unicode", with_tail=False)
    assert made == f"<div>{read_as}<p>末</p></div>"


def test_a_page_of_nothing_else_is_read() -> None:
    for piece in ("<svg>", "<svg></svg>", "<embed>", "<svg><g></svg>", "<math><p>"):
        page = Page(ADDRESS, f"<html><body><div>{piece * 30_000}</div>".encode())
        assert len(list(page.root.iter())) > 1000
    lonely = etree.Element("svg")
    lonely.append(etree.Element("p"))
    mend([lonely])
    assert len(lonely) == 1, "the root has no place behind it"


@pytest.mark.parametrize("piece", ["<embed src='https://x.example/v'>", "<svg viewBox='0 0 9 9'>"])
def test_no_paragraph_goes_with_what_is_removed(piece: str) -> None:
    script = (
        '{"@type": "NewsArticle", "headline": "盐道修好了", '
        '"datePublished": "2026-03-01T10:00:00+08:00"}'
    )
    page = (
        f'<html><head><script type="application/ld+json" id="seo-article-page">{script}</script>'
        f'</head><body><div class="articleBody"><p>第一段写在前面。</p>{piece}'
        "<p>第二段写在后面。</p><p>第三段也是。</p></div></body></html>"
    )
    article = read(page.encode(), ADDRESS, CRAWLED)
    assert article.text == "第一段写在前面。\n第二段写在后面。\n第三段也是。"
    assert b"<p>\xe7\xac\xac\xe4\xb8\x89" in post(article)


def test_the_text_of_a_box_is_that_after_its_controls_are_blanked() -> None:
    box = fragment("<p>渡\x01口<b>的</b>\x02船</p>")
    assert without_controls(box) == words_of(box) == "渡 口的 船"
