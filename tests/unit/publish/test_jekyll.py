"""What a part of the site, and the pages that span parts, depend on besides posts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.building import new_site
from zaobao.publish.jekyll import Address, Jekyll

if TYPE_CHECKING:
    from pathlib import Path


class KnownJekyll(Jekyll):
    """One that asks no program for its version."""

    version = "jekyll 4.3.1"

    @property
    def _version(self) -> str:
        return self.version


@pytest.fixture
def output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    return new_site(tmp_path / "output")


def bases(output: Path, address: Address | None = None) -> tuple[str, str]:
    jekyll = KnownJekyll(output, address or Address())
    return jekyll.base(has_keywords=True), jekyll.pages_base()


@pytest.mark.parametrize(
    ("name", "of_all"),
    [
        ("_config.yml", True),
        ("_data/sections.yml", True),
        ("_includes/mine.html", True),
        ("_layouts/mine.html", True),
        ("_plugins/mine.rb", True),
        ("_data/audit.json", False),
        ("index.html", False),
        ("_posts/2026-01-01-题.md", None),
    ],
)
def test_files_that_parts_and_pages_depend_on(output: Path, name: str, of_all: bool | None) -> None:
    path = output / name
    path.parent.mkdir(exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write("---\n---\n")
    before = bases(output)
    with path.open("a", encoding="utf-8") as file:
        file.write("\n")
    after = bases(output)
    assert (before[0] != after[0], before[1] != after[1]) == (of_all is True, of_all is not None)


def test_all_depends_on_the_address_and_the_programs(
    output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, moved = bases(output), bases(output, Address("https://a.example", "/b"))
    monkeypatch.setattr(KnownJekyll, "version", "jekyll 4.4.1")
    other = bases(output)
    assert len({*plain, *moved, *other}) == 6
