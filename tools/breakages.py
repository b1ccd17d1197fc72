"""What broke readers of the site, and what may: named changes of the bundled newspaper's pages.

Each is a row of the history of 2019 to 2026 or has not happened yet. `apply`
breaks a newspaper that is being served; `text_there` says whether a person
would still find the stories' whole texts in the served pages.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lxml import etree, html

from demo.newspaper import Answer, Newspaper
from demo.newspaper import html as page_of
from demo.story import SINGAPORE

Apply = Callable[[Newspaper], None]

BODIES = ".articleBody", ".article-content-rawhtml", ".article-body"
_LD = re.compile(r'<script type="application/ld\+json"([^>]*)>(.*?)</script>', re.S)
_CLOCK = re.compile(
    r"<(div|h4)[^>]*>(?:<span>)?发布[^<]*(?:</span>)?(?:<span>更新[^<]*</span>)?</\1>"
)
_PADDING = "为了给您更好的服务，本站正在进行例行的系统维护，预计在今晚十时前完成。" * 8


@dataclass(frozen=True)
class Breakage:
    """One change. family: the layout whose pages the newspaper prints meanwhile."""

    name: str
    date: str
    apply: Apply
    family: str = "sg4b"
    text_there: bool = True
    longest_quiet: float = 30
    """Hours of silence that the archive has seen before; its newest story is a day and a half old."""
    harmless: bool = False
    """Whether what the program does makes the change none: nothing to tell anybody."""


# --- ways to change a page


def each(kind: str, change: Callable[[str], str]) -> Apply:
    """Change every page of `kind`: HTML to HTML."""
    return lambda paper: paper.mutate(f"{kind} {len(paper.mutations)}", kind, change)


def both(*changes: Apply) -> Apply:
    def apply(paper: Newspaper) -> None:
        for change in changes:
            change(paper)

    return apply


def swap(*pairs: tuple[str, str]) -> Callable[[str], str]:
    def change(page: str) -> str:
        for old, new in pairs:
            page = page.replace(old, new)
        return page

    return change


def without(pattern: str, by: str = "") -> Callable[[str], str]:
    found = re.compile(pattern, re.S)
    return lambda page: found.sub(by, page)


def ld(edit: Callable[[dict[str, Any]], object]) -> Callable[[str], str]:
    """Edit every NewsArticle of the page's scripts in place."""

    def rewritten(match: re.Match[str]) -> str:
        try:
            data = json.loads(re.sub("[\x00-\x1f\x7f-\x9f]", "", match[2]))
        except ValueError:
            return match[0]
        for one in _articles(data):
            edit(one)
        words = json.dumps(data, ensure_ascii=False).replace("</", "<\\/")
        return f'<script type="application/ld+json"{match[1]}>{words}</script>'

    return lambda page: _LD.sub(rewritten, page)


def _articles(data: Any) -> list[dict[str, Any]]:
    if isinstance(data, list):
        return [one for part in data for one in _articles(part)]
    if not isinstance(data, dict):
        return []
    own = [data] if "NewsArticle" in str(data.get("@type")) else []
    return own + _articles(data.get("@graph"))


def body(edit: Callable[[etree._Element], object]) -> Callable[[str], str]:
    """Edit the element that holds the story's text in place."""

    def change(page: str) -> str:
        root = html.document_fromstring(page)
        for css in BODIES:
            for box in root.cssselect(css)[:1]:
                edit(box)
                return etree.tostring(root, encoding="unicode", method="html")
        raise AssertionError("the page has no body to change")

    return change


def _inner(box: etree._Element) -> str:
    parts = [etree.tostring(child, encoding="unicode", method="html") for child in box]
    return (box.text or "") + "".join(parts)


def _fill(box: etree._Element, markup: str) -> None:
    for child in list(box):
        box.remove(child)
    box.text = None
    for node in html.fragments_fromstring(markup):
        if isinstance(node, str):
            box.text = node
        else:
            box.append(node)


