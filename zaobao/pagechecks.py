"""Whether a page is whole and safe to parse. Pure checks of its bytes.

An ordinary page has less than 128 KB and a few thousand tags; the costly checks
are made only of pages unlike that. None of them parses.
"""

from __future__ import annotations

import codecs
import re

from zaobao.errors import UnfitError

NO_PAGES = ("image/", "audio/", "video/", "font/", "application/pdf", "application/zip")
"""How the Content-Types begin that no page comes with; others are judged by the bytes."""
MAX_TAG = 32 * 1024
MAX_VALUE_TAG = 512 * 1024
MAX_ATTRIBUTES = 256 * 1024
MAX_NODES = 20_000
# Up to this size not even a page of one tag holds the parser for half a second.
_HARMLESS = 128 * 1024

_START_TAG = re.compile(rb"<([a-zA-Z][^\s/>]*)")
# One attribute as the HTML standard reads it: quotes count after `=` only, and
# a vertical tab is no blank. The group is a quoted value. No possessive
# quantifiers: with a group inside they raise SystemError in Python 3.11.
_ATTRIBUTE = (
    rb"[ \t\n\r\f/]*[^ \t\n\r\f/>][^ \t\n\r\f/>=]*(?:[ \t\n\r\f]*=[ \t\n\r\f]*"
    rb"(?:(\"[^\"]*\"|'[^']*')|[^ \t\n\r\f>\"'][^ \t\n\r\f>]*)?)?"
)
_ONE_ATTRIBUTE = re.compile(_ATTRIBUTE)
# An attribute has two bytes beside its quoted value, so more are over MAX_TAG.
_ATTRIBUTES = re.compile(rb"(?:" + _ATTRIBUTE + rb"){0,20000}")
# Their content is text for every parser. Other such elements are scanned as if
# they held tags, which counts too many at worst.
_RAW_TEXT = {name: re.compile(b"</" + name, re.I) for name in (b"script", b"style")}
_XML_ROOT = re.compile(rb"(?:\s|<\?[^>]*>|<!--.*?-->|<![^>]*>)*<([a-zA-Z_][\w:.-]*)", re.S)


def check_html(page: bytes) -> None:
    """UnfitError unless `page` (UTF-8) is a whole HTML page that a parser may be given.

    Reasons: `empty`, `not_html`, `cut`, `tag_too_long`, `too_many_nodes`. How
    deep it is `Page.is_too_deep` says after parsing.
    """
    start = page[:1024].lstrip(b" \t\r\n\f\x00")
    if not start:
        raise UnfitError("empty", "nothing in it")
    if not start.startswith(b"<"):
        raise UnfitError("not_html", f"it begins with {start[:12]!r}")
    if not _has_end(page):
        raise UnfitError("cut", "no </html> at the end")
    if _suspicious(page):
        _scan(page)


def _has_end(page: bytes) -> bool:
    """Whether the body or the document is closed; scripts and comments may follow."""
    for part in (page[-2048:], page):
        low = part.lower()
        if b"</html" in low or b"</body" in low:
            return True
    return False


def _suspicious(page: bytes) -> bool:
    """Whether some tag might be too long or there might be too many.

    A stretch of 32 KiB without `>` covers one whole aligned window of 16 KiB.
    """
    if len(page) > _HARMLESS or page.count(b"<") > MAX_NODES:
        return True
    step = MAX_TAG // 2
    return any(
        page.find(b">", at, at + step) < 0 and _is_in_tag(page, at, step)
        for at in range(0, len(page) - step, step)
    )


def _is_in_tag(page: bytes, at: int, size: int) -> bool:
    """Whether the stretch without `>` around `at` has a `<` over `size` bytes before its end.

    The data in a script have none but that of `</script>`.
    """
    end = page.find(b">", at)
    end = len(page) if end < 0 else end
    return 0 <= page.find(b"<", page.rfind(b">", 0, at) + 1, end) < end - size


def _scan(page: bytes) -> None:
    """Walk over the tags as the HTML standard reads them; linear, and ends early.

    The parser's time grows with the square of a tag's attributes and of the levels:
    60,000 attributes took it 7 s, 100,000 nested elements 28 s, the 20,000 that are
    let through 0.4 s. Long values cost nothing (an island's properties are one), so
    a tag's length counts without quoted values.
    """
    if page.count(b"<") > 3 * MAX_NODES:
        raise UnfitError("too_many_nodes", f"over {3 * MAX_NODES} tags")
    at, nodes, attributes = 0, 0, 0
    while match := _START_TAG.search(page, at):
        nodes += 1
        if nodes > MAX_NODES:
            raise UnfitError("too_many_nodes", f"over {MAX_NODES} elements")
        tag = _ATTRIBUTES.match(page, match.end())
        assert tag
        at = tag.end()
        if at - tag.start() > 1024:
            attributes += _bare_length(tag[0])
            if attributes > MAX_ATTRIBUTES:
                raise UnfitError("tag_too_long", f"over {MAX_ATTRIBUTES} bytes of attributes")
        if (end_tag := _RAW_TEXT.get(match[1].lower())) is not None:
            end = end_tag.search(page, at)
            at = end.start() if end else len(page)


def _bare_length(attributes: bytes) -> int:
    quoted = sum(len(one[1] or b"") for one in _ONE_ATTRIBUTE.finditer(attributes))
    if len(attributes) - quoted > MAX_TAG or len(attributes) > MAX_VALUE_TAG:
        raise UnfitError("tag_too_long", f"a tag of {len(attributes)} bytes")
    return len(attributes) - quoted


def check_xml(body: bytes) -> None:
    """UnfitError unless `body` looks like a whole sitemap or sitemap index."""
    body = body.removeprefix(codecs.BOM_UTF8).strip()
    if not body:
        raise UnfitError("empty", "nothing in it")
    root = _XML_ROOT.match(body)
    if not root or root[1].lower() == b"html":
        raise UnfitError("not_xml", f"it begins with {body[:12]!r}")
    closed = b"</" + root[1] in body[-1024:] or body.find(b"/>", root.end()) == len(body) - 2
    if not closed:
        raise UnfitError("cut", f"<{root[1].decode()}> is not closed")
