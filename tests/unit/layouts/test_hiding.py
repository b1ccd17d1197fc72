"""Paragraphs that a page's own style sheet hides: nobody reads them, so no post has them."""

from __future__ import annotations

import pytest

from tests.support import frames
from tests.support.frames import CLOSING, STORY_TEXT

DECOY = "这一句没有人看得见。"


@pytest.mark.parametrize("layout", frames.NAMES)
@pytest.mark.parametrize(
    "body",
    [
        f"<style>.q7{{display:none}}</style>{STORY_TEXT}<p class='q7'>{DECOY}</p>{CLOSING}",
        f"{STORY_TEXT}<p class='a q7 b'>{DECOY}</p>{CLOSING}<style>p{{}} .x, .q7 {{ color: red; DISPLAY: NONE }}</style>",
        f"<style>/* {{ */ #d1 {{display:none !important}}</style>{STORY_TEXT}<div id=d1><p>{DECOY}</p></div>{CLOSING}",
        f"<style>.q7{{display:block}} .q7{{display:none}}</style>{STORY_TEXT}<span class=q7>{DECOY}</span>{CLOSING}",
        f"<style>@media print {{.q7{{display:block}}}} .q7{{display:none}}</style>{STORY_TEXT}<ul class=q7><li>{DECOY}</li></ul>{CLOSING}",
    ],
)
def test_what_a_style_sheet_hides_is_left_out(body: str, layout: str) -> None:
    article = frames.read(layout, body)
    assert DECOY not in article.text + article.body_html
    assert len(article.text.split("\n")) == 6
    if layout != "generic":  # trafilatura may have left it out before
        assert ("hidden", 10) in [(one.rule, one.chars) for one in article.removed]


@pytest.mark.parametrize(
    "style",
    [
        "@media print{.q7{display:none}}",
        "@media (max-width: 9px) { .x {color: red} .q7 {display: none} }",
        ".q7{display:none} .q7{display:block}",
        ".q7 .x{display:none}",
        ".q7:hover{display:none}",
        ".q7{overflow:hidden; pointer-events:none}",
        "/* .q7{display:none} */",
        ".hidden{display:none}",
        ".q8{display:none}",
    ],
)
def test_what_it_shows_stays(style: str) -> None:
    line = f"<p class='q7'>{DECOY}</p><p class='hidden md:block'>{DECOY}</p>"
    article = frames.read("sg_cards", f"<style>{style}</style>{STORY_TEXT}{line}{CLOSING}")
    assert article.text.count(DECOY) == 2
