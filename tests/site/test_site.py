"""The archive as a site: built by real Jekyll, read in real Chromium, searched by real Pagefind."""

from __future__ import annotations

import filecmp
import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, get_args
from urllib.parse import quote, unquote, urlsplit

import pytest
import yaml
from lxml import html

from tests.support import site_posts
from tests.support.building import (
    PACKAGE,
    ROOT,
    build,
    launched,
    need,
    new_site,
    page_files,
    parse,
    serve_folder,
    story_files,
    text,
    watched,
)
from zaobao import imagechecks
from zaobao.audit import gaps
from zaobao.publish import jekyll

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

PAGES = ("", "months/", "sections/", "keywords/", "search/", "audit/", "404.html")
POSTS = 70
SECRET = "MUST-NOT-BE-PUBLISHED"
INDEX = ["npx", "--yes", "pagefind@1.6.0"]
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[site_posts.Story]]:
    """An output folder after a crawl: site, posts, and everything that must stay unpublished."""
    output = new_site(tmp_path_factory.mktemp("archive") / "output")
    stories = site_posts.write_posts(output, POSTS)
    page = f"---\nlayout: default\ntitle: x\n---\n{SECRET}\n"
    for name in (
        "articles.jsonl",
        "articles.jsonl.1",
        "state.sqlite",
        "state.sqlite-wal",
        "state.sqlite-shm",
        "exclude.txt",
        "revisions/20260101-1/1.html",
        "quarantine/20260101-1.html",
        "raw/20260101-1.html",
        "raw/20260101-1.html.gz",
        "runs/2026-01-01.json",
        "runs/index.html",
        ".tmp/half.md",
        ".lock",
        "zaobao.lock",
        "post.tmp",
        "crawl.log",
        "README.md",
        "_config.yml.bak",
        "notes.html",
        "notes/index.html",
        "demo/index.html",
        "demo/_layouts/post.html",
        "demo/_posts/2026-01-01-invented.md",
        "demo/articles.jsonl",
        "_drafts/half.md",
    ):
        path = output / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page, encoding="utf-8")
    return output, stories


