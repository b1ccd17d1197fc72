"""Pages drawn in a real Chromium, which asks for nothing by itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from browsing import (
    ON,
    answer,
    browsers,
    draw_by_script,
    need_chromium,
    path_of,
    processes,
    shell,
    wait_for,
)
from conftest import ROOT, Archive
from fault_server import Server, redirect, reply
from scrapy.exceptions import UsageError
from scrapy.settings import Settings
from test_guard import LOOPBACK

from zaobao.browser import setup
from zaobao.demo.answers import Answer
from zaobao.demo.server import Served

pytestmark = [need_chromium(), pytest.mark.slow]


def crawl_stories(archive: Archive, *paths: str, **environment: str):
    urls = ",".join(f"https://www.zaobao.com{path}" for path in paths)
    return archive.crawl("stories", "-a", f"urls={urls}", ON, **environment)


def asked(served: Served) -> list[str]:
    return [request.path_qs for request in served.paper.requests]


def test_a_story_drawn_by_a_script_becomes_a_post(archive: Archive, served: Served) -> None:
    story = next(iter(served.paper.stories.values()))
    plain = crawl_stories(archive, path_of(story))
    assert plain.returncode == 0, plain.stderr
    expected = dict(archive.posts)
    drawn = Archive(archive.folder.parent / "drawn", archive.site)
    path = draw_by_script(served.paper, story)
    served.paper.requests.clear()
    done = crawl_stories(drawn, path, MARK="drawn-story")
    assert drawn.posts == expected
    assert len(drawn.posts) == 1
    # No picture, style sheet or font, and the page itself only once.
    assert asked(served) == ["/robots.txt", path, f"/api/{story.number}"]
    assert done.returncode == 3
    assert "quarantined as unknown_layout" in done.stderr
    assert "Traceback" not in done.stderr
    assert list((drawn.folder / "quarantine").iterdir()) == []
    assert processes("MARK=drawn-story") == {}


GROWING = """
let next = 1, busy = false;
const more = () => {
  if (busy || next > %d) return;
  busy = true;
  fetch('/api/list?n=' + next).then(r => r.json()).then(found => {
    for (const path of found) {
      const card = document.createElement('p');
      card.style.height = '400px';
      card.innerHTML = '<a href="' + path + '">一篇</a>';
      document.getElementById('root').append(card);
    }
    next += 1; busy = false;
  });
};
addEventListener('scroll', more);
more();
"""


def growing_list(served: Served, parts: int, size: int = 3) -> list[str]:
    """A list that grows by `size` stories when it is scrolled; the paths in their order."""
    stories = [s for s in served.paper.stories.values() if s.section == "realtime/china"]
    stories = [s for s in stories if s.status == 200 and s.url_day is None]
    stories.sort(key=lambda story: story.published, reverse=True)
    paths = [path_of(story) for story in stories[: parts * size]]
    served.paper.overrides["/realtime/china"] = shell(GROWING % parts)
    for part in range(parts):
        body = str(paths[part * size : (part + 1) * size]).replace("'", '"')
        served.paper.overrides[f"/api/list?n={part + 1}"] = answer(body, "application/json")
    return paths


def listed(served: Served) -> list[str]:
    return [path for path in asked(served) if path.startswith("/api/list")]


def test_an_endless_list_is_scrolled_to_its_end(archive: Archive, served: Served) -> None:
    paths = growing_list(served, parts=4)
    done = archive.crawl("realtime", ON)
    assert done.returncode == 3, done.stderr
    assert listed(served) == [f"/api/list?n={n}" for n in (1, 2, 3, 4)]
    asked_for = set(asked(served))
    assert [path for path in paths if path not in asked_for] == []
    assert archive.report["counts"]["listed"] == len(paths)
    assert archive.report["stats"]["zaobao/list_pages"] == 4
    # All of it is known now, so the next run looks at the first part and one more.
    served.paper.requests.clear()
    archive.crawl("realtime", ON)
    assert listed(served) == ["/api/list?n=1"]


def test_an_endless_list_is_scrolled_to_the_bound(archive: Archive, served: Served) -> None:
    growing_list(served, parts=5)
    archive.crawl("realtime", "-a", "pages=2", ON)
    assert listed(served) == ["/api/list?n=1", "/api/list?n=2"]
    other = Archive(archive.folder.parent / "other", archive.site)
    served.paper.requests.clear()
    done = other.crawl("realtime", ON, ZAOBAO_MAX_PAGES="3")
    assert listed(served) == [f"/api/list?n={n}" for n in (1, 2, 3)]
    assert "ZAOBAO_MAX_PAGES=3" in done.stderr


TRAPS = """
const to = 'http://%(host)s:%(port)d/';
const quietly = f => { try { f() } catch (e) {} };
for (const status of [301, 302, 307])
  quietly(() => fetch('/' + status + '/%(number)d').catch(() => 0));
