"""What spiders take from an answer that passed the gate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.http import TextResponse

if TYPE_CHECKING:
    from scrapy.http import Response


def utf8(response: Response) -> bytes:
    """The page's bytes as UTF-8; the gate has decided on the charset before."""
    if isinstance(response, TextResponse) and response.encoding not in ("utf-8", "ascii"):
        return response.text.encode("utf-8", "replace")
    return response.body


def header(response: Response, name: str) -> str | None:
    """A header's value; None when there is none."""
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None