@pytest.fixture(scope="session")
def under_baseurl(
    archive: tuple[Path, list[site_posts.Story]], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Built below /archive, as on GitHub Pages."""
    return build(archive[0], tmp_path_factory.mktemp("www") / "archive", baseurl="/archive")


@pytest.fixture(scope="session")
def at_root(
    archive: tuple[Path, list[site_posts.Story]], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Built at the root, in safe mode and on a machine in another zone."""
    target = tmp_path_factory.mktemp("www") / "root"
    return build(archive[0], target, "--safe", zone="America/New_York")


@pytest.fixture(scope="session")
def indexed(under_baseurl: Path, archive: tuple[Path, list[site_posts.Story]]) -> Path:
    """The same build with a search index, by the documented command."""
    need("npx", "npm")
    target = under_baseurl.parent / "indexed" / "archive"
    shutil.copytree(under_baseurl, target)
    done = subprocess.run(
        [*INDEX, "--site", str(target)], cwd=archive[0], capture_output=True, text=True, check=False
    )
    if done.returncode and "npm error" in done.stderr and not (target / "pagefind/index").exists():
        pytest.skip(f"npx cannot get Pagefind: {done.stderr.splitlines()[0]}")
    assert done.returncode == 0, done.stdout + done.stderr
    return target


# --- the build ----------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("where", ["at_root", "under_baseurl"])
def test_one_page_per_story_and_no_others(
    where: str, archive: tuple[Path, list[site_posts.Story]], request: pytest.FixtureRequest
) -> None:
    built, stories = request.getfixturevalue(where), archive[1]
    found = story_files(built)
    assert set(found) == {story.url for story in stories}
    assert len(page_files(built)) == len(stories) + len(PAGES)
    for story in stories:
        page = parse(found[story.url])
        assert text(page.find(".//h1")) == " ".join(story.title.split())
        assert page.get("lang") == "zh-Hans"


@pytest.mark.slow
def test_address_follows_from_the_file_name_alone(
    at_root: Path, archive: tuple[Path, list[site_posts.Story]]
) -> None:
    found = story_files(at_root)
    for story in archive[1]:
        slug = re.sub(r"[\W_]+", "-", story.name.removesuffix(".md")).strip("-").lower()
        assert found[story.url] == at_root / slug / "index.html"


@pytest.mark.slow
def test_zone_and_safe_mode_of_the_build_change_nothing(
    archive: tuple[Path, list[site_posts.Story]], at_root: Path, tmp_path: Path
) -> None:
    again = build(archive[0], tmp_path / "again", zone="Asia/Singapore")
    names = [str(path.relative_to(at_root)) for path in page_files(at_root)]
    assert len(names) == POSTS + len(PAGES)
    assert filecmp.cmpfiles(at_root, again, names, shallow=False)[0] == names


@pytest.mark.slow
def test_builds_without_any_post(tmp_path: Path) -> None:
    built = build(new_site(tmp_path / "output"), tmp_path / "site")
    assert len(page_files(built)) == len(PAGES)
    assert "还没有报道" in (built / "index.html").read_text(encoding="utf-8")
    assert not ET.parse(built / "feed.xml").getroot().findall(f"{ATOM}entry")


@pytest.mark.slow
def test_nothing_but_posts_and_site_is_published(
    under_baseurl: Path, archive: tuple[Path, list[site_posts.Story]]
) -> None:
    assert (archive[0] / "quarantine").is_dir()
    published = [path for path in under_baseurl.rglob("*") if path.is_file()]
    assert not [path for path in published if SECRET.encode() in path.read_bytes()]
    allowed = {*story_files(under_baseurl).values()}
    rest = {str(path.relative_to(under_baseurl)) for path in published if path not in allowed}
    assert rest == {
        *("index.html", "months/index.html", "sections/index.html", "keywords/index.html"),
        *(
            "search/index.html",
            "audit/index.html",
            "404.html",
            "feed.xml",
            "sitemap.xml",
            "robots.txt",
        ),
        *("assets/style.css", "assets/search.js", "assets/icon.svg", "pagefind/pagefind.js"),
    }


def test_config_publishes_the_posts_and_the_files_of_the_site_by_name() -> None:
    config = yaml.safe_load((PACKAGE / "_config.yml").read_text(encoding="utf-8"))
    assert config["exclude"] == ["*"]
    posts, *named = config["include"]
    assert fnmatchcase("2026-03-03-云岭县.md", posts)
    pictures = [name for name in named if name == "images" or name.startswith("[")]
    named = [name for name in named if name not in pictures]
    digest = "0123456789abcdef" * 4
    for kind in ("jpg", "png", "gif", "webp", "avif"):
        assert re.fullmatch(imagechecks.PATH, f"0f/{digest}.{kind}")
        for name in ("images", "0f", f"{digest}.{kind}"):
            assert any(fnmatchcase(name, pattern) for pattern in pictures)
    assert not any(fnmatchcase(f"{digest}.html", pattern) for pattern in pictures)
    unread = {"_config.yml", "_data", "_includes", "_layouts"}  # not read by name
    files = [path for path in PACKAGE.rglob("*") if "_data" not in path.parts]
    files = [path for path in files if "_includes" not in path.parts]
    assert sorted(named) == sorted({path.name for path in files} - unread)
    assert config["timezone"] == "UTC"
    assert config["plugins"] == config["whitelist"] == ["jekyll-sitemap"]


# --- the pages ----------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(("where", "base"), [("at_root", ""), ("under_baseurl", "/archive")])
def test_every_internal_link_leads_somewhere(
    where: str, base: str, request: pytest.FixtureRequest
) -> None:
    built: Path = request.getfixturevalue(where)
    checked = 0
    for path in page_files(built):
        for link in parse(path).xpath("//@href | //@src"):
            if link.startswith("https://"):
                continue
            address = urlsplit(link)
            if address.path:
                assert address.path.startswith(f"{base}/"), f"{link} in {path}"
                target = built / unquote(address.path.removeprefix(base)).lstrip("/")
                target = target / "index.html" if target.is_dir() else target
            else:
                target = path
            assert target.is_file(), f"{link} in {path}"
            if address.fragment:
                ids = parse(target).xpath("//@id")
                assert address.fragment in ids or unquote(address.fragment) in ids, link
            checked += 1
    assert checked > POSTS * 10


_NUMBERED = {f"https://*.zbstatic{number}.com" for number in range(10)}


def _source(host: str) -> str:
    """The source of a policy that allows pictures of that host."""
    return f"https://*.{host.partition('.')[2]}" if host.startswith("dss") else f"https://{host}"


@pytest.mark.slow
def test_policy_stands_on_every_page(under_baseurl: Path) -> None:
    for path in page_files(under_baseurl):
        page = parse(path)
        (policy,) = page.xpath("//head/meta[@http-equiv='Content-Security-Policy']/@content")
        rules = {rule.split()[0]: rule.split()[1:] for rule in policy.split(";")}
        search = path.parent.name == "search"
        assert rules["default-src"] == ["'none'"]
        assert rules["script-src"] == (["'self'"] if search else ["'none'"])
        assert rules["style-src"] == ["'self'"]
        assert set(rules["img-src"]) == {"'self'", *map(_source, site_posts.HOSTS), *_NUMBERED}
        assert rules["object-src"] == rules["base-uri"] == rules["form-action"] == ["'none'"]
        assert not page.xpath("//@style | //style | //*[@*[starts-with(name(), 'on')]]")
        scripts = page.xpath("//script")
        assert [one.get("src") for one in scripts] == ["/archive/assets/search.js"] * search


@pytest.mark.slow
def test_story_says_when_and_what_is_known(
    under_baseurl: Path, archive: tuple[Path, list[site_posts.Story]]
) -> None:
    found = story_files(under_baseurl)
    notes = {
        "paywalled": "原文需付费阅读",
        "truncated": "没有给出完整正文",
        "unknown": "无法确定以下是否为完整正文",
        "updated": "发表后有修改",
        "gone": "已从报纸网站撤下",
        "url": "只知道发表的日期",
        "generic": "网页版式无法识别",
        "excerpt": "节选：这里只有开头的文字",
    }
    met = set()
    for story in archive[1]:
        page = parse(found[story.url])
        clock = story.singapore
        (time,) = page.xpath("//article//time/@datetime")
        said = text(page.xpath("//p[@class='meta']")[0])
        day_only = "date_from" in story.front
        assert time == (f"{clock:%Y-%m-%d}" if day_only else f"{clock:%Y-%m-%dT%H:%M:%S}+08:00")
        assert said.startswith(f"{clock.year}年{clock.month}月{clock.day}日")
        assert (f"{clock:%H:%M}" in said) != day_only
        expected = {key for key in ("updated", "gone", "excerpt") if key in story.front}
        named = ("access", "date_from", "layout_seen")
        expected |= {value for key, value in story.front.items() if key in named}
        shown = " ".join(text(note) for note in page.xpath("//*[@role='note']"))
        assert {key for key, words in notes.items() if words in shown} == expected
        met |= expected
        if "updated" in story.front:
            assert f"{story.singapore.replace(hour=(clock.hour + 9) % 24):%H:%M}" in shown
        assert page.xpath("//p[@class='source']/a/@href") == [story.url]
        links = page.xpath("//main//a[@href=$url]", url=story.url)
        assert [text(link) for link in links] == ["全文见原文"] * ("excerpt" in expected) + [
            story.url.removeprefix("https://")
        ]
        assert "——" not in text(page.xpath("//div[@class='prose']")[0])
    assert met == set(notes)


@pytest.mark.slow
def test_lists_mark_what_is_not_whole(
    under_baseurl: Path, archive: tuple[Path, list[site_posts.Story]]
) -> None:
    words = {"paywalled": "付费", "truncated": "不全", "unknown": "存疑"}
    expected = []
    for story in archive[1]:
        said = [words[story.front["access"]]] if "access" in story.front else []
        said += ["节选"] * ("excerpt" in story.front) + ["已撤"] * ("gone" in story.front)
        expected.append(said)
    rows = parse(under_baseurl / "months" / "index.html").xpath("//ul[contains(@class,'list')]/li")
    assert [[text(mark) for mark in row.xpath(".//b")] for row in rows] == expected
    assert ["节选"] in expected


@pytest.mark.slow
def test_previous_and_next_lead_through_all_stories(
    under_baseurl: Path, archive: tuple[Path, list[site_posts.Story]]
) -> None:
    found = story_files(under_baseurl)
    pages = [found[story.url] for story in archive[1]]  # newest first
    for path, older in zip(pages, [*pages[1:], None], strict=True):
        links = parse(path).xpath("//a[@rel='prev']/@href")
        ends = [under_baseurl.parent / unquote(link).lstrip("/") / "index.html" for link in links]
        assert ends == ([older] if older else [])


@pytest.mark.slow
def test_front_page_counts_singapore_days(
    under_baseurl: Path, archive: tuple[Path, list[site_posts.Story]]
) -> None:
    counts: dict[str, int] = {}
    for story in archive[1]:
        day = f"{story.singapore:%Y-%m-%d}"
        counts[day] = counts.get(day, 0) + 1
    groups = parse(under_baseurl / "index.html").xpath("//section[@class='group']")
    assert [group.get("id") for group in groups] == list(counts)[:7]
    for group in groups:
        assert text(group.xpath(".//*[@class='count']")[0]) == f"{counts[group.get('id')]} 篇"
        assert len(group.xpath(".//li")) == counts[group.get("id")]


@pytest.mark.slow
def test_stories_around_midnight_fall_on_singapores_day(tmp_path: Path) -> None:
    output = new_site(tmp_path / "output")
    # From 15:59:59.870 UTC in steps of one minute: 23:59 in Singapore, 23:58, …
    site_posts.write_posts(output, 3, minutes=1)
    late = site_posts.story(0)
    following = site_posts.post(0, late, keywords=False).replace("T15:59:59.870Z", "T16:00:00.000Z")
    following = following.replace("-2000000", "-2999999")
    (output / "_posts" / "2026-03-03-次日零时.md").write_text(following, encoding="utf-8")
    built = build(output, tmp_path / "site")
    groups = parse(built / "index.html").xpath("//section[@class='group']")
    assert [(one.get("id"), len(one.xpath(".//li"))) for one in groups] == [
        ("2026-03-04", 1),
        ("2026-03-03", 3),
    ]
    assert [text(time) for time in groups[0].xpath(".//li/time")] == ["00:00"]
    assert (built / "2026-03-03-次日零时" / "index.html").is_file()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["months", "sections"])
