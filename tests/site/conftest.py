"""What the tests of the site share."""

from __future__ import annotations

import shutil

import pytest


@pytest.fixture(scope="session")
def without_npx(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A PATH on which the search index's maker is not found."""
    folder = tmp_path_factory.mktemp("bin")
    for name in ("jekyll", "ruby", "env", "sh"):
        if found := shutil.which(name):
            (folder / name).symlink_to(found)
    return str(folder)
