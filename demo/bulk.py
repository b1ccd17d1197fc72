"""Generated stories, for crawls of many pages and months.

A story's fields follow from its place alone, and only its times move with the day. Its
body is composed when it is asked for, so that thousands cost nothing until they are read.
"""

from __future__ import annotations

import random
import re
import tomllib
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from demo.story import SINGAPORE, Story

if TYPE_CHECKING:
    from collections.abc import Iterator

MONTHS_DAYS = 425
EPOCH = date(2026, 10, 1)
"""The day for which numbers and words are drawn, whatever the day of the paper."""
LAYOUTS = ("sg4b", "sg4b", "hk_astro", "sg4a", "sg3", "sg3h", "sg_drupal", "hk_bootstrap")
SECTIONS = (
    "news/china",
    "realtime/china",
    "news/china",
    "news/singapore",
    "realtime/world",
    "realtime/finance",
    "news/world",
    "finance/china",
)
INSERTS = {
    "sg_drupal": ("imu1", "imu1_tight", "innity", "midspecial", "promo", "cx40", "script"),
    "hk_astro": ("island_ad", "island_share", "google", "summary", "cover"),
    "hk_bootstrap": ("ad",),
    "sg": ("ad", "ad_bare", "recommend", "script", "aside", "reading", "nag", "buy"),
}
SHAPES = (
    ("plain", 4),
    ("plain", 24),
    ("headed", 14),
    ("listed", 9),
    ("quoted", 8),
    ("tabled", 6),
    ("nested", 7),
    ("brief", 1),
)
"""What a body looks like, and its longest."""

FIGURES = {"n": (2, 29), "pct": (11, 96), "big": (120, 98000)}
_SLOT = re.compile(r"\{(\w+)\}")


@cache
def _pools() -> dict[str, list[str]]:
    return tomllib.loads(files(__package__).joinpath("bulk.toml").read_text(encoding="utf-8"))


def _rng(*seed: object) -> random.Random:
    return random.Random("|".join(map(str, seed)))  # noqa: S311 - text, not a secret


def _facts(number: str) -> dict[str, str]:
    """What a story is about: title and body agree on it."""
    rng = _rng("facts", number)
    return {name: rng.choice(_pools()[name]) for name in ("place", "thing", "act", "reason")}


def _fill(line: str, rng: random.Random, facts: dict[str, str]) -> str:
    """A line of a pool, its braces filled."""

    def slot(match: re.Match[str]) -> str:
        name = match[1]
        if name in FIGURES:
            return str(rng.randint(*FIGURES[name]))
        return facts.get(name) or _say(name, rng, facts)

    return _SLOT.sub(slot, line)


def _say(pool: str, rng: random.Random, facts: dict[str, str]) -> str:
    return _fill(rng.choice(_pools()[pool]), rng, facts)


def generated(count: int, today: date) -> Iterator[Story]:
    """`count` stories over the 14 months before `today`; every day the same, but for the times."""
    end = datetime.combine(today, time(), SINGAPORE)
    for place in range(count):
        yield _one(place, count, end)


def _one(place: int, count: int, end: datetime) -> Story:
    rng = _rng("bulk", place, EPOCH)
    ago = (MONTHS_DAYS * 86400) * (place + rng.random()) / count + 60
    published = (end - timedelta(seconds=ago)).replace(second=0, microsecond=0)
    layout = rng.choice(LAYOUTS)
    number = _number((end.date() - published.date()).days, place)
    return Story(
        number=number,
        layout=layout,
        section=rng.choice(SECTIONS),
        title=_say("title", rng, _facts(number)),
        published=published,
        text=_body,
        keywords=tuple(rng.sample(_pools()["keyword"], rng.randint(1, 4))),
        authors=tuple(rng.sample(_pools()["author"], rng.randint(0, 2))),
        leads=_leads(rng, layout),
        quirks=rng.choice(((), (), (), ("no_charset",), ("ld_utc",), ("ld_control",))),
    )


def _number(age: int, place: int) -> str:
    """Grows with time, though not strictly, as the paper's do; 7 digits. age: days."""
    days = (EPOCH - date(2024, 3, 6)).days - age
    return str(3_200_000 + days * 6_000 + (place * 37) % 5_999)


def _leads(rng: random.Random, layout: str) -> list[list[str]]:
    host = "https://static.zaobao.com/s3fs-public/styles/large/public/images/bulk/"
    if layout.startswith("hk"):
        host = "https://dss0.zbstatic5.com/image/bulk/"
    many = 3 if layout in ("hk_astro", "hk_bootstrap", "sg_drupal") else 1
    return [
        [f"{host}{rng.getrandbits(64):016x}.jpg?itok=@t@", _say("quote", rng, {}) + "（资料图）"]
        for _ in range(rng.choice((0, 0, 1, 1, 1, many)))
    ]


def _body(story: Story) -> str:
    """One block a line, of differing shape and length."""
    rng, facts = _rng("body", story.number), _facts(story.number)
    shape, longest = rng.choice(SHAPES)
    details = rng.sample(_pools()["detail"], len(_pools()["detail"]))
    lines = [f"<p>{_say('opening', rng, facts)}</p>"]
    fewest = 6 if story.layout == "hk_astro" else 1  # a short HK-3 body is a weak paywall sign
    for place in range(rng.randint(fewest, max(fewest, longest))):
        taken = [details.pop() for _ in range(min(len(details), rng.randint(1, 3)))]
        text = "".join(_fill(line, rng, facts) for line in taken)
        lines += _block(shape, place, text, rng, facts) if text else []
    lines += [f"<p>{_say('closing', rng, facts)}</p>"] if shape != "brief" else []
    kind = INSERTS.get(story.layout, INSERTS["sg"])
    for name in rng.sample(kind, min(len(lines) // 3, len(kind))):
        lines.insert(rng.randint(1, len(lines)), "{{" + name + "}}")
    return "\n".join(lines)


def _block(
    shape: str, place: int, text: str, rng: random.Random, facts: dict[str, str]
) -> list[str]:
    """One paragraph, with what its shape puts around it."""
    found = [f"<div><div><p>{text}</p></div></div>" if shape == "nested" else f"<p>{text}</p>"]
    if shape == "headed" and place % 3 == 1:
        found.insert(0, f"<h2>{_say('heading', rng, facts)}</h2>")
    if shape == "listed" and place % 4 == 2:
        items = rng.sample(_pools()["verdict"], rng.randint(2, 5))
        found.append("<ul>" + "".join(f"<li>{_fill(i, rng, facts)}</li>" for i in items) + "</ul>")
    if shape == "quoted" and place % 3 == 2:
        found.append(f"<blockquote><p>{_say('quote', rng, facts)}</p></blockquote>")
    if shape == "tabled" and place == 1:
        rows = rng.sample(_pools()["thing"], rng.randint(2, 6))
        cells = "".join(f"<tr><td>{r}</td><td>{rng.randint(3, 900)}</td></tr>" for r in rows)
        found.append(f"<table><tr><th>项目</th><th>数量</th></tr>{cells}</table>")
    return found
