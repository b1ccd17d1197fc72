"""Feeds: the same keys and values in every format, and a run that fails with its feed."""

from __future__ import annotations

import csv
import json
import marshal
import pickle
import socket
from dataclasses import fields, replace
from io import BytesIO
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints
from xml.etree import ElementTree

import pytest
from itemadapter import ItemAdapter
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.settings import Settings
from scrapy.utils.misc import load_object

from demo.server import Served, serve
from tests.support.archive import Archive, mounted
from tests.support.chain import options
from tests.support.clock import fresh_paper
from tests.support.stories import ARTICLE, FULL
from zaobao.archive.recovery import open_archive
from zaobao.exporters import line
from zaobao.extensions import CrawlRun
from zaobao.items import LINE_KEYS, Article, Extraction, Image, Removed
from zaobao.spiders.stories import StoriesSpider

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RECEIVER = """
from zaobao import signals

class Receiver:
    @classmethod
    def from_crawler(cls, crawler):
        receiver = cls()
        crawler.signals.connect(receiver.written, signals.story_written)
        return receiver

    def written(self, extraction):
        raise RuntimeError(extraction.article.id)
"""

TYPES = {
    name: kind for part in (Article, Image, Removed) for name, kind in get_type_hints(part).items()
}
NESTED = {name for name, kind in TYPES.items() if get_origin(kind) is list}
NUMBERS = {name for name, kind in TYPES.items() if {int, float, bool} & {kind, *get_args(kind)}}
BROKEN = """
class Broken:
    count = 0

    def __init__(self, file, **options):
        pass

    def start_exporting(self):
        pass

    finish_exporting = start_exporting

    def export_item(self, item):
        self.count += 1
        if self.count > 2:
            raise RuntimeError("the third is too much")
"""


def _json(data: bytes) -> list[Any]:
    return list(json.loads(data))


def _lines(data: bytes) -> list[Any]:
    return [json.loads(line) for line in data.splitlines()]


def _stream(load: Callable[[BytesIO], Any]) -> Callable[[bytes], list[Any]]:
    def read(data: bytes) -> list[Any]:
        file, found = BytesIO(data), []
        while file.tell() < len(data):
            found.append(load(file))
        return found

    return read


def _csv(data: bytes) -> list[Any]:
    rows = list(csv.DictReader(data.decode().splitlines(keepends=True)))
    for row in rows:
        row |= {key: json.loads(row[key]) for key in NESTED}
        for key, value in row.items():
            if value == "":  # all that CSV has for null
                row[key] = None
            elif key in NUMBERS:
                row[key] = _number(value)
    return rows


def _xml(data: bytes) -> list[Any]:
    return [{field.tag: _element(field) for field in item} for item in ElementTree.fromstring(data)]


def _element(element: ElementTree.Element) -> Any:
    if element.tag in NESTED:
        return [_element(value) for value in element]
    if len(element):
        return {part.tag: _element(part) for part in element}
    value = element.text
    return _number(value) if value and element.tag in NUMBERS else value


def _number(said: str) -> Any:
    return json.loads(said.lower())  # Scrapy writes True, JSON true


READERS: dict[str, Callable[[bytes], list[Any]]] = {
    "json": _json,
    "jsonl": _lines,
    "jsonlines": _lines,
    "jl": _lines,
    "csv": _csv,
    "xml": _xml,
    "pickle": _stream(pickle.load),
    "marshal": _stream(marshal.load),
}


def _as_written(format_: str, values: dict[str, Any]) -> dict[str, Any]:
    """The values of a line as a format can say them: neither CSV nor XML tells "" from null."""
    if format_ not in ("csv", "xml"):
        return values
    return {key: None if value == "" else value for key, value in values.items()}


def export(format_: str, *items: Article, **given: Any) -> bytes:
    settings = Settings()
    settings.setmodule("zaobao.settings")
    exporter, file = settings.getwithbase("FEED_EXPORTERS")[format_], BytesIO()
    feed = load_object(exporter)(file, encoding=settings["FEED_EXPORT_ENCODING"], **given)
    feed.start_exporting()
    for item in items:
        feed.export_item(item)
    feed.finish_exporting()
    return file.getvalue()


@pytest.mark.parametrize("format_", READERS)
def test_a_hard_item_reads_back_from_every_format(format_: str) -> None:
    (read,) = READERS[format_](export(format_, FULL))
    expected = _as_written(format_, json.loads(line(FULL)))
    if format_ == "xml":  # no XML can hold control characters
        expected["removed"][0]["path"] = "img[\ufffd\ufffd.jpg]"
    assert list(read) == list(LINE_KEYS)
    assert read == expected


