"""Stories from captures: what is read, what is refused and named, what the archive keeps."""

from __future__ import annotations

import base64
import gzip
import hashlib
import os
import sys
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import brotli
import pytest

from demo.newspaper import Newspaper
from demo.story import Story
from tests.support.captured import (
    MOMENT,
    SITE,
    TODAY,
    Answer,
    adopt,
    clock,
    page,
    paper,
    records,
    same,
    stories,
    wacz,
    write,
)
from tests.support.older import contents, lines
from tests.support.stories import ARTICLE
from zaobao.archive import captures, takeover, warcreader
from zaobao.errors import ArchiveError


@pytest.fixture(scope="module")
def news() -> Newspaper:
    return paper()


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "output"


@pytest.fixture
def three(news: Newspaper) -> list[Answer]:
    return stories(news, 3)


# --- what is read


def test_every_kind_of_file_gives_the_same_lines_and_posts(
    tmp_path: Path, three: list[Answer]
) -> None:
    packed = b"".join(records(three))
    saved = tmp_path / "saved"
    saved.mkdir()
    (saved / "pages.csv").write_text(
        "file,url,crawled\n"
        + "".join(f"{n}.html,{one.url},{one.moment}\n" for n, one in enumerate(three))
    )
    for n, one in enumerate(three):
        (saved / f"{n}.html").write_bytes(one.body)
    several = tmp_path / "several"
    (several / "deep").mkdir(parents=True)
    write(several / "a.warc.gz", three[:2])
    write(several / "deep" / "b.warc", three[2:], packed=False)
    sources = [
        write(tmp_path / "a.warc.gz", three),
        write(tmp_path / "a.warc", three, packed=False),
        wacz(tmp_path / "a.wacz", {"archive/data.warc.gz": packed, "datapackage.json": b"{}"}),
        saved,
        several,
    ]
    found = []
    for n, source in enumerate(sources):
        summary = adopt(tmp_path / f"output{n}", source)
        assert (summary.new, summary.lines, summary.damaged, summary.unread) == (3, 3, 0, {})
        given = [{**line, "capture": None} for line in lines(tmp_path / f"output{n}")]
        found.append((given, contents(tmp_path / f"output{n}" / "_posts")))
    assert found == [found[0]] * len(sources)
    assert {line["crawled"] for line in found[0][0]} == {"2026-11-30T01:02:03+00:00"}


def test_the_line_says_which_record_it_is_from(output: Path, three: list[Answer]) -> None:
    one = three[0]
    one.warc["WARC-Record-ID"] = "<urn:uuid:12345678-aaaa-bbbb-cccc-1234567890ab>"
    adopt(output, write(output.parent / "a.warc.gz", [one]))
    (line,) = lines(output)
    assert line["capture"] == "urn:uuid:12345678-aaaa-bbbb-cccc-1234567890ab"
    assert list(line)[-1] == "capture"