def test_each_story_stands_once_in_months_and_sections(name: str, under_baseurl: Path) -> None:
    page = parse(under_baseurl / name / "index.html")
    links = [unquote(link) for link in page.xpath("//ul[contains(@class,'list')]//a/@href")]
    expected = [f"/archive/{path.parent.name}/" for path in story_files(under_baseurl).values()]
    assert sorted(links) == sorted(expected)
    counts = [int(text(one).split()[0]) for one in page.xpath("//section//*[@class='count']")]
    assert sum(counts) == POSTS


@pytest.mark.slow
def test_keywords_are_listed_most_used_first(under_baseurl: Path) -> None:
    page = parse(under_baseurl / "keywords" / "index.html")
    words = [text(head).rsplit(" ", 2)[0] for head in page.xpath("//section/h2")]
    assert sorted(words) == sorted(site_posts.WORDS)
    counts = [int(text(one).split()[0]) for one in page.xpath("//section//*[@class='count']")]
    assert counts == sorted(counts, reverse=True)


@pytest.mark.slow
def test_no_keywords_no_link_to_them(tmp_path: Path) -> None:
    output = new_site(tmp_path / "output")
    site_posts.write_posts(output, 2, keywords=False)
    built = build(output, tmp_path / "site")
    links = {link for path in page_files(built) for link in parse(path).xpath("//@href")}
    assert "/sections/" in links
    assert "/keywords/" not in links