quietly(() => fetch(to + 'fetch', {mode: 'no-cors'}).catch(() => 0));
quietly(() => navigator.sendBeacon(to + 'beacon', 'x'));
quietly(() => { new Image().src = to + 'image' });
quietly(() => { new WebSocket(to.replace('http', 'ws') + 'socket') });
quietly(() => { new EventSource(to + 'events') });
quietly(() => { window.open(to + 'popup') });
for (const [tag, name] of [['iframe', 'src'], ['script', 'src'], ['embed', 'src']]) {
  const made = document.createElement(tag);
  made[name] = to + tag; document.body.append(made);
}
for (const rel of ['prefetch', 'preload', 'preconnect', 'stylesheet', 'icon']) {
  const link = document.createElement('link');
  link.rel = rel; link.as = 'fetch'; link.href = to + rel; document.head.append(link);
}
"""
LEAVING = (
    "const link = document.createElement('a'); link.href = '%(to)slink';document.body.append(link); link.click()",
    "location.href = '%(to)sjs'",
    "const form = document.createElement('form'); form.action = '%(to)sform';document.body.append(form); form.submit()",
)


def trapped(inner: int, number: int, host: str, leaving: str) -> str:
    """A page that tries all that pages can to reach `host`, and leaves for it in the end."""
    traps = TRAPS % {"host": host, "port": inner, "number": number}
    leave = leaving % {"to": f"http://{host}:{inner}/"}
    text = f"document.body.append('drawn'); setTimeout(() => {{ {leave} }}, 300)"
    refresh = f"<meta http-equiv='refresh' content='0;url=http://{host}:{inner}/meta'>"
    return shell(traps + text, refresh).body  # type: ignore[return-value]


def trap_answers(inner: int) -> tuple[dict[str, bytes], list[str]]:
    answers, pages = {}, []
    for number, host in enumerate(LOOPBACK):
        for status in (301, 302, 307):
            answers[f"/{status}/{number}"] = redirect(f"http://{host}:{inner}/{status}", status)
        for way, leaving in enumerate(LEAVING):
            path = f"/realtime/china/story20261121-{9000 + 10 * number + way}"
            pages.append(path)
            answers[path] = reply(trapped(inner, number, host, leaving).encode())
    return answers, pages


def test_no_spelling_of_loopback_is_reached_from_a_drawn_page(archive: Archive) -> None:
    """Seven spellings, by link, redirect, refresh, script and all that loads by itself."""
    with Server({}) as inner:
        answers, pages = trap_answers(inner.port)
        with Server(answers) as outer:
            archive.site = outer.origin
            done = crawl_stories(archive, *pages)
            redirects = [path for path in outer.paths() if path.count("/") == 2]
        assert inner.hits == []
    assert done.returncode == 3, done.stderr
    # Every page was drawn, and its scripts ran: each asked for its three redirects.
    assert len(redirects) == 3 * len(pages)
    stats = archive.report["stats"]
    assert stats["zaobao/browser/pages"] == len(pages)
    assert stats["zaobao/refused/redirect_out_of_bounds"] == 3 * len(pages)
    assert stats["zaobao/browser/refused/navigation"] >= len(pages)
    assert stats["zaobao/browser/refused/out_of_bounds"] >= len(pages)


BARE = """
import sys
from playwright.sync_api import sync_playwright
with sync_playwright() as play:
    browser = play.chromium.launch(executable_path="/usr/bin/chromium")
    page = browser.new_page()
    page.goto(sys.argv[1], wait_until="commit")
    page.wait_for_timeout(1500)
    browser.close()
