"""The pictures around an article's body: lead images, sliders, carousels, galleries."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from demo.story import Story


def esc(text: str) -> str:
    """`text` for markup and attributes."""
    return html.escape(text, quote=True)


def lead(story: Story, frame: str) -> str:
    """The pictures outside the body, each layout in its own markup (site-facts 4, 6.1)."""
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
    draw = {"sg_drupal": _slider, "hk_bootstrap": _carousel}.get(story.layout, _gallery)
    return draw(pictures)


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