@pytest.mark.slow
def test_the_keywords_page_says_how_to_fill_it(tmp_path: Path) -> None:
    output = new_site(tmp_path / "output")
    site_posts.write_posts(output, 2, keywords=False)
    built = build(output, tmp_path / "site")
    (said,) = parse(built / "keywords" / "index.html").xpath("//p[@class='empty']")
    assert "ZAOBAO_TAGS=keywords" in text(said)


@pytest.mark.slow
def test_the_audit_page_is_in_chinese(tmp_path: Path) -> None:
    output = new_site(tmp_path / "output")
    url = "https://www.zaobao.com/news/china/story20260303-1"
    reasons = get_args(gaps.Reason)
    month = {
        "month": "2026-03",
        "audited": "2026-11-29T20:00:00+00:00",
        "sections": "china,news/sea,all",
        "sitemap": "not read",
        "listed": 9,
        "held": 2,
        "cut": 1,
        "reasons": dict.fromkeys(reasons, 1),
        "days": [{"day": "2026-03-03", "listed": 9, "held": 2, "missing": 7}],
        "missing": [{"day": "2026-03-03", "url": url, "reason": reason} for reason in reasons],
    }
    (output / "_data" / "audit.json").write_text(json.dumps([month]), encoding="utf-8")
    page = parse(build(output, tmp_path / "site") / "audit" / "index.html")
    (main,) = page.xpath("//main")
    said = text(main).replace(url.removeprefix("https://"), "")
    assert re.findall(r"[A-Za-z_/]+", said.replace("2/9", "")) == []
    assert "2026年11月30日核对" in said  # in Singapore
    assert "中国、新闻·东南亚、全部栏目" in said


