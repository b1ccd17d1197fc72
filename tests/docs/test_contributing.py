"""CONTRIBUTING's recipes, one after the other followed in a copy of the repository.

What is changed must be named in the recipe, and the commands are the recipe's own. Its tests, and
the checks with which each one ends, are run once, when all are followed.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from demo.server import Served
from tests.support.archive import ROOT, Archive
from tests.support.older import old_post
from zaobao.items import LINE_KEYS

pytestmark = pytest.mark.slow

PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
# `make check` looks for what it runs in an environment of the repository's own.
CHECKS = re.findall(
    r"^\t\$\(BIN\)/(ruff .*|mypy|lint-imports)$", (ROOT / "Makefile").read_text(), re.M
)
BLOCK = re.compile(r"^ *```sh\n(.*?)```", re.S | re.M)
COPIED = ("zaobao", "demo", "tests", "tools", "docs", "benchmarks")
LEFT_OUT = shutil.ignore_patterns("__pycache__", ".*_cache", "test_contributing.py")


@dataclass
class Recipe:
    """A section of CONTRIBUTING, and the copy in which it is followed."""

    text: str
    folder: Path

    def _named(self, path: str) -> Path:
        """A file that the recipe names, or a folder above it; `<name>` stands for any."""
        for name in re.findall(r"`([\w/.<>-]+)`", self.text):
            pattern = re.sub(r"<\w+>", r"\\w+", name)
            if re.fullmatch(pattern, path) or (name.endswith("/") and re.match(pattern, path)):
                return self.folder / path
        raise AssertionError(f"the recipe does not name {path}")

    def write(self, path: str, text: str) -> None:
        """Make a file that the recipe names."""
        new = self._named(path)
        assert not new.exists()
        new.parent.mkdir(parents=True, exist_ok=True)
        new.write_text(text, "utf-8")

    def put(self, path: str, before: str, new: str) -> None:
        """Put `new` in front of the one place in a file where `before` stands."""
        place = self._named(path)
        text = place.read_text("utf-8")
        assert text.count(before) == 1, f"{before!r} stands {text.count(before)} times in {path}"
        place.write_text(text.replace(before, new + before), "utf-8")

    def follow(self) -> None:
        """Run the recipe's own commands, but for its tests."""
        (block,) = BLOCK.findall(self.text)
        for command in block.strip().split("\n"):
            if not command.startswith("pytest "):
                succeed(self.folder, command)

    def archive(self, folder: Path, site: str) -> Archive:
        """An archive that the copy's code writes."""
        return Archive(folder, site, root=self.folder)


def run(folder: Path, command: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a copy as a reader does, with this Python's own tools."""
    foreign = ("ZAOBAO_", "PYTEST_")
    env = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    env["PATH"] = f"{Path(sys.executable).parent}:{env['PATH']}"
    return subprocess.run(
        command, shell=True, cwd=folder, env=env, capture_output=True, text=True, check=False
    )


def succeed(folder: Path, command: str) -> None:
    done = run(folder, command)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copy")
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=LEFT_OUT)
    for path in ROOT.iterdir():
        if path.is_file() and not path.name.startswith("."):
            shutil.copy2(path, folder / path.name)
    with suppress(FileNotFoundError):
        # What mypy knows of the files that no recipe changes.
        shutil.copytree(ROOT / ".mypy_cache", folder / ".mypy_cache")
    return folder


@pytest.fixture
def recipe(request: pytest.FixtureRequest, copy: Path) -> Recipe:
    """The section of the heading that the test gives."""
    (text,) = re.findall(rf"^## {request.param}\n(.*?)(?=^## |\Z)", PAGE, re.S | re.M)
    return Recipe(text, copy)


