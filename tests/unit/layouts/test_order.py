"""The order of paragraphs: that of HK-2, and what is noticed where a page hides it, and only there."""

from __future__ import annotations

import base64

import pytest

from tests.support import frames
from tests.support.pages import extraction
from zaobao import plausibility
from zaobao.dom import fragment
from zaobao.errors import NotAStory
from zaobao.layouts import order
from zaobao.layouts.order import by_data_s, position

WORDS = (
    "清晨的渡口起了雾，船夫把缆绳系在老榕树上。",
    "午后雾散了，卖鱼的妇人在石阶上摆开竹篮。",
    "傍晚最后一班船靠岸，岸边的灯一盏盏亮起来。",
)
ABOUT = WORDS[0] + WORDS[1][:6] + "…"


def hidden(name: str, values: tuple[str, ...], about: str, served: tuple[int, ...]) -> str | None:
    """Paragraphs in the order `served`, each with its value of the attribute."""
    paragraphs = (
        f'<p {name}="{value}">{WORDS[place]}</p>'
        for value, place in zip(values, served, strict=True)
    )
    return order.hidden(fragment("".join(paragraphs)), about)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("id", ("b8f2", "a1c9", "77de")),
        ("data-block-id", ("b8f2", "a1c9", "77de")),
        ("data-node-id", ("10233", "10012", "10871")),
        ("data-testid", ("par-x", "par-a", "par-k")),
        ("data-offset-key", ("9fk2-0-0", "3ab1-0-0", "c7d0-0-0")),
        ("data-v-7ba5bd90", ("", "", "")),
        ("data-v-7ba5bd90", ("x1", "b2", "a3")),
        ("data-astro-cid-j7pv25f6", ("", "", "")),
        ("data-astro-cid-j7pv25f6", ("true", "true", "true")),
        ("data-hash", ("77de", "77de", "77de")),
        ("data-n", ("1", "2", "4")),
        ("data-n", ("p-10", "p-20", "p-30")),
        ("data-src-of", ("/a/b", "/c/d", "/e/f")),
        (
            "data-block",
            (
                "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
                "0a1d4fae-7dec-11d0-a765-00a0c91e6bf6",
                "c21d4fae-7dec-11d0-a765-00a0c91e6bf6",
            ),
        ),
    ],
)
@pytest.mark.parametrize("about", ["", ABOUT, "这一则导语与正文没有一句是相同的，另有说法。"])
def test_harmless_values_are_no_hidden_order(
    name: str, values: tuple[str, ...], about: str
) -> None:
    assert hidden(name, values, about, (0, 1, 2)) is None


@pytest.mark.parametrize(
    ("name", "values", "about"),
    [
        ("data-k", ("b8f2", "a1c9", "77de"), ABOUT),
        ("data-k", ("b8f2", "a1c9", "77de"), ""),
        ("data-x", ("XYBGI======", "3UtGM======", "H7jGEYQ===="), ""),
        ("data-n", ("3", "1", "2"), ""),
        ("data-block-id", ("3", "1", "2"), ""),
        ("data-n", ("p-2", "p-0", "p-1"), ""),
        ("style", ("order: 2", "order: 0", "color: red; order:1"), ""),
        ("tabindex", ("2", "1", "3"), ""),
        ("data-block-id", ("b8f2", "a1c9", "77de"), ABOUT),
        ("data-node-id", ("10233", "10012", "10871"), ABOUT),
    ],
)
def test_an_order_in_doubt_is_named(name: str, values: tuple[str, ...], about: str) -> None:
    assert hidden(name, values, about, (2, 0, 1)) == name


def test_words_without_an_element_of_their_own_are_no_paragraphs() -> None:
    box = fragment('<p data-k="b8f2">短</p><p data-k="a1c9">也短</p>')
    assert order.hidden(box) is None


# --- the order of HK-2


@pytest.mark.parametrize(
    ("data_s", "number"),
    [
        ("XYBGI======", 2), ("3UtGM======", 3), ("H7jGEYQ====", 11), ("tPBGE3A====", 16), ("abcGI", 2),
        (" abcGI====== ", 2), ("abcgi======", 2), ("abc", None), ("ab", None), ("", None), (None, None),
        ("abc!!!!", None), ("abcMFRGG===", None), ("abcGI=GI===", None),
    ],
)  # fmt: skip
def test_position(data_s: str | None, number: int | None) -> None:
    assert position(data_s) == number


