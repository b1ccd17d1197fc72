"""How somebody is told: Spidermon actions that send `data.alert`.

Addresses, tokens and messages stand in Spidermon's own settings. Of Spidermon's actions only that
for Slack is used: those for Telegram and Sentry lose a message without an error, that for Discord
puts the secret address into its error, and that for mail needs Scrapy's mail module, which is
going away.
"""

from __future__ import annotations

import json
import smtplib
import ssl
import uuid
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.utils import formatdate, getaddresses, make_msgid
from http.client import HTTPException, InvalidURL
from typing import TYPE_CHECKING, Any, ClassVar, Self
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from spidermon.contrib.actions.slack import SendSlackMessage
from spidermon.contrib.actions.templates import ActionWithTemplates
from spidermon.exceptions import NotConfigured

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings

    from zaobao.monitoring.alert import Alert

TIMEOUT = 30
"""Seconds for one answer of a server that takes alerts."""
LONGEST_LINE = 998
"""Bytes of one line of a mail (RFC 5322, 2.1.1)."""


class NotSent(Exception):
    """A message did not arrive; the sentence names no address that is a secret."""


class Channel(ActionWithTemplates):  # type: ignore[misc]  # Spidermon has no types
    """One way to tell somebody. NotConfigured names a setting that is missing."""

    needed: ClassVar[tuple[str, ...]]
    """Settings without which it cannot send."""

    def __init__(self, settings: BaseSettings) -> None:
        super().__init__()
        self.settings = settings
        for name in self.needed:
            if not settings.get(name):
                raise NotConfigured(f"{name} is not set")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler.settings)

    def render(self, setting: str) -> str:
        """The text of a message's template."""
        return str(self.render_text_template(str(self.settings[setting])))

    def names(self, setting: str) -> list[str]:
        """The values of a comma list."""
        return [one.strip() for one in self.settings.getlist(setting) if one.strip()]


def post(url: str, body: bytes, headers: dict[str, str]) -> bytes:
    """Send a body and give the answer; NotSent names the host and not the path, which may be a
    secret."""
    host = ""
    try:
        host = urlsplit(url).netloc.rpartition("@")[2]
        request = Request(url, body, headers, method="POST")  # noqa: S310 - the user's own address
        with urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
            return bytes(answer.read(65536))
    except HTTPError as error:
        said = error.read(200).decode("utf-8", "replace").strip()
        raise NotSent(f"{host} answered {error.code} {error.reason} {said}".strip()) from None
    except URLError as error:
        raise NotSent(f"{host} cannot be reached: {error.reason}") from None
    except OSError as error:
        raise NotSent(f"{host}: {error}") from None
    except (ValueError, InvalidURL):  # whose words are the address
        raise NotSent(
            "what is set is no address that can be asked: it begins with https:// and has no blanks"
        ) from None
    except HTTPException as error:
        raise NotSent(f"{host} gave no whole answer: {type(error).__name__}") from None


class Mail(Channel):
    """A mail with a text and an HTML part, through any SMTP server, with or without login."""

    needed = ("SPIDERMON_SMTP_HOST", "SPIDERMON_EMAIL_SENDER", "SPIDERMON_EMAIL_TO")

    def run_action(self) -> None:
        host = self.settings["SPIDERMON_SMTP_HOST"]
        port = self.settings.getint("SPIDERMON_SMTP_PORT") or 25
        user = self.settings.get("SPIDERMON_SMTP_USER")
        where = f"the mail server {host}:{port}"
        try:
            with self._connect(host, port) as server:
                if user:
                    server.login(user, self.settings.get("SPIDERMON_SMTP_PASSWORD") or "")
                server.ehlo_or_helo_if_needed()
                message = self.message(takes_8bit=server.has_extn("8bitmime"))
                server.send_message(message, to_addrs=self._recipients())
        except smtplib.SMTPAuthenticationError as error:
            said = _answer(error)
            raise NotSent(
                f"{where} refused the login of {user!r}: {said}; "
                "check SPIDERMON_SMTP_USER and SPIDERMON_SMTP_PASSWORD"
            ) from None
        except smtplib.SMTPRecipientsRefused as error:
            first = smtplib.SMTPResponseException(*next(iter(error.recipients.values())))
            raise NotSent(f"{where} refused every recipient: {_answer(first)}") from None
        except smtplib.SMTPResponseException as error:
            raise NotSent(f"{where} refused the mail: {_answer(error)}") from None
        except (smtplib.SMTPException, OSError) as error:
            raise NotSent(
                f"{where} cannot be used: {error}; "
                "check SPIDERMON_SMTP_HOST, SPIDERMON_SMTP_PORT and the TLS settings"
            ) from None

    def _connect(self, host: str, port: int) -> smtplib.SMTP:
        secure = ssl.create_default_context()
        if self.settings.getbool("SPIDERMON_SMTP_ENFORCE_SSL"):
            return smtplib.SMTP_SSL(host, port, timeout=TIMEOUT, context=secure)
        server = smtplib.SMTP(host, port, timeout=TIMEOUT)
        if self.settings.getbool("SPIDERMON_SMTP_ENFORCE_TLS"):
            try:
                server.starttls(context=secure)
            except BaseException:
                server.close()
                raise
        return server

    def _recipients(self) -> list[str]:
        given = [f"SPIDERMON_EMAIL_{name}" for name in ("TO", "CC", "BCC")]
        return [one for _, one in getaddresses([n for name in given for n in self.names(name)])]

    def message(self, *, takes_8bit: bool) -> EmailMessage:
        """The mail. takes_8bit: whether the server takes UTF-8 in its body as it is."""
        message = EmailMessage(policy=policy.SMTP)
        message["Subject"] = " ".join(self.render("SPIDERMON_EMAIL_SUBJECT").split())
        message["From"] = self.settings["SPIDERMON_EMAIL_SENDER"]
        message["To"] = ", ".join(self.names("SPIDERMON_EMAIL_TO"))
        if copies := self.names("SPIDERMON_EMAIL_CC"):
            message["Cc"] = ", ".join(copies)
        if answers := self.settings.get("SPIDERMON_EMAIL_REPLY_TO"):
            message["Reply-To"] = answers
        message["Date"] = formatdate(localtime=True)
        message["Message-ID"] = make_msgid(domain="zaobao.invalid")
        message["Auto-Submitted"] = "auto-generated"
        text, page = self.render("SPIDERMON_BODY_TEXT"), self.render("SPIDERMON_BODY_HTML")
        message.set_content(text, cte=_encoding(text, takes_8bit=takes_8bit))
        message.add_alternative(page, subtype="html", cte=_encoding(page, takes_8bit=takes_8bit))
        return message


