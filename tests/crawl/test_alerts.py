"""Who is told: each channel at a real server on this machine, what it says, and how often."""

from __future__ import annotations

import json
import socket
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from scrapy.signalmanager import SignalManager
from scrapy.utils.project import get_project_settings

from demo.server import Served
from tests.support.archive import ROOT, Archive
from tools.simulated import Stats
from zaobao.monitoring import monitors
from zaobao.monitoring.alert import Alert, Told, cause
from zaobao.monitoring.channels import NotSent, post
from zaobao.monitoring.findings import Finding
from zaobao.monitoring.history import History
from zaobao.monitoring.review import RunReview
from zaobao.options import ALERTS
from zaobao.verdict import Outcome

DOCUMENT = (ROOT / "docs" / "alerts.md").read_text("utf-8")
MACHINE = socket.gethostname()
REASON = "the list page has no cards: 联合早报 <b> & div > p"


@dataclass
class Got:
    """One request that a webhook got."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@contextmanager
def webhook(status: int = 200) -> Iterator[tuple[str, list[Got]]]:
    """An HTTP server that takes everything, and what it got."""
    got: list[Got] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append(Got(self.path, dict(self.headers), body))
            answer = json.dumps({"ok": True, "members": []}).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST  # noqa: N815 - http.server's name

        def log_message(self, *_given: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", got
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Mailbox:
    """A mail server: its port, the mails that it took, and who logged in."""

    port: int = 0
    mails: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.mails.append(envelope.original_content)
        self.recipients += envelope.rcpt_tos
        return "250 taken"

    def authenticate(self, _server: Any, _session: Any, _envelope: Any, how: str, data: Any) -> Any:
        self.logins.append((data.login, data.password))
        return AuthResult(success=data.password == b"secret", handled=False)

    def only(self) -> EmailMessage:
        """The one mail, as a mail reader takes it apart."""
        (mail,) = self.mails
        return message_from_bytes(mail, policy=policy.default)


class Loopback(Controller):
    """aiosmtpd's, at a port that the system chooses."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mailbox(*, asks_login: bool = False) -> Iterator[Mailbox]:
    box = Mailbox()
    warnings.filterwarnings("ignore", "Requiring AUTH while not requiring TLS")
    controller = Loopback(
        box,
        hostname="127.0.0.1",
        port=0,
        authenticator=box.authenticate,
        auth_required=asks_login,
        auth_require_tls=False,
    )
    controller.start()
    try:
        box.port = controller.port
        yield box
    finally:
        controller.stop()


def to_mailbox(port: int, **more: str) -> dict[str, str]:
    return {
        "ZAOBAO_ALERTS": "mail",
        "SPIDERMON_SMTP_HOST": "127.0.0.1",
        "SPIDERMON_SMTP_PORT": str(port),
        "SPIDERMON_EMAIL_SENDER": "zaobao@example.org",
        "SPIDERMON_EMAIL_TO": "me@example.org",
        **more,
    }


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def break_list(served: Served) -> None:
    served.paper.mutate("list", "list", lambda page: page.replace("card-listing", "feed"))


def mend_list(served: Served) -> None:
    served.paper.mutations.clear()


def assert_names_all(text: str, archive: Archive) -> None:
    """It says what happened, where, in which run, and what to do; without class names."""
    assert "no layout claims the list page" in text
    for said in (MACHINE, str(archive.folder), "realtime china", "What to do: ", "scrapy doctor"):
        assert said in text
    assert "Monitor" not in text
    assert "Error" not in text


# --- mail


@pytest.mark.slow
def test_a_mail_is_readable_and_needs_no_login(archive: Archive, served: Served) -> None:
    """Seen with the program's own text; what a reason may hold is in the next test."""
    break_list(served)
    with mailbox() as box:
        done = archive.crawl(**to_mailbox(box.port, SPIDERMON_EMAIL_CC="you@example.org"))
    assert done.returncode == 3, done.stderr
    mail = box.only()
    assert mail["Subject"] == f"zaobao: degraded (realtime china on {MACHINE})"
    assert (mail["From"], mail["To"]) == ("zaobao@example.org", "me@example.org")
    assert box.recipients == ["me@example.org", "you@example.org"]
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    text = mail.get_body(("plain",)).get_content()
    assert_names_all(" ".join(text.split()), archive)
    assert "<p><b>What to do:</b> " in mail.get_body(("html",)).get_content()
    assert b"Content-Type: text/plain" in box.mails[0].split(b"\r\n\r\n")[1]
    assert archive.report["reasons"] == [r for r in archive.report["reasons"] if "sent" not in r]


