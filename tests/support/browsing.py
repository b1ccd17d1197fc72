"""For the tests of rendered pages: what a page needs to be rendered, and which processes there are."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from demo.newspaper import Answer, Newspaper
from demo.pages import story_page
from demo.story import Story
from tests.support.archive import PATIENCE

HTML, SCRIPT = "text/html; charset=utf-8", "text/javascript; charset=utf-8"
ON = "-sZAOBAO_BROWSER=on"


def need_chromium() -> pytest.MarkDecorator:
    """Skip where there is no Chromium."""
    missing = shutil.which("chromium") is None
    return pytest.mark.skipif(missing, reason="needs Chromium: apt-get install chromium")


def answer(body: str, kind: str = HTML, **more: float) -> Answer:
    return Answer(body, headers={"Content-Type": kind}, **more)  # type: ignore[arg-type]


def shell(script: str, head: str = "") -> Answer:
    """A page that no layout reads, with one inline script."""
    return answer(
        f"<!DOCTYPE html><html><head><title>联合早报</title>{head}</head>"
        f"<body><div id='root'></div><script>{script}</script></body></html>"
    )


def path_of(story: Story) -> str:
    return f"/{story.section}/story{story.published:%Y%m%d}-{story.number}"


def draw_by_script(paper: Newspaper, story: Story, before: str = "", delay: float = 0) -> str:
    """Have a story's page filled by a script from /api/<number>; its path."""
    path, source = path_of(story), f"/api/{story.number}"
    page = story_page(story, 0, paper.others(story, "china"))
    fill = "t => { document.documentElement.innerHTML = t }"
    paper.overrides[path] = shell(f"{before}; fetch('{source}').then(r => r.text()).then({fill})")
    paper.overrides[source] = answer(page, "text/plain; charset=utf-8", delay=delay)
    return path


def marked(name: str) -> dict[str, str]:
    """A variable by which `processes` finds a crawl and its browsers, and those of this test alone."""
    return {"MARK": f"{name}-{os.getpid()}"}


def processes(name: str) -> dict[int, str]:
    """The processes that were started with `marked(name)`: id and command line."""
    found, mark = {}, f"MARK={marked(name)['MARK']}\0"
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            if mark.encode() in (entry / "environ").read_bytes():
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                if line:
                    found[int(entry.name)] = line
        except OSError:
            continue
    return found


def browsers(name: str) -> list[int]:
    """The main processes of the browsers, not their helpers."""
    lines = processes(name).items()
    return [pid for pid, line in lines if "--headless" in line and "--type=" not in line]


def wait_for(condition: Callable[[], object], seconds: float = PATIENCE) -> bool:
    """Whether the condition comes true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False