def _encoding(text: str, *, takes_8bit: bool) -> str:
    longest = max((len(line.encode()) for line in text.split("\n")), default=0)
    return "8bit" if takes_8bit and longest < LONGEST_LINE else "quoted-printable"


def _answer(error: smtplib.SMTPResponseException) -> str:
    said = error.smtp_error
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return f"{error.smtp_code} {' '.join(text.split())}"


class Slack(SendSlackMessage):  # type: ignore[misc]
    """Spidermon's, without the attachments, which hold nothing of ours."""

    include_attachments = False


class Telegram(Channel):
    """A bot's message, as plain text; Telegram's own marks would be errors in a selector."""

    needed = ("SPIDERMON_TELEGRAM_SENDER_TOKEN", "SPIDERMON_TELEGRAM_RECIPIENTS")
    api: ClassVar[str] = "https://api.telegram.org"

    def run_action(self) -> None:
        url = f"{self.api}/bot{self.settings['SPIDERMON_TELEGRAM_SENDER_TOKEN']}/sendMessage"
        text = self.render("SPIDERMON_TELEGRAM_MESSAGE")
        for recipient in self.names("SPIDERMON_TELEGRAM_RECIPIENTS"):
            send_json(url, {"chat_id": recipient, "text": text})


class Discord(Channel):
    """`{"content": "…"}` to an address that takes it."""

    needed = ("SPIDERMON_DISCORD_WEBHOOK_URL",)

    def run_action(self) -> None:
        text = self.render("SPIDERMON_DISCORD_MESSAGE")
        send_json(self.settings["SPIDERMON_DISCORD_WEBHOOK_URL"], {"content": text})


def send_json(url: str, content: dict[str, Any]) -> None:
    """Send a JSON object; NotSent when it was not taken."""
    data = json.dumps(content, ensure_ascii=False).encode()
    # Discord refuses the name that Python's own client gives itself.
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "zaobao"}
    post(url, data, headers)


class Sentry(Channel):
    """An event by Sentry's envelope endpoint; one issue for each spider on each machine."""

    needed = ("SPIDERMON_SENTRY_DSN", "SPIDERMON_SENTRY_PROJECT_NAME")

    def run_action(self) -> None:
        dsn = urlsplit(self.settings["SPIDERMON_SENTRY_DSN"])
        path, _, project = dsn.path.rstrip("/").rpartition("/")
        host = dsn.netloc.rpartition("@")[2]
        if not (dsn.username and project):
            raise NotSent("SPIDERMON_SENTRY_DSN is no address of the form https://KEY@HOST/PROJECT")
        headers = {
            "Content-Type": "application/x-sentry-envelope",
            "User-Agent": "zaobao",
            "X-Sentry-Auth": f"Sentry sentry_version=7, sentry_key={dsn.username}, "
            "sentry_client=zaobao/1",
        }
        post(f"{dsn.scheme}://{host}{path}/api/{project}/envelope/", self._envelope(), headers)

    def _envelope(self) -> bytes:
        alert: Alert = self.data.alert
        number, now = uuid.uuid4().hex, datetime.now(UTC).isoformat()
        level = self.settings.get("SPIDERMON_SENTRY_LOG_LEVEL") or "error"
        event = {
            "event_id": number,
            "timestamp": now,
            "platform": "python",
            "level": "info" if alert.is_over else level,
            "logger": self.settings["SPIDERMON_SENTRY_PROJECT_NAME"],
            "environment": self.settings.get("SPIDERMON_SENTRY_ENVIRONMENT_TYPE") or "Development",
            "server_name": alert.machine,
            "message": {"formatted": alert.text[:8000]},
            "fingerprint": ["zaobao", alert.machine, alert.run],
            "tags": {"spider": alert.spider, "verdict": alert.outcome.verdict},
            "extra": dict(alert.facts),
        }
        parts: tuple[dict[str, Any], ...] = (
            {"event_id": number, "sent_at": now},
            {"type": "event"},
        )
        return b"\n".join(json.dumps(part, ensure_ascii=False).encode() for part in (*parts, event))
