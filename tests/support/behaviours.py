"""The ways in which a server answers badly, each made from a page that is whole.

A behaviour is called by its name; the numbers only keep the names apart.
"""

from __future__ import annotations

import gzip
import random
import socket
import struct
import time
import zlib
from typing import TYPE_CHECKING

import brotli

from tests.support.fault_server import PNG, TEXT, Answer, Asked, html, redirect, reply

if TYPE_CHECKING:
    from collections.abc import Callable

    Behaviour = Callable[[bytes, str], bytes | Answer]


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


def deep(levels: int) -> bytes:
    return html("<div>" * levels + TEXT + "</div>" * levels)


def gbk(page: bytes) -> bytes:
    """The page in GBK, and saying so."""
    return page.decode().replace("utf-8", "gbk").encode("gbk", "xmlcharrefreplace")


def packed(page: bytes, cut: int | None = None) -> bytes:
    return reply(gzip.compress(page, mtime=0)[:cut], "200 OK", "Content-Encoding: gzip")


def first(*answers: bytes) -> Answer:
    """One answer after the other; the last one for ever."""
    return lambda a, c: c.sendall(answers[min(a.times, len(answers)) - 1])


def raw(head: str, body: bytes = b"") -> bytes:
    """An answer whose every header is given."""
    return (head + "\r\n\r\n").encode("latin-1") + body


def refresh(to: str) -> bytes:
    return reply(html("x", head=f"<meta http-equiv=refresh content='0;url={to}'>"))


def loop(asked: Asked, connection: socket.socket) -> None:
    connection.sendall(redirect(f"{asked.path.split('?')[0]}?{random.random()}"))


OK = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/html"
GARBAGE = random.Random(7).randbytes(500)
CHALLENGE = html(
    "<noscript>Enable JavaScript</noscript>",
    "Just a moment...",
    "<script>_cf_chl_opt={}</script>",
)


def cuts(count: int) -> dict[str, Behaviour]:
    """A page that ends too early, at `count` places from its first byte on, in three ways."""
    ways: dict[str, Callable[[bytes, float], bytes]] = {
        "gzip": lambda page, part: packed(page, int(len(gzip.compress(page, mtime=0)) * part)),
        "length": lambda page, part: reply(page[: int(len(page) * part)], length=len(page)),
        "plain": lambda page, part: reply(page[: int(len(page) * part)]),
    }
    return {
        f"{name}-{n}": lambda page, _, way=way, part=n / count: way(page, part)
        for name, way in ways.items()
        for n in range(count)
    }


