"""Which pages are whole and safe to parse, and what judging them costs."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tests.support.behaviours import SITEMAP, deep
from tests.support.fault_server import PAGE, html
from tests.support.unfit import reason
from zaobao.decoding import utf8
from zaobao.page import Page
from zaobao.pagechecks import check_html, check_xml

LIMIT = 4 << 20


def test_a_page_cut_anywhere_is_not_whole() -> None:
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
def test_what_is_a_whole_page(page: bytes, expected: str | None) -> None:
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
def test_a_tag_that_would_stall_the_parser_is_refused_before_it_does(
    ordinary: float, inner: str, expected: str | None
) -> None:
    page = html(inner)
    assert reason(check_html, page) == expected
    assert cpu(lambda: reason(check_html, page)) < 500 * ordinary
    if expected is None:
        assert cpu(lambda: Page("", page)) < 500 * ordinary


@pytest.mark.parametrize("unit", [b"<", b"<p>", b"</p>", b"x", b"\"' ", b"<a b='", b"<p a=1>xxxxx"])
def test_four_megabytes_are_judged_in_linear_time(ordinary: float, unit: bytes) -> None:
    page = b"<html><p a=" + unit * (LIMIT // len(unit)) + b"</html>"
    assert cpu(lambda: reason(check_html, page)) < 500 * ordinary


@pytest.mark.parametrize(
    ("levels", "expected"), [(20, False), (98, False), (99, True), (3000, True)]
)
def test_depth_is_judged_on_the_tree(levels: int, *, expected: bool) -> None:
    assert Page("", deep(levels)).is_too_deep is expected


def test_unclosed_paragraphs_and_items_are_not_depth() -> None:
    page = html("<p>a<br>" * 500 + "<ul>" + "<li>x" * 500 + "</ul>")
    assert not Page("", page).is_too_deep


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
def test_what_is_a_whole_sitemap(body: bytes, expected: str | None) -> None:
    assert reason(check_xml, body) == expected
