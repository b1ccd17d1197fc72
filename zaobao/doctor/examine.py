"""All checks of `scrapy doctor`, in the order in which they are shown."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from zaobao.doctor import agreement, folder, publishing, runs, schedulers, setup

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from scrapy.settings import BaseSettings

    from zaobao.doctor.finding import Finding


def examine(settings: BaseSettings, now: datetime, *, anew: bool = False) -> Iterator[Finding]:
    """Every finding, the set-up first. anew: as of `agreement.check`."""
    yield setup.versions()
    yield setup.locale()
    chosen, finding = setup.options(settings)
    yield finding
    if chosen:
        yield setup.contact(chosen)
        yield setup.browser(chosen, settings)
        yield setup.raw(chosen)
        yield from setup.pictures(chosen)
        yield from setup.alerts(chosen, settings)
    output = chosen.output if chosen else Path(str(settings["ZAOBAO_OUTPUT"])).absolute()
    found, broken = runs.reports(output)
    yield setup.clock(found[-1].ended if found else None, now)
    yield from folder.check(output)
    yield from schedulers.scrapyd(output, Path.cwd())
    yield from schedulers.schedules()
    if output.is_dir():
        yield from _archive(output, now, anew=anew)
    yield from runs.check(found, broken, now)


def _archive(output: Path, now: datetime, *, anew: bool) -> Iterator[Finding]:
    holder, finding = folder.held(output)
    yield finding
    yield from folder.leftovers(output, holder)
    rules, finding = folder.excluded(output)
    yield finding
    yield from agreement.check(output, holder, now, rules, anew=anew)
    yield folder.quarantined(output)
    yield folder.sizes(output)
    yield from publishing.config(output)
    yield from publishing.site(output, now.date())
    yield publishing.repository(output)
