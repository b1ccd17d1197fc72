"""Where requests go: never out of the bounds, and never into a private network."""

from __future__ import annotations

import json
from contextlib import ExitStack

import pytest
from scrapy.exceptions import UsageError
from scrapy.settings import Settings

from demo.newspaper import Answer
from demo.server import Served
from tests.support.archive import Archive
from tests.support.crawling import Job, crawl, crawl_all
from tests.support.fault_server import LOOPBACK, Server, html, redirect, reply
from zaobao import settings as project
from zaobao.downloadermiddlewares.bounds import check_settings
from zaobao.downloadermiddlewares.resolver import is_public, trusted_hosts
from zaobao.urls import PAPER_HOSTS, Site


def settings(**values: object) -> Settings:
    found = Settings()
    found.setmodule(project)
    found.update(values)
    return found


def inner_server() -> Server:
    return Server({}, robots=reply(b"", "200 OK", "Content-Type: text/plain"))


def outer_answers(inner: int) -> dict[str, bytes]:
    """Each spelling of loopback behind a link, three redirects and a meta refresh."""
    answers = {}
    for number, host in enumerate(LOOPBACK):
        to = f"http://{host}:{inner}/"
        answers[f"/link/{number}"] = reply(html(f"<a href='{to}link'>x</a>"))
        for status in (301, 302, 307):
            answers[f"/{status}/{number}"] = redirect(f"{to}{status}", status)
        refresh = f"<meta http-equiv='refresh' content='0;url={to}meta'>"
        answers[f"/meta/{number}"] = reply(html("x", head=refresh))
    return answers


def test_no_spelling_of_loopback_reaches_the_inner_network():
    with inner_server() as inner:
        answers = outer_answers(inner.port)
        with Server(answers) as outer:
            plan = [{"url": outer.origin + path} for path in answers]
            plan += [{"url": f"http://{host}:{inner.port}/start"} for host in LOOPBACK]
            report = crawl(outer.origin, plan, follow=True)
            assert len(outer.paths()) == len(answers)
        assert inner.hits == []
    assert report.refused("redirect_out_of_bounds") == 3 * len(LOOPBACK)
    assert report.refused("out_of_bounds") == 2 * len(LOOPBACK)
    assert (report.exit_code, report.listening) == (0, [])
    assert "Traceback" not in report.log


def test_a_redirected_robots_txt_does_not_reach_the_inner_network():
    with ExitStack() as stack:
        inner, jobs = stack.enter_context(inner_server()), {}
        for host in LOOPBACK:
            robots = redirect(f"http://{host}:{inner.port}/robots.txt")
            outer = stack.enter_context(Server({}, robots=robots))
            jobs[host] = Job(outer.origin, [{"url": f"{outer.origin}/a"}])
        reports = crawl_all(jobs)
        assert inner.hits == []
        assert outer.paths() == []
    for report in reports.values():
        assert list(report.answers.values()) == ["RobotsUnavailable robots_unavailable"]
        assert report.refused("redirect_out_of_bounds") == 1


def test_the_resolver_alone_refuses_private_answers():
    # As if the address guard had a hole: any address is asked, under the paper's settings.
    open_guard = {
        **project.DOWNLOADER_MIDDLEWARES,
        "zaobao.downloadermiddlewares.bounds.BoundsMiddleware": None,
    }
    with inner_server() as inner:
        plan = [{"url": f"http://{host}:{inner.port}/x"} for host in LOOPBACK]
        report = crawl(
            "https://www.zaobao.com", plan, DOWNLOADER_MIDDLEWARES=json.dumps(open_guard)
        )
        assert inner.hits == []
    assert set(report.answers.values()) == {"RobotsUnavailable robots_unavailable"}
    assert report.refused("private_address") == len(LOOPBACK)


def test_a_mirror_is_asked_in_place_of_the_paper():
    answers = {"/a": redirect("https://www.zaobao.com.sg/b?x=1"), "/c": redirect("//zaobao.com/d")}
    with Server(answers) as mirror:
        plan = [{"url": f"{mirror.origin}/a"}, {"url": f"{mirror.origin}/c"}]
        plan += [{"url": f"https://{host}/{host}"} for host in sorted(PAPER_HOSTS)]
        plan += [{"url": "https://www.zaobao.com:8443/x"}, {"url": "https://example.com/x"}]
        plan += [{"url": "file:///etc/hostname"}, {"url": "data:text/plain,hi"}]
        report = crawl(mirror.origin, plan)
        asked = mirror.paths()
    assert sorted(asked) == sorted(["/a", "/b?x=1", "/c", "/d", *(f"/{h}" for h in PAPER_HOSTS)])
    refused = [got for got in report.answers.values() if not got.startswith("page ")]
    assert refused == ["OutOfBounds out_of_bounds"] * 4


