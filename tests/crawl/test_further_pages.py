"""Stories of several pages, crawled: asked at the usual pace, joined, kept, and read again."""

from __future__ import annotations

import re

import pytest

from demo.newspaper import Answer
from demo.server import Served
from demo.story import Story
from tests.support.archive import Archive
from zaobao.archive import raw

pytestmark = pytest.mark.slow
NUMBER = "10003713"
BODY = """\
<p>沿海一个渔村把荒废多年的盐道修好了，全长四公里的石板路从码头一直通到镇上的旧盐仓。</p>
<p>修路的钱由三百多户村民凑齐，最多的一户出了两万元，最少的一户出了一担石子。</p>
{{imu1}}
<p>石匠说，旧石板有八成还能用，换下来的碎石都铺在了路基里。</p>
<p>村里最老的挑盐人今年九十四岁，他记得小时候一天要走两个来回，肩上是六十斤盐。</p>
<p>镇上的盐仓改成了一间小博物馆，门口摆着他当年用过的扁担。</p>
<p>路修好以后不收门票，村委会在路口立了一块木牌，写着每一户的名字。</p>
<p>第一批走完全程的是村小学的四十个学生，他们用了两个小时。</p>"""


@pytest.fixture(autouse=True)
def _story(served: Served) -> None:
    """The newest story of the paper, on three pages."""
    title = "一条盐道走了一百年　村民凑钱把它修好"
    newest = served.paper.listed("china")[0].published
    served.paper.add(Story(NUMBER, "sg_drupal", "realtime/china", title, newest, BODY, pages=3))


def address(served: Served) -> str:
    return served.paper.stories[NUMBER].path


def crawl(archive: Archive, served: Served, **environment: str) -> str:
    done = archive.crawl("stories", "-a", f"urls={address(served)}", **environment)
    assert done.returncode in (0, 3), done.stderr
    return done.stderr


def story_requests(served: Served) -> list[str]:
    return [one.path_qs for one in served.paper.requests if "/story" in one.path_qs]


def test_the_pages_of_a_story_are_one_post(archive: Archive, served: Served) -> None:
    crawl(archive, served, ZAOBAO_RAW="on")
    story, path = served.paper.stories[NUMBER], address(served)
    assert story_requests(served) == [path, *(f"{path}?page={n}" for n in range(1, story.pages))]
    (line,) = archive.lines
    words = re.sub("<[^>]+>", "", line["body_html"])
    places = [words.index(kept) for kept in story.keep]
    assert places == sorted(places)
    assert (line["access"], line["url"]) == ("free", f"https://www.zaobao.com{path}")
    assert "下一页" not in line["text"]
    assert [one["rule"] for one in line["removed"]].count("pager") == story.pages
    kept = [entry for _, entry in raw.entries(archive.folder)]
    assert sorted(entry.place for entry in kept) == list(range(1, story.pages + 1))
    before = archive.tree()
    done = archive.scrapy("reextract")
    assert (done.returncode, archive.tree()) == (0, before), done.stderr


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Answer(status=404), "the site answered 404"),
        (Answer(status=302, headers={"Location": "/realtime/china"}), "it leads to "),
        (Answer(status=302, headers={"Location": "https://other.example/"}), "redirect of "),
        (Answer("", headers={"Content-Type": "text/html"}), ""),
    ],
)
def test_a_page_that_is_missing_leaves_a_truncated_story_that_is_read_again(
    archive: Archive, served: Served, answer: Answer, why: str
) -> None:
    second = f"{address(served)}?page=1"
    served.paper.overrides[second] = answer
    crawl(archive, served)
    (line,) = archive.lines
    assert (line["access"], line["revision"]) == ("truncated", 0)
    assert line["access_reason"].startswith("in doubt: page 2 could not be read: " + why)
    story = served.paper.stories[NUMBER]
    assert story.keep[0] in line["text"]
    assert story.keep[-1] not in line["text"]
    (post,) = archive.posts.values()
    assert b"\naccess: truncated\n" in post


def test_a_story_that_was_truncated_is_whole_when_its_page_is_back(
    archive: Archive, served: Served
) -> None:
    served.paper.overrides[f"{address(served)}?page=2"] = Answer(status=404)
    done = archive.crawl("realtime", "-a", "pages=9")
    assert done.returncode == 0, done.stderr
    assert archive.by_number[NUMBER]["access"] == "truncated"
    served.paper.overrides.clear()
    done = archive.crawl("realtime", "-a", "refresh=100", "-a", "pages=1")
    assert done.returncode == 0, done.stderr
    line = archive.by_number[NUMBER]
    assert (line["access"], line["access_reason"]) == ("free", None)
    assert served.paper.stories[NUMBER].keep[-1] in line["text"]


def test_robots_txt_holds_for_further_pages(archive: Archive, served: Served) -> None:
    rules = "User-agent: *\nDisallow: /*?page=\n"
    served.paper.overrides["/robots.txt"] = Answer(rules, headers={"Content-Type": "text/plain"})
    crawl(archive, served)
    assert story_requests(served) == [address(served)]
    (line,) = archive.lines
    assert line["access"] == "truncated"
