"""`scrapy audit` names exactly what is missing, with its reason, and `--fix` queues it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import yaml

from demo.newspaper import Answer, list_of
from demo.server import Served, serve
from demo.sitemaps import month_of
from demo.story import Story
from tests.support.archive import ROOT, Archive
from tests.support.building import build, parse
from tests.support.clock import fresh_paper
from zaobao.archive.folder import Archive as Folder

pytestmark = pytest.mark.slow

HAND_WRITTEN = 5
"""Days before the paper's day that have hand-written stories."""
REASONS = yaml.safe_load((ROOT / "zaobao/site/_data/reasons.yml").read_text("utf-8"))


@pytest.fixture
def served() -> Iterator[Served]:
    with serve(fresh_paper(bulk=600)) as one:
        yield one


def months(served: Served, count: int) -> list[str]:
    """The last whole months of the paper, newest first, as `2026-08`.

    None of the month in which the hand-written days begin: some of their stories are odd.
    """
    written = served.paper.today - timedelta(days=HAND_WRITTEN)
    day, found = written.replace(day=1), []
    for _ in range(count):
        day = (day - timedelta(days=1)).replace(day=1)
        found.append(f"{day:%Y-%m}")
    return found


def stories(served: Served, *names: str, section: str = "china") -> list[Story]:
    """What the sitemaps of these months have of a section, oldest first."""
    inside = {name.replace("-", "") for name in names}
    found = [s for s in served.paper.stories.values() if month_of(s) in inside]
    return sorted(
        (s for s in found if list_of(s) == section), key=lambda s: (s.path[-16:], s.number)
    )


def audit(archive: Archive, *arguments: str) -> tuple[int, dict[str, str], list[dict[str, Any]]]:
    """Exit code, number → reason of the missing, and the JSON."""
    done = archive.scrapy("audit", *arguments, *archive.fast())
    found = json.loads(done.stdout) if done.stdout else []
    named = [gap for month in found for gap in month["missing"]]
    assert len({gap["id"] for gap in named}) == len(named)
    for gap in named:
        assert gap["id"] in done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, {g["id"].partition("-")[2]: g["reason"] for g in named}, found


def test_each_missing_story_has_its_reason_and_fix_gets_it(
    archive: Archive, served: Served
) -> None:
    one, two = months(served, 2)
    span = f"{two}..{one}"
    inside = stories(served, one, two)
    assert len(inside) > 25
    removed, late, broken, gone, garbled, excluded, titled, withdrawn = inside[2:18:2]
    del served.paper.stories[late.number]
    served.paper.overrides[broken.path] = Answer(status=500)
    served.paper.overrides[gone.path] = Answer(status=404)
    served.paper.overrides[garbled.path] = Answer("<html><body><h1>x</h1></body></html>")
    archive.folder.mkdir()
    rules = f"{excluded.number}\ntitle:{titled.title[:12]}\n"
    (archive.folder / "exclude.txt").write_text(rules, "utf-8")
    assert archive.crawl("backfill", "-a", f"months={span}").returncode == 3
    assert audit(archive, span)[1] == {
        broken.number: "failed",
        gone.number: "gone",
        garbled.number: "quarantined",
        excluded.number: "excluded",
        titled.number: "excluded",
    }

    line = archive.by_number[removed.number]
    (archive.folder / line["post"]).unlink()
    served.paper.add(late)
    assert archive.scrapy("withdraw", withdrawn.number).returncode == 0
    expected = {
        removed.number: "removed",
        late.number: "never fetched",
        broken.number: "failed",
        gone.number: "gone",
        garbled.number: "quarantined",
        excluded.number: "excluded",
        titled.number: "excluded",
        withdrawn.number: "excluded",
    }
    before = archive.tree()
    code, named, found = audit(archive, two, one)
    assert (code, named) == (3, expected)
    assert archive.tree() == before
    for month in found:
        assert month["listed"] == len(stories(served, month["month"]))
        assert month["held"] == month["listed"] - len(month["missing"])
        days = month["days"]
        for name in ("listed", "held"):
            assert sum(day[name] for day in days) == month[name]
        assert sum(day["missing"] for day in days) == len(month["missing"])
    site = json.loads((archive.folder / "_data" / "audit.json").read_bytes())
    assert [month["month"] for month in site] == [one, two]
    shown = {gap["id"].partition("-")[2] for month in site for gap in month["missing"]}
    assert shown == expected.keys() - {withdrawn.number}

    page = build(archive.folder, archive.folder.parent / "site") / "audit" / "index.html"
    listed = parse(page).xpath("//ul[contains(@class, 'list')]/li")
    assert [(row.xpath(".//a/@href")[0], row.xpath(".//b")[0].text) for row in listed] == [
        (gap["url"], REASONS[gap["reason"]]) for month in site for gap in month["missing"]
    ]

    served.paper.overrides.clear()
    served.paper.overrides[gone.path] = Answer(status=404)
    assert audit(archive, span, "--fix")[:2] == (0, expected)
    served.paper.requests.clear()
    done = archive.crawl("realtime", "-a", "pages=1")
    assert done.returncode == 0, done.stderr
    asked = [r.path_qs for r in served.paper.requests]
    assert {s.path for s in (late, broken, gone, garbled)} <= set(asked)
    # The line of the removed post is still there.
    assert removed.path not in asked
    assert archive.by_number[removed.number] == line
    left = {n: expected[n] for n in (s.number for s in (gone, excluded, titled, withdrawn))}
    assert audit(archive, span)[:2] == (0, left)


