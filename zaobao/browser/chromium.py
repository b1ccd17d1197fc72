"""Which browser is started, and with which arguments. Does not import Playwright."""

from __future__ import annotations

import json
import logging
import os
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy.exceptions import UsageError

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

logger = logging.getLogger(__name__)

HANDLER = "zaobao.browser.handler.BrowserHandler"
_FIXED: dict[str, Any] = {
    "PLAYWRIGHT_BROWSER_PROVIDER": "zaobao.browser.handler.LateBrowserProvider",
    "PLAYWRIGHT_BROWSER_TYPE": "chromium",
    # A browser that was started elsewhere has a network.
    "PLAYWRIGHT_CDP_URL": None,
    "PLAYWRIGHT_CONNECT_URL": None,
    # They start with the run, and may let service workers in.
    "PLAYWRIGHT_CONTEXTS": {},
    "PLAYWRIGHT_RESTART_DISCONNECTED_BROWSER": True,
    # Milliseconds. No page may download; a page that does not open is taken for a download.
    "PLAYWRIGHT_DOWNLOAD_TIMEOUT": 1,
}
"""scrapy-playwright's settings, whatever the user sets."""

_SYSTEM = ("chromium", "chromium-browser", "google-chrome")
_HOW = "apt-get install chromium, or: playwright install --with-deps --only-shell chromium"

_ARGUMENTS = (
    # No name and no address can be reached, whatever a page tries.
    "--host-resolver-rules=MAP * ~NOTFOUND",
    # What goes past the resolver: WebRTC by UDP, QUIC, pages fetched ahead.
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-quic",
    "--dns-prefetch-disable",
    "--no-pings",
    # Chromium's own calls home would fail; it need not try.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
)


def install(settings: BaseSettings, scheme: str) -> None:
    """Have the browser's handler serve `scheme`; UsageError when there is no browser.

    The user's PLAYWRIGHT_LAUNCH_OPTIONS (JSON) stay; the arguments that keep the
    browser off the network are added to them.
    """
    options = launch_options(settings)
    options["args"] = [*options.get("args", ()), *_ARGUMENTS]
    if "chromium_sandbox" not in options:
        options["chromium_sandbox"] = not _is_root()
    handlers = {**settings.getdict("DOWNLOAD_HANDLERS"), scheme: HANDLER}
    settings.set("PLAYWRIGHT_LAUNCH_OPTIONS", options, priority="cmdline")
    settings.set("DOWNLOAD_HANDLERS", handlers, priority="cmdline")
    settings.setdict(_FIXED, priority="cmdline")


def launch_options(settings: BaseSettings) -> dict[str, Any]:
    """The user's, with the program that is started; UsageError when there is none."""
    options = settings.getdict("PLAYWRIGHT_LAUNCH_OPTIONS")
    options["executable_path"] = executable(options.get("executable_path"))
    return options


def executable(named: str | None = None) -> str:
    """The path of the browser: the named one, else Playwright's own, else the system's.

    Playwright was tested with its own. UsageError, with the command that installs
    one, when there is none.
    """
    if find_spec("scrapy_playwright") is None:
        raise UsageError("ZAOBAO_BROWSER=on needs scrapy-playwright: pip install scrapy-playwright")
    if named is not None:
        if not os.access(named, os.X_OK):
            raise UsageError(f"PLAYWRIGHT_LAUNCH_OPTIONS: {named!r} is no program. {_HOW}")
        return named
    found = _own() or next(filter(None, map(shutil.which, _SYSTEM)), None)
    if found is None:
        raise UsageError(f"ZAOBAO_BROWSER=on, and there is no browser. To install one: {_HOW}")
    return found


def _own() -> str | None:
    """Playwright's own Chromium, in the revision that the installed Playwright wants."""
    spec = find_spec("playwright")
    if spec is None or spec.origin is None:
        return None
    package = Path(spec.origin).parent / "driver" / "package"
    try:
        listed = json.loads((package / "browsers.json").read_bytes())["browsers"]
    except (OSError, ValueError, KeyError):
        return None
    folder = _registry(package)
    for name in ("chromium-headless-shell", "chromium"):
        if found := _program(folder, name, listed):
            return str(found)
    return None


def _registry(package: Path) -> Path:
    """Where `playwright install` puts browsers."""
    given = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    if given == "0":
        return package / ".local-browsers"
    cache = "Library/Caches" if sys.platform == "darwin" else ".cache"
    return Path(given) if given else Path.home() / cache / "ms-playwright"


def _program(folder: Path, name: str, listed: list[dict[str, Any]]) -> Path | None:
    revision = next((one["revision"] for one in listed if one["name"] == name), None)
    home = folder / f"{name.replace('-', '_')}-{revision}"
    if not (home / "INSTALLATION_COMPLETE").exists():
        return None
    names = ("chrome-headless-shell", "headless_shell", "chrome", "Chromium")
    found = (path for name in names for path in home.glob(f"*/**/{name}"))
    return next((path for path in found if os.access(path, os.X_OK) and path.is_file()), None)


def _is_root() -> bool:
    if os.geteuid() != 0:
        return False
    logger.warning(
        "The browser runs without its sandbox (--no-sandbox), since Chromium has none for root."
        " Run the crawl as another user."
    )
    return True
