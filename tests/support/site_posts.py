"""Sample posts for the site's tests: invented text in the exact form of a real post."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from zaobao.exporters import excerpt_note

if TYPE_CHECKING:
    from pathlib import Path

HOSTS = (
    "static.zaobao.com",
    "cassette.sphdigital.com.sg",
    "static.zaobao.com.sg",
    "dss0.zbstatic5.com",
    "dss1.zbstatic9.com",
    "www.zaobao.com",
    "www.zaobao.com.sg",
    "zaobao.com",
    "zaobao.com.sg",
)
SECTIONS = ("realtime/china", "news/china", "realtime/world", "finance/china", "forum/views")
SUBJECTS = ("港口", "高铁", "稻田", "图书馆", "天文台", "茶园", "渔船", "古桥", "电网", "湿地")
PLACES = ("云岭县", "青石镇", "白鹭湾", "松江口", "沙洲岛", "石榴村", "北塘区")
DEEDS = ("扩建工程动工", "公布年度账目", "迎来首批访客", "暂停夜间服务", "修复进展顺利")
WORDS = ("基础建设", "环境保护", "民生", "C++", "a,b <|>", "size", "交通", "农业")
PARAGRAPHS = (
    "{place}负责人周一说，{subject}项目将在三年内投入{number}亿元，用于改善周边道路与供水。",
    "参与施工的工程师介绍，雨季来临之前必须完成地基加固，否则整个进度会推迟两个月以上。",
    "居民对方案意见不一。有人认为{subject}能带来就业，也有人担心噪音影响老人与孩童休息。",
    "根据公开的预算，第{number}期款项已经到位，其余部分由地方与企业按比例分担。",
    "观察员指出，类似的{subject}计划过去屡屡超支，关键在于账目公开与第三方审计。",
    "当地学校组织学生到现场写生，一名小学生把推土机画成了长颈鹿，引来不少笑声。",
)

TITLES = {
    0: "{place}说“安静”与'热闹'并不矛盾",
    1: 'He said "hi" & <b>left</b>',
    2: "a]( b) [c] *d* _e_ `f` {{ g }} {% h %}",
    3: "# 井号：百分之五十？100%！",
    4: "很长的标题" * 20,
    5: "VeryLongLatinWordWithoutAnyBreakInIt" * 4,
    6: "《书名》——破折号……与省略号",
    7: "😀 表情之后的标题 𠮷野",
}


@dataclass(frozen=True, slots=True)
class Story:
    """What was written, for the tests to compare with."""

    number: int
    name: str
    title: str
    instant: datetime
    section: str
    front: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"https://www.zaobao.com/{self.section}/story{self.instant:%Y%m%d}-{self.number}"

    @property
    def singapore(self) -> datetime:
        """The wall clock in Singapore, as a datetime without zone."""
        return self.instant.replace(tzinfo=None) + timedelta(hours=8)


def escape(title: str) -> str:
    """A title for the link line: ASCII punctuation as entities."""
    return "".join(
        f"&#{ord(char)};" if char.isascii() and not char.isalnum() and char != " " else char
        for char in title
    )


def stamp(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%S}.{instant.microsecond // 1000:03d}Z"


def body(index: int, number: int) -> str:
    words = {
        "place": PLACES[index % len(PLACES)],
        "subject": SUBJECTS[index % len(SUBJECTS)],
        "number": number % 9973,
    }
    paragraphs = [
        f"<p>{PARAGRAPHS[(index + step) % len(PARAGRAPHS)].format(**words)}</p>"
        for step in range(3 + index % 4)
    ]
    if index % 5 == 0:
        host = HOSTS[index // 5 % len(HOSTS)]
        paragraphs.insert(
            0,
            f'<figure><img src="https://{host}/s3fs-public/{number}.jpg" alt="示意图" '
            'referrerpolicy="no-referrer" loading="lazy"><figcaption>图为示意。（本站自拟）'
            "</figcaption></figure>",
        )
    if index % 7 == 0:
        head = "".join(f"<th>第{column}季度收入</th>" for column in range(1, 8))
        row = "".join(f"<td>{column * number}</td>" for column in range(1, 8))
        paragraphs.append(f"<table><tbody><tr>{head}</tr><tr>{row}</tr></tbody></table>")
    if index % 11 == 0:
        paragraphs.append(
            "<h3>小标题</h3><ul><li>第一点</li><li>第二点</li></ul><blockquote><p>引述一句话。"
            '</p></blockquote><p><a href="https://www.zaobao.com/news/china" '
            'rel="noopener nofollow">站内链接</a></p>'
        )
    if index == 3:
        paragraphs.append("<p>琉璃瓦窑址出土七十三件瓷片，专家称釉色罕见。编号 48213。</p>")
    if index == 8:
        paragraphs.append("<p>代码写作 &#123;&#123; site.title &#125;&#125; 与 ]]&gt;。</p>")
    return "".join(paragraphs)


def story(index: int, minutes: int = 997) -> Story:
    number = 2000000 + index
    # Steps that share no factor with a day: all hours come up, midnights too.
    instant = datetime(2026, 3, 3, 15, 59, 59, 870000, UTC) - timedelta(minutes=minutes * index)
    pattern = TITLES.get(index, "{place}{subject}{deed}")
    words = {
        "place": PLACES[index % len(PLACES)],
        "subject": SUBJECTS[index // 7 % len(SUBJECTS)],
        "deed": DEEDS[index % len(DEEDS)],
    }
    title = pattern if "{{" in pattern else pattern.format(**words)
    front: dict[str, str] = {}
    if index % 9 == 4:
        front["access"] = ("paywalled", "truncated", "unknown")[index // 9 % 3]
    if index % 10 == 6:
        front["updated"] = stamp(instant + timedelta(hours=9))
    if index % 20 == 11:
        front["gone"] = stamp(instant + timedelta(days=2))
    if index % 20 == 13:
        front["date_from"] = "url"
    if index % 20 == 15:
        front["layout_seen"] = "generic"
    if index % 20 == 17:
        front["excerpt"] = "true"
    if index % 6 == 2:
        front["authors"] = '["林小满", "何安 <x>"]'
    safe = "".join(char if char.isalnum() or char in " -“”《》" else "-" for char in title)[:60]
    return Story(
        number,
        f"{instant:%Y-%m-%d}-{safe} {number}.md",
        title,
        instant,
        SECTIONS[index % len(SECTIONS) if index % 3 else 0],
        front,
    )


def post(index: int, one: Story, *, keywords: bool) -> str:
    tags = ["联合早报"]
    if keywords:
        tags += [WORDS[(index + step) % len(WORDS)] for step in range(index % 4)]
    listed = ", ".join([tags[0], *(json.dumps(tag, ensure_ascii=False) for tag in tags[1:])])
    lines = [
        "---",
        "layout: post",
        f"title: {json.dumps(one.title, ensure_ascii=False)}",
        f"date: {stamp(one.instant)}",
        "author: 联合早报",
        f"from: {one.url}",
        f"tags: [ {listed} ]",
        "categories: [ 联合早报 ]",
        *(f"{key}: {value}" for key, value in one.front.items()),
        "---",
        f"<!--{int(one.instant.timestamp() * 1000)}-->",
        f"[{escape(one.title)}]({one.url})",
        "------",
        "",
        "<div>",
        body(index, one.number) + ("excerpt" in one.front) * excerpt_note(one.url),
        "</div>",
    ]
    return "\n".join(lines) + "\n"


def write_posts(
    output: Path, count: int, *, keywords: bool = True, minutes: int = 997
) -> list[Story]:
    """Write `count` posts into `output/_posts`, newest first; say what they are."""
    folder = output / "_posts"
    folder.mkdir(parents=True, exist_ok=True)
    stories = [story(index, minutes) for index in range(count)]
    for index, one in enumerate(stories):
        (folder / one.name).write_text(post(index, one, keywords=keywords), encoding="utf-8")
    return stories
