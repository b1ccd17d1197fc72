"""Pages rendered in a real Chromium, which has no network of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from demo.newspaper import Answer, Newspaper
from demo.server import Served, serve
from tests.support.archive import PATIENCE, Archive
from tests.support.browsing import (
    ON,
    SCRIPT,
    answer,
    browsers,
    draw_by_script,
    marked,
    need_chromium,
    path_of,
    processes,
    shell,
    wait_for,
)
from tests.support.clock import fresh_paper
from tests.support.fault_server import LOOPBACK, Asked, Server, reply

pytestmark = [need_chromium(), pytest.mark.slow]


def crawl_stories(archive: Archive, *paths: str, **environment: str):
    urls = ",".join(f"https://www.zaobao.com{path}" for path in paths)
    return archive.crawl("stories", "-a", f"urls={urls}", ON, **environment)


def asked(served: Served) -> list[str]:
    return [request.path_qs for request in served.paper.requests]


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
LEAVING = """
const link = document.createElement('a'); link.href = to + 'link'; document.body.append(link);
const form = document.createElement('form'); form.action = to + 'form'; document.body.append(form);
setTimeout(() => link.click(), 50);
setTimeout(() => { location.href = to + 'js' }, 150);
setTimeout(() => form.submit(), 250);
"""


def trapped(inner: int, number: int, host: str) -> Answer:
    """A page that tries all that pages can to reach `host`, and leaves for it in the end."""
    traps = (TRAPS + LEAVING) % {"host": host, "port": inner, "number": number}
    refresh = f"<meta http-equiv='refresh' content='0;url=http://{host}:{inner}/meta'>"
    return shell(f"{traps}; document.body.append('rendered')", refresh)


def lay_traps(paper: Newspaper, inner: int) -> list[str]:
    """One page for each spelling of loopback; their paths."""
    pages = []
    for number, host in enumerate(LOOPBACK):
        for status in (301, 302, 307):
            to = {"Location": f"http://{host}:{inner}/{status}"}
            paper.overrides[f"/{status}/{number}"] = Answer(status=status, headers=to)
        pages.append(f"/realtime/china/story20261121-{9000 + number}")
        paper.overrides[pages[-1]] = trapped(inner, number, host)
    return pages


TRICKS = {
    "none": "",
    "robots": "fetch('/forbidden').catch(() => 0); fetch('/hop').catch(() => 0)",
    "leaving": "location.href = '/file.zip'; window.open('/realtime/china')",
    "dialogs": "alert('x'); confirm('x'); prompt('x')",
    "staying": "window.onbeforeunload = () => 'stay'",
    "loading": "document.write('<img src=/p.png><video src=/v.mp4></video>"
    "<link rel=stylesheet href=/s.css><style>@font-face{font-family:f;src:url(/f.woff)}"
    "body{font-family:f}</style>')",
}


@dataclass
class Rendered:
    """What one crawl of rendered pages did: with tricks, with traps, and the same stories plain."""

    archive: Archive
    log: str
    asked: list[str]
    plain: dict[str, bytes]
    paths: dict[str, str]
    traps: list[str]
    inner_hits: list[Asked]

    @property
    def stats(self) -> dict[str, Any]:
        return self.archive.report["stats"]  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rendered]:
    with serve(fresh_paper()) as served, Server({}) as inner:
        paper = served.paper
        plain = Archive(tmp_path_factory.mktemp("plain") / "output", served.origin)
        stories = dict(zip(TRICKS, paper.stories.values(), strict=False))
        done = crawl_stories(plain, *map(path_of, stories.values()))
        assert done.returncode == 0, done.stderr
        paths = {name: draw_by_script(paper, stories[name], TRICKS[name]) for name in TRICKS}
        paper.overrides["/hop"] = Answer(status=302, headers={"Location": "/forbidden"})
        paper.overrides["/file.zip"] = answer("PK", "application/zip")
        traps = lay_traps(paper, inner.port)
        paper.requests.clear()
        archive = Archive(tmp_path_factory.mktemp("rendered") / "output", served.origin)
        done = crawl_stories(archive, *paths.values(), *traps, **marked("many-rendered"))
        assert done.returncode == 3, done.stderr
        yield Rendered(archive, done.stderr, asked(served), plain.posts, paths, traps, inner.hits)


def test_stories_rendered_by_scripts_become_the_very_posts(rendered: Rendered) -> None:
    """Whatever else the page does: leave, ask the reader, open windows, load pictures."""
    assert rendered.archive.posts == rendered.plain
    assert len(rendered.plain) == len(TRICKS)
    assert "quarantined as unknown_layout" in rendered.log
    assert "Traceback" not in rendered.log
    kept = {path.name for path in (rendered.archive.folder / "quarantine").iterdir()}
    assert {path.rpartition("story")[2] for path in rendered.paths.values()}.isdisjoint(kept)
    assert wait_for(lambda: not processes("many-rendered"))


def test_a_rendered_page_asks_for_scripts_and_their_data_only(rendered: Rendered) -> None:
    """No picture, video, font, style sheet, download or window, and each page only once."""
    sources = [f"/api/{path.rpartition('-')[2]}" for path in rendered.paths.values()]
    redirects = [f"/{status}/{n}" for status in (301, 302, 307) for n in range(len(LOOPBACK))]
    pages = [*rendered.paths.values(), *rendered.traps]
    wanted = ["/robots.txt", "/hop", *pages, *sources, *redirects]
    assert Counter(rendered.asked) == Counter(wanted)


def test_robots_txt_holds_for_what_a_page_asks_for(rendered: Rendered) -> None:
    assert "/forbidden" not in rendered.asked
    assert rendered.stats["zaobao/refused/robots"] == 2


def test_no_spelling_of_loopback_is_reached_from_a_rendered_page(rendered: Rendered) -> None:
    """Seven spellings, by link, redirect, refresh, form, script and all that loads by itself."""
    assert rendered.inner_hits == []
    stats = rendered.stats
    assert stats["zaobao/browser/pages"] == len(TRICKS) + len(LOOPBACK)
    # scrapy-playwright's own: each page was opened once, all in one browser.
    assert stats["playwright/page_count"] == len(TRICKS) + len(LOOPBACK)
    assert stats["playwright/browser_count"] == 1
    assert stats["zaobao/refused/redirect_out_of_bounds"] == 3 * len(LOOPBACK)
    # Each page ran to its end: link, address, form and refresh were tried, and were refused.
    assert stats["zaobao/browser/refused/navigation"] >= 4 * len(LOOPBACK)
    assert stats["zaobao/browser/refused/out_of_bounds"] >= len(LOOPBACK)


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


def test_the_traps_do_reach_it_from_a_browser_with_a_network() -> None:
    """Otherwise the test above would prove nothing."""
    with Server({}) as inner:
        page = trapped(inner.port, 0, LOOPBACK[0])
        assert isinstance(page.body, str)
        with Server({"/page": reply(page.body.encode())}) as outer:
            subprocess.run([sys.executable, "-c", BARE, f"{outer.origin}/page"], check=True)
        assert len(inner.hits) > 5


@pytest.mark.parametrize("wall", ["403", "challenge"])
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
    # Without a delay Scrapy sends all that wait at once.
    process = start(archive, "blocked", *paths, DOWNLOAD_DELAY="0.05")
    process.communicate(timeout=PATIENCE)
    assert sum(path.startswith("/blocked") for path in asked(served)) == 3
    assert archive.report["stats"]["zaobao/left_alone/127.0.0.1"] == "http_403"


def start(archive: Archive, mark: str, *paths: str, **settings: str) -> subprocess.Popen[bytes]:
    urls = ",".join(f"https://www.zaobao.com{path}" for path in paths)
    given = [f"-s{name}={value}" for name, value in settings.items()]
    command = archive.command("crawl", "stories", "-a", f"urls={urls}", ON, *archive.fast(), *given)
    return subprocess.Popen(command, **archive.where(**marked(mark)))


def test_a_run_goes_on_when_its_browser_is_killed(archive: Archive, served: Served) -> None:
    """Once, and the page is rendered again; every time, and it is left for the next run."""
    stories = list(served.paper.stories.values())[:4]
    paths = [draw_by_script(served.paper, story, delay=1) for story in stories[:2]]
    paths += [path_of(stories[2]), draw_by_script(served.paper, stories[3])]
    once, always = (f"/api/{story.number}" for story in stories[:2])
    process = start(archive, "killed", *paths)
    assert wait_for(lambda: once in asked(served))
    kill_browsers("killed")
    assert wait_for(lambda: always in asked(served))
    for time in range(1, 5):
        assert wait_for(lambda time=time: asked(served).count(always) == time)
        assert kill_browsers("killed")
    _, log = process.communicate(timeout=PATIENCE)
    assert (asked(served).count(once), asked(served).count(always)) == (2, 4), log.decode()
    assert len(archive.posts) == 3
    assert process.returncode == 3
    assert archive.report["stats"]["zaobao/refused/browser"] == 1
    assert wait_for(lambda: not processes("killed"))


def test_a_browser_that_does_not_start_is_not_tried_again(archive: Archive, served: Served) -> None:
    story = next(iter(served.paper.stories.values()))
    path = draw_by_script(served.paper, story)
    options = '{"executable_path": "/bin/false"}'
    process = start(archive, "unstarted", path, PLAYWRIGHT_LAUNCH_OPTIONS=options)
    _, log = process.communicate(timeout=PATIENCE)
    assert archive.report["stats"]["zaobao/refused/browser"] == 1, log.decode()
    assert b"The browser died" not in log
    assert b"Traceback" not in log
    assert not processes("unstarted")


def kill_browsers(mark: str) -> int:
    """Kill the browsers of a run; how many there were."""
    found = browsers(mark)
    for pid in found:
        os.kill(pid, signal.SIGKILL)
    return len(found)


def test_a_page_that_never_ends_holds_up_nothing(archive: Archive, served: Served) -> None:
    stories = list(served.paper.stories.values())[:5]
    served.paper.overrides[path_of(stories[0])] = shell("while (true) {}")
    restless = "setInterval(() => document.body.append('x'), 50)"
    served.paper.overrides[path_of(stories[1])] = shell(restless)
    # A script that does not come, so that the page's `load` does not either.
    served.paper.overrides[path_of(stories[2])] = shell("", "<script src=/late.js></script>")
    served.paper.overrides["/late.js"] = answer("", SCRIPT, delay=60)
    paths = [path_of(story) for story in stories[:4]]
    paths.append(draw_by_script(served.paper, stories[4]))
    process = start(archive, "endless", *paths, BROWSER_PAGE_TIMEOUT="8")
    _, log = process.communicate(timeout=PATIENCE)
    assert len(archive.posts) == 2, log.decode()
    assert archive.report["stats"]["zaobao/refused/browser_timeout"] == 1
    assert wait_for(lambda: not processes("endless"))


@pytest.mark.parametrize(("number", "seconds"), [(signal.SIGINT, 40), (signal.SIGKILL, 40)])
def test_no_browser_outlives_a_stopped_run(
    archive: Archive, served: Served, number: signal.Signals, seconds: float
) -> None:
    story = next(iter(served.paper.stories.values()))
    path = draw_by_script(served.paper, story, delay=60)
    process = start(archive, "stopped", path)
    assert wait_for(lambda: f"/api/{story.number}" in asked(served))
    assert browsers("stopped")
    process.send_signal(number)
    process.wait(timeout=seconds)
    process.communicate()
    assert wait_for(lambda: not processes("stopped"), seconds)
    if number == signal.SIGINT:
        assert process.returncode == 3
        assert archive.report["verdict"] == "interrupted"
