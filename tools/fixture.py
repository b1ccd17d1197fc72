"""A quarantined page as a fixture, its text replaced: `python -m tools.fixture PAGE FOLDER`.

    python -m tools.fixture output/quarantine/20261101-9800001.html tests/cases/sg_cards/sg5
    python -m tools.fixture list.html tests/cases/sg_cards/list5 --list ADDRESS

The second takes a list page as `scrapy fetch` printed it. Markup, addresses and times stay; every
run of Chinese text becomes one of our own of the same length, the same one wherever it stands, so
that a headline is still the headline of the page's JSON. `python -m tools.regenerate` then writes
what the layouts make of it.
"""

from __future__ import annotations

import argparse
import json
import re
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path

from zaobao.cleaning.rules import RULES

OURS = (
    "这是一段用来试读版面的文字它说的是一座小镇的水塔和塔下的集市每天清晨都有人来每天傍晚都有人走"
)
_HAN = re.compile(r"[\u3400-\u9fff][\u3400-\u9fff，。、；：？！“”‘’（）《》…—·\d]*")
_DATE = re.compile(r"^[\d年月日时分秒]+$")
_KEPT = tuple(
    sorted({"发布", "更新", *(rule.text for rule in RULES if rule.text)}, key=len, reverse=True)
)


def replaced(page: str) -> str:
    """The page with our text in place of the paper's."""
    known: dict[str, str] = {}

    def ours(match: re.Match[str]) -> str:
        words = match[0]
        if words.startswith(_KEPT) or _DATE.match(words):
            return words
        if words not in known:
            start = len(known) * 7 % len(OURS)
            known[words] = "".join(islice(cycle(OURS[start:] + OURS[:start]), len(words)))
        return known[words]

    return _HAN.sub(ours, page)


def write(page: Path, folder: Path, list_address: str | None = None) -> None:
    """Make the case; FileExistsError where there is one.

    list_address: the page is that list as it was when the file was saved, and has no notes.
    """
    if list_address:
        saved = datetime.fromtimestamp(page.stat().st_mtime, UTC)
        name, seen = "list.html", saved.isoformat(timespec="seconds")
        case = {"about": "the list's cards", "url": list_address, "seen": seen}
    else:
        notes = json.loads(page.with_suffix(".json").read_bytes())
        name, kept = "page.html", {key: notes[key] for key in ("url", "crawled")}
        case = {"about": f"kept as {notes['reason']}", **kept}
    folder.mkdir(parents=True)
    (folder / name).write_text(replaced(page.read_text("utf-8")), "utf-8")
    lines = (f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in case.items())
    (folder / "case.toml").write_text("".join(lines), "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.fixture")
    parser.add_argument("page", type=Path, help="quarantine/ID.html, with ID.json beside it")
    parser.add_argument("folder", type=Path, help="tests/cases/LAYOUT/CASE")
    parser.add_argument("--list", metavar="ADDRESS", help="the page is the list at this address")
    given = parser.parse_args()
    try:
        write(given.page, given.folder, given.list)
    except FileExistsError as error:
        parser.error(f"{error.filename} is there already; nothing was written")
    except FileNotFoundError as error:
        parser.error(f"{error.filename} is not there; nothing was written")


if __name__ == "__main__":
    main()