@pytest.mark.parametrize("takes_8bit", [True, False])
def test_a_mail_holds_chinese_as_it_is(*, takes_8bit: bool) -> None:
    mail = message_of(alert(), takes_8bit=takes_8bit)
    raw = bytes(mail)
    assert (REASON.encode() in raw) is takes_8bit
    assert b"base64" not in raw
    read = message_from_bytes(raw, policy=policy.default)
    for kind, said in (("plain", REASON), ("html", "联合早报 &lt;b&gt; &amp; div &gt; p")):
        part = read.get_body((kind,))
        assert part is not None
        assert part.get_content_charset() == "utf-8"
        assert said in part.get_content()


@pytest.mark.slow
def test_a_wrong_password_is_a_reason_of_the_run(archive: Archive, served: Served) -> None:
    break_list(served)
    given = {"SPIDERMON_SMTP_USER": "me", "SPIDERMON_SMTP_PASSWORD": "wr0ng"}
    with mailbox(asks_login=True) as box:
        archive.crawl(**to_mailbox(box.port, **given))
    assert box.mails == []
    assert box.logins[0] == (b"me", b"wr0ng")
    (reason,) = reasons(archive, "could not be sent")
    assert reason == (
        f"an alert could not be sent: mail: the mail server 127.0.0.1:{box.port} refused the "
        "login of 'me': 535 5.7.8 Authentication credentials invalid; check SPIDERMON_SMTP_USER "
        "and SPIDERMON_SMTP_PASSWORD"
    )
    assert archive.report["told"] == {}


@pytest.mark.slow
def test_the_right_password_is_taken(archive: Archive, served: Served) -> None:
    break_list(served)
    given = {"SPIDERMON_SMTP_USER": "me", "SPIDERMON_SMTP_PASSWORD": "secret"}
    with mailbox(asks_login=True) as box:
        archive.crawl(**to_mailbox(box.port, **given))
    assert len(box.mails) == 1


@pytest.mark.slow
def test_a_dead_mail_server_is_a_reason_of_the_run(archive: Archive, served: Served) -> None:
    break_list(served)
    port = free_port()
    done = archive.crawl(**to_mailbox(port))
    assert done.returncode == 3
    (reason,) = reasons(archive, "could not be sent")
    assert reason.startswith(
        f"an alert could not be sent: mail: the mail server 127.0.0.1:{port} cannot be used: "
    )
    assert reason in done.stderr
    assert len(archive.posts) > 20


# --- the others


@pytest.mark.slow
def test_discord_is_told(archive: Archive, served: Served) -> None:
    break_list(served)
    with webhook(status=204) as (address, got):
        done = archive.crawl(ZAOBAO_ALERTS="discord", SPIDERMON_DISCORD_WEBHOOK_URL=address)
    assert done.returncode == 3, done.stderr
    (one,) = got
    assert list(one.json) == ["content"]
    assert_names_all(one.json["content"], archive)


@pytest.mark.slow
def test_slack_is_told(archive: Archive, served: Served) -> None:
    break_list(served)
    given = {
        "SPIDERMON_SLACK_SENDER_TOKEN": "xoxb-1",
        "SPIDERMON_SLACK_SENDER_NAME": "zaobao",
        "SPIDERMON_SLACK_RECIPIENTS": "#news",
    }
    with webhook() as (address, got):
        archive.crawl(
            ZAOBAO_ALERTS="tests.support.localchannels.LocalSlack", LOCAL_API=address, **given
        )
    assert reasons(archive, "could not be sent") == []
    (one,) = (one for one in got if one.path.endswith("chat.postMessage"))
    assert one.headers["Authorization"] == "Bearer xoxb-1"
    assert (one.json["channel"], one.json["username"]) == ("#news", "zaobao")
    assert "attachments" not in one.json
    assert_names_all(one.json["text"], archive)


@pytest.mark.slow
def test_telegram_is_told(archive: Archive, served: Served) -> None:
    break_list(served)
    given = {
        "SPIDERMON_TELEGRAM_SENDER_TOKEN": "123:abc",
        "SPIDERMON_TELEGRAM_RECIPIENTS": "-1001234,-1005678",
    }
    with webhook() as (address, got):
        name = "tests.support.localchannels.LocalTelegram"
        archive.crawl(ZAOBAO_ALERTS=name, LOCAL_API=address, **given)
    assert reasons(archive, "could not be sent") == []
    assert [one.path for one in got] == ["/bot123:abc/sendMessage"] * 2
    assert [one.json["chat_id"] for one in got] == ["-1001234", "-1005678"]
    assert_names_all(got[0].json["text"], archive)


