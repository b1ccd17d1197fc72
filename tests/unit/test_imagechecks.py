"""What is taken for a picture: by the content of its bytes, whole, and of a size that can be shown."""

from __future__ import annotations

import pytest

from tests.support.pictures import avif, gif, jpg, png, webp
from zaobao.errors import UnfitError
from zaobao.imagechecks import check_image

WHOLE = {
    "jpg": jpg(),
    "png": png(),
    "gif": gif(),
    "webp": webp(),
    "avif": avif(),
}


@pytest.mark.parametrize("ending", WHOLE)
def test_a_picture_is_known_by_its_content(ending: str) -> None:
    assert check_image(WHOLE[ending]) == ending


@pytest.mark.parametrize("kind", [b"VP8 ", b"VP8L", b"VP8X"])
def test_each_form_of_webp_says_its_size(kind: bytes) -> None:
    assert check_image(webp(kind)) == "webp"
    assert check_image(webp(kind, 1, 16_383)) == "webp"


@pytest.mark.parametrize("ending", WHOLE)
def test_a_picture_that_is_cut_anywhere_is_refused(ending: str) -> None:
    data = WHOLE[ending]
    for end in range(1, len(data)):
        with pytest.raises(UnfitError) as refused:
            check_image(data[:end])
        assert refused.value.reason in ("cut", "no_picture"), end
        assert refused.value.reason == "cut" or end < 20


@pytest.mark.parametrize(
    "bomb",
    [
        jpg(60_000, 60_000),
        png(60_000, 60_000),
        png(4_000, 4_000, frames=7),
        gif(60_000, 60_000),
        gif(4_000, 4_000, frames=7),
        webp(b"VP8X", 1 << 24, 1 << 24),
        webp(b"VP8L", 16_384, 16_384),
        avif(60_000, 60_000),
    ],
)
def test_a_bomb_is_refused_by_what_it_says_of_itself(bomb: bytes) -> None:
    with pytest.raises(UnfitError, match="100,000,000 are taken") as refused:
        check_image(bomb)
    assert refused.value.reason == "bomb"
    assert len(bomb) < 2000


@pytest.mark.parametrize(
    ("data", "reason", "said"),
    [
        (b"", "empty", "nothing in it"),
        (b"\n<!DOCTYPE html><title>403</title>", "no_picture", "a page or a drawing"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', "no_picture", "a drawing"),
        (b"%PDF-1.7 " + jpg(), "no_picture", "no JPEG, PNG, GIF, WebP or AVIF"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0isommp42", "no_picture", "no JPEG"),
        (b"BM" + b"\0" * 60, "no_picture", "no JPEG"),
        (png(0, 360), "no_picture", "0 pixels"),
        (png().replace(b"\0\0\2\x80", b"\0\0\2\x81"), "cut", "damaged"),
        (b"\xff\xd8\xff" + b"\xff" * 100_000, "cut", "without its end"),
    ],
)
def test_what_is_no_picture_is_refused_with_what_it_is(data: bytes, reason: str, said: str) -> None:
    with pytest.raises(UnfitError, match=said) as refused:
        check_image(data)
    assert refused.value.reason == reason
