"""A body that stands twice in its box is told once; a refrain stays."""

from __future__ import annotations

import pytest

from tests.support import frames
from tests.unit.cleaning.test_rules import CLOSING, STORY_TEXT

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
    ],
)
def test_a_refrain_stays(body: str) -> None:
    article = frames.read("sg_cards", body)
    assert article.removed == []
    assert len(article.text.split("\n")) == body.count("<p>")
