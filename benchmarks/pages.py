"""The newspaper that is measured: story pages of the paper's size, in two layouts, and lists.

The stories are the generated ones of `demo`, in the paper's markup with
adverts in the body; around them stands what a page of the paper has around a
story, up to 72–81 KB, 11 KB gzipped, and where the paper has it: styles in the head,
menus before and behind `<main>`, side lists in it and behind. The data of its scripts
stands in a script at the end of the body (sg4b), or in the `props` of the islands of
the side lists, most of them in `<main>` (hk_astro).
"""

from __future__ import annotations

import gzip
import html
import json
import random
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from demo import lists
from demo import pages as demo
from demo.bulk import generated
from demo.lists import Card
from demo.story import SINGAPORE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from demo.story import Story

DAY = date(2026, 10, 1)
LAYOUTS = ("sg4b", "hk_astro")
LIST_SIZE = 40
SECTION = "china"
_SITEMAP = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{}\n</urlset>'
)
_WORDS = "河口公交仓库码头预算居民方案图书气象渡轮学校工程账目植物邮局桥梁档案灯塔电车雨季"


@dataclass(frozen=True)
class Pages:
    """stories: path → page, in the order of the lists. lists: `/realtime/china?page=1` and on."""

    stories: dict[str, bytes]
    lists: list[bytes]


def build(count: int) -> Pages:
    """`count` stories, half of them in each layout, and as many list pages as they need."""
    found = _stories(count)
    rendered = {story.path: story_page(story, found[:12]) for story in found}
    numbers = range(1, -(-len(found) // LIST_SIZE) + 1)
    return Pages(rendered, [list_page(found, number) for number in numbers])


def _stories(count: int) -> list[Story]:
    """As many of each layout; both are read from one list, so all are of one section."""
    left = dict.fromkeys(LAYOUTS, count // 2) | {LAYOUTS[0]: count - count // 2}
    found = []
    for story in generated(count * 10, DAY):
        if left.get(story.layout):
            left[story.layout] -= 1
            story.section = "news/" + SECTION
            story.text = story.body  # composed once, not whenever it is asked for
            found.append(story)
    return found


def story_page(story: Story, others: Sequence[Story]) -> bytes:
    """The page in its frame, filled up to the paper's size with what is not the story."""
    rng = random.Random(story.number)
    page = demo.story_page(story, 0, others)
    size = rng.randint(72_000, 81_000)
    page = page.replace("</head>", _style(rng, 6_000) + "</head>", 1)
    page = page.replace("<header>", "<header>" + _menu(rng, 50), 1)
    page = page.replace("</main>", _cards(rng, 20) + "</main>", 1)
    page = page.replace("<footer>", "<footer>" + _cards(rng, 14) + _menu(rng, 100), 1)
    missing = size - len(page.encode())
    if story.layout == "hk_astro":
        islands = [_island(rng, missing // 6) for _ in range(6)]
        page = page.replace("</main>", "".join(islands[:4]) + "</main>", 1)
        page = page.replace("</footer>", "".join(islands[4:]) + "</footer>", 1)
    else:
        script = f"<script>window.__side={_data(rng, missing)};</script>"
        page = page.replace("</body>", script + "\n</body>", 1)
    return page.encode()


def _say(rng: random.Random, shortest: int, longest: int) -> str:
    return "".join(rng.choices(_WORDS, k=rng.randint(shortest, longest)))


def _style(rng: random.Random, size: int) -> str:
    rule = ".u{0}:hover>a{{margin:{1}px 0;display:block}}"
    rules = [rule.format(n, rng.randrange(40)) for n in range(size // 42)]
    return f"<style>{''.join(rules)}</style>\n"


def _menu(rng: random.Random, entries: int) -> str:
    items = "\n".join(
        f'<li class="menu-item px-4"><a class="hover:underline" href="/s{rng.randrange(999)}">'
        f"{_say(rng, 2, 6)}</a></li>"
        for _ in range(entries)
    )
    icon = '<svg viewBox="0 0 24 24"><path d="M12 4l8 8-8 8M4 12h16"></path></svg>'
    return f'<div class="menu">{icon}<ul class="menu-list">\n{items}\n</ul></div>\n'


def _cards(rng: random.Random, count: int) -> str:
    host = "https://cassette.sphdigital.com.sg/image/zaobao/"
    items = "\n".join(
        '<li class="flex gap-[12px] border-b py-[16px]"><a class="cursor-pointer touch-auto" '
        f'href="/news/world/story20260901-{rng.randrange(9_000_000, 9_400_000)}?ref=side">'
        f'<picture><img class="w-full object-cover" loading="lazy" alt="" '
        f'src="{host}{rng.getrandbits(160):040x}?w=200"></picture>'
        f'<h3 class="text-[16px] font-bold">{_say(rng, 12, 28)}</h3></a>'
        f'<span class="text-gray-500">{rng.randrange(24)}小时前</span></li>'
        for _ in range(count)
    )
    return f'<section class="side"><h2>更多</h2><ul>\n{items}\n</ul></section>\n'


def _island(rng: random.Random, size: int) -> str:
    component = "/web2/_astro/RealTimeGroupList.js"
    props = html.escape(_data(rng, size, html.escape))
    return (
        f'<astro-island component-url="{component}" client="load" props="{props}"></astro-island>'
    )


def _data(rng: random.Random, size: int, written: Callable[[str], str] = str) -> str:
    """JSON as the page's scripts have it: many entries of one kind. size: bytes, as written."""
    entries, length = [], 60
    while length < size:
        number = 9_000_000 + rng.randrange(1000)
        entry = {
            "__typename": "ArticleSummary",
            "id": number,
            "href": f"/news/world/story20260901-{number}",
            "image": {"src": "/assets/placeholder.svg", "width": 1200, "height": 800, "alt": None},
            "title": _say(rng, 2, 6),
            "flags": {"isPremium": False, "isVideo": False, "isBreaking": False},
        }
        entries.append(json.dumps(entry, ensure_ascii=False))
        length += len(written(entries[-1]).encode()) + 1
    return f"[{','.join(entries)}]"


def list_page(stories: Sequence[Story], number: int) -> bytes:
    """Page `number` of the list of these stories, counted from 1."""
    last = -(-len(stories) // LIST_SIZE)
    part = stories[(number - 1) * LIST_SIZE : number * LIST_SIZE]
    cards = [Card(s.path, s.title, s.published, s.number) for s in part]
    now = datetime.combine(DAY, time(), SINGAPORE)
    place = lists.Place(number, last)
    return lists.list_page("cards", SECTION, cards, place, now, stories[:12]).encode()


def write(made: Pages, folder: Path, origin: str, sizes: Sequence[int]) -> None:
    """One gzipped file a page, as the server gives it out.

    sizes: for so many list pages there is also a sitemap of their stories.
    """
    files = {path.strip("/"): page for path, page in made.stories.items()}
    for number, page in enumerate(made.lists, 1):
        files[f"realtime/{SECTION}-{number}"] = page
    for size in sizes:
        urls = [f"<url><loc>{origin}{p}</loc></url>" for p in [*made.stories][: size * LIST_SIZE]]
        files[f"sitemap/{size}"] = _SITEMAP.format("\n".join(urls)).encode()
    for name, page in files.items():
        file = folder / f"{name}.gz"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(gzip.compress(page, 6, mtime=0))
