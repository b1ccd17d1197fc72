"""Pictures: where their address may stand, which caption is whose, and what is no picture at all."""

from __future__ import annotations

import pytest

from tests.support import frames, pages
from tests.support.boxes import EMOJI, FOREIGN, PHOTO, STORY, body, figure
from tests.support.frames import CLOSING, STORY_TEXT
from zaobao.cleaning.clean import clean
from zaobao.cleaning.media import candidates
from zaobao.dom import fragment

A, B = f"{PHOTO}a.jpg", f"{PHOTO}b.jpg"
DATA = "data:image/gif;base64,R0lGODlhAQABAAAAACw="


@pytest.mark.parametrize(
    "html",
    [
        f"<img data-lazy-src='{A}' src='{DATA}'>",
        f"<img data-lazy='{A}'>",
        f"<img data-echo='{A}' src='/assets/loading.gif'>",
        f"<img lazy-src='{A}' src='/web2/blank.png'>",
        f"<img data-url='{A}' alt=''>",
        f"<img data-lazy-srcset='{PHOTO}s.jpg 320w, {A} 640w' src='{DATA}'>",
        f"<img srcset='{DATA} 1x, {A} 2x'>",
        f"<img data-original-set='{PHOTO}s.jpg,{PHOTO}t.jpg 1x, {A} 2x'>",
        f"<img data-thumb='{B}' src='{A}'>",
        f"<img data-full='{B}' src='{A}'>",
        f"<img class='d-none' data-lazy-src='{A}'>",
        "<img src='https://cdn.example/x.gif' data-cfsrc='/s3/files/a.jpg'>",
        f"<picture><source data-lazy-srcset='{A} 2x' media='(min-width: 1px)'><img src='{DATA}'></picture>",
        f"<picture><source srcset='https://cdn.example/a.webp'><img data-src='{A}'></picture>",
        f"<noscript><img src='{A}'></noscript>",
        f"<img src='{DATA}'><noscript><IMG SRC='{A}'></noscript>",
        f"<img data-src='{A}'><noscript><img src='{PHOTO}a-large.jpg'></noscript>",
        f"<noscript><img src='{PHOTO}a-large.jpg'></noscript> <img data-lazy-src='{A}'>",
        f"<picture><img src='{DATA}'><noscript><img src='{A}'></noscript></picture>",
        f"<noscript><picture><source srcset='{A}'><img src='{A}'></picture></noscript>",
        f"<noscript><p>请开启脚本</p><img src='{A}'><img src='https://t.example/p.gif'></noscript>",
    ],
)
def test_an_address_is_found_wherever_it_waits(html: str) -> None:
    for around in ("{}", "<p>{}</p>", "<a href='/x'>{}</a>", "<div><span>{}</span></div>"):
        expected = figure("a") + "<p>甲乙丙丁甲乙丙丁</p>"
        assert body(around.format(html) + "<p>甲乙丙丁甲乙丙丁</p>") == expected


@pytest.mark.parametrize(
    "html",
    [
        "<img data-lazy='true' data-index='3' data-href='/news/china/story20260101-1'>",
        f"<img alt='{A}' data-caption='{A}'>",
        f"<noscript>{FOREIGN}</noscript>",
        "<noscript><img src='https://www.facebook.com/tr?id=1' width=1 height=1></noscript>",
        f"<div class='google-ad'><noscript><img src='{A}'></noscript></div>",
        f"<noscript><img src='{A}' style='display:none'></noscript>",
        f"<template><img src='{A}'></template>",
        f"<img data-lazy='{A}{'x' * 20}/pic-default.png'>",
    ],
)
def test_what_is_no_picture_s_address_gives_no_picture(html: str) -> None:
    cleaned = clean(fragment(f"<p>甲乙丙丁甲乙丙丁</p>{html}"), STORY)
    assert cleaned.html == "<p>甲乙丙丁甲乙丙丁</p>"
    assert cleaned.images == []


