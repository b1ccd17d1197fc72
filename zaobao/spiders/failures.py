"""What becomes of a story that could not be had: noted, kept in quarantine, or found gone."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from scrapy.spidermiddlewares.httperror import HttpError

from zaobao import runs
from zaobao.archive import gone
from zaobao.archive.exclude import BECAUSE
from zaobao.errors import HostLeftAlone, Interrupted, Refused
from zaobao.spiders.answers import header
from zaobao.spiders.run import RunSpider, now

if TYPE_CHECKING:
    from datetime import datetime

    from scrapy.http import Response
    from twisted.python.failure import Failure

    from zaobao.archive.record import Record
    from zaobao.errors import NotAStory
    from zaobao.items import Extraction
    from zaobao.page import Page

logger = logging.getLogger(__name__)

NOT_ASKED = (HostLeftAlone, Interrupted)
"""Refusals that are about the host or the run, not about the story."""
MISSING = frozenset({404, 410})
"""Answers that say that there is no such page."""


class FailureSpider(RunSpider):
    """The errbacks of stories, and the quarantine."""

    def story_failed(self, failure: Failure) -> None:
        """The errback of a story: it alone is noted, and due again later."""
        self.count("answered")
        known: Record = failure.request.meta["zaobao_known"]  # type: ignore[attr-defined]
        error = failure.value
        if isinstance(error, HttpError):
            self._http_failed(known, error.response.status)
            return
        if isinstance(error, NOT_ASKED) or getattr(error, "reason", "") == "robots_unavailable":
            return  # the story stays due: this says nothing about it
        reason = error.reason if isinstance(error, Refused) else type(error).__name__
        self.note_failure(known, reason, str(error) or repr(error))

    def _http_failed(self, known: Record, status: int) -> None:
        if status in MISSING and known.status == "written":
            self.missing(known)
        else:
            self.note_failure(known, f"http_{status}", f"the site answered {status}")

    def note_failure(self, known: Record, reason: str, message: str) -> None:
        logger.info("%s not read (%s): %s", known.id, reason, message)
        self.put(known.number, "failed")
        self.count(f"failed/{reason}")
        if not known.attempts:
            self.count(f"unread/{reason}")
        self.store.state.fail(known.number, reason, now())

    def missing(self, known: Record) -> None:
        """A re-check found no page. Two of them, 12 hours apart, mark the post; it is kept."""
        moment = now()
        if self.store.state.missing(known.number, moment) and not known.gone:
            gone.mark(self.store, self.store.state.get(known.number) or known, moment)
            self.put(known.number, "gone")
            logger.info("%s is gone from the site; its post stays and says so", known.id)

    def refused(
        self,
        extraction: Extraction,
        known: Record,
        response: Response,
        page: Page,
        error: NotAStory,
    ) -> None:
        """A story that must not be published as it is: its page is kept.

        That of one that no layout read is in quarantine by now.
        """
        article = extraction.article
        if rule := self.store.exclude.rule(known.number, (article.url,), article.title):
            self.leave_out(known.number, article.id, rule)
            self.store.state.fail(known.number, BECAUSE + rule, article.crawled, final=True)
        elif article.layout == "generic":
            logger.info("%s", error)
        else:
            self.quarantine(known, response, page, article.crawled, error)

    def quarantine(
        self, known: Record, response: Response, page: Page, crawled: datetime, error: Exception
    ) -> None:
        """Keep a page that gave no story, with the reason; a person should look."""
        reason = getattr(error, "reason", "unreadable")
        logger.warning("%s quarantined (%s): %s", known.id, reason, error)
        self.put(known.number, "quarantined")
        self.count(f"quarantine/{reason}")
        if self.crawler.stats.get_value(f"zaobao/quarantine/{reason}") == 1:
            runs.degrade(self.crawler.stats, f"stories quarantined as {reason}, {known.id} first")
        dropped = self.kept_pages.keep(
            known,
            page,
            crawled,
            error,
            etag=header(response, "ETag"),
            last_modified=header(response, "Last-Modified"),
        )
        self.crawler.stats.inc_value("zaobao/quarantine_dropped", dropped)
        self.store.state.fail(known.number, reason, now(), quarantined=True)
