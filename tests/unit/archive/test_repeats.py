"""What is kept to find the same words in many stories: enough, and never more and more."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from zaobao.archive import repeats
from zaobao.errors import NotAStory
from zaobao.items import Article

if TYPE_CHECKING:
    from pathlib import Path


def article(number: int, text: str) -> Article:
    return Article(
        id=f"20260901-{number}",
        url=f"https://www.zaobao.com/news/china/story20260901-{number}",
        fetched_url="",
        section="news/china",
        edition="sg",
        layout="sg_cards",
        title=f"第{number}篇",
        published=None,
        published_raw=None,
        published_from=None,
        updated=None,
        crawled=datetime(2026, 9, 1, tzinfo=UTC),
        text=text,
    )


def test_a_text_is_compared_with_the_last_ones_of_the_run(tmp_path: Path) -> None:
    texts = repeats.Texts(tmp_path / "articles.jsonl")
    for number in range(repeats.KEPT + 1):
        texts.check(article(number, f"第{number}段" * 30))
    with pytest.raises(NotAStory):
        texts.check(article(9_999_999, "第1段" * 30))
    texts.check(article(9_999_999, "第0段" * 30))  # no longer kept
    assert len(texts._owners or ()) == repeats.KEPT


def test_a_common_line_of_a_long_run_is_found_and_the_others_are_forgotten(tmp_path: Path) -> None:
    blocks = repeats.Blocks()
    stories = repeats.LINES_KEPT // 3
    for number in range(stories):
        own = [f"第{number}篇的第{line}个段落，别处没有" for line in range(9)]
        blocks.add("\n".join(["请订阅我们的电子报", *own]))
    assert blocks.common(tmp_path / "articles.jsonl", 0) == {"请订阅我们的电子报": stories}
    assert len(blocks._counts) <= repeats.LINES_KEPT


ADVERT = "本栏由某某银行呈献"


def common(path: Path, before: list[str], now: list[str]) -> dict[str, int]:
    """What a run finds that writes `now` after the stories `before`."""
    lines = [json.dumps({"id": f"20260901-{n}", "text": t}).encode() for n, t in enumerate(before)]
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    start = path.stat().st_size
    blocks = repeats.Blocks()
    with path.open("ab") as file:
        for body in now:
            file.write(json.dumps({"id": "20260902-1", "text": body}).encode() + b"\n")
            blocks.add(body)
    return blocks.common(path, start)


def test_a_run_of_two_stories_is_looked_at_with_those_before_it(tmp_path: Path) -> None:
    path = tmp_path / "articles.jsonl"
    own = [f"第{n}篇说的是水塔和塔下的集市" for n in range(30)]
    cut = [f"{one}\n{ADVERT}" for one in own]
    assert common(path, own[:20], cut[:2]) == {}
    assert common(path, [*own[:20], *cut[:2]], cut[2:4]) == {}
    assert common(path, [*own[:20], *cut[:4]], cut[4:6]) == {ADVERT: 6}
    # The stories of this run are in order, and what stood in those before is told by now.
    assert common(path, [*own[:20], *cut[:8]], own[20:22]) == {}
    assert common(path, [*own[:20], *cut[:8]], []) == {}
    # One story that was edited again and again is one.
    assert common(path, [], [cut[0]] * 4) == {}


def test_the_same_end_of_lines_that_differ_is_found(tmp_path: Path) -> None:
    blocks = repeats.Blocks()
    for n in range(9):
        blocks.add(
            f"第{n}段写的是码头上的第{n}盏灯和守灯的人（某某日报网版权所有）\n第{n}行别的话说了很久很久还没有说完"
        )
    assert blocks.common(tmp_path / "none", 0) == {"…人（某某日报网版权所有）": 9}


PLAIN = [
    f"{place}{n}艘船{does}"
    for n in range(13)
    for place, does in (("东岸", "今晨开航"), ("西岸", "停了三天"), ("北湾", "修好了船坞"))
]
"""Headlines that share nothing."""
ADDED = [
    ("begin with ", "联合早报网 - "),
    ("begin with ", "[会员专享] "),
    ("begin with ", "VIP | "),
    ("begin with ", "（更新）"),
    ("begin with ", "11月30日 星期一 "),
    ("end with ", " - 早报"),
    ("end with ", "｜zaobao.com.sg"),
    ("end with ", "【付费阅读】"),
    ("end with ", "_新闻频道_某某网"),
]
COLUMN = "狮城短讯："


def headlines(
    path: Path, before: list[str], now: list[str], known: list[str] | None = None
) -> dict[str, tuple[int, int]]:
    """What a run's headlines have in common that wrote `now` after the stories `before`."""
    lines = [json.dumps({"id": f"20260901-{n}", "title": t}).encode() for n, t in enumerate(before)]
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    found = repeats.Headlines()
    for n, title in enumerate(now):
        found.add(str(n), title)
    return found.common(path, path.stat().st_size, known or ())


