"""docs/python.md: every example runs, and gives what it says."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from demo.server import serve
from tests.support.archive import ROOT, Archive
from tests.support.chain import STORIES
from tests.support.clock import fresh_paper
from tests.support.older import old_post
from tools.reextraction import edit
from zaobao.items import LINE_KEYS
from zaobao.times import SINGAPORE

pytestmark = pytest.mark.slow

PAGE = (ROOT / "docs" / "python.md").read_text("utf-8")


def example(heading: str) -> str:
    """The code below a heading."""
    (found,) = re.findall(
        rf"^## {re.escape(heading)}\n(?:(?!^## ).)*?^```python\n(.*?)^```", PAGE, re.S | re.M
    )
    return str(found)


def run(heading: str) -> dict[str, Any]:
    """The names of an example after it ran."""
    names: dict[str, Any] = {}
    exec(compile(example(heading), heading, "exec"), names)
    return names


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an archive in `output`: some stories were edited, one was adopted."""
    folder = tmp_path_factory.mktemp("python")
    with serve(fresh_paper()) as served:
        archive = Archive(folder / "output", served.origin)
        assert archive.crawl("realtime", "-a", "limit=12").returncode == 0
        edit(served, archive, 3)
    (folder / "2021-09-02-a.md").write_bytes(old_post())
    assert archive.scrapy("adopt", str(folder / "2021-09-02-a.md")).returncode == 0
    return folder


@pytest.fixture
def stories(folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, Any]]:
    """The newest line of each story, by id, of the archive in the working directory."""
    monkeypatch.chdir(folder)
    lines = [json.loads(line) for line in Path("output/articles.jsonl").read_bytes().splitlines()]
    newest = {line["id"]: line for line in lines}
    assert len(lines) > len(newest) > 12
    return newest


def test_one_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    case = next(one for one in STORIES if one.name == "sg_drupal/seed_twin")
    Path("story.html").write_bytes(case.page)
    line = run("One page")["line"]
    expected = case.article()
    assert tuple(line) == LINE_KEYS
    same = ("id", "url", "title", "published", "text", "body_html", "digest", "removed")
    assert {key: line[key] for key in same} == {key: expected.to_dict()[key] for key in same}
    assert capsys.readouterr().out == (f"{expected.published} {expected.title}\n{expected.text}\n")


def test_a_folder_of_saved_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for case in STORIES:
        path = Path("saved", case.url.removeprefix("https://") + ".html")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(case.page)
    front = Path("saved/www.zaobao.com/index.html")
    front.write_text("<html><body><p>没有地址。</p></body></html>", "utf-8")
    names = run("A folder of saved pages")
    assert names["refused"] == {"https://www.zaobao.com/index": "no_story"}
    assert {one.id: one.title for one in names["articles"]} == {
        case.article().id: case.article().title for case in STORIES
    }


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def test_the_lines_one_by_one(stories: dict[str, dict[str, Any]]) -> None:
    articles = run("The lines, one by one")["articles"]
    crawled = {id_: line for id_, line in stories.items() if line["layout"] != "adopted"}
    assert len(crawled) == len(stories) - 1
    assert {one.id: one.to_dict() for one in articles} == crawled


def test_pandas(stories: dict[str, dict[str, Any]]) -> None:
    import pandas  # half a second in each worker that collects this file

    names = run("pandas")
    articles = names["articles"]
    assert list(articles.index) == sorted(stories, key=list(articles.index).index)
    assert set(articles.columns) == set(LINE_KEYS) - {"id"}
    days: Counter[date] = Counter()
    for id_, line in stories.items():
        row = articles.loc[id_]
        for key in ("title", "text", "authors", "images", "removed", "revision", "post"):
            assert row[key] == line[key], key
        for key in ("published", "updated", "crawled"):
            found = None if pandas.isna(row[key]) else row[key].to_pydatetime()
            assert found == moment(line[key]), key
        if published := moment(line["published"]):
            days[published.astimezone(SINGAPORE).date()] += 1
    assert names["a_day"].to_dict() == days


def test_duckdb(stories: dict[str, dict[str, Any]]) -> None:
    names = run("DuckDB")
    sections: dict[str, list[datetime | None]] = {}
    for line in stories.values():
        sections.setdefault(line["section"], []).append(moment(line["published"]))
    assert names["sections"] == [
        (name, len(found), max(filter(None, found))) for name, found in sorted(sections.items())
    ]
    rules = Counter(one["rule"] for line in stories.values() for one in line["removed"])
    assert rules
    assert names["removed"] == sorted(rules.items())


def test_hugging_face_datasets(
    stories: dict[str, dict[str, Any]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    articles = run("Hugging Face `datasets`")["articles"]
    assert articles.to_list() == list(stories.values())
    assert list(articles.features) == list(LINE_KEYS)
