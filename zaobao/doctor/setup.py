"""The set-up: versions, settings, browser, alerts, clock."""

from __future__ import annotations

import os
import sys
from datetime import UTC, date, datetime
from importlib.metadata import version
from importlib.util import find_spec
from types import SimpleNamespace
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError
from scrapy.utils.misc import load_object

from zaobao import __version__
from zaobao.archive import disk, images
from zaobao.browser import chromium
from zaobao.doctor.finding import Finding, fail, ok, size, warn
from zaobao.errors import ArchiveError
from zaobao.options import ALERTS, Options
from zaobao.text import counted
from zaobao.times import SINGAPORE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.settings import BaseSettings

SCRAPY = "2.19"
"""The Scrapy whose middlewares and download handler are subclassed and tested."""
_OLDEST = date(2026, 11, 1)
_LOCALE = ("LC_ALL", "LC_CTYPE", "LANG")
"""In the order in which the system asks them."""
_SAMPLE = "联合早报：“阿里”—投入€1000亿·é😀襎梧.md"


def versions() -> Finding:
    found = version("scrapy")
    if found != SCRAPY and not found.startswith(f"{SCRAPY}."):
        return fail(
            "versions",
            f"Scrapy {found}, and this program is made for {SCRAPY}: "
            "pip install -r requirements.txt",
        )
    return ok("versions", f"zaobao {__version__}, Scrapy {found}")


def locale() -> Finding:
    """Whether the names of posts are the same for this program and for git and Jekyll."""
    named = (f"{name}={os.environ[name]}" for name in _LOCALE if os.environ.get(name))
    encoding = sys.getfilesystemencoding()
    said = f"{next(named, 'none set')}, file names in {encoding}"
    if encoding == "utf-8":
        return ok("locale", said)
    said += ", not UTF-8. Set LC_ALL=C.UTF-8"
    try:
        disk.local(_SAMPLE)
    except ArchiveError:
        return fail("locale", f"{said}: no post can be written in this one")
    return warn(
        "locale", f"{said}: the posts' names are UTF-8, but git and Jekyll may not find them here"
    )


def options(settings: BaseSettings) -> tuple[Options | None, Finding]:
    """The checked options; None when one is wrong, and the line names it."""
    try:
        found = Options.from_settings(settings)
        delay = settings.getfloat("DOWNLOAD_DELAY")
    except (UsageError, ValueError) as error:
        return None, fail("settings", f"{error}")
    asked = f"asking {found.site.origin}, writing to {found.output}"
    throttled = settings.getbool("AUTOTHROTTLE_ENABLED")
    if found.site.is_paper and delay < 1 and not throttled:
        said = f"DOWNLOAD_DELAY={delay:g} without AutoThrottle is no pace for somebody else's site"
        return found, warn("settings", f"{asked}; {said}")
    return found, ok("settings", asked)


def contact(chosen: Options) -> Finding:
    if chosen.contact is None:
        return warn(
            "contact",
            "ZAOBAO_CONTACT is not set: the site's operators cannot write to you, only block you",
        )
    return ok("contact", f"the User-Agent names {chosen.contact}")


def browser(chosen: Options, settings: BaseSettings) -> Finding:
    if not chosen.browser:
        return ok("browser", "off")
    named = settings.getdict("PLAYWRIGHT_LAUNCH_OPTIONS").get("executable_path")
    try:
        return ok("browser", f"on, with {chromium.executable(named)}")
    except UsageError as error:
        return fail("browser", str(error))


def raw(chosen: Options) -> Finding:
    files = sorted((chosen.output / "raw").glob("*.warc.gz"))
    held = f"{counted(len(files), 'file')}, {size(sum(path.stat().st_size for path in files))}"
    if not chosen.raw:
        return ok("raw", f"off; {held} from before" if files else "off")
    if find_spec("warcio") is None:
        return fail("raw", "ZAOBAO_RAW=on needs warcio: pip install -r requirements.txt")
    return ok("raw", f"on; {held}")


def pictures(chosen: Options) -> Iterator[Finding]:
    """How many pictures are kept; nothing where none are and none are to be."""
    count, total = images.held(chosen.output)
    if chosen.images or count:
        said = f"{count} in images/, {size(total)}"
        if chosen.images and not images.is_local(chosen.image_store):
            said += f"; new ones go to {chosen.image_store}"
        yield ok("images", f"{'on' if chosen.images else 'off'}; {said}")


def alerts(chosen: Options, settings: BaseSettings) -> Iterator[Finding]:
    """Each alert's action is made as a run makes it, and not run."""
    if not chosen.alerts:
        yield ok("alerts", "none; the exit code and runs/ tell")
    for name in chosen.alerts:
        trouble = _alert_trouble(ALERTS.get(name, name), settings)
        yield fail("alerts", f"{name}: {trouble}") if trouble else ok("alerts", f"{name} is set up")


def _alert_trouble(path: str, settings: BaseSettings) -> str | None:
    from spidermon.exceptions import NotConfigured  # a third of a second, for those who use it

    try:
        load_object(path).from_crawler(SimpleNamespace(settings=settings))
    except ImportError as error:
        return f"{error}. Install what it needs: pip install -r requirements.txt"
    except (NotConfigured, AttributeError, NameError, ValueError, TypeError) as error:
        return str(error)
    return None


def clock(newest: datetime | None, now: datetime) -> Finding:
    """newest: the end of the last run. A wrong clock gives wrong times of crawls for ever."""
    shown = f"{now.astimezone(SINGAPORE):%Y-%m-%d %H:%M} in Singapore"
    if now.date() < _OLDEST:
        return fail("clock", f"{shown}: this machine's clock is not set")
    if newest and (newest - now).total_seconds() > 600:
        return fail(
            "clock",
            f"{shown}, and the last run ended at {newest.astimezone(UTC):%Y-%m-%d %H:%M} UTC, "
            "which lies ahead: this machine's clock is wrong, or was then",
        )
    return ok("clock", shown)
