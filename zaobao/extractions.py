"""What was noticed about a story while it was read, until the pipelines are done with it."""

from __future__ import annotations

from typing import Any

from itemadapter import ItemAdapter

from zaobao.items import Article, Extraction
from zaobao.urls import number_in


class Extractions:
    """The extractions of the items that are on their way, by the stories' numbers."""

    def __init__(self) -> None:
        self._waiting: dict[str, Extraction] = {}

    def expect(self, extraction: Extraction) -> None:
        self._waiting[_number(extraction.article)] = extraction

    def of(self, item: Article) -> Extraction:
        """That of an item; an empty one for an item that no spider of ours read."""
        return self._waiting.get(_number(item)) or Extraction(item)

    def done(self, item: Any) -> None:
        """Drop what was kept for an item."""
        self._waiting.pop(_number(item), None)


def _number(item: Any) -> str:
    if isinstance(item, Article):
        return item.number
    # A pipeline of the user's may have put a dict in its place.
    return number_in(str(ItemAdapter(item).get("id")))
