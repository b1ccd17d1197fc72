"""Name resolution that never leads into a private network.

Twisted asks the resolver for every host, also for `127.0.0.1`, `127.1`,
`2130706433`, `0x7f.1` and `0`, and connects to the address that it gave. So a name
that changes its answer (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import ipaddress
import logging
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import getproxies

from scrapy.resolver import CachingThreadedResolver
from twisted.internet.error import DNSLookupError

from zaobao.options import Options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings
    from twisted.internet.base import ReactorBase
    from twisted.internet.defer import Deferred

logger = logging.getLogger(__name__)

refused: dict[str, str] = {}
"""Host names whose address was refused, and the address. The resolver belongs to the
process, not to a crawl, so it has no stats to count in."""


def is_public(address: str) -> bool:
    """Whether an address lies in the public internet."""
    ip = ipaddress.ip_address(address)
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


def trusted_hosts(settings: BaseSettings) -> frozenset[str]:
    """Hosts that may be private, because the user named them.

    `ZAOBAO_SITE` if it is a numeric address or `localhost`; any other name could
    lead anywhere tomorrow. The environment's proxies if proxies are on.
    """
    hosts = set()
    host = Options.from_settings(settings).site.host
    if host == "localhost" or _is_numeric(host):
        hosts.add(host)
    if settings.getbool("HTTPPROXY_ENABLED"):
        hosts.update(urlsplit(proxy).hostname or "" for proxy in getproxies().values())
    return frozenset(hosts)


def _is_numeric(host: str) -> bool:
    """Whether `host` is an IPv4 address in one of the forms that the system takes."""
    try:
        socket.inet_aton(host)
    except OSError:
        return False
    return True


class PublicResolver(CachingThreadedResolver):
    """Scrapy's resolver, which refuses addresses outside the public internet."""

    def __init__(
        self, reactor: ReactorBase, cache_size: int, timeout: float, trusted: frozenset[str]
    ) -> None:
        super().__init__(reactor, cache_size, timeout)
        self.trusted = trusted

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> PublicResolver:
        settings = crawler.settings
        cache = settings.getint("DNSCACHE_SIZE") if settings.getbool("DNSCACHE_ENABLED") else 0
        return cls(reactor, cache, settings.getfloat("DNS_TIMEOUT"), trusted_hosts(settings))

    def getHostByName(  # noqa: N802 (Twisted's name)
        self, name: str, timeout: Sequence[int] = ()
    ) -> Deferred[str]:
        """The address of `name`; DNSLookupError when it is not a public one."""
        answer = super().getHostByName(name, timeout)
        if name not in self.trusted:
            answer.addCallback(self._check, name)
        return answer

    def _check(self, address: str, name: str) -> str:
        if is_public(address):
            return address
        if name not in refused:
            refused[name] = address
            logger.warning("%r resolves to %s, which is not public: refused", name, address)
        raise DNSLookupError(f"{name!r} resolves to {address}, which is not public")
