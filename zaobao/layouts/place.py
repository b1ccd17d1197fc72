"""Where a story stands on its page: what every field is read from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zaobao.dom import Node
    from zaobao.page import Page

Selectors = tuple[str, ...]
"""CSS selectors, the best first: the first that matches anything counts."""


@dataclass(frozen=True, slots=True)
class Place:
    """A story on its page.

    ld: the page's own NewsArticle, or an empty dict. box: the element with the
    body, untouched. html: its HTML. scope: the part of the page around it that is
    about this story.
    """

    page: Page
    ld: dict[str, Any]
    box: Node
    html: str
    scope: Node
