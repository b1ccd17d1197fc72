"""A formula in MathML reads as a browser shows it, in its line."""

from __future__ import annotations

import pytest

from tests.support import frames
from tests.support.frames import CLOSING, STORY_TEXT


@pytest.mark.parametrize("layout", frames.NAMES)
@pytest.mark.parametrize(
    ("formula", "html", "words"),
    [
        ("<mi>x</mi><mo>=</mo><mn>5</mn>", "x=5", "x=5"),
        ("<mrow>\n <mi>x</mi> <mo>&lt;</mo>\n <mn>5</mn></mrow>", "x&lt;5", "x<5"),
        ("<msup><mi>r</mi><mn>2</mn></msup><mi>π</mi>", "r<sup>2</sup>π", "r²π"),
        ("<msub><mi>H</mi><mn>2</mn></msub><mi>O</mi>", "H<sub>2</sub>O", "H₂O"),
        (
            "<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup>",
            "x<sub>i</sub><sup>2</sup>",
            "xᵢ²",
        ),
        ("<mfrac><mn>1</mn><mn>2</mn></mfrac>", "1/2", "1/2"),
        (
            "<mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mi>c</mi></mfrac>",
            "(a+b)/c",
            "(a+b)/c",
        ),
        ("<msqrt><mn>2</mn></msqrt>", "√2", "√2"),
        ("<msqrt><mi>a</mi><mo>-</mo><mi>b</mi></msqrt>", "√(a-b)", "√(a-b)"),
        ("<mroot><mi>x</mi><mn>3</mn></mroot>", "<sup>3</sup>√x", "³√x"),
        (
            "<munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover>",
            "∑<sub>i=1</sub><sup>n</sup>",
            "∑ᵢ₌₁ⁿ",
        ),
        ("<mover><mi>x</mi><mo>¯</mo></mover>", "x¯", "x¯"),
        (
            "<msup><mi>e</mi><msup><mi>x</mi><mn>2</mn></msup></msup>",
            "e<sup>x^2</sup>",
            "e^(x^2)",
        ),
        (
            (
                "<semantics><mrow><mi>x</mi><mo>=</mo><mn>5</mn></mrow>"
                '<annotation encoding="application/x-tex">x=5</annotation></semantics>'
            ),
            "x=5",
            "x=5",
        ),
        (
            "<mn>2</mn><mo>&InvisibleTimes;</mo><mi>x</mi><mphantom><mi>y</mi></mphantom>",
            "2x",
            "2x",
        ),
        ("<mi style='display:none'>y</mi><mtext>约 五</mtext>", "约 五", "约 五"),
        (
            (
                "<mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>0</mn></mtd></mtr>"
                "<mtr><mtd><mn>0</mn></mtd><mtd><mn>1</mn></mtd></mtr></mtable>"
            ),
            "1 0<br>0 1",
            "1 0\n0 1",
        ),
        ("甲<mfrac><mn>1</mn></mfrac><msup></msup><unknown>z</unknown><mrow>乙</mrow>", "1", "1"),
    ],
)
def test_a_formula_stands_in_its_line(formula: str, html: str, words: str, layout: str) -> None:
    body = f"{STORY_TEXT}<p>潮高<math>{formula}</math>，船不动。</p>{CLOSING}"
    article = frames.read(layout, body)
    assert f"<p>潮高{html}，船不动。</p>" in article.body_html
    assert f"\n潮高{words}，船不动。\n" in article.text
    assert [one for one in article.removed if one.rule != "hidden"] == []


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        ('<p>因为</p><math display="block"><mi>x</mi></math><p>所以</p>', ["因为", "x", "所以"]),
        ('<p>因为<math display="block"><mi>x</mi></math>所以</p>', ["因为", "x", "所以"]),
        ("<ul><li>高<math><mi>x</mi></math>米</li></ul>", ["高x米"]),
        ("<table><tr><td><math><mi>x</mi></math><td>米</table>", ["x\t米"]),
        ("<h3>式<math><mn>1</mn></math></h3>", ["式1"]),
        ("<p>一<math><mi>x</mi><p>二</p>", ["一x", "二"]),
    ],
)
def test_it_stands_where_words_do(body: str, lines: list[str]) -> None:
    article = frames.read("sg_cards", STORY_TEXT + body + CLOSING)
    assert article.text.split("\n")[5:-1] == lines
    assert article.access == "free"
