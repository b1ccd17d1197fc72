"""Which answers are refused: cut, garbled, hostile or no page."""

from __future__ import annotations

import gzip
import time
import zlib
from collections.abc import Callable

import brotli
import pytest

from tests.support.behaviours import BOMBS, GZIP_BOMB, brotli_bomb, deep, deflate_bomb, gbk
from tests.support.crawling import crawl
from tests.support.fault_server import PAGE, TITLE, Server, html, reply
from zaobao.blockpages import block_page
from zaobao.decoding import unpack, utf8
from zaobao.errors import UnfitError
from zaobao.page import Page
from zaobao.pagechecks import check_html, check_xml

LIMIT = 4 << 20


def reason(check, *args) -> str | None:
    try:
        check(*args)
    except UnfitError as error:
        return error.reason
    return None


@pytest.mark.parametrize("name", ["gzip", "x-gzip", "deflate", "br"])
def test_every_cut_of_a_compressed_page_is_seen(name):
    pack = {"deflate": zlib.compress, "br": brotli.compress}.get(name, gzip.compress)
    packed = pack(PAGE)
    assert unpack(packed, [name], LIMIT) == PAGE
    for at in range(0, len(packed), max(1, len(packed) // 100)):
        assert reason(unpack, packed[:at], [name], LIMIT) in ("cut", "encoding"), at


def test_codings_are_undone_from_the_last_to_the_first():
    assert unpack(gzip.compress(brotli.compress(PAGE)), ["br", "gzip"], LIMIT) == PAGE
    raw = zlib.compressobj(wbits=-15)
    assert unpack(raw.compress(PAGE) + raw.flush(), ["deflate"], LIMIT) == PAGE
    assert unpack(gzip.compress(PAGE) + gzip.compress(b"x"), ["gzip"], LIMIT) == PAGE + b"x"
    assert unpack(PAGE, ["identity"], LIMIT) == PAGE


def test_an_unpacked_body_over_the_limit_is_refused_without_being_built():
    for bomb, name in ((GZIP_BOMB, "gzip"), (deflate_bomb(15), "deflate")):
        assert reason(unpack, bomb, [name], LIMIT) == "size"
    assert reason(unpack, brotli_bomb(), ["br"], LIMIT) == "size"
    assert reason(unpack, b"x", ["gzip"] * 6, LIMIT) == "encoding"
    assert reason(unpack, b"x", ["zstd"], LIMIT) == "encoding"


@pytest.mark.parametrize("declared", [None, "utf-8", "gbk", "iso-8859-1", "no-such-charset"])
def test_the_text_comes_out_right_whatever_the_header_says(declared):
    assert utf8(PAGE, declared) == PAGE
    assert TITLE.encode() in utf8(gbk(PAGE), declared)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
def test_encodings_that_name_themselves_or_decode_strictly(encoding):
    assert utf8(PAGE.decode().encode(encoding)) == PAGE


def test_big5_is_read_only_where_it_is_declared():
    page = html("標題", "標題").decode().encode("big5")
    assert "標題".encode() in utf8(page, "big5")


def test_a_garbled_page_is_refused():
    broken = PAGE.replace("试".encode(), b"\xff")
    assert reason(utf8, broken) == "charset"
    assert reason(utf8, PAGE.replace(TITLE.encode(), "新\ufffd".encode())) == "charset"
    assert reason(utf8, PAGE.replace("。".encode(), "\ufffd".encode())) == "charset"
    # One bad byte in a long text is a misprint.
    assert "\ufffd".encode() in utf8(PAGE.replace(b"</div>", b"\xff</div>"))


def test_a_page_cut_anywhere_is_not_whole():
    end = PAGE.index(b"</body")
    for at in range(0, end, end // 100):
        assert reason(lambda page: check_html(utf8(page)), PAGE[:at]) in ("cut", "empty"), at


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (PAGE, None),
        (
            PAGE.replace(b"</body></html>", b"</BODY>\n<!-- served in 3 ms --><script>1</script>"),
            None,
        ),
        (b"\n\n  " + PAGE, None),
        (b"", "empty"),
        (b" \n", "empty"),
        (b"%PDF-1.4", "not_html"),
        (b"\x89PNG\r\n", "not_html"),
        (b'{"a": 1}', "not_html"),
        (html("<b>" * 20_001), "too_many_nodes"),
        (html("<b></b>" * 19_000), None),
    ],
)
def test_what_is_a_whole_page(page, expected):
    assert reason(check_html, page) == expected


def cpu(work: Callable[[], object]) -> float:
    """Seconds of CPU time: the least of three, since other processes cost it some too."""
    seconds = []
    for _ in range(3):
        started = time.process_time()
        work()
        seconds.append(time.process_time() - started)
    return min(seconds)


@pytest.fixture(scope="module")
def ordinary() -> float:
    """What it costs this machine to parse an ordinary page of 80 KB: about a millisecond."""
    page = html(f"<p class='a'>{'正文' * 40}</p>" * 300)
    return cpu(lambda: [Page("", page) for _ in range(20)]) / 20


def many(count: int, value: str = "=1") -> str:
    return "<p " + " ".join(f"a{n}{value}" for n in range(count)) + ">"


ISLAND = f'<astro-island props="{"&quot;a&gt;" * 20_000}"></astro-island>'


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        (many(58_000), "tag_too_long"),
        (many(6_000), "tag_too_long"),
        (many(200), None),
        # Spellings that hide the attributes from a reader who takes quotes too simply.
        (many(50_000, "='<b>'"), "tag_too_long"),
        (f'<p x= b="{many(50_000)}', "tag_too_long"),
        (f"<p '> {many(50_000)[3:]}", None),
        (f'<p x=\v"{many(50_000)[3:-1]}">', "tag_too_long"),
        (f"<!--><p x='>'{many(50_000)[2:]}", "tag_too_long"),
        (f"<title>{many(50_000)}</title>", "tag_too_long"),
        (many(900) * 1000, "tag_too_long"),
        # One long value costs the parser nothing, and islands have them.
        (ISLAND, None),
        ("<script>" + many(50_000) + "</script>", None),
    ],
)
def test_a_tag_that_would_stall_the_parser_is_refused_before_it_does(ordinary, inner, expected):
    page = html(inner)
    assert reason(check_html, page) == expected
    assert cpu(lambda: reason(check_html, page)) < 500 * ordinary
    if expected is None:
        assert cpu(lambda: Page("", page)) < 500 * ordinary


