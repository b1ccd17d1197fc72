"""`scrapy adopt PATH`: take over posts that this archive did not write, and captures of pages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from zaobao import console
from zaobao.archive.recovery import open_archive
from zaobao.commands import add_worker_options, check_worker_options
from zaobao.errors import ArchiveError
from zaobao.options import Options
from zaobao.text import counted

if TYPE_CHECKING:
    import argparse


class Command(ScrapyCommand):
    """Exit 0; 1 when the archive cannot be written; 3 when a post or a record is damaged, or when
    no capture of a story can be read."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[--workers N | --scheduler tcp://HOST:8786] PATH"

    def short_desc(self) -> str:
        return "Take over posts in this format, and captures: .warc, .warc.gz, .wacz, saved .html"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        add_worker_options(parser)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) != 1:
            raise UsageError("adopt takes one PATH: a post, a file of captures, or a folder")
        path = args[0]
        if "://" not in path and not Path(path).exists():
            raise UsageError(f"{path}: there is no such file or folder")
        assert self.settings is not None
        options = Options.from_settings(self.settings)
        check_worker_options(opts)
        try:
            self._adopt(options, path, opts)
        except ArchiveError as error:
            console.note(f"{error}\n")
            self.exitcode = 1

    def _adopt(self, options: Options, path: str, opts: argparse.Namespace) -> None:
        from zaobao.archive import captures  # warcio; every scrapy command loads this file

        has_captures = captures.are_in(path)
        if has_captures:
            self._adopt_captures(options, path, opts)
        if not has_captures or Path(path).is_dir():
            self._adopt_posts(options, path, is_all=not has_captures)

    def _adopt_captures(self, options: Options, path: str, opts: argparse.Namespace) -> None:
        from zaobao.archive.takeover import take_over  # every layout
        from zaobao.archive.workers import workers

        with (
            workers(opts.scheduler, opts.workers) as those,
            open_archive(options, f"scrapy adopt {path}") as archive,
        ):
            summary = take_over(archive, options, path, those)
        console.note(f"{path}: {summary}\n")
        for origin, count in summary.others.most_common(1):
            console.note(
                f"Of the records of something else {counted(count, 'is a page', 'are pages')} of "
                f"stories at {origin}, and the site is set to {options.site.origin}. If that is "
                f"a copy of the paper, adopt again with -s ZAOBAO_SITE={origin}\n"
            )
        if summary.images:
            console.note(f"The next crawl fetches {counted(summary.images, 'picture')}.\n")
        if summary.damaged or summary.unread:
            self.exitcode = 3

    def _adopt_posts(self, options: Options, path: str, *, is_all: bool) -> None:
        from zaobao.archive.adopt import adopt
        from zaobao.archive.workers import workers

        with workers() as those, open_archive(options, f"scrapy adopt {path}") as archive:
            summary = adopt(archive, Path(path), those, legacy_times=options.legacy_times)
        if is_all or summary.found:
            console.note(f"{path}: {summary}\n")
        if summary.pictured:
            posts = counted(summary.pictured, "copied post shows", "copied posts show")
            console.note(
                f"{posts} kept pictures, which adopt does not copy: copy what lies in images/ "
                f"there into {options.output / 'images'}\n"
            )
        if summary.damaged:
            self.exitcode = 3
