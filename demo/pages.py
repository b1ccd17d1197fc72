"""Story pages: each layout's article, with its pictures, inside its frame."""

from __future__ import annotations

import html
import random
import re
from base64 import b32encode
from string import Template, ascii_letters, digits
from typing import TYPE_CHECKING

from demo import jsonld, parts
from demo.story import SINGAPORE, Story

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


SECTION_NAMES = {"china": "中国", "singapore": "新加坡", "world": "国际", "finance": "财经"}
DEFAULT_PICTURE = {
    "sg": "https://www.zaobao.com.sg/_web2/assets/social-share.png",
    "hk": "https://dss0.zbstatic5.com/pic-default.png",
    "sg_drupal": "https://www.zaobao.com/themes/custom/zbsg2020/images/social-share.png",
}
_TAG = re.compile(r"<[a-z][a-z0-9-]*")


def esc(text: str) -> str:
    """`text` for markup and attributes."""
    return html.escape(text, quote=True)


def frame_of(layout: str) -> str:
    """The frame that a story's layout stands in."""
    return "sg_cards" if layout in ("sg4b", "sg4a", "sg3", "sg3h") else layout


def fill(name: str, **values: str) -> str:
    """A frame with its places filled."""
    return Template(parts.text("frames", f"{name}.html")).substitute(values)


def clock(moment: datetime, layout: str) -> str:
    """A visible time in the form of its layout."""
    at = moment.astimezone(SINGAPORE)
    day = f"{at.year}年{at.month}月{at.day}日"
    if layout == "sg_drupal":
        return f"{day} {at.hour % 12 or 12}:{at:%M} {at:%p}"
    return f"{day} {at:%H:%M}"


def description(story: Story) -> str:
    """The start of the text, cut as the paper cuts it."""
    text = "".join(story.keep)
    return text[:60] + ("…" if len(text) > 60 else "")


def story_page(story: Story, noise: int, others: Sequence[Story], number: int = 0) -> str:
    """The whole page. `others` fill the side lists and the links around the article.

    number: of the page of a story of several, from 0.
    """
    frame = frame_of(story.layout)
    visible = clock(story.published, story.layout)
    body = parts.expand(story.layout, story.served_on(number), noise, visible)
    if story.layout == "hk_bootstrap":
        body = "\n".join(shuffled(body.splitlines(), story.number))
    if "no_body" in story.quirks:
        body = ""
    main = fill(f"{frame}_story", body=body, **_around(story, noise, others))
    return page(frame, story.title, head(story, noise), main, others)


def _around(story: Story, noise: int, others: Sequence[Story]) -> dict[str, str]:
    values = {
        "section": story.section,
        "section_name": SECTION_NAMES.get(story.section.split("/")[-1], "其他"),
        "headline": esc(story.title),
        "clock": _clocks(story),
        "bylines": _bylines(story),
        "lead": parts.expand(story.layout, lead(story, frame_of(story.layout)), noise),
        "keywords": _keywords(story),
        "after": _after(story, noise),
    }
    for name, other in zip(("previous", "next", "outbrain"), others[-3:], strict=True):
        values |= {f"{name}_href": other.path, f"{name}_title": esc(other.title)}
    return values


def head(story: Story, noise: int) -> str:
    """Metas and embedded JSON of a story page."""
    about = esc(description(story))
    image = DEFAULT_PICTURE.get(story.layout) or DEFAULT_PICTURE[story.layout[:2]]
    if story.leads:
        image = parts.expand(story.layout, story.leads[0][0], noise)
    lines = [
        f'<meta name="description" content="{about}">',
        f'<meta property="og:title" content="{esc(story.title)}">',
        f'<meta property="og:description" content="{about}">',
        f'<meta property="og:image" content="{esc(image)}">',
        '<meta property="og:site_name" content="联合早报网">',
    ]
    if story.keywords:
        lines.append(f'<meta name="keywords" content="{esc(",".join(story.keywords))}">')
    if "video_meta" in story.quirks:
        lines.append('<meta name="contentType" content="video">')
    lines += [parts.expand(story.layout, s, noise) for s in _head_scripts(story)]
    return "\n".join(line for line in lines if line)


def _head_scripts(story: Story) -> list[str]:
    about = description(story)
    if "drupal_settings" in story.quirks:
        return [jsonld.scripts(story, about), jsonld.drupal_settings(story)]
    if story.layout.startswith("hk") and story.times in ("all", "ga"):
        return [jsonld.scripts(story, about), jsonld.ga_push(story)]
    return [] if "ld_in_body" in story.quirks else [jsonld.scripts(story, about)]


def _after(story: Story, noise: int) -> str:
    """SG-4a on: scripts outside the head. SG-3h: the hydration data."""
    if story.layout == "sg3h":
        body = parts.expand(story.layout, story.served, noise, clock(story.published, "sg3h"))
        return jsonld.hydration(story, body)
    if "ld_in_body" in story.quirks:
        return jsonld.scripts(story, description(story))
    return ""


def _clocks(story: Story) -> str:
    if story.times in ("json", "list", "ga") or "no_h4" in story.quirks:
        return ""
    text = clock(story.published, story.layout)
    updated = clock(story.updated, story.layout) if story.updated else ""
    if story.layout == "sg_drupal":
        again = f'<h4 class="title-byline date-updated">更新 / {updated}</h4>' if updated else ""
        return f'<h4 class="title-byline date-published">发布 / {text}</h4>{again}'
    if story.layout == "hk_bootstrap":
        return f'<div class="mgt10">发布 / {text}</div>'
    slash = " / " if int(story.number) % 2 else "/"
    again = f"<span>更新{slash}{updated}</span>" if updated else ""
    return f'<div class="text-[14px]"><span>发布{slash}{text}</span>{again}</div>'


