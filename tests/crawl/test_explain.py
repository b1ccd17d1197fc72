"""`scrapy explain`: what it says of a page, and that it writes nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from demo.server import Served
from tests.support import chain
from tests.support.archive import Archive
from zaobao import urls
from zaobao.explain import explain
from zaobao.page import Page

CRAWLED = datetime(2026, 11, 2, tzinfo=UTC)
STORY = "https://www.zaobao.com/news/china/story20261101-9800001"
BODY = """
<p>镇上的水塔今年秋天刷成了白色，孩子们说它像一支立着的粉笔。</p>
<section id="imu"><div id="dfp-ad-imu1"> </div></section>
<figure><img src="/s3fs-public/images/tower.jpg"><figcaption>水塔。</figcaption></figure>
<img src="https://pictures.example/other.jpg">
<p><img src="/x/default-image.png"></p>
<div class="brightcove-container" data-video-id="1"></div>
散在块外的一句话。
"""


def page(body: str, name: str = "articleBody") -> Page:
    source = (
        '<html><head><meta property="og:title" content="水塔刷白"></head><body><main><article>'
        f'<div>发布/2026年11月1日 09:30</div><h1>水塔刷白</h1><div class="{name}">{body}</div>'
        "</article></main></body></html>"
    )
    return Page(STORY, source.encode())


def said(one: Page) -> tuple[list[str], bool]:
    story = urls.story(STORY)
    assert story
    text, read = explain(one, story, CRAWLED, chain.options())
    return text.splitlines(), read


def test_layout_rungs_nodes_and_the_post() -> None:
    lines, read = said(page(BODY))
    assert read
    assert "claimed   sg_cards" in lines
    assert "title     水塔刷白  ← h1" in lines
    assert "published 2026-11-01 09:30:00+08:00  ← visible" in lines
    box = "html > body > main > article > div:nth-of-type(2)"
    nodes = [line.strip().split("  ")[:2] for line in lines if line.startswith("  ")]
    assert [node for node in nodes if box in node[0]] == [
        [f"+ {box}", "散在块外的一句话。"],
        [
            f"+ {box} > p:nth-of-type(1)",
            "镇上的水塔今年秋天刷成了白色，孩子们说它像一支立着的粉笔。",
        ],
        [f"- {box} > section", "[dfp/dfp-imu]"],
        [f"+ {box} > figure > img", "/s3fs-public/images/tower.jpg"],
        [f"+ {box} > figure > figcaption", "水塔。"],
        [f"- {box} > img", "[chrome/picture-host]"],
        [f"- {box} > p:nth-of-type(2) > img", "[chrome/default-picture]"],
        [f"> {box} > div", "[视频]"],
    ]
    assert lines[lines.index("post") + 1] == "---"
    assert lines[-1] == "</div>"


def test_a_time_in_the_future_is_named_and_not_taken() -> None:
    source = page(BODY).source.decode().replace("2026年11月1日", "2026年11月3日")
    lines, read = said(Page(STORY, source.encode()))
    assert read
    at = next(n for n, line in enumerate(lines) if line.startswith("published "))
    assert lines[at].startswith("published None")
    assert (
        "          visible says 2026-11-03 09:30:00+08:00, a time in the future, which is not taken"
        in lines
    )
    assert not any("in the future" in line for line in said(page(BODY))[0])


def test_what_the_generic_reader_gives_for_a_page_that_no_layout_claims() -> None:
    paragraphs = "".join(
        f"<p>第{n}段说的是水塔边的集市，摊主们一早就来，把萝卜、白菜和刚摘的柿子摆成三排。</p>"
        for n in range(1, 9)
    )
    lines, read = said(page(paragraphs, "unheard-of"))
    assert not read
    assert "claimed   by no layout" in lines
    assert "          sg_cards: nothing of it" in lines
    assert any(line.startswith("refused   unknown_layout:") for line in lines)
    assert "generic   the fallback gives:" in lines
    assert "access    unknown (read without a layout)" in lines
    assert "layout_seen: generic" in lines
    assert "第8段" in lines[-2]

    lines, read = said(page("<p>太短。</p>", "unheard-of"))
    assert not read
    assert any("gives no post: " in line for line in lines)


def test_a_story_that_must_not_be_published_says_why() -> None:
    promo = "<div class='related-articles'>" + "别的故事" * 30 + "</div>"
    lines, read = said(page("<p>一句话。</p>" + promo))
    assert not read
    assert lines[-1].startswith("refused   rule_took_too_much: 20261101-9800001: the rules would")
    lines, read = said(page("<p> </p><p><img src='/x/default-image.png'></p>"))
    assert (read, lines[-1][:16]) == (False, "refused   empty:")


@pytest.mark.slow
def test_a_file_that_cannot_be_read_is_one_sentence(archive: Archive) -> None:
    unreadable = "/proc/self/mem"  # by root, too
    done = archive.scrapy("explain", unreadable, "--url", STORY)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"{unreadable} cannot be read: Input/output error\n"


@pytest.mark.slow
def test_explain_writes_nothing(archive: Archive, served: Served, tmp_path: Path) -> None:
    story = served.paper.listed("china")[0]
    address = served.origin + story.path
    kept = tmp_path / "page.html"
    kept.write_bytes(page(BODY).source)
    before = sorted(tmp_path.rglob("*"))
    for arguments in ((address,), (str(kept), "--url", STORY)):
        done = archive.scrapy("explain", *arguments, *archive.fast(), ZAOBAO_RAW="on")
        assert done.returncode == 0, done.stderr
        assert "\nclaimed   " in done.stdout
        assert "\npost\n---\n" in done.stdout
        assert done.stderr == ""
    assert not archive.folder.exists()
    assert sorted(tmp_path.rglob("*")) == before