BEHAVIOURS: dict[str, Behaviour] = {
    # name: the whole page and the inner network's host and port → what comes.
    "1-plain": lambda page, _: reply(page),
    "2-inner": lambda _, inner: redirect(f"http://{inner}/latest/meta-data"),
    "4-data": lambda *_: redirect("data:text/html,hi"),
    "5-ftp": lambda *_: redirect("ftp://127.0.0.1/x"),
    "7-user-part": lambda _, inner: redirect(f"http://localhost@{inner}/ui"),
    "8-linefeed": lambda *_: redirect("/ok%0d%0aX: y"),
    "11-loop": lambda *_: loop,
    "13-meta-inner": lambda _, inner: refresh(f"http://{inner}/meta"),
    "14-meta-file": lambda *_: refresh("file:///etc/hostname"),
    "19-gzip-cut": lambda page, _: packed(page, len(gzip.compress(page)) // 2),
    "20-no-gzip": lambda *_: reply(b"not gzip!", "200 OK", "Content-Encoding: gzip"),
    "22-slow-body": lambda *_: (
        lambda _, c: (
            c.sendall(reply(b"", length=1000)),
            slowly(b"x" * 1000, c),
        )
    ),
    "23-slow-head": lambda *_: lambda _, c: slowly(b"HTTP/1.1 200 OK\r\n", c),
    "25-header-5mb": lambda page, _: reply(page, "200 OK", "X: " + "y" * 5_000_000),
    "26-200000-headers": lambda *_: reply(b"hi", "200 OK", *["a: b"] * 200_000),
    "28-chunk-cut": lambda *_: raw(f"{OK}\r\nTransfer-Encoding: chunked", b"ff\r\n<p>"),
    "29-reset": lambda *_: lambda _, c: reset(c, reply(b"xy", length=100)),
    "31-no-answer": lambda *_: b"",
    "32-garbage": lambda *_: GARBAGE,
    "35-cookies": lambda page, _: reply(
        page, "200 OK", "Set-Cookie: a=1", "Set-Cookie: b=2; Path=/; Domain=127.0.0.1"
    ),
    "37-png": lambda *_: raw("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 24", PNG),
    "38-pdf": lambda *_: reply(b"%PDF-1.4\n1 0 obj\n"),
    # Redirects.
    "own-file": lambda *_: redirect("file:///etc/hostname"),
    "own-javascript": lambda *_: redirect("javascript:alert(1)"),
    "own-no-scheme": lambda _, inner: redirect(f"//{inner}/x"),
    "own-foreign": lambda *_: redirect("https://example.com/realtime/china"),
    "own-foreign-no-scheme": lambda *_: redirect("//example.com/x", 307),
    "own-foreign-look-alike": lambda *_: redirect("https://www.zaobao.com.example.com/x", 308),
    "own-private": lambda *_: redirect("http://10.0.0.1/x", 301),
    "own-link-local": lambda *_: redirect("http://169.254.169.254/latest/meta-data", 303),
    "own-ipv6": lambda _, inner: redirect(f"http://[::1]:{inner.split(':')[1]}/x", 307),
    "own-mapped": lambda _, inner: redirect(f"http://[::ffff:127.0.0.1]:{inner.split(':')[1]}/x"),
    "own-backslash": lambda _, inner: redirect(f"/\\{inner}/x"),
    "own-backslashes": lambda _, inner: redirect(f"http:\\\\{inner}\\x"),
    "own-triple-slash": lambda _, inner: redirect(f"http:///{inner}/x"),
    "own-tab": lambda _, inner: redirect(f"ht\ttp://{inner}/x"),
    "own-same-host-other-port": lambda *_: redirect("http://127.0.0.1:9/x"),
    "own-forbidden": lambda *_: redirect("/forbidden/x"),
    "own-forbidden-encoded": lambda *_: redirect("/%66orbidden/x"),
    "own-nowhere": lambda *_: reply(b"", "302 Found"),
    "own-empty-location": lambda *_: redirect(""),
    "own-to-list": lambda *_: redirect("/realtime/china"),
    "own-to-other-story": lambda *_: redirect("/realtime/china/story20200101-1"),
    "own-300": lambda *_: redirect("/choice", 300),
    "own-https-of-paper": lambda *_: redirect("https://www.zaobao.com.sg/whole"),
    # Transfers.
    "own-length-long": lambda page, _: reply(page[: len(page) // 2], length=len(page)),
    "own-length-short": lambda page, _: reply(page, length=len(page) // 2),
    "own-length-negative": lambda page, _: reply(page, length=-7),
    "own-length-twice": lambda page, _: reply(
        page, "200 OK", f"Content-Length: {len(page) // 2}", length=len(page)
    ),
    "own-plain-cut": lambda page, _: reply(page[: len(page) // 2]),
    "own-cut-in-character": lambda page, _: reply(page[: page.index("。".encode()) + 1]),
    "own-close-delimited": lambda page, _: reply(page, length=-1),
    "own-close-delimited-cut": lambda page, _: reply(page[: len(page) // 2], length=-1),
    "own-chunked": lambda page, _: raw(
        f"{OK}\r\nTransfer-Encoding: chunked", b"%x\r\n%s\r\n0\r\n\r\n" % (len(page), page)
    ),
    "own-chunks-without-end": lambda page, _: raw(
        f"{OK}\r\nTransfer-Encoding: chunked",
        b"%x\r\n%s\r\n" % (len(page) // 2, page[: len(page) // 2]),
    ),
    "own-chunk-size-no-number": lambda page, _: raw(
        f"{OK}\r\nTransfer-Encoding: chunked", b"zz\r\n" + page
    ),
    "own-http-0.9": lambda page, _: page,
    "own-http-1.0": lambda page, _: raw("HTTP/1.0 200 OK\r\nContent-Type: text/html", page),
    "own-hints-first": lambda page, _: (
        b"HTTP/1.1 103 Early Hints\r\nLink: </s.css>; rel=preload\r\n\r\n" + reply(page)
    ),
    "own-partial": lambda page, _: reply(
        page[len(page) // 2 :], "206 Partial Content", f"Content-Range: bytes 0-9/{len(page)}"
    ),
    "own-hang": lambda *_: lambda _, c: time.sleep(9),
    "own-hang-after-head": lambda *_: (
        lambda _, c: (
            c.sendall(reply(b"", length=5000)),
            time.sleep(9),
        )
    ),
    "own-hang-in-body": lambda page, _: (
        lambda _, c: (
            c.sendall(reply(page[: len(page) // 2], length=len(page))),
            time.sleep(9),
        )
    ),
    "own-8-bit-reason": lambda page, _: reply(page, "200 \xe5\xa5\xbd"),
    "own-cut-then-whole": lambda page, _: first(reply(page[: len(page) // 2]), reply(page)),
    "own-500-then-whole": lambda page, _: first(reply(b"oops", "500 Oops"), reply(page)),
    # Content codings.
    "own-gzip": lambda page, _: packed(page),
    "own-gzip-one-byte-short": lambda page, _: packed(page, -1),
    "own-gzip-with-junk": lambda page, _: reply(
        gzip.compress(page) + b"junk", "200 OK", "Content-Encoding: gzip"
    ),
    "own-gzip-empty": lambda *_: reply(b"", "200 OK", "Content-Encoding: gzip"),
    "own-gzip-twice": lambda page, _: reply(
        gzip.compress(gzip.compress(page)), "200 OK", "Content-Encoding: gzip, gzip"
    ),
    "own-gzip-thrice-cut": lambda page, _: reply(
        gzip.compress(gzip.compress(gzip.compress(page)[:-90])),
        "200 OK",
        "Content-Encoding: gzip, gzip, gzip",
    ),
    "own-gzip-unsaid": lambda page, _: reply(gzip.compress(page)),
    "own-deflate-cut": lambda page, _: reply(
        zlib.compress(page)[:-40], "200 OK", "Content-Encoding: deflate"
    ),
    "own-brotli": lambda page, _: reply(brotli.compress(page), "200 OK", "Content-Encoding: br"),
    "own-brotli-cut": lambda page, _: reply(
        brotli.compress(page)[:-9], "200 OK", "Content-Encoding: br"
    ),
    "own-unknown-coding": lambda page, _: reply(page, "200 OK", "Content-Encoding: snappy"),
    # Statuses.
    "own-empty": lambda *_: reply(b""),
    "own-204": lambda *_: reply(b"", "204 No Content"),
    "own-500": lambda *_: reply(b"oops", "500 Internal Server Error"),
    "own-502-with-page": lambda page, _: reply(page, "502 Bad Gateway"),
    "own-400": lambda *_: reply(html("no"), "400 Bad Request"),
    "own-401": lambda *_: reply(html("no"), "401 Unauthorized", "WWW-Authenticate: Basic"),
    "own-404": lambda *_: reply(html("no"), "404 Not Found"),
    "own-404-with-page": lambda page, _: reply(page, "404 Not Found"),
    "own-410": lambda *_: reply(html("no"), "410 Gone"),
    "own-304": lambda *_: reply(b"", "304 Not Modified"),
    "own-999": lambda *_: reply(html("no"), "999 Denied"),
    # Charsets.
    "own-gbk-said-utf8": lambda page, _: reply(gbk(page).replace(b"gbk", b"utf-8")),
    "own-gbk": lambda page, _: reply(gbk(page), "200 OK", "Content-Type: text/html; charset=gbk"),
    "own-utf8-said-latin1": lambda page, _: reply(
        page, "200 OK", "Content-Type: text/html; charset=latin-1"
    ),
    "own-utf8-said-gbk": lambda page, _: reply(
        page, "200 OK", "Content-Type: text/html; charset=gbk"
    ),
    "own-utf16": lambda page, _: reply(page.decode().encode("utf-16")),
    "own-big5-said-utf8": lambda *_: reply(
        html("x" * 80, "標題").replace("標題".encode(), b"\xbc\xd0\xff")
    ),
    "own-mojibake": lambda page, _: reply(page.replace("的".encode(), "\ufffd".encode())),
    "own-one-bad-byte": lambda page, _: reply(page.replace(b"</body>", b"\xff</body>")),
    # Other things than a page, and other pages.
    "own-soft-404": lambda *_: reply(html("<h1>页面不存在</h1>" + "<p>热门新闻</p>" * 50)),
    "own-front-page": lambda *_: reply(
        html("热" * 900, head="<link rel=canonical href='https://www.zaobao.com/'>")
    ),
    "own-login-wall": lambda *_: reply(
        html("<form><input type=password name=p></form>", "登录 | 联合早报")
    ),
    "own-maintenance": lambda *_: reply(html("<h1>系统维护中</h1><p>请稍后再试。</p>", "联合早报")),
    "own-maintenance-as-story": lambda *_: reply(
        html("<h1>系统维护中</h1><div class=articleBody><p>请稍后再试。</p></div>", "系统维护中")
    ),
    "own-challenge": lambda *_: reply(CHALLENGE),
    "own-json": lambda *_: reply(b'{"a": 1}', "200 OK", "Content-Type: application/json"),
    "own-png-said-html": lambda *_: reply(PNG),
    "own-said-png": lambda page, _: reply(page, "200 OK", "Content-Type: image/png"),
    "own-said-plain": lambda page, _: reply(page, "200 OK", "Content-Type: text/plain"),
    "own-no-type": lambda page, _: raw("HTTP/1.1 200 OK\r\nConnection: close", page),
    "own-laughs": lambda *_: reply(LAUGHS, "200 OK", "Content-Type: text/xml"),
    "own-laughs-said-html": lambda *_: reply(LAUGHS),
    # Costly markup.
    "own-nested-300": lambda *_: reply(deep(300)),
    "own-nested-3000": lambda *_: reply(deep(3000)),
    "own-nested-100000": lambda *_: reply(deep(100_000)),
    "own-nested-60": lambda *_: reply(deep(60)),
    "own-60000-attributes": lambda *_: reply(
        html("<p " + " ".join(f"a{n}=1" for n in range(60_000)) + ">")
    ),
    "own-30000-nodes": lambda *_: reply(html("<b>x</b>" * 30_000)),
}
LAUGHS = (
    b"<?xml version='1.0'?><!DOCTYPE l [<!ENTITY a 'haha'>"
    + b"".join(b"<!ENTITY %c '%s'>" % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"<!ENTITY x SYSTEM 'file:///etc/hostname'>]><html><body>&j;&x;</body></html>"
)
GZIP_BOMB = deflate_bomb(31)
SITEMAP = b"<?xml version='1.0'?>\n<!-- <a> --><urlset xmlns='x'><url/></urlset>\n"
BOMBS: dict[str, bytes | Answer] = {
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