@pytest.mark.parametrize(
    ("body", "words", "how"),
    [
        ('<p data-s="3UtGM======">丙</p><p data-s="XYBGI======">乙</p>', "乙丙", "data-s"),
        (
            '<p>甲</p><p data-s="3UtGM======">丙</p><p>丁</p><p data-s="XYBGI======">乙</p>',
            "甲乙丙丁",
            "data-s",
        ),
        ('<p data-s="3UtGM======">丙</p><p data-s="???">乙</p>', "丙乙", "served"),
        (
            '<p data-s="3UtGM======">丙</p><p data-s="???">乙</p><p data-s="???">甲</p>',
            "丙乙甲",
            "hidden",
        ),
        ("<p>甲</p><p>乙</p>", "甲乙", None),
        (
            '<div><div><p data-s="3UtGM======">丙</p><p data-s="XYBGI======">乙</p></div></div>',
            "乙丙",
            "data-s",
        ),
    ],
)
def test_the_order_of_hk_2(body: str, words: str, how: str | None) -> None:
    html = f'<html><body><h1 class="article-title">水鸟</h1><article id="article-body"><div class="article-body">{body}</div></article></body></html>'
    found = extraction(html, "https://www.zaobao.com/realtime/china/story20220723-1295001")
    assert found.article.text.replace("\n", "") == words
    assert found.sources.get("order") == how
    if how == "hidden":
        with pytest.raises(NotAStory, match="order"):
            plausibility.check(found)
    else:
        plausibility.check(found)


def numbered(number: int) -> str:
    encoded = base64.b32encode(str(number).encode()).decode()
    return f'<p data-s="xyz{encoded}">第{number}段</p>'


@pytest.mark.parametrize(
    ("html", "how", "texts"),
    [
        (numbered(2) + numbered(1), "data-s", ["第1段", "第2段"]),
        (f"<div>{numbered(2)}{numbered(1)}</div>", "data-s", ["第1段", "第2段"]),
        (f"<b>{numbered(1)}</b><b>{numbered(2)}</b>", "data-s", ["第1段", "第2段"]),
        (f"<b>{numbered(2)}</b> <b>{numbered(1)}</b>", "data-s", ["第1段", "第2段"]),
        (f"<b>{numbered(2)}</b>甲<b>{numbered(1)}</b>", "hidden", ["第2段", "第1段"]),
        (f"<b>{numbered(2)}</b><img><b>{numbered(1)}</b>", "hidden", ["第2段", "第1段"]),
        ("<p data-s>甲</p>", None, ["甲"]),
    ],
)
def test_numbers_in_several_elements_count_over_all_of_them(
    html: str, how: str | None, texts: list[str]
) -> None:
    box = fragment(html)
    assert by_data_s(box) == how
    assert [node.text() for node in box.css("p")] == texts


SENTENCES = [
    f"第{number}段说的是同一条盐道上的另一座小桥，桥下的水一年比一年浅，石头都露了出来。"
    for number in range(1, 8)
]


def shuffled(*order: int, salt: str = "xyz") -> str:
    return "".join(
        f'<p data-s="{salt}{base64.b32encode(str(number).encode()).decode()}">{SENTENCES[number - 1]}</p>'
        for number in order
    )


@pytest.mark.parametrize("layout", frames.NAMES)
@pytest.mark.parametrize(
    "body",
    [
        shuffled(3, 1, 2, 7, 6, 4, 5),
        f"<div>{shuffled(2, 1, 4, 3, 7, 6, 5)}</div>",
        shuffled(7, 6, 5, 4, 3, 2, 1, salt="9Qb").replace("======", ""),
        shuffled(1, 2, 3, 4, 5, 6, 7),
        shuffled(4, 1, 3, 2, 5, 7, 6).replace("<p ", "<section ").replace("</p>", "</section>"),
    ],
)
def test_positions_in_data_s_count_in_any_layout(body: str, layout: str) -> None:
    assert frames.read(layout, body).text.split("\n") == SENTENCES


@pytest.mark.parametrize("layout", ["sg_cards", "hk_astro", "sg_drupal"])
def test_a_data_s_that_is_no_position_moves_nothing(layout: str) -> None:
    body = "".join(f'<p data-s="{number}">{words}</p>' for number, words in enumerate(SENTENCES))
    assert frames.read(layout, body).text.split("\n") == SENTENCES
