"""`scrapy doctor`: is all well with the set-up and the archive? One line each.

It writes nothing but what it has seen, so that the next one looks only at what has changed.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from zaobao import console

if TYPE_CHECKING:
    import argparse


class Command(ScrapyCommand):
    """Exit 0; 1 when a line says `fail`: what would fail a crawl, has failed one, or is damage;
    2 when that is a wrong setting.

    It takes no lock, so it works while a crawl runs.
    """

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[--all]"

    def short_desc(self) -> str:
        return "Check the set-up and the archive"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--all",
            action="store_true",
            help="read also the posts and lines that have not changed since the last time",
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            raise UsageError("it takes no argument but --all")
        from zaobao.doctor.examine import examine  # every scrapy command loads this file

        assert self.settings is not None
        self.exitcode = 0
        for finding in examine(self.settings, datetime.now(UTC), anew=opts.all):
            console.data(f"{finding}\n")
            if finding.level == "fail" and self.exitcode != 2:
                self.exitcode = 2 if finding.subject == "settings" else 1
