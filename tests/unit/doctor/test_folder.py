"""How large the doctor says the site is."""

from __future__ import annotations

from pathlib import Path

from zaobao.doctor.folder import sizes


def test_a_site_that_is_built_has_the_size_that_it_was_built_with(tmp_path: Path) -> None:
    for name, size in (("_posts/a.md", 2_000), ("_site/a/index.html", 3_000_000)):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_bytes(bytes(size))
    assert str(sizes(tmp_path)) == "ok    sizes: the site has 3 MB"
    (tmp_path / "_site/a/index.html").unlink()
    assert str(sizes(tmp_path)) == "ok    sizes: the site has 2 KB"
