"""For the tests of the site: real Jekyll builds it, real Chromium reads it."""

from __future__ import annotations

import functools
import http.server
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from lxml import html

from zaobao.publish.site import NOTES
from zaobao.urls import is_image_host

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "zaobao" / "site"
CHROMIUM = "/usr/bin/chromium"
CHROMIUM_ARGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PIXEL = '<svg xmlns="http://www.w3.org/2000/svg" width="1600" height="900"/>'


def need(tool: str, package: str) -> None:
    if not shutil.which(tool):
        pytest.skip(f"{tool} is not installed (apt-get install {package})")


def new_site(folder: Path) -> Path:
    shutil.copytree(PACKAGE, folder)
    return folder


def build(
    source: Path,
    target: Path,
    *options: str,
    url: str = "https://archive.example",
    baseurl: str = "",
    layouts: str = "",
    zone: str = "Pacific/Auckland",
) -> Path:
    """Build strictly; a warning about Liquid, a conflict or a skipped post is a failure."""
    need("jekyll", "jekyll ruby-jekyll-sitemap")
    strict = target.parent / f"{target.name}-strict.yml"
    strict.parent.mkdir(parents=True, exist_ok=True)
    strict.write_text(
        f'strict_front_matter: true\nurl: "{url}"\n'
        "liquid:\n  error_mode: strict\n  strict_filters: true\n"
        + (f"layouts_dir: {layouts}\n" if layouts else "")
    )
    command = ["jekyll", "build", "-s", str(source), "-d", str(target), "--disable-disk-cache"]
    command += ["--config", f"{source / '_config.yml'},{strict}", "--baseurl", baseurl, *options]
    done = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, "TZ": zone}, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    said = done.stdout + done.stderr
    assert not re.search(r"warning|error|conflict|skipping|exception", said, re.I), said
    return target


def page_files(built: Path) -> list[Path]:
    """The pages of a site; `.parts`, which is not served, may hold what a failed build left."""
    aside = {"pagefind", NOTES}
    return sorted(path for path in built.rglob("*.html") if aside.isdisjoint(path.parts))


def story_files(built: Path) -> dict[str, Path]:
    """From the address of the original to the page that names it as canonical."""
    found: dict[str, Path] = {}
    for path in page_files(built):
        for link in parse(path).xpath("//link[@rel='canonical']/@href"):
            assert link not in found, f"two pages for {link}"
            found[link] = path
    return found


@functools.cache
def parse(path: Path) -> html.HtmlElement:
    return html.document_fromstring(path.read_bytes(), parser=html.HTMLParser(encoding="utf-8"))


def text(node: html.HtmlElement) -> str:
    return " ".join(node.text_content().split())


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def serve_folder(folder: Path) -> Iterator[str]:
    """A folder on a loopback server; its origin."""
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def launched(*options: str) -> Iterator[Browser]:
    """Real Chromium. Running as root it has no sandbox."""
    if not Path(CHROMIUM).exists():
        pytest.skip(f"{CHROMIUM} is missing (apt-get install chromium)")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*CHROMIUM_ARGS, *options]
        )
        yield browser
        browser.close()


def watched(browser: Browser, trouble: list[str], **options: object) -> Page:
    """A page on which every complaint and every request to a foreign host is noted."""
    page = browser.new_page(**options)  # type: ignore[arg-type]

    def answer(route: Route) -> None:
        host = urlsplit(route.request.url).hostname
        if host == "127.0.0.1":
            route.continue_()
            return
        if not is_image_host(host or ""):
            trouble.append(f"asked {host}")
        route.fulfill(content_type="image/svg+xml", body=PIXEL)

    page.route("**/*", answer)
    page.on("console", lambda said: trouble.append(f"{said.type}: {said.text}"))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("response", lambda got: got.status >= 400 and trouble.append(f"{got.status} {got.url}"))
    return page
