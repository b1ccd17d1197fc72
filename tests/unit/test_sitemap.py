"""Reading a sitemap: which entries are stories to be had, and what a hostile one costs (C14)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import pairwise

import pytest

from zaobao import sitemap
from zaobao.urls import Site

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
SITE = Site("https://www.zaobao.com")
SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
STORY = "https://www.zaobao.com.sg/news/china/story20260801-"
SECRET = "/etc/hostname"


def entry(loc: str, lastmod: str = "2026-08-01T04:00:00Z") -> str:
    return f"<url><loc>{loc}</loc><lastmod>{lastmod}</lastmod></url>"


def urlset(*entries: str, start: str = '<?xml version="1.0" encoding="UTF-8"?>') -> bytes:
    return f"{start}<urlset {SPACE}>{''.join(entries)}</urlset>".encode()


def read(body: bytes) -> sitemap.Contents:
    return sitemap.read(body, NOW, lambda url: SITE.address(url) is not None)


def numbers(body: bytes) -> list[str]:
    return [story.number for story in read(body).stories]


def test_entries_that_are_no_story_are_counted() -> None:
    found = read(
        urlset(
            entry(STORY + "1"),
            entry(STORY + "1"),  # named twice
            entry("https://www.zaobao.com/finance/china/story20260831-2/?ref=x#y"),
            entry(f"<![CDATA[{STORY}3]]>"),
            entry(f"\n  {STORY}4\n  "),
            entry("https://www.zaobao.com.sg/realtime/world/story20160131"),
            entry("https://www.zaobao.com.sg/zvideos/news/story20260801-5"),
            entry("https://www.zaobao.com.sg/news/china/story20260231-6"),
            entry("https://www.zaobao.com.sg/forum"),
            entry("https://zaochenbao.com/news/china/story20260801-7"),
            entry("http://127.0.0.1/news/china/story20260801-8"),
            entry("file:///etc/hostname"),
            entry("//["),
            entry(""),
            "<url><lastmod>2026-08-01</lastmod></url>",
            "<url/>",
        )
    )
    assert [story.number for story in found.stories] == ["1", "2", "3", "4"]
    assert found.skipped == {"no_number": 1, "other": 3, "foreign": 5}
    assert (found.is_index, found.is_cut, found.damage) == (False, False, None)


@pytest.mark.parametrize(
    ("day", "lastmod", "is_future"),
    [
        ("20991231", "2099-12-31T00:00:00Z", True),
        ("20261201", "2026-11-19T00:00:00Z", True),
        ("20261121", "2026-11-20T04:05:00Z", False),  # the day of the address is up to one off
        ("20261119", "2026-11-20T04:30:00Z", True),
        ("20261119", "2026-11-20T04:05:00Z", False),
        ("20261119", "2026-11-20T13:00:00+08:00", True),
        ("20261119", "yesterday", False),
        ("20261119", "", False),
    ],
)
def test_an_entry_from_the_future_is_left_out(day: str, lastmod: str, is_future: bool) -> None:
    found = read(urlset(entry(f"https://www.zaobao.com.sg/news/china/story{day}-9", lastmod)))
    assert bool(found.skipped["future"]) is is_future
    assert bool(found.stories) is not is_future


def test_an_index_names_sitemaps_of_the_site_only() -> None:
    names = ("sitemap-202608.xml", "sitemap-0.xml")
    rows = "".join(f"<sitemap><loc>https://www.zaobao.com.sg/{n}</loc></sitemap>" for n in names)
    rows += "<sitemap><loc>https://evil.example/sitemap-202608.xml</loc></sitemap>"
    found = read(f"<sitemapindex {SPACE}>{rows}</sitemapindex>".encode())
    assert found.is_index
    assert found.sitemaps == [f"https://www.zaobao.com.sg/{name}" for name in names]
    assert found.skipped == {"foreign": 1}


@pytest.mark.parametrize(
    ("address", "month"),
    [
        ("https://www.zaobao.com.sg/sitemaps/sitemap-202608.xml", "202608"),
        ("https://www.zaobao.com.sg/sitemaps/sitemap-2026-08.xml.gz", "202608"),
        ("https://www.zaobao.com.sg/sitemaps/sitemap-0.xml", None),
        ("https://www.zaobao.com.sg/sitemaps/sitemap-202613.xml", None),
        ("https://www.zaobao.com.sg/202608/sitemap.xml", None),
    ],
)
def test_the_month_of_a_sitemap(address: str, month: str | None) -> None:
    assert sitemap.month_of(address) == month


def test_the_days_of_a_month() -> None:
    assert sitemap.days_of("202402") == (date(2024, 2, 1), date(2024, 2, 29))
    assert sitemap.days_of("202412") == (date(2024, 12, 1), date(2024, 12, 31))


@pytest.mark.parametrize(
    "body",
    [
        urlset(entry(STORY + "1")).replace(b'encoding="UTF-8"', b'encoding="gbk"'),
        b"\xef\xbb\xbf" + urlset(entry(STORY + "1")),
        b"\n  " + urlset(entry(STORY + "1")),
        urlset(entry(STORY + "1")).decode().replace("UTF-8", "UTF-16").encode("utf-16"),
        urlset(entry(STORY + "1")).replace(SPACE.encode(), b""),
        urlset(entry(STORY + "1"), "<url><loc>https://www.zaobao.com/a?b=1&c=2</loc></url>"),
        urlset(
            f'<url><loc>{STORY}1</loc><i:image xmlns:i="i"><i:loc>{STORY}2</i:loc></i:image></url>'
        ),
        f'<s:urlset xmlns:s="s"><s:url><s:loc>{STORY}1</s:loc></s:url></s:urlset>'.encode(),
    ],
)
def test_spellings_of_the_same(body: bytes) -> None:
    found = read(body)
    assert ([story.number for story in found.stories], found.damage) == (["1"], None)


def test_what_is_lost_by_damage_is_said() -> None:
    whole = urlset(*(entry(f"{STORY}{n}") for n in range(1, 40)))
    for end in range(len(whole) // 2, len(whole) - 12, 7):
        found = read(whole[:end])
        assert found.damage, end
        assert {story.number for story in found.stories} <= {str(n) for n in range(1, 40)}
    wrong = whole.replace(b"</loc>", b"</lok>", 1)
    assert read(wrong).damage
    assert read(whole[:400] + b"\xff\xfe" + whole[400:]).damage


def test_no_sitemap_at_all() -> None:
    html = b"<!DOCTYPE html><html><body>x</body></html>"
    for body in (b"", b"hello", b'{"a":1}', b"\0" * 99, html, b"<rss><channel/></rss>"):
        with pytest.raises(ValueError, match=r"no XML|its root is"):
            read(body)


def _laughs() -> str:
    entities = '<!ENTITY x0 "https://www.zaobao.com">'
    names = [f"x{n}" for n in range(10)]
    for before, name in pairwise(names):
        entities += f'<!ENTITY {name} "{f"&{before};" * 10}">'
    return f"<!DOCTYPE urlset [{entities}]>"


@pytest.mark.parametrize(
    ("start", "loc"),
    [
        (_laughs(), "&x9;"),
        (f'<!DOCTYPE urlset [<!ENTITY f SYSTEM "file://{SECRET}">]>', f"{STORY}1&f;"),
        (f'<!DOCTYPE urlset [<!ENTITY % f SYSTEM "file://{SECRET}"> %f;]>', f"{STORY}1"),
        ('<!DOCTYPE urlset SYSTEM "http://127.0.0.1:9/x.dtd">', f"{STORY}1"),
    ],
)
def test_entities_are_refused_unread(start: str, loc: str) -> None:
    with pytest.raises(ValueError, match="document type") as error:
        read(urlset(entry(loc), start=f'<?xml version="1.0"?>{start}'))
    assert str(error.value) == "it has a document type, which a sitemap does not need"


@pytest.mark.parametrize(
    "body",
    [
        f"<urlset {SPACE}>{'<url>' * 100_000}".encode(),
        f"<urlset {SPACE}>{'<a>' * 3000}{entry(STORY + '1')}{'</a>' * 3000}</urlset>".encode(),
        f"<urlset {SPACE}><url><loc>{'x' * 3_900_000}</loc></url></urlset>".encode(),
        urlset(*["<url/>"] * 100_000),
        urlset("<url " + " ".join(f'a{n}="1"' for n in range(20_000)) + "/>"),
    ],
)
def test_depth_length_and_emptiness_end(body: bytes) -> None:
    assert numbers(body) == []


def test_over_fifty_thousand_entries_are_cut() -> None:
    body = urlset(*(f"<url><loc>{STORY}{n}</loc></url>" for n in range(1, sitemap.MOST + 100)))
    found = read(body)
    assert found.is_cut
    assert len(found.stories) == sitemap.MOST
    assert not read(urlset(entry(STORY + "1"))).is_cut


@pytest.mark.parametrize(("day", "names"), [(21, ["9"]), (22, [])])
def test_a_day_more_than_one_ahead_is_the_future(day: int, names: list[str]) -> None:
    """NOW is the 20th in Singapore, noon."""
    loc = f"https://www.zaobao.com.sg/news/china/story202611{day}-9"
    assert numbers(urlset(entry(loc))) == names
