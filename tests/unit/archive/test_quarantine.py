"""The bound of the kept pages: the oldest bytes go first, their notes stay, and they are counted."""

from __future__ import annotations

import json
import os
from pathlib import Path

from tests.support.pages import CRAWLED
from zaobao.archive.folder import Archive
from zaobao.archive.quarantine import Quarantine
from zaobao.archive.record import Record
from zaobao.errors import UnknownLayout
from zaobao.page import Page

PAGE = b"<html><body>" + b"x" * 976 + b"</body>"


def keep(kept: Quarantine, number: int, page: bytes = PAGE) -> int:
    url = f"https://www.zaobao.com.sg/news/china/story20261120-{number}"
    known = Record(str(number), f"20261120-{number}", url)
    return kept.keep(known, Page(url, page), CRAWLED, UnknownLayout("no layout claims it"))


def bounded(archive: Archive, most: int) -> Quarantine:
    return Quarantine(archive.folder / "quarantine", archive.folder / ".tmp", most)


def pages(archive: Archive) -> list[str]:
    return sorted(path.stem[-2:] for path in (archive.folder / "quarantine").glob("*.html"))


def test_the_oldest_bytes_go_first_and_their_notes_say_so(tmp_path: Path) -> None:
    with Archive(tmp_path / "output", "test") as archive:
        kept = bounded(archive, 3 * len(PAGE))
        assert [keep(kept, number) for number in (1000011, 1000012, 1000013)] == [0, 0, 0]
        assert keep(kept, 1000014) == 1
        assert pages(archive) == ["12", "13", "14"]
        notes = json.loads((archive.folder / "quarantine/20261120-1000011.json").read_bytes())
        assert notes["page"] == "dropped, to make room for newer ones"
        assert notes["reason"] == "unknown_layout"
        assert keep(kept, 1000012) == 0  # kept once more: it is the newest now
        assert keep(kept, 1000015, PAGE * 2) == 2
        assert pages(archive) == ["12", "15"]


def test_the_newest_page_stays_even_where_it_alone_is_too_large(tmp_path: Path) -> None:
    with Archive(tmp_path / "output", "test") as archive:
        kept = bounded(archive, len(PAGE))
        keep(kept, 1000011)
        assert keep(kept, 1000012, PAGE * 5) == 1
        assert pages(archive) == ["12"]


def test_pages_of_earlier_runs_count_by_their_age(tmp_path: Path) -> None:
    with Archive(tmp_path / "output", "test") as archive:
        for age, number in ((30, 1000011), (90, 1000012), (60, 1000013)):
            keep(archive.quarantine, number)
            path = archive.folder / f"quarantine/20261120-{number}.html"
            os.utime(path, (path.stat().st_mtime - age,) * 2)
        assert keep(bounded(archive, 2 * len(PAGE)), 1000014) == 2
        assert pages(archive) == ["11", "14"]
