"""A server that answers as it is told, however badly.

Raw sockets and threads, since a web framework would mend the faults. An answer is
bytes or a function `(request, connection) -> None`; `behaviours` has many.
"""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

LOOPBACK = (
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f.1",
    "0",
    "[::ffff:127.0.0.1]",
    "localhost",
)
"""Names of this machine, as an address may have them."""
TITLE = "测试新闻"
TEXT = "这是测试文章的一段文字，用来看它是否完整。"
PAGE = (
    f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{TITLE}</title></head><body>"
    f"<div class='articleBody'>{f'<p>{TEXT}</p>' * 100}</div></body></html>"
).encode()
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 16
ROBOTS = b"User-agent: *\nDisallow: /forbidden\n"


@dataclass
class Asked:
    """A request. path: with its query. at: monotonic seconds. times: asked so often by now."""

    path: str
    headers: dict[str, str]
    at: float
    times: int


Answer = Callable[[Asked, socket.socket], None]


def reply(body: bytes = PAGE, status: str = "200 OK", *headers: str, length: int | None = None):
    """An ordinary answer; the arguments make it wrong."""
    names = " ".join(headers).lower()
    head = [f"HTTP/1.1 {status}", "Connection: close", *headers]
    if "content-type" not in names:
        head.append("Content-Type: text/html; charset=utf-8")
    if length != -1:
        head.append(f"Content-Length: {len(body) if length is None else length}")
    return "\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + body


def redirect(location: str, status: int = 302) -> bytes:
    return reply(b"", f"{status} Moved", f"Location: {location}")


def html(inner: str, title: str = TITLE, head: str = "") -> bytes:
    page = f"<html><head><title>{title}</title>{head}</head><body>{inner}</body></html>"
    return page.encode()


@dataclass
class Server:
    """One listener. `answer` maps a path (without query) to bytes or a function."""

    answer: dict[str, bytes | Answer]
    robots: bytes | Answer = field(
        default_factory=lambda: reply(ROBOTS, "200 OK", "Content-Type: text/plain")
    )
    default: bytes = field(default_factory=lambda: reply())
    hits: list[Asked] = field(default_factory=list)

    def __enter__(self) -> Server:
        self.times: Counter[str] = Counter()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=200)
        self.port: int = self.listener.getsockname()[1]
        self.origin = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        # close() alone leaves the accepting thread, and with it the port, alive.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def paths(self, *, robots: bool = False) -> list[str]:
        return [hit.path for hit in self.hits if robots or hit.path != "/robots.txt"]

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            try:
                self._answer(connection)
            except OSError:
                return

    def _answer(self, connection: socket.socket) -> None:
        data = b""
        while b"\r\n\r\n" not in data:
            part = connection.recv(65536)
            if not part:
                return
            data += part
        lines = data.decode("latin-1").split("\r\n")
        path = lines[0].split(" ")[1]
        headers = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
        self.times[path] += 1
        asked = Asked(path, headers, time.monotonic(), self.times[path])
        self.hits.append(asked)
        bare = path.split("?")[0]
        found = self.robots if bare == "/robots.txt" else self.answer.get(bare, self.default)
        if callable(found):
            found(asked, connection)
        else:
            connection.sendall(found)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):  # Unread bytes at close() would be a reset.
                pass
