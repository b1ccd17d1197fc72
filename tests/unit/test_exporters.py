"""The post and the JSON line: bytes, titles, names."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from tests.support.chain import file_name, options, post
from tests.support.stories import ARTICLE
from zaobao import posts, text
from zaobao.exporters import JekyllPostExporter, line
from zaobao.items import LINE_KEYS, Article, Image
from zaobao.names import post_keys

PLAIN = """---
layout: post
title: "盐道修好了"
date: 2021-09-02T10:02:00.000Z
author: 联合早报
from: https://www.zaobao.com/realtime/china/story20210902-1189718
tags: [ 联合早报 ]
categories: [ 联合早报 ]
---
<!--1630576920000-->
[盐道修好了](https://www.zaobao.com/realtime/china/story20210902-1189718)
------

<div>
<p>甲</p>
</div>
"""


def front(article: Article, **given: str) -> dict[str, object]:
    raw = post(article, **given).decode().split("---\n")[1]
    return dict(yaml.load(raw, Loader=yaml.BaseLoader))  # strings as they stand


def test_the_form_of_a_post() -> None:
    assert post(ARTICLE).decode() == PLAIN


def test_legacy_times() -> None:
    legacy = post(ARTICLE, ZAOBAO_TIMES="legacy").decode()
    assert "\ndate: 2021-09-02T15:41:04.832Z\n" in legacy
    assert "\n<!--1630605720000-->\n" in legacy
    later = replace(ARTICLE, crawled=ARTICLE.crawled + timedelta(hours=3))
    assert front(later, ZAOBAO_TIMES="legacy")["date"] == "2021-09-02T18:02:00.000Z"


def test_only_the_day_is_known() -> None:
    said = front(replace(ARTICLE, published=None))
    assert (said["date"], said["date_from"]) == ("2021-09-02T04:00:00.000Z", "url")


def test_keys_that_carry_news_stand_last() -> None:
    article = replace(
        ARTICLE,
        access="paywalled",
        updated=ARTICLE.published and ARTICLE.published + timedelta(hours=1),
        tags=["联合早报", "a, b: [c]", "{{ x }}"],
        layout="generic",
        authors=["甲"],
        images=[Image("https://static.zaobao.com/a.jpg", None, "lead")],
    )
    asked = "image,authors,story,edition,access,updated,layout_seen"
    said = front(article, ZAOBAO_FRONT_MATTER=asked, ZAOBAO_TAGS="keywords")
    fixed = ["layout", "title", "date", "author", "from", "tags", "categories"]
    news = ["access", "updated", "layout_seen"]
    assert list(said) == [*fixed, *news, "image", "authors", "story", "edition"]
    assert said["tags"] == ["联合早报", "a, b: [c]", "{{ x }}"]
    assert said["updated"] == "2021-09-02T11:02:00.000Z"


NOTE = f'<p><a href="{ARTICLE.url}" rel="noopener nofollow">节选，全文见原文</a></p>'


def cut(words: str, body: str = "x") -> tuple[str, dict[str, object]]:
    """The body of a post in excerpt mode without its last paragraph, and the front matter."""
    article = replace(ARTICLE, text=words, body_html=body)
    data = post(article, ZAOBAO_TEXT="excerpt").decode()
    said = front(article, ZAOBAO_TEXT="excerpt")
    return data.split("<div>\n")[1].removesuffix("\n</div>\n").removesuffix(NOTE), said


def test_an_excerpt_has_the_same_form_and_says_that_it_is_one() -> None:
    body, said = cut("{头}\t<b>\n" + "字" * 300 + "\n尾")
    assert body.startswith("<p>&#123;头&#125; &lt;b&gt;</p><p>字")
    assert body.endswith("字……</p>")
    assert len(re.sub(r"<[^>]*>|\n", "", html.unescape(body))) <= 202
    assert list(said)[-1:] == ["excerpt"]
    assert said["excerpt"] == "true"
    marked = post(replace(ARTICLE, text="字" * 300), ZAOBAO_TEXT="excerpt")
    assert marked.endswith(f"……</p>{NOTE}\n</div>\n".encode())
    read = posts.read(marked)
    assert (read.front["excerpt"], read.text) == ("true", "字" * 200 + "……")


def test_a_text_that_is_whole_is_no_excerpt_unless_pictures_are_left_out() -> None:
    whole = f"<p>{'字' * 200}</p>"
    body, said = cut("字" * 200, whole)
    assert (body, "excerpt" in said) == (whole, False)
    pictured = replace(ARTICLE, images=[Image("https://static.zaobao.com/a.jpg", None, "lead")])
    data = post(pictured, ZAOBAO_TEXT="excerpt").decode()
    assert "\nexcerpt: true\n---" in data
    assert f"<p>甲</p>{NOTE}\n" in data
    assert "excerpt" not in post(pictured).decode()


@pytest.mark.parametrize(
    ("words", "end"),
    [
        ("字" * 150 + "。" + "尾" * 100, "字。……"),
        ("字" * 90 + "。" + "尾" * 200, "尾……"),  # a sentence that ends too soon
        ("字" * 150 + "说：“走吧！”" + "尾" * 100, "走吧！”……"),
        ("字" * 150 + "说：“走吧！他" + "尾" * 100 + "”", "尾……"),  # inside a quotation
        ("字" * 199 + "“尾”" + "尾" * 9, "字……"),
        ("字" * 198 + "，“尾”" + "尾" * 9, "字……"),
        ("字" * 199 + "……" + "尾" * 9, "字……"),
        ("字" * 199 + "——" + "尾" * 9, "字……"),
        ("字" * 198 + "《书》" + "尾" * 9, "书……"),
        ("字" * 190 + "Singapore Airlines" + "尾" * 99, "Singapore……"),
        ("字" * 196 + "12,345.6万元" + "尾" * 99, "字……"),
        ("字" * 197 + "100%" + "尾" * 99, "字……"),
        ("A" * 300, "A……"),
        ("字" * 150 + "\n" + "尾" * 100, "字……"),  # a paragraph ends there
        ("字" * 198 + "他。”" + "尾" * 9, "他……"),
        ("字" * 150 + "……" + "尾" * 99, "字……"),
        ("字" * 150 + "；\n" + "尾" * 99, "字……"),
    ],
)
def test_an_excerpt_tears_neither_words_nor_marks(words: str, end: str) -> None:
    body, _ = cut(words)
    assert body.endswith(f"{end}</p>")
    assert body.count("…") == 2


def test_headings_of_an_excerpt_stay_headings() -> None:
    words = "首段。\n旧桥 <上>\n" + "字" * 150 + "。\n渡口\n" + "尾" * 300
    text_of = "<p>首段。</p><h2><b>旧桥</b> &lt;上&gt;</h2><p>x</p><h3>渡口</h3>"
    body, _ = cut(words, text_of)
    assert body == f"<p>首段。</p><h2>旧桥 &lt;上&gt;</h2><p>{'字' * 150}。……</p>"


@given(st.text())
@example('x"\npublished: false\ny: "z')
@example("a](javascript:alert(1)) [b")
@example("{{ site.secret }}{% foo %}")
@example("*[HTML]: x ^1 [^1] {:toc} `a` ~~b~~ $$x$$ <<c>> d--e...")
def test_whatever_the_title_it_reads_back(raw: str) -> None:
    title = text.plain(raw)
    article = replace(ARTICLE, title=title)
    data = post(article).decode()
    said = yaml.safe_load(data.split("\n---\n")[0].removeprefix("---\n"))
    assert said["title"] == title
    assert said["from"] == ARTICLE.url
    link_line = data.split("\n---\n")[1].split("\n")[1]
    shown = link_line.removeprefix("[").removesuffix(f"]({ARTICLE.url})")
    assert html.unescape(shown) == title
    assert not re.search(r"[!\"$%'()*+,./:<=>?@\[\\\]^_`{|}~-]", shown)


NAME = re.compile(r"\d{4}-\d\d-\d\d-[^<>:\"/\\|?*\x00-\x1f\x7f]+\.md")


@given(st.text(), st.integers(1, 10**12))
@example("/" * 300, 5)
@example("²", 5)
@example("...", 5)
@example("\u0301", 5)
@example("字" * 300, 10**12)
@example("😀" * 80, 5)
@example("a.", 5)
@example("·" * 200 + "a", 5)
def test_whatever_the_title_the_name_is_valid(raw: str, number: int) -> None:
    article = replace(ARTICLE, title=text.plain(raw), id=f"20210902-{number}")
    taken: set[str] = set()
    for _ in range(3):
        name = JekyllPostExporter(options()).file_name(article, taken.__contains__)
        assert name not in taken
        taken.add(name)
        assert NAME.fullmatch(name), name
        assert len(name.encode()) <= 255
        assert not post_keys(name)[1].endswith("/"), "no page without an address"
        assert " .md" not in name


def test_a_taken_name_gets_the_number() -> None:
    def taken(name: str) -> bool:
        return name == "2021-09-02-盐道修好了.md"

    exporter = JekyllPostExporter(options())
    assert exporter.file_name(ARTICLE, taken) == "2021-09-02-盐道修好了-1189718.md"


@pytest.mark.parametrize("kept", ["full", "excerpt"])
def test_the_body_is_what_stands_in_the_post(kept: str) -> None:
    article = replace(ARTICLE, text="甲{乙}" * 99, body_html=f"<p>{'甲{乙}' * 99}</p>")
    exporter = JekyllPostExporter(options(ZAOBAO_TEXT=kept))
    body = exporter.body(article)
    assert body.startswith("<p>甲&#123;乙&#125;")
    assert ("节选" in body) == (kept == "excerpt")
    assert exporter.post(article).decode().endswith(f"\n<div>\n{body}\n</div>\n")


@given(st.text(), st.text())
def test_a_line_is_one_line_of_json(title: str, body: str) -> None:
    data = line(replace(ARTICLE, title=title, body_html=body))
    assert data.count(b"\n") == 1
    assert len(data.decode().splitlines()) == 1
    read = json.loads(data)
    assert tuple(read) == LINE_KEYS
    assert (read["title"], read["body_html"]) == (title, body)
    assert read["published"] == "2021-09-02T18:02:00+08:00"


@pytest.mark.parametrize("title", ["甲/乙", "甲：乙？", 'a"b', "【视频】甲", "  甲  "])
def test_names_of_plain_titles(title: str) -> None:
    name = file_name(replace(ARTICLE, title=text.plain(title)))
    expected = title.strip().replace("/", "--").replace('"', "-")
    assert name == f"2021-09-02-{expected}.md"


def test_a_word_joiner_is_no_part_of_a_headline_or_a_text() -> None:
    assert (text.plain("渡\u2060口"), text.body("渡\u2060口")) == ("渡口", "渡口")


def test_a_name_is_no_longer_in_lower_case() -> None:
    """Jekyll's folder has it in lower case, and that of `Ⱥ` takes one byte more."""
    article = replace(ARTICLE, title="Ⱥ" * 200)
    name = JekyllPostExporter(options()).file_name(article, lambda _: False)
    assert len(name.lower().encode()) <= 255 < len(("2021-09-02-" + "Ⱥ" * 200).encode())


def test_a_time_that_is_empty_is_no_line_of_a_crawl() -> None:
    with pytest.raises(ValueError, match="no line of a crawl"):
        Article.from_dict({**ARTICLE.to_dict(), "published": ""})
