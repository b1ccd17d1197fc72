"""A small web server for the built site, on this machine alone."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zaobao.errors import PortError

if TYPE_CHECKING:
    from collections.abc import Callable


class _Handler(SimpleHTTPRequestHandler):
    """Serves a folder below a path, and its own page where there is none."""

    def __init__(self, *given: Any, below: str, **named: Any) -> None:
        self._below = below
        super().__init__(*given, **named)

    def translate_path(self, path: str) -> str:
        if not path.startswith(f"{self._below}/"):
            path = "/404.html"
        return super().translate_path(path[len(self._below) :])

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        page = Path(self.directory) / "404.html"
        if code != HTTPStatus.NOT_FOUND or not page.is_file():
            super().send_error(code, message, explain)
            return
        body = page.read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (its name there)
        """Nothing: the terminal is for what concerns its user."""


def serve(folder: Path, port: int, baseurl: str, say: Callable[[str], None]) -> None:
    """Serve the site at `http://127.0.0.1:PORT/` until Ctrl-C.

    port: 0 lets the system choose one. baseurl: the path of the site below its host, as its links
    have it. PortError: the port is taken, or this user may not have it.
    """
    below = "/" + baseurl.strip("/") if baseurl.strip("/") else ""
    handler = partial(_Handler, directory=str(folder), below=below)
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError as error:
        raise PortError(f"port {port}: {error.strerror}. --port takes another one.") from error
    with server:
        say(f"http://127.0.0.1:{server.server_port}{below}/ until Ctrl-C\n")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            say("\n")
