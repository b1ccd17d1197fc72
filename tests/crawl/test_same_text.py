"""A site that gives one text under several addresses: none of its stories passes for sound."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from demo.server import Served
from demo.story import Story
from tests.support.archive import Archive

pytestmark = pytest.mark.slow

WRONG = {
    "sg4b": "<p>系统维护中，本篇内容正在整理，请读者稍后再来阅读，由此造成的不便，编辑部谨此致歉。</p>\n"
    "<p>本页每隔一段时间会自动更新，读者无须重复刷新，也可以先浏览其他栏目的文章。</p>",
    "sg_drupal": "\n".join(
        f"<p>示范段落第{n}句，排版时用来占位，刊出之前换成正文。</p>" for n in range(9)
    ),
    "hk_astro": "<p>港口的吊机停了三天，码头工人在岸上搭起棚子煮粥，谁来了都可以盛一碗，不收一分钱。</p>\n"
    "<p>第四天风停，第一艘船进港的时候，棚子里的粥正好开锅，工头说这碗算船长的。</p>",
    "hk_bootstrap": "<blockquote><p>此文已经由作者撤下修订，修订稿刊出以前，本页暂时显示这段说明文字，"
    "请以修订稿为准，谢谢读者的谅解与支持。编辑部敬上，二〇二六年十一月。</p></blockquote>",
    "sg3": "<ul><li>排名第一的是一座小岛上的灯塔，建成至今一百二十年</li>"
    "<li>排名第二的是河口的旧磨坊，水轮仍在转动</li><li>排名第三的是山脚的石桥，桥面上有两道车辙</li></ul>",
}
"""What stands in the place of a story's text, by layout: a notice, a dummy, another story, a
withdrawal, a list."""
OWN = "<p>第{}号渡口的船今晨六点开航，船上坐着赶早市的菜农、两名背书包的学生和一只装在竹笼里的鹅，船夫说风小，好走，半个钟头就到对岸。</p>"
DOUBT = "in doubt: words of another story: {} gave the same text"


def add(served: Served, layout: str, body: str, *numbers: int) -> list[Story]:
    """The newest stories of the paper, with headlines of their own and one body."""
    newest = served.paper.listed("china")[0].published
    stories = [
        Story(str(20000000 + n), layout, "realtime/china", f"第{n}号渡口开航", newest, body)
        for n in numbers
    ]
    for story in stories:
        served.paper.add(story)
    return stories


def identity(story: Story) -> str:
    return story.path.rpartition("/story")[2]


def crawl(archive: Archive, *stories: Story) -> list[str]:
    """Read these stories in their order, without asking twice at a time; the run's reasons."""
    urls = ",".join(story.path for story in stories)
    done = archive.crawl("stories", f"-aurls={urls}", "-sCONCURRENT_REQUESTS=1")
    assert done.returncode in (0, 3), done.stderr
    return list(archive.report["reasons"])


def crawl_again(archive: Archive) -> list[str]:
    """Read what a list names and what is due, as after an hour; the run's reasons."""
    file = archive.folder / "state.sqlite"
    if file.exists():
        with closing(sqlite3.connect(file)) as state, state:
            state.execute("UPDATE stories SET due = 0 WHERE due IS NOT NULL")
    done = archive.crawl("realtime", "-apages=1", "-sCONCURRENT_REQUESTS=1")
    assert done.returncode in (0, 3), done.stderr
    return list(archive.report["reasons"])


def said(archive: Archive, story: Story) -> tuple[str, str | None, int]:
    line = archive.by_number[story.number]
    return line["access"], line["access_reason"], line["revision"]


def post(archive: Archive, story: Story) -> bytes:
    return (archive.folder / archive.by_number[story.number]["post"]).read_bytes()


