"""`scrapy epub`: a day or a week as an e-book that EPUBCheck takes and a reader opens."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from lxml import etree

from zaobao.epub import Span
from zaobao.times import SINGAPORE

if TYPE_CHECKING:
    from demo.server import Served
    from tests.support.archive import Archive

pytestmark = pytest.mark.slow
JAR = Path("/usr/share/java/epubcheck.jar")
HOSTILE = "]]> & <b>粗</b> \"引\" 'x' {{ 括号 }} {% raw %} 😀 \u202e反\u202c –—"
XHTML = "{http://www.w3.org/1999/xhtml}"


def checked(book: Path) -> None:
    """EPUBCheck has no complaint."""
    if shutil.which("java") is None or not JAR.exists():
        pytest.skip("EPUBCheck is not installed (apt-get install epubcheck)")
    # To compile it better, in threads beside it, takes twice the time that it runs.
    quick = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
    command = ["java", *quick, "-jar", str(JAR), "--failonwarnings", str(book)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 fatals / 0 errors / 0 warnings" in done.stdout + done.stderr


def make(archive: Archive, name: str, book: Path, code: int = 0) -> str:
    done = archive.scrapy("epub", name, "-o", str(book))
    assert done.returncode == code, done.stderr
    assert done.stdout == ("" if code else f"{book}\n")
    return done.stderr


def contents(book: Path) -> list[tuple[str, list[str]]]:
    """The table of contents: sections, and the headlines of each."""
    with zipfile.ZipFile(book) as packed:
        assert packed.infolist()[0].filename == "mimetype"
        toc = etree.fromstring(packed.read("EPUB/toc.xhtml"))
    return [
        (section.findtext(f"{XHTML}a"), [a.text for a in section.findall(f"{XHTML}ol/{XHTML}li/{XHTML}a")])
        for section in toc.iter(f"{XHTML}nav").__next__().find(f"{XHTML}ol")
    ]  # fmt: skip


def weeks(archive: Archive) -> dict[str, list[dict[str, Any]]]:
    """The stories by their ISO week in Singapore."""
    found: dict[str, list[dict[str, Any]]] = {}
    for line in archive.lines:
        if line["published"]:
            day = datetime.fromisoformat(line["published"]).astimezone(SINGAPORE).isocalendar()
            found.setdefault(f"{day.year}-W{day.week:02}", []).append(line)
    return found


def test_a_week_is_a_book_with_its_pictures(
    archive: Archive, served: Served, tmp_path: Path
) -> None:
    story = served.paper.listed("china")[1]
    story.title = HOSTILE
    archive.crawl("realtime", ZAOBAO_IMAGES="keep")
    name, lines = max(weeks(archive).items(), key=lambda one: len(one[1]))
    book = tmp_path / "week.epub"
    make(archive, name, book)
    titles = sorted(title for _, found in contents(book) for title in found)
    known = [line["title"] for line in archive.lines if not line["published"]]
    assert titles == sorted([*(line["title"] for line in lines), *(set(known) & set(titles))])
    assert any("]]> &" in title for title in titles)
    kept = {i["path"].partition("/")[2] for line in lines for i in line["images"]}
    with zipfile.ZipFile(book) as packed:
        names = set(packed.namelist())
        pages = [etree.fromstring(packed.read(one)) for one in names if "/page" in one]
        for picture in kept:
            path = archive.folder / "images" / picture[:2] / picture
            assert packed.read(f"EPUB/images/{picture}") == path.read_bytes()
        cover = packed.read("EPUB/covers/cover.svg").decode()
    assert len(kept) > 10
    assert all(str(n) in cover for n in (Span.of(name).first.day, len(titles)))
    assert {src for page in pages for src in page.xpath("//@src")} == {
        f"images/{one}" for one in kept
    }
    text = "".join("".join(page.itertext()) for page in pages)
    for line in lines:
        assert all(part in text for part in line["text"].split("\n")[:1])
    checked(book)
    again = tmp_path / "again.epub"
    make(archive, name, again)
    ids = {etree.fromstring(zipfile.ZipFile(one).read("EPUB/package.opf")).findtext(".//{*}identifier") for one in (book, again)}  # fmt: skip
    assert len(ids) == 1


def test_pictures_that_are_not_kept_are_links(archive: Archive, tmp_path: Path) -> None:
    archive.crawl("realtime")
    line = next(line for line in archive.lines if line["images"] and line["published"])
    day = datetime.fromisoformat(line["published"]).astimezone(SINGAPORE).date()
    book = tmp_path / "day.epub"
    make(archive, f"{day}", book)
    with zipfile.ZipFile(book) as packed:
        pages = b"".join(packed.read(one) for one in packed.namelist() if "/page" in one)
    assert b"<img" not in pages
    assert all(image["url"].replace("&", "&amp;").encode() in pages for image in line["images"])
    checked(book)


def test_no_story_no_book(archive: Archive, tmp_path: Path) -> None:
    book = tmp_path / "none.epub"
    for limit in (0, 1):
        if limit:
            archive.crawl("realtime", "-a", f"limit={limit}")
        said = make(archive, "2030-01-01", book, 1)
        assert said == f"{archive.folder} has no story of 2030-01-01; no file was written.\n"
        assert not book.exists()
    for wrong in ("2026-13-01", "2026-W54", "yesterday", "20261127"):
        assert archive.scrapy("epub", wrong).returncode == 2
    assert list(tmp_path.glob("*.epub")) == []


def test_a_book_that_cannot_be_written_says_so(archive: Archive, tmp_path: Path) -> None:
    archive.crawl("realtime")
    name = max(weeks(archive))
    said = make(archive, name, tmp_path / "no" / "such" / "folder.epub", 1)
    assert "No such file or directory" in said


def test_without_mkepub_one_sentence(archive: Archive, tmp_path: Path) -> None:
    archive.crawl("realtime")
    name = max(weeks(archive))
    (tmp_path / "mkepub.py").write_text("raise ImportError('not here')")
    command = [sys.executable, "-m", "scrapy", "epub", name]
    where = archive.where(PYTHONPATH=str(tmp_path))
    done = subprocess.run(command, **where, text=True, check=False)
    assert done.returncode == 1
    assert "scrapy epub needs mkepub: pip install -r requirements-epub.txt" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "first", "last", "title"),
    [
        ("2026-11-27", date(2026, 11, 27), date(2026, 11, 27), "2026年11月27日 星期五"),
        ("2026-W48", date(2026, 11, 23), date(2026, 11, 29), "2026年11月23日至11月29日"),
        ("2026-W53", date(2026, 12, 28), date(2027, 1, 3), "2026年12月28日至1月3日"),
    ],
)
def test_the_days_of_an_issue(name: str, first: date, last: date, title: str) -> None:
    span = Span.of(name)
    assert (span.first, span.last, span.title) == (first, last, title)


@pytest.mark.parametrize("name", ["2026-11-31", "2026-W54", "2026-1-1", "next week"])
def test_what_is_no_issue(name: str) -> None:
    with pytest.raises(ValueError, match="neither a day like 2026-11-27 nor a week like 2026-W48"):
        Span.of(name)
