"""10,000 random headlines: their files' names on three systems; of some, what YAML reads back."""

from __future__ import annotations

import json
import random
import re
import subprocess
import unicodedata
from functools import cache
from pathlib import Path

import pytest
import yaml

from tests.support import hostile_posts, hostile_words
from tests.support.building import need
from zaobao import text
from zaobao.doctor import posts

COUNT = 10_000
READ_BACK = 2_000
"""Of them; `tools.fuzz` reads back as many as one likes."""
_RUBY = """
require "yaml"
require "json"
STDIN.each_line("\\0", chomp: true) do |front|
  read = YAML.safe_load(front, permitted_classes: [Time])
  puts JSON.generate([read["title"], read["tags"][1], read.keys.size])
end
"""


@cache
def titles() -> list[str]:
    """Cleaned headlines that are not empty."""
    made = (hostile_words.title(random.Random(f"title {index}")) for index in range(2 * COUNT))
    return [title for title in map(text.plain, made) if title][:COUNT]


@cache
def fronts() -> list[str]:
    """The front matter of posts with such a headline, also as its keyword."""
    exporter = hostile_posts.exporter()
    article = hostile_posts.story(hostile_posts.Hostile("plain", "body", ""), 0)
    found = []
    for title in titles()[:READ_BACK]:
        article.title, article.tags = title, [title]
        found.append(exporter.post(article).decode().split("---\n")[1])
    return found


def keyword(title: str) -> str | None:
    return None if title == "联合早报" else title


def test_names_are_valid_on_every_system_and_unique() -> None:
    folder, exporter = hostile_posts.Folder(), hostile_posts.exporter()
    article = hostile_posts.story(hostile_posts.Hostile("plain", "body", ""), 0)
    base = Path("/archive/_posts")
    seen: set[str] = set()
    for index, title in enumerate(titles()):
        article.title, article.id = title, f"20260301-{7000000 + index}"
        name = exporter.file_name(article, folder.is_taken)
        folder.take(name)
        assert posts.name_problem(name) is None, (title, name)
        assert (base / name).resolve().parent == base
        assert len(name.encode()) <= 255
        assert re.fullmatch(r'2026-03-01-[^<>:"/\\|?*\x00-\x1f\x7f]+(?<! )\.md', name)
        # macOS and Windows compare names without regard to case and form.
        same = unicodedata.normalize("NFD", name).casefold()
        assert same not in seen, name
        seen.add(same)
    assert len(seen) == COUNT


def test_pyyaml_reads_each_title_back() -> None:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    for title, front in zip(titles()[:READ_BACK], fronts(), strict=True):
        read = yaml.load(front, Loader=loader)
        assert read["title"] == title
        assert read["tags"] == ["联合早报", *filter(None, [keyword(title)])]


def test_psych_reads_each_title_back() -> None:
    """Ruby's reader, which Jekyll uses; one process for all."""
    need("ruby", "jekyll")
    done = subprocess.run(
        ["ruby", "-Ku", "-e", _RUBY],
        input="\0".join(fronts()).encode(),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()[-500:]
    lines = done.stdout.decode().split("\n")[:-1]
    for title, line in zip(titles()[:READ_BACK], lines, strict=True):
        assert json.loads(line)[:2] == [title, keyword(title)]


@pytest.mark.parametrize("blank", ["", " \t", "\u3000\u00a0", "\u200b\ufeff", "\x00\x9f", "\ud800"])
def test_a_title_of_nothing_gives_no_story(blank: str) -> None:
    for place in ("title", "heading"):
        with pytest.raises(hostile_posts.Refused, match="title_missing"):
            hostile_posts.story(hostile_posts.Hostile("blank", place, blank), 0)
