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
        json.dumps({"@type": "schema:NewsArticle", "schema:headline": "甲"}),
        json.dumps({"@type": "NewsArticle", "https://schema.org/headline": "甲"}),
        json.dumps({"type": "NewsArticle", "headline": "甲"}),
        json.dumps({**NEWS, "@type": "newsarticle"}),
        "\ufeff" + json.dumps(NEWS),
        "\n\t/*<![CDATA[*/" + json.dumps(NEWS) + "/*]]>*/",
        "<!-- " + json.dumps(NEWS) + " -->",
        json.dumps(NEWS) + ";",
        json.dumps(NEWS, ensure_ascii=False).replace("甲", "\x00\x1f甲\x7f\x9f\u0085"),
    ],
)
def test_a_news_article_is_found_in_any_shape(script: str) -> None:
    found = embedded.news_articles(["", "   ", "{", '{"@type":"NewsArticle', script, "null"])
    assert [article["headline"] for article in found] == ["甲"]


TIME = "2026-11-05T09:12:30+08:00"
SOUND = (
    '{"@context": "https://schema.org", "@type": "NewsArticle", '
    f'"headline": "渔村", "datePublished": "{TIME}"}}'
)


def whole(script: str) -> list[tuple[object, object]]:
    found = embedded.news_articles([script])
    return [(article.get("headline"), article.get("datePublished")) for article in found]


@pytest.mark.parametrize(
    "kind",
    [
        *("Article", "ReportageNewsArticle", "OpinionNewsArticle", "AdvertiserContentArticle"),
        *("BlogPosting", "LiveBlogPosting", "SocialMediaPosting", "Report"),
        *("schema:BlogPosting", "https://schema.org/LiveBlogPosting", "schema:NewsArticle"),
    ],
)
def test_every_type_below_article_is_one(kind: str) -> None:
    assert whole(SOUND.replace("NewsArticle", kind)) == [("渔村", TIME)]


@pytest.mark.parametrize("kind", ["JobPosting", "WebPage", "Person", "CreditReport", "ItemList"])
def test_other_types_are_none(kind: str) -> None:
    assert whole(SOUND.replace("NewsArticle", kind)) == []


def test_the_entries_of_a_live_blog_are_not_the_story() -> None:
    entry = {"@type": "BlogPosting", "headline": "九点", "datePublished": "2026-11-05T21:00:00Z"}
    blog = {"@type": "LiveBlogPosting", "headline": "渔村", "datePublished": TIME}
    assert whole(json.dumps({**blog, "liveBlogUpdate": [entry]})) == [("渔村", TIME)]


@pytest.mark.parametrize(
    "script",
    [
        SOUND[:-1] + ",}",
        SOUND[:-1] + ",, }",
        SOUND.replace('"', "&amp;quot;"),
        SOUND.replace('"', r"\\\""),
        SOUND.replace('": ', '"： '),
        SOUND.replace('", "', '"，"'),
        json.dumps(json.dumps(SOUND)),
        f"[{SOUND}, {SOUND[:-1]},\n}},]",
        f'{{"@graph": [{{"@type": "WebSite"}}, {SOUND},],}}',
        SOUND.replace('"', "&quot;"),
        SOUND.replace('"', "&#34;"),
        "<!--\n" + SOUND[:-1] + ",}\n-->",
        "//<![CDATA[\n" + SOUND + SOUND.replace("NewsArticle", "WebPage") + "\n//]]>",
        "/* <![CDATA[ */ [" + SOUND[:-1] + ',"wordCount": 9,}] /* ]]> */',
        f'{{"@type": "WebSite", "name": "早报"}} {SOUND}',
        f'{{"@type": "WebSite", "name": "早报"}},\n{SOUND};',
        SOUND.replace('"', "'"),
        (
            "window.ld = {'@type': 'NewsArticle', headline: '渔村', // of the desk\n"
            f"datePublished: '{TIME}'}};"
        ),
        SOUND[:-1] + ', "author": , "isPaid": undefined, "keywords": [,"盐道",]}',
        SOUND[:-1] + ', "description": "他说“好”的"好"，又说"好"。"}',
        SOUND[:-1] + ', "articleBody": "<p class="first" id=\'a\'>一段\n二段</p>", "wordCount": 9}',
        SOUND[:-1] + r', "description": "船长\'说\' \x41 \u6e14 \ud83d\ude00"}',
        SOUND[:-1] + ', "articleBody": "<p>一段</p><',
        SOUND.replace(", ", " "),
        SOUND.replace(", ", ",, "),
        SOUND[:-1],
        f'{{"@graph": [{SOUND[:-1]}',
        SOUND.replace('"', "”"),
        SOUND.replace('{"', "{“").replace('":', "”:").replace('"', "“"),
        SOUND.replace('"', r"\""),
        json.dumps(SOUND),
        json.dumps(f"[{SOUND},{SOUND}]"),
        SOUND.replace('"https://schema.org"', '"https://schema.org"/* { */'),
    ],
)
def test_a_damaged_script_still_tells(script: str) -> None:
    assert set(whole(script)) == {("渔村", TIME)}


@pytest.mark.parametrize(
    ("headline", "published"),
    [
        ('["渔村"]', f'["{TIME}"]'),
        ('{"@language": "zh", "@value": "渔村"}', f'{{"@type": "Date", "@value": "{TIME}"}}'),
        ('[{"@value": "渔村"}]', f'[[{{"@value": "{TIME}"}}]]'),
        ('{"@value": ["渔村"]}', f'"{TIME}"'),
        ('"渔村"', f'{{"@value": "{TIME}"}}'),
    ],
)
def test_the_long_forms_of_a_text_are_read(headline: str, published: str) -> None:
    script = SOUND.replace('"渔村"', headline).replace(f'"{TIME}"', published)
    assert whole(script) == [("渔村", TIME)]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ('渔村"修好"盐道', '渔村"修好"盐道'),
        ('"修好"', '"修好"'),
        ('渔村", "盐道', '渔村", "盐道'),
        (r"渔村\'修好\'盐道", "渔村'修好'盐道"),
        ("渔村\n  盐道", "渔村\n  盐道"),
        (r'渔村\"修好"盐道\ud83d', '渔村"修好"盐道'),
    ],
)
def test_a_damaged_headline_is_read_to_its_end(written: str, read: str) -> None:
    assert whole(SOUND.replace("渔村", written)[:-1] + ",}") == [(read, TIME)]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ('{"@type": "NewsArticle", "headline": "渔村未完', [(None, None)]),
        (
            '{"@type": "NewsArticle", "headline": "渔村", "datePublished": "2026-11',
            [("渔村", None)],
        ),
        ('{"@type": "NewsArticle", "headline": , "datePublished": tomorrow,}', [(None, None)]),
        ('{"@type": "NewsArticle", "x": {"headline": "别的",}', [(None, None)]),
        ('{"@type": "NewsArticle", "headline": "甲", "headline": "乙",}', [("甲", None)]),
    ],
)
def test_nothing_is_made_up_of_a_damaged_script(
    script: str, expected: list[tuple[object, object]]
) -> None:
    assert whole(script) == expected


@pytest.mark.parametrize(
    "script",
    [
        *('{"x":"' * 20_000, "[" * 100_000, '{"a":' * 100_000, '"' * 200_000, "[/*," * 100_000),
        *('{"a":"' + '", ' * 100_000, "{'" * 100_000, "[{},\\" * 50_000),
    ],
)
def test_what_is_no_json_at_all_ends(script: str) -> None:
    assert embedded.news_articles([script + "Article", "Article" + script]) == []


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
