"""Addresses: what is a story, which hosts are the paper's, what may be asked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

if TYPE_CHECKING:
    from collections.abc import Callable

CANONICAL_ORIGIN = "https://www.zaobao.com"
SITEMAP_HOST = "www.zaobao.com.sg"
PAPER_HOSTS = frozenset({"www.zaobao.com", "www.zaobao.com.sg", "zaobao.com", "zaobao.com.sg"})
# The mainland's are numbered (docs/site-facts.md, "Pictures").
_IMAGE_HOST = re.compile(
    r"static\.zaobao\.com(?:\.sg)?|cassette\.sphdigital\.com\.sg|dss\d\.zbstatic\d\.com", re.A
)

_STORY = re.compile(
    r"(?:https?://[a-z0-9.:-]+)?"
    r"((?:/[a-z0-9-]+){1,8})/story(20\d{2})(\d{2})(\d{2})-([1-9]\d{0,30})/?(?:[?#].*)?",
    re.I | re.A,
)
# Videos and podcasts carry story numbers too, but there is no article to read.
_NOT_ARTICLES = ("/zvideos", "/podcast")
# A raw control character, blank or backslash, or an encoded line feed: no link
# of the paper has one, and one that has is meant for some other parser.
_MALFORMED = re.compile(r"[\x00-\x20\x7f\\]|%0[ad]|%00", re.I)


@lru_cache(maxsize=256)
def is_image_host(host: str) -> bool:
    """Whether pictures on that host, in lower case, are the paper's own and are kept."""
    return host in PAPER_HOSTS or _IMAGE_HOST.fullmatch(host) is not None


@dataclass(frozen=True, slots=True)
class StoryUrl:
    """A story's address, taken apart.

    section: path before `/story…`, lower case, no outer slash. day: the date in
    the URL, a Singapore date. number: digits; it alone identifies the story,
    over sections and hosts.
    """

    section: str
    day: date
    number: str

    @classmethod
    def of(cls, url: str) -> StoryUrl:
        """A story's address, parsed; ValueError when it is not one."""
        found = story(url)
        if found is None:
            raise ValueError(f"{url!r} is no story's address")
        return found

    @property
    def id(self) -> str:
        """`20210902-1189718`."""
        return f"{self.day.isoformat().replace('-', '')}-{self.number}"

    @property
    def path(self) -> str:
        return f"/{self.section}/story{self.id}"

    @property
    def canonical(self) -> str:
        """`https://www.zaobao.com` + path: the one form for `from:` and `url`."""
        return CANONICAL_ORIGIN + self.path


@lru_cache(maxsize=512)  # lists and pages name the same address again and again
def story(url: str) -> StoryUrl | None:
    """Take a story's address apart; None when `url` is not one.

    Host, query, fragment, letter case and a trailing slash do not matter. An
    address without number or with an impossible date is not a story.
    """
    match = _STORY.fullmatch(url) or _STORY.fullmatch(_path(url))
    if not match:
        return None
    section, year, month, day, number = match.groups()
    section = section.lower()
    if section.startswith(_NOT_ARTICLES):
        return None
    try:
        return StoryUrl(section[1:], date(int(year), int(month), int(day)), number)
    except ValueError:
        return None


def number_in(story_id: str) -> str:
    """The story's number in its id, `1189718` of `20210902-1189718`; "" where there is none."""
    return story_id.partition("-")[2]


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


class Site:
    """Where requests may go: the origin of `ZAOBAO_SITE` and, if that is the paper, its hosts."""

    def __init__(self, origin: str) -> None:
        """Take `scheme://host[:port]`; ValueError says what is wrong with anything else."""
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{origin!r} is not an address like https://www.zaobao.com")
        if parts.path not in ("", "/") or parts.query or parts.fragment or parts.username:
            raise ValueError(f"{origin!r} is more than scheme, host and port")
        if parts.port == 0 or parts.hostname.endswith("."):
            raise ValueError(f"{origin!r}: no port 0, and no dot after the host")
        self.scheme, self.host = parts.scheme, parts.hostname
        self.port = parts.port or (443 if self.scheme == "https" else 80)
        self.is_paper = self.host in PAPER_HOSTS
        if self.is_paper and (self.scheme, self.port) != ("https", 443):
            raise ValueError(f"{origin!r}: the paper's hosts are asked over https only")
        self.origin = f"{self.scheme}://{parts.netloc}"

    def address(self, url: str) -> str | None:
        """The address to ask for an absolute `url`, or None when it is out of bounds.

        A link to one of the paper's hosts becomes https, or, when `ZAOBAO_SITE`
        is another host, is asked there under the same path.
        """
        return self._address(url, PAPER_HOSTS.__contains__)

    def image_address(self, url: str) -> str | None:
        """As `address`, for a picture: the hosts of the paper's pictures count, too."""
        return self._address(url, is_image_host)

    def _address(self, url: str, is_ours: Callable[[str], bool]) -> str | None:
        if _MALFORMED.search(url):
            return None
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            return None
        if parts.scheme not in ("http", "https") or "@" in parts.netloc:
            return None
        path, default = parts.path or "/", 443 if parts.scheme == "https" else 80
        if is_ours(parts.hostname or "") and (port or default) == default:
            if self.is_paper:
                return urlunsplit(("https", parts.hostname, path, parts.query, ""))
            return self.origin + urlunsplit(("", "", path, parts.query, ""))
        if not self.is_paper and (parts.scheme, parts.hostname, port or default) == (
            self.scheme,
            self.host,
            self.port,
        ):
            return urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))
        return None

    def at(self, path: str) -> str:
        """The address of an absolute `path` on the asked origin."""
        return self.origin + path

    def sg(self, path: str) -> str:
        """As `at`, on the edition that has sitemaps and the page-content JSON."""
        return f"https://{SITEMAP_HOST}{path}" if self.is_paper else self.at(path)
