"""Addresses: which are stories, and which may be asked."""

from __future__ import annotations

import pytest

from zaobao.urls import Site, story


@pytest.mark.parametrize(
    ("origin", "said"),
    [
        ("www.zaobao.com", "is not an address like"),
        ("ftp://www.zaobao.com", "is not an address like"),
        ("https://www.zaobao.com/realtime", "is more than scheme, host and port"),
        ("https://me@www.zaobao.com", "is more than scheme, host and port"),
        ("https://www.zaobao.com?a=1", "is more than scheme, host and port"),
        ("http://127.0.0.1:0", "no port 0"),
        ("https://www.zaobao.com.", "no dot after the host"),
        ("http://www.zaobao.com", "over https only"),
        ("https://www.zaobao.com:8443", "over https only"),
    ],
)
def test_an_origin_that_cannot_be_asked_is_named(origin: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        Site(origin)
    assert origin in str(caught.value)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://zaobao.com/news/china", "https://zaobao.com/news/china"),
        ("https://www.zaobao.com.sg:443/a?b=c#d", "https://www.zaobao.com.sg/a?b=c"),
        ("https://www.zaobao.com:8443/a", None),
        ("https://static.zaobao.com/a.jpg", None),
        ("https://user@www.zaobao.com/a", None),
        ("https://www.zaobao.com/a%0d%0ab", None),
        ("//www.zaobao.com/a", None),
    ],
)
def test_only_the_papers_hosts_are_asked(url: str, address: str | None) -> None:
    assert Site("https://www.zaobao.com").address(url) == address


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://www.zaobao.com/a?b=c#d", "http://127.0.0.1:8765/a?b=c"),
        ("http://zaobao.com.sg", "http://127.0.0.1:8765/"),
        ("http://127.0.0.1:8765/a#d", "http://127.0.0.1:8765/a"),
        ("http://127.0.0.1/a", None),
        ("https://127.0.0.1:8765/a", None),
        ("http://www.zaobao.com:8765/a", None),
        ("http://localhost:8765/a", None),
    ],
)
def test_another_site_is_asked_alone(url: str, address: str | None) -> None:
    site = Site("http://127.0.0.1:8765")
    assert site.address(url) == address
    assert site.at("/a") == site.sg("/a") == "http://127.0.0.1:8765/a"


def test_a_port_that_is_the_schemes_own_may_be_left_out() -> None:
    for origin, url in (
        ("http://a.example", "http://a.example:80/"),
        ("https://a.example:443", "https://a.example/"),
    ):
        assert Site(origin).address(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "https://www.zaobao.com/news/china/story20260231-1",
        "https://www.zaobao.com/news/china/story20260201",
        "https://www.zaobao.com/news/china/story20260201-01",
        "https://www.zaobao.com/story20260201-1",
        "https://www.zaobao.com/zvideos/news/story20260201-1",
        "https://www.zaobao.com/podcast/story20260201-1",
    ],
)
def test_what_is_no_story(url: str) -> None:
    assert story(url) is None


def test_a_story_is_one_whatever_its_host_case_and_query() -> None:
    found = {
        story(f"{start}/news/China/story20260201-7{end}")
        for start in ("https://www.zaobao.com", "http://zaobao.com.sg", "")
        for end in ("", "/", "?ref=x", "#top")
    }
    assert [one and one.canonical for one in found] == [
        "https://www.zaobao.com/news/china/story20260201-7"
    ]