@pytest.mark.parametrize(("side", "words"), ADDED)
def test_words_that_every_headline_begins_or_ends_with_at_once_are_found(
    tmp_path: Path, side: str, words: str
) -> None:
    path, name = tmp_path / "articles.jsonl", side + words
    new = [words + one if side == "begin with " else one + words for one in PLAIN]
    assert headlines(path, PLAIN[:30], new[30:]) == {name: (9, 9)}
    # One or another that has them not, as it came from elsewhere.
    assert headlines(path, PLAIN[:30], [*new[30:], PLAIN[0]]) == {name: (9, 10)}
    # A few stories an hour: it takes until most of the newest have them.
    assert headlines(path, PLAIN[:30], new[30:32]) == {}
    assert headlines(path, [*PLAIN[:30], *new[30:36]], new[36:38]) == {name: (8, 8)}
    assert headlines(path, [*PLAIN[:30], *new[30:36]], PLAIN[36:]) == {}
    # What an earlier run found does not become usual.
    assert headlines(path, new[:30], new[30:], [name]) == {name: (9, 9)}
    has_site = words in ("联合早报网 - ", " - 早报", "｜zaobao.com.sg")
    assert headlines(path, new[:30], new[30:]) == ({name: (9, 9)} if has_site else {})
    assert headlines(path, [], new[:9]) == ({name: (9, 9)} if has_site else {})


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (PLAIN[:30], [COLUMN + one for one in PLAIN[30:34]]),  # a few stories
        ([], [COLUMN + one for one in PLAIN[30:]]),  # a list of that column alone
        ([COLUMN + one for one in PLAIN[:30]], [COLUMN + one for one in PLAIN[30:]]),
        ([*PLAIN[:20], COLUMN + "a", *PLAIN[20:]], [COLUMN + one for one in PLAIN[:9]]),
        (PLAIN[:30], [*(COLUMN + one for one in PLAIN[30:35]), *PLAIN[35:]]),  # half of a list
        (PLAIN[:30], [f"{one}？" for one in PLAIN[30:]]),
        ([*PLAIN[:24], *(f"独家｜{one}" for one in PLAIN[24:30])], PLAIN[30:]),
        ([], [f"联合早报{one}" for one in PLAIN[:9]]),
        ([], [f"联合早报-{one}" for one in PLAIN[:9]]),
        (PLAIN[:30], []),
    ],
)
def test_columns_and_few_headlines_are_ordinary(
    tmp_path: Path, before: list[str], now: list[str]
) -> None:
    assert headlines(tmp_path / "articles.jsonl", before, now) == {}


@pytest.mark.parametrize(("stories", "found"), [(9, {"请订阅我们的电子报": 5}), (10, {})])
def test_a_line_counts_where_more_than_half_of_the_stories_have_it(
    stories: int, found: dict[str, int], tmp_path: Path
) -> None:
    blocks = repeats.Blocks()
    for number in range(stories):
        blocks.add("请订阅我们的电子报" if number < 5 else f"第{number}篇只有这一段，别处没有")
    assert blocks.common(tmp_path / "articles.jsonl", 0) == found
