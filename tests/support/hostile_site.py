"""A site of hostile stories: the inputs, what becomes of them, and the secrets about it."""

from __future__ import annotations

import re
import shutil
import unicodedata
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

from tests.support import hostile_posts
from tests.support.hostile_posts import Hostile, Refused
from zaobao.items import Article

SITE = Path(__file__).parents[2] / "zaobao" / "site"
GENERATED = 300
SECRETS = (b"TOPSECRET", b"INCLUDED-OK", b"OUTSIDE-SECRET")
REFUSED = {
    "deep boxes": ("<div>" * 2000 + "x", "too_deep"),
    "deep words": ("<p>" + "<b>" * 2000 + "x" + "</b>" * 2000 + "</p>", "too_deep"),
    "300 boxes": ("<div>" * 300 + "x" + "</div>" * 300, "too_deep"),
    "deep lists": ("<ul><li>" * 150 + "x", "too_deep"),
    "10,000 boxes": ("<div>" * 10_000 + "x" + "</div>" * 10_000, "too_deep"),
    "open words": ("<p>" + "<i><a>" * 12_000 + "x", "too_many_nodes"),
    "flat": ("<p>x</p>" * 30_000, "too_many_nodes"),
    "entities": ("<p>" + "&lt; " * 25_000 + "</p>", "too_large"),
    "attributes": ("<p " + "".join(f"a{n}=1 " for n in range(6000)) + ">x</p>", "tag_too_long"),
    "an open quote": ('<a href="' + "x" * 40_000, "tag_too_long"),
    "a huge text": ("<p>" + "中" * 1_400_000 + "</p>", "size"),
}
SHOWN = {
    "a long line": ("<p>" + "中文，" * 100_000 + "</p>", "中文，" * 100_000),
    "marks": ("*_" * 5000 + "x\n", "*_" * 5000 + "x"),
    "99 levels of words": ("<p>" + "<span>" * 60 + "深" + "</span>" * 60 + "</p>", "深"),
    "signs": ("<p>5 < 6 && 7 > 3 <3 &lt;b&gt; &amp;amp; US$$100</p>", "5<6&&7>3<3<b>&amp;US$$100"),
    "an end that is text": ("<p>&lt;/div&gt;</p>\n\n&lt;script&gt;X()", "</div><script>X()"),
    "a comment": ("<p>甲</p><!-- {{ site.secret }} {% foo %} --><p>乙</p>", "甲乙"),
    "pieces of Liquid": ("<p>{<b></b>{ a }<i></i>} {<!-- -->% x %}</p>", "{{a}}{%x%}"),
    "entities of Liquid": ("&lbrace;&#x7b;&#123 a &rbrace;&rcub;", "{{{a}}"),
}
TITLES = {
    "yes": "yes",
    'x"\npublished: false\ny: "z': 'x" published: false y: "z',
    "a](javascript:X()) [b": "a](javascript:X()) [b",
    "</title><script>X()</script>": "</title><script>X()</script>",
    "\u202eabc\ufeff": "abc",
    "😀𠮷\ud83d": "😀𠮷",
    "a\tb\x00c\x85d\u2028e": "a b c d e",
    "{{ site.secret }}{% foo %}": "{{ site.secret }}{% foo %}",
    "&lt;b&gt; &amp; &": "&lt;b&gt; &amp; &",
    "*[HTML]: x ^1 [^1] {:toc}": "*[HTML]: x ^1 [^1] {:toc}",
    "长" * 300: "长" * 300,
    "😀": "😀",
    "……——！": "……——！",
    "\\": "\\",
}
BLANK = ("", " ", "\u3000", "\u200b\u200e", "\x00\x1f", "\ud800", "\uffff\ufdd0", "\u2028\r\n")
# What is not text of a story: in the page's bytes, and in its printed form.
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u2028\u2029\ufeff\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069]"
)
_NONE = re.compile(
    "[\ud800-\udfff\ufdd0-\ufdef]|["
    + "".join(chr(n * 65536 + 65534) + chr(n * 65536 + 65535) for n in range(17))
    + "]"
)


