"""What a publisher's and an editor's tools leave over in a body, as seen on real ones of 2021 to
2024 (docs/site-facts.md): nothing of it is printed, and the words beside it stay."""

from __future__ import annotations

import pytest

from tests.support import frames
from tests.support.frames import CLOSING, STORY_TEXT, told

BRIGHTCOVE = (
    '<div class="paragraph paragraph--type--brightcove paragraph--view-mode--default">{}</div>'
)
PROMO = '<a href="" target="_blank"><img class="{} lazyload"{} alt style="width:100%;"></a>'
EMPTY = [
    PROMO.format("view-desktop", " data-src") + PROMO.format("view-mobile", " data-src"),
    PROMO.format("view-desktop", ' src="/realtime/china/undefined"'),
    "<p>" + PROMO.format("view-mobile", ' src="undefined"') + "</p>",
    "<div>" + PROMO.format("view-desktop", ' data-src="" src="https://www.zaobao.com/x/undefined"') + "</div>",
    BRIGHTCOVE.format(""),
    BRIGHTCOVE.format("\n\n  "),
    BRIGHTCOVE.format("<!-- field -->"),
    BRIGHTCOVE.format('<div class="content"><div></div></div>'),
    '<div id="gtx-trans" style="position: absolute; left: 9px"><div class="gtx-trans-icon"></div></div>',
    "<p>　　</p><p>\u200b</p><p>&nbsp;<br></p>",
]  # fmt: skip


@pytest.mark.parametrize("layout", frames.NAMES)
@pytest.mark.parametrize("html", EMPTY)
def test_nothing_of_it_is_printed(html: str, layout: str) -> None:
    article = frames.read(layout, STORY_TEXT + html + CLOSING)
    assert article.text.split("\n") == [*told(STORY_TEXT), *told(CLOSING)]
    assert "<figure" not in article.body_html
    assert "<a " not in article.body_html
    assert article.access == ("unknown" if layout == "generic" else "free")


@pytest.mark.parametrize("layout", frames.NAMES)
@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<p><span class='gmail_default'>甲岸的船。</span></p>", "甲岸的船。"),
        ("<p>" + "<span>" * 13 + "乙岸的船。" + "</span>" * 13 + "</p>", "乙岸的船。"),
        ("<p>\u200b丙岸\ufeff的船。</p>", "丙岸的船。"),
        ("<h3># 丁岸</h3>", "# 丁岸"),
        ("<p>戊岸<span data-cke-bookmark style='display:none'>&nbsp;</span>的船。</p>", "戊岸的船。"),
        ("<p><a name='_GoBack'></a>己岸的船。<o:p>&nbsp;</o:p></p>", "己岸的船。"),
        ("<p>庚岸<grammarly-extension></grammarly-extension>的船。</p>", "庚岸的船。"),
        (BRIGHTCOVE.format("<video src='/a.mp4'></video>"), "视频"),
        (BRIGHTCOVE.format("<div data-video-id='6'></div>"), "视频"),
    ],
)  # fmt: skip
def test_the_words_beside_it_stay(html: str, words: str, layout: str) -> None:
    article = frames.read(layout, STORY_TEXT + html + CLOSING)
    assert article.text.split("\n") == [*told(STORY_TEXT), words, *told(CLOSING)]


@pytest.mark.parametrize(
    "box",
    [
        '<div class="cta-subscribe-new"><a href="https://subscribe.sph.com.sg/zh/publications-zb/">订阅</a></div>',
        '<div class="article-microtransaction"><div class="cta-subscribe-new"><p>请订阅</p></div></div>',
    ],
)
@pytest.mark.parametrize("layout", frames.NAMES[:4])
def test_the_box_of_a_cut_story_is_told(box: str, layout: str) -> None:
    article = frames.read(layout, STORY_TEXT + box)
    assert article.text.split("\n") == told(STORY_TEXT)
    assert article.access == "paywalled"