@pytest.mark.parametrize(
    ("srcset", "expected"),
    [
        ("a.jpg", ["a.jpg"]),
        ("a.jpg 1x, b.jpg 2x", ["b.jpg", "a.jpg"]),
        ("a.jpg, b.jpg 2x", ["b.jpg", "a.jpg"]),
        ("a,b.jpg 1x,c.jpg 2x", ["c.jpg", "a,b.jpg"]),
        ("a.jpg?w=1,2,3 320w, b.jpg?w=4,5 640w", ["b.jpg?w=4,5", "a.jpg?w=1,2,3"]),
        ("data:image/gif;base64,R0lG 1x,\n\thttps://x.example/a,b 1.5x", ["https://x.example/a,b", "data:image/gif;base64,R0lG"]),
        (" ,, a.jpg ,,,b.jpg 3x , ", ["b.jpg", "a.jpg"]),
        ("a.jpg,", ["a.jpg"]),
        ("a.jpg,b.jpg", ["a.jpg,b.jpg"]),
        ("a.jpg 100w 50h, b.jpg 200w 90h", ["b.jpg", "a.jpg"]),
        ("a.jpg 1x 2x, b.jpg 100w 1x, c.jpg 0w, d.jpg -1x, e.jpg 50h, f.jpg 1.5w, g.jpg x, h.jpg 1x", ["h.jpg"]),
        ("a.jpg (1x, 2x), b.jpg", ["b.jpg"]),
        ("a.jpg (1x, b.jpg 2x", []),
        ("a.jpg 1X, b.jpg .5x, c.jpg 1e1x", ["c.jpg", "b.jpg"]),
        (", ,", []),
        ("", []),
    ],
)  # fmt: skip
def test_a_srcset_is_read_as_the_standard_says(srcset: str, expected: list[str]) -> None:
    assert candidates(srcset) == expected


def twice(*captions: str) -> str:
    """One picture at two places, under two addresses."""
    addresses = (A, f"{PHOTO}styles/x/public/a.jpg?x=1")
    return "".join(
        f"<figure><img src='{address}'><figcaption>{caption}</figcaption></figure>"
        for address, caption in zip(addresses, captions, strict=True)
    )


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        # Two captions of one picture.
        (
            twice("旧貌。", "箭头处。"),
            figure("a", "旧貌。 箭头处。"),
        ),
        (
            twice("旧貌", "旧貌（林摄）"),
            figure("a", "旧貌（林摄）"),
        ),
        (
            f"<img src='{A}' title='题'><figure><img src='{A}'><figcaption>旧貌</figcaption></figure>",
            figure("a", "旧貌"),
        ),
        (
            f"<figure><img src='{A}'><figcaption>旧貌</figcaption></figure><img src='{A}' title='题'>",
            figure("a", "旧貌"),
        ),
        # Lines and blocks of a caption.
        (f"<figure><img src='{A}'><figcaption>左图<br>右图</figcaption></figure>", figure("a", "左图 右图")),
        (
            f"<figure><img src='{A}'><figcaption><p>旧貌。</p><p>林摄</p></figcaption></figure>",
            figure("a", "旧貌。 林摄"),
        ),
        (
            f"<img src='{A}'><div class='article-pic-title'>旧貌<div>林<b>小</b>满</div>摄</div>",
            figure("a", "旧貌 林小满 摄"),
        ),
        (
            f"<figure><img src='{A}'><figcaption>旧<script>x()</script>貌<noembed>y</noembed></figcaption></figure>",
            figure("a", "旧貌"),
        ),
        (
            f"<figure><img src='{A}'><figcaption>旧貌<span hidden>校对</span></figcaption></figure>",
            figure("a", "旧貌"),
        ),
        (
            f"<figure><img src='{A}'><figcaption>谢谢<img class=emoji src='{EMOJI}' alt='🙏'>大家</figcaption></figure>",
            figure("a", "谢谢🙏大家"),
        ),
        # Around pictures that are not kept.
        (f"<figure><img src='{A}'>{FOREIGN}<figcaption>旧貌</figcaption></figure>", figure("a", "旧貌")),
        (f"<figure><figcaption>旧貌</figcaption>{FOREIGN}<img src='{A}'></figure>", figure("a", "旧貌")),
        (f"<figure><img src='{A}'><figcaption>旧貌{FOREIGN}</figcaption></figure>", figure("a", "旧貌")),
        # Printed once more below two pictures.
        (f"<figcaption>旧貌</figcaption><img src='{A}'><img src='{A}' title='题'>旧貌<p>甲</p>", figure("a", "旧貌") + "<p>甲</p>"),
        # A caption that holds its picture.
        (f"<figcaption><img src='{A}'>旧貌</figcaption><p>甲</p>", figure("a", "旧貌") + "<p>甲</p>"),
        # One that is never closed.
        (
            f"<figure><img src='{A}'><figcaption>旧貌<p>甲。</p><img src='{B}'><p>乙。</p>",
            figure("a") + "<p>旧貌</p><p>甲。</p>" + figure("b") + "<p>乙。</p>",
        ),
        (
            f"<figure><img src='{A}'><figcaption>旧貌<p>{'甲' * 300}。</p>",
            figure("a") + f"<p>旧貌</p><p>{'甲' * 300}。</p>",
        ),
        # In a noscript.
        (
            f"<figure><noscript><img src='{A}'></noscript><figcaption>旧貌</figcaption></figure>",
            figure("a", "旧貌"),
        ),
        (
            f"<noscript><figure><img src='{A}'><figcaption>旧貌</figcaption></figure></noscript>",
            figure("a", "旧貌"),
        ),
        (
            f"<figcaption>旧貌</figcaption><div class='lazy'><noscript><img src='{A}'></noscript></div>",
            figure("a", "旧貌"),
        ),
        (
            f"<noscript><img src='{A}' title='甲'><img src='{B}' title='乙'></noscript><img src='{A}'>",
            figure("a", "甲") + figure("b", "乙"),
        ),
    ],
)  # fmt: skip
def test_a_caption_is_whole_and_its_picture_s(html: str, expected: str) -> None:
    assert body(html) == expected


