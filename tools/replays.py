"""The day the site changes, replayed: `python -m tools.replays [NAME …] [--jobs 2]`.

An archive that has read the bundled newspaper for ten days meets a changed one
(`tools/breakages.py`). The table says for each change whether the first run
raised an alarm and what it named, how many of the day's stories are in the
archive (of those that are free and have 200 characters), and how many of its
posts are not what the paper printed. Then the layouts are mended, and a run
rewrites what was kept: `not mended` counts the posts that are not, byte for
byte, those of an archive whose site never broke, and `asked` the requests for
stories whose pages lay in quarantine. At last the site is as it was, and a run
with `refresh=72` reads the stories again: `not healed` counts the
stories that still differ in words, time, pictures or access.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any
from unittest import mock

from demo.bulk import generated
from demo.newspaper import Newspaper, list_of
from demo.server import serve
from demo.story import Story
from tests.support.clock import fresh_paper
from tools.breakages import HISTORY, NOT_YET, SURVIVED, Breakage
from zaobao import text, verdict
from zaobao.extensions import CrawlRun
from zaobao.page import Page
from zaobao.plausibility import GENERIC_LEAST as LEAST

ALL = (*HISTORY, *SURVIVED, *NOT_YET)
ROOT = Path(__file__).parent.parent
FORMS = {"hk_astro": "astro", "sg_drupal": "drupal", "hk_bootstrap": "bootstrap"}
OLD, NEW = 60, 40
"""Stories of the ten days before the change, and of the day of the change."""
REPORTS = 40
SAID = ("title", "published", "text", "images", "access")
"""The keys of a line that the site's own words decide on."""
LOG = os.environ.get("REPLAYS_LOG", "ERROR")
STRANGE, FEW = 0.2, 60
"""The part of a post that may be words from around the story: where no class name says what an
advert is, some stay. More, and the post is another text."""


@dataclass
class Row:
    """What became of one change. Lists of stories are lists of their numbers."""

    name: str
    date: str
    text_there: bool = True
    harmless: bool = False
    exit_code: int = 0
    named: list[str] = field(default_factory=list)
    archived: int = 0
    of: int = 0
    false: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    asked: int = 0
    not_mended: list[str] = field(default_factory=list)
    not_healed: list[str] = field(default_factory=list)


def newspaper(family: str) -> Newspaper:
    """Ten days of one layout's stories on the list of China, none of today's listed yet."""
    paper = fresh_paper()
    paper.edition, paper.list_form = family[:2], FORMS.get(family, "cards")
    paper.specials = False
    written = [s for s in paper.stories.values() if s.layout == family and _is_todays(paper, s)]
    aside = [s for s in paper.stories.values() if s.number.startswith("100034")]
    paper.stories = {story.number: story for story in (*written, *aside)}
    many = OLD + max(NEW - len(written), 0)
    for place, story in enumerate(generated(many, paper.today)):
        story.layout, story.section = family, "news/china"
        minutes = 240 * (place - many + OLD) + 1500 if place >= many - OLD else 40 * place + 5
        story.published = paper.now - timedelta(minutes=minutes)
        paper.add(story)
    for story in (*aside,):
        story.listed = False
    return paper


def _is_todays(paper: Newspaper, story: Story) -> bool:
    age = paper.now - story.published
    return list_of(story) == "china" and age < timedelta(hours=24) and story.listed


def todays(paper: Newspaper) -> list[Story]:
    """The stories that come on the day of the change."""
    return [s for s in paper.stories.values() if s.listed and _is_todays(paper, s)]


# --- crawls, all in one process