def _chunks(body: bytes) -> bytes:
    parts = [body[start : start + 4000] for start in range(0, len(body), 4000)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def _deflated(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


CHUNKED = ("Transfer-Encoding", "chunked")


@pytest.mark.parametrize(
    ("headers", "change"),
    [
        ([], lambda body: body),
        ([CHUNKED], _chunks),
        ([CHUNKED], lambda body: body),  # some programs store it joined and leave the header
        ([("Content-Encoding", "gzip")], gzip.compress),
        ([("Content-Encoding", "gzip")], lambda body: body),
        ([("Content-Encoding", "deflate")], _deflated),
        ([("Content-Encoding", "br")], brotli.compress),
        ([("Content-Encoding", "gzip"), CHUNKED], lambda body: _chunks(gzip.compress(body))),
    ],
)
def test_an_answer_is_unpacked_as_it_was_transferred(
    output: Path,
    news: Newspaper,
    headers: list[tuple[str, str]],
    change: Callable[[bytes], bytes],
) -> None:
    plain, coded = stories(news, 1)[0], stories(news, 1)[0]
    adopt(output / "plain", write(output.parent / "a.warc.gz", [plain]))
    coded.body, coded.headers = change(coded.body), headers
    summary = adopt(output / "coded", write(output.parent / "b.warc.gz", [coded]))
    assert summary.new == 1
    assert [*map(same, lines(output / "coded"))] == [*map(same, lines(output / "plain"))]


def test_zstandard_is_unpacked_where_its_library_is(output: Path, news: Newspaper) -> None:
    zstandard = pytest.importorskip("zstandard")
    one = stories(news, 1)[0]
    one.body, one.headers = zstandard.compress(one.body), [("Content-Encoding", "zstd")]
    assert adopt(output, write(output.parent / "a.warc.gz", [one])).new == 1


@pytest.mark.parametrize(
    "origin",
    [
        "http://www.zaobao.com",
        "https://www.zaobao.com.sg",
        "http://zaobao.com.sg:80",
        SITE + ":443",
    ],
)
def test_both_hosts_and_both_schemes_are_the_paper(
    output: Path, news: Newspaper, origin: str
) -> None:
    summary = adopt(output, write(output.parent / "a.warc.gz", stories(news, 2, origin)))
    assert (summary.new, summary.elsewhere) == (2, 1)
    assert all(line["url"].startswith(SITE + "/") for line in lines(output))
    assert all(line["fetched_url"].startswith(origin) for line in lines(output))


@pytest.mark.parametrize(
    "origin",
    [
        "https://zaochenbao.com",
        "https://www.zaobao.com.sg.example.org",
        "https://example.org",
        "https://www.zaobao.com:8080",
        "https://u@www.zaobao.com",
    ],
)
def test_other_sites_are_passed_over(output: Path, news: Newspaper, origin: str) -> None:
    summary = adopt(output, write(output.parent / "a.warc.gz", stories(news, 2, origin)))
    assert (summary.elsewhere, summary.captures, summary.new, summary.damaged) == (3, 0, 0, 0)


def test_a_resource_is_a_page_too_and_other_kinds_are_not(
    output: Path, three: list[Answer]
) -> None:
    three[0].kind, three[1].kind = "resource", "conversion"
    summary = adopt(output, write(output.parent / "a.warc.gz", three))
    assert (summary.new, summary.elsewhere) == (2, 2)


def test_the_exact_time_of_a_captured_list_counts(output: Path, news: Newspaper) -> None:
    (one,) = [one for one in news.listed("china") if one.times == "list"]
    path = one.path_in(one.section)
    apis = [f"/_plat/api/v2/page-content/realtime/china?page={n}" for n in range(1, 5)]
    answers = [Answer(SITE + path, page(news, path))]
    adopt(output / "without", write(output.parent / "a.warc.gz", answers))
    answers += [Answer(SITE + api, page(news, api)) for api in apis]
    adopt(output / "with", write(output.parent / "b.warc.gz", answers))
    assert [line["published"] for line in lines(output / "without")] == [None]
    assert [line["published_from"] for line in lines(output / "with")] == ["list"]
    for answer in answers[1:]:
        answer.moment = (clock() + timedelta(days=2)).isoformat()
    summary = adopt(output / "ahead", write(output.parent / "c.warc.gz", answers))
    assert [line["published"] for line in lines(output / "ahead")] == [None]
    assert (summary.no_story, summary.damaged) == (4, 0)


def test_further_pages_are_joined_from_their_captures(output: Path) -> None:
    paragraphs = "\n".join(
        f"<p>{word}段的话，说到这里为止，一共就这些。</p>" for word in "甲乙丙丁戊己"
    )
    news = paper()
    title, moment = "一则分三页刊登的长篇", TODAY - timedelta(hours=9)
    story = Story("9900001", "sg_drupal", "realtime/china", title, moment, paragraphs, pages=3)
    one = news.add(story)
    path = one.path_in(one.section)
    answers = [Answer(SITE + path, page(news, path))]
    answers += [
        Answer(f"{SITE}{path}?page={n}", page(news, f"{path}?page={n}"))
        for n in range(1, one.pages)
    ]
    adopt(output / "all", write(output.parent / "a.warc.gz", answers[::-1]))
    adopt(output / "first", write(output.parent / "b.warc.gz", answers[:1]))
    (whole,), (cut,) = lines(output / "all"), lines(output / "first")
    assert (whole["access"], cut["access"]) == ("free", "truncated")
    assert len(whole["text"]) > len(cut["text"])
    assert cut["access_reason"].startswith(
        "in doubt: page 2 could not be read: there is no capture"
    )


# --- what is refused, and named


_CHALLENGE = b"<html><head><title>Just a moment...</title></head><body>_cf_chl_opt</body></html>"
_LOGIN = "<html><head><title>会员登录</title></head><body></body></html>".encode()
_MISSING = "<html><head><title>找不到网页</title></head><body></body></html>".encode()


@pytest.mark.parametrize(
    ("reason", "status", "headers", "body"),
    [
        ("redirect", "301 Moved Permanently", [("Location", SITE + "/x")], b""),
        ("redirect", "302 Found", [("Location", SITE + "/x")], b""),
        ("http_304", "304 Not Modified", [], b""),
        ("http_404", "404 Not Found", [], _MISSING),
        ("http_403", "403 Forbidden", [], _CHALLENGE),
        ("http_500", "500 Internal Server Error", [], b"x"),
        ("http_206", "206 Partial Content", [], b"<html>"),
        ("challenge", "200 OK", [], _CHALLENGE),
        ("login_wall", "200 OK", [], _LOGIN),
        ("soft_404", "200 OK", [], _MISSING),
        ("empty", "200 OK", [], b""),
        ("cut", "200 OK", [], b"<html><body><p>"),
        ("cut", "200 OK", [("Content-Length", "9999")], _MISSING),
        ("not_html", "200 OK", [], b"\x89PNG\r\n"),
        ("encoding", "200 OK", [("Content-Encoding", "gzip")], b"\x1f\x8bnothing"),
        ("cut", "200 OK", [("Content-Encoding", "gzip")], gzip.compress(b"x" * 999, mtime=0)[:20]),
    ],
)
def test_what_is_no_page_of_a_story_is_named(
    output: Path,
    three: list[Answer],
    reason: str,
    status: str,
    headers: list[tuple[str, str]],
    body: bytes,
) -> None:
    three[1].status, three[1].headers, three[1].body = status, headers, body
    summary = adopt(output, write(output.parent / "a.warc.gz", three))
    assert (dict(summary.refused), summary.new) == ({reason: 1}, 2)
    assert (summary.damaged, summary.unread) == (0, {})
    assert f"refused: {reason} 1" in str(summary)


@pytest.mark.parametrize(
    ("ahead", "refused"), [(timedelta(days=1), 0), (timedelta(days=1, minutes=9), 1)]
)
@pytest.mark.parametrize("name", ["a.warc.gz", "saved"])
def test_a_capture_that_lies_more_than_a_day_ahead_is_named(
    output: Path, news: Newspaper, name: str, ahead: timedelta, refused: int
) -> None:
    (one,) = stories(news, 1)
    one.moment = (clock() + ahead).isoformat()
    source = output.parent / name
    if name == "saved":
        source.mkdir()
        (source / "1.html").write_bytes(one.body)
        (source / "pages.csv").write_text(f"file,url,crawled\n1.html,{one.url},{one.moment}\n")
    else:
        write(source, [one])
    summary = adopt(output, source)
    assert (summary.new, summary.refused["future"], summary.damaged) == (1 - refused, refused, 0)


def test_a_page_that_no_layout_reads_is_named(
    output: Path, three: list[Answer], caplog: pytest.LogCaptureFixture
) -> None:
    three[1].body = "<html><head><title>x</title></head><body><p>甲</p></body></html>".encode()
    summary = adopt(output, write(output.parent / "a.warc.gz", three))
    assert (dict(summary.unread), summary.new) == ({"unknown_layout": 1}, 2)
    assert "Not read: " in caplog.text


# --- damage


def _spoilt(data: bytes, place: float) -> bytes:
    at = int(len(data) * place)
    return data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :]


@pytest.mark.parametrize("place", [0.02, 0.3, 0.5, 0.8, 0.999])
def test_a_record_damaged_in_the_middle_costs_itself_alone(
    output: Path, three: list[Answer], place: float
) -> None:
    parts = records(three)
    parts[2] = _spoilt(parts[2], place)
    (output.parent / "a.warc.gz").write_bytes(b"".join(parts))
    summary = adopt(output, output.parent / "a.warc.gz")
    assert (summary.new, summary.damaged) == (2, 1)


@pytest.mark.parametrize("left", [1, 9, 0.3, 0.7, -1, -8])
@pytest.mark.parametrize("packed", [True, False])
def test_a_file_that_is_cut_gives_all_before_the_cut(
    output: Path, three: list[Answer], left: float, packed: bool
) -> None:
    parts = records(three, packed=packed)
    bound = int(len(parts[3]) * left) if isinstance(left, float) else int(left)
    cut = b"".join(parts[:3]) + parts[3][:bound]
    path = output.parent / ("a.warc.gz" if packed else "a.warc")
    path.write_bytes(cut)
    is_whole = not packed and left == -1  # of the empty lines at the end only one is missing
    summary = adopt(output, path)
    assert (summary.new, summary.damaged) == ((3, 0) if is_whole else (2, 1))


def test_a_record_cut_in_the_middle_of_a_file_costs_itself_alone(
    output: Path, three: list[Answer]
) -> None:
    for packed in (True, False):
        parts = records(three, packed=packed)
        for bound in (5, 40, 300, len(parts[2]) // 2, len(parts[2]) - 30):
            name = f"{packed}{bound}"
            path = output.parent / f"{name}.warc"
            path.write_bytes(b"".join([*parts[:2], parts[2][:bound], *parts[3:]]))
            summary = adopt(output / name, path)
            if packed:
                assert (summary.new, summary.damaged) == (2, 1), name
            else:  # a record that is too short swallows the next one, or its own head is lost
                assert summary.new + summary.damaged in (2, 3), name
                assert summary.new >= 1, name


@pytest.mark.parametrize(
    "digest",
    [
        "sha1:" + "A" * 32,
        "sha1:" + "0" * 40,
        "sha256:" + base64.b32encode(hashlib.sha256(b"x").digest()).decode(),
        "md5:" + hashlib.md5(b"x").hexdigest(),
        "SHA-512:" + hashlib.sha512(b"x").hexdigest(),
    ],
)
@pytest.mark.parametrize("name", ["WARC-Block-Digest", "WARC-Payload-Digest"])
def test_a_wrong_digest_is_damage(
    output: Path, three: list[Answer], digest: str, name: str
) -> None:
    for one in three:
        one.warc = {"WARC-Payload-Digest": "xxh3:1", "WARC-Block-Digest": ""}
    three[1].warc[name] = digest
    summary = adopt(output, write(output.parent / "a.warc.gz", three))
    assert (summary.new, summary.damaged) == (2, 1)


def test_a_digest_in_every_form_fits(output: Path, news: Newspaper) -> None:
    answers = stories(news, 4)
    for one, form in zip(
        answers, (bytes.hex, base64.b32encode, base64.b64encode, bytes.hex), strict=True
    ):
        said = form(hashlib.sha256(one.body).digest())
        value = said if isinstance(said, str) else said.decode()
        one.warc = {"WARC-Payload-Digest": f"sha256:{value}", "WARC-Block-Digest": ""}
    answers[3].headers, whole = [CHUNKED], answers[3].body
    answers[3].body = _chunks(whole)  # the digest is of what is in the chunks
    summary = adopt(output, write(output.parent / "a.warc.gz", answers))
    assert (summary.new, summary.damaged) == (4, 0)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"WARC/1.1", b"WORC/1.1"),
        (b"WARC/1.1", b"WARC/7.1"),
        (b"Content-Length: ", b"Content-Length: -"),
        (b"Content-Length: ", b"Content-Length: x"),
        (b"Content-Length: ", b"Content-Lenght: "),
        (MOMENT.encode(), b"2026-13-41T01:02:03Z"),
        (b"WARC-Type", b"X: " + b"y" * 200_000 + b"\r\nWARC-Type"),
    ],
)
def test_a_damaged_head_costs_its_record_alone(
    output: Path, three: list[Answer], old: bytes, new: bytes
) -> None:
    parts = [gzip.decompress(part) for part in records(three)]
    assert old in parts[2]
    parts[2] = parts[2].replace(old, new, 1)
    path = output.parent / "a.warc.gz"
    path.write_bytes(b"".join(map(gzip.compress, parts)))
    summary = adopt(output, path)
    assert (summary.new, summary.damaged) == (2, 1)


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("a.warc.gz", b"", "it is empty"),
        ("a.warc", b"nothing of the kind", "it is no WARC file"),
        ("a.warc.gz", b"\x28\xb5\x2f\xfdxxxx", "zstd -d"),
        ("a.wacz", b"PK\x03\x04 nothing more", "it is no whole ZIP file"),
        ("a.wacz", b"nothing", "it is no whole ZIP file"),
    ],
)
def test_what_is_no_file_of_captures_is_named(
    output: Path, name: str, data: bytes, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    (output.parent / name).write_bytes(data)
    assert adopt(output, output.parent / name).damaged == 1
    assert why in caplog.text


def test_records_compressed_as_one_stream_are_named_with_what_to_do(
    output: Path, three: list[Answer], caplog: pytest.LogCaptureFixture
) -> None:
    path = output.parent / "a.warc.gz"
    path.write_bytes(gzip.compress(b"".join(records(three, packed=False))))
    assert adopt(output, path).damaged == 1
    assert "warcio recompress" in caplog.text


def test_a_wacz_needs_no_index_and_says_what_cannot_be_read(
    output: Path, three: list[Answer], caplog: pytest.LogCaptureFixture
) -> None:
    packed = b"".join(records(three))
    bare = wacz(output.parent / "bare.wacz", {"archive/a.warc.gz": packed})
    assert adopt(output / "1", bare).new == 3
    deflated = wacz(output.parent / "b.wacz", {"archive/a.warc": packed}, zipfile.ZIP_DEFLATED)
    assert adopt(output / "2", deflated).damaged == 1
    assert "unzip that" in caplog.text
    none = wacz(output.parent / "c.wacz", {"pages/pages.jsonl": b"{}"})
    assert adopt(output / "3", none).damaged == 1
    assert "no WARC file in it" in caplog.text
    cut = output.parent / "cut.wacz"
    cut.write_bytes(bare.read_bytes()[:-40])
    assert adopt(output / "4", cut).damaged == 1
    spoilt = wacz(output.parent / "d.wacz", {"archive/a.warc.gz": packed, "archive/b.warc.gz": b""})
    data = spoilt.read_bytes()
    at = data.index(packed) + len(packed) // 2
    spoilt.write_bytes(data[:at] + b"xxxx" + data[at + 4 :])
    summary = adopt(output / "5", spoilt)
    assert (summary.new, summary.damaged) == (2, 2)  # a record, and the empty file


@pytest.mark.parametrize("size", [100, 1000, 5000, 20_000, 40_000])
def test_a_file_is_the_same_in_pieces_of_any_size(
    output: Path, news: Newspaper, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(output.parent / "a.warc.gz", stories(news, 8))
    adopt(output / "whole", path)
    monkeypatch.setattr(warcreader, "PIECE", size)
    summary = adopt(output / "pieces", path)
    assert (summary.records, summary.damaged) == (9, 0)
    assert lines(output / "pieces") == lines(output / "whole")


# --- which of several captures is kept


def _story(news: Newspaper, number: int = 0) -> Answer:
    return stories(news, 12)[number]


def _edited(one: Answer, moment: str, word: str = "，他补充说。") -> Answer:
    body = one.body.decode()
    assert body.count("。</p>") > 1
    return Answer(one.url, body.replace("。</p>", f"{word}</p>", 1).encode(), moment=moment)


def _cut(one: Answer, moment: str) -> Answer:
    """The story behind a paywall."""
    body = one.body.decode()
    wall = '<div class="article-microtransaction"><p>请订阅</p></div></p>'
    assert "</p>" in body
    start = body.index("articleBody")
    place = body.index("</p>", start) + 4
    return Answer(one.url, (body[:place] + wall[:-4] + body[place:]).encode(), moment=moment)


def test_an_edit_after_the_earlier_text_becomes_a_revision(output: Path, news: Newspaper) -> None:
    one = _story(news)
    later = _edited(one, "2026-12-01T00:00:00Z")
    summary = adopt(output, write(output.parent / "a.warc.gz", [later, one]))
    assert (summary.new, summary.lines) == (1, 2)
    first, second = lines(output)
    assert [first["revision"], second["revision"]] == [1, 2]
    assert first["crawled"] < second["crawled"]
    assert first["post"] == second["post"]
    assert "他补充说" in (output / second["post"]).read_text()
    earlier = (output / "revisions" / first["id"] / "1.md").read_text()
    assert "他补充说" not in earlier
    before = contents(output)
    summary = adopt(output, output.parent / "a.warc.gz")
    assert (summary.lines, summary.known) == (0, 1)
    assert contents(output) == before


def test_the_whole_text_counts_before_a_cut_one_whichever_came_first(
    output: Path, news: Newspaper
) -> None:
    one = _story(news)
    for n, moment in enumerate(("2026-11-29T20:00:00Z", "2026-12-03T00:00:00Z")):
        path = write(output.parent / f"{n}.warc.gz", [one, _cut(one, moment)])
        summary = adopt(output / str(n), path)
        (line,) = lines(output / str(n))
        assert (line["access"], line["revision"], summary.lesser) == ("free", 1, 1)


def test_the_archive_is_never_made_poorer(output: Path, news: Newspaper) -> None:
    one = _story(news)
    newer = _edited(one, "2026-12-01T00:00:00Z")
    adopt(output, write(output.parent / "a.warc.gz", [newer]))
    before = contents(output)
    older = adopt(output, write(output.parent / "b.warc.gz", [one]))
    cut = adopt(output, write(output.parent / "c.warc.gz", [_cut(one, "2026-12-09T00:00:00Z")]))
    assert (older.older, older.lines, cut.lesser, cut.lines) == (1, 0, 1, 0)
    assert contents(output) == before


def test_a_whole_capture_takes_the_place_of_a_cut_text(output: Path, news: Newspaper) -> None:
    one = _story(news)
    adopt(output, write(output.parent / "a.warc.gz", [_cut(one, "2026-12-03T00:00:00Z")]))
    assert [line["access"] for line in lines(output)] == ["paywalled"]
    summary = adopt(output, write(output.parent / "b.warc.gz", [one]))
    assert (summary.edited, summary.lines) == (1, 1)
    assert [line["access"] for line in lines(output)] == ["paywalled", "free"]
    assert "access:" not in (output / lines(output)[1]["post"]).read_text()


def test_a_revisit_is_the_page_that_it_names(output: Path, news: Newspaper) -> None:
    """The text of a first capture that came back after an edit is a text of its own."""
    one = _story(news)
    edit = _edited(one, "2026-12-01T00:00:00Z")
    digest = "sha1:" + base64.b32encode(hashlib.sha1(one.body).digest()).decode()
    back = Answer(one.url, b"", moment="2026-12-02T00:00:00Z", kind="revisit")
    back.warc = {"WARC-Payload-Digest": digest}
    lone = Answer(stories(news, 2)[1].url, b"", kind="revisit")
    lone.warc = {"WARC-Payload-Digest": "sha1:" + "B" * 32}
    summary = adopt(output, write(output.parent / "a.warc.gz", [back, one, edit, lone]))
    assert (summary.lines, summary.lone_revisits, summary.captures) == (3, 1, 4)
    first, _, third = lines(output)
    assert first["digest"] == third["digest"]
    assert third["crawled"].startswith("2026-12-02")


def test_an_excluded_story_is_not_taken_over(output: Path, three: list[Answer]) -> None:
    output.mkdir()
    number = three[1].url.rpartition("-")[2]
    (output / "exclude.txt").write_text(f"{number}\n")
    summary = adopt(output, write(output.parent / "a.warc.gz", three))
    assert (summary.new, summary.excluded) == (2, 1)
    assert not any(number in line["id"] for line in lines(output))


# --- saved pages


@pytest.mark.parametrize("how", ["canonical", "og:url", "saved from", "SingleFile"])
def test_a_saved_page_says_its_address(output: Path, news: Newspaper, how: str) -> None:
    one = _story(news)
    body = one.body.decode()
    link = f'<link rel="canonical" href="{one.url}">'
    said = {
        "canonical": link,
        "og:url": f'<meta property="og:url" content="{one.url}">',
        "saved from": "",
        "SingleFile": "",
    }[how]
    head = {
        "saved from": f"<!-- saved from url=(0076){one.url} -->",
        "SingleFile": f"<!--\n Page saved with SingleFile \n url: {one.url} \n saved date: "
        "Tue Dec 01 2026 16:27:17 GMT+0800 (China Standard Time)\n-->",
    }.get(how, "")
    path = output.parent / "甲.html"
    path.write_text(body.replace("<head>", f"<head>{said}", 1).replace("<html", f"{head}<html", 1))
    summary = adopt(output, path)
    assert summary.new == 1, str(summary)
    (line,) = lines(output)
    assert (line["fetched_url"], line["capture"]) == (one.url, "甲.html")
    if how == "SingleFile":
        assert line["crawled"] == "2026-12-01T08:27:17+00:00"


def test_a_picture_that_a_browser_saved_beside_the_page_has_no_address(
    output: Path, news: Newspaper
) -> None:
    one = _story(news)
    body = one.body.decode()
    place = body.index("<p>", body.index("articleBody"))
    body = body[:place] + '<p><img src="./甲_files/a.jpg" alt="乙"></p>' + body[place:]
    path = output.parent / "甲.html"
    path.write_text(body.replace("<html", f"<!-- saved from url=(0076){one.url} --><html", 1))
    assert adopt(output, path).new == 1
    assert "_files" not in (output / "articles.jsonl").read_text()


def test_a_page_without_an_address_is_counted(output: Path) -> None:
    path = output.parent / "a.html"
    path.write_text("<html><head><title>x</title></head><body>y</body></html>")
    assert adopt(output, path).no_story == 1


# --- places


def test_captures_around_or_in_the_output_folder_are_refused(
    output: Path, three: list[Answer]
) -> None:
    write(output.parent / "a.warc.gz", three)
    adopt(output, output.parent / "a.warc.gz")
    before = contents(output)
    for path in (output, output.parent, output / "_posts"):
        with pytest.raises(ArchiveError, match="overlaps"):
            adopt(output, path)
    assert contents(output) == before


def test_a_cut_text_of_a_layout_comes_before_a_longer_generic_one() -> None:
    def version(**values: Any) -> takeover.Version:
        return takeover.Version(replace(ARTICLE, **values), "urn:uuid:1", None, [])

    generic = version(layout="generic", access="unknown", text="长" * 400, digest="a")
    cut = version(access="paywalled", text="短" * 90, digest="b")
    story = takeover.Story(ARTICLE.number, [generic, cut])
    takeover._choose(story)
    assert (story.versions, story.lesser) == ([cut], 1)


# --- what lies about in a folder


def test_captures_in_other_forms_are_named_with_what_to_do(
    output: Path, news: Newspaper, caplog: pytest.LogCaptureFixture
) -> None:
    folder = output.parent / "captures"
    folder.mkdir()
    write(folder / "a.warc.gz", stories(news, 1))
    for name in ("b.arc", "c.ARC.gz", "d.warc.zst", "e.mhtml", "f.html.gz", "g.warc.open"):
        (folder / name).write_bytes(b"x")
    (folder / "notes.txt").write_bytes(b"x")
    summary = adopt(output, folder)
    assert (summary.new, summary.records, summary.damaged) == (1, 2, 6)
    said = [record.getMessage() for record in caplog.records if "Damaged" in record.getMessage()]
    assert len(said) == 6
    assert "b.arc: it is an ARC file: `warcio recompress OLD.arc NEW.warc.gz`" in said[0]
    assert "e.mhtml: a page in this form is not read" in said[3]
    assert adopt(output, folder / "b.arc").damaged == 1


def test_what_is_no_file_is_named_and_not_waited_for(
    output: Path, news: Newspaper, caplog: pytest.LogCaptureFixture
) -> None:
    folder, away = output.parent / "早报 存档", output.parent / "away"
    folder.mkdir()
    away.mkdir()
    write(away / "a.warc.gz", stories(news, 2)[:1])
    write(folder / "阿里 巴巴.warc.gz", stories(news, 2)[1:])
    (folder / "link.warc.gz").symlink_to(away / "a.warc.gz")
    (folder / "dead.warc.gz").symlink_to("nowhere")
    (folder / "folder").symlink_to(away)
    os.mkfifo(folder / "pipe.warc")
    summary = adopt(output, folder)
    assert (summary.new, summary.damaged) == (2, 2)
    assert "dead.warc.gz: it is no file, or a link that leads nowhere" in caplog.text
    assert "pipe.warc: it is no file" in caplog.text
    assert f"Passed over: {folder / 'folder'} is a link to a folder" in caplog.text
    assert adopt(output, folder / "pipe.warc").damaged == 1


@pytest.mark.parametrize(
    ("name", "mark", "encoding"),
    [
        ("pages.csv", ",", "utf-8-sig"),
        ("pages.csv", ";", "utf-8"),
        ("pages.csv", ",", "gbk"),
        ("pages.tsv", "\t", "utf-8"),
    ],
)
def test_a_table_is_read_as_spreadsheets_write_it(
    output: Path,
    news: Newspaper,
    caplog: pytest.LogCaptureFixture,
    name: str,
    mark: str,
    encoding: str,
) -> None:
    one, other = stories(news, 2)
    folder = output.parent / "saved"
    folder.mkdir()
    (folder / "早报.html").write_bytes(one.body)
    (folder / "b.html").write_bytes(other.body)
    rows = [
        ("file", "url", "crawled"),
        ("早报.html", one.url, "2026-11-29T10:00:00+08:00"),
        ("./b.html", other.url, "2026-11-29T11:00:00+08:00"),
        ("c.html", other.url, ""),
    ]
    table = "\r\n".join(mark.join(row) for row in rows)
    (folder / name).write_bytes(table.encode(encoding))
    summary = adopt(output, folder)
    assert (summary.new, summary.damaged) == (2, 1)
    assert sorted(line["crawled"] for line in lines(output)) == [
        "2026-11-29T02:00:00+00:00",
        "2026-11-29T03:00:00+00:00",
    ]
    assert f"{name}: it names c.html, which is not there" in caplog.text


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("file|url\na.html|x\n", "its first line must name the columns file and url"),
        ("file,url\na.html," + "x" * 200_000, "is no table: field larger than field limit"),
    ],
)
def test_a_table_that_is_none_ends_the_command(output: Path, table: str, said: str) -> None:
    folder = output.parent / "saved"
    folder.mkdir()
    (folder / "a.html").write_bytes(b"<p>")
    (folder / "pages.csv").write_text(table)
    with pytest.raises(ArchiveError, match=said):
        adopt(output, folder)


