"""Kept pictures on the built site: shown from it, and no other host is asked for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.building import build, launched, parse, serve_folder, story_files, watched

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.archive import Archive

pytestmark = pytest.mark.slow


def test_a_browser_asks_no_other_host_for_pictures(archive: Archive, tmp_path: Path) -> None:
    done = archive.crawl("realtime", ZAOBAO_IMAGES="keep")
    assert done.returncode == 0, done.stderr
    (archive.folder / "images" / "ab").mkdir(exist_ok=True)
    (archive.folder / "images" / "ab" / "notes.txt").write_text("not to be published")
    build(archive.folder, tmp_path / "www" / "archive", baseurl="/archive")
    pages = {
        path
        for path in story_files(tmp_path / "www" / "archive").values()
        if parse(path).xpath("//main//img")
    }
    assert len(pages) > 10
    assert list((tmp_path / "www").rglob("notes.txt")) == []
    asked: list[str] = []
    trouble: list[str] = []
    with serve_folder(tmp_path / "www") as origin, launched() as browser:
        page = watched(browser, trouble)
        page.on("request", lambda request: asked.append(request.url))
        for path in sorted(pages):
            page.goto(f"{origin}/{path.parent.relative_to(tmp_path / 'www')}/")
            for image in page.locator("main img").all():
                image.scroll_into_view_if_needed()
                image.evaluate("image => image.decode()")
                assert image.evaluate("image => image.naturalWidth") == 320
        page.close()
    assert trouble == []
    assert {url for url in asked if not url.startswith(origin)} == set()
    shown = {url for url in asked if "/images/" in url}
    count = len(list((archive.folder / "images").glob("*/*.png")))
    assert len(shown) == count > 20
    text = (tmp_path / "www" / "archive" / "feed.xml").read_text("utf-8")
    assert "../images/" in text
    assert "https://archive.example/archive/" in text
