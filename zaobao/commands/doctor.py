"""`scrapy doctor`: is all well with the set-up and the archive? One line each. Writes nothing."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from zaobao.doctor import agreement, folder, lastruns, published, servers, setup

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from scrapy.settings import BaseSettings

    from zaobao.doctor.finding import Finding


class Command(ScrapyCommand):
    """Exit 0; 1 when a line says `fail`: what would fail a crawl, has failed one, or is damage.

    It takes no lock, so it works while a crawl runs.
    """

    requires_project = True
    requires_crawler_process = False

    def short_desc(self) -> str:
        return "Check the set-up and the archive"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            raise UsageError("it takes no arguments")
        assert self.settings is not None
        self.exitcode = 0
        for finding in examine(self.settings, datetime.now(UTC)):
            sys.stdout.write(f"{finding}\n")
            if finding.level == "fail":
                self.exitcode = 1


def examine(settings: BaseSettings, now: datetime) -> Iterator[Finding]:
    """Every finding, the set-up first."""
    yield setup.versions()
    chosen, finding = setup.options(settings)
    yield finding
    if chosen:
        yield setup.contact(chosen)
        yield setup.browser(chosen, settings)
        yield setup.raw(chosen)
        yield from setup.alerts(chosen, settings)
    output = chosen.output if chosen else Path(str(settings["ZAOBAO_OUTPUT"])).absolute()
    found, broken = lastruns.read(output)
    yield setup.clock(found[-1].ended if found else None, now)
    yield from folder.look(output)
    yield from servers.scrapyd(output, Path.cwd())
    yield from servers.schedules()
    if output.is_dir():
        yield from _archive(output, now)
    yield from lastruns.look(found, broken, now)


def _archive(output: Path, now: datetime) -> Iterator[Finding]:
    holder, finding = folder.held(output)
    yield finding
    yield from folder.leftovers(output, holder)
    yield folder.excluded(output)
    yield from agreement.look(output, holder, now)
    yield folder.quarantined(output)
    yield folder.sizes(output)
    yield from published.config(output)
    yield published.repository(output)
