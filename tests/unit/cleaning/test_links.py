"""Addresses in a post: links, and pictures as docs/site-facts.md, "Pictures", has them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zaobao.cleaning import links, media
from zaobao.urls import is_image_host


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (
            "/s3/files/styles/a/public/x.jpg?itok=y",
            "https://static.zaobao.com/s3fs-public/styles/a/public/x.jpg?itok=y",
        ),
        ("https://www.zaobao.com/s3/files/x.jpg", "https://static.zaobao.com/s3fs-public/x.jpg"),
        ("https://static.zaobao.com/s3/files/x.jpg", "https://static.zaobao.com/s3fs-public/x.jpg"),
        ("//www.zaobao.com.sg/s3fs-public/x.jpg", "https://static.zaobao.com/s3fs-public/x.jpg"),
        ("/articles/202609/x.jpg", "https://dss0.zbstatic5.com/s3fs-public/articles/202609/x.jpg"),
        ("http://static.zaobao.com/a b.jpg", "https://static.zaobao.com/a%20b.jpg"),
        (
            "https://dss0.zbstatic5.com/s3fs-public/x.jpg",
            "https://dss0.zbstatic5.com/s3fs-public/x.jpg",
        ),
        (
            "https://cassette.sphdigital.com.sg/image/zaobao/ab?f=webp&o=zbimg",
            "https://cassette.sphdigital.com.sg/image/zaobao/ab?f=webp&o=zbimg",
        ),
        ("/sites/default/files/x.jpg", "https://www.zaobao.com/sites/default/files/x.jpg"),
        ("HTTPS://STATIC.ZAOBAO.COM/图.jpg", "https://static.zaobao.com/%E5%9B%BE.jpg"),
        ("http://static.zaobao.com.sg/x.jpg?itok=y", "https://static.zaobao.com.sg/x.jpg?itok=y"),
        ("https://dss3.zbstatic7.com/x.jpg", "https://dss3.zbstatic7.com/x.jpg"),
        ("https://dss.zbstatic5.com/x.jpg", None),
        ("https://dss0.zbstatic5.com.evil.example/x.jpg", None),
        ("https://dss0xzbstatic5.com/x.jpg", None),
        ("https://static.zaobao.com:8443/x.jpg", None),
        ("https://user@static.zaobao.com/x.jpg", None),
        ("https://static.zaobao.com.evil.example/x.jpg", None),
        ("https://evil.example/https://static.zaobao.com/x.jpg", None),
        ("data:image/gif;base64,R0lGODlhAQ==", None),
        ("javascript:x()", None),
        ("https://static.zaobao.com/\ud83d.jpg", None),
        ("https://static.zaobao.com/", None),
        ("//", None),
        ("", None),
    ],
)
def test_image(address: str, expected: str | None) -> None:
    assert links.image(address) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (
            "/news/china/story20260101-1?ref=sidebar-realtime&utm_source=x&id=2#a",
            "https://www.zaobao.com/news/china/story20260101-1?id=2#a",
        ),
        (
            "https://www.zaobao.com.sg/x?tag=a&tag=b&obOrigUrl=true",
            "https://www.zaobao.com.sg/x?tag=a&tag=b",
        ),
        ("https://other.example/?ref=keep", "https://other.example/?ref=keep"),
        ('http://other.example/a b"c', "http://other.example/a%20b%22c"),
        ("mailto:a@b.example", "mailto:a@b.example"),
        ("mailto:nobody", None),
        ("java\tscript:x()", None),
        ("\x01javascript:x()", None),
        ("vbscript:x", None),
        ("data:text/html,x", None),
        ("ftp://a.example/", None),
        ("#top", None),
        ("", None),
    ],
)
def test_link(address: str, expected: str | None) -> None:
    assert links.link(address) == expected


@pytest.mark.parametrize(
    "address",
    [
        "https://www.zaobao.com/themes/custom/zbsg2020/images/default-img.png",
        "https://www.zaobao.com.sg/_web2/assets/social-share.png",
        "https://www.zaobao.com/dist/images/zbsg/default-image.png",
        "https://static.zaobao.com/zb2016/x/icon_newspost_big_new.png",
        "/assets/newspost-1.svg",
        "https://static.zaobao.com/s3fs-public/freemium_images/20210901/p.png",
        "https://dss0.zbstatic5.com/pic-default.png",
        "/R0lGODlhAQABAIAAAAAAAP///yH5",
    ],
)
def test_what_is_no_editorial_picture(address: str) -> None:
    assert links.image(address)
    assert media.editorial(address) is None


def test_two_sizes_are_one_picture() -> None:
    one = "https://static.zaobao.com/s3fs-public/styles/a/public/i/x.jpg?itok=1"
    assert links.same_picture(one) == links.same_picture(
        "https://static.zaobao.com/s3fs-public/i/x.jpg"
    )


@given(st.text() | st.from_regex(r"(https?:)?//[^/]*zaobao.com[^ ]{0,20}"))
def test_whatever_comes_out_is_safe(address: str) -> None:
    image, link = links.image(address), links.link(address)
    if image:
        assert image.startswith("https://")
        assert is_image_host(image.split("/")[2])
        assert image.isascii()
        assert not set(image) & set(' "<>{}')
    if link:
        assert link.startswith(("https://", "http://", "mailto:"))
        assert not set(link) & set(' "<>')
