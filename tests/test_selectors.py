"""Selectors give what cssselect's own XPath gives, whichever way they are run."""

from __future__ import annotations

from functools import cache
from itertools import chain

import cssselect
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from zaobao.cleaning.rules import AUDIO, RULES, VIDEO
from zaobao.layouts import LAYOUTS
from zaobao.page import fragment
from zaobao.selectors import Index, Selector

OF_LAYOUTS = {
    selector.css
    for layout in LAYOUTS
    for value in chain.from_iterable(vars(kind).values() for kind in type(layout).__mro__)
    if isinstance(value, tuple)
    for selector in value
    if isinstance(selector, Selector)
}
CSS = sorted({rule.selector for rule in RULES} | {VIDEO, AUDIO} | OF_LAYOUTS)
TAGS = [
    "div",
    "p",
    "a",
    "img",
    "span",
    "section",
    "article",
    "main",
    "figure",
    "h1",
    "li",
    "ul",
    "iframe",
    "script",
    "astro-island",
]
CLASSES = [
    "adv",
    "advert",
    "google-ad",
    "read-on-app-cover",
    "card-listing",
    "articleBody",
    "my-[16px]",
    "a",
    "x",
]
FORMS = [
    "div p",
    "div > p",
    "div a > img",
    "section div > p",
    "p, div.adv, [data-video-id]",
    ".a.x",
    "p.a#imu",
    '[class^="adv"]',
    '[class*=""]',
    "p + a",
    "p:not(.a)",
    "div ~ p a",
]
ATTRIBUTES = {
    "id": ["dfp-ad-1", "imu", "article-body", "innity"],
    "href": ["/news/china/story1?ref=next-article", "https://x.example/-pay-endofarticle"],
    "src": ["/s/freemium_images/p.png", "https://www.youtube.com/embed/1"],
    "data-testid": ["article-list", "article-banner"],
    "width": ["1", "10"],
    "data-video-id": ["", "7"],
}


def check(box: etree._Element, css: str) -> None:
    selector, wanted = compiled(css)
    assert selector(box) == wanted(box), css
    assert selector.within(box, Index(box)) == wanted(box), css
    assert selector.among(box.iterdescendants(), box) == wanted(box), css


@cache
def compiled(css: str) -> tuple[Selector, etree.XPath]:
    path = cssselect.HTMLTranslator().css_to_xpath(css, prefix="descendant::")
    return Selector(css), etree.XPath(path)


@st.composite
def trees(draw: st.DrawFn) -> etree._Element:
    """A box of up to a dozen elements, each below one that was drawn before it."""
    box = etree.Element("div")
    nodes = [box]
    for _ in range(draw(st.integers(1, 12))):
        node = etree.SubElement(draw(st.sampled_from(nodes)), draw(st.sampled_from(TAGS)))
        if classes := draw(st.lists(st.sampled_from(CLASSES), max_size=3)):
            node.set("class", " ".join(classes))
        for name in draw(st.lists(st.sampled_from(sorted(ATTRIBUTES)), max_size=2, unique=True)):
            node.set(name, draw(st.sampled_from(ATTRIBUTES[name])))
        nodes.append(node)
    return box


@given(trees())
def test_every_selector_of_the_project(box: etree._Element) -> None:
    for css in CSS:
        check(box, css)


@given(trees())
def test_every_form(box: etree._Element) -> None:
    for css in FORMS:
        check(box, css)


@pytest.mark.parametrize(("css", "found"), [(".a", ["div", "main"]), ("#imu", ["section"])])
def test_a_box_without_a_tag_is_a_container(css: str, found: list[str]) -> None:
    html = '<p class="a"><div class="a"></div><p id="imu"></p><section id="imu"></section>'
    body = fragment(html + '<main class="a x"></main><li class="a"></li>')
    assert [node.tag for node in Selector(css, box=True)(body)] == found
