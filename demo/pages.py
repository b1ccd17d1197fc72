"""Story pages: each layout's article inside its frame (site-facts 4)."""

from __future__ import annotations

from string import Template
from typing import TYPE_CHECKING

from demo import jsonld, parts, pictures
from demo.pictures import esc
from demo.shuffle import shuffled
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


def frame_of(layout: str) -> str:
    """The frame that a story's layout stands in."""
    return "sg_cards" if layout in ("sg4b", "sg4a", "sg3", "sg3h") else layout


def fill(name: str, **values: str) -> str:
    """A frame with its places filled."""
    return Template(parts.text("frames", f"{name}.html")).substitute(values)


def clock(moment: datetime, layout: str) -> str:
    """A visible time in the form of its layout (site-facts 10)."""
    at = moment.astimezone(SINGAPORE)
    day = f"{at.year}年{at.month}月{at.day}日"
    if layout == "sg_drupal":
        return f"{day} {at.hour % 12 or 12}:{at:%M} {at:%p}"
    return f"{day} {at:%H:%M}"


def description(story: Story) -> str:
    """The start of the text, cut as the paper cuts it."""
    text = "".join(story.keep)
    return text[:60] + ("…" if len(text) > 60 else "")


def story_page(story: Story, noise: int, others: Sequence[Story]) -> str:
    """The whole page. `others` fill the side lists and the links around the article."""
    frame = frame_of(story.layout)
    visible = clock(story.published, story.layout)
    body = parts.expand(story.layout, story.served, noise, visible)
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
        "lead": parts.expand(story.layout, pictures.lead(story, frame_of(story.layout)), noise),
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
