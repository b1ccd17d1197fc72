"""`scrapy adopt PATH`: take over posts that this archive did not write."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from zaobao import console
from zaobao.archive.recovery import open_archive
from zaobao.errors import ArchiveError
from zaobao.options import Options

if TYPE_CHECKING:
    import argparse


class Command(ScrapyCommand):
    """Exit 0; 1 when the archive cannot be written; 3 when a post of the paper is damaged."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options] PATH"

    def short_desc(self) -> str:
        return "Take over posts in this format, so that nothing is fetched or written twice"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) != 1:
            raise UsageError("adopt takes one PATH: a post, or a folder of posts")
        path = Path(args[0])
        if not path.exists():
            raise UsageError(f"{path}: there is no such file or folder")
        assert self.settings is not None
        options = Options.from_settings(self.settings)
        try:
            self._adopt(options, path)
        except ArchiveError as error:
            console.note(f"{error}\n")
            self.exitcode = 1

    def _adopt(self, options: Options, path: Path) -> None:
        from zaobao.archive.adopt import adopt  # every scrapy command loads this file

        with open_archive(options, f"scrapy adopt {path}") as archive:
            summary = adopt(
                archive,
                path,
                legacy_times=options.legacy_times,
            )
        console.note(f"{path}: {summary}\n")
        if summary.damaged:
            self.exitcode = 3
