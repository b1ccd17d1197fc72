"""`scrapy epub 2026-11-27`: a day or a week of the archive as an e-book."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from zaobao import console
from zaobao.errors import ArchiveError
from zaobao.options import Options
from zaobao.text import counted

if TYPE_CHECKING:
    import argparse


class Command(ScrapyCommand):
    """Exit 0; 1 when there is no story of these days, or the file cannot be written.

    It takes no lock and changes nothing of the archive.
    """

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[-o FILE] 2026-11-27 | 2026-W48"

    def short_desc(self) -> str:
        return "Make an EPUB of a day or a week of the archive"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("-o", "--output", metavar="FILE", help="default: zaobao-DAY.epub here")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from zaobao import epub  # every scrapy command loads this file

        if len(args) != 1:
            raise UsageError("epub takes one day like 2026-11-27 or one week like 2026-W48")
        try:
            span = epub.Span.of(args[0])
        except ValueError as error:
            raise UsageError(str(error)) from None
        assert self.settings is not None
        options = Options.from_settings(self.settings)
        target = Path(opts.output or f"zaobao-{span.name}.epub")
        self.exitcode = 1
        try:
            found = epub.stories(options.output, span)
            if not found:
                console.note(
                    f"{options.output} has no story of {span.name}; no file was written.\n"
                )
                return
            epub.write(found, span, target, options)
        except ArchiveError as error:
            console.note(f"{error}\n")
        except ImportError:
            console.note("scrapy epub needs mkepub: pip install -r requirements-epub.txt\n")
        else:
            console.note(f"{counted(len(found), 'story')} of {span.name}.\n")
            console.data(f"{target}\n")
            self.exitcode = 0
