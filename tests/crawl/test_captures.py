"""Captures that other programs made of the demo: the same posts and lines as a crawl of it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from demo.server import Served
from tests.support.archive import PATIENCE, Archive
from tests.support.building import need
from tests.support.captured import same
from tests.support.whole import numbers

pytestmark = pytest.mark.slow


def _wget(served: Served, addresses: list[str], folder: Path) -> Path:
    need("wget", "wget")
    (folder / "addresses").write_text("\n".join(served.origin + one for one in addresses))
    command = ["wget", "-q", f"--warc-file={folder / 'wget'}", "--delete-after", "-P", str(folder)]
    done = subprocess.run(
        [*command, "-i", str(folder / "addresses")], timeout=PATIENCE, check=False
    )
    assert done.returncode == 8  # the paper has a story that answers 404
    return folder / "wget.warc.gz"


def _wacz(served: Served, addresses: list[str], folder: Path) -> Path:
    warc, made = _wget(served, addresses, folder), folder / "made.wacz"
    command = [str(Path(sys.executable).with_name("wacz")), "create", "-o", str(made), str(warc)]
    subprocess.run(command, timeout=PATIENCE, check=True, capture_output=True)
    return made


def _warcio(served: Served, addresses: list[str], folder: Path) -> Path:
    path = folder / "made.warc.gz"
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        for address in addresses:
            answer = served.paper.answer("GET", address, {})
            body = answer.body.encode() if isinstance(answer.body, str) else answer.body
            head = StatusAndHeaders(f"{answer.status} x", [*answer.headers.items()], "HTTP/1.1")
            record = writer.create_warc_record(
                served.origin + address, "response", payload=BytesIO(body), http_headers=head
            )
            writer.write_record(record)
            record.raw_stream.close()
    return path


@pytest.mark.parametrize("make", [_wget, _wacz, _warcio])
def test_the_posts_and_lines_are_those_of_a_crawl(
    archive: Archive,
    served: Served,
    tmp_path: Path,
    make: Callable[[Served, list[str], Path], Path],
) -> None:
    done = archive.crawl()
    assert done.returncode == 0, done.stderr
    asked = [one.path_qs for one in served.paper.requests]
    made = make(served, [one for one in asked if "robots" not in one], tmp_path)
    served.paper.requests.clear()
    adopted = Archive(tmp_path / "adopted", served.origin)
    done = adopted.scrapy("adopt", str(made))
    assert done.returncode == 0, done.stderr
    assert "refused: http_404 1; stories not read: none; 0 damaged" in done.stderr
    assert served.paper.requests == []
    crawled, taken = archive.by_number, adopted.by_number
    assert crawled.keys() == taken.keys() == numbers(served)
    twice = [one["title"] for one in crawled.values()]
    for number, line in crawled.items():
        # Of two stories with one headline the first to be written has its name without a number.
        left = () if twice.count(line["title"]) == 1 else ("post",)
        mine, other = same(line), same(taken[number])
        for key in left:
            mine.pop(key), other.pop(key)
        assert mine == other
        post, file = taken[number]["post"], line["post"]
        assert (adopted.folder / post).read_bytes() == (archive.folder / file).read_bytes()


def test_raw_pages_of_another_archive_bring_whole_lines(
    archive: Archive, served: Served, tmp_path: Path
) -> None:
    assert archive.crawl(ZAOBAO_RAW="on").returncode == 0
    other = Archive(tmp_path / "other", served.origin)
    done = other.scrapy("adopt", str(archive.folder / "raw"))
    assert done.returncode == 0, done.stderr
    crawled, taken = archive.by_number, other.by_number
    assert crawled.keys() == numbers(served)
    for number, line in crawled.items():
        given = {key: taken[number][key] for key in line if key != "post"}
        assert given == {key: line[key] for key in line if key != "post"}