@pytest.mark.slow
def test_feed_and_site_map_are_whole(
    under_baseurl: Path, archive: tuple[Path, list[site_posts.Story]]
) -> None:
    feed = ET.parse(under_baseurl / "feed.xml").getroot()
    assert feed.findtext(f"{ATOM}id") == "https://archive.example/archive/feed.xml"
    entries = feed.findall(f"{ATOM}entry")
    assert len(entries) == POSTS
    for entry, story in zip(entries, archive[1], strict=True):
        assert entry.findtext(f"{ATOM}id") == story.url
        assert entry.findtext(f"{ATOM}title") == story.title
        (link,) = entry.findall(f"{ATOM}link")
        assert link.get("href", "").startswith("https://archive.example/archive/2026-")
        content = entry.findtext(f"{ATOM}content") or ""
        body = html.fromstring(f"<section>{content}</section>")
        assert len(text(body)) > 50
        assert not body.xpath("//script | //@style")
        notes, first = body.xpath("./p[@role='note']"), body.xpath("./div")
        assert len(body) == len(notes) + len(first)
        assert len(first) == 1
        assert "——" not in text(body)
        assert text(body).count("节选") == ("excerpt" in story.front)
        assert ("原文需付费阅读" in text(body)) == (story.front.get("access") == "paywalled")
    changes = [
        story.front.get("updated") or site_posts.stamp(story.instant) for story in archive[1]
    ]
    assert feed.findtext(f"{ATOM}updated") == max(changes)[:19] + "+00:00"
    site_map = ET.parse(under_baseurl / "sitemap.xml").getroot()
    addresses = {unquote(urlsplit(one[0].text or "").path) for one in site_map}
    stories = {f"/archive/{path.parent.name}/" for path in story_files(under_baseurl).values()}
    lists = {f"/archive/{page}" for page in ("", "months/", "sections/", "keywords/", "audit/")}
    assert addresses == stories | lists


@pytest.mark.slow
def test_ids_of_the_feed_are_absolute_with_and_without_an_address(tmp_path: Path) -> None:
    output = new_site(tmp_path / "output")
    first, second = site_posts.write_posts(output, 2, minutes=60 * 24)
    for story in (first, second):
        path = output / "_posts" / story.name
        path.rename(path.with_name(f"{story.instant:%Y-%m-%d}-今日要闻.md"))
    ids = []
    for url in ("https://archive.example", ""):
        built = build(output, tmp_path / f"site{len(ids)}", url=url)
        feed, *entries = ET.parse(built / "feed.xml").getroot().iter(f"{ATOM}id")
        assert [one.text for one in entries] == [first.url, second.url]
        ids.append(feed.text or "")
    assert ids[0] == "https://archive.example/feed.xml"
    assert ids[1].startswith("urn:uuid:")


