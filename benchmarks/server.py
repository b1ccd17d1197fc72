"""The loopback server: nginx where there is one, else a small one in a process of its own.

It gives out files that are gzipped already, so that it is never what is waited
for; only the crawler's own CPU time is counted anyway.
"""

from __future__ import annotations

import gzip
import re
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Iterator

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
_CONFIG = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
  log_format sizes '$bytes_sent $status $request_uri';
  access_log {folder}/access.log sizes;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  default_type text/html; charset utf-8; charset_types *;
  gzip_static always; gunzip on; keepalive_requests 1000000; etag on;
  map $arg_page $list {{ default $arg_page; "" 1; }}
  server {{
    listen 127.0.0.1:{port}; root {folder}/pages;
    location = /realtime/china {{ rewrite ^ /realtime/china-$list break; }}
  }}
}}
"""


@dataclass(frozen=True)
class Served:
    """name: of the server. log: one line an answer, `bytes status path`."""

    origin: str
    name: str
    log: Path

    def answers(self, start: int = 0) -> list[tuple[int, str]]:
        """(bytes, path) of each answer that was given since `start`."""
        lines = self.log.read_text().splitlines()[start:]
        return [(int(size), path) for size, _, path in (line.split(" ", 2) for line in lines)]


@contextmanager
def serve(folder: Path) -> Iterator[Served]:
    """Serve `folder/pages` until the block ends."""
    port = free_port()
    log = folder / "access.log"
    log.write_bytes(b"")
    command = [sys.executable, "-m", "benchmarks.server", str(folder), str(port)]
    if NGINX:
        (folder / "nginx.conf").write_text(_CONFIG.format(folder=folder, port=port))
        command = [NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf")]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        origin = f"http://127.0.0.1:{port}"
        wait(port)
        yield Served(origin, "nginx" if NGINX else "aiohttp", log)
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def wait(port: int) -> None:
    """Until a server answers there; TimeoutError after two minutes."""
    for _ in range(1200):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"nothing answers on port {port}")


def _aiohttp(folder: Path, port: int) -> None:
    log = (folder / "access.log").open("a", buffering=1)

    async def answer(request: web.Request) -> web.Response:
        path = request.path.strip("/")
        if path == "realtime/china":
            path += "-" + request.query.get("page", "1")
        file = folder / "pages" / (path + ".gz")
        data = file.read_bytes() if file.is_file() else b""
        status = 200 if data else 404
        print(len(data) + 200, status, request.path_qs, file=log)
        headers = {"Content-Type": "text/html; charset=utf-8"}
        if data and "gzip" not in request.headers.get("Accept-Encoding", ""):
            data = gzip.decompress(data)
        elif data:
            headers["Content-Encoding"] = "gzip"
        return web.Response(body=data, status=status, headers=headers)

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    web.run_app(app, host="127.0.0.1", port=port, access_log=None, print=None)


def about() -> str:
    """What stands in the table's conditions."""
    if not NGINX:
        return "aiohttp"
    said = subprocess.run([NGINX, "-v"], capture_output=True, text=True, check=False).stderr
    return "nginx " + (re.findall(r"nginx/(\S+)", said) or ["?"])[0]


if __name__ == "__main__":
    _aiohttp(Path(sys.argv[1]), int(sys.argv[2]))
