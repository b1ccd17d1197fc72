"""What starts the crawls on this machine: Scrapyd, a systemd timer, cron."""

from __future__ import annotations

import configparser
import os
import re
import shutil
import subprocess
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from zaobao.doctor.finding import Finding, fail, ok, some, warn
from zaobao.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path("/")
_KEEPS = ("logs_dir", "items_dir", "jobs_dir", "eggs_dir", "dbs_dir")
_SAMPLE = re.compile(r"change[-_ ]?me|password|scrapyd|secret", re.I)
_CRAWL = re.compile(r"\bscrapy\s+crawl\b|\bzaobao\b")
_SILENT = re.compile(r">\s*/dev/null\s+2>&1|&>\s*/dev/null|2>\s*/dev/null")


# --- Scrapyd


def scrapyd(output: Path, here: Path, root: Path = ROOT) -> Iterator[Finding]:
    """Scrapyd's settings, from the files that a Scrapyd started `here` reads, in its order."""
    etc = root / "etc" / "scrapyd"
    places = [etc / "scrapyd.conf", *sorted((etc / "conf.d").glob("*")), here / "scrapyd.conf"]
    places.append(Path.home() / ".scrapyd.conf")
    found = [path for path in places if path.is_file()]
    if not found:
        return
    named = some([str(path) for path in found])
    parser = configparser.ConfigParser(interpolation=None)
    try:
        for path in found:
            parser.read_string(path.read_text("utf-8"), str(path))
    except PermissionError:
        yield warn("scrapyd", f"{named}: this user may not read it")
        return
    except (OSError, configparser.Error, UnicodeDecodeError) as error:
        yield fail("scrapyd", f"{named}: {error}")
        return
    options = dict(parser["scrapyd"]) if parser.has_section("scrapyd") else {}
    troubles = list(_troubles(options, output, here))
    yield from (fail("scrapyd", f"{named}: {trouble}") for trouble in troubles)
    open_to = [path for path in found if path.stat().st_mode & 0o044]
    if options.get("password") and open_to:
        yield warn("scrapyd", f"others can read the password in {open_to[0]}: chmod 600")
    if not troubles:
        yield ok("scrapyd", f"{named}: loopback only, with a password")


def _troubles(options: dict[str, str], output: Path, here: Path) -> Iterator[str]:
    address = os.environ.get("SCRAPYD_BIND_ADDRESS") or options.get("bind_address", "127.0.0.1")
    if address and not _is_loopback(address):
        yield f"bind_address = {address}: whoever reaches it can run programs here. Use 127.0.0.1"
    user = os.environ.get("SCRAPYD_USERNAME") or options.get("username")
    password = os.environ.get("SCRAPYD_PASSWORD") or options.get("password")
    if not (user and password):
        yield "no username or no password: every user of this machine can run programs as Scrapyd"
    elif _SAMPLE.fullmatch(password) or password == user:
        yield "its password is the example's, or one that is guessed first: set one of your own"
    for name in _KEEPS:
        kept = (here / options[name]).resolve() if options.get(name) else None
        if kept and _overlap(kept, output.resolve()):
            yield f"{name} = {kept} overlaps with the archive, and Scrapyd deletes old files there"


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return address == "localhost"


def _overlap(one: Path, other: Path) -> bool:
    return one == other or one in other.parents or other in one.parents


# --- systemd and cron


def schedules(root: Path = ROOT) -> Iterator[Finding]:
    """A timer that is not enabled, and a crontab that tells nobody; nothing where there is none."""
    units = root / "etc" / "systemd" / "system"
    for timer in sorted(units.glob("*.timer")):
        service = timer.with_suffix(".service")
        text = _text(service)
        if re.search(r"^ExecStart=.*(?:scrapy|zaobao)", text, re.M):
            yield _timer(timer, text, units)
    for path in (root / "etc" / "crontab", *sorted((root / "etc" / "cron.d").glob("*"))):
        yield from _crontab(str(path), _text(path))
    if root == ROOT and (program := shutil.which("crontab")):
        listed = subprocess.run([program, "-l"], capture_output=True, text=True, check=False)  # noqa: S603
        yield from _crontab("this user's crontab", listed.stdout)


def _timer(timer: Path, service: str, units: Path) -> Finding:
    if not any(path.name == timer.name for path in units.glob("*.wants/*")):
        return warn(timer.name, f"not enabled: systemctl enable --now {timer.name}")
    if not re.search(r"^User=(?!root\b)\S", service, re.M):
        return warn(timer.name, "its service runs as root: give it a User=")
    if not re.search(r"^OnFailure=\S", service, re.M):
        return warn(timer.name, "its service has no OnFailure=: a run that fails tells nobody")
    return ok(timer.name, "enabled, with a user of its own, and a failure tells somebody")


def _crontab(named: str, text: str) -> Iterator[Finding]:
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    crawls = [line for line in lines if _CRAWL.search(line) and re.match(r"\s*[\d*@]", line)]
    if not crawls:
        return
    if any(_SILENT.search(line) for line in crawls):
        yield warn("cron", f"{named}: it throws away what a run says, so a failure tells nobody")
    elif any(re.match(r'\s*MAILTO\s*=\s*("")?\s*$', line) for line in lines):
        yield warn("cron", f"{named}: MAILTO is empty, so a failure tells nobody")
    else:
        yield ok("cron", f"{named}: {counted(len(crawls), 'line')}")


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""
