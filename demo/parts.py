"""What the paper puts between its paragraphs: adverts, promos, chrome.

A parts file has one block a part: a line `== name | selectors | drop | drop …`,
then the markup. `selectors` is what a removal rule would match, for the tests
(a list with commas); each `drop` is a string that must not survive in a post.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files

FAMILIES = {
    "sg4b": "sg_cards",
    "sg4a": "sg_cards",
    "sg3": "sg_cards",
    "sg3h": "sg_cards",
    "sg_drupal": "sg_drupal",
    "hk_astro": "hk",
    "hk_bootstrap": "hk",
}
"""Layout of a story file → the parts file that its body may use."""

CHROME = (
    "即时新闻",
    "更多消息",
    "热文推荐",
    "购买此文章",
    "别处的一条广告",
    "成为联合早报VIP",
    "赠阅文章",
    "在中国的用户请游览",
    "成为订户，支持新闻",
    "导览开始",
)
"""Texts of the frames around an article, which no post may have."""

_USE = re.compile(r"\{\{(\w+)\}\}")


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of markup, with the strings that must go with it."""

    name: str
    selectors: tuple[str, ...]
    drop: tuple[str, ...]
    markup: str


@cache
def text(folder: str, name: str) -> str:
    """A data file of this package."""
    return files(__package__).joinpath(folder, name).read_text(encoding="utf-8")


@cache
def family(name: str) -> dict[str, Part]:
    """The parts of one family: `sg_cards`, `sg_drupal` or `hk`."""
    parts = {}
    for block in text("parts", f"{name}.html").split("== ")[1:]:
        head, _, markup = block.partition("\n")
        title, *rest = (field.strip() for field in head.split(" | "))
        parts[title] = Part(
            title, tuple(rest[0].split(", ")), tuple(rest[1:]), markup.replace("\n", "")
        )
    return parts


def used(layout: str, body: str) -> list[Part]:
    """The parts that `body` names, in order."""
    parts = family(FAMILIES[layout])
    return [parts[name] for name in _USE.findall(body)]


def token(*seed: object) -> str:
    """Eight digits that follow from `seed` alone."""
    digest = sha256("|".join(map(str, seed)).encode()).digest()
    return f"{int.from_bytes(digest[:6], 'big') % 10**8:08d}"


def expand(layout: str, body: str, noise: int, visible: str = "") -> str:
    """Put parts in place of `{{name}}`, and figures that follow from `noise`.

    `@noise@` (advert ids) and `@t@` (image tokens) change with `noise`, and so
    does nothing else. `@visible@` becomes the printed time.
    """
    parts = family(FAMILIES[layout])
    html = _USE.sub(lambda match: parts[match[1]].markup, body)
    html = html.replace("@noise@", token(noise, "ad")).replace("@t@", token(noise, "image"))
    return html.replace("@visible@", visible)
