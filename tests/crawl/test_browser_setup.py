"""Which browser is started, that it has no network, and only where it is switched on."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from scrapy.exceptions import UsageError
from scrapy.settings import Settings
from scrapy_playwright.handler import Config

from demo.server import Served
from tests.support.archive import PATIENCE, ROOT, Archive
from tests.support.browsing import ON, need_chromium
from zaobao.browser import chromium
from zaobao.browser.handler import LateBrowserProvider

OFF = """
import sys, atexit
from scrapy import cmdline
atexit.register(lambda: print("IMPORTED", [m for m in sys.modules if "playwright" in m]))
cmdline.execute(["scrapy", "crawl", "realtime", "-sDOWNLOAD_DELAY=0",
                 "-sAUTOTHROTTLE_ENABLED=False", "-alimit=2"] + sys.argv[1:])
"""


@need_chromium()
@pytest.mark.slow
@pytest.mark.parametrize(("given", "is_imported"), [([], False), ([ON], True)])
def test_playwright_is_imported_only_when_the_browser_is_on(
    archive: Archive, given: list[str], is_imported: bool
) -> None:
    command = [sys.executable, "-c", OFF, *given]
    done = subprocess.run(command, **archive.where(), text=True, timeout=PATIENCE, check=False)
    assert ("IMPORTED []" not in done.stdout) == is_imported, done.stdout + done.stderr
    assert "IMPORTED" in done.stdout
    assert len(archive.posts) == 2


@pytest.mark.slow
def test_a_missing_browser_is_said_before_anything_is_asked(
    archive: Archive, served: Served, tmp_path: Path
) -> None:
    nowhere = {"PATH": str(tmp_path), "PLAYWRIGHT_BROWSERS_PATH": str(tmp_path)}
    done = archive.crawl("realtime", ON, **nowhere)
    assert done.returncode == 2
    assert "apt-get install chromium" in done.stderr
    assert "playwright install" in done.stderr
    assert served.paper.requests == []


def program(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)


def test_playwrights_own_browser_comes_before_the_systems(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = program(tmp_path / "bin" / "chromium")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "own"))
    assert chromium.executable() == system
    import json

    import playwright

    listed = Path(playwright.__file__).parent / "driver/package/browsers.json"
    wanted = {one["name"]: one["revision"] for one in json.loads(listed.read_text())["browsers"]}
    other = tmp_path / "own" / "chromium-1"
    program(other / "chrome-linux64" / "chrome")
    (other / "INSTALLATION_COMPLETE").touch()
    assert chromium.executable() == system
    home = tmp_path / "own" / f"chromium-{wanted['chromium']}"
    own = program(home / "chrome-linux64" / "chrome")
    assert chromium.executable() == system  # half installed
    (home / "INSTALLATION_COMPLETE").touch()
    assert chromium.executable() == own
    named = program(tmp_path / "named")
    assert chromium.executable(named) == named
    with pytest.raises(UsageError, match="no program"):
        chromium.executable(str(tmp_path / "nothing"))


def test_the_browser_is_kept_off_the_network_whatever_the_user_sets(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    settings = Settings({"PLAYWRIGHT_LAUNCH_OPTIONS": '{"args": ["--lang=zh"], "slow_mo": 1}'})
    chromium.install(settings, "https")
    options = settings.getdict("PLAYWRIGHT_LAUNCH_OPTIONS")
    assert "--host-resolver-rules=MAP * ~NOTFOUND" in options["args"]
    assert (options["args"][0], options["slow_mo"]) == ("--lang=zh", 1)
    assert options["chromium_sandbox"] is True
    assert settings.getdict("DOWNLOAD_HANDLERS") == {"https": chromium.HANDLER}
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    as_root = Settings()
    chromium.install(as_root, "http")
    assert as_root.getdict("PLAYWRIGHT_LAUNCH_OPTIONS")["chromium_sandbox"] is False
    assert "--no-sandbox" in caplog.text


def test_no_setting_of_scrapy_playwright_gives_a_browser_with_a_network() -> None:
    """Nor one that starts with the run, or is not started again."""
    settings = Settings()
    given = {
        "PLAYWRIGHT_BROWSER_TYPE": "firefox",
        "PLAYWRIGHT_CDP_URL": "http://127.0.0.1:9222",
        "PLAYWRIGHT_CONTEXTS": '{"default": {"service_workers": "allow"}}',
        "PLAYWRIGHT_RESTART_DISCONNECTED_BROWSER": "False",
    }
    settings.setdict(given, priority="cmdline")
    chromium.install(settings, "https")
    read = Config.from_settings(settings)
    assert (read.browser_type_name, read.cdp_url, read.connect_url) == ("chromium", None, None)
    assert (read.startup_context_kwargs, read.restart_disconnected_browser) == ({}, True)
    assert "--host-resolver-rules=MAP * ~NOTFOUND" in read.launch_options["args"]


def test_playwright_does_not_start_with_the_run() -> None:
    async def start_and_end() -> bool:
        provider = LateBrowserProvider(Config.from_settings(Settings()))
        await provider.start()
        is_started = provider.playwright is not None
        await provider.close()
        return is_started

    assert not asyncio.run(start_and_end())


def test_a_missing_scrapy_playwright_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chromium, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match="pip install scrapy-playwright"):
        chromium.executable()


def test_only_the_handler_imports_playwright_at_run_time() -> None:
    found = {
        str(path.relative_to(ROOT / "zaobao"))
        for path in (ROOT / "zaobao").rglob("*.py")
        if re.search(r"^(?:from|import) (?:scrapy_)?playwright", path.read_text("utf-8"), re.M)
    }
    assert found == {"browser/handler.py"}
