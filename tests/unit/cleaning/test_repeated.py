"""A body that stands twice in its box is told once; a refrain stays."""

from __future__ import annotations

import pytest

from tests.support import frames
from tests.support.frames import CLOSING, STORY_TEXT

PARAGRAPHS = [part + "</p>" for part in STORY_TEXT.split("</p>") if part]
PICTURE = '<figure><img src="https://static.zaobao.com/s3fs-public/a.jpg"></figure>'


@pytest.mark.parametrize("layout", frames.NAMES)
@pytest.mark.parametrize(
    "body",
    [
        STORY_TEXT * 2,
        STORY_TEXT * 3,
        f'<div class="wide">{STORY_TEXT}</div><div class="narrow">{STORY_TEXT}</div>',
        f"<div>{''.join(PARAGRAPHS[:3])}</div><div>{STORY_TEXT}</div>",
        f"<div>{STORY_TEXT}</div><p>全文如下</p><div>{''.join(PARAGRAPHS[:4])}</div>",
        f"<section>{STORY_TEXT}</section><section>{STORY_TEXT.replace('p>', 'div>')}</section>",
    ],
)
def test_a_body_that_stands_twice_is_told_once(body: str, layout: str) -> None:
    article = frames.read(layout, body)
    told = article.text.split("\n")
    assert [line for line in told if line != "全文如下"] == [part[3:-4] for part in PARAGRAPHS]
    assert [one.rule for one in article.removed] == ["repeated-body"]


BRIEF, NOTE = PARAGRAPHS[0], "<p>详情稍后公布。</p>"


@pytest.mark.parametrize("layout", frames.NAMES[:4])
@pytest.mark.parametrize(
    ("body", "lines"),
    [
        (f"<div class='wide'>{BRIEF}</div><div class='narrow'>{BRIEF}</div>", 1),
        (f"<div>{BRIEF}{PICTURE}</div><div>{BRIEF}</div>", 1),
        (f"<section>{BRIEF}{NOTE}</section><section>{BRIEF}{NOTE}</section>", 2),
        (f"<article><div>{BRIEF}{NOTE}</div> <div>{BRIEF}{NOTE}</div></article>", 2),
        (f"<div><h2>盐道</h2>{BRIEF}</div><section><h2>盐道</h2>{BRIEF}</section>", 2),
        (f"<div>{BRIEF}</div>" * 3, 1),
        (f"<div>{BRIEF[3:-4]}</div><p></p><div>{BRIEF}<section id='imu'></section></div>", 1),
    ],
)
def test_a_brief_that_stands_twice_is_told_once(body: str, lines: int, layout: str) -> None:
    article = frames.read(layout, body)
    assert len(article.text.split("\n")) == lines
    assert [one.rule for one in article.removed if one.rule != "dfp-imu"] == ["repeated-body"]
    assert len(article.images) == body.count("<img")


def test_what_was_left_out_is_counted_and_pictures_stay() -> None:
    article = frames.read("sg_cards", STORY_TEXT + STORY_TEXT + PICTURE)
    assert article.removed[0].chars == sum(len(part) - 7 for part in PARAGRAPHS)
    assert len(article.images) == 1


@pytest.mark.parametrize(
    "body",
    [
        f"{STORY_TEXT}{PARAGRAPHS[0]}{CLOSING}",  # the first sentence comes back once
        f"{STORY_TEXT}{PARAGRAPHS[0]}",
        "<p>盐啊盐。</p><p>路啊路。</p><p>盐啊盐。</p><p>路啊路。</p>",
        f"{PARAGRAPHS[0]}{PARAGRAPHS[1]}{PARAGRAPHS[0]}{PARAGRAPHS[2]}",
        f"{CLOSING}{STORY_TEXT}{STORY_TEXT[:-4]}还有一句。</p>",
        BRIEF * 2,
        BRIEF * 3,
        f"{BRIEF}<div class='x'><p>{BRIEF[3:]}</div>",
        f"<div>{BRIEF}{BRIEF}</div>",
        "<div><p>盐啊盐。</p></div>" * 2,
        f"{BRIEF}{BRIEF}{NOTE}",
        f"{''.join(PARAGRAPHS[:2])}{''.join(PARAGRAPHS[:2])}<p>完。</p>",
        f"{BRIEF}{NOTE}{BRIEF}",
        f"{BRIEF}{BRIEF}{PARAGRAPHS[1]}",
        "<p>沿海一个渔村宣布，将在三年内修复荒废多年的盐道，请看下面三张图，每张图都有说明</p>" * 2,
    ],
)
def test_a_refrain_stays(body: str) -> None:
    article = frames.read("sg_cards", body)
    assert article.removed == []
    assert len(article.text.split("\n")) == body.count("<p>")
