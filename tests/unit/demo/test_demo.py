"""The bundled newspaper: it answers, it can be changed, and it has every trap that it should."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from base64 import b32decode
from datetime import datetime, timedelta
from html import unescape
from itertools import pairwise

import pytest
from parsel import Selector

from demo import CHROME, SINGAPORE, Answer, Newspaper, Story, parts, serve
from demo.pages import frame_of
from tests.support.archive import PATIENCE
from zaobao import urls

TODAY = datetime(2026, 11, 20, tzinfo=SINGAPORE)
BOXES = {
    "sg_cards": ".articleBody",
    "sg_drupal": ".article-content-rawhtml",
    "hk_astro": "article#article-body.article-body",
    "hk_bootstrap": "article#article-body .article-body",
}
LISTS = {
    "cards": (".card-listing .card .content-header a", 24),
    "drupal": (".article-list .article-type a.article-type-link", 24),
    "astro": ("main article a.article-link", 36),
    "bootstrap": (".clearfix a.list-block", 18),
}
# What stands in bodies: docs/site-facts.md, "What is not the story" and "Paywall".
REMOVE = """
#imu|#dfp-ad-imu1|#innity-in-post|#dfp-ad-midarticlespecial|#dfp-ad-midarticlespecial-wrapper
a[href*="subscribe.sph.com.sg/promotions"] img.view-desktop[data-src]|img.view-mobile
.cx_paywall_placeholder#sph_cdp_40|#sph_cdp_10|.article-microtransaction|.cta-subscribe
#paywall-login|[id^="dfp-ad-lb"]|div.OUTBRAIN[data-ob-template="ZaobaoSingapore"]|#outbrain-wrapper
.overlay-microtransaction|#js-overlay-microtransaction|#js-cta-microtransaction
#js-overlay-onboarding|#js-overlay-search|#js-onboarding-tour|#video-freemium-player|script|style
iframe|.block-zb-article-sidebar|.js-recommended-header|#js-mobile-social|.newsticker
#js-mobile-drawer-handle|#redirect-banner|.js-fontsizing li[data-fontsize]|.js-fontsized
.field-name-dynamic-twig-fieldnode-2020-font-size|.settings-tray-editable|.article-meta
.article-share-fb|.keywords|.newspost-holder|#NextPrevious|#freemium_subscribe|.freemium_subscribe
.microtransaction-body|.microtransaction-option|.paywall-message|#related-articles
#mobile-recommend-articles|button|form|input|select|textarea|.bff-google-ad|.google-ad
.bff-recommend-article|[class*="recommend"]|button.cursor-pointer|.bff-inline-image-expand-icon
[class*="advert"]|aside|noscript|.related-topics-wrapper|.related-articles|.article-tags
a[href*="newspost.newslink.sg"]|a[href*="ref=previous-article"]|a[href*="ref=next-article"]
img[src*="tag-icon"]|a[href*="obOrigUrl=true"]|video-js[data-video-id]|.brightcove-container
section.flex .adv-tag.adv|astro-island|.further-reading|.read-on-app-cover|img[alt="expend icon"]
.article-pic-title|zb-ai-summary|a[href*="pay-endofarticle"]|a[href*="free-endofarticle"]
""".replace("\n", "|").strip("|")
TEXTS = (
    "请like我们的官方面簿网页以获取更多新信息",
    "热词：",
    "点击《联合早报》世界杯专页，",
    "热文推荐",
    "设为谷歌新闻首选来源",
    "推荐购买",
    "立即购买",
    "所有商品均由新报业媒体购物团队严选",
    "延伸阅读",
    "发布 /",
    "成为联合早报VIP",
    "订户专享 赠阅文章",
    "推荐阅读：",
    "以继续阅读全文",
    "此文章为早报",
    "请您选择以下方式，阅读全文：",
    "已是早报订户，请您登录后继续阅读全文。",
    "新用户体验价",
)


@pytest.fixture
def paper() -> Newspaper:
    return Newspaper(TODAY)


def ask(paper: Newspaper, path: str, **headers: str) -> Answer:
    return paper.answer("GET", path, {k.replace("_", "-"): v for k, v in headers.items()})


def page(paper: Newspaper, path: str) -> Selector:
    answer = ask(paper, path)
    assert answer.status == 200
    body = answer.body if isinstance(answer.body, str) else answer.body.decode()
    return Selector(body)


def box(paper: Newspaper, story: Story, number: int = 0) -> Selector:
    found = page(paper, story.path + (f"?page={number}" if number else "")).css(
        BOXES[frame_of(story.layout)]
    )
    assert len(found) == 1
    return found[0]


def chars(markup: str) -> int:
    return len(re.sub(r"<[^>]*>|&nbsp;|\s", "", markup))


def layouts_of(paper: Newspaper) -> set[str]:
    return {story.layout for story in paper.stories.values()}


def test_every_story_page_is_in_its_layout(paper: Newspaper) -> None:
    assert len(paper.stories) >= 40
    assert layouts_of(paper) == set(parts.FAMILIES)
    for story in paper.stories.values():
        assert urls.story(story.path), story.path
        if "no_body" in story.quirks:
            continue
        bodies = [box(paper, story, number) for number in range(story.pages)]
        found = ("".join(body.css("*::text").getall()) + unescape(body.get()) for body in bodies)
        seen = re.sub(r"\s", "", "".join(found))
        for text in story.keep:
            assert re.sub(r"\s", "", text) in seen, (story.number, text)
        for text in story.drop:
            assert re.sub(r"\s", "", text) in seen, (story.number, text)


def test_what_must_go_is_no_part_of_what_must_stay(paper: Newspaper) -> None:
    for story in paper.stories.values():
        own = "".join(story.keep)
        assert own or story.leads, story.number
        assert not [text for text in (*story.drop, *CHROME) if text in own], story.number


def test_no_story_loses_more_than_half_of_its_box(paper: Newspaper) -> None:
    for story in (*paper.stories.values(), *Newspaper(TODAY, bulk=200).stories.values()):
        found = parts.used(story.layout, story.served)
        gone = "".join(re.sub(r"<(script|style)\b.*?</\1>", "", part.markup) for part in found)
        own = re.sub(r"\{\{\w+\}\}", "", story.served)
        assert chars(gone) <= chars(own), story.number


def test_bodies_have_every_element_that_must_go(paper: Newspaper) -> None:
    boxes = [box(paper, story) for story in paper.stories.values()]
    missing = [s for s in REMOVE.split("|") if not any(body.css(s) for body in boxes)]
    assert not missing
    everything = "".join(body.get() for body in boxes)
    assert not [text for text in TEXTS if text not in everything]


def test_every_part_is_used_and_matches_its_selectors(paper: Newspaper) -> None:
    used = set()
    for story in paper.stories.values():
        family = parts.FAMILIES[story.layout]
        for part in parts.used(story.layout, story.served):
            used.add((family, part.name))
            if "no_body" not in story.quirks:
                body = box(paper, story)
                assert all(map(body.css, part.selectors)), (story.number, part.name)
    assert used == {(f, n) for f in set(parts.FAMILIES.values()) for n in parts.family(f)}


def test_shuffled_body_can_be_put_in_order(paper: Newspaper) -> None:
    for story in [s for s in paper.stories.values() if s.layout == "hk_bootstrap"]:
        children = box(paper, story).xpath("./*")
        places = [int(b32decode(child.attrib["data-s"][3:])) for child in children]
        assert sorted(places) == list(range(1, len(places) + 1))
        assert places != sorted(places)
        ordered = [c for _, c in sorted(zip(places, children, strict=True), key=lambda p: p[0])]
        text = "".join("".join(c.css("*::text").getall()) for c in ordered)
        assert all(text.index(a) < text.index(b) for a, b in pairwise(story.keep))


@pytest.mark.parametrize("form", LISTS)
def test_lists_hold_every_story_once_in_order(paper: Newspaper, form: str) -> None:
    paper.list_form = form
    selector, size = LISTS[form]
    seen: list[str] = []
    for number in range(1, 20):
        links = page(paper, f"/realtime/china?page={number}").css(selector)
        if not links:
            break
        assert number > 1 or len(links) == size
        seen += links.css("::attr(href)").getall()
    numbers = [found.number for link in seen if (found := urls.story(link))]
    wanted = [story.number for story in paper.listed("china")]
    assert [n for n in dict.fromkeys(numbers) if n in wanted] == wanted
    assert [n for n in dict.fromkeys(numbers) if n not in wanted] == ["9799404"]
    assert len(numbers) > len(set(numbers)), "a story stands under two paths"
    assert {"", "/node/9799123"} < set(seen)
    assert any(link.startswith("https://interactive.zaobao.com/") for link in seen)


def test_side_lists_never_hold_a_listed_story(paper: Newspaper) -> None:
    listed = {story.number for story in paper.listed("china")}
    for form, (selector, _) in LISTS.items():
        paper.list_form = form
        found = page(paper, "/realtime/china")
        inside = set(found.css(selector + "::attr(href)").getall())
        outside = set(found.css("a::attr(href)").getall()) - inside
        numbers = {story.number for link in outside if (story := urls.story(link))}
        assert len(numbers) > 5
        assert not numbers & listed


def test_list_json_in_both_shapes(paper: Newspaper) -> None:
    first = json.loads(ask(paper, "/_plat/api/v2/page-content/news/china?page=1").body)
    articles = first["response"]["articles"]
    assert len(articles) == 24
    assert articles[0]["timestamp"] == paper.listed("china")[0].published.timestamp()
    paper.api_shape = "lists"
    second = json.loads(ask(paper, "/_plat/api/v2/page-content/news/china?page=1").body)
    groups = {group["key"]: group["articles"] for group in second["response"]["pageContentList"]}
    assert groups["news_china"] == articles
    others = {entry["href"] for key in groups.keys() - {"news_china"} for entry in groups[key]}
    assert others.isdisjoint(card.href for card in paper.cards("china"))
    paper.api_shape = None
    assert ask(paper, "/_plat/api/v2/page-content/news/china?page=1").status == 404
    more = json.loads(ask(paper, "/more/sitemap/3?pageNo=2&pageSize=9").body)
    assert more["result"]["data"][0]["url"] == paper.cards("china")[9].href


def test_island_of_the_astro_list(paper: Newspaper) -> None:
    paper.edition = "hk"
    island = page(paper, "/realtime/china").css('astro-island[component-url*="LoadMoreList"]')
    entries = json.loads(island.attrib["props"])["list"][1]
    assert len(island.css("a.article-link")) == 24
    assert {"id", "title", "publicationDate", "url"} == set(entries[0][1])


def test_sections_and_redirect(paper: Newspaper) -> None:
    for name in ("singapore", "world", "finance"):
        assert page(paper, f"/realtime/{name}").css(LISTS["cards"][0])
    assert ask(paper, "/realtime/sports").status == 404
    paper.redirect = True
    answer = ask(paper, "/realtime/china")
    assert (answer.status, answer.headers["Location"]) == (302, "/news/china")
    assert page(paper, "/news/china").css(LISTS["cards"][0])
    assert b"Disallow: /forbidden" in str(ask(paper, "/robots.txt").body).encode()


def test_sitemaps(paper: Newspaper) -> None:
    index = str(ask(paper, "/sitemap.xml").body)
    months = re.findall(r"sitemap-(\d{6})\.xml", index)
    listed = []
    for form in ("plain", "cdata"):
        paper.sitemap_form = form
        listed = [
            u
            for m in months
            for u in re.findall(
                rb"https://[^<\]]+",
                ask(paper, f"/sitemaps/sitemap-{m}.xml").body,  # type: ignore[arg-type]
            )
        ]
        found = {story.number for u in listed if (story := urls.story(u.decode()))}
        assert set(paper.stories) <= found
    assert any(re.search(rb"story\d{8}$", u) for u in listed)
    assert any(b"story2099" in u for u in listed)
    paper.sitemap_form = "gzip"
    assert bytes(ask(paper, f"/sitemaps/sitemap-{months[0]}.xml").body)[:2] == b"\x1f\x8b"  # type: ignore[arg-type]


def test_nothing_lies_in_the_future_and_bytes_are_repeatable(paper: Newspaper) -> None:
    now = datetime(2027, 1, 1, 0, 7, tzinfo=SINGAPORE)
    fresh = Newspaper(now, bulk=300)
    assert all((s.updated or s.published) <= now for s in fresh.stories.values())
    assert sum(s.published > now - timedelta(days=3) for s in fresh.stories.values()) > 30
    again = Newspaper(TODAY)
    for path in ("/realtime/china", *(story.path for story in again.stories.values())):
        assert ask(paper, path).body == ask(again, path).body


def test_story_that_changes(paper: Newspaper) -> None:
    story = paper.listed("china")[0]
    before = ask(paper, story.path)
    same = ask(paper, story.path, If_None_Match=before.headers["ETag"])
    assert (same.status, same.body) == (304, b"")
    assert ask(paper, story.path, If_Modified_Since=before.headers["Last-Modified"]).status == 304
    story.title = "改过的标题"
    after = ask(paper, story.path, If_None_Match=before.headers["ETag"])
    assert after.status == 200
    assert "改过的标题" in bytes(after.body).decode()  # type: ignore[arg-type]
    paper.noise += 1
    noisy = ask(paper, story.path)
    assert noisy.headers["ETag"] != after.headers["ETag"]
    assert len(noisy.body) == len(after.body)
    story.status = 410
    assert ask(paper, story.path).status == 410


def test_story_that_is_cut_and_whole_again(paper: Newspaper) -> None:
    story = next(s for s in paper.stories.values() if s.wall == "wall_cta")
    assert box(paper, story).css(".article-microtransaction")
    story.wall = None
    assert not box(paper, story).css(".article-microtransaction")
    assert len(story.keep) > story.shown


def test_mutations_overrides_and_insertions(paper: Newspaper) -> None:
    story = paper.listed("china")[0]
    paper.mutate("hash", "story", lambda html: html.replace("articleBody", "x1y2"))
    assert not page(paper, story.path).css(".articleBody")
    assert page(paper, "/realtime/china").css(LISTS["cards"][0])
    paper.restore("hash")
    assert page(paper, story.path).css(".articleBody")
    paper.overrides["/realtime/china"] = Answer("", 503, {"Retry-After": "1"})
    assert ask(paper, "/realtime/china").status == 503
    paper.add(Story("10009999", "sg4b", "news/china", "插进来的一则", paper.now, "<p>一句话。</p>"))
    assert paper.listed("china")[0].number == "10009999"


def test_a_story_can_be_inserted_while_a_crawler_pages(paper: Newspaper) -> None:
    late = Story("10009998", "sg4b", "news/china", "挤进来的一则", paper.now, "<p>一句话。</p>")

    def insert(path: str) -> None:
        if "page=2" in path:
            paper.add(late)

    paper.before.append(insert)
    first = page(paper, "/news/china").css(LISTS["cards"][0] + "::attr(href)").getall()
    second = page(paper, "/news/china?page=2").css(LISTS["cards"][0] + "::attr(href)").getall()
    assert second[0] == first[-1]


def test_a_transfer_can_break_off(paper: Newspaper) -> None:
    paper.overrides["/cut"] = Answer("一" * 5000, cut=True, delay=0.01)
    with (
        serve(paper) as served,
        urllib.request.urlopen(served.origin + "/cut") as answer,
        pytest.raises(http.client.IncompleteRead),
    ):
        answer.read()


def test_bulk_is_spread_and_lazy() -> None:
    paper = Newspaper(TODAY, bulk=600)
    added = [s for s in paper.stories.values() if callable(s.text)]
    assert len(added) == 600
    assert len({f"{s.published:%Y%m}" for s in added}) >= 14
    assert {s.layout for s in added} == set(parts.FAMILIES)
    assert {s.section.split("/")[-1] for s in added} == {"china", "singapore", "world", "finance"}
    assert len({s.body for s in added}) == 600
    for story in added[:40]:
        assert box(paper, story).get()


def test_served_over_http(paper: Newspaper) -> None:
    story = paper.listed("china")[1]
    with serve(paper, edition="hk") as served:
        assert served.origin.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(served.origin + story.path) as answer:
            assert story.title in answer.read().decode()
        with urllib.request.urlopen(served.origin + "/") as answer:
            assert 'data-testid="article-list"' in answer.read().decode()
        with pytest.raises(urllib.error.HTTPError) as error:
            urllib.request.urlopen(served.origin + "/news/china/story20261119-9799404")
        error.value.close()
    assert error.value.code == 404
    assert [(r.method, r.status) for r in paper.requests] == [
        ("GET", 200),
        ("GET", 302),
        ("GET", 200),
        ("GET", 404),
    ]


def test_command_line_prints_the_origin_and_stops() -> None:
    command = [sys.executable, "-m", "demo", "--today", "2026-11-20"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        origin = process.stdout.readline().strip()
        with urllib.request.urlopen(origin + "/realtime/china") as answer:
            assert answer.status == 200
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(PATIENCE) == 0


def test_a_port_that_is_taken_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "demo", "--port", port]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"Port {port} of 127.0.0.1 cannot be used: Address already in use. "
        "Stop what uses it, or name another one with --port.\n"
    )


@pytest.mark.parametrize("port", ["-1", "65536"])
def test_what_is_no_port_is_refused(port: str) -> None:
    command = [sys.executable, "-m", "demo", "--port", port]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith("error: --port takes a number from 0 to 65535\n")