def _bylines(story: Story) -> str:
    links = [f'<a href="/byline/{n}">{esc(a)}</a>' for n, a in enumerate(story.authors, 1)]
    if story.layout == "sg_drupal":
        return f'<h4 class="title-byline byline">文 / {"、".join(links)}</h4>' if links else ""
    return "、".join(links)


def _keywords(story: Story) -> str:
    words = story.keywords or ()
    if story.layout.startswith("hk"):
        kind = 'class="keyword-tag_item"'
        return "".join(f'<a {kind} href="/keywords/k{n}">{esc(w)}</a>' for n, w in enumerate(words))
    return "".join(f'<li><a href="/keywords/k{n}">{esc(w)}</a></li>' for n, w in enumerate(words))


def page(frame: str, title: str, head: str, main: str, others: Sequence[Story]) -> str:
    """A frame with its side lists around `main`."""
    return fill(
        frame,
        title=esc(title),
        head=head,
        main=main,
        ticker_href=others[0].path,
        ticker_title=esc(others[0].title),
        side_realtime=_side(others[:5], frame, "sidebar-realtime"),
        side_popular=_side(others[5:9], frame, "sidebar-daily-popular"),
        side_more=_side(others[9:12], frame, "home-global-news"),
    )


def _side(stories: Sequence[Story], frame: str, ref: str) -> str:
    kind = "hotnews_item" if frame == "hk_astro" else "side-item"
    return "\n".join(
        f'<li><a class="{kind}" href="{s.path}?ref={ref}">{esc(s.title)}</a><span>'
        f"{6 + n} 分钟前</span></li>"
        for n, s in enumerate(stories)
    )


# --- the pictures outside the body


def lead(story: Story, frame: str) -> str:
    """The pictures outside the body, each layout in its own markup."""
    if not story.leads:
        return ""
    if len(story.leads) > 1 and frame != "sg_cards":
        return _many(story)
    if story.layout == "hk_bootstrap":
        return _many(story)
    (url, caption), layout = map(esc, story.leads[0]), story.layout
    if layout == "sg_drupal":
        image = f'<img class="lazyload" data-src="{url}" title="{caption}" alt="">'
        figure = f'<div class="figure-media">{image}</div><figcaption>{caption}</figcaption>'
        return f'<figure class="inline-figure">{figure}</figure>'
    if layout == "hk_astro":
        image = f'<img src="{url}" title="{caption}"><div class="text-sm">{caption}</div>'
        return f'<div data-testid="article-banner">{image}</div>'
    if int(story.number) % 2:
        kind = "mx-auto my-0 w-full rounded-[4px] object-contain"
        return f'<img class="{kind}" src="{url}" alt="{caption}">'
    return f'<div class="my-[16px] text-[14px]"><img src="{url}" alt="{caption}">{caption}</div>'


def _many(story: Story) -> str:
    """Galleries: the SG-1 slider, the HK-2 carousel, the HK-3 gallery."""
    pictures = [(esc(url), esc(caption)) for url, caption in story.leads]
    render = {"sg_drupal": _slider, "hk_bootstrap": _carousel}.get(story.layout, _gallery)
    return render(pictures)


def _slider(pictures: list[tuple[str, str]]) -> str:
    slides = "".join(
        '<div class="figure-media-gallery-slide"><div class="figure-media-gallery-img">'
        f'<img class="article-rotator-img lazyload" data-src="{url}" alt="" '
        f'data-caption="{caption}"></div></div>'
        for url, caption in pictures
    )
    nav = '<div class="figure-media-gallery-nav"><span class="zb-gallery-arrow"></span></div>'
    nav += '<div class="js-figure-media-gallery-overlay" hidden></div>'
    box = f'<div class="js-figure-media-gallery">{slides}{nav}</div>'
    return f'<div class="inline-figure-gallery">{box}</div>'


def _carousel(pictures: list[tuple[str, str]]) -> str:
    items = "".join(
        f'<div class="carousel-item"><img src="{url}" alt="{caption}">'
        f'<div class="caption">{caption}</div></div>'
        for url, caption in pictures
    )
    inner = f'<div class="carousel-inner">{items}</div>'
    return f'<div id="carousel-article" class="carousel">{inner}</div>'


def _gallery(pictures: list[tuple[str, str]]) -> str:
    (first, title), *rest = pictures
    more = "".join(f'<img class="gallery-image" src="{u}" title="{c}">' for u, c in rest)
    return f'<div data-testid="article-banner"><img src="{first}" title="{title}"></div>{more}'


# --- the order that HK-2 hides


def data_s(place: int, rng: random.Random) -> str:
    """Three characters of salt, then `place` in base32, eleven characters in all."""
    salt = "".join(rng.choices(ascii_letters + digits, k=3))
    return salt + b32encode(str(place).encode()).decode()


def shuffled(children: list[str], seed: str) -> list[str]:
    """Mark each child with its place, counted from 1, and shuffle them all."""
    rng = random.Random(seed)  # noqa: S311 - an order, not a secret
    marked = []
    for place, child in enumerate(children, 1):
        tag = _TAG.search(child)
        end = tag.end() if tag else 0
        marked.append(f'{child[:end]} data-s="{data_s(place, rng)}"{child[end:]}')
    rng.shuffle(marked)
    return marked
