"""Kept pictures that no story shows any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zaobao.archive import images
from zaobao.archive.folder import Archive
from zaobao.imagechecks import FOLDER

if TYPE_CHECKING:
    from pathlib import Path

OWN, SHARED, OTHER, LEFT = (f"{n}{n}/{n * 64}.jpg" for n in "abcd")


def test_what_other_stories_show_stays_when_one_is_withdrawn(tmp_path: Path) -> None:
    crawled = '{"id": "20261129-%s", "images": [%s], "body_html": "<p>1</p>"}\n'
    named = '{"url": "https://x/1.jpg", "path": "%s", "checksum": "sha256:0"}'
    own = crawled % (1, ", ".join(named % path for path in (OWN, SHARED, OTHER)))
    other = crawled % (12, named % SHARED)
    # An adopted post's line knows its pictures by its text alone.
    adopted = '{"id": "20261129-3", "images": [], "body_html": "<img src=\\"../images/%s\\">"}\n'
    (tmp_path / "articles.jsonl").write_text(own + other + adopted % OTHER)
    home = tmp_path / FOLDER
    for path in (OWN, SHARED, OTHER, LEFT):
        (home / path).parent.mkdir(parents=True)
        (home / path).write_bytes(b"picture")
    with Archive(tmp_path, "a test") as archive:
        assert images.remove(archive, "1", [own.encode()], str(home)) == (2, [])
    assert sorted(images.files(home)) == [SHARED, OTHER]
    with Archive(tmp_path, "a test") as archive:
        assert images.remove(archive, "1", [own.encode()], "s3://bucket") == (0, [OWN])
