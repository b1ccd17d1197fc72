"""Relative addresses, in each layout: they belong to the page's own address, or to its `base`."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

import zaobao
from tests.support.shells import CRAWLED, GENERIC, LONGER, PARAGRAPHS, SHELLS, URL, Shell, ld
from zaobao import layouts
from zaobao.cleaning.addresses import base_of
from zaobao.errors import OtherStory
from zaobao.page import Page

LAYOUTS = pytest.mark.parametrize("shell", SHELLS, ids=lambda shell: shell.layout)
OWN = "https://www.zaobao.com/news/china/story20261105-9799003"
FOLDER = "https://www.zaobao.com/news/china"
PICTURE = "/s3fs-public/styles/large/public/images/a.jpg"


def hrefs(html: str) -> list[str]:
    return re.findall(r'<a href="([^"]*)"', html)


@LAYOUTS
@pytest.mark.parametrize(
    ("base", "href", "expected"),
    [
        ("", "?page=1", OWN + "?page=1"),
        ("", "story20261104-9799002", FOLDER + "/story20261104-9799002"),
        ("", "./map.html#top", FOLDER + "/map.html#top"),
        (
            "",
            "../world/story20261104-9799002",
            "https://www.zaobao.com/news/world/story20261104-9799002",
        ),
        ("", "/keywords/yandao", "https://www.zaobao.com/keywords/yandao"),
        ("", "//www.example.org/x", "https://www.example.org/x"),
        ("", "https://www.zaobao.com.sg/x", "https://www.zaobao.com.sg/x"),
        ("", "HTTPS://www.example.org/x", "https://www.example.org/x"),
        ("", "mailto:desk@example.org", "mailto:desk@example.org"),
        ("", " \n?page=2 ", OWN + "?page=2"),
        ("/", "x/y", "https://www.zaobao.com/x/y"),
        ("/special/yandao/", "map?n=1", "https://www.zaobao.com/special/yandao/map?n=1"),
        ("special/", "map", FOLDER + "/special/map"),
        ("https://www.zaobao.com.sg/a/b", "c", "https://www.zaobao.com/a/c"),
        ("https://www.example.org/a/", "c", "https://www.example.org/a/c"),
        ("https://www.example.org/a/", "/c", "https://www.example.org/c"),
        ("//www.example.org/a/", "c", "https://www.example.org/a/c"),
        ("https://www.example.org/a/", "//cdn.example.org/c", "https://cdn.example.org/c"),
        ("?x=1", "c", FOLDER + "/c"),
        ("javascript:alert(1)//", "c", FOLDER + "/c"),
        ("data:text/html,x", "c", FOLDER + "/c"),
        ("", "", None),
        ("", "#part", None),
        ("", "javascript:x()", None),
        ("file:///etc/", "passwd", None),
        ("ftp://files.example.org/", "c", None),
        ("https://someone@www.example.org/", "c", None),
        ("http://[broken/", "c", FOLDER + "/c"),
    ],
)
def test_where_a_link_leads(shell: Shell, base: str, href: str, expected: str | None) -> None:
    head = ld() + (f'<base href="{base}"><base href="https://later.example/">' if base else "")
    link = f'<p>修路的账目都<a href="{href}">登在村口</a>，谁都可以去看，也可以去问村委会。</p>'
    article = shell.read(head, "<h1>渔村修好百年盐道</h1>", PARAGRAPHS + link)
    assert hrefs(article.body_html) == ([expected] if expected else [])
    assert "登在村口" in article.text
    assert (article.url, article.id, article.layout) == (OWN, "20261105-9799003", shell.layout)


@LAYOUTS
@pytest.mark.parametrize(
    ("base", "picture", "expected"),
    [
        ("", f'<img src="{PICTURE}">', f"https://static.zaobao.com{PICTURE}"),
        ("", '<img src="a.jpg">', FOLDER + "/a.jpg"),
        ("", '<img data-src="../b.jpg" src="data:image/gif;base64,AA">', "https://www.zaobao.com/news/b.jpg"),
        ("https://static.zaobao.com/s3fs-public/", '<img src="a.jpg">', "https://static.zaobao.com/s3fs-public/a.jpg"),
        ("https://static.zaobao.com/x/", f'<img src="{PICTURE}">', f"https://static.zaobao.com{PICTURE}"),
        (
            "https://static.zaobao.com/s3fs-public/",
            '<img srcset="a.jpg 400w,  b,1.jpg 900w">',
            "https://static.zaobao.com/s3fs-public/b,1.jpg",
        ),
        (
            "https://static.zaobao.com/s3fs-public/",
            '<picture><source data-srcset="a.webp 2x"><img alt="路"></picture>',
            "https://static.zaobao.com/s3fs-public/a.webp",
        ),
        (
            "https://static.zaobao.com/s3fs-public/",
            '<noscript><img src="a.jpg"></noscript>',
            "https://static.zaobao.com/s3fs-public/a.jpg",
        ),
        ("https://pictures.example/", f'<img src="{PICTURE}">', None),
    ],
)  # fmt: skip
def test_where_a_picture_lies(shell: Shell, base: str, picture: str, expected: str | None) -> None:
    head = ld() + (f'<base href="{base}">' if base else "")
    article = shell.read(head, "", PARAGRAPHS + f"<figure>{picture}</figure>")
    assert [image.url for image in article.images] == ([expected] if expected else [])


def test_the_generic_fallback_has_the_same_base() -> None:
    link = '<p>修路的账目都<a href="map">登在村口</a>，谁都可以去看，也可以去问村委会。</p>'
    head = ld() + '<base href="/special/">'
    article = GENERIC.read(head, "<h1>渔村修好百年盐道</h1>", LONGER + link)
    assert article.layout == "generic"
    assert hrefs(article.body_html) == ["https://www.zaobao.com/special/map"]


def test_a_page_of_a_mirror_has_the_links_of_the_paper() -> None:
    page = SHELLS[0].page(ld(), "", PARAGRAPHS + '<p>账目<a href="?page=1">在这里</a>。</p>')
    address = URL.replace("https://www.zaobao.com", "http://127.0.0.1:8000") + "/?ref=home#top"
    article = zaobao.extract(page, address, crawled=CRAWLED)
    assert hrefs(article.body_html) == [OWN + "/?page=1"]
    assert article.url == OWN
    assert base_of("http://127.0.0.1:8000/a/b", "http://127.0.0.1:8000/c/") == FOLDER.replace(
        "news/china", "c/"
    )


def test_the_cards_of_a_list_lead_to_where_a_browser_goes() -> None:
    card = '<div class="card"><div class="content-header"><a href="{}">盐道</a></div></div>'
    html = (
        '<!DOCTYPE html><head><base href="/news/china/"></head><body><div class="card-listing">'
        + card.format("story20261105-9799003") + card.format("../world/story20261105-9799004")
        + "</div></body>"
    )  # fmt: skip
    page = Page("https://www.zaobao.com.sg/realtime/china", html.encode())
    layout = layouts.pick_list(page)
    assert layout
    cards, _ = layout.listing(page, datetime(2026, 11, 6, tzinfo=UTC))
    assert [card.address for card in cards] == [
        "https://www.zaobao.com.sg/news/china/story20261105-9799003",
        "https://www.zaobao.com.sg/news/world/story20261105-9799004",
    ]


def test_a_relative_canonical_link_names_its_story() -> None:
    own = '<link rel="canonical" href="story20261105-9799003">'
    assert SHELLS[0].read(ld() + own).id == "20261105-9799003"
    with pytest.raises(OtherStory):
        SHELLS[0].read(ld() + '<link rel="canonical" href="story20261105-9799009">')


@pytest.mark.parametrize(
    ("inside", "behind", "listed"),
    [
        ("", "<span>09:12</span>", "11-05 09:12"),
        ("<span>03:25</span>", "<span>中国 · 09:12</span>", "11-05 09:12"),
        ("<span>03:25</span>", "<div><span>中国</span> · <span>09:12</span></div>", "11-05 09:12"),
        ("", "<span>热门</span><span>23:50</span>", "11-04 23:50"),
        (
            "",
            "<span>中国</span><span>·</span><span>09:12</span><span class='i'></span>",
            "11-05 09:12",
        ),
        ("<span>10:30开庭</span>", "<span>11月4日</span>", None),
        ("", "<span>2025年11月4日</span>", None),
        ("<span>03:25</span>", "<span>5分钟前</span>", None),
        ("<span>03:25</span>", "<span>刚刚</span>", None),
    ],
)
def test_the_time_of_a_card_is_its_last_span(inside: str, behind: str, listed: str | None) -> None:
    link = f'<a class="article-link" href="/news/china/story20261105-9799001" title="盐道">{inside}</a>'
    box = f'<div data-testid="article-list"><article>{link}{behind}</article></div>'
    html = f"<!DOCTYPE html><body><astro-island></astro-island>{box}"
    page = Page("https://www.zaobao.com/realtime/china", html.encode())
    layout = layouts.pick_list(page)
    assert layout
    (card,), _ = layout.listing(page, datetime(2026, 11, 5, 4, 0, tzinfo=UTC))
    assert (card.listed and f"{card.listed:%m-%d %H:%M}") == listed
