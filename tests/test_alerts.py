"""Who is told: each of Spidermon's actions that ZAOBAO_ALERTS may name, and one that fails."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from conftest import Archive

from zaobao.demo.server import Served
from zaobao.options import ALERTS

ROOT = Path(__file__).parent.parent
DOCUMENT = (ROOT / "docs" / "alerts.md").read_text()


@contextmanager
def listening(server: socketserver.TCPServer) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def webhook(status: int = 204) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """An address that takes JSON, and what it got."""
    got: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_given: object) -> None:
            pass

    with listening(HTTPServer(("127.0.0.1", 0), Handler)) as port:
        yield f"http://127.0.0.1:{port}/hook", got


@contextmanager
def mailbox() -> Iterator[tuple[int, list[bytes]]]:
    """A mail server that takes everything, and the mails it got."""
    got: list[bytes] = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 ready\r\n")
            while line := self.rfile.readline().strip():
                verb = line[:4].upper()
                if verb == b"EHLO":
                    self.wfile.write(b"250-here\r\n250 AUTH PLAIN LOGIN\r\n")
                elif verb == b"AUTH":
                    self._log_in(line)
                elif verb == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    got.append(b"".join(iter(self.rfile.readline, b".\r\n")))
                    self.wfile.write(b"250 taken\r\n")
                else:
                    self.wfile.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 yes\r\n")
                    if verb == b"QUIT":
                        return

        def _log_in(self, line: bytes) -> None:
            if b"LOGIN" in line.upper():
                for question in (b"334 VXNlcm5hbWU6\r\n", b"334 UGFzc3dvcmQ6\r\n"):
                    self.wfile.write(question)
                    self.rfile.readline()
            elif len(line.split()) < 3:
                self.wfile.write(b"334 \r\n")
                self.rfile.readline()
            self.wfile.write(b"235 come in\r\n")

    with listening(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)) as port:
        yield port, got


def break_list(served: Served) -> None:
    served.paper.mutate("list", "list", lambda page: page.replace("card-listing", "feed"))


@pytest.mark.slow
def test_a_webhook_is_told_what_fell(archive: Archive, served: Served) -> None:
    break_list(served)
    with webhook() as (address, got):
        done = archive.crawl(ZAOBAO_ALERTS="discord", SPIDERMON_DISCORD_WEBHOOK_URL=address)
    assert done.returncode == 3, done.stderr
    (message,) = got
    assert message["content"].startswith("zaobao: degraded. no layout claims the list page ")


@pytest.mark.slow
def test_mail_is_sent(archive: Archive, served: Served) -> None:
    break_list(served)
    with mailbox() as (port, got):
        given = {
            "SPIDERMON_SMTP_HOST": "127.0.0.1",
            "SPIDERMON_SMTP_PORT": str(port),
            "SPIDERMON_SMTP_USER": "me",
            "SPIDERMON_SMTP_PASSWORD": "secret",
            "SPIDERMON_EMAIL_SENDER": "zaobao@example.org",
            "SPIDERMON_EMAIL_TO": "me@example.org",
        }
        done = archive.crawl(ZAOBAO_ALERTS="mail", **given)
    assert done.returncode == 3, done.stderr
    (mail,) = got
    assert message_from_bytes(mail)["Subject"] == "zaobao: degraded"


@pytest.mark.slow
def test_an_ordinary_run_tells_nobody(archive: Archive) -> None:
    with webhook() as (address, got):
        done = archive.crawl(ZAOBAO_ALERTS="discord", SPIDERMON_DISCORD_WEBHOOK_URL=address)
    assert done.returncode == 0, done.stderr
    assert got == []


@pytest.mark.slow
def test_an_alert_that_fails_is_reported_and_costs_no_story(
    archive: Archive, served: Served
) -> None:
    break_list(served)
    with webhook(status=500) as (address, got):
        done = archive.crawl(ZAOBAO_ALERTS="discord", SPIDERMON_DISCORD_WEBHOOK_URL=address)
    assert done.returncode == 3
    assert len(got) == 1
    assert "an alert could not be sent: SendDiscordMessage" in "".join(archive.report["reasons"])
    assert len(archive.posts) > 20


@pytest.mark.slow
@pytest.mark.parametrize("name", ["telegram", "mail"])
def test_one_that_is_not_set_up_says_what_is_missing(
    archive: Archive, served: Served, name: str
) -> None:
    break_list(served)
    done = archive.crawl(ZAOBAO_ALERTS=name)
    assert done.returncode == 3
    (reason,) = (r for r in archive.report["reasons"] if "an alert could not be sent" in r)
    assert "SPIDERMON_" in reason


@pytest.mark.parametrize("name", ALERTS)
def test_each_has_its_example_in_the_document(name: str) -> None:
    assert f"ZAOBAO_ALERTS={name}" in DOCUMENT