@pytest.mark.parametrize(
    "moment", ["", "2026-13-45", "20261130010203", "0001-01-01T00:00:00+14:00"]
)
def test_a_record_without_a_moment_is_damaged(
    output: Path, news: Newspaper, moment: str, caplog: pytest.LogCaptureFixture
) -> None:
    one, other = stories(news, 2)
    one.moment = moment
    summary = adopt(output, write(output.parent / "a.warc.gz", [one, other]))
    assert (summary.new, summary.damaged) == (1, 1)
    assert "record urn:uuid:1: it does not say when it was made" in caplog.text


def test_a_list_time_that_is_no_moment_is_damage(
    output: Path, news: Newspaper, caplog: pytest.LogCaptureFixture
) -> None:
    one, other = stories(news, 2)
    one.warc["Zaobao-List-Time"] = "soon"
    summary = adopt(output, write(output.parent / "a.warc.gz", [one, other]))
    assert (summary.new, summary.damaged) == (1, 1)
    assert "record urn:uuid:1: its Zaobao-List-Time is no moment" in caplog.text


def test_damage_that_only_the_page_shows_is_counted(
    output: Path, three: list[Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is no damage of the record itself, the reader does not see."""
    real = captures.page_of

    def page_of(record: warcreader.Record) -> bytes:
        found = real(record)
        if record.id == "urn:uuid:2":
            raise ValueError("no page of ours")
        return found

    monkeypatch.setattr(captures, "page_of", page_of)
    summary = adopt(output, write(output.parent / "a.warc.gz", three))
    assert (summary.new, summary.damaged) == (2, 1)


def test_a_damaged_list_is_counted(output: Path, news: Newspaper) -> None:
    shown = Answer(f"{SITE}/realtime/china", page(news, "/realtime/china"))
    shown.warc["WARC-Block-Digest"] = "sha1:" + "A" * 32
    summary = adopt(output, write(output.parent / "a.warc.gz", [shown, *stories(news, 1)]))
    assert (summary.new, summary.no_story, summary.damaged) == (1, 1, 1)


def test_stories_of_another_origin_are_counted_by_it(output: Path, news: Newspaper) -> None:
    origin = "http://127.0.0.1:8123"
    found = [*stories(news, 2, origin), Answer(f"{origin}/about", b"<p>")]
    summary = adopt(output, write(output.parent / "a.warc.gz", found))
    assert (summary.new, summary.elsewhere) == (0, 4)
    assert summary.others == {origin: 2}


@pytest.mark.parametrize("kind", ["NoCredentialsError", "ValueError"])
def test_a_store_that_gives_no_answer_is_said(
    output: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    class BotoCoreError(Exception):
        """As botocore has it: no OSError."""

    error = ValueError("no key") if kind == "ValueError" else BotoCoreError("no key")

    class Store:
        def find(self, path: str, *, detail: bool) -> dict[str, Any]:
            raise error

    library = SimpleNamespace(BotoCoreError=BotoCoreError)
    monkeypatch.setitem(sys.modules, "botocore.exceptions", library)
    monkeypatch.setattr(warcreader, "filesystem", lambda address: (Store(), address))
    with pytest.raises(ArchiveError, match=r"s3://b/c: no key\. Nothing was changed"):
        adopt(output, "s3://b/c")
