"""A quarantined page becomes a fixture that its mended layout reads, without the paper's text."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.support.archive import ROOT
from tools import fixture

PAGE = (
    "<html><head><title>水塔刷白了 | 联合早报</title></head><body><main><h1>水塔刷白了</h1>"
    "<div>发布/2026年11月1日 09:30</div><div class='unheard-of'>"
    "<p>镇上的水塔今年秋天刷成了白色。</p><p>以继续阅读全文</p></div></main></body></html>"
)


def test_words_go_and_markup_and_times_stay(tmp_path: Path) -> None:
    page = tmp_path / "20261101-9800001.html"
    page.write_text(PAGE)
    notes = {
        "reason": "unknown_layout",
        "url": "https://www.zaobao.com/news/china/story20261101-9800001",
        "crawled": "2026-11-01T02:00:00.000+00:00",
    }
    page.with_suffix(".json").write_text(json.dumps(notes))
    folder = tmp_path / "case"
    fixture.write(page, folder)
    made = (folder / "page.html").read_text()
    assert "水塔刷白" not in made
    assert "秋天" not in made
    assert "发布/2026年11月1日 09:30" in made
    assert "以继续阅读全文" in made
    headline = made.partition("<h1>")[2].partition("</h1>")[0]
    assert len(headline) == 5
    assert f"<title>{headline} | " in made
    assert len(made) == len(PAGE)
    assert notes["url"] in (folder / "case.toml").read_text()
    with pytest.raises(FileExistsError):
        fixture.write(page, folder)


def test_a_list_page_becomes_a_case_of_a_list(tmp_path: Path) -> None:
    page = tmp_path / "list.html"
    page.write_text('<div class="news"><a href="/news/china/story20261101-1">塔刷白了</a></div>')
    address = "https://www.zaobao.com/news/china"
    os.utime(page, (1_700_000_000, 1_700_000_000))
    fixture.write(page, tmp_path / "case", address)
    made = (tmp_path / "case" / "list.html").read_text()
    assert '<a href="/news/china/story20261101-1">' in made
    assert "塔刷白了" not in made
    case = tomllib.loads((tmp_path / "case" / "case.toml").read_text())
    assert case["url"] == address
    assert case["seen"] == "2023-11-14T22:13:20+00:00"


def test_a_case_is_utf_8_in_every_locale(tmp_path: Path) -> None:
    page = tmp_path / "list.html"
    page.write_bytes(PAGE.encode())
    command = [sys.executable, "-m", "tools.fixture", str(page), str(tmp_path / "case")]
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run(
        [*command, "--list", "https://www.zaobao.com/news/china"],
        cwd=ROOT, env={**os.environ, **plain}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    made = (tmp_path / "case" / "list.html").read_bytes()
    assert "发布/2026年11月1日 09:30" in made.decode()


def test_what_is_not_there_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page, folder = tmp_path / "page.html", tmp_path / "case"
    page.write_text(PAGE)
    monkeypatch.setattr("sys.argv", ["fixture", str(page), str(folder)])
    with pytest.raises(SystemExit, match="2"):
        fixture.main()
    assert f"error: {tmp_path}/page.json is not there" in capsys.readouterr().err
    assert not folder.exists()

    folder.mkdir()
    monkeypatch.setattr(
        "sys.argv", ["fixture", str(page), str(folder), "--list", "https://a.example/"]
    )
    with pytest.raises(SystemExit, match="2"):
        fixture.main()
    assert f"error: {folder} is there already" in capsys.readouterr().err
    assert list(folder.iterdir()) == []
