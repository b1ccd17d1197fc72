"""How a spider has a page rendered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy import Request
    from scrapy.http import Response

RENDERING = "zaobao_rendering"
"""The key in a request's meta under which its Rendering stands."""

SLOT = "browser"
"""The downloader slot of these pages. In its host's slot a page would wait for its own scripts."""


@dataclass(slots=True)
class Rendering:
    """A page to be rendered, and then what came of it.

    body: the page as plain HTTP gave it, UTF-8. most: how often a list may be
    scrolled to its end; 0: it is no list. enough: is given the addresses of the
    stories that a list shows so far; returns whether that is enough.
    rounds: how often scrolling brought stories. goes_on: `most` is reached, and
    the last round still brought some.
    """

    body: bytes
    most: int = 0
    enough: Callable[[list[str]], bool] | None = None
    rounds: int = 0
    goes_on: bool = False


def render_request(response: Response, rendering: Rendering) -> Request:
    """The request that renders the page of `response`; callback and errback stay.

    It passes all middlewares like any other, so a page whose address is
    forbidden by now is not rendered.
    """
    request = response.request
    assert request is not None
    meta = {name: value for name, value in request.meta.items() if name.startswith("zaobao_")}
    meta |= {RENDERING: rendering, "download_slot": SLOT, "autothrottle_dont_adjust_delay": True}
    return request.replace(url=response.url, meta=meta, headers={}, dont_filter=True)


def rendering_of(response: Response) -> Rendering | None:
    """The Rendering of a rendered page; None for one that plain HTTP gave."""
    rendering: Rendering | None = response.meta.get(RENDERING)
    return rendering
