"""The `text` of a line: what a post's HTML says when it is read without markup."""

from __future__ import annotations

import pytest

from tests.support import frames
from tests.support.frames import CLOSING, STORY_TEXT
from zaobao.cleaning.clean import clean
from zaobao.cleaning.plaintext import counted, numbered, plain_text
from zaobao.dom import fragment

STORY = frames.URL


def text(html: str) -> str:
    return clean(fragment(html), STORY).text


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        # Powers, indices, units.
        ("1.5×10<sup>8</sup>公里，误差10<sup>-3</sup>", "1.5×10⁸公里，误差10⁻³"),
        ("30km<sup>2</sup>，5m<sup><b>3</b></sup>", "30km²，5m³"),
        ("CO<sub>2</sub>和C<sub>6</sub>H<sub>12</sub>O<sub>6</sub>", "CO₂和C₆H₁₂O₆"),
        ("10<sup>2.5</sup>倍", "10^2.5倍"),
        ("x<sup>n</sup>，x<sub>n+1</sub>，x<sup>甲</sup>", "xⁿ，xₙ₊₁，x^甲"),
        ("e<sup>a/b</sup>，a<sub>i,j</sub>", "e^(a/b)，a_i,j"),
        ("盐道<sup>[1]</sup>长", "盐道^[1]长"),
        ("10<sup>n<sub>1</sub></sup>，空<sup> </sup>", "10^n₁，空"),
        ("21<sup>st</sup> 号", "21ˢᵗ 号"),
        # Quotation marks.
        ("他说<q>值得</q>，又说<q>修<b>吧</b></q>。", "他说“值得”，又说“修吧”。"),
        ("<q>他问<q>谁</q>。</q>", "“他问‘谁’。”"),
        ("<q>“值得”</q><q>「好」</q>", "“值得”「好」"),
        ("<q>a &lt;b&gt;</q>", "“a <b>”"),
        # What is struck out.
        ("人数<del>三</del><ins>五</ins>人", "人数五人"),
        ("人数<s>三<b>十</b></s>五人<strike>多</strike>", "人数五人"),
        ("a <del>b</del> c", "a c"),
        ("甲<del>乙<br>丙</del><br>丁", "甲\n丁"),
        ("价<span style='text-decoration: line-through'>九</span>八元", "价八元"),
        (
            "价<font style='color:red;TEXT-DECORATION:underline line-through'>九</font>八元",
            "价八元",
        ),
        ("<span style='text-decoration-line:line-through;color:red'>九</span>八元", "八元"),
        # The same said by a style, as word processors do.
        ("10<span style='font-size:7pt;vertical-align: super'>8</span>公里", "10⁸公里"),
        ("CO<span style='vertical-align:sub;'>2</span>", "CO₂"),
        ("10<font style='vertical-align:SUPER'>-3</font>", "10⁻³"),
        ("甲<span style='vertical-align:baseline;text-decoration:none'>乙</span>", "甲乙"),
        # Readings.
        ("<ruby>龘<rt>dá</rt></ruby>字", "龘(dá)字"),
        ("<ruby>龘<rp>（</rp><rt>dá</rt><rp>）</rp></ruby>字", "龘（dá）字"),
    ],
)
def test_a_line_reads_right(html: str, expected: str) -> None:
    assert text(f"<p>{html}</p>") == expected
    assert text(f"<h2>{html}</h2>") == expected
    assert text(f"<ul><li>{html}</li></ul>") == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<ol><li>甲<li>乙</ol>", "1. 甲\n2. 乙"),
        ("<ol start=3><li>甲<li value=7>乙<li>丙</ol>", "3. 甲\n7. 乙\n8. 丙"),
        ("<ol reversed><li>甲<li>乙<li>丙</ol>", "3. 甲\n2. 乙\n1. 丙"),
        ("<ol type=a start=26><li>甲<li>乙</ol>", "z. 甲\naa. 乙"),
        ("<ol style='list-style-type:lower-alpha'><li>甲<li>乙</ol>", "a. 甲\nb. 乙"),
        ("<ol type=1 style='list-style: inside UPPER-ROMAN' start=4><li>甲</ol>", "IV. 甲"),
        ("<ol style='list-style-type:decimal'><li>甲</ol>", "1. 甲"),
        # A head is shown in front of all rows, a foot behind them.
        (
            "<table><tfoot><tr><td>合计<td>3</tfoot><tr><td>甲<td>3<thead><tr><th>名<th>数</table>",
            "名\t数\n甲\t3\n合计\t3",
        ),
        (
            "<table><tr><td>甲</tr><thead><tr><th>名</thead><tr><td>乙</tr><thead><tr><th>数</thead></table>",
            "名\n甲\n乙\n数",
        ),
        ("<ol type=I start=4><li>甲<li value=1949>乙</ol>", "IV. 甲\nMCMXLIX. 乙"),
        ("<ol><li>甲<ol type=i><li>乙</ol><li>丙</ol>", "1. 甲\ni. 乙\n2. 丙"),
        ("<ol><li><p>甲</p><p>乙</p><li>丙</ol>", "1. 甲\n乙\n2. 丙"),
        ("<ol><li>甲<li> <li>乙</ol>", "1. 甲\n3. 乙"),
        ("<ul><li>甲<li>乙</ul>", "甲\n乙"),
        ("<table><tr><td rowspan=2>甲<td>1<tr><td>2</table>", "甲\t1\n\t2"),
        ("<table><tr><td>甲<td rowspan=2>乙<td>丙<tr><td>丁<td>戊</table>", "甲\t乙\t丙\n丁\t\t戊"),
        (
            "<table><tr><td colspan=2 rowspan=2>甲<td>1<tr><td>2<tr><td>a<td>b<td>c</table>",
            "甲\t\t1\n\t\t2\na\tb\tc",
        ),
        ("<table><tr><td>甲<br>乙<td><p>丙</p><p>丁</p></table>", "甲 乙\t丙 丁"),
        (
            "<table><tr><td><table><tr><td>甲<td>乙</table><td>丙</table>",
            "甲 乙\t丙",
        ),
        ("<table><tr><td><ol><li>甲<li>乙</ol><td>10<sup>2</sup></table>", "1. 甲 2. 乙\t10²"),
        ("<blockquote>甲<ol><li>乙</ol></blockquote>", "甲\n1. 乙"),
    ],
)
def test_lists_have_their_numbers_and_cells_their_columns(html: str, expected: str) -> None:
    assert text(html) == expected