# --- in the browser -----------------------------------------------------------


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture
def address(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of `request.param`'s site on a loopback server."""
    built: Path = request.getfixturevalue(request.param)
    root, base = (built, "") if request.param == "at_root" else (built.parent, "archive/")
    with serve_folder(root) as origin:
        yield f"{origin}/{base}"


@pytest.mark.slow
@pytest.mark.parametrize("address", ["under_baseurl"], indirect=True)
def test_pages_fit_and_say_nothing_on_the_console(
    address: str, chromium: Browser, under_baseurl: Path
) -> None:
    trouble: list[str] = []
    page = watched(chromium, trouble)
    stories = [path.parent.name + "/" for path in story_files(under_baseurl).values()]
    chosen = [name for name in stories if re.search(r"20000(0\d|11|13|15)/", name)]
    assert len(chosen) > 10
    papers = set()
    for name in [*PAGES, *chosen]:
        page.goto(address + name)
        for width, scheme in ((390, "light"), (1280, "dark"), (390, "dark"), (1280, "light")):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            beyond = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert beyond <= 0, f"{name} is {beyond} pixels too wide at {width}"
            papers.add((scheme, page.evaluate("getComputedStyle(document.body).backgroundColor")))
    assert papers == {("light", "rgb(251, 250, 246)"), ("dark", "rgb(23, 22, 20)")}
    page.close()
    assert not trouble


@pytest.mark.slow
@pytest.mark.parametrize("address", ["under_baseurl", "at_root"], indirect=True)
def test_without_an_index_there_is_no_box(address: str, chromium: Browser) -> None:
    trouble: list[str] = []
    page = watched(chromium, trouble)
    page.goto(address + "search/", wait_until="networkidle")
    assert page.locator("input, button, form").count() == 0
    assert page.locator("main a").count() >= 3
    page.close()
    assert not trouble


@pytest.mark.slow
@pytest.mark.parametrize("address", ["indexed"], indirect=True)
def test_search_finds_chinese(
    address: str, chromium: Browser, archive: tuple[Path, list[site_posts.Story]]
) -> None:
    trouble: list[str] = []
    page = watched(chromium, trouble)
    status, results = page.locator(".status"), page.locator(".results li")
    found = dict.fromkeys(("七十三件瓷片", "瓷片", "釉色", "釉", "48213"), "找到 1 篇")
    for query, said in {**found, "璃瓦": "找到 1 篇相近的"}.items():
        page.goto(address + "search/")
        page.fill("#q", query)
        results.first.wait_for()
        assert status.inner_text() == said, query
        assert results.locator("a").inner_text() == site_posts.story(3).title
        assert page.url.endswith("?q=" + quote(query))
    # The headline stands above the excerpt, and is not repeated in it.
    for query in ("百分之五十", "公布年度账目", "釉色"):
        page.goto(f"{address}search/?q={query}")
        results.first.wait_for()
        for row in results.all():
            title, said = row.locator("a").inner_text(), row.locator("p").inner_text()
            assert len(said) > 20
            assert title not in said
            assert not set(said[:1]) & {".", "。", " "}
    marked = next(story for story in archive[1] if "excerpt" in story.front)
    page.goto(f"{address}search/?q={quote(marked.title)}")
    row = results.filter(has=page.get_by_role("link", name=marked.title, exact=True))
    row.wait_for()
    assert row.locator("b").all_inner_texts() == ["节选"]
    # Menus, notes and the link line are not part of a story's text.
    for query in ("新加坡时间", "原文需付费", "节选", "即时"):
        page.goto(f"{address}search/?q={query}")
        page.locator(".status", has_text="没有找到").wait_for()
        assert results.count() == 0
    page.goto(f"{address}search/?q=长颈鹿")
    results.nth(9).wait_for()
    assert results.count() == 10
    page.click("button")
    results.nth(19).wait_for()
    page.check("#newest")
    results.nth(10).wait_for(state="detached")
    results.nth(9).wait_for()
    times = results.locator("time").all_inner_texts()
    days = [tuple(map(int, re.findall(r"\d+", time)))[:3] for time in times]
    assert days == sorted(days, reverse=True)
    results.first.locator("a").click()
    page.wait_for_selector("article.story")
    assert urlsplit(page.url).path.startswith("/archive/2026-")
    page.close()
    assert not trouble


# --- the documents ------------------------------------------------------------


def test_documents_name_the_index_command_that_is_tested() -> None:
    assert " ".join(INDEX) in (ROOT / "docs/publishing.md").read_text(encoding="utf-8")
    assert list(jekyll.PAGEFIND) == INDEX
    workflow = yaml.safe_load((ROOT / "docs/examples/pages.yml").read_text(encoding="utf-8"))
    assert workflow["permissions"] == {"contents": "read", "pages": "write", "id-token": "write"}