async def crawl(folder: Path, origin: str, **arguments: str) -> verdict.Outcome:
    """What `scrapy crawl realtime` does, without the price of a process."""
    from scrapy.crawler import AsyncCrawlerRunner
    from scrapy.utils.project import get_project_settings

    settings = get_project_settings()
    fast = {"DOWNLOAD_DELAY": 0, "AUTOTHROTTLE_ENABLED": False, "RETRY_TIMES": 0}
    ours = {
        "ZAOBAO_OUTPUT": str(folder),
        "ZAOBAO_SITE": origin,
        "MEMUSAGE_ENABLED": False,
        "LOG_LEVEL": LOG,
    }
    settings.setdict({**fast, **ours}, priority="cmdline")
    runner = AsyncCrawlerRunner(settings)
    crawler = runner.create_crawler("realtime")
    await runner.crawl(crawler, **arguments)
    return CrawlRun.of(crawler).finish()


async def base(folder: Path, origin: str, paper: Newspaper) -> None:
    """An archive that has been kept up for ten days: its stories, and a report for each run."""
    hidden = todays(paper)
    for story in hidden:
        story.listed = False
    outcome = await crawl(folder, origin, pages="40")
    assert outcome.verdict == "ok", outcome
    for story in hidden:
        story.listed = True
    path = next((folder / "runs").iterdir())
    report = json.loads(path.read_bytes())
    path.unlink()
    now = datetime.fromisoformat(report["finished"])
    for place in range(REPORTS):
        at = now - timedelta(hours=6 * (REPORTS - place) - 4)
        report |= {
            "started": at.isoformat(),
            # The last one ends after all that was written: what comes later no run has judged.
            "finished": (at + timedelta(minutes=2) if place < REPORTS - 1 else now).isoformat(),
            "dark_hours": 5.96,
            "counts": {**report["counts"], "new": 2 if place else 20},
            "quiet_hours": {"china": 4.0},
            "longest_quiet": {"china": 30.0},
            "watched_since": {"china": (now - timedelta(days=30)).isoformat()},
        }
        name = f"{at:%Y%m%dT%H%M%S}.000Z.json"
        (folder / "runs" / name).write_text(json.dumps(report))


class Mended:
    """The layouts as they are once they read the changed pages, too.

    Every change of a page is noted while it is served; a mended layout reads a
    kept page as the unmended one reads the page before the change.
    """

    def __init__(self, paper: Newspaper) -> None:
        self.before: dict[bytes, bytes] = {}
        inner = paper.changed

        def changed(kind: str, page: str) -> str:
            after = inner(kind, page)
            if kind == "story":
                self.before[_clean(after.encode())] = page.encode()
            return after

        paper.changed = changed  # type: ignore[method-assign]

    def page(self, url: str, source: bytes) -> Page:
        page = Page(url, source)
        return Page(url, self.before.get(_clean(page.source), source))

    def __enter__(self) -> None:
        self._patch = mock.patch("zaobao.archive.reread.Page", self.page)
        self._patch.start()

    def __exit__(self, *_error: object) -> None:
        self._patch.stop()


def _clean(source: bytes) -> bytes:
    return source.replace(b"\x00", b"")


# --- one change


@dataclass
class Read:
    """An archive as it lies in its folder."""

    folder: Path

    @property
    def lines(self) -> dict[str, dict[str, Any]]:
        data = (self.folder / "articles.jsonl").read_bytes()
        lines = map(json.loads, data.splitlines())
        return {line["id"].rpartition("-")[2]: line for line in lines}

    @property
    def posts(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in (self.folder / "_posts").iterdir()}

    @property
    def kept(self) -> set[str]:
        found = (self.folder / "quarantine").glob("*.html*")
        return {path.name.partition(".")[0].rpartition("-")[2] for path in found}