@pytest.mark.parametrize("layout", frames.NAMES)
def test_it_reads_so_in_every_layout(layout: str) -> None:
    """The input of the report: powers, quoted and struck-out words; and a table and a list."""
    line = (
        "<p>距离为1.5×10<sup>8</sup>公里，误差10<sup>-3</sup>，面积30km<sup>2</sup>；"
        "他说<q>值得</q>，人数<del>三</del><ins>五</ins>人。</p>"
        "<ol start=4><li>盐道的第一段</li><li>盐道的第二段</li></ol>"
        "<table><tr><td rowspan=2>盐道</td><td>三公里</td></tr><tr><td>四公里</td></tr></table>"
    )
    article = frames.read(layout, STORY_TEXT + line + CLOSING)
    assert article.text.split("\n")[5:-1] == [
        "距离为1.5×10⁸公里，误差10⁻³，面积30km²；他说“值得”，人数五人。",
        "4. 盐道的第一段",
        "5. 盐道的第二段",
        "盐道\t三公里",
        "\t四公里",
    ]
    assert "10<sup>8</sup>" in article.body_html
    assert "<del>三</del>" in article.body_html


def test_words_that_only_look_like_markup_stay() -> None:
    assert plain_text("a &lt;sup&gt;2&lt;/sup&gt; &amp;lt; b^2") == "a <sup>2</sup> &lt; b^2"


def test_numbers_that_have_no_letters_are_figures() -> None:
    assert [numbered(number, "a") for number in (0, 1, 28)] == ["0.", "a.", "ab."]
    assert [numbered(number, "i") for number in (3999, 4000)] == ["mmmcmxcix.", "4000."]
    assert [*counted(None, [None, -2, None], falls=True)] == [3, -2, -3]