def _cut(paragraphs: int, then: str) -> Callable[[etree._Element], None]:
    def edit(box: etree._Element) -> None:
        kept = [etree.tostring(p, encoding="unicode", method="html") for p in box.iter("p")]
        _fill(box, "".join(kept[:paragraphs]) + then)

    return edit


def _escape(box: etree._Element) -> None:
    words = _inner(box)
    for child in list(box):
        box.remove(child)
    box.text = words


def _hide_order(name: str) -> Callable[[etree._Element], None]:
    def edit(box: etree._Element) -> None:
        children = list(box)
        for place, child in enumerate(children):
            child.set(name, hashlib.sha256(f"{place}".encode()).hexdigest()[:6])
        for child in sorted(children, key=lambda child: child.get(name) or ""):
            box.append(child)

    return edit


def _to_template(box: etree._Element) -> None:
    """The last third waits behind a button."""
    children = list(box)
    template = etree.SubElement(box, "template")
    for child in children[max(1, len(children) * 2 // 3) :]:
        template.append(child)
    etree.SubElement(box, "button").text = "加载更多"


def _first_out(box: etree._Element) -> None:
    """The first paragraph stands in front of the box."""
    for first in list(box)[:1]:
        first.tail = None
        around = etree.Element("div")
        around.append(first)
        box.addprevious(around)


def _next_story(page: str) -> str:
    """Another story's article stands below the page's own."""
    words = "".join(f"<p>码头第{n}号仓库的灯又亮了，守夜的人说那是猫。</p>" for n in range(40))
    other = f'<article><h1>旧仓库的猫</h1><div class="articleBody">{words}</div></article>'
    return page.replace("</main>", f"{other}</main>", 1)


def each_third(change: Callable[[str], str]) -> Apply:
    served: list[str] = []

    def third(page: str) -> str:
        served.append(page)
        return page if len(served) % 3 else change(page)

    return each("story", third)


def _to_script(box: etree._Element) -> None:
    words = json.dumps({"props": {"content": _inner(box)}}, ensure_ascii=False)
    _fill(box, "")
    script = etree.SubElement(box.getroottree().getroot().find("body"), "script")
    script.set("id", "__APP_DATA__")
    script.set("type", "application/json")
    script.text = words.replace("</", "<\\/")


def hashed(page: str) -> str:
    """Every class name replaced by a hash, as builds of styled components print them."""

    def rename(match: re.Match[str]) -> str:
        names = (f"c{hashlib.sha256(n.encode()).hexdigest()[:7]}" for n in match[1].split())
        return f'class="{" ".join(names)}"'

    return re.sub(r'class="([^"]*)"', rename, page)


def _rendered(page: str) -> str:
    """The list's box emptied; its stories are in a script."""
    paths = list(dict.fromkeys(re.findall(r'href="(/[a-z/]+/story\d+-\d+)"', _main(page))))
    data = json.dumps({"list": [{"u": path} for path in paths]})
    return without(r"<main.*?</main>", f'<main id="app"></main><script>var d={data};</script>')(
        page
    )


def _main(page: str) -> str:
    main = page[page.index("<main") : page.index("</main>")]
    return main.partition("<aside")[0]


def _service(title: str, words: str = _PADDING) -> str:
    return (
        f"<!DOCTYPE html><html><head><title>{title}</title>"
        f'<meta property="og:title" content="{title}"></head>'
        f"<body><main><h1>{title}</h1><p>{words}</p><p>发布/2026年11月1日 11:07</p></main></body></html>"
    )


def service(title: str) -> Apply:
    return each("story", lambda _page: _service(title))


def one_page_for_all(paper: Newspaper) -> None:
    """The server answers every story's address with the first story's text."""
    first: list[str] = []

    def change(page: str) -> str:
        first.append(_text_of(page))
        own = html.document_fromstring(page)
        for css in BODIES:
            for box in own.cssselect(css)[:1]:
                _fill(box, first[0])
                return etree.tostring(own, encoding="unicode", method="html")
        return page

    paper.mutate("same text", "story", change)


def _text_of(page: str) -> str:
    root = html.document_fromstring(page)
    return next(_inner(box) for css in BODIES for box in root.cssselect(css)[:1])


def _description(page: str) -> str:
    found = re.search(r'<meta name="description" content="([^"]*)"', page)
    assert found
    return body(lambda box: _fill(box, f"<p>{found[1]}</p>"))(page)


def frozen(paper: Newspaper) -> None:
    """The list shows what it showed thirty days ago: nothing of today."""
    for story in list(paper.stories.values()):
        if story.listed and paper.now - story.published < timedelta(days=2):
            story.listed = False


def everywhere(answer: Answer) -> Apply:
    """What every address of the section's list answers."""

    def apply(paper: Newspaper) -> None:
        for path in ("/realtime/china", "/news/china"):
            paper.overrides[path] = answer

    return apply


def redirected(paper: Newspaper) -> None:
    paper.redirect = True


def other_edition(paper: Newspaper) -> None:
    """The reader's address is in Hong Kong by now: another list, other pages."""
    paper.edition, paper.list_form = "hk", "astro"
    for story in paper.stories.values():
        # Adverts are of each edition's own.
        story.body = "\n".join(b for b in story.body.splitlines() if not b.startswith("{{"))
        story.layout = "hk_astro"


def no_clock(page: str) -> str:
    return _CLOCK.sub("", page)


def no_ld(page: str) -> str:
    return _LD.sub("", page)


def relative_times(page: str) -> str:
    """Every time of the page in words: 三小时前."""
    page = ld(lambda one: [one.pop(key, None) for key in ("datePublished", "dateModified")])(page)
    return _CLOCK.sub("<div>3小时前</div>", page)


def off_by_days(page: str) -> str:
    moved = ld(lambda one: one.update(datePublished="2026-01-05T08:00:00+08:00"))(page)
    return re.sub(
        r"(发布\s*/\s*)\d+年\d+月\d+日 [\d:]+( [AP]M)?", r"\g<1>2026年1月5日 08:00", moved
    )


def without_zone(page: str) -> str:
    """The Singapore clock written as UTC."""
    return ld(lambda one: one.update(datePublished=re.sub(r"[+]08:00|(\.000)?Z", "Z", _sg(one))))(
        page
    )


def _sg(one: dict[str, Any]) -> str:
    said = str(one.get("datePublished", ""))
    try:
        moment = datetime.fromisoformat(said)
    except ValueError:
        return said
    return f"{moment.astimezone(SINGAPORE):%Y-%m-%dT%H:%M:%S}+08:00"


_RENAMED = swap(
    ("articleBody", "x-story-text"), ("article-body", "x-story-text"), ("article-title", "x-t")
)
_NO_H1 = swap(("<h1", "<div"), ("</h1>", "</div>"))
_GATE = '<div class="x-gate"><p>成为订户，即可继续阅读。</p><a href="https://subscribe.sph.com.sg/zh/">立即订阅</a></div>'
_LOGIN = '<div id="paywall-login"><p>请登录，以继续阅读全文</p></div>'
_OVERLAY = '<section class="x-meter"><h3>您已读完本月的免费文章</h3><p>注册免费账户后可读全文</p></section>'

HISTORY = (
    Breakage(
        "titles, bodies and pictures renamed",
        "2019-10-20",
        both(
            each(
                "story",
                swap(("articleBody", "wysiwyg"), ("object-contain", "o-c"), ("my-[16px]", "m-16")),
            ),
            each("story", _NO_H1),
        ),
    ),
    Breakage(
        "list redirects in a circle",
        "2020-04-30",
        everywhere(Answer(status=302, headers={"Location": "/realtime/china"})),
        text_there=False,
    ),
    Breakage("another edition by the reader's address", "2020-11-14", other_edition),
    Breakage("times eight hours late", "2022-02-02", each("story", without_zone)),
    Breakage(
        "HK redesign: list and body renamed",
        "2022-02-02",
        both(
            each("story", _RENAMED),
            each("list", swap(("article-list", "feed"), ("article-link", "feed-link"))),
        ),
        "hk_astro",
    ),
    Breakage(
        "body escaped by a template", "2022-02-02", each("story", body(_escape)), "hk_bootstrap"
    ),
    Breakage(
        "pictures on an unknown host",
        "2022-04-27",
        each(
            "story",
            swap(
                ("static.zaobao.com", "img.example.net"),
                ("cassette.sphdigital.com.sg", "img.example.net"),
                ("dss0.zbstatic5.com", "img.example.net"),
            ),
        ),
    ),
    Breakage(
        "paragraphs shuffled, order in a new attribute",
        "2022-07-23",
        each("story", body(_hide_order("data-k"))),
        text_there=False,
    ),
    Breakage(
        "paragraphs shuffled on HK, data-s renamed",
        "2022-07-23",
        each("story", swap(("data-s=", "data-q="))),
        "hk_bootstrap",
        text_there=False,
    ),
    Breakage(
        "pictures loaded by script",
        "2022-08-20",
        both(
            each("story", without(r'<img[^>]* src="https://[^"]*"', '<img data-later="1"')),
            each("story", ld(lambda one: one.pop("image", None))),
            each("story", without(r'<meta property="og:image"[^>]*>')),
        ),
    ),
    Breakage(
        "login wall on every story",
        "2022-10-22",
        each("story", body(_cut(3, _LOGIN))),
        text_there=False,
    ),
    Breakage(
        "printed and scripted date gone",
        "2023-02-01",
        both(
            each("story", no_clock),
            each(
                "story",
                ld(lambda one: [one.pop(k, None) for k in ("datePublished", "dateModified")]),
            ),
        ),
    ),
    Breakage(
        "printed date gone",
        "2023-02-01",
        both(each("story", no_clock), each("story", no_ld)),
        "sg_drupal",
    ),
    Breakage("list moved by a redirect", "2024-03-01", redirected),
    Breakage(
        "list container renamed",
        "2024-06-11",
        each(
            "list",
            swap(
                ("card-listing", "news-feed"),
                ("content-header", "n-h"),
                ('class="card"', 'class="n"'),
            ),
        ),
    ),
    Breakage(
        "list class became an id",
        "2024-08-20",
        each("list", swap(('class="card-listing"', 'id="card-listing"'))),
    ),
    Breakage("list stands still", "2024-10-14", frozen, text_there=False, longest_quiet=11),
    Breakage(
        "title, body, picture and keywords renamed",
        "2024-12-16",
        both(
            each("story", _RENAMED),
            each("story", swap(("max-h-max", "kw"), ("/keywords/", "/k/"))),
            each("story", without(r'<meta name="keywords"[^>]*>')),
        ),
    ),
    Breakage(
        "advert block of a new kind in every body",
        "2025-02-20",
        each(
            "story",
            body(
                lambda box: box.insert(
                    len(box) // 2,
                    html.fragment_fromstring(
                        '<div class="zz-slot"><p>本栏由某某银行呈献，点击了解定期存款优惠。</p></div>'
                    ),
                )
            ),
        ),
    ),
    Breakage(
        "empty ld+json",
        "2025-07-30",
        each("story", lambda page: _LD.sub('<script type="application/ld+json"></script>', page)),
        "hk_astro",
    ),
    Breakage(
        "keywords null",
        "2025-10-11",
        both(
            each("story", ld(lambda one: one.update(keywords=None))),
            each("story", without(r'<meta name="keywords"[^>]*>')),
            each("story", without(r'<a class="keyword-tag_item.*?</a>')),
        ),
        "hk_astro",
    ),
    Breakage(
        "hydration data removed",
        "2026-02-06",
        both(
            each("story", without(r"<script>window.__staticRouterHydrationData.*?</script>")),
            each("story", no_ld),
        ),
        "sg3h",
    ),
    Breakage("section gone", "2026-07-13", everywhere(Answer(status=404)), text_there=False),
    Breakage(
        "seo script renamed, body renamed, list moved",
        "2026-07-29",
        both(
            redirected,
            each("story", swap((' id="seo-article-page"', ""), ("articleBody", "story-content"))),
        ),
        "sg4a",
    ),
)
"""Rows of the site's history that a reader can be told of."""

SURVIVED = (
    Breakage(
        "style and frames in the body",
        "2022-11-01",
        each(
            "story",
            body(
                lambda box: box.append(
                    html.fragment_fromstring(
                        "<div><style>.x{}</style><iframe src='https://ads.example.com/'></iframe></div>"
                    )
                )
            ),
        ),
        harmless=True,
    ),
    Breakage(
        "known advert blocks in the body",
        "2025-02-20",
        each(
            "story",
            body(
                lambda box: box.insert(
                    1,
                    html.fragment_fromstring(
                        '<div class="bff-google-ad"><div class="google-ad">广告占位</div></div>'
                    ),
                )
            ),
        ),
        harmless=True,
    ),
    Breakage(
        "control characters in ld+json",
        "2025-03-01",
        each("story", swap(('"headline": "', '"headline": "\x0b'))),
        harmless=True,
    ),
    Breakage(
        "a second ld+json",
        "2026-07-29",
        each(
            "story",
            swap(
                (
                    "</head>",
                    '<script type="application/ld+json">{"@type":"WebSite","name":"联合早报网"}</script></head>',
                )
            ),
        ),
        harmless=True,
    ),
)
"""Rows of the history that change no post at all."""

NOT_YET = (
    Breakage("hashed class names", "–", both(each("story", hashed), each("list", hashed))),
    Breakage("list rendered by script", "–", each("list", _rendered)),
    Breakage("maintenance page for every story", "–", service("系统维护中"), text_there=False),
    Breakage(
        "maintenance page for the list",
        "–",
        everywhere(page_of(_service("网站维护"))),
        text_there=False,
    ),
    Breakage("login page for every story", "–", service("欢迎回来"), text_there=False),
    Breakage("body moved into JSON", "–", each("story", body(_to_script))),
    Breakage("every time relative", "–", each("story", relative_times)),
    Breakage(
        "title is the site's name",
        "–",
        both(
            each("story", without(r"<h1.*?</h1>", "<h1>联合早报网</h1>")),
            each("story", ld(lambda one: one.update(headline="中国 | 联合早报网"))),
            each(
                "story",
                without(
                    r'<meta property="og:title"[^>]*>',
                    '<meta property="og:title" content="联合早报">',
                ),
            ),
            each("story", without(r"<title>.*?</title>", "<title>联合早报</title>")),
        ),
        text_there=False,
    ),
    Breakage("body is the description", "–", each("story", _description), text_there=False),
    Breakage("one text under every number", "–", one_page_for_all, text_there=False),
    Breakage("times off by days", "–", each("story", off_by_days)),
    Breakage("ld+json vanished", "–", each("story", no_ld)),
    Breakage(
        "preview with an unknown gate", "–", each("story", body(_cut(2, _GATE))), text_there=False
    ),
    Breakage(
        "preview with a meter",
        "–",
        both(each("story", body(_cut(2, _OVERLAY))), each("story", _RENAMED)),
        text_there=False,
    ),
    Breakage(
        "text cut, the script says how long it is",
        "–",
        both(
            each("story", body(_cut(2, ""))),
            each("story", ld(lambda one: one.update(wordCount=4000))),
        ),
        text_there=False,
    ),
    Breakage("text cut without a word", "–", each("story", body(_cut(1, ""))), text_there=False),
    Breakage("last third in a template", "–", each("story", body(_to_template))),
    Breakage("first paragraph outside the box", "–", each("story", body(_first_out))),
    Breakage(
        "pages inside JSON",
        "–",
        each("story", lambda page: json.dumps({"html": page}, ensure_ascii=False)),
        text_there=False,
    ),
    Breakage(
        "each third page is none",
        "–",
        each_third(lambda _page: _service("页面不存在", "您访问的页面不存在或已被删除。")),
        text_there=False,
    ),
    Breakage("another story below", "–", each("story", _next_story), harmless=True),
)
"""Changes that have not happened yet."""
