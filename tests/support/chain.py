"""The pure chain of a story, page bytes to post, without a crawl; and the written cases."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from scrapy.settings import Settings

from zaobao import layouts, pagechecks, urls
from zaobao.cleaning.clean import clean_article
from zaobao.errors import UnfitError
from zaobao.exporters import JekyllPostExporter, line
from zaobao.items import Article, Extraction
from zaobao.options import Options
from zaobao.page import Page

CASES = Path(__file__).parents[1] / "cases"


def options(**given: str) -> Options:
    """The project's settings, some of them given."""
    settings = Settings()
    settings.setmodule("zaobao.settings")
    settings.update(given)
    return Options.from_settings(settings)


def read(page: bytes, url: str, crawled: datetime, listed: datetime | None = None) -> Article:
    """What gate and spider do with a page, and what they raise."""
    return extraction(page, url, crawled, listed).article


def extraction(
    page: bytes, url: str, crawled: datetime, listed: datetime | None = None
) -> Extraction:
    pagechecks.check_html(page)
    parsed = Page(url, page)
    if parsed.is_too_deep:
        raise UnfitError("too_deep", f"{url} is nested too deep")
    story = urls.story(url)
    assert story
    extraction = layouts.pick(parsed).extract(parsed, story, crawled, listed)
    clean_article(extraction)
    return extraction


def post(article: Article, **given: str) -> bytes:
    return JekyllPostExporter(options(**given)).post(article)


def file_name(article: Article) -> str:
    return JekyllPostExporter(options()).file_name(article, lambda _name: False)


@dataclass
class Case:
    """A written page and what must come of it. See `case.toml` of each."""

    folder: Path
    about: str
    url: str
    crawled: str = ""
    listed: str = ""
    seen: str = ""
    keep: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    order: tuple[str, ...] = ()

    @property
    def layout(self) -> str:
        return self.folder.parent.name

    @property
    def name(self) -> str:
        return f"{self.layout}/{self.folder.name}"

    @property
    def page(self) -> bytes:
        name = "list.html" if self.seen else "page.html"
        return (self.folder / name).read_bytes()

    def article(self) -> Article:
        return self.extraction().article

    def extraction(self) -> Extraction:
        listed = datetime.fromisoformat(self.listed) if self.listed else None
        return extraction(self.page, self.url, datetime.fromisoformat(self.crawled), listed)

    def item(self) -> str:
        """The JSON line and the sources, to be read by people."""
        read = self.extraction()
        values = json.loads(line(read.article)) | {"sources": read.sources}
        return json.dumps(values, ensure_ascii=False, indent=2) + "\n"

    def cards(self) -> str:
        """The cards of a list page, to be read by people."""
        page = Page(self.url, self.page)
        layout = layouts.pick_list(page)
        assert layout, self.name
        found, source = layout.listing(page, datetime.fromisoformat(self.seen))
        cards = [
            [card.address, card.title, card.listed and card.listed.isoformat()] for card in found
        ]
        values: dict[str, Any] = {"layout": layout.name, "rung": source, "cards": cards}
        return json.dumps(values, ensure_ascii=False, indent=2) + "\n"


def cases() -> list[Case]:
    known = {field.name for field in fields(Case)}
    found = []
    for path in sorted(CASES.glob("*/*/case.toml")):
        said = tomllib.loads(path.read_text("utf-8"))
        assert said.keys() <= known, f"{path}: {said.keys() - known}"
        found.append(Case(path.parent, **said))
    return found


STORIES = [case for case in cases() if not case.seen]
LISTS = [case for case in cases() if case.seen]
