"""The bundled site's files, put into a folder that has none."""

from __future__ import annotations

import os
from importlib.resources import files
from typing import TYPE_CHECKING

from zaobao.archive import disk

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable
    from pathlib import Path


def install(folder: Path, temporary: Path) -> None:
    """Put the files of `zaobao/site` into `folder`; never over one that is there.

    temporary: as in `disk.replace`. ArchiveError as there.
    """
    site = files("zaobao") / "site"
    config = site / "_config.yml"
    if config.is_file():
        _install(site, folder, temporary)
        # The last one: its presence says that the others are there.
        disk.replace(folder, "_config.yml", config.read_bytes(), temporary)


def _install(source: Traversable, folder: Path, temporary: Path) -> None:
    for entry in source.iterdir():
        target = folder / entry.name
        if entry.is_dir():
            if entry.name != "__pycache__":
                disk.make_folder(target)
                _install(entry, target, temporary)
        elif entry.name != "_config.yml" and not os.path.lexists(target):
            disk.replace(folder, entry.name, entry.read_bytes(), temporary)