@pytest.mark.slow
def test_sentry_is_told(archive: Archive, served: Served) -> None:
    break_list(served)
    with webhook() as (address, got):
        archive.crawl(
            ZAOBAO_ALERTS="sentry",
            SPIDERMON_SENTRY_DSN=address.replace("//", "//key@") + "/1",
            SPIDERMON_SENTRY_PROJECT_NAME="zaobao",
        )
    assert reasons(archive, "could not be sent") == []
    (one,) = got
    assert one.path == "/api/1/envelope/"
    assert "sentry_key=key," in one.headers["X-Sentry-Auth"]
    envelope, item, event = map(json.loads, one.body.split(b"\n"))
    assert envelope["event_id"] == event["event_id"]
    assert item == {"type": "event"}
    assert_names_all(event["message"]["formatted"], archive)
    assert event["server_name"] == MACHINE


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "setting", "path"),
    [
        ("discord", "SPIDERMON_DISCORD_WEBHOOK_URL", "/hooks/s3cret"),
        ("sentry", "SPIDERMON_SENTRY_DSN", "/1"),
    ],
)
def test_one_that_is_refused_is_a_reason_and_costs_no_story(
    archive: Archive, served: Served, name: str, setting: str, path: str
) -> None:
    break_list(served)
    with webhook(status=500) as (address, got):
        url = address.replace("//", "//s3cret@") + path
        given = {setting: url if name == "sentry" else address + path}
        done = archive.crawl(ZAOBAO_ALERTS=name, SPIDERMON_SENTRY_PROJECT_NAME="zaobao", **given)
    assert done.returncode == 3
    assert len(got) == 1
    (reason,) = reasons(archive, "could not be sent")
    host = address.removeprefix("http://")
    assert reason.startswith(f"an alert could not be sent: {name}: {host} answered 500 ")
    assert "s3cret" not in done.stderr + json.dumps(archive.report)
    assert len(archive.posts) > 20


@pytest.mark.parametrize(
    "url",
    [
        "discord.example/hooks/s3cret",
        "https://api.example/bots3cret /send",
        "https://api.example/bots3cret\n/send",
        "https://api.example:s3cret/send",
        "https://[s3cret",
    ],
)
def test_an_address_that_is_none_is_not_shown(url: str) -> None:
    with pytest.raises(NotSent) as error:
        post(url, b"", {})
    assert "s3cret" not in str(error.value)
    assert "is no address that can be asked" in str(error.value)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["telegram", "mail"])
def test_one_that_is_not_set_up_says_what_is_missing(
    archive: Archive, served: Served, name: str
) -> None:
    break_list(served)
    done = archive.crawl(ZAOBAO_ALERTS=name)
    assert done.returncode == 3
    (reason,) = reasons(archive, "could not be sent")
    assert "SPIDERMON_" in reason


@pytest.mark.parametrize("name", ALERTS)
def test_each_has_its_example_in_the_document(name: str) -> None:
    assert f"ZAOBAO_ALERTS={name}" in DOCUMENT


# --- how often


@pytest.mark.slow
def test_a_cause_is_told_once_and_its_end_once(archive: Archive, served: Served) -> None:
    with webhook(status=204) as (address, got):
        given = {"ZAOBAO_ALERTS": "discord", "SPIDERMON_DISCORD_WEBHOOK_URL": address}
        assert archive.crawl(**given).returncode == 0
        assert got == []
        break_list(served)
        assert archive.crawl(**given).returncode == 3
        assert archive.crawl(**given).returncode == 3
        assert len(got) == 1
        mend_list(served)
        assert archive.crawl(**given).returncode == 0
        assert archive.crawl(**given).returncode == 0
    subjects = [one.json["content"].splitlines()[0] for one in got]
    assert subjects == [
        f"zaobao: degraded (realtime china on {MACHINE})",
        f"zaobao: all well again (realtime china on {MACHINE})",
    ]


@pytest.mark.slow
def test_what_did_not_arrive_is_told_by_the_next_run(archive: Archive, served: Served) -> None:
    break_list(served)
    with webhook(status=500) as (address, _):
        archive.crawl(ZAOBAO_ALERTS="discord", SPIDERMON_DISCORD_WEBHOOK_URL=address)
    with webhook(status=204) as (address, got):
        archive.crawl(ZAOBAO_ALERTS="discord", SPIDERMON_DISCORD_WEBHOOK_URL=address)
    assert len(got) == 1