@pytest.mark.parametrize("layout", WRONG)
def test_the_first_of_several_equal_texts_is_in_doubt(
    archive: Archive, served: Served, layout: str
) -> None:
    stories = add(served, layout, WRONG[layout], 1, 2, 3)
    reasons = crawl(archive, *stories)
    first, second, third = stories
    why = DOUBT.format(identity(second))
    assert said(archive, first) == ("unknown", why, 0)
    assert b"\naccess: unknown\n" in post(archive, first)
    assert {one.number for one in stories} & archive.by_number.keys() == {first.number}
    assert any(
        one.startswith(f"in doubt, marked so and due again: 1 story, {identity(first)} first")
        for one in reasons
    ), reasons
    assert any(one.startswith("stories quarantined as same_text") for one in reasons)
    # The site gives each its own text: the notice is no edit, and nothing of it is lost.
    marked = post(archive, first)
    for story in stories:
        story.body = OWN.format(int(story.number))
    crawl_again(archive)
    for story in (first, third):
        assert said(archive, story) == ("free", None, 1), story
        assert f"第{int(story.number)}号渡口的船" in post(archive, story).decode()
    kept = archive.folder / "revisions" / identity(first) / "0.md"
    assert kept.read_bytes() == marked


@pytest.mark.parametrize("layout", WRONG)
def test_a_story_of_an_earlier_run_is_in_doubt_until_the_other_has_its_own_text(
    archive: Archive, served: Served, layout: str
) -> None:
    first, second = add(served, layout, WRONG[layout], 1, 2)
    second.listed = False
    crawl_again(archive)
    before = archive.tree()
    assert said(archive, first) == ("free", None, 1)
    reasons = crawl(archive, second)
    assert said(archive, first) == ("unknown", DOUBT.format(identity(second)), 0)
    assert sum(one.startswith("in doubt, marked so") for one in reasons) == 1
    assert archive.tree().keys() == before.keys()
    second.listed = True
    crawl_again(archive)  # both as they were
    assert said(archive, first) == ("unknown", DOUBT.format(identity(second)), 0)
    assert second.number not in archive.by_number
    second.body = OWN.format(2)
    crawl_again(archive)
    crawl_again(archive)  # the first may have been read before the second was
    assert said(archive, first) == ("free", None, 1)
    assert said(archive, second) == ("free", None, 1)
    tree = archive.tree()
    own = archive.by_number[second.number]["post"]
    lines = tree["articles.jsonl"].splitlines()
    tree["articles.jsonl"] = b"".join(
        line + b"\n" for line in lines if identity(second).encode() not in line
    )
    assert {name: data for name, data in tree.items() if name != own} == before


def test_a_text_given_back_to_its_story_is_taken(archive: Archive, served: Served) -> None:
    """The first story was shown under another address first: that one has it no longer."""
    other, owner = add(served, "sg4b", WRONG["hk_astro"], 1, 2)
    crawl(archive, other, owner)
    other.body = OWN.format(1)
    crawl_again(archive)
    crawl_again(archive)
    assert said(archive, owner) == ("free", None, 1)
    assert "吊机" in post(archive, owner).decode()
    assert said(archive, other) == ("free", None, 1)


def test_a_story_whose_page_alone_describes_the_text_as_its_own_is_sound(
    archive: Archive, served: Served
) -> None:
    owner, other = add(served, "sg4b", WRONG["hk_astro"], 1, 2)
    wrong, own = "港口的吊机停了三天", "对岸的灯塔今晚熄灯检修"

    def described(page: str) -> str:
        return page if f"第{1}号" in page else page.replace(f'content="{wrong}', f'content="{own}')

    served.paper.mutate("description", "story", described)
    reasons = crawl(archive, owner, other)
    assert said(archive, owner) == ("free", None, 1)
    assert not any(one.startswith("in doubt") for one in reasons)
    assert any(one.startswith("stories quarantined as same_text") for one in reasons)


def test_many_pairs_are_told_in_one_sentence(archive: Archive, served: Served) -> None:
    stories = [
        story
        for n, (layout, body) in enumerate(WRONG.items())
        for story in add(served, layout, body, 2 * n + 1, 2 * n + 2)
    ]
    reasons = crawl(archive, *stories)
    told = [one for one in reasons if one.startswith("in doubt")]
    assert len(told) == 1
    assert told[0].startswith("in doubt, marked so and due again: 5 stories, ")
    assert {said(archive, one)[0] for one in stories[::2]} == {"unknown"}


def test_the_same_news_under_the_same_headline_is_in_no_doubt(
    archive: Archive, served: Served
) -> None:
    first, second = add(served, "sg4b", WRONG["hk_astro"], 1, 2)
    second.title = first.title
    assert crawl(archive, first, second) == []
    assert {said(archive, one) for one in (first, second)} == {("free", None, 1)}
