"""The documentation says what there is, and shows what the commands print."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from scrapy.spiderloader import SpiderLoader
from scrapy.utils.project import get_project_settings

import zaobao.settings
from demo.crawl import OUTPUT
from demo.newspaper import Answer
from demo.server import Served
from tests.support.archive import ROOT, Archive
from zaobao import verdict
from zaobao.items import LINE_KEYS
from zaobao.layouts import LAYOUTS
from zaobao.options import FRONT_MATTER_KEYS

README = (ROOT / "README.md").read_text("utf-8")
CHINESE = (ROOT / "README.zh.md").read_text("utf-8")
REFERENCE = (ROOT / "docs" / "reference.md").read_text("utf-8")


def test_every_setting_spider_argument_field_and_command_is_in_the_reference() -> None:
    names = [name for name in vars(zaobao.settings) if name.startswith("ZAOBAO_")]
    names += [*LINE_KEYS, *FRONT_MATTER_KEYS, *verdict.EXIT_CODES]
    loader = SpiderLoader.from_settings(get_project_settings())
    for spider in loader.list():
        names += [spider, *loader.load(spider).arguments]
    missing = [name for name in names if f"`{name}`" not in REFERENCE]
    assert missing == []
    commands = {path.stem for path in (ROOT / "zaobao" / "commands").glob("[a-z]*.py")}
    assert [name for name in commands if f"scrapy {name}" not in REFERENCE] == []


@pytest.mark.parametrize("readme", [README, CHINESE], ids=["English", "Chinese"])
def test_every_layout_and_document_is_in_the_readme(readme: str) -> None:
    assert [layout.name for layout in LAYOUTS if f"| `{layout.name}` |" not in readme] == []
    pages = sorted(path.name for path in (ROOT / "docs").glob("*.md"))
    assert [name for name in pages if f"(docs/{name})" not in readme] == []


def test_both_readmes_have_the_same_commands_links_and_outputs() -> None:
    def blocks(readme: str) -> list[str]:
        found = re.findall(r"^```console\n(.*?)^```", readme, re.M | re.S)
        return [re.sub(r" +#.*", "", block) for block in found]

    assert blocks(CHINESE) == blocks(README)
    for pattern in (r"^\| (`scrapy [^`]+`)", r"\]\((docs/[^)]+)\)"):
        assert re.findall(pattern, CHINESE, re.M) == re.findall(pattern, README, re.M)
    assert [verdict for verdict in verdict.EXIT_CODES if f"`{verdict}`" not in CHINESE] == []


def test_the_readme_names_every_room_and_no_other() -> None:
    rooms = README[README.index("| the line is about") :].split("\n\n")[0]
    named = set(re.findall(r"`([a-z]+/[\w/.]*)`", rooms))
    assert [room for room in named if not (ROOT / room).exists()] == []
    modules = {f"zaobao/{path.name}" for path in (ROOT / "zaobao").glob("[a-z]*.py")}
    packages = {f"zaobao/{path.parent.name}/" for path in (ROOT / "zaobao").glob("*/__init__.py")}
    around = {"zaobao/site/", "demo/", "tools/", "tests/", "benchmarks/"}
    assert (modules | packages | around) - named == set()


@pytest.mark.parametrize(
    "page",
    [
        "README.md",
        "README.zh.md",
        "CONTRIBUTING.md",
        *(str(path.relative_to(ROOT)) for path in (ROOT / "docs").glob("*.md")),
    ],
)
def test_links_between_documents_lead_somewhere(page: str) -> None:
    text = re.sub(r"`[^`\n]*`", "", (ROOT / page).read_text("utf-8"))
    for target, heading in re.findall(r"\]\((?!https?:|mailto:)([^)#\s]*)#?([^)\s]*)\)", text):
        path = (ROOT / page).parent / target if target else ROOT / page
        assert path.exists(), target
        assert not heading or heading in anchors(path), (target, heading)


def anchors(page: Path) -> set[str]:
    """The names that GitHub gives a page's headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.M)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


CRAWL = re.compile(r"scrapy (crawl \w+(?: -[aOos] [^\s`;]+)*)(?=[`;\s#])")