def test_the_item_has_the_keys_of_a_line_and_nothing_else() -> None:
    assert tuple(ItemAdapter(ARTICLE).asdict()) == LINE_KEYS == tuple(json.loads(line(ARTICLE)))
    assert tuple(field.name for field in fields(Article)) == LINE_KEYS
    assert line(FULL) == export("jsonl", FULL)
    assert json.loads(line(FULL)) == FULL.to_dict()


def test_what_reading_noticed_is_kept_until_the_item_is_done(tmp_path: Path) -> None:
    ours = {"ZAOBAO_OUTPUT": str(tmp_path), "TWISTED_REACTOR_ENABLED": False}
    settings = Settings(ours, priority="cmdline")
    settings.setmodule("zaobao.settings")
    crawler = Crawler(StoriesSpider, settings)
    noticed = Extraction(ARTICLE, oddities=["order_served"])
    crawler._apply_settings()
    run = CrawlRun.of(crawler)
    with run.open():
        for signal in (signals.item_scraped, signals.item_dropped, signals.item_error):
            run.extractions.expect(noticed)
            # Its story may have been known under another date.
            assert run.extractions.of(replace(ARTICLE, id="20210901-1189718")) is noticed
            crawler.signals.send_catch_log(signal, item=ARTICLE)
            assert run.extractions.of(ARTICLE) == Extraction(ARTICLE)


@pytest.mark.parametrize("format_", READERS)
@pytest.mark.parametrize("asked", [["title", "id"], {"id": "number", "published": "when"}])
def test_fields_are_left_out_and_renamed(format_: str, asked: Any) -> None:
    read = (
        READERS[format_]
        if format_ != "csv"
        else lambda d: list(csv.DictReader(d.decode().split("\r\n")))
    )
    (found,) = read(export(format_, FULL, fields_to_export=asked))
    if isinstance(asked, dict):
        assert found == {"number": FULL.id, "when": "2021-09-02T18:02:00+08:00"}
    else:
        assert found == {"title": FULL.title, "id": FULL.id}
        assert list(found) == asked


@pytest.mark.slow
def test_every_format_of_a_crawl_equals_the_archives_lines(
    archive: Archive, tmp_path: Path
) -> None:
    feeds = {name: tmp_path / f"out.{name}" for name in READERS}
    asked = [part for path in feeds.values() for part in ("-O", str(path))]
    done = archive.crawl("realtime", "-a", "limit=12", *asked)
    assert done.returncode == 0, done.stderr
    lines = archive.lines
    assert len(lines) == 12
    assert any(line["images"] for line in lines)
    assert any(line["removed"] for line in lines)
    for format_, path in feeds.items():
        found = READERS[format_](path.read_bytes())
        assert found == [_as_written(format_, line) for line in lines], format_
        assert [list(item) for item in found] == [list(LINE_KEYS)] * len(lines), format_
    assert feeds["jsonl"].read_bytes() == (archive.folder / "articles.jsonl").read_bytes()


@pytest.mark.slow
def test_feeds_with_fields_and_item_classes(archive: Archive, tmp_path: Path) -> None:
    one, other, none = (tmp_path / name for name in ("one.json", "other.csv", "none.json"))
    feeds = {
        str(one): {"format": "json", "item_classes": ["zaobao.items.Article"]},
        str(other): {"format": "csv", "fields": ["id", "published", "authors"]},
        str(none): {"format": "json", "item_classes": ["zaobao.items.Image"]},
    }
    done = archive.crawl("realtime", "-a", "limit=3", "-s", f"FEEDS={json.dumps(feeds)}")
    assert done.returncode == 0, done.stderr
    lines = archive.lines
    assert json.loads(one.read_bytes()) == lines
    assert json.loads(none.read_bytes()) == []
    with other.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["id"], row["published"] or None, json.loads(row["authors"])) for row in rows] == [
        (line["id"], line["published"], line["authors"]) for line in lines
    ]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["a folder", "below a file", "unknown scheme"])
