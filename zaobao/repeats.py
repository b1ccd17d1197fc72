"""The same text under two story numbers: then one of the two addresses gave another's page."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from zaobao.archive.lines import decode_line
from zaobao.errors import NotAStory
from zaobao.sense import fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from zaobao.items import Article

LOOKED_BACK = 1 << 20
"""Bytes of articles.jsonl that are compared with: some 150 stories, three days of China."""


class Texts:
    """The texts of the newest stories and of this run."""

    def __init__(self, lines: Path) -> None:
        """lines: `articles.jsonl`; its end is read when the first story is compared."""
        self._lines = lines
        self._seen: dict[str, tuple[str, str]] | None = None

    def check(self, article: Article) -> None:
        """NotAStory when another story has this text under another headline.

        Under the same headline it is the same news once more, and both stay.
        """
        if self._seen is None:
            self._seen = dict(_newest(self._lines))
        if (mark := fingerprint(article.text)) is None:
            return
        number = article.id.partition("-")[2]
        other, title = self._seen.setdefault(mark, (number, article.title))
        if other != number and title != article.title:
            raise NotAStory("same_text", f"{article.id}: its text is that of story {other}")


def _newest(path: Path) -> Iterator[tuple[str, tuple[str, str]]]:
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            file.seek(max(0, size - LOOKED_BACK))
            data = file.read()
    except FileNotFoundError:
        return
    for line in data.split(b"\n")[1 if size > LOOKED_BACK else 0 :]:
        if (values := decode_line(line)) and isinstance(values.get("text"), str):
            number, title = str(values.get("id")).partition("-")[2], str(values.get("title"))
            if mark := fingerprint(values["text"]):
                yield mark, (number, title)
