"""Hostile stories: refused with a reason, or a post that shows what the page said and cannot hurt."""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import pytest

from tests.support.building import build, launched, parse, serve_folder, story_files
from tests.support.hostile_posts import END, LEAD
from tests.support.hostile_site import (
    BLANK,
    INNOCENTS,
    REFUSED,
    bare,
    outcome,
    shown,
    source,
    titled,
    unbracketed,
)
from tools import fuzz
from zaobao.urls import is_image_host

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SECRETS = (b"TOPSECRET", b"INCLUDED-OK", b"OUTSIDE-SECRET")


def test_most_are_written_the_others_refused_with_a_reason() -> None:
    written, refused = outcome()
    assert len(written) >= 450
    reasons = Counter(reason for _, reason in refused)
    known = {"too_deep", "too_large", "too_many_nodes", "tag_too_long", "size"}
    assert known <= set(reasons) <= known | {"title_missing", "rule_took_too_much"}
    said = {one.name: reason for one, reason in refused}
    for name, (_, reason) in REFUSED.items():
        assert said.pop(f"refused: {name}") == reason, name
    for title in BLANK:
        assert said.pop(f"blank: {title!r}") == "title_missing"
    kinds = Counter(name.partition(" ")[0] for name in said)
    assert kinds["spoken"] == kinds["active"] == kinds["time"] == kinds["shown:"] == 0
    for one, reason in refused:
        if reason == "title_missing" and one.place != "script":
            assert not titled(shown(one.text)), one
        elif reason == "rule_took_too_much":
            assert "<figcaption><iframe" in one.text, one


def test_a_post_says_what_the_page_said() -> None:
    for said in outcome()[0]:
        one, article = said.one, said.article
        body = said.post.decode().split("<div>\n")[1].removesuffix("\n</div>\n")
        assert unbracketed(shown(body)) == unbracketed(article.text), one
        if one.place == "body" and one.name.startswith("spoken"):
            assert shown(body) == bare(LEAD) + shown(one.text) + bare(END), one
        if one.name.startswith("shown"):
            assert shown(body) == bare(LEAD) + one.expect + bare(END), one
        if one.expect.startswith("shows: "):
            assert bare(one.expect.removeprefix("shows: ")) in shown(body), one
        if one.place in ("title", "heading"):
            # The headline in a script is HTML where it has elements that HTML knows.
            told = {one.expect} if one.expect else {one.text, html.unescape(one.text)}
            if one.place == "title" and not one.expect:
                told.add(shown(one.text))
            assert titled(article.title) in set(map(titled, told)), one
        # A mark of no width leaves no blank.
        marked = any(unicodedata.category(char) == "Cf" for char in str(one.text))
        if one.place == "title" and one.expect and not marked:
            assert article.title.split() == one.expect.split(), one
        if one.place == "keyword" and bare(one.text):
            assert article.title == "一条平常的标题"


# --- the build ------------------------------------------------------------------


