"""Lists that only a browser shows: drawn by a script, or growing while they are scrolled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zaobao import runs, urls
from zaobao.browser.drawing import DRAWING, Drawing, draw_request, drawing_of
from zaobao.spiders import listpages
from zaobao.spiders.pagedlists import PagedListSpider
from zaobao.spiders.run import now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scrapy import Request
    from scrapy.http import Response
    from twisted.python.failure import Failure

    from zaobao.spiders.paging import Paging


class DrawnListSpider(PagedListSpider):
    """Base of the spider that reads lists, where a browser may have to show them."""

    def draw_list(self, response: Response, paging: Paging) -> Request | None:
        """The request that has a first page drawn which no layout reads; None where it is read."""
        if not self.options.browser or paging.pages or drawing_of(response):
            return None
        cards, _ = listpages.first_page(response, paging, now())
        if paging.layout != "unknown" and any(urls.story(card.address) for card in cards):
            return None
        left = self.options.max_pages - self.list_pages
        most = max(0, min(left, left if self.pages is None else self.pages - 1))
        drawing = Drawing(response.body, most, self._enough(paging))
        request = draw_request(response, drawing)
        return request.replace(errback=self.list_drawing_failed, cb_kwargs={"paging": paging})

    def _enough(self, paging: Paging) -> Callable[[list[str]], bool]:
        """Told the stories that a list shows so far: whether those behind need not be seen."""
        looked_at: set[str] = set()

        def enough(shown: list[str]) -> bool:
            found = {story.number: story for story in map(urls.story, shown) if story}
            fresh = [story for number, story in found.items() if number not in looked_at]
            looked_at.update(found)
            if not fresh:
                return False
            wanted = [story for story in fresh if self._may_be_wanted(story)]
            done = self.limit is not None and len(looked_at) >= self.limit and bool(wanted)
            return done or not wanted or paging.is_past(fresh)

        return enough

    def _may_be_wanted(self, story: urls.StoryUrl) -> bool:
        known = self.store.state.get(story.number)
        return known is None or self.is_wanted(known)

    def scrolled(self, response: Response, paging: Paging) -> bool:
        """Whether the list was scrolled, so that no further page of it is to be asked for."""
        drawing = drawing_of(response)
        if drawing is None or not drawing.rounds:
            return False
        self.list_pages += drawing.rounds
        self.crawler.stats.inc_value("zaobao/list_pages", drawing.rounds)
        paging.pages += drawing.rounds
        paging.end = "pages" if drawing.goes_on else "known"
        if drawing.goes_on and self.pages is None:
            runs.degrade(
                self.crawler.stats,
                f"ZAOBAO_MAX_PAGES={self.options.max_pages}: {paging.path} was scrolled "
                f"{drawing.rounds} times and goes on; what lies behind was not listed",
            )
        return True

    def list_drawing_failed(self, failure: Failure) -> Iterator[Request]:
        """The browser gave no list: what plain HTTP gave is all that there is."""
        request: Request = failure.request  # type: ignore[attr-defined]
        runs.degrade(self.crawler.stats, f"list page {request.url} was not drawn: {failure.value}")
        drawing: Drawing = request.meta[DRAWING]
        drawing.rounds = 0
        yield from self.parse_list(plain(request, drawing), **request.cb_kwargs)


def plain(request: Request, drawing: Drawing) -> Response:
    """The page as plain HTTP gave it."""
    from scrapy.http import HtmlResponse

    return HtmlResponse(request.url, body=drawing.body, encoding="utf-8", request=request)
