"""A server that answers in every bad way, and a second one that nobody may reach.

Raw sockets and threads: a web framework would mend the faults. A behaviour is a
function `(request, connection) -> None` under a path; `PATHS` has them all.
"""

from __future__ import annotations

import gzip
import random
import socket
import struct
import threading
import time
import zlib
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import brotli

if TYPE_CHECKING:
    from collections.abc import Callable

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
    path: str
    headers: dict[str, str]
    at: float
    times: int


def reply(body: bytes = PAGE, status: str = "200 OK", *headers: str, length: int | None = None):
    """An ordinary answer, made wrong by its arguments."""
    names = " ".join(headers).lower()
    head = [f"HTTP/1.1 {status}", "Connection: close", *headers]
    if "content-type" not in names:
        head.append("Content-Type: text/html; charset=utf-8")
    if length != -1:
        head.append(f"Content-Length: {len(body) if length is None else length}")
    return "\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + body


def redirect(location: str, status: int = 302) -> bytes:
    return reply(b"", f"{status} Moved", f"Location: {location}")


def slowly(data: bytes, connection: socket.socket, seconds: float = 0.4) -> None:
    for at in range(len(data)):
        connection.sendall(data[at : at + 1])
        time.sleep(seconds)


def endless(connection: socket.socket, head: bytes) -> None:
    connection.sendall(head)
    for _ in range(4000):
        connection.sendall(b"<p>x</p>" * 8192)


def reset(connection: socket.socket, data: bytes) -> None:
    connection.sendall(data)
    time.sleep(0.05)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def deflate_bomb(wbits: int) -> bytes:
    """300 MiB of zeros: one flushed MiB, written 300 times."""
    stream = zlib.compressobj(9, zlib.DEFLATED, wbits)
    head = stream.compress(b"") + stream.flush(zlib.Z_FULL_FLUSH)
    part = stream.compress(b"\0" * (1 << 20)) + stream.flush(zlib.Z_FULL_FLUSH)
    return head + part * 300


def brotli_bomb() -> bytes:
    stream = brotli.Compressor(quality=5)
    part = b"\0" * (1 << 20)
    return b"".join(stream.process(part) for _ in range(300)) + stream.finish()


def html(inner: str, title: str = TITLE, head: str = "") -> bytes:
    page = f"<html><head><title>{title}</title>{head}</head><body>{inner}</body></html>"
    return page.encode()


def deep(levels: int) -> bytes:
    return html("<div>" * levels + TEXT + "</div>" * levels)


GZIP_BOMB = deflate_bomb(31)
GZIPPED = gzip.compress(PAGE, mtime=0)
GBK = PAGE.decode().replace("utf-8", "gbk").encode("gbk")
GARBAGE = random.Random(7).randbytes(500)
SITEMAP = b"<?xml version='1.0'?><urlset><url><loc>http://x/</loc></url></urlset>"

