"""Addresses inside a post: where a picture lies, where a link goes."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

from w3lib.url import safe_url_string, url_query_cleaner

from zaobao.urls import CANONICAL_ORIGIN, PAPER_HOSTS, is_image_host

_UNFIT = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")  # no address can hold these
_MOVED = (
    ("/s3/files/", "static.zaobao.com", "/s3fs-public/"),
    ("/s3fs-public/", "static.zaobao.com", "/s3fs-public/"),
    ("/articles/", "dss0.zbstatic5.com", "/s3fs-public/articles/"),
)
"""Where the files of a www.zaobao.com path lie: (path, host, path there).

Seen: docs/site-facts.md, "Pictures".
"""

_TRACKING = (
    "ref",
    "obOrigUrl",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "utm_content",
    "utm_term",
)
_PLAIN = re.compile(r"https?://[a-z0-9.-]+/[\w./~=&?+,;:@!$()*-]*", re.A)
# Most pictures: nothing to be parsed, joined or escaped.
_WHOLE = re.compile(
    r"https://([a-z0-9.-]+)(/[\w./~=+,;:!$()*-]*)(?:\?([\w./~=&+,;:!$()*-]*))?", re.A
)
_HOST = re.compile(r"[\w.-]+")
_STYLE = re.compile(r"/styles/[^/]+/public/")
_SLASHES = re.compile(r"^(https?:|)/{2,}", re.I)
_NO_HOST = re.compile(r"https?://", re.I)
_IGNORED = re.compile(r"[\t\r\n]")  # browsers ignore these anywhere in an address


def image(address: str) -> str | None:
    """The address under which a picture is linked, or None when its host is not kept.

    Relative addresses belong to www.zaobao.com; its files moved to two image
    hosts, and the bucket behind /s3/files answers 403 (RSSHub #9640). One
    address at a time: the public rule for whole HTML strings swallowed text.
    """
    if whole := _WHOLE.fullmatch(address):
        host, path, query = whole.groups("")
    else:
        parts = _split(address)
        if parts is None or parts.scheme not in ("http", "https"):
            return None
        host, path, query = parts.hostname or "", parts.path, parts.query
    if not is_image_host(host) or len(path) < 2:
        return None
    if host in PAPER_HOSTS or path.startswith(_MOVED[0][0]):
        for prefix, there, folder in _MOVED:
            if path.startswith(prefix):
                host, path = there, folder + path[len(prefix) :]
                break
    return _safe(f"https://{host}{path}?{query}" if query else f"https://{host}{path}")


def same_picture(address: str) -> str:
    """The key under which two addresses are one picture: without query and image style."""
    path = address.partition("?")[0]
    return _STYLE.sub("/", path) if "/styles/" in path else path


def link(address: str) -> str | None:
    """The address of a link in a post: https, http or mailto; None for any other.

    A relative one becomes `https://www.zaobao.com` + path; what the paper's own
    links carry for tracking is taken off.
    """
    parts = _split(address)
    if parts is None or (not parts.netloc and parts.scheme != "mailto"):
        return None
    if parts.scheme == "mailto":
        return safe_url_string(urlunsplit(parts)) if "@" in parts.path else None
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(parts.hostname or ""):
        return None
    url = urlunsplit(parts)
    if parts.hostname in PAPER_HOSTS:
        url = url_query_cleaner(url, _TRACKING, remove=True, unique=False, keep_fragments=True)
    return _safe(url)


def _safe(url: str) -> str:
    return url if _PLAIN.fullmatch(url) else safe_url_string(url)


def with_slashes(address: str) -> str:
    """An address as browsers read one: a backslash is a slash; "" for one without a host."""
    head, mark, tail = re.split(r"([?#]|$)", address, maxsplit=1)
    head = _SLASHES.sub(r"\1//", head.replace("\\", "/"))
    return "" if _NO_HOST.fullmatch(head) else head + mark + tail


def _split(address: str) -> SplitResult | None:
    address = _IGNORED.sub("", address.strip())
    if "\\" in address or address[:8].lower() in ("http://", "https://"):
        address = with_slashes(address)
    if not address or address.startswith("#") or _UNFIT.search(address):
        return None
    try:
        parts = urlsplit(address)
        if not parts.netloc or not parts.scheme:
            parts = urlsplit(urljoin(CANONICAL_ORIGIN, address))
        odd = parts.port not in (None, 80, 443) and is_image_host(parts.hostname or "")
    except ValueError:
        return None
    return None if odd or "@" in parts.netloc else parts