def test_a_target_that_cannot_be_written_ends_the_run_before_it_asks(
    archive: Archive, served: Served, tmp_path: Path, kind: str
) -> None:
    (tmp_path / "file").write_bytes(b"")
    target = {
        "a folder": str(tmp_path),
        "below a file": str(tmp_path / "file" / "out"),
        "unknown scheme": "gopher://example.com/x",
    }[kind]
    done = archive.crawl("realtime", "-a", "limit=3", "-O", f"{target}:json")
    assert done.returncode == 1, done.stderr
    assert "failed: " in done.stderr
    assert [request.path_qs for request in served.paper.requests] == []
    assert archive.lines == []
    assert archive.crawl("realtime", "-a", "limit=3").returncode == 0


@pytest.mark.slow
def test_a_target_that_may_not_be_written(archive: Archive) -> None:
    with mounted("8k", "ro") as closed:
        done = archive.crawl("realtime", "-O", str(closed / "out.json"))
    assert done.returncode == 1, done.stderr
    assert "Read-only file system" in done.stderr
    assert archive.lines == []


@pytest.mark.slow
def test_a_missing_folder_of_a_feed_is_made(archive: Archive, tmp_path: Path) -> None:
    target = tmp_path / "missing" / "too" / "out.json"
    done = archive.crawl("realtime", "-a", "limit=2", "-O", str(target))
    assert done.returncode == 0, done.stderr
    assert json.loads(target.read_bytes()) == archive.lines


@pytest.mark.slow
def test_a_run_that_may_not_write_to_the_archive_leaves_the_feed_as_it_is(
    archive: Archive, tmp_path: Path
) -> None:
    target = tmp_path / "out.json"
    target.write_text("of the run before", "utf-8")
    with open_archive(options(ZAOBAO_OUTPUT=str(archive.folder)), "another run"):
        done = archive.crawl("realtime", "-O", str(target))
    assert done.returncode == 1
    assert "is in use by process" in done.stderr
    assert "Nothing was changed" in done.stderr
    assert target.read_text("utf-8") == "of the run before"


@pytest.mark.slow
def test_a_disk_that_is_full_of_the_feed_fails_the_run(archive: Archive) -> None:
    with mounted("8k") as small:
        done = archive.crawl("realtime", "-a", "limit=9", "-O", str(small / "out.json"))
    assert done.returncode == 1, done.stderr
    assert "a feed could not be " in done.stderr
    assert "No space left on device" in done.stderr
    assert "articles.jsonl" in done.stderr
    assert archive.report["verdict"] == "failed"
    # What was written before is whole, and known.
    assert 0 < len(archive.lines) == len(archive.posts)


@pytest.mark.slow
def test_a_server_that_takes_no_file_fails_the_run_at_its_end(archive: Archive) -> None:
    with socket.socket() as closed:  # bound, and not listening
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        done = archive.crawl("realtime", "-a", "limit=2", "-O", f"ftp://127.0.0.1:{port}/out.json")
    assert done.returncode == 1, done.stderr
    assert "failed: a feed could not be stored" in done.stderr
    assert "Connection refused" in done.stderr
    assert len(archive.lines) == len(archive.posts) == 2


@pytest.mark.slow
def test_an_exporter_that_fails_ends_the_run(tmp_path: Path) -> None:
    target = tmp_path / "out.broken"
    (tmp_path / "broken.py").write_text(BROKEN)
    with serve(fresh_paper(bulk=300)) as served:
        archive = Archive(tmp_path / "output", served.origin)
        done = archive.crawl(
            *("realtime", "-a", "pages=40"),
            *("-s", 'FEED_EXPORTERS={"broken": "broken.Broken"}', "-O", f"{target}:broken"),
            PYTHONPATH=str(tmp_path),
        )
        number = len(served.paper.listed("china"))
        assert done.returncode == 1, done.stderr
        reason = "a feed could not be written: RuntimeError: the third is too much"
        assert f"failed: {reason}" in done.stderr
        # The third item comes with its group.
        assert 3 <= len(archive.lines) == len(archive.posts) <= number / 2
        assert archive.crawl().returncode == 0  # the rest of the stories


@pytest.mark.slow
def test_a_receiver_that_fails_degrades_the_run_and_stops_no_story(
    archive: Archive, tmp_path: Path
) -> None:
    (tmp_path / "broken.py").write_text(RECEIVER)
    extensions = '{"zaobao.extensions.CrawlRun": 0, "broken.Receiver": 0}'
    done = archive.crawl(
        *("realtime", "-a", "limit=2", "-s", f"EXTENSIONS={extensions}"),
        PYTHONPATH=str(tmp_path),
    )
    assert done.returncode == 3, done.stderr
    assert "2 errors in the program" in done.stderr
    assert len(archive.lines) == len(archive.posts) == 2
