"""Checks each answer before anything parses it, and hands it on as UTF-8."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, TypeVar

from scrapy import signals
from scrapy.http import HtmlResponse, JsonResponse, TextResponse, XmlResponse
from w3lib.encoding import http_content_type_encoding

from zaobao.blockpages import CHALLENGE, block_page
from zaobao.decoding import content_codings, unpack, utf8
from zaobao.downloadermiddlewares.refusals import BadPage, refuse
from zaobao.downloadermiddlewares.request import kind_of
from zaobao.downloadermiddlewares.retry import PoliteRetryMiddleware
from zaobao.errors import UnfitError
from zaobao.pagechecks import NO_PAGES, check_html, check_xml

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

_Text = TypeVar("_Text", bound=TextResponse)
# What another try may mend.
_AGAIN = frozenset({"cut", "encoding", "empty"})
_GZIP = b"\x1f\x8b"


class ResponseCheckMiddleware:
    """Passes whole, readable pages of the kind that was asked for; BadPage for all others.

    Error statuses pass as they are. HTML comes out as HtmlResponse, the
    page-content JSON as JsonResponse (already parsed), sitemaps as XmlResponse,
    robots.txt as TextResponse; all of them in UTF-8. What a rendered page asks for,
    and a picture, is only unpacked.

    In place of Scrapy's HttpCompressionMiddleware, but no subclass of it: that one
    takes half a gzip stream for a page, in a private function that its one public
    method calls, so all of it would be overridden and nothing be used.
    """

    retry: PoliteRetryMiddleware

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.limit = crawler.settings.getint("DOWNLOAD_MAXSIZE")
        crawler.signals.connect(self._engine_started, signals.engine_started)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def _engine_started(self) -> None:
        self.retry = PoliteRetryMiddleware.of(self.crawler)

    def process_response(self, request: Request, response: Response) -> Request | Response:
        if not 200 <= response.status < 300:
            return response
        kind = kind_of(request)
        try:
            if response.status == 206:  # no part of a page was asked for
                raise UnfitError("cut", "it is a part of a page")
            if kind in ("part", "image"):
                limit = request.meta.get("download_maxsize")
                return response.replace(body=self._unpacked(response, limit))
            page = self._read(kind, response)
        except UnfitError as error:
            if error.reason in _AGAIN and (retry := self.retry.again(request, error.reason)):
                return retry
            raise refuse(self.crawler, BadPage(error.reason, f"{request.url}: {error}")) from None
        if isinstance(page, HtmlResponse) and (found := block_page(page.body, kind)):
            self._blocked(request, found)
        self.retry.note_answer(request)
        return page

    def _read(self, kind: str, response: Response) -> TextResponse:
        content_type = (response.headers.get(b"Content-Type") or b"").decode("latin-1").lower()
        if content_type.startswith(NO_PAGES):
            raise UnfitError("not_html", f"it is {content_type[:40]!r}")
        body = self._unpacked(response)
        if kind == "sitemap":
            return self._sitemap(response, body)
        body = utf8(body, http_content_type_encoding(content_type))
        if kind == "robots":
            is_html = body.lstrip().startswith(b"<")
            return _in_utf8(response, HtmlResponse if is_html else TextResponse, body)
        if kind == "api":
            return self._json(response, body)
        check_html(body)
        return _in_utf8(response, HtmlResponse, body)

    def _unpacked(self, response: Response, limit: int | None = None) -> bytes:
        """The body without its content codings, which the header names no longer."""
        headers = response.headers
        if b"Content-Encoding" not in headers:
            return response.body
        codings = content_codings(headers.getlist(b"Content-Encoding"))
        body = unpack(response.body, codings, limit or self.limit)
        del headers[b"Content-Encoding"]
        return body

    def _sitemap(self, response: Response, body: bytes) -> XmlResponse:
        if body.startswith(_GZIP):
            body = unpack(body, ["gzip"], self.limit)
        check_xml(body)
        return _in_utf8(response, XmlResponse, body)

    @staticmethod
    def _json(response: Response, body: bytes) -> JsonResponse:
        start = body.lstrip()[:1]
        if not start:
            raise UnfitError("empty", "nothing in it")
        if start not in b"{[":
            raise UnfitError("not_json", f"it begins with {body[:12]!r}")
        answer = _in_utf8(response, JsonResponse, body)
        try:
            answer.json()
        except (ValueError, RecursionError) as error:
            raise UnfitError("cut", f"the JSON does not parse: {error}") from None
        return answer

    def _blocked(self, request: Request, found: str) -> None:
        if found == CHALLENGE:
            self.retry.note_block(request, CHALLENGE)
            self.retry.check(request)
        if kind_of(request) != "robots":
            raise refuse(
                self.crawler, BadPage(found, f"{request.url} answers with a block page: {found}")
            )


def _in_utf8(response: Response, cls: type[_Text], body: bytes) -> _Text:
    page = response.replace(cls=cls, body=body, encoding="utf-8", headers=None)
    page.headers = response.headers  # `replace` would normalise each name and value once more
    return page
