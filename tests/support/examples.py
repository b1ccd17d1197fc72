"""For the tests of docs/examples: the machine that they are written for."""

from __future__ import annotations

from pathlib import Path

from tests.support.archive import ROOT, Archive

EXAMPLES = ROOT / "docs" / "examples"


def installed(tmp_path: Path) -> Path:
    """/srv/zaobao: the project with a scrapy that asks at full speed, and the output folder."""
    crawler = tmp_path / "srv" / "crawler"
    (crawler / ".venv" / "bin").mkdir(parents=True)
    for name in ("zaobao", "scrapy.cfg"):
        (crawler / name).symlink_to(ROOT / name)
    fast = " ".join(Archive.fast())
    program = crawler / ".venv" / "bin" / "scrapy"
    scrapy = " ".join(Archive.command())
    program.write_text(
        f'#!/bin/sh\ncase $1 in crawl) exec {scrapy} "$@" {fast};; esac\nexec {scrapy} "$@"\n'
    )
    program.chmod(0o755)
    (tmp_path / "srv" / "output").mkdir()
    return tmp_path / "srv"