"""


def test_the_traps_do_reach_it_from_a_browser_with_a_network(archive: Archive) -> None:
    """Otherwise the test above would prove nothing."""
    with Server({}) as inner:
        answers, pages = trap_answers(inner.port)
        with Server(answers) as outer:
            subprocess.run([sys.executable, "-c", BARE, outer.origin + pages[0]], check=True)
        assert len(inner.hits) > 5


def test_robots_txt_holds_for_what_a_page_asks_for(archive: Archive, served: Served) -> None:
    story = next(iter(served.paper.stories.values()))
    served.paper.overrides["/hop"] = Answer(status=302, headers={"Location": "/forbidden"})
    tries = "fetch('/forbidden').catch(() => 0); fetch('/hop').catch(() => 0)"
    path = draw_by_script(served.paper, story, before=tries)
    crawl_stories(archive, path)
    assert len(archive.posts) == 1
    assert "/hop" in asked(served)
    assert "/forbidden" not in asked(served)
    assert archive.report["stats"]["zaobao/refused/robots"] == 2


@pytest.mark.parametrize("wall", ["403", "451", "challenge"])
def test_a_block_is_never_met_with_the_browser(archive: Archive, served: Served, wall: str) -> None:
    paths = [path_of(story) for story in served.paper.stories.values()][:5]
    body = "<!DOCTYPE html><html><title>Just a moment...</title><body>验证您是真人</body></html>"
    for path in paths:
        status = int(wall) if wall.isdigit() else 200
        served.paper.overrides[path] = Answer(body, status, {"Content-Type": "text/html"})
    crawl_stories(archive, *paths)
    assert "zaobao/browser/pages" not in archive.report["stats"]
    assert archive.report["stats"]["zaobao/left_alone/127.0.0.1"]


def test_a_script_that_is_blocked_three_times_in_a_row_leaves_the_host_alone(
    archive: Archive, served: Served
) -> None:
    paths = [path_of(story) for story in served.paper.stories.values()][:5]
    ask = "for (const n of [1, 2, 3, 4, 5]) fetch('/blocked/' + n)"
    for path in paths:
        served.paper.overrides[path] = shell(ask)
    for number in range(1, 6):
        served.paper.overrides[f"/blocked/{number}"] = Answer(b"", 403)
    crawl_stories(archive, *paths)
    assert sum(path.startswith("/blocked") for path in asked(served)) == 3
    assert archive.report["stats"]["zaobao/left_alone/127.0.0.1"] == "http_403"


def start(archive: Archive, mark: str, *paths: str, **settings: str) -> subprocess.Popen[bytes]:
    urls = ",".join(f"https://www.zaobao.com{path}" for path in paths)
    given = [f"-s{name}={value}" for name, value in settings.items()]
    command = archive.command("crawl", "stories", "-a", f"urls={urls}", ON, *archive.fast(), *given)
    return subprocess.Popen(command, **archive.where(MARK=mark))


def test_a_run_goes_on_when_its_browser_is_killed(archive: Archive, served: Served) -> None:
    stories = list(served.paper.stories.values())[:4]
    paths = [draw_by_script(served.paper, stories[0], delay=1.5)]
    paths += [path_of(story) for story in stories[1:3]]
    paths.append(draw_by_script(served.paper, stories[3]))
    process = start(archive, "killed-once", *paths)
    source = f"/api/{stories[0].number}"
    assert wait_for(lambda: source in asked(served))
    for pid in browsers("MARK=killed-once"):
        os.kill(pid, signal.SIGKILL)
    _, log = process.communicate(timeout=60)
    assert asked(served).count(source) == 2, log.decode()
    assert len(archive.posts) == 4
    assert process.returncode == 3
    assert wait_for(lambda: not processes("MARK=killed-once"))


def test_a_page_whose_browser_dies_every_time_is_left_for_the_next_run(
    archive: Archive, served: Served
) -> None:
    stories = list(served.paper.stories.values())[:2]
    paths = [draw_by_script(served.paper, stories[0], delay=1.5), path_of(stories[1])]
    process = start(archive, "killed-always", *paths)
    killed = 0
    while process.poll() is None:
        for pid in browsers("MARK=killed-always"):
            if f"/api/{stories[0].number}" in asked(served):
                os.kill(pid, signal.SIGKILL)
                killed += 1
        wait_for(lambda: process.poll() is not None, 0.3)
    _, log = process.communicate()
    assert killed >= 4
    assert len(archive.posts) == 1, log.decode()
    assert process.returncode == 3
    assert archive.report["stats"]["zaobao/refused/browser"] == 1
    assert wait_for(lambda: not processes("MARK=killed-always"))


@pytest.mark.parametrize(
    "trouble",
    [
        "while (true) {}",
        "setInterval(() => document.body.append('x'), 50)",
        "alert('x'); confirm('x'); prompt('x')",
        "window.onbeforeunload = () => 'stay'",
    ],
)
def test_a_page_that_never_ends_holds_up_nothing(
    archive: Archive, served: Served, trouble: str
) -> None:
    stories = list(served.paper.stories.values())[:3]
    served.paper.overrides[path_of(stories[0])] = shell(trouble)
    paths = [path_of(stories[0]), path_of(stories[1]), draw_by_script(served.paper, stories[2])]
    process = start(archive, "endless", *paths, BROWSER_PAGE_TIMEOUT="5")
    _, log = process.communicate(timeout=40)
    assert len(archive.posts) == 2, log.decode()
    assert wait_for(lambda: not processes("MARK=endless"))


@pytest.mark.parametrize(("number", "seconds"), [(signal.SIGINT, 10), (signal.SIGKILL, 10)])
def test_no_browser_outlives_a_stopped_run(
    archive: Archive, served: Served, number: signal.Signals, seconds: float
) -> None:
    story = next(iter(served.paper.stories.values()))
    path = draw_by_script(served.paper, story, delay=60)
    process = start(archive, "stopped", path)
    assert wait_for(lambda: f"/api/{story.number}" in asked(served))
    assert browsers("MARK=stopped")
    process.send_signal(number)
    process.wait(timeout=seconds)
    process.communicate()
    assert wait_for(lambda: not processes("MARK=stopped"), seconds)
    if number == signal.SIGINT:
        assert process.returncode == 3
        assert archive.report["verdict"] == "interrupted"


def test_a_download_or_another_window_is_no_way_out(archive: Archive, served: Served) -> None:
    story = next(iter(served.paper.stories.values()))
    served.paper.overrides["/file.zip"] = answer("PK", "application/zip")
    before = "location.href = '/file.zip'; window.open('/realtime/china')"
    path = draw_by_script(served.paper, story, before=before)
    crawl_stories(archive, path)
    assert len(archive.posts) == 1
    assert {"/file.zip", "/realtime/china"}.isdisjoint(asked(served))


OFF = """
import sys, atexit
from scrapy import cmdline
atexit.register(lambda: print("IMPORTED", [m for m in sys.modules if "playwright" in m]))
cmdline.execute(["scrapy", "crawl", "realtime", "-sDOWNLOAD_DELAY=0",
                 "-sAUTOTHROTTLE_ENABLED=False", "-alimit=2"] + sys.argv[1:])