class Family:
    """The newspaper of one layout, its archive of ten days, and the one that never broke."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.folder = name, folder
        self.ready = False

    async def prepare(self) -> None:
        if self.ready:
            return
        paper = newspaper(self.name)
        with serve(paper, paper.edition) as served:
            self.origin = served.origin
            await base(self.folder / "base", served.origin, paper)
            shutil.copytree(self.folder / "base", self.folder / "whole")
            outcome = await crawl(self.folder / "whole", served.origin)
            assert outcome.verdict == "ok", (self.name, outcome)
        self.ready = True


async def replay(breakage: Breakage, family: Family) -> Row:
    await family.prepare()
    paper, folder = newspaper(family.name), Path(tempfile.mkdtemp(dir=family.folder))
    whole, broken = Read(family.folder / "whole"), Read(folder / "output")
    shutil.copytree(family.folder / "base", broken.folder)
    _longest_quiet(broken.folder, breakage.longest_quiet)
    row = Row(breakage.name, breakage.date, breakage.text_there, breakage.harmless)
    with serve(paper, paper.edition) as served:
        breakage.apply(paper)
        mended = Mended(paper)
        outcome = await crawl(broken.folder, served.origin)
        row.exit_code, row.named = outcome.exit_code, list(outcome.reasons)
        _judge(row, whole, broken, {story.number for story in todays(newspaper(family.name))})
        paper.requests.clear()
        if breakage.text_there:
            with mended:
                await crawl(broken.folder, served.origin)
            _judge_mended(row, whole, broken, paper)
    await _heal(row, whole, broken, family)
    shutil.rmtree(folder)
    return row


def _longest_quiet(folder: Path, hours: float) -> None:
    for path in (folder / "runs").iterdir():
        report = json.loads(path.read_bytes())
        report["longest_quiet"] = {"china": hours}
        path.write_text(json.dumps(report))


def _judge(row: Row, whole: Read, broken: Read, expected: set[str]) -> None:
    """What the first run left. `of`: stories that whoever reads without a layout may publish."""
    lines = broken.lines
    wanted = {
        number
        for number, line in whole.lines.items()
        if number in expected and line["access"] == "free" and text.count(line["text"]) >= LEAST
    }
    row.archived, row.of, row.kept = len(wanted & lines.keys()), len(wanted), sorted(broken.kept)
    row.false = [
        f"{number}: {why}"
        for number in sorted(expected & lines.keys() & whole.lines.keys())
        if (why := differs(whole.lines[number], lines[number]))
    ]


def _judge_mended(row: Row, whole: Read, broken: Read, paper: Newspaper) -> None:
    """What the next run left, whose layouts read the changed pages, and what it asked for."""
    asked = {r.path_qs.rpartition("-")[2] for r in paper.requests if "/story" in r.path_qs}
    row.asked = len(asked & set(row.kept))
    row.not_mended = _unlike(whole, broken, row.kept)


async def _heal(row: Row, whole: Read, broken: Read, family: Family) -> None:
    """The site is as it was, and what failed is due again."""
    with closing(sqlite3.connect(broken.folder / "state.sqlite")) as state, state:
        state.execute("UPDATE stories SET due = 0 WHERE due IS NOT NULL")
    paper = newspaper(family.name)
    with serve(paper, paper.edition) as served:
        await crawl(broken.folder, served.origin, refresh="72")
    lines = broken.lines
    row.not_healed = [
        number
        for number, line in sorted(whole.lines.items())
        if any(line[key] != lines.get(number, {}).get(key) for key in SAID)
    ]


def _unlike(whole: Read, broken: Read, numbers: list[str]) -> list[str]:
    """Those whose post is not, under its name, byte for byte that of the site that never broke."""
    posts, wanted = broken.posts, whole.posts
    names = {number: whole.lines[number]["post"].rpartition("/")[2] for number in numbers}
    return [number for number, name in names.items() if posts.get(name) != wanted[name]]


def differs(whole: dict[str, Any], line: dict[str, Any]) -> str | None:
    """Why a post passes off as the story what the paper did not print; None when it does not."""
    if line["title"] != whole["title"]:
        return f"title {line['title']!r}"
    if line["published"] and line["published"] != whole["published"]:
        apart = datetime.fromisoformat(line["published"]) - datetime.fromisoformat(
            whole["published"] or line["published"]
        )
        if abs(apart) > timedelta(minutes=1):
            return f"published {line['published']}, not {whole['published']}"
    before, after = (list(dict.fromkeys(one["text"].split("\n"))) for one in (whole, line))
    strange = [block for block in after if block not in before and block not in whole["text"]]
    words = len("".join(strange))
    if words > STRANGE * len(line["text"]) and words > FEW:
        return f"not in the story: {max(strange, key=len)[:40]!r}"
    if [block for block in before if block in after] != [b for b in after if b in before]:
        return "the order is another"
    same = SequenceMatcher(None, whole["text"], line["text"], autojunk=False).ratio()
    flagged = line["access"] in ("paywalled", "truncated")
    if (
        same < 0.8
        and not flagged
        and not (line["access"] == "unknown" and line["layout"] != "generic")
    ):
        return f"only {same:.0%} of the text, access {line['access']}"
    if whole["access"] == "paywalled" and line["access"] == "free":
        return f"a preview, access {line['access']}"
    return None


# --- all of them


async def replay_all(chosen: list[Breakage], folder: Path) -> list[Row]:
    families: dict[str, Family] = {}
    rows = []
    for breakage in chosen:
        family = families.setdefault(
            breakage.family, Family(breakage.family, folder / breakage.family)
        )
        family.folder.mkdir(exist_ok=True)
        rows.append(await replay(breakage, family))
        print(f"{len(rows)} of {len(chosen)}: {breakage.name}", file=sys.stderr, flush=True)
    return rows


def in_this_process(chosen: list[Breakage]) -> list[Row]:
    from scrapy.utils.reactor import install_reactor

    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    from twisted.internet import reactor

    rows: list[Row] = []
    loop = asyncio.get_event_loop_policy().get_event_loop()
    trouble: list[BaseException] = []

    async def main() -> None:
        with tempfile.TemporaryDirectory(prefix="zaobao-replays-") as folder:
            try:
                rows.extend(await replay_all(chosen, Path(folder)))
            except BaseException as error:  # noqa: BLE001 - raised again below
                trouble.append(error)
            finally:
                reactor.stop()  # type: ignore[attr-defined]

    reactor.callWhenRunning(lambda: loop.create_task(main()))  # type: ignore[attr-defined]
    reactor.run()  # type: ignore[attr-defined]
    if trouble:
        raise trouble[0]
    return rows


def side_by_side(names: list[str], jobs: int) -> list[Row]:
    """Each process replays its share."""
    command = [sys.executable, "-m", "tools.replays", "--json"]
    shares = [names[start::jobs] for start in range(jobs)]
    running = [
        subprocess.Popen([*command, *share], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for share in shares
        if share
    ]
    wrote = [child.communicate()[0] for child in running]
    assert not any(child.returncode for child in running), "a replay failed; its trace is above"
    rows = [Row(**row) for data in wrote for row in json.loads(data)]
    return sorted(rows, key=lambda row: names.index(row.name))


def table(rows: list[Row]) -> str:
    """Markdown, to be read by people."""
    head = "| since | what changed | exit | archived | false | kept | not mended | asked | not healed | it named |"
    lines = [head, "|" + "---|" * 10]
    for row in rows:
        share = f"{row.archived} of {row.of}" if row.text_there else f"{row.archived}, text gone"
        mended = (len(row.not_mended), row.asked) if row.text_there else ("–", "–")
        named = "<br>".join(row.named) or "–"
        cells = (row.date, row.name, row.exit_code, share, len(row.false), len(row.kept))
        cells += (*mended, len(row.not_healed), named)
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.replays")
    parser.add_argument("names", nargs="*", help="names of changes; all when none is given")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--json", action="store_true", help="in this process, rows as JSON")
    given = parser.parse_args()
    names = given.names or [breakage.name for breakage in ALL]
    chosen = [breakage for breakage in ALL if breakage.name in names]
    if given.json:
        print(json.dumps([asdict(row) for row in in_this_process(chosen)]))
        return
    rows = side_by_side(names, given.jobs)
    print(table(rows))
    for row in rows:
        for why in row.false[:3]:
            print(f"false: {row.name}: {why}", file=sys.stderr)


if __name__ == "__main__":
    main()
