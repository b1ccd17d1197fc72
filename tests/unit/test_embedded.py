"""Embedded data: every trap of docs/site-facts.md, "Embedded data", and shapes of no real page."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zaobao import embedded

NEWS = {"@type": "NewsArticle", "headline": "甲"}


@pytest.mark.parametrize(
    "script",
    [
        json.dumps(NEWS),
        json.dumps([{"@type": "WebSite"}, NEWS]),
        json.dumps({"@graph": [{"@type": "WebPage"}, NEWS]}),
        json.dumps([{"@graph": [[NEWS]]}]),
        json.dumps({"@type": "WebPage", "mainEntity": NEWS}),
        json.dumps({**NEWS, "@type": ["Thing", "NewsArticle"]}),
        json.dumps({**NEWS, "@type": "http://schema.org/NewsArticle"}),
        "\ufeff" + json.dumps(NEWS),
        "\n\t/*<![CDATA[*/" + json.dumps(NEWS) + "/*]]>*/",
        "<!-- " + json.dumps(NEWS) + " -->",
        json.dumps(NEWS) + ";",
        json.dumps(NEWS, ensure_ascii=False).replace("甲", "\x00\x1f甲\x7f\x9f\u0085"),
    ],
)
def test_a_news_article_is_found_in_any_shape(script: str) -> None:
    found = embedded.news_articles(["", "   ", "{", '{"@type":"NewsArticle"', script, "null"])
    assert [article["headline"] for article in found] == ["甲"]


@pytest.mark.parametrize(
    "script",
    ["", "[]", "{}", '"NewsArticle"', '{"@type": 5, "x": "Article"}', "[" * 100_000 + "Article"],
)
def test_no_news_article(script: str) -> None:
    assert embedded.news_articles([script]) == []


def test_hydration_is_decoded_twice() -> None:
    article = {"headline": '引“号"\\', "create_time": 5, "body_cn": "<p>甲</p>"}
    data = {"loaderData": {"root": None, "0-1": {"context": {"payload": {"article": article}}}}}
    inner = json.dumps(json.dumps(data))
    script = f"window.__staticRouterHydrationData = JSON.parse({inner});"
    assert embedded.hydration_article(script) == article
    assert embedded.hydration_article(script.replace("JSON.parse(", "JSON.parse(\n ")) == article
    assert embedded.hydration_article(script[:-20]) == {}
    assert embedded.hydration_article('__staticRouterHydrationData=JSON.parse("5")') == {}


def test_island_props_are_unwrapped_at_all_levels() -> None:
    wrapped = {
        "list": [1, [[0, {"id": [0, 7], "when": [3, "2026-01-01T00:00:00Z"], "tags": [1, []]}]]],
        "two": [1, [[0, 0], [0, 1]]],
        "none": [0, None],
        "flag": [0, True],
    }
    assert embedded.island_props(json.dumps(wrapped)) == {
        "list": [{"id": 7, "when": "2026-01-01T00:00:00Z", "tags": []}],
        "two": [0, 1],
        "none": None,
        "flag": True,
    }


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, []),
        ("台湾, 经济，半导体、芯片", ["台湾", "经济", "半导体", "芯片"]),
        ({"name": "甲"}, ["甲"]),
        ([{"name": "甲"}, "乙", None, 5, {"x": 1}], ["甲", "乙"]),
        ({"name": ["甲", {"name": "乙"}]}, ["甲", "乙"]),
    ],
)
def test_names(value: object, expected: list[str]) -> None:
    assert embedded.names(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a.jpg", [("a.jpg", None)]),
        ({"url": "a.jpg", "caption": "说明"}, [("a.jpg", "说明")]),
        ({"contentUrl": "a.jpg", "caption": {"x": 1}}, [("a.jpg", None)]),
        (
            [{"url": ["a.jpg", "b.jpg"]}, "c.jpg"],
            [("a.jpg", None), ("b.jpg", None), ("c.jpg", None)],
        ),
        ([None, 5, "", {}], []),
    ],
)
def test_addresses(value: object, expected: list[tuple[str, str | None]]) -> None:
    assert embedded.addresses(value) == expected


def test_the_other_scripts() -> None:
    settings = '{"articleDetails":{"nid":"5","created":"1689408005"}}'
    assert embedded.drupal_details(settings)["created"] == "1689408005"
    assert embedded.drupal_details('{"articleDetails":[]}') == {}
    assert (
        embedded.ga_pubdate('gaPushParams={"pubdate":"2026-09-28 07:41:00"}')
        == "2026-09-28 07:41:00"
    )
    assert embedded.ga_pubdate("var pubdate = 5") is None
    frame = 'self.__next_f.push([1,"{\\"publication_date\\",\\"2016-01-20T18:38:00\\"}"])'
    assert embedded.next_publication_date(frame) == "2016-01-20T18:38:00"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(["name", "url", "@graph", "@type", "caption", "list"]), inner
        )
    ),
)


@given(JSON)
def test_no_shape_raises(value: object) -> None:
    assert all(isinstance(name, str) and name for name in embedded.names(value))
    for address, caption in embedded.addresses(value):
        assert isinstance(address, str)
        assert caption is None or isinstance(caption, str)
    text = json.dumps(value)
    assert all(isinstance(one, dict) for one in embedded.news_articles([text + "Article"]))
    assert isinstance(embedded.drupal_details(text), dict)
    embedded.island_props(text)


def test_deep_shapes_end() -> None:
    value: object = "甲"
    for _ in range(900):
        value = [value]
    assert embedded.names(value) == []
    assert embedded.addresses(value) == []
    embedded.island_props("[" * 900 + "]" * 900)