NOON = datetime(2026, 11, 29, 4, tzinfo=UTC)
BAD = Outcome("degraded", ("china: 3 of usually 24 cards on the first list page",), 3)
OTHER = Outcome("failed", ("no list page could be read",), 1)
FINE = Outcome("ok", (), 0)


def told(after: list[tuple[timedelta, Outcome]]) -> list[bool]:
    """Of runs at these times, which were told."""
    sent, earlier = [], [{"told": {}}]
    for later, outcome in after:
        memory = Told(earlier, NOON + later)
        sent.append(memory.is_news(outcome))
        causes = memory.after(outcome, is_sent=sent[-1])
        earlier = [{"told": {name: moment.isoformat() for name, moment in causes.items()}}]
    return sent


def hours(*given: int) -> list[timedelta]:
    return [timedelta(hours=n) for n in given]


def test_a_lasting_cause_is_told_once_a_day() -> None:
    runs = [(timedelta(hours=n), BAD) for n in range(72)]
    assert [n for n, sent in enumerate(told(runs)) if sent] == [0, 23, 46, 69]
    days = [(timedelta(days=n), BAD) for n in range(4)]
    assert told(days) == [True] * 4


def test_a_second_cause_is_told_and_the_first_one_not_again() -> None:
    both = Outcome("degraded", (*BAD.reasons, *OTHER.reasons), 3)
    order = zip(hours(0, 1, 2, 3, 4, 5), (BAD, OTHER, BAD, both, FINE, FINE), strict=True)
    assert told(list(order)) == [True, True, False, False, True, False]


def test_all_well_again_is_told_after_a_cause_that_came_late() -> None:
    order = zip(hours(0, 20, 30, 31), (BAD, OTHER, OTHER, FINE), strict=True)
    assert told(list(order)) == [True, True, False, True]


def test_an_ordinary_run_is_not_told() -> None:
    assert told([(timedelta(hours=n), FINE) for n in range(30)]) == [False] * 30


def test_the_advice_of_the_monitors_is_in_the_message() -> None:
    one = replace(alert(), advice=("Open the list in a browser.", "Look at the timer."))
    said = (
        "What to do: Open the list in a browser. Look at the timer. What could be read is written. "
    )
    assert said in one.text
    assert said in " ".join(one.mail.split())
    assert said.removeprefix("What to do: ") in one.html


def test_numbers_make_no_other_cause() -> None:
    assert cause("china: 3 of usually 24 cards") == cause("china: 11 of usually 24.5 cards")
    one = "in doubt, marked so and due again: 3 stories, 20261129-12 first (texts are shorter)"
    other = "in doubt, marked so and due again: 4 stories, 20261130-99 first (texts are shorter)"
    assert cause(one) == cause(other) == cause(one.replace("3 stories", "1 story"))
    assert cause("1 new story in 24 hours") == cause("2 new stories in 24 hours")
    assert cause("1 error in the program") == cause("2 errors in the program")
    assert cause("china: 3 cards") != cause("world: 3 cards")


@pytest.mark.parametrize("memory", [None, [], {"a": "yesterday"}, {"a": None}, {"a": "2026-11-29"}])
def test_a_report_that_was_edited_costs_no_alert(memory: object) -> None:
    assert Told([{"told": memory}], NOON).is_news(BAD)
    assert Told([{}], NOON).is_news(BAD)


@pytest.mark.slow
def test_what_fails_at_the_very_end_is_told(archive: Archive, tmp_path: Path) -> None:
    """Feeds are written when the spider is closed."""
    (tmp_path / "file").write_text("")
    with webhook(status=204) as (address, got):
        given = {"ZAOBAO_ALERTS": "discord", "SPIDERMON_DISCORD_WEBHOOK_URL": address}
        done = archive.crawl("realtime", "-O", str(tmp_path / "file" / "feed.json"), **given)
    assert done.returncode == 1, done.stderr
    (one,) = got
    assert one.json["content"].startswith(f"zaobao: failed (realtime china on {MACHINE})\n")
    assert "feed.json" in one.json["content"]


# --- a fault inside the monitors


@pytest.mark.slow
def test_a_backfill_of_all_sections_is_compared(archive: Archive, served: Served) -> None:
    month = f"{served.paper.now:%Y-%m}"
    done = archive.crawl("backfill", "-asection=all", f"-amonths={month}")
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert (archive.report["spider"], archive.report["sections"]) == ("backfill", "all")


