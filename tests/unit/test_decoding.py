"""From the bytes of an answer to UTF-8: cut and damaged streams, bombs, charsets."""

from __future__ import annotations

import gzip
import zlib

import brotli
import pytest

from tests.support.behaviours import GZIP_BOMB, brotli_bomb, deflate_bomb, gbk
from tests.support.fault_server import PAGE, TITLE, html
from tests.support.unfit import reason
from zaobao.decoding import unpack, utf8

LIMIT = 4 << 20


@pytest.mark.parametrize("name", ["gzip", "x-gzip", "deflate", "br"])
def test_every_cut_of_a_compressed_page_is_seen(name: str) -> None:
    pack = {"deflate": zlib.compress, "br": brotli.compress}.get(name, gzip.compress)
    packed = pack(PAGE)
    assert unpack(packed, [name], LIMIT) == PAGE
    for at in range(0, len(packed), max(1, len(packed) // 100)):
        assert reason(unpack, packed[:at], [name], LIMIT) in ("cut", "encoding"), at


def test_codings_are_undone_from_the_last_to_the_first() -> None:
    assert unpack(gzip.compress(brotli.compress(PAGE)), ["br", "gzip"], LIMIT) == PAGE
    raw = zlib.compressobj(wbits=-15)
    assert unpack(raw.compress(PAGE) + raw.flush(), ["deflate"], LIMIT) == PAGE
    assert unpack(gzip.compress(PAGE) + gzip.compress(b"x"), ["gzip"], LIMIT) == PAGE + b"x"
    assert unpack(PAGE, ["identity"], LIMIT) == PAGE


def test_an_unpacked_body_over_the_limit_is_refused_without_being_built() -> None:
    for bomb, name in ((GZIP_BOMB, "gzip"), (deflate_bomb(15), "deflate")):
        assert reason(unpack, bomb, [name], LIMIT) == "size"
    assert reason(unpack, brotli_bomb(), ["br"], LIMIT) == "size"
    assert reason(unpack, b"x", ["gzip"] * 6, LIMIT) == "encoding"
    assert reason(unpack, b"x", ["zstd"], LIMIT) == "encoding"


@pytest.mark.parametrize("declared", [None, "utf-8", "gbk", "iso-8859-1", "no-such-charset"])
def test_the_text_comes_out_right_whatever_the_header_says(declared: str | None) -> None:
    assert utf8(PAGE, declared) == PAGE
    assert TITLE.encode() in utf8(gbk(PAGE), declared)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
def test_encodings_that_name_themselves_or_decode_strictly(encoding: str) -> None:
    assert utf8(PAGE.decode().encode(encoding)) == PAGE


def test_big5_is_read_only_where_it_is_declared() -> None:
    page = html("標題", "標題").decode().encode("big5")
    assert "標題".encode() in utf8(page, "big5")


def test_a_garbled_page_is_refused() -> None:
    broken = PAGE.replace("试".encode(), b"\xff")
    assert reason(utf8, broken) == "charset"
    assert reason(utf8, PAGE.replace(TITLE.encode(), "新\ufffd".encode())) == "charset"
    assert reason(utf8, PAGE.replace("。".encode(), "\ufffd".encode())) == "charset"
    # One bad byte in a long text is a misprint.
    assert "\ufffd".encode() in utf8(PAGE.replace(b"</div>", b"\xff</div>"))


@pytest.mark.parametrize(("misprints", "expected"), [(10, None), (11, "charset")])
def test_up_to_a_thousandth_of_a_text_may_be_misprints(
    misprints: int, expected: str | None
) -> None:
    page = "<html>" + "\ufffd" * misprints + "字" * (10_000 - misprints - len("<html>"))
    assert reason(utf8, page.encode()) == expected