"""


@pytest.mark.parametrize(("given", "is_imported"), [([], False), ([ON], True)])
def test_playwright_is_imported_only_when_the_browser_is_on(
    archive: Archive, given: list[str], is_imported: bool
) -> None:
    command = [sys.executable, "-c", OFF, *given]
    done = subprocess.run(command, **archive.where(), text=True, timeout=60, check=False)
    assert ("IMPORTED []" not in done.stdout) == is_imported, done.stdout + done.stderr
    assert "IMPORTED" in done.stdout
    assert len(archive.posts) == 2


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
    assert setup.executable() == system
    import json

    import playwright

    listed = Path(playwright.__file__).parent / "driver/package/browsers.json"
    wanted = {one["name"]: one["revision"] for one in json.loads(listed.read_text())["browsers"]}
    other = tmp_path / "own" / "chromium-1"
    program(other / "chrome-linux64" / "chrome")
    (other / "INSTALLATION_COMPLETE").touch()
    assert setup.executable() == system
    home = tmp_path / "own" / f"chromium-{wanted['chromium']}"
    own = program(home / "chrome-linux64" / "chrome")
    assert setup.executable() == system  # half installed
    (home / "INSTALLATION_COMPLETE").touch()
    assert setup.executable() == own
    named = program(tmp_path / "named")
    assert setup.executable(named) == named
    with pytest.raises(UsageError, match="no program"):
        setup.executable(str(tmp_path / "nothing"))


def test_the_browser_is_kept_off_the_network_whatever_the_user_sets(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    settings = Settings({"PLAYWRIGHT_LAUNCH_OPTIONS": '{"args": ["--lang=zh"], "slow_mo": 1}'})
    setup.install(settings, "https")
    options = settings.getdict("PLAYWRIGHT_LAUNCH_OPTIONS")
    assert "--host-resolver-rules=MAP * ~NOTFOUND" in options["args"]
    assert (options["args"][0], options["slow_mo"]) == ("--lang=zh", 1)
    assert options["chromium_sandbox"] is True
    assert settings.getdict("DOWNLOAD_HANDLERS") == {"https": setup.HANDLER}
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    as_root = Settings()
    setup.install(as_root, "http")
    assert as_root.getdict("PLAYWRIGHT_LAUNCH_OPTIONS")["chromium_sandbox"] is False
    assert "--no-sandbox" in caplog.text


def test_only_two_modules_import_playwright() -> None:
    found = {
        str(path.relative_to(ROOT / "zaobao"))
        for path in (ROOT / "zaobao").rglob("*.py")
        if "import" in (text := path.read_text("utf-8")) and "from scrapy_playwright" in text
    }
    assert found == {"browser/handler.py"}