def follows(heading: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("recipe", [heading], indirect=True, ids=[heading])


@follows("A new layout")
def test_a_layout_by_subclass(recipe: Recipe) -> None:
    recipe.write(
        "zaobao/layouts/sg_next.py",
        '''"""SG-5, made up: the pages of SG-4b with another name for the text's box."""

from zaobao.layouts.base import Layout
from zaobao.layouts.sg_cards import SgCards


class SgNext(SgCards):
    """`.storyText`."""

    name = "sg_next"

    probe = (".storyText",)
    body = ("article .storyText", ".storyText")
    never = ()
    list_probe = ()
    claims = Layout.claims
''',
    )
    recipe.put("zaobao/layouts/__init__.py", "SgCards(), HkAstro()", "SgNext(), ")
    recipe.put(
        "zaobao/layouts/__init__.py",
        "\nif TYPE_CHECKING:",
        "from zaobao.layouts.sg_next import SgNext\n",
    )
    recipe.put(
        "zaobao/layouts/sg_cards.py",
        "    others: ",
        '    never: ClassVar[Selectors] = (".storyText",)\n',
    )
    for readme in ("README.md", "README.zh.md"):
        recipe.put(readme, "| `sg_cards` |", "| `sg_next` | made up | 2027 |\n")
    for name in ("sg4b_parts", "sg4b_loose", "sg4b_weak"):
        case = ROOT / "tests" / "cases" / "sg_cards" / name
        page = (
            (case / "page.html")
            .read_text("utf-8")
            .replace('class="articleBody', 'class="storyText')
        )
        recipe.write(f"tests/cases/sg_next/{name}/page.html", page)
        recipe.write(
            f"tests/cases/sg_next/{name}/case.toml", (case / "case.toml").read_text("utf-8")
        )
    recipe.follow()
    for name in ("sg4b_parts", "sg4b_loose", "sg4b_weak"):
        item = json.loads((recipe.folder / f"tests/cases/sg_next/{name}/item.json").read_text())
        old = json.loads((ROOT / f"tests/cases/sg_cards/{name}/item.json").read_text())
        assert (item["layout"], item["text"]) == ("sg_next", old["text"])


@follows("A new removal rule")
def test_a_removal_rule(recipe: Recipe) -> None:
    recipe.put(
        "zaobao/cleaning/rules.py",
        "    # --- boilerplate that strays",
        """    Rule("quiz", "related", ".quiz-teaser", '<div class="quiz-teaser">测一测</div>'),\n""",
    )
    case = "tests/cases/sg_cards/sg4b_parts"
    recipe.put(
        f"{case}/page.html",
        "<blockquote><p>“味道没有变",
        '<div class="quiz-teaser">测一测你懂多少茶</div><p>他说，测一测水温就知道。</p>\n',
    )
    recipe.put(f"{case}/case.toml", '"茶馆门口的老台阶"]', '"测一测水温就知道", ')
    recipe.put(f"{case}/case.toml", '"social-share"]', '"懂多少茶", ')
    recipe.follow()
    assert "| `quiz` |" in (recipe.folder / "docs/rules.md").read_text("utf-8")
    removed = json.loads((recipe.folder / case / "item.json").read_text())["removed"]
    assert "quiz" in {one["rule"] for one in removed}


@follows("A new output field")
def test_an_output_field(recipe: Recipe, archive: Archive, served: Served, tmp_path: Path) -> None:
    before = archive.crawl("realtime", "-a", "limit=6", ZAOBAO_RAW="on")
    assert before.returncode == 0, before.stderr
    recipe.put(
        "zaobao/items.py",
        "    images: list[Image] =",
        "    words: int | None = None  # that the page's own data count\n",
    )
    recipe.put(
        "zaobao/layouts/fields.py",
        "def declared_chars(",
        '''def words(ld: dict[str, Any]) -> int | None:
    """How many words the page's own data count; None: unsaid."""
    said = str(ld.get("wordCount"))
    return int(said) if said.isascii() and said.isdigit() and len(said) < 9 else None


''',
    )
    recipe.put(
        "zaobao/layouts/base.py",
        "            images=images,\n",
        "            words=fields.words(place.ld),\n",
    )
    recipe.put(
        "docs/reference.md",
        "| `images` |",
        "| `words` | how many the page's own data count, or null |\n",
    )
    case = "tests/cases/sg_cards/sg4b_parts"
    recipe.put(
        f"{case}/page.html",
        '"headline": "老茶馆换上新招牌 邻居说味道没有变", "datePublished"',
        '"wordCount": "88", ',
    )
    recipe.put("tests/support/stories.py", '    text="甲\\n乙', "    words=12,\n")
    recipe.follow()
    item = json.loads((recipe.folder / case / "item.json").read_text("utf-8"))
    assert item["words"] == 88
    place = list(item).index("words")
    assert list(item)[place + 1] == "images"
    # The archive that was written without it: known, taken over, read again, with every feed.
    new = recipe.archive(archive.folder, served.origin)
    served.paper.requests.clear()
    known = new.crawl("stories", "-a", f"urls={new.lines[0]['url']}")
    assert known.returncode == 0, known.stderr
    assert [one for one in served.paper.requests if "/story" in one.path_qs] == []
    (tmp_path / "2021-09-02-a.md").write_bytes(old_post())
    adopted = new.scrapy("adopt", str(tmp_path / "2021-09-02-a.md"))
    assert adopted.returncode == 0, adopted.stderr
    assert new.lines[-1]["words"] is None
    assert new.scrapy("reextract").returncode == 0
    assert all("words" in line for line in new.lines)
    feed = tmp_path / "out.json"
    more = new.crawl("realtime", "-a", "limit=3", "-O", str(feed))
    assert more.returncode == 0, more.stderr
    (*_, last) = json.loads(feed.read_bytes())
    assert last == new.lines[-1]
    assert set(last) == {*LINE_KEYS, "words"}
    assert new.scrapy("doctor").returncode == 0


@follows("Another output format")
def test_an_output_format(recipe: Recipe, served: Served, tmp_path: Path) -> None:
    recipe.put(
        "zaobao/exporters.py",
        "class _LineEncoder(",
        '''class HugoExporter(BaseItemExporter):
    """One content file per item, for Hugo: JSON front matter, then the body as HTML."""

    def __init__(self, file: BinaryIO, **feed_options: Any) -> None:
        super().__init__(dont_fail=True, **feed_options)
        self.file = file

    def export_item(self, item: Article) -> None:
        values = item.to_dict()
        front = {key: values[key] for key in ("title", "tags", "authors")}
        front["date"] = values["published"]
        front["slug"] = values["id"]
        head = json.dumps(front, ensure_ascii=False, indent=1)
        self.file.write(f"{head}\\n\\n{item.body_html}\\n".encode())


''',
    )
    recipe.put(
        "zaobao/settings.py", '    "csv": ', '    "hugo": "zaobao.exporters.HugoExporter",\n'
    )
    recipe.put("docs/reference.md", "`marshal` and", "`hugo`, ")
    recipe.put(
        "tests/crawl/test_feedexport.py",
        "def test_the_item_has_the_keys",
        """def test_hugo_reads_back() -> None:
    head, body = export("hugo", FULL).decode().split("\\n\\n", 1)
    assert json.loads(head)["title"] == FULL.title
    assert body == f"{FULL.body_html}\\n"


""",
    )
    recipe.follow()
    archive = recipe.archive(tmp_path / "output", served.origin)
    asked = re.findall(r"`(-O '.*?=1)`", recipe.text)[0]
    asked = asked.replace("DIR", str(tmp_path / "content")).replace("FORMAT", "hugo")
    done = archive.crawl("realtime", "-a", "limit=3", *shlex.split(asked))
    assert done.returncode == 0, done.stderr
    files = sorted((tmp_path / "content").glob("*.md"))
    read = [path.read_text("utf-8").split("\n\n", 1) for path in files]
    assert [(json.loads(head)["slug"], body.rstrip("\n")) for head, body in read] == [
        (line["id"], line["body_html"]) for line in archive.lines
    ]


@follows("A new alarm")
def test_an_alarm(recipe: Recipe) -> None:
    recipe.put(
        "zaobao/monitoring/monitors.py",
        "MONITORS: tuple",
        '''class EditMonitor(RunMonitor):
    """New stories beside the edited ones: the site may show old pages."""

    kind = "edits"

    @classmethod
    def find(cls, history: History) -> Iterator[Finding]:
        counts = history.now["counts"]
        if counts.get("edited", 0) >= FEW and not counts.get("new", 0):
            yield cls.finding(f"{counts['edited']} stories were edited and none is new")


''',
    )
    recipe.put(
        "zaobao/monitoring/monitors.py",
        "    *(RuleMonitor, LengthMonitor",
        "    EditMonitor,\n",
    )
    recipe.put(
        "docs/alerts.md",
        "| `QuietMonitor` |",
        "| `EditMonitor` | many stories edited, none new |\n",
    )
    tests = recipe.folder / "tests/unit/monitoring/test_monitors.py"
    assert "`tests/unit/monitoring/test_monitors.py`" in recipe.text
    tests.write_text(
        tests.read_text("utf-8")
        + """

def test_many_edits_and_nothing_new() -> None:
    now = {"counts": {"edited": 40, "new": 0}, "first_page": {}, "started": BEGIN}
    sentences = [finding.sentence for finding in findings(now, [])]
    assert "40 stories were edited and none is new" in sentences
    now["counts"] = {"edited": 40, "new": 1}
    assert findings(now, []) == []
""",
        "utf-8",
    )
    recipe.follow()


@follows("A new command")
def test_a_command(recipe: Recipe, archive: Archive, served: Served) -> None:
    assert archive.crawl("realtime", "-a", "limit=2").returncode == 0
    recipe.write(
        "zaobao/commands/count.py",
        '''"""`scrapy count`: how many stories the archive has. Writes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from zaobao import console

if TYPE_CHECKING:
    import argparse


class Command(ScrapyCommand):
    """Exit 0; 1 when there is no archive."""

    requires_project = True
    requires_crawler_process = False

    def short_desc(self) -> str:
        return "Count the stories"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            raise UsageError("it takes no arguments")
        from zaobao.options import Options

        assert self.settings is not None
        posts = Options.from_settings(self.settings).output / "_posts"
        self.exitcode = 0 if posts.is_dir() else 1
        if posts.is_dir():
            console.data(f"{len(list(posts.glob('*.md')))}\\n")
        else:
            console.note(f"{posts} is not there\\n")
''',
    )
    failing = run(recipe.folder, 'pytest -x -m "not slow" tests/docs/test_docs.py')
    assert failing.returncode == 1  # it is not described
    recipe.put(
        "docs/reference.md",
        "| `scrapy doctor [--all]` |",
        "| `scrapy count` | counts the stories |\n",
    )
    recipe.follow()
    new = recipe.archive(archive.folder, served.origin)
    assert new.scrapy("count").stdout == "2\n"
    assert recipe.archive(archive.folder / "none", served.origin).scrapy("count").returncode == 1


@pytest.mark.parametrize("command", CHECKS)
def test_the_checks_pass_when_all_are_followed(copy: Path, command: str) -> None:
    succeed(copy, command)


def test_the_tests_pass_when_all_are_followed(copy: Path) -> None:
    """Those of all recipes, and the one with which each ends."""
    commands = re.findall(r"^`?pytest ([^`\n]+)", PAGE, re.M)
    assert len(commands) == len(BLOCK.findall(PAGE)) + 1
    fast = '-m "not slow" '
    whole = {path for one in commands if not one.startswith(fast) for path in one.split()}
    rest = {path for one in commands for path in one.removeprefix(fast).split()} - whole
    succeed(copy, f"pytest {' '.join(sorted(whole))}")
    succeed(copy, f"pytest {fast}{' '.join(sorted(rest))}")


def test_what_is_named_exists() -> None:
    named = set(re.findall(r"`([\w-]+/[\w/.-]+)`", PAGE))
    named |= set(re.findall(r"(?:^| )(tests/[\w/]+\.py)", PAGE, re.M))
    assert len(named) > 25
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []
    for name, path in re.findall(r"`(\w+)` of `(zaobao/[\w/]+\.py)`", PAGE):
        assert f"def {name}(" in (ROOT / path).read_text("utf-8")


def test_every_recipe_for_the_code_is_followed() -> None:
    followed = set(re.findall(r'@follows\("(.+)"\)', Path(__file__).read_text("utf-8")))
    headings = re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", PAGE, re.S | re.M)
    # Changes of what there is have lists of tests; recipes have a block of commands.
    assert followed == {heading for heading, text in headings if "```sh" in text}