@pytest.mark.parametrize("unit", [b"<", b"<p>", b"</p>", b"x", b"\"' ", b"<a b='", b"<p a=1>xxxxx"])
def test_four_megabytes_are_judged_in_linear_time(ordinary, unit):
    page = b"<html><p a=" + unit * (LIMIT // len(unit)) + b"</html>"
    assert cpu(lambda: reason(check_html, page)) < 500 * ordinary


@pytest.mark.parametrize(
    ("levels", "expected"), [(20, False), (98, False), (99, True), (3000, True)]
)
def test_depth_is_judged_on_the_tree(levels, expected):
    assert Page("", deep(levels)).is_too_deep is expected


def test_unclosed_paragraphs_and_items_are_not_depth():
    page = html("<p>a<br>" * 500 + "<ul>" + "<li>x" * 500 + "</ul>")
    assert not Page("", page).is_too_deep


SITEMAP = b"<?xml version='1.0'?>\n<!-- <a> --><urlset xmlns='x'><url/></urlset>\n"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (SITEMAP, None),
        (b"<sitemapindex/>", None),
        (SITEMAP[:-9], "cut"),
        (SITEMAP[:40], "cut"),
        (b"", "empty"),
        (html("x"), "not_xml"),
        (b"not xml", "not_xml"),
    ],
)
def test_what_is_a_whole_sitemap(body, expected):
    assert reason(check_xml, body) == expected


@pytest.mark.parametrize(
    ("page", "kind", "expected"),
    [
        (html("x", "Just a moment..."), "list", "challenge"),
        (html("<p>请完成验证</p>"), "story", "challenge"),
        (html("x", "页面不存在"), "story", "soft_404"),
        (html("x", "404 | 联合早报"), "story", "soft_404"),
        (html("<p>找不到您要的页面</p>"), "story", "soft_404"),
        (html("x", "会员登录"), "story", "login_wall"),
        # Honest pages that only look a little like one.
        (html("<div class=articleBody>x</div>", "Just a moment..."), "story", None),
        (html("<a href=/realtime/china/story20210902-1>x</a>", "404"), "list", None),
        (html(f"<p>{'正文' * 900}网站说页面不存在</p>"), "story", None),
        (
            html("<script src=/cdn-cgi/challenge-platform/scripts/jsd/main.js></script>"),
            "list",
            None,
        ),
        (html("x", "微博上的404文章被删除"), "story", None),
        (html("新布局的正文" * 30), "story", None),
    ],
)
def test_walls_are_known_by_sure_signs_only(page, kind, expected):
    assert block_page(page, kind) == expected


def test_no_bomb_and_no_endless_body_fills_the_memory():
    with Server({f"/{name}": answer for name, answer in BOMBS.items()}) as server:
        plan = [{"url": f"{server.origin}/{name}", "kind": "story"} for name in BOMBS]
        report = crawl(server.origin, [*plan, {"url": f"{server.origin}/ok"}])
    wanted = dict.fromkeys((one["url"] for one in plan), "BadPage size")
    for name in ("own-endless", "own-endless-chunks", "own-20mb-text"):
        wanted[f"{server.origin}/{name}"] = "Unreachable size"
    assert report.answers.pop(f"{server.origin}/ok").startswith("page ")
    assert report.answers == wanted
    assert report.rss_mb < 300
    assert report.listening == []
    assert set(server.times.values()) == {1}


def test_json_and_sitemaps_have_checks_of_their_own():
    json, xml = b'{"a": [1, "\xe6\x96\xb0"]}', SITEMAP
    answers = {
        "/json": json,
        "/json-cut": json[:-2],
        "/json-deep": b"[" * 100_000,
        "/json-html": html("x"),
        "/xml": xml,
        "/xml-gz": gzip.compress(xml),
        "/xml-cut": xml[:-9],
        "/xml-gz-cut": gzip.compress(xml)[:-5],
        "/xml-bomb": GZIP_BOMB,
    }
    with Server({path: reply(body) for path, body in answers.items()}) as server:
        plan = [
            {"url": server.origin + path, "kind": "api" if "json" in path else "sitemap"}
            for path in answers
        ]
        report = crawl(server.origin, plan)
    assert {url.removeprefix(server.origin): got for url, got in report.answers.items()} == {
        "/json": "page 15 utf-8",
        "/json-cut": "BadPage cut",
        "/json-deep": "BadPage cut",
        "/json-html": "BadPage not_json",
        "/xml": f"page {len(xml)} utf-8",
        "/xml-gz": f"page {len(xml)} utf-8",
        "/xml-cut": "BadPage cut",
        "/xml-gz-cut": "BadPage cut",
        "/xml-bomb": "BadPage size",
    }
