"""What a browser shows of rare elements and styles, a post says; each was found by the tool that
compares the two (tools/differential.py)."""

from __future__ import annotations

import pytest

from tests.support.pages import PHOTO, TEXT, ld, news, page, read

PICTURE = f'<img src="{PHOTO}a.jpg">'


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        ("<p>甲<map>乙</map>丙</p>", ["甲乙丙"]),
        ("<option>甲</option>", ["甲"]),
        ("<p>甲<datalist>乙<option>丙</option></datalist>丁</p>", ["甲丁"]),
        ("<p popover>甲</p>乙<dialog open popover>丙</dialog>", ["乙", "丙"]),
        ("<p>甲<span style='display:block'>乙</span>丙</p>", ["甲", "乙", "丙"]),
        ("<p>甲<b style='DISPLAY: block'>乙</b>丙</p>", ["甲", "乙", "丙"]),
        ("<div>甲<div style='display:inline'>乙</div>丙</div>", ["甲乙丙"]),
        ("甲。<p hidden>乙</p>丙", ["甲。丙"]),
        ("<ul>甲<li hidden>乙</li>丙</ul>", ["甲丙"]),
        (f"甲{PICTURE}<p hidden>乙</p>丙", ["甲丙"]),
        (f"<picture>{PICTURE}甲<b>乙</b></picture>", ["甲乙"]),
        ("<ruby>甲<rp><dl><dd>乙</dd></dl></rp></ruby>丙", ["甲丙"]),
        (
            "<table><caption>甲</caption><caption>乙</caption><tr><td>丙</td></tr></table>",
            ["甲", "乙", "丙"],
        ),
        (
            "甲<figcaption>乙<iframe src='https://player.example/video/1'></iframe></figcaption>",
            ["甲", "乙", "视频"],
        ),
    ],
)
def test_rare_elements_and_styles(body: str, lines: list[str]) -> None:
    article = read(page(ld(news()), body=TEXT + body + TEXT))
    assert article.text.split("\n")[1:-1] == lines


def test_what_was_hidden_by_an_attribute_is_recorded() -> None:
    article = read(page(ld(news()), body=f"{TEXT}<p popover>甲乙</p>{TEXT}"))
    assert [(one.rule, one.chars) for one in article.removed] == [("hidden", 2)]


@pytest.mark.parametrize("beside", ["", "一个字", "一个<b>字</b>"])
def test_a_path_is_that_of_the_page_as_it_came_though_a_noscript_was_opened(beside: str) -> None:
    inside = f"<noscript><figure>{PICTURE}<i hidden>甲</i></figure></noscript>"
    article = read(
        page(ld(news()), body=f"{TEXT}{beside}{inside}<figure><b hidden>乙</b></figure>")
    )
    box = "html > body > main > article > div"
    assert [(one.rule, one.path) for one in article.removed] == [
        ("script", f"{box} > noscript"),
        ("hidden", f"{box} > noscript"),
        ("hidden", f"{box} > figure > b"),
    ]
    assert len(article.images) == 1
