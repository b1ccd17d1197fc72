"""Whether a story is plausible: each check by itself, on a page that a layout reads."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.pages import CRAWLED, TEXT, URL, ld, news, page
from zaobao import plausibility, reader, text, urls
from zaobao.archive.repeats import Texts
from zaobao.errors import NotAStory, TitleMissing
from zaobao.items import Article, Extraction
from zaobao.page import Page

EARLIER = "https://www.zaobao.com.sg/news/china/story20261110-10004000"
LONG = TEXT + "<p>入冬以后它不再来，木桩上只剩下一圈白痕，孩子们仍然每天跑去看一眼。</p>"

SIZE = text.count(re.sub("<.*?>", "", LONG))


def story(head: str = "", body: str = LONG, url: str = URL) -> Article:
    """The story of a page, read and cleaned as in a crawl."""
    return extraction(head, body, url).article


def extraction(head: str = "", body: str = LONG, url: str = URL) -> Extraction:
    """The same with what its reading noticed."""
    address = urls.story(url)
    assert address
    found = reader.read(Page(url, page(head, body=body).encode()), address, CRAWLED)
    reader.clean(found)
    return found


def refused(found: Extraction) -> str:
    with pytest.raises(NotAStory) as caught:
        plausibility.check(found)
    assert found.article.id in str(caught.value)
    return caught.value.reason


def test_a_story_that_makes_sense_is_let_through() -> None:
    found = extraction(ld(news()))
    plausibility.check(found)
    assert (found.article.access, found.oddities) == ("free", [])


@pytest.mark.parametrize(
    "title", ["联合早报", "联合早报网", "早报", "zaobao.com.sg", "中国 | 联合早报网"]
)
def test_a_title_that_is_the_sites_name(title: str) -> None:
    with pytest.raises(TitleMissing):  # no layout takes it for a headline
        story(ld(news(headline=title)))
    found = extraction(ld(news()))
    found.article.title = title  # nor does what any other reader gives pass
    assert refused(found) == "site_title"


def test_a_title_that_speaks_of_the_site_is_one() -> None:
    plausibility.check(extraction(ld(news(headline="联合早报百年特展开幕"))))


def test_a_body_that_is_the_cut_description() -> None:
    about = "码头上的人都认得那只白色的水鸟，它每天同一个时刻落在同一根"
    head = ld(news()) + f'<meta name="description" content="{about}…">'
    assert refused(extraction(head, f"<p>{about}…</p>")) == "only_description"


def test_a_brief_whose_one_sentence_is_also_the_description() -> None:
    words = re.sub("<.*?>", "", TEXT)
    plausibility.check(
        extraction(ld(news()) + f'<meta name="description" content="{words}">', TEXT)
    )


def test_the_same_text_under_two_numbers(tmp_path: Path) -> None:
    texts = Texts(tmp_path / "articles.jsonl")
    other = URL.replace("10004000", "10004001")
    texts.check(story(ld(news())))
    texts.check(story(ld(news())))
    texts.check(story(ld(news()), url=other))  # the same headline: the same news once more
    with pytest.raises(NotAStory, match="its text is that of story 10004000") as caught:
        texts.check(story(ld(news(headline="渔港")), url=other))
    assert caught.value.reason == "same_text"


@pytest.mark.parametrize(
    ("day", "is_off"),
    [(7, True), (8, False), (10, False), (12, False), (13, True)],
)
def test_a_time_more_than_two_days_from_the_addresss_day(day: int, is_off: bool) -> None:
    found = extraction(ld(news(datePublished=f"2026-11-{day:02}T10:00:00+08:00")), url=EARLIER)
    assert ("time_off_day" in found.oddities) is is_off
    assert (found.article.published is None) is is_off


@pytest.mark.parametrize(("day", "source"), [(9, "list"), (20, None)])
def test_the_lists_time_in_place_of_one_far_off(day: int, source: str | None) -> None:
    address = urls.StoryUrl.of(EARLIER)
    html = page(ld(news(datePublished="2026-11-01T10:00:00+08:00")), body=LONG)
    listed = CRAWLED.replace(day=day)
    found = reader.read(Page(EARLIER, html.encode()), address, CRAWLED, listed)
    assert found.article.published == (listed if source else None)
    assert found.article.published_from == source
    assert found.sources.get("published") == source
    assert found.oddities == ["time_off_day"]


@pytest.mark.parametrize(
    ("published", "changed", "is_taken"),
    [
        ("11-01", 9, True),
        ("11-01", 11, True),
        ("10-20", 10, True),
        ("11-01", 14, False),
        ("11-01", 5, False),
        ("01-05", 10, False),
    ],
)
def test_an_addresss_day_may_be_that_of_an_update(
    published: str, changed: int, is_taken: bool
) -> None:
    keys = {
        "datePublished": f"2026-{published}T10:00:00+08:00",
        "dateModified": f"2026-11-{changed:02}T10:00:00+08:00",
    }
    found = extraction(ld(news(**keys)), url=EARLIER)
    assert (found.article.published is not None) is is_taken
    assert ("time_off_day" not in (*found.oddities,)) is is_taken


def test_the_rung_below_a_time_far_from_the_addresss_day() -> None:
    line = "<div>发布/2026年11月10日 09:00</div>"
    address = urls.story(EARLIER)
    assert address
    html = page(ld(news(datePublished="2026-10-11T09:00:00+08:00")), line, LONG)
    found = reader.read(Page(EARLIER, html.encode()), address, CRAWLED)
    assert found.article.published
    assert f"{found.article.published:%m-%d %H:%M}" == "11-10 09:00"
    assert (found.sources["published"], found.oddities) == ("visible", [])


@pytest.mark.parametrize(
    ("keys", "access"),
    [
        ({"wordCount": 900}, "truncated"),
        ({"articleBody": "雾散了，船一只接一只出港。" * 60}, "truncated"),
        ({"wordCount": 70}, "free"),
        ({"wordCount": SIZE * 3 // 2}, "free"),
        ({"wordCount": SIZE * 3 // 2 + 1}, "truncated"),
        ({"articleBody": re.sub("<.*?>", "", LONG)}, "free"),
    ],
)
def test_a_body_far_shorter_than_the_json_says(keys: dict[str, object], access: str) -> None:
    article = story(ld(news(**keys)))
    assert article.access == access
    assert access == "free" or "the page declares" in (article.access_reason or "")


def test_a_text_begins_where_its_description_is_printed() -> None:
    start = "渡口的第一班船比平时早了十分钟，岸上的人都没有赶上。"
    head = ld(news(url=URL)) + f'<meta name="description" content="{start}">'
    assert not extraction(head, f"<p>{start}</p>{LONG}").begins_outside
    assert not extraction(head).begins_outside  # a description in words of its own
    html = page(head, body=LONG).replace("<article>", f"<article><div>{start}</div>")
    address = urls.StoryUrl.of(URL)
    assert reader.read(Page(URL, html.encode()), address, CRAWLED).begins_outside


@pytest.mark.parametrize(
    ("body", "about", "is_it"),
    [
        ("水鸟每天落在同一根", "水鸟每天落在同一根…", True),
        ("水鸟每天落在同一根…", "水鸟每天落在同一根", True),
        ("水鸟每天落在同一根", "水鸟每天落在同一根", True),
        ("水鸟每天落在同一根木桩上。", "水鸟每天落在同一根木桩上。", False),
        ("水鸟每天落在同一根木桩上。雾散了。", "水鸟每天落在同一根木桩上。", False),
        ("", "", False),
    ],
)
def test_a_text_is_the_description_where_that_breaks_off(
    body: str, about: str, is_it: bool
) -> None:
    assert plausibility.is_description(body, about) is is_it