@pytest.mark.parametrize(
    ("html", "chars"),
    [
        (f"<figure>{FOREIGN}<figcaption>旧貌</figcaption></figure>", 2),
        (f"<figure><figcaption>旧貌</figcaption>{FOREIGN}</figure>", 2),
        (f"<div>{FOREIGN}</div><p class='figure-caption'>旧<br>貌。</p>", 3),
        ("<figure><img data-lazy-src='https://cdn.example/a.jpg'><figcaption>旧貌</figcaption></figure>", 2),
        ("<picture><source srcset='//cdn.example/a,b.webp 2x'></picture><figcaption>旧貌</figcaption>", 2),
        ("<img src='/pic-default.png'><figcaption>旧貌</figcaption>", 2),
    ],
)  # fmt: skip
def test_the_caption_of_a_picture_that_is_not_kept_is_recorded(html: str, chars: int) -> None:
    cleaned = clean(fragment(f"<p>甲乙丙丁</p>{html}<p>乙</p>"), STORY)
    assert cleaned.html == "<p>甲乙丙丁</p><p>乙</p>"
    assert [(one.rule, one.chars) for one in cleaned.removed] in (
        [("picture-host", chars)],
        [("default-picture", chars)],
    )


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<p>甲<img class="emoji" alt="🙏">乙</p>', "<p>甲🙏乙</p>"),
        (f'<p>甲<img class="emoji" alt="🙏" src="{DATA}">乙</p>', "<p>甲🙏乙</p>"),
        (f'<p><img alt="👨‍👩‍👧‍👦" src="{EMOJI}"></p>', "<p>👨‍👩‍👧‍👦</p>"),
        (f'<p>甲<img role="img" aria-label="🙏" src="{EMOJI}">乙</p>', "<p>甲🙏乙</p>"),
        (f'<p>去<img alt="🇸🇬" src="{EMOJI}">了</p>', "<p>去🇸🇬了</p>"),
        (f'<li>第<img alt="1️⃣" src="{EMOJI}"></li>', "<p>第1️⃣</p>"),
        (f'<p><img alt="❤️" src="{EMOJI}"><img alt="🎉" src="{EMOJI}"></p>', "<p>❤️🎉</p>"),
        (f'<p><picture><source srcset="{EMOJI}"><img alt="👍🏽" src="{EMOJI}"></picture>好</p>', "<p>👍🏽好</p>"),
        (f'<img alt="🎉" src="{PHOTO}a.jpg"><p>甲</p>', figure("a", alt="🎉") + "<p>甲</p>"),
        (f'<p>甲<img alt="图标12" src="{EMOJI}">乙</p>', "<p>甲乙</p>"),
        (f'<p><img alt="▲" src="{EMOJI}"></p><p>甲</p>', "<p>甲</p>"),
        (f'<p>跌<img alt="▼" src="{EMOJI}">三点</p>', "<p>跌▼三点</p>"),
    ],
)  # fmt: skip
def test_an_emoji_drawn_as_a_picture_is_that_emoji(html: str, expected: str) -> None:
    assert body(html) == expected