def documented() -> list[str]:
    """Every `scrapy crawl …` of the documentation, but for those that only name a spider."""
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
    pages += [path for path in sorted((ROOT / "docs" / "examples").rglob("*")) if path.is_file()]
    found = {one for page in pages for one in CRAWL.findall(page.read_text("utf-8"))}
    return sorted(found - {"crawl stories", "crawl backfill"})


@pytest.mark.slow
def test_every_documented_crawl_runs(archive: Archive, served: Served) -> None:
    stories = ",".join(served.origin + story.path for story in served.paper.listed("china")[:2])
    # Months that the newspaper may not have.
    for month in (*range(201601, 201613), 202108, 202109, 202611):
        entry = f"<url><loc>{served.origin}/news/china/story{month}15-1</loc></url>"
        served.paper.overrides[f"/sitemaps/sitemap-{month}.xml"] = Answer(
            f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entry}</urlset>',
            headers={"Content-Type": "application/xml"},
        )
    commands = documented()
    assert len(commands) > 8
    for place, command in enumerate(commands):
        words = command.replace("urls=URL,URL", f"urls={stories}").split()[1:]
        words = [str(archive.folder / word) if word == "file.jsonl" else word for word in words]
        # A folder of their own: what one has read, the next would not ask for.
        one = Archive(archive.folder / str(place), archive.site)
        done = one.crawl(*words)
        assert done.returncode == 0, (command, done.stderr)
        assert "Traceback" not in done.stderr, command
        assert "errors in the program" not in done.stderr, command
        assert one.report["exit_code"] == done.returncode


def test_help_shows_what_the_spiders_take(archive: Archive) -> None:
    shown = archive.scrapy("crawl", "--help").stdout
    loader = SpiderLoader.from_settings(get_project_settings())
    for spider in loader.list():
        assert f"Arguments Of {spider.title()}" in shown
        for name, meaning in loader.load(spider).arguments.items():
            assert re.search(rf"^ *{name} +{re.escape(meaning)}$", shown, re.M), name


def test_sections_of_the_sites_facts_that_are_named_exist() -> None:
    facts = (ROOT / "docs" / "site-facts.md").read_text("utf-8")
    headings = set(re.findall(r"^#+ (.+)$", facts, re.M))
    folders = ("zaobao", "demo", "tools", "tests", "benchmarks")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    named = {
        name
        for path in files
        for name in re.findall(r'site-facts\.md, "([^"(]+)"', path.read_text("utf-8"))
    }
    assert len(named) > 10
    assert named - headings == set()


def test_nothing_refers_to_a_document_that_is_not_here() -> None:
    named = re.compile(r"\bdocs/[\w/-]+\.(?:md|yml)\b|\b[A-Z]{4,}(?:\.zh)?\.md\b")
    folders = ("zaobao", "demo", "tools", "tests", "benchmarks", "docs")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*")]
    files += [path for path in ROOT.iterdir() if path.name[0] != "."]
    kinds = {".py", ".md", ".toml", ".yml", ".html", ".js", ".txt", ".css", ".xml"}
    texts = {path: path.read_text("utf-8") for path in files if path.suffix in kinds}
    assert len(texts) > 300
    found = {name for text in texts.values() for name in named.findall(text)}
    assert len(found) > 12
    assert [name for name in sorted(found) if not (ROOT / name).is_file()] == []


@pytest.mark.slow
def test_the_readme_shows_what_the_demo_prints(tmp_path: Path) -> None:
    assert OUTPUT.parts[0] == "build"  # a site shows what lies in output/ as the paper's own
    command = [sys.executable, "-m", "demo.crawl", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    printed = re.sub(r"http://127.0.0.1:\d+", "http://127.0.0.1:33775", done.stdout)
    printed = printed.replace(str(tmp_path), str(OUTPUT)).splitlines()
    shown = README.partition("$ make demo\n")[2].partition("\n```")[0].splitlines()
    row = re.compile(r"│ (\w+) +│ +(\S+) │")
    table = [line for line in shown if line == "zaobao" or (line[:1] in "┌├└│" and line)]
    assert [line for line in shown if line not in table] == printed
    figures = (dict(row.findall(text)) for text in ("\n".join(table), done.stderr))
    measured = ("bytes", "seconds")
    said, was = ({k: v for k, v in one.items() if k not in measured} for one in figures)
    assert said == was
    assert len(was) > 10
