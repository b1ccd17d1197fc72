"""`scrapy doctor` on what starts the crawls: Scrapyd, systemd and cron."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from zaobao.doctor import schedulers
from zaobao.doctor.finding import Finding


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A machine without any set-up."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("BIND_ADDRESS", "USERNAME", "PASSWORD"):
        monkeypatch.delenv(f"SCRAPYD_{name}", raising=False)
    for name in ("home", "here", "etc/scrapyd/conf.d", "etc/cron.d", "etc/systemd/system"):
        (tmp_path / name).mkdir(parents=True)
    return tmp_path


def scrapyd(root: Path, *lines: str, at: str = "here/scrapyd.conf") -> list[Finding]:
    (root / at).write_text("\n".join(("[scrapyd]", *lines)))
    (root / at).chmod(0o600)
    return list(schedulers.scrapyd(root / "output", root / "here", root))


GOOD = ("bind_address = 127.0.0.1", "username = u", "password = 8%2fq")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (GOOD, None),
        (("username = u", "password = 8%2fq"), None),
        (("bind_address = ::1", *GOOD[1:]), None),
        (("bind_address =", "unix_socket_path = /run/x", *GOOD[1:]), None),
        (("bind_address = 0.0.0.0", *GOOD[1:]), "bind_address = 0.0.0.0"),
        (("bind_address = ::", *GOOD[1:]), "bind_address = ::"),
        (("bind_address = news.example.org", *GOOD[1:]), "bind_address = news"),
        (GOOD[:2], "no username or no password"),
        (("bind_address = 127.0.0.1",), "no username or no password"),
        ((*GOOD[:2], "password = change-me"), "the example's"),
        ((*GOOD[:2], "password = u"), "the example's"),
        ((*GOOD, "items_dir = ../output/_posts"), "items_dir"),
        ((*GOOD, "logs_dir = {root}/output"), "logs_dir"),
        ((*GOOD, "dbs_dir = {root}"), "dbs_dir"),
        ((*GOOD, "no option"), "no option"),
    ],
)
@pytest.mark.parametrize("at", ["here/scrapyd.conf", "etc/scrapyd/conf.d/a", "home/.scrapyd.conf"])
def test_scrapyd(root: Path, lines: tuple[str, ...], said: str | None, at: str) -> None:
    found = scrapyd(root, *(line.format(root=root) for line in lines), at=at)
    assert len(found) == 1
    assert found[0].level == ("fail" if said else "ok")
    assert (said or "") in found[0].message
    assert "8%2fq" not in found[0].message


def test_a_later_file_of_scrapyds_wins_and_a_readable_password_is_named(root: Path) -> None:
    scrapyd(root, *GOOD, at="etc/scrapyd/scrapyd.conf")
    [found] = scrapyd(root, "bind_address = 0.0.0.0")
    assert found.level == "fail"
    scrapyd(root, *GOOD)
    (root / "here/scrapyd.conf").chmod(0o644)
    found = schedulers.scrapyd(root / "output", root / "here", root)
    assert [one.level for one in found] == ["warn", "ok"]


SERVICE = (
    "[Unit]\nOnFailure=x.service\n[Service]\nUser=zaobao\nExecStart=/x/scrapy crawl realtime\n"
)


@pytest.mark.parametrize(
    ("service", "enabled", "said"),
    [
        (SERVICE, True, None),
        (SERVICE, False, "not enabled"),
        (SERVICE.replace("User=zaobao\n", ""), True, "root"),
        (SERVICE.replace("User=zaobao", "User=root"), True, "root"),
        (SERVICE.replace("OnFailure=x.service\n", ""), True, "OnFailure"),
    ],
)
def test_a_systemd_timer(root: Path, service: str, enabled: bool, said: str | None) -> None:
    units = root / "etc/systemd/system"
    (units / "other.timer").write_text("")
    (units / "zaobao.timer").write_text("")
    (units / "zaobao.service").write_text(service)
    if enabled:
        (units / "timers.target.wants").mkdir()
        (units / "timers.target.wants/zaobao.timer").symlink_to(units / "zaobao.timer")
    [found] = schedulers.schedules(root)
    assert (found.level, found.subject) == ("warn" if said else "ok", "zaobao.timer")
    assert (said or "") in found.message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("7 * * * * cd /x && scrapy crawl realtime\n", ": 1 line"),
        ("MAILTO=a@example.org\n7 * * * * scrapy crawl realtime 2>&1\n", ": 1 line"),
        (
            'MAILTO=""\n7 * * * * scrapy crawl realtime\n',
            ": MAILTO is empty, so a failure tells nobody",
        ),
        (
            "7 * * * * scrapy crawl realtime >/dev/null 2>&1\n",
            ": it throws away what a run says, so a failure tells nobody",
        ),
    ],
)
def test_a_crontab(root: Path, text: str, said: str) -> None:
    (root / "etc/cron.d/zaobao").write_text(text)
    (root / "etc/crontab").write_text("# scrapy crawl\n5 * * * * root other\n")
    [found] = schedulers.schedules(root)
    assert found.message.endswith(said)
