"""What a Scrapy user does without `scrapy crawl`: parse, shell, fetch, check, and a script."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.support.archive import FAST, ROOT, Archive
from tests.support.crawling import crawl
from tests.support.fault_server import Server, html, reply
from zaobao.items import LINE_KEYS

if TYPE_CHECKING:
    from demo.server import Served

pytestmark = pytest.mark.slow

SEED = "/realtime/china/story20210902-1189718"


@pytest.fixture
def page(served: Served) -> str:
    """The address of a story."""
    return served.origin + next(s.path for s in served.paper.listed("china") if s.status == 200)


def test_parse_prints_the_item_and_leaves_no_folder(archive: Archive, page: str) -> None:
    done = archive.scrapy("parse", "--spider=stories", "--nocolour", "-c", "parse_story", page)
    assert done.returncode == 0, done.stderr
    assert re.findall(r"^(?:\[\{|  )'(\w+)': ", done.stdout, re.M) == sorted(LINE_KEYS)
    assert page.rpartition("story")[2] in done.stdout
    assert not archive.folder.exists()


def test_parse_with_pipelines_writes_reports_and_closes(archive: Archive, page: str) -> None:
    command = ("parse", "--spider=stories", "--pipelines", "-c", "parse_story", page)
    done = archive.scrapy(*command)
    assert done.returncode == 0, done.stderr
    assert [line["fetched_url"] for line in archive.lines] == [page]
    assert (len(archive.posts), archive.report["exit_code"]) == (1, 0)


@pytest.mark.parametrize("spider", [(), ("--spider=stories",)])
def test_shell_and_fetch_open_no_folder(
    archive: Archive, page: str, spider: tuple[str, ...]
) -> None:
    done = archive.scrapy("shell", *spider, page, "-c", "print(response.status)")
    assert (done.returncode, done.stdout.split()[0]) == (0, "200"), done.stderr
    done = archive.scrapy("fetch", *spider, page)
    assert (done.returncode, done.stdout[:15]) == (0, "<!DOCTYPE html>"), done.stderr
    assert not archive.folder.exists()


def test_check_holds_the_contract(archive: Archive, served: Served, page: str) -> None:
    path = page.removeprefix(served.origin)
    number = path.rpartition("-")[2]
    answer = served.paper.answer("GET", path, {})
    body = answer.body if isinstance(answer.body, str) else answer.body.decode()
    seed = body.replace(path, SEED).replace(number, "1189718")
    served.paper.overrides[SEED] = type(answer)(seed, headers=answer.headers)
    done = archive.scrapy("check")
    assert (done.returncode, "Ran 3 contracts" in done.stderr) == (0, True), done.stderr
    served.paper.overrides[SEED] = type(answer)("<html><body><p>x</p></body></html>")
    assert archive.scrapy("check").returncode == 1
    assert not archive.folder.exists()


def test_a_run_that_asks_for_nothing_imports_nothing_for_it(archive: Archive, page: str) -> None:
    """Each would take a twentieth of its start, or more."""
    assert archive.crawl("stories", "-a", f"urls={page}").returncode == 0
    done = archive.crawl("stories", "-a", f"urls={page}", PYTHONPROFILEIMPORTTIME="1")
    assert (done.returncode, archive.report["requests"]) == (0, 0)
    imported = set(re.findall(r"^import time:.*\| +(\S+)$", done.stderr, re.M))
    assert "zaobao.archive.state" in imported
    costly = {"aiohttp", "scrapy.core.downloader.contextfactory", "tldextract", "requests"}
    assert imported & costly == set()


def test_what_is_off_can_be_turned_on() -> None:
    answers = {"/a": reply(html("x"), "200 OK", "Set-Cookie: a=1")}
    switches = {
        "COOKIES_ENABLED": "cookies.LateCookies",
        "DOWNLOADER_STATS": "stats.DownloaderStats",
        "HTTPPROXY_ENABLED": "httpproxy.HttpProxyMiddleware",
        "METAREFRESH_ENABLED": "redirect.MetaRefreshMiddleware",
        "REFERER_ENABLED": "referer.RefererMiddleware",
    }
    on = dict.fromkeys(switches, "True")
    with Server(answers) as off, Server(answers) as server:
        without = crawl(off.origin, [{"url": f"{off.origin}/{path}"} for path in "ab"])
        report = crawl(server.origin, [{"url": f"{server.origin}/{path}"} for path in "ab"], **on)
        assert [hit.headers.get("cookie") for hit in server.hits[1:]] == [None, "a=1"]
        assert [hit.headers.get("cookie") for hit in off.hits[1:]] == [None, None]
    counted = report.stats["downloader/request_count"], report.stats["zaobao/requests"]
    assert (counted, without.stats["zaobao/requests"]) == (("3", "3"), "3")
    assert int(report.stats["zaobao/bytes"]) > 2 * len(html("x"))
    listed = [name for name in switches.values() if f".{name}'" in report.log]
    assert (listed, "downloader/request_count" in without.stats) == ([*switches.values()], False)


def script() -> str:
    text = (ROOT / "docs" / "reference.md").read_text("utf-8")
    (found,) = re.findall(r"```python\n(from scrapy\.crawler.+?)```", text, re.S)
    return str(found)


def run(archive: Archive, code: str) -> subprocess.CompletedProcess[str]:
    fast = "".join(f"settings.set(*{option.split('=')!r})\n" for option in FAST)
    code = code.replace("Process(get_project_settings())", "Process(settings)")
    code = code.replace("\n\n", f"\n\nsettings = get_project_settings()\n{fast}", 1)
    return archive.python("-c", code)


def test_a_script_writes_judges_reports_and_closes(archive: Archive) -> None:
    done = run(archive, script())
    assert done.returncode == 0, done.stderr
    assert len(archive.posts) == len(archive.lines) == 20
    assert (archive.report["verdict"], archive.report["counts"]["new"]) == ("ok", 20)
    assert archive.report["arguments"] == {"section": "china", "limit": "20"}
    assert re.search(r"│ new +│ +20 │", done.stderr)
    # What the command finds afterwards is whole and not locked.
    assert archive.crawl().returncode == 0


@pytest.mark.parametrize("way", ["crawl", "parse", "CrawlerProcess", "AsyncCrawlerProcess"])
def test_a_run_is_judged_where_the_user_has_other_extensions(
    archive: Archive, page: str, way: str
) -> None:
    none = ("-s", "EXTENSIONS={}")
    if way == "crawl":
        done = archive.crawl("stories", "-a", f"urls={page}", *none)
    elif way == "parse":
        command = ("parse", "--spider=stories", "--pipelines", "-c", "parse_story", page)
        done = archive.scrapy(*command, *none)
    else:
        code = script().replace("AsyncCrawlerProcess", way)
        code = code.replace('"realtime", section="china", limit="20"', f'"stories", urls="{page}"')
        replaced = 'settings.set("EXTENSIONS", {}, "cmdline")'
        done = run(archive, code.replace("process = ", f"{replaced}\nprocess = "))
    assert done.returncode == 0, done.stderr
    assert [line["fetched_url"] for line in archive.lines] == [page]
    assert (archive.report["verdict"], len(archive.posts)) == ("ok", 1)


def test_a_script_is_told_what_stands_against_it(archive: Archive) -> None:
    code = script().replace('"realtime", section="china", limit="20"', '"stories"')
    done = run(archive, code)
    assert (
        "scrapy crawl stories: it takes either -a urls=URL,URL or -a file=urls.txt" in done.stderr
    )
    assert not archive.folder.exists()
    archive.folder.mkdir(parents=True)
    (archive.folder / "_posts").write_bytes(b"")
    done = run(archive, script())
    assert "_posts" in done.stderr[done.stderr.rindex("scrapy crawl realtime: ") :]