LEAD = "<div class='my-[16px]'>{}</div>"


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (f"<noscript><img src='{A}' title='旧貌'></noscript>", "旧貌"),
        (f"<img src='{A}'><figcaption>左图<br>右图<p>林摄</p></figcaption>", "左图 右图 林摄"),
        (
            f"<img src='{A}' alt='替'><div class='figure-caption'>旧貌<i hidden>校对</i></div>",
            "旧貌",
        ),
        (f"<figcaption>旧貌</figcaption><img src='{A}'>", "旧貌"),
        (f"<img data-lazy-src='{A}' src='{DATA}' title='旧貌'>", "旧貌"),
        (f"<img src='{A}' title='题'>", "题"),
    ],
)
def test_a_lead_is_found_with_its_caption(before: str, expected: str) -> None:
    article = pages.read(pages.page(pages.ld(pages.news()), before=LEAD.format(before)))
    assert [(one.url, one.caption, one.role) for one in article.images] == [(A, expected, "lead")]


def test_each_picture_of_a_gallery_has_its_own_caption() -> None:
    slides = "".join(
        f"<div class='figure-media-gallery-slide'><div class='figure-media-gallery-img'>{picture}"
        f"<div class='tint'></div></div><figcaption><p>{caption}</p></figcaption></div>"
        for picture, caption in (
            (f"<img class='article-rotator-img' data-src='{A}'>", "甲<br>子"),
            (f"<noscript><img class='article-rotator-img' src='{B}'></noscript>", "乙"),
        )
    )
    html = (
        f"<html><head>{pages.ld(pages.news())}</head><body><figure class='inline-figure-gallery'>"
        f"{slides}</figure><div class='article-content-rawhtml'>{pages.TEXT}</div></body></html>"
    )
    assert [(one.url, one.caption) for one in pages.read(html).images] == [(A, "甲 子"), (B, "乙")]


@pytest.mark.parametrize(
    ("inside", "caption"),
    [
        (f"<figure><img src='{A}'><figcaption>箭头处。</figcaption></figure>", "旧貌 箭头处。"),
        (f"<figure><img src='{A}'><figcaption>旧貌</figcaption></figure>", "旧貌"),
        (f"<img src='{A}' title='箭头处。'>", "旧貌"),
    ],
)
def test_a_lead_that_stands_in_the_text_too_keeps_both_captions(inside: str, caption: str) -> None:
    lead = LEAD.format(f"<img src='{A}'><div class='figure-caption'>旧貌</div>")
    article = pages.read(pages.page(pages.ld(pages.news()), lead, pages.TEXT + inside))
    assert [(one.url, one.caption) for one in article.images] == [(A, caption)]
    titled = LEAD.format(f"<img src='{A}' title='题'>")
    article = pages.read(pages.page(pages.ld(pages.news()), titled, pages.TEXT + inside))
    assert article.images[0].caption in ("箭头处。", "旧貌", "题")


def test_the_caption_of_a_lead_on_another_host_is_recorded() -> None:
    lead = LEAD.format(f"{FOREIGN}<figcaption>旧貌</figcaption>")
    article = pages.read(pages.page(pages.ld(pages.news()), lead))
    assert article.images == []
    assert [(one.rule, one.chars) for one in article.removed] == [("picture-host", 2)]


def test_a_figure_of_a_noscript_is_not_hidden_any_more() -> None:
    figure_ = f"<figure><img src='{A}'><figcaption>{'说' * 50}</figcaption></figure>"
    cleaned = clean(fragment(f"{pages.TEXT * 3}<noscript>{figure_}</noscript>"), STORY)
    assert cleaned.access == "free"
    more = clean(fragment(f"{pages.TEXT * 3}<noscript>{figure_}<p>甲</p></noscript>"), STORY)
    assert more.access == "unknown"


BACKGROUND = f"background-image: url({A})"