@pytest.mark.slow
def test_a_backfill_of_a_site_that_is_down_is_told(archive: Archive) -> None:
    archive.site = f"http://127.0.0.1:{free_port()}"
    with webhook(status=204) as (address, got):
        given = {"ZAOBAO_ALERTS": "discord", "SPIDERMON_DISCORD_WEBHOOK_URL": address}
        done = archive.crawl("backfill", "-asection=all", "-amonths=2021-08", **given)
    assert done.returncode == 1
    (one,) = got
    assert one.json["content"].startswith(f"zaobao: failed (backfill all on {MACHINE})\n")


@pytest.mark.slow
@pytest.mark.parametrize("is_down", [False, True])
def test_a_fault_inside_the_monitors_is_degraded_and_told(
    archive: Archive, *, is_down: bool
) -> None:
    """Here by a report whose figures have another form."""
    (archive.folder / "runs").mkdir(parents=True)
    moments = dict.fromkeys(("started", "finished"), "2026-01-01T00:00:00+00:00")
    broken = {"spider": "realtime", "sections": "china", **moments, "headlines": 5}
    (archive.folder / "runs" / "20260101T000000.000Z.json").write_text(json.dumps(broken))
    if is_down:
        archive.site = f"http://127.0.0.1:{free_port()}"
    with webhook(status=204) as (address, got), mailbox() as box:
        given = to_mailbox(box.port, SPIDERMON_DISCORD_WEBHOOK_URL=address)
        done = archive.crawl(**{**given, "ZAOBAO_ALERTS": "mail,discord"})
    assert done.returncode == (1 if is_down else 3)
    (reason,) = reasons(archive, "broke off")
    assert reason.startswith("the comparison with earlier runs broke off, ")
    assert reason.endswith("('int' object is not iterable)")
    assert reason in done.stderr
    (one,) = got
    assert reason in one.json["content"]
    assert reason in " ".join(box.only().get_body(("plain",)).get_content().split())


def test_a_broken_monitor_does_not_silence_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(monitors.RunMonitor):
        @classmethod
        def find(cls, history: History) -> Iterator[Finding]:
            raise KeyError("no such figure")

    given = (Broken, monitors.YieldMonitor)
    monkeypatch.setattr(monitors, "MONITORS", given)
    now = {"sections": "china", "started": NOON, "counts": {}, "unread": {"soft_404": 9}}
    stats = Stats()
    crawler = SimpleNamespace(settings=get_project_settings(), signals=SignalManager(), stats=stats)
    review, findings = RunReview(crawler), []  # type: ignore[arg-type]
    run = SimpleNamespace(
        find=lambda monitor: list(monitor.find(History(now, []))), review=lambda *_given: None
    )
    review.compare(run, findings)  # type: ignore[arg-type]
    (finding,) = findings
    assert finding.sentence == "9 of 9 listed stories could not be read: soft_404"
    (reason,) = stats.values["zaobao/reasons/degraded"]
    assert reason.startswith("the comparison with earlier runs broke off, ")
    assert reason.endswith("('no such figure')")


@pytest.mark.slow
def test_a_fault_in_monitors_of_the_users_own_is_told(archive: Archive) -> None:
    with webhook(status=204) as (address, got):
        done = archive.crawl(
            "realtime",
            "-sSPIDERMON_SPIDER_CLOSE_MONITORS="
            "zaobao.monitoring.monitors.RunSuite,tests.support.localchannels.BrokenSuite",
            ZAOBAO_ALERTS="discord",
            SPIDERMON_DISCORD_WEBHOOK_URL=address,
        )
    assert done.returncode == 3, done.stderr
    (reason,) = archive.report["reasons"]
    assert (
        reason == "a monitor of tests.support.localchannels.BrokenSuite broke off (no such figure)"
    )
    assert reason in got[0].json["content"]


# --- helpers


def reasons(archive: Archive, said: str) -> list[str]:
    return [reason for reason in archive.report["reasons"] if said in reason]


def alert() -> Alert:
    return Alert(
        outcome=Outcome("degraded", (REASON,), 3),
        spider="realtime",
        sections="china",
        folder="/srv/zaobao/output",
        started=NOON,
        machine="news.example.org",
    )


def message_of(one: Alert, *, takes_8bit: bool) -> EmailMessage:

    from spidermon.data import Data

    from zaobao.monitoring.channels import Mail

    settings = get_project_settings()
    given = {"SMTP_HOST": "a", "EMAIL_SENDER": "a@example.org", "EMAIL_TO": "b@example.org"}
    settings.setdict({f"SPIDERMON_{name}": value for name, value in given.items()})
    mail = Mail(settings)
    mail.data, mail.result = Data({"alert": one}), mail
    mail.monitors_failed_results = mail.monitors_passed_results = []
    return mail.message(takes_8bit=takes_8bit)