class Words(HTMLParser):
    """The text of HTML by another parser than the crawler's."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.words = ""
        self.feed(source)
        self.close()

    def handle_data(self, data: str) -> None:
        self.words += data


def bare(words: str) -> str:
    """Without white space and what no post may hold."""
    return "".join(_UNSEEN.sub("", _NONE.sub("", words)).split())


def unbracketed(words: str) -> str:
    """As `bare`, and without the brackets in which a line's text puts a reading of ruby."""
    return bare(words).replace("(", "").replace(")", "")


def titled(words: str) -> str:
    """As `bare`, and without marks of no width, some of which stay in a text."""
    return "".join(char for char in bare(words) if unicodedata.category(char) != "Cf")


def shown(source: str) -> str:
    return bare(Words(source).words)


@dataclass
class Written:
    one: Hostile
    article: Article
    name: str
    post: bytes


@cache
def outcome() -> tuple[list[Written], list[tuple[Hostile, str]]]:
    """Every input as a story: what was written, and what was refused with its reason."""
    inputs = [
        *hostile_posts.generated(GENERATED),
        *(Hostile(f"shown: {name}", "body", body, words) for name, (body, words) in SHOWN.items()),
        *(Hostile(f"refused: {name}", "body", body) for name, (body, _) in REFUSED.items()),
        *(
            Hostile(f"titled: {title[:20]!r}", "title", title, expect)
            for title, expect in TITLES.items()
        ),
        *(
            Hostile(f"heading: {title[:20]!r}", "heading", title, expect)
            for title, expect in TITLES.items()
        ),
        *(Hostile(f"blank: {title!r}", "title", title) for title in BLANK),
        *hostile_posts.frozen(*hostile_posts.STORIES),
    ]
    folder, exporter = hostile_posts.Folder(), hostile_posts.exporter()
    written, refused = [], []
    for index, one in enumerate(inputs):
        try:
            article = hostile_posts.story(one, index)
        except Refused as refusal:
            refused.append((one, refusal.reason))
            continue
        name = exporter.file_name(article, folder.is_taken)
        folder.take(name)
        written.append(Written(one, article, name, exporter.post(article)))
    return written, refused


BARE = {
    "_config.yml": "secret: TOPSECRET\ntitle: x\n",
    "_layouts/post.html": "<title>{{ page.title | escape }}</title><h1>{{ page.title | escape }}</h1>@@{{ content }}@@<link rel=canonical href='{{ page.from | escape }}'>",
    "index.html": "---\n---\n{% for post in site.posts %}<h2>{{ post.title | escape }}</h2>{{ post.excerpt }}{% endfor %}",
}
INNOCENTS = [
    hostile_posts.story(Hostile("innocent", "keyword", "民生"), -1440 * (number + 1))
    for number in range(3)
]


def source(folder: Path, kind: str, posts: dict[str, bytes]) -> Path:
    """A site with secrets about it and these posts, beside the innocent ones."""
    site = folder / "home" / "output"
    site.parent.mkdir(parents=True)
    (folder / "secret.txt").write_text("OUTSIDE-SECRET")
    if kind == "ours":
        shutil.copytree(SITE, site)
        with (site / "_config.yml").open("a") as config:
            config.write("\nsecret: TOPSECRET\n")
    for name, data in BARE.items() if kind == "bare" else ():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(data)
    (site / "_includes").mkdir(exist_ok=True)
    (site / "_includes" / "evil.html").write_text("INCLUDED-OK")
    (site / "_posts").mkdir()
    exporter = hostile_posts.exporter()
    for number, article in enumerate(INNOCENTS):
        posts[f"{article.published:%Y-%m-%d}-无辜-{number}.md"] = exporter.post(article)
    for name, data in posts.items():
        (site / "_posts" / name).write_bytes(data)
    return site
