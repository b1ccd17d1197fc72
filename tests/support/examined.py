"""What `scrapy doctor` finds in a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scrapy.settings import Settings

import zaobao.settings
from tests.support import clock
from zaobao.doctor.examine import examine
from zaobao.doctor.finding import Finding


def settings(output: Path, **values: Any) -> Settings:
    chosen = Settings()
    chosen.setmodule(zaobao.settings)
    chosen.update({"ZAOBAO_OUTPUT": str(output), "ZAOBAO_CONTACT": "a@example.org", **values})
    return chosen


def ask(output: Path, *, anew: bool = False, **values: Any) -> list[Finding]:
    return list(examine(settings(output, **values), clock.now(), anew=anew))


def bad(output: Path, **values: Any) -> list[tuple[str, str]]:
    return [(one.level, one.subject) for one in ask(output, **values) if one.level != "ok"]