BEHAVIOURS: dict[str, bytes | Callable[[Asked, socket.socket], None]] = {
    # name: what comes. First those of the list of server behaviours, by its numbers.
    "1-plain": reply(),
    "2-inner": redirect("http://127.0.0.1:1/latest/meta-data"),
    "4-data": redirect("data:text/html,hi"),
    "5-ftp": redirect("ftp://127.0.0.1/x"),
    "7-user-part": redirect("http://localhost@127.0.0.1:1/ui"),
    "8-linefeed": redirect("/ok%0d%0aX: y"),
    "11-loop": lambda a, c: c.sendall(redirect(f"/11-loop?{random.random()}")),
    "13-meta-inner": reply(
        html("x", head="<meta http-equiv=refresh content='0;url=http://127.0.0.1:1/meta'>")
    ),
    "14-meta-file": reply(
        html("x", head="<meta http-equiv=refresh content='0;url=file:///etc/hostname'>")
    ),
    "19-gzip-cut": reply(GZIPPED[: len(GZIPPED) // 2], "200 OK", "Content-Encoding: gzip"),
    "20-no-gzip": reply(b"not gzip!", "200 OK", "Content-Encoding: gzip"),
    "22-slow-body": lambda _, c: (c.sendall(reply(b"", length=1000)), slowly(b"x" * 1000, c)),
    "23-slow-head": lambda _, c: slowly(b"HTTP/1.1 200 OK\r\n", c),
    "25-header-5mb": reply(PAGE, "200 OK", "X: " + "y" * 5_000_000),
    "26-200000-headers": reply(b"hi", "200 OK", *["a: b"] * 200_000),
    "28-chunk-cut": (
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/html\r\n"
        b"Transfer-Encoding: chunked\r\n\r\nff\r\n<p>"
    ),
    "29-reset": lambda _, c: reset(c, reply(b"xy", length=100)),
    "31-no-answer": b"",
    "32-garbage": GARBAGE,
    "35-cookies": reply(PAGE, "200 OK", "Set-Cookie: a=1", "Set-Cookie: b=2; Path=/"),
    "37-png": b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 24\r\n\r\n" + PNG,
    "38-pdf": reply(b"%PDF-1.4\n1 0 obj\n"),
    # Our own.
    "own-length-long": reply(PAGE[:1500], length=len(PAGE)),
    "own-plain-cut": reply(PAGE[:1500]),
    "own-close-delimited": reply(PAGE, length=-1),
    "own-close-delimited-cut": reply(PAGE[:1500], length=-1),
    "own-gzip-one-byte-short": reply(GZIPPED[:-1], "200 OK", "Content-Encoding: gzip"),
    "own-gzip-empty": reply(b"", "200 OK", "Content-Encoding: gzip"),
    "own-gzip-twice": reply(gzip.compress(GZIPPED), "200 OK", "Content-Encoding: gzip, gzip"),
    "own-brotli": reply(brotli.compress(PAGE), "200 OK", "Content-Encoding: br"),
    "own-brotli-cut": reply(brotli.compress(PAGE)[:-9], "200 OK", "Content-Encoding: br"),
    "own-unknown-coding": reply(PAGE, "200 OK", "Content-Encoding: snappy"),
    "own-empty": reply(b""),
    "own-500": reply(b"oops", "500 Internal Server Error"),
    "own-404": reply(html("no"), "404 Not Found"),
    "own-410": reply(html("no"), "410 Gone"),
    "own-401": reply(html("no"), "401 Unauthorized"),
    "own-304": reply(b"", "304 Not Modified"),
    "own-redirect-nowhere": reply(b"", "302 Found"),
    "own-redirect-backslash": redirect("/\\127.0.0.1/x"),
    "own-gbk-said-utf8": reply(GBK.replace(b"gbk", b"utf-8")),
    "own-gbk": reply(GBK, "200 OK", "Content-Type: text/html; charset=gbk"),
    "own-utf8-said-latin1": reply(PAGE, "200 OK", "Content-Type: text/html; charset=latin-1"),
    "own-big5-said-utf8": reply(html("x" * 80, "標題").replace("標題".encode(), b"\xbc\xd0\xff")),
    "own-mojibake": reply(PAGE.replace(TITLE.encode(), "新\ufffd闻".encode())),
    "own-one-bad-byte": reply(PAGE.replace(b"</div>", b"\xff</div>")),
    "own-soft-404": reply(html("<h1>页面不存在</h1>" + "<p>热门新闻</p>" * 50)),
    "own-front-page": reply(
        html("热" * 900, head="<link rel=canonical href='https://www.zaobao.com/'>")
    ),
    "own-challenge": reply(
        html(
            "<noscript>Enable JavaScript</noscript>",
            "Just a moment...",
            "<script>_cf_chl_opt={}</script>",
        )
    ),
    "own-login-wall": reply(html("<form><input type=password name=p></form>", "登录 | 联合早报")),
    "own-json": reply(b'{"a": 1}', "200 OK", "Content-Type: application/json"),
    "own-png-said-html": reply(PNG),
    "own-nested-300": reply(deep(300)),
    "own-nested-3000": reply(deep(3000)),
    "own-nested-100000": reply(deep(100_000)),
    "own-nested-60": reply(deep(60)),
    "own-60000-attributes": reply(html("<p " + " ".join(f"a{n}=1" for n in range(60_000)) + ">")),
    "own-30000-nodes": reply(html("<b>x</b>" * 30_000)),
    "own-cut-then-whole": lambda a, c: c.sendall(reply(PAGE[:1500] if a.times == 1 else PAGE)),
    "own-500-then-whole": lambda a, c: c.sendall(
        reply(b"oops", "500 Oops") if a.times == 1 else reply()
    ),
    "own-hang": lambda _, c: time.sleep(9),
    "own-8-bit-reason": reply(PAGE, "200 \xe5\xa5\xbd"),
}
BOMBS: dict[str, bytes | Callable[[Asked, socket.socket], None]] = {
    "16-brotli-bomb": reply(brotli_bomb(), "200 OK", "Content-Encoding: br"),
    "17-deflate-bomb": reply(deflate_bomb(15), "200 OK", "Content-Encoding: deflate"),
    "own-gzip-bomb": reply(GZIP_BOMB, "200 OK", "Content-Encoding: gzip"),
    "own-gzip-bomb-thrice": reply(
        gzip.compress(gzip.compress(GZIP_BOMB)), "200 OK", "Content-Encoding: gzip, gzip, gzip"
    ),
    "own-endless": lambda _, c: endless(c, reply(b"", length=-1)),
    "own-endless-chunks": lambda _, c: endless(
        c,
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n7fffffff\r\n",
    ),
    "own-20mb-text": reply(html("字" * 7_000_000)),
}


@dataclass
class Server:
    """One listener. `answer` maps a path (without query) to bytes or a function."""

    answer: dict[str, bytes | Callable[[Asked, socket.socket], None]]
    robots: bytes | Callable[[Asked, socket.socket], None] = field(
        default_factory=lambda: reply(ROBOTS, "200 OK", "Content-Type: text/plain")
    )
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
        found = self.robots if bare == "/robots.txt" else self.answer.get(bare, reply())
        if callable(found):
            found(asked, connection)
        else:
            connection.sendall(found)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):  # Unread bytes at close() would be a reset.
                pass
