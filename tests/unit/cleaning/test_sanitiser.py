"""The bodies that need no parser to be safe: they are what the parser would give back."""

import re

import pytest

from zaobao.cleaning import sanitiser
from zaobao.cleaning.sanitiser import sanitised

FIGURE = (
    '<figure><img src="https://static.zaobao.com/a/b_1.jpg?w=1&amp;h=2" alt="船" '
    'referrerpolicy="no-referrer" loading="lazy"><figcaption>（作者摄）</figcaption></figure>'
)
PLAIN = [
    "",
    "<p></p>",
    "<p>一句话。</p><h2>小标题</h2><p>a &amp; b &lt; c &gt; d \"e\" 'f' {{ g }}\n\t\x0b\u3000。</p>",
    "<p>一<br>二<strong>三</strong><em>四</em><b>五</b></p>",
    "<ul><li>一</li><li><strong>二</strong></li></ul><ol><li>三</li></ol>",
    f"<blockquote>一句话。</blockquote>{FIGURE}",
    "<blockquote><p>一</p><p><em>二</em></p></blockquote>",
    "<table><tbody><tr><th>一</th><td></td></tr><tr></tr><tr><td>二<br>三</td></tr></tbody></table>",
    "<table><tbody></tbody></table>",
    FIGURE.replace("船", "").replace("<figcaption>（作者摄）</figcaption>", ""),
]
OTHERS = [
    "<p>一</p><script>alert(1)</script>",
    "<p>一<script>二</p>",
    "<p>一<p>二</p></p>",
    "<p>一\xa0二</p>",
    "<p>一\r二</p>",
    "<p>&copy; &amp &#60;b&#62;</p>",
    "<p onclick=x>一</p>",
    "<P>一</P>",
    "<p><strong>一<em>二</strong></em></p>",
    '<p><a href="https://www.zaobao.com/">一</a></p>',
    "<li>一</li>",
    "<ul>一</ul>",
    "<table><p>一</p></table>",
    "<table><tbody>一<tr><td>二</td></tr></tbody></table>",
    "<table><tr><td>一</td></tr></table>",
    "<table><tbody><tr><td><p>一<table></td></tr></tbody></table>",
    '<table><tbody><tr><td colspan="2">一</td></tr></tbody></table>',
    "<blockquote><p>一</p>二</blockquote>",
    "<svg><p>一</p></svg>",
    FIGURE.replace("https://static.zaobao.com", "https:/"),
    FIGURE.replace("https://static.zaobao.com", "javascript:"),
    FIGURE.replace("static.zaobao.com", "static.zaobao.com:99999"),
    FIGURE.replace("static.zaobao.com", "1.2.3.4.5"),
    FIGURE.replace("static.zaobao.com", "xn--a.com"),
    FIGURE.replace("船", '船" onerror="x'),
    FIGURE.replace("船", "<船>"),
    FIGURE.replace("/b_1.jpg", "/船.jpg"),
    FIGURE.replace("?w=1&amp;h=2", "?w=1&h=2&copy"),
]


@pytest.mark.parametrize("html", [*PLAIN, *OTHERS])
def test_a_parser_gives_the_same(html, monkeypatch):
    found = sanitised(html)
    monkeypatch.setattr(sanitiser, "_PLAIN", re.compile("(?!)"))
    assert sanitised(html) == found


@pytest.mark.parametrize("html", PLAIN)
def test_a_plain_body_is_not_parsed(html, monkeypatch):
    monkeypatch.setattr(sanitiser, "_SANITISER", None)
    assert sanitised(html).count("<") == html.count("<")
