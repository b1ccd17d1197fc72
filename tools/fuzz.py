"""Hostile stories by the million through the pure functions, page bytes to post.

    python -m tools.fuzz --count 1000000

Bodies, headlines, keywords, times, descriptions and scripts from a seed, on all
cores. Each is refused with a reason, or becomes a post, a file name and a JSON line
of which everything in `faults` holds. `--first N` goes on from the N-th input;
an input that fails is named by its number, and alone made again by
`--first N --count 1`.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import cache

import yaml

from tests.support import hostile_posts
from tests.support.hostile_posts import Hostile
from zaobao.doctor import posts
from zaobao.exporters import JekyllPostExporter, line
from zaobao.items import LINE_KEYS, Article
from zaobao.urls import is_image_host

CHUNK = 500
KEYS = {"layout", "title", "date", "author", "from", "tags", "categories", "access", "updated"}
KEYS |= {"date_from", "excerpt", "layout_seen", "authors", "story", "edition"}
_TAG = re.compile(
    r"</?(?:p|h[1-6]|ul|ol|li|blockquote|table|tbody|tr|td|th|figure|figcaption|br|hr|b|strong|i|em"
    r"|u|s|del|ins|sub|sup|mark|small|code|q|cite|ruby|rt|rp)>"
    r'|<t[dh](?: (?:col|row)span="\d{1,5}")+>|</a>'
    r'|<a href="(?:https?://|mailto:)[^"<>\s]+" rel="noopener nofollow">'
    r'|<img src="https://(?P<host>[a-z0-9.]+)/[^"<>\s]+" alt="[^"<>]*"'
    r' referrerpolicy="no-referrer" loading="lazy">'
)
_UNFIT = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff{}]"
)
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def exporters() -> list[JekyllPostExporter]:
    return [
        hostile_posts.exporter(),
        hostile_posts.exporter(ZAOBAO_TIMES="legacy"),
        hostile_posts.exporter(ZAOBAO_TEXT="excerpt"),
    ]


def faults(article: Article, index: int) -> Iterator[str]:
    """What is wrong with what is written of a story."""
    exporter = exporters()[index % len(exporters())]
    post = exporter.post(article).decode()
    _, front, rest = post.split("---\n", 2)
    body = rest.split("\n<div>\n")[1].removesuffix("\n</div>\n")
    if post.count("\n---\n") != 1 or "\n" in body or rest.count("\n") != 7:
        yield "more lines than a post has"
    if unfit := _UNFIT.search(body):
        yield f"U+{ord(unfit[0]):04X} in the body"
    tags = list(_TAG.finditer(body))
    if len(tags) != body.count("<"):
        yield "a tag that is not on the list"
    hosts = {host for tag in tags if (host := tag["host"]) and not is_image_host(host)}
    if hosts:
        yield f"pictures of {hosts}"
    read = yaml.load(front, Loader=_LOADER)
    if read["title"] != article.title or not article.title.strip() or set(read) - KEYS:
        yield f"the front matter says {read}"
    if read["tags"] != ["联合早报", *(tag for tag in article.tags if tag != "联合早报")]:
        yield f"the tags are {read['tags']}"
    name = exporter.file_name(article, lambda _name: False)
    if wrong := posts.name_problem(name):
        yield f"the name {name!r}: {wrong}"
    if len(name.encode()) > 255 or not name.startswith(f"{read['date']:%Y-%m-%d}-"):
        yield f"the name {name!r}"
    if article.published and abs(article.published - article.crawled) > timedelta(days=4):
        yield f"published {article.published}"
    data = line(article)
    if data.count(b"\n") != 1 or tuple(json.loads(data)) != LINE_KEYS:
        yield "the JSON line"


def trial(one: Hostile, index: int) -> tuple[str, list[str]]:
    """What became of an input, `written` or why it was refused, and what is wrong with it."""
    try:
        article = hostile_posts.story(one, index % 1000)
        return "written", list(faults(article, index))
    except hostile_posts.Refused as refusal:
        return refusal.reason, []
    except Exception as error:  # noqa: BLE001 (any at all is what is looked for)
        return "failed", [f"{type(error).__name__}: {error}"[:500]]


def chunk(first: int, count: int, seed: int) -> tuple[Counter[str], list[str]]:
    """Some inputs one after the other: how many became what, and each fault by its number."""
    became: Counter[str] = Counter()
    wrong = []
    for index in range(first, first + count):
        one = hostile_posts.made(index, seed)
        what, found = trial(one, index)
        became[what] += 1
        wrong += [f"{index} ({one.name}): {fault}" for fault in found]
    return became, wrong


def main() -> int:
    parser = argparse.ArgumentParser(description="Hostile stories through the pure functions.")
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=4)
    given = parser.parse_args()
    end, started = given.first + given.count, time.monotonic()
    jobs = [
        (first, min(CHUNK, end - first), given.seed) for first in range(given.first, end, CHUNK)
    ]
    became: Counter[str] = Counter()
    wrong: list[str] = []
    with multiprocessing.Pool() as pool:
        for done, (counts, found) in enumerate(pool.imap_unordered(_chunk, jobs), 1):
            became += counts
            wrong += found
            for fault in found:
                print(fault, flush=True)
            if done % 100 == 0:
                print(f"{done * CHUNK} in {time.monotonic() - started:.0f} s", file=sys.stderr)
    seconds = time.monotonic() - started
    print(f"{became.total()} inputs in {seconds:.0f} s: {dict(became.most_common())}")
    print(f"{len(wrong)} faults")
    return 1 if wrong else 0


def _chunk(job: tuple[int, int, int]) -> tuple[Counter[str], list[str]]:
    return chunk(*job)


if __name__ == "__main__":
    sys.exit(main())