@pytest.fixture(scope="module", params=["ours", "bare"])
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site with all hostile posts, strictly built by real Jekyll."""
    folder = tmp_path_factory.mktemp(request.param)
    posts = {said.name: said.post for said in outcome()[0]}
    # Its addresses have the day of `date:` where Jekyll runs; ours that of the file name.
    return build(source(folder, request.param, posts), folder / "_site", zone="UTC")


@pytest.fixture(scope="module")
def pages(built: Path) -> dict[str, Path]:
    return story_files(built)


@pytest.mark.slow
def test_one_page_for_each_story(pages: dict[str, Path]) -> None:
    written = outcome()[0]
    expected = {said.article.url for said in written} | {one.url for one in INNOCENTS}
    assert set(pages) == expected
    assert len(expected) == len(written) + len(INNOCENTS)


@pytest.mark.slow
def test_pages_show_what_the_pages_of_the_paper_said(pages: dict[str, Path]) -> None:
    for said in outcome()[0]:
        page = parse(pages[said.article.url])
        title = " ".join(said.article.title.split())
        assert " ".join(page.findtext(".//h1").split()) == title, said.one
        assert " ".join(page.findtext(".//title").split()).startswith(title), said.one
        if prose := page.xpath("//div[@class='prose']"):  # the line with the link is not shown
            shown_words = unbracketed("".join(prose[0].itertext()))
            assert shown_words == unbracketed(said.article.text), said.one
        else:
            (link,) = page.xpath("//p[contains(., '——')]/a")
            assert " ".join(link.text_content().split()) == title, said.one
            assert link.get("href") == said.article.url
        (body,) = page.xpath(f"//p[text()='{LEAD}']/..")
        assert body.tag == "div"
        assert unbracketed("".join(body.itertext())) == unbracketed(said.article.text), said.one


@pytest.mark.slow
def test_nothing_is_told(built: Path) -> None:
    for path in built.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert not [secret for secret in SECRETS if secret in data], path


@pytest.mark.slow
def test_an_innocent_page_is_as_it_would_be_alone(built: Path, tmp_path: Path) -> None:
    kind = "bare" if (built / "assets").exists() is False else "ours"
    alone = build(source(tmp_path, kind, {}), tmp_path / "_site", zone="UTC")
    beside, before = story_files(built), story_files(alone)
    for article in INNOCENTS[1:]:  # the newest has a link to the next story
        assert beside[article.url].read_bytes() == before[article.url].read_bytes()


# --- in the browser ---------------------------------------------------------------

ACTS = """async () => {
  const bad = [];
  const active = ['SCRIPT', 'IFRAME', 'OBJECT', 'EMBED', 'FORM', 'INPUT', 'BUTTON', 'SVG', 'MATH',
    'STYLE', 'BASE', 'VIDEO', 'AUDIO', 'TEXTAREA', 'SELECT', 'TEMPLATE', 'NOSCRIPT', 'DIALOG'];
  addEventListener('click', (event) => {
    if (['http:', 'https:', 'mailto:'].includes(event.target.closest('a')?.protocol)) event.preventDefault();
  });
  const all = [...document.querySelectorAll('body, body *')];
  for (const one of all) {
    if (active.includes(one.tagName.toUpperCase())) bad.push('<' + one.tagName + '>');
    for (const { name, value } of one.attributes) {
      if (/^on/i.test(name) || name === 'style' || name === 'srcset') bad.push(name);
      if (/^[\\s\\0-\\x20]*(javascript|data|vbscript|blob|file):/i.test(value)) bad.push(value);
    }
    for (const kind of ['mouseover', 'mouseenter', 'pointerover', 'mousedown', 'focus', 'click'])
      one.dispatchEvent(new MouseEvent(kind, { bubbles: true, cancelable: true }));
    one.focus?.();
  }
  for (const one of all) if (one.tagName === 'A') one.click();
  await new Promise((done) => setTimeout(done, 5));
  return bad;
}"""


# All fill the window, so that what is loaded once it is in sight is loaded in each.
FRAMES = "<style>iframe { position: fixed; inset: 0; width: 100%; height: 100% }</style>"


class Watch:
    """A page in which `X()` is a hit, and any request to a host that is not listed."""

    def __init__(self, browser: Browser, origin: str, **options: bool) -> None:
        self.hits: list[str] = []
        self.context = browser.new_context(**options)  # type: ignore[arg-type]
        self.page: Page = self.context.new_page()
        self.page.expose_function("hit", lambda: self.hits.append("a script ran"))
        self.page.add_init_script("window.X = window.alert = () => window.hit()")
        self.page.on("request", lambda asked: self._asked(asked.url, origin))
        self.page.on("dialog", lambda dialog: (self.hits.append("dialog"), dialog.dismiss()))
        self.page.on("popup", lambda popup: self.hits.append(f"popup {popup.url}"))
        self.page.goto(f"{origin}/none")

    def _asked(self, url: str, origin: str) -> None:
        parts = urlsplit(url)
        of_paper = parts.scheme == "https" and is_image_host(parts.netloc)
        if not of_paper and not url.startswith(origin):
            self.hits.append(f"asked {url}")

    def act(self, *addresses: str) -> list[str]:
        """Open pages side by side, in frames, which costs less than half of one after the other;
        hover over and focus every element, click every link; what is wrong."""
        self.hits.clear()
        frames = [f'<iframe src="{address}"></iframe>' for address in addresses]
        self.page.set_content(FRAMES + "".join(frames), wait_until="load")
        opened = self.page.main_frame.child_frames
        acted = [bad for frame in opened for bad in frame.evaluate(ACTS)]
        here = [frame.url for frame in opened]
        return [*acted, *self.hits, *([] if here == [*addresses] else here)]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with launched("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1") as browser:
        yield browser


BITES = (
    "<img src=x onerror=X()>",
    "<p onmouseover=X()>x</p>",
    "<a href='javascript:X()'>x</a>",
    "<script>X()</script>",
    "<img src='http://127.0.0.1:9/pixel.gif'>",
    "<img src='http://127.0.0.1:9/lazy.gif' loading=lazy>",
    "<iframe srcdoc='<script>parent.X()</script>'></iframe>",
)


@pytest.mark.slow
@pytest.mark.parametrize("built", ["ours"], indirect=True)
def test_the_watch_sees_what_bites_and_the_policy_stops_it(
    chromium: Browser, built: Path, tmp_path: Path
) -> None:
    (policy,) = re.findall(rb"<meta http-equiv=[^>]*>", (built / "index.html").read_bytes())
    with serve_folder(tmp_path) as origin:
        loose, strict = (Watch(chromium, origin, bypass_csp=loose) for loose in (True, False))
        (tmp_path / "beside.html").write_text("<!DOCTYPE html><p>x</p>")
        assert loose.act(f"{origin}/beside.html") == []
        for index, piece in enumerate(BITES):
            page = tmp_path / f"{index}.html"
            page.write_bytes(b"<!DOCTYPE html><head>" + policy + b"</head>" + piece.encode())
            assert loose.act(f"{origin}/beside.html", f"{origin}/{page.name}"), piece
            strict.act(f"{origin}/{page.name}")
            assert "a script ran" not in strict.hits, piece


@pytest.mark.slow
@pytest.mark.parametrize("built", ["ours"], indirect=True)
def test_no_post_acts_in_a_browser(chromium: Browser, built: Path, pages: dict[str, Path]) -> None:
    """Also with the policy switched off: the posts themselves are harmless."""
    with serve_folder(built) as origin:
        watch = Watch(chromium, origin, bypass_csp=True)
        stories = {}
        for said in outcome()[0]:
            if said.one.place == "body" and not said.one.name.startswith(("spoken", "shown")):
                path = pages[said.article.url].parent.relative_to(built)
                stories[f"{origin}/{quote(str(path))}/"] = said.one
        assert len(stories) >= 110
        addresses = [*stories]
        for start in range(0, len(addresses), 10):
            some = addresses[start : start + 10]
            if wrong := watch.act(*some):
                alone = [(stories[one], bad) for one in some if (bad := watch.act(one))]
                raise AssertionError(alone or wrong)


# --- many -------------------------------------------------------------------------


def test_thousands_break_nothing() -> None:
    """The short form of `python -m tools.fuzz`."""
    became, wrong = fuzz.chunk(first=10**7, count=2000, seed=5)
    assert wrong == []
    assert became["written"] > 1700
    assert became.total() == 2000
