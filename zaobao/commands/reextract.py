"""`scrapy reextract [ID …]`: posts once more from the raw pages, without a request."""

from __future__ import annotations

import re
import time
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

    from zaobao.archive.reextract import Summary

_ID = re.compile(r"(?:20\d{6}-)?\d{1,31}")
_MONTH = re.compile(r"20\d{2}-(?:0[1-9]|1[0-2])")


class Command(ScrapyCommand):
    """Exit 0; 1: the archive cannot be written, or has no such ID; 3: a page gives no story now."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[ID …] [--month 2026-11] [--workers N | --scheduler tcp://HOST:8786]"

    def short_desc(self) -> str:
        return "Rebuild posts from the raw pages that ZAOBAO_RAW=on kept"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--month", help="only the stories whose address has this month")
        add_worker_options(parser)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if wrong := next((arg for arg in args if not _ID.fullmatch(arg)), None):
            raise UsageError(f"{wrong!r} is no story's id like 20210902-1189718")
        if opts.month and not _MONTH.fullmatch(opts.month):
            raise UsageError(f"--month {opts.month}: it takes a month like 2026-11")
        check_worker_options(opts)
        assert self.settings is not None
        options = Options.from_settings(self.settings)
        try:
            summary = self._reextract(options, args, opts)
        except ArchiveError as error:
            console.note(f"{error}\n")
            self.exitcode = 1
            return
        if summary.unknown:
            month = f" of {opts.month}" if opts.month else ""
            console.note(f"The archive has no story{month} {', '.join(summary.unknown)}.\n")
        self.exitcode = 3 if summary.failed else 1 if summary.unknown else 0

    def _reextract(self, options: Options, ids: list[str], opts: argparse.Namespace) -> Summary:
        from zaobao.archive.reextract import reextract  # warcio and every layout
        from zaobao.archive.workers import workers

        began = time.monotonic()
        with (
            workers(opts.scheduler, opts.workers) as those,
            open_archive(options, "scrapy reextract") as archive,
        ):
            summary = reextract(archive, options, those, _say, ids, opts.month)
        due = summary.images
        fields = ", ".join(f"{name} {count}" for name, count in summary.fields.most_common())
        console.note(
            f"{summary.same} the same, {summary.changed} changed, "
            f"{summary.failed} not read any more, {summary.without_raw} without a raw page; "
            f"{counted(summary.posts, 'post')} written in {time.monotonic() - began:.1f} s\n"
            + (f"changed: {fields}\n" if fields else "")
            + (f"The next crawl fetches {counted(due, 'picture')}.\n" if due else "")
        )
        return summary


def _say(sentence: str) -> None:
    console.data(f"{sentence}\n")