def test_an_endless_address_is_not_asked():
    long = "/" + "x" * 2083
    with Server({"/a": redirect(long)}) as server:
        report = crawl(server.origin, [{"url": server.origin + path} for path in ("/a", long)])
        assert server.paths() == ["/a"]
    assert set(report.answers.values()) == {"OutOfBounds url_length"}
    assert report.refused("url_length") == 2


def test_a_localhost_site_works():
    with Server({}) as server:
        site = f"http://localhost:{server.port}"
        report = crawl(site, [{"url": f"{site}/a"}])
    assert report.answers[f"{site}/a"].startswith("page ")


def test_a_crawl_without_the_reactor_asks_nothing():
    with Server({}) as server:
        report = crawl(server.origin, [{"url": server.origin}], TWISTED_REACTOR_ENABLED="False")
        assert server.hits == []
    assert report.exit_code != 0
    assert "TWISTED_REACTOR_ENABLED=False" in report.log


def test_settings_under_which_the_guards_do_not_hold_are_refused():
    assert check_settings(settings()).site.is_paper
    for bad in (
        {"TWISTED_REACTOR_ENABLED": False},
        {"TWISTED_REACTOR": "twisted.internet.selectreactor.SelectReactor"},
        # Scrapy's switches for what the guards are made of.
        {"ROBOTSTXT_OBEY": False},
        {"REDIRECT_ENABLED": False},
        {"RETRY_ENABLED": False},
        {"ZAOBAO_SITE": "http://www.zaobao.com"},
        {"ZAOBAO_SITE": "http://[::1]:8000"},
        {"ZAOBAO_SITE": "http://127.0.0.1:0"},
        {"ZAOBAO_SITE": "http://www.zaobao.com."},
    ):
        with pytest.raises(UsageError, match=next(iter(bad))):
            check_settings(settings(**bad))


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("fd00::1", False),
        ("::ffff:10.0.0.1", False),
    ],
)
def test_which_addresses_are_public(address, public):
    assert is_public(address) is public


@pytest.mark.parametrize(
    ("site", "trusted"),
    [
        ("https://www.zaobao.com", set()),
        ("http://127.1:8000", {"127.1"}),
        ("http://localhost:8000", {"localhost"}),
        # A name could point anywhere tomorrow.
        ("http://mirror.example", set()),
    ],
)
def test_only_a_site_that_is_itself_private_may_be(site, trusted):
    assert trusted_hosts(settings(ZAOBAO_SITE=site)) == trusted


@pytest.mark.parametrize("origin", ["https://www.zaobao.com", "http://127.0.0.1:81"])
@pytest.mark.parametrize(
    "url",
    [
        "HTTP://WWW.zaobao.com",
        "https://zaobao.com/a?b#c",
        "http://127.0.0.1:81/%7Ea?",
        "https://x/",
    ],
)
def test_an_address_once_changed_stays(origin, url):
    # BoundsMiddleware sends a changed request round once more.
    once = Site(origin).address(url)
    assert once is None or Site(origin).address(once) == once


def sitemap(tag: str, addresses: list[str]) -> Answer:
    entries = "".join(f"<{tag}><loc>{address}</loc></{tag}>" for address in addresses)
    root = "sitemapindex" if tag == "sitemap" else "urlset"
    xml = f'<{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</{root}>'
    return Answer(xml, headers={"Content-Type": "application/xml"})


@pytest.mark.slow
def test_sitemaps_and_pictures_lead_nowhere_else(archive: Archive, served: Served) -> None:
    """An index, a sitemap's stories and a story's pictures that name an inner listener."""
    paper = served.paper
    story = next(one for one in paper.listed("china") if one.access == "free")
    with inner_server() as inner:
        inside = [f"http://{host}:{inner.port}" for host in LOOPBACK]
        month = f"{story.published:%Y%m}"
        stories = [
            f"{to}/news/china/story{story.published:%Y%m%d}-77{n}" for n, to in enumerate(inside)
        ]
        own = f"https://www.zaobao.com.sg{story.path}"
        paper.overrides[f"/sitemaps/sitemap-{month}.xml"] = Answer(status=404)
        index = [f"{to}/sitemaps/sitemap-{month}.xml" for to in inside]
        paper.overrides["/sitemap.xml"] = sitemap(
            "sitemap", [*index, "https://www.zaobao.com.sg/own.xml"]
        )
        paper.overrides["/own.xml"] = sitemap("url", [*stories, own])
        pictures = "".join(
            f'<p>图<img src="{to}/a.jpg" data-src="{to}/b.jpg"></p>' for to in inside
        )
        story.body += pictures
        month = f"{story.published:%Y-%m}"
        done = archive.crawl("backfill", "-a", f"months={month}", "-a", "section=all")
        assert inner.hits == []
    assert done.returncode in (0, 3), done.stderr
    assert [line["id"] for line in archive.lines] == [story.path.rpartition("/story")[2]]
    assert str(inner.port) not in archive.lines[0]["body_html"]
