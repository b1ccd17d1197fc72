"""The examples of docs/examples: read by the programs they are for, their commands run."""

from __future__ import annotations

import re
import subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest

from demo.server import Served
from tests.support import clock
from tests.support.archive import PATIENCE
from tests.support.building import need
from tests.support.examples import EXAMPLES, installed
from tests.support.whole import numbers
from zaobao.doctor import schedulers

pytestmark = pytest.mark.slow

UNITS = EXAMPLES / "systemd"
CRONTAB = (EXAMPLES / "crontab").read_text("utf-8")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return installed(tmp_path)


def shell(command: str, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command as cron does, with another /srv/zaobao."""
    command = command.replace("/srv/zaobao", str(home))
    values = {**clock.GIVEN, "PATH": "/usr/bin:/bin", "HOME": str(home), **environment}
    return subprocess.run(
        ["/bin/sh", "-c", command],
        env=values,
        text=True,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )


# --- cron


def jobs() -> list[str]:
    """The commands of the crontab, as cron hands them to the shell."""
    found = [line for line in CRONTAB.splitlines() if re.match(r"[\d*]", line)]
    fields = [re.fullmatch(r"((?:[\d*/,-]+ ){5})(.+)", line) for line in found]
    assert all(fields)
    commands = [match[2] for match in fields if match]
    assert not any("%" in command for command in commands)  # cron ends the command there
    return commands


def crontab_settings() -> dict[str, str]:
    return dict(re.findall(r"^([A-Z_]+)=(.*)$", CRONTAB, re.M))


def test_the_crontab_is_silent_when_all_is_well(home: Path, served: Served) -> None:
    values = crontab_settings()
    assert values["SHELL"] == "/bin/sh"
    environment = {
        "ZAOBAO_SITE": served.origin,
        "ZAOBAO_OUTPUT": values["ZAOBAO_OUTPUT"].replace("/srv/zaobao", str(home)),
    }
    for job in jobs():
        done = shell(job, home, **environment)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert len(list((home / "output" / "_posts").iterdir())) == len(numbers(served))


def test_the_crontab_prints_what_went_wrong(home: Path) -> None:
    environment = {"ZAOBAO_SITE": "http://127.0.0.1:9", "ZAOBAO_OUTPUT": str(home / "output")}
    crawl, doctor = (shell(job, home, **environment) for job in jobs())
    assert crawl.stdout.startswith("exit code 1\n")
    assert "no list page could be read" in crawl.stdout
    assert doctor.stdout.startswith("exit code 1\n")
    assert "fail  last run: " in doctor.stdout


def test_doctor_is_content_with_the_crontab(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "crontab").write_text(CRONTAB)
    assert [one.level for one in schedulers.schedules(tmp_path)] == ["ok"]


# --- systemd


def verified(folder: Path) -> subprocess.CompletedProcess[str]:
    units = sorted(str(path) for path in folder.iterdir())
    command = ["systemd-analyze", "verify", *units]
    return subprocess.run(command, text=True, capture_output=True, timeout=PATIENCE, check=False)


@pytest.fixture
def units(home: Path, tmp_path: Path) -> Path:
    need("systemd-analyze", "systemd")
    folder = tmp_path / "units"
    folder.mkdir()
    for path in UNITS.iterdir():
        (folder / path.name).write_text(path.read_text().replace("/srv/zaobao", str(home)))
    return folder


def test_systemd_takes_the_units(units: Path) -> None:
    done = verified(units)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    text = (units / "zaobao.service").read_text()
    (units / "zaobao.service").write_text(text.replace("ProtectClock=true", "ProtectClok=true"))
    assert "ProtectClok" in verified(units).stderr
    (units / "zaobao.service").write_text(text.replace("bin/scrapy", "bin/scrap"))
    assert verified(units).returncode != 0


def unit(name: str) -> ConfigParser:
    parser = ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string((UNITS / name).read_text("utf-8"))
    return parser


@pytest.mark.parametrize("name", ["zaobao.service", "zaobao-doctor.service"])
def test_a_unit_runs_as_its_user_and_a_failure_tells(name: str) -> None:
    parser = unit(name)
    assert parser["Service"]["User"] == "zaobao"
    assert parser["Unit"]["OnFailure"] == "zaobao-tell@%N.service"
    assert parser["Service"]["ReadWritePaths"] == "/srv/zaobao/output"
    assert (UNITS / name.replace(".service", ".timer")).exists()


def test_what_the_service_runs(home: Path, served: Served) -> None:
    for name in ("zaobao.service", "zaobao-doctor.service"):
        service = unit(name)["Service"]
        command = f"cd {service['WorkingDirectory']} && {service['ExecStart']}"
        output = {"ZAOBAO_SITE": served.origin, "ZAOBAO_OUTPUT": str(home / "output")}
        done = shell(command, home, **output)
        assert done.returncode == 0, done.stdout + done.stderr
    assert len(list((home / "output" / "_posts").iterdir())) == len(numbers(served))


@pytest.mark.parametrize("has_mail", [True, False])
def test_who_is_told(tmp_path: Path, has_mail: bool) -> None:
    """The script of the unit, with programs that write down how they were called."""
    script = re.search(
        r"ExecStart=/bin/sh -c '(.*)'", (UNITS / "zaobao-tell@.service").read_text(), re.S
    )
    assert script
    for name in ("logger", "journalctl", *(["mail"] if has_mail else [])):
        program = tmp_path / name
        program.write_text(
            f'#!/bin/sh\necho "{name} $*" >> {tmp_path}/called\n[ {name} = mail ] && /bin/cat >> {tmp_path}/called || echo the log\n'
        )
        program.chmod(0o755)
    command = script[1].replace("\\\n", " ").replace("%i", "zaobao")
    done = subprocess.run(["/bin/sh", "-c", command], env={"PATH": str(tmp_path)}, check=False)
    assert done.returncode == 0
    called = (tmp_path / "called").read_text().splitlines()
    assert called[0] == "logger -p user.err -t zaobao zaobao failed: journalctl -u zaobao"
    if has_mail:
        assert sorted(called[1:3]) == [
            "journalctl -u zaobao -n 60 --no-pager -o cat",
            "mail -s zaobao failed root",
        ]
        assert called[3:] == ["the log"]
    else:
        assert called[1:] == []