def test_a_lost_state_is_no_gap_and_quarantine_is_still_known(
    archive: Archive, served: Served
) -> None:
    month = months(served, 1)[0]
    inside = stories(served, month)
    served.paper.overrides[inside[3].path] = Answer("<html><body><h1>x</h1></body></html>")
    archive.crawl("backfill", "-a", f"months={month}")
    for path in archive.folder.glob("state.sqlite*"):
        path.unlink()
    code, named, found = audit(archive, month)
    assert (code, named) == (3, {inside[3].number: "quarantined"})
    assert found[0]["held"] == len(inside) - 1


def test_what_a_list_showed_counts_where_the_sitemap_does_not_name_it(
    archive: Archive, served: Served
) -> None:
    archive.crawl("realtime", "-a", "pages=1")
    held = archive.by_number
    # The month with most of them: without its only story a month has no sitemap.
    (month, _), *_ = Counter(line["id"][:6] for line in held.values()).most_common(1)
    one = next(
        s for s in served.paper.listed("china") if s.number in held and f"story{month}" in s.path
    )
    month = f"{month[:4]}-{month[4:]}"
    (archive.folder / held[one.number]["post"]).unlink()
    del served.paper.stories[one.number]
    found = audit(archive, month)[2]
    gap = next(g for g in found[0]["missing"] if g["id"].endswith(one.number))
    assert (gap["reason"], gap["listed_by"]) == ("removed", ["china"])


def test_sections_are_those_that_crawls_asked_for(archive: Archive, served: Served) -> None:
    month = months(served, 1)[0]
    archive.crawl("backfill", "-a", f"months={month}", "-a", "section=world,singapore")
    code, named, found = audit(archive, month)
    assert (code, named, found[0]["sections"]) == (0, {}, "singapore,world")
    assert found[0]["listed"] == len(archive.lines) > 0
    code, named, _ = audit(archive, month, "--section", "finance")
    assert code == 3
    assert named == {s.number: "never fetched" for s in stories(served, month, section="finance")}
    assert set(audit(archive, month, "--section", "all")[1]) > named.keys()


def test_a_mistyped_section_is_in_no_later_audit(archive: Archive, served: Served) -> None:
    month = months(served, 1)[0]
    for section in ("world", "news/wrold"):
        archive.crawl("backfill", "-a", f"months={month}", "-a", f"section={section}")
    code, named, found = audit(archive, month)
    assert (code, named, found[0]["sections"]) == (0, {}, "world")
    done = archive.scrapy("audit", month, *archive.fast())
    assert "not audited, since no known story is of it: news/wrold" in done.stderr
    assert audit(archive, month, "--section", "news/wrold")[2][0]["sections"] == "news/wrold"


def test_a_sitemap_that_cannot_be_read_is_no_clean_audit(archive: Archive, served: Served) -> None:
    one, two = months(served, 2)
    archive.crawl("backfill", "-a", f"months={two}..{one}")
    path = f"/sitemaps/sitemap-{one.replace('-', '')}.xml"
    served.paper.overrides[path] = Answer(status=500)
    code, named, found = audit(archive, two, one)
    assert (code, named) == (3, {})
    assert [month["sitemap"] for month in found] == ["read", "not read"]
    served.paper.overrides[path.replace(one[-2:] + ".", two[-2:] + ".")] = Answer(status=500)
    done = archive.scrapy("audit", one, *archive.fast())
    assert (done.returncode, done.stdout) == (1, "")
    assert f"sitemap {served.origin}{path}: 500" in done.stderr


def test_a_site_that_does_not_answer_is_told_in_words(archive: Archive) -> None:
    nobody = ("-s", "ZAOBAO_SITE=http://127.0.0.1:1", "-s", "RETRY_TIMES=0")
    done = archive.scrapy("audit", "2026-08", *archive.fast(), *nobody)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = (line for line in done.stderr.splitlines() if "what it lists is not known" in line)
    assert "robots.txt could not be fetched" in line
    assert "RobotsUnavailable" not in line


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ((), "2021-08"),
        (("2021-13",), "scrapy audit 2021-13"),
        (("2021-09..2021-08",), "lies after"),
        (("2099-02,2099-01",), "2099-01 lies in the future"),
        (("--calendar", "--fix"), "--fix and --section go with a month"),
        (("2021-08", "--section", "sport"), "--section sport: it takes china"),
    ],
)
def test_a_wrong_argument_is_named(
    archive: Archive, arguments: tuple[str, ...], named: str
) -> None:
    done = archive.scrapy("audit", *arguments)
    assert done.returncode == 2
    assert named in done.stderr
    assert not archive.folder.exists()


def test_a_second_run_on_the_folder_is_refused(archive: Archive) -> None:
    with Folder(archive.folder, "a test"):
        done = archive.scrapy("audit", "2026-08", *archive.fast())
    assert done.returncode == 1
    assert "a test" in done.stderr