@pytest.mark.parametrize(
    ("html", "caption"),
    [
        (f"<figure style='{BACKGROUND}'></figure>", ""),
        (f"<figure style='{BACKGROUND}'><figcaption>旧貌</figcaption></figure>", "旧貌"),
        (f"<figure><div class='cover' style='{BACKGROUND}'></div><figcaption>旧貌</figcaption></figure>", "旧貌"),
        (f'<div style="background: #eee url(&quot;{A}&quot;) no-repeat center"></div>', ""),
        ("<div role='img' aria-label='盐道' style='BACKGROUND:URL( \"/s3/files/a.jpg\" )'> </div>", ""),
        (f"<p><span style='display:block;{BACKGROUND}'></span></p><div class='figure-caption'>旧貌</div>", "旧貌"),
        (f"<div data-bg='{A}' class='lazy'></div>", ""),
        (f"<figure><div data-background-image='url({A})'></div><figcaption>旧貌</figcaption></figure>", "旧貌"),
        (f"<svg viewBox='0 0 4 3'><image href='{A}' width='4' height='3'/></svg>", ""),
        (f"<figure><svg><title>图</title><image xlink:href='{A}'/></svg><figcaption>旧貌</figcaption></figure>", "旧貌"),
        ("<figure><svg><g><image xlink:href='/s3/files/a.jpg'></image></g></svg><figcaption>旧貌</figcaption></figure>", "旧貌"),
        (f"<image src='{A}' title='旧貌'>", "旧貌"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("layout", frames.NAMES)
def test_a_picture_that_is_no_img_is_found(html: str, caption: str, layout: str) -> None:
    article = frames.read(layout, STORY_TEXT + html + CLOSING)
    assert [(one.url, one.caption or "") for one in article.images] == [(A, caption)]
    assert len(article.text.split("\n")) == 6
    assert [one.rule for one in article.removed if one.rule != "drawing"] == []


@pytest.mark.parametrize(
    ("html", "chars"),
    [
        ("<figure style='background-image:url(https://cdn.example/a.jpg)'><figcaption>旧貌</figcaption></figure>", 2),
        ("<div style='background:url(//cdn.example/a.jpg)'></div><p class='figure-caption'>旧貌。</p>", 3),
        ("<figure><svg><image href='https://cdn.example/a.png'/></svg><figcaption>旧貌</figcaption></figure>", 2),
        ("<figure><div data-bg='https://cdn.example/a.png'></div><figcaption>旧貌</figcaption></figure>", 2),
        ("<figure><i style='display:block;background:url(/pic-default.png)'></i><figcaption>旧貌</figcaption></figure>", 2),
    ],
)  # fmt: skip
def test_the_caption_of_one_that_is_not_kept_is_recorded(html: str, chars: int) -> None:
    cleaned = clean(fragment(f"{STORY_TEXT}{html}<p>乙</p>"), STORY)
    assert cleaned.text.split("\n")[5:] == ["乙"]
    assert cleaned.images == []
    assert [one.chars for one in cleaned.removed if one.path.startswith("img[")] == [chars]


@pytest.mark.parametrize(
    "html",
    [
        f"<div style='{BACKGROUND}'><p>甲。</p></div>",
        f"<p>甲<span style='{BACKGROUND}'></span>。</p>",
        f"<div style='{BACKGROUND}'><img src='{B}'></div><p>甲。</p>",
        f"<div style='display:none;{BACKGROUND}'></div><p>甲。</p>",
        "<div style='background: url(data:image/png;base64,AA)'></div><p>甲。</p>",
        "<div style='background: linear-gradient(red, blue)'></div><p>甲。</p>",
        f"<div class='google-ad' style='{BACKGROUND}'></div><p>甲。</p>",
        f"<svg><image href='{DATA}'/></svg><p>甲。</p>",
        "<div style='background-image:url()'></div><p>甲。</p>",
        f"<hr style='{BACKGROUND}'><p>甲。</p>",
    ],
)
def test_a_background_behind_words_or_that_is_hidden_is_no_picture_of_the_story(html: str) -> None:
    cleaned = clean(fragment(f"{STORY_TEXT}{html}"), STORY)
    assert [one.url for one in cleaned.images] == ([B] if B in html else [])
    assert cleaned.text.split("\n")[5:] == ["甲。"]
    assert not [one for one in cleaned.removed if one.path.startswith("img[")]


def test_a_path_is_the_page_s_where_a_picture_was_put_into_it() -> None:
    promo = BACKGROUND.replace("a.jpg", "freemium_images/a.jpg")
    html = f"<div style='{BACKGROUND}'></div><div hidden>甲</div><svg><image href='{B}'/></svg>"
    html += f"<noscript></noscript><section style='{promo}'></section>"
    removed = clean(fragment(STORY_TEXT + html + "<p><i hidden>乙</i></p>"), STORY).removed
    assert {one.rule: one.path for one in removed if one.rule != "hidden"} == {
        "script": "html > body > noscript",
        "drawing": "html > body > svg",
        "promo-picture": "html > body > section",
    }
    assert [one.path for one in removed if one.rule == "hidden"] == [
        "html > body > div:nth-of-type(2)",
        "html > body > p:nth-of-type(6) > i",
    ]
