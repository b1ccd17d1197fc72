"""Hostile words from a seed: bodies, titles, times and JSON that a page might carry.

The kinds are those of Jekyll sites and of browsers: Liquid, YAML, kramdown,
scripts, parser confusion, and characters that no file name or line can hold.
"""

from __future__ import annotations

import json
import random

BEACON = "X()"

_OUTPUT = (
    "site.secret",
    "site | jsonify",
    "page.path | read_file",
    "",
    "a b c |",
    "'x' | nofilter",
    "site.posts | map: 'path'",
)
_TAGS = (
    "include evil.html",
    "include ../../secret.txt",
    "include_relative ../../secret.txt",
    "link x.md",
    "post_url 2021-01-01-none",
    "foo",
    "raw",
    "endraw",
    "endraw junk",
    "comment",
    "endcomment",
    "if true",
    "endif",
    "for i in (1..1000000000)",
    "assign a = site.secret",
    "capture a",
    "highlight ruby",
    "gist 1",
)
_OPEN = ("{", "{", "{", "&#123;", "&#x7b;", "&#x7B", "&lbrace;", "&lcub;", "\\{", "{\u200b", "｛")
_CLOSE = ("}", "}", "}", "&#125;", "&#x7d;", "&rbrace;", "&rcub;", "\\}", "｝", "")
_GAPS = ("", " ", "-", "- ", "\t", "\n", "\u00a0", "\u3000", "<b></b>", "<!-- -->", "\u200b")
_HANDLERS = (
    "onerror",
    "onload",
    "onclick",
    "ONMOUSEOVER",
    "onfocus",
    "ontoggle",
    "onbegin",
    "on\vx",
)
_TAG_NAMES = (
    *("img", "svg", "body", "video", "audio", "input", "details", "a", "p", "div", "marquee"),
    *("iframe", "object", "embed", "form", "button", "math", "style", "link", "meta", "base"),
    *("template", "noscript", "textarea", "select", "title", "xmp", "plaintext", "foreignobject"),
    *("table", "td", "ul", "li", "blockquote", "figure", "ruby", "font", "center", "x-y", "dialog"),
)
_SCHEMES = (
    "javascript:",
    " javascript:",
    "\x01javascript:",
    "java\nscript:",
    "java&#9;script:",
    "javascript&colon;",
    "JaVaScRiPt:",
    "&#106;avascript:",
    "vbscript:",
    "data:text/html,",
    "data:image/svg+xml,",
    "feed:javascript:",
    "view-source:javascript:",
    "//evil.example/",
    "\\\\evil.example\\",
    "http://127.0.0.1:9/",
    "https://evil.example/",
    "https:evil.example/",
    "mailto:a@b.example?x=",
    "blob:",
    "file:///etc/",
    "#",
    "?",
    "/s3/files/",
)
_ADDRESSED = (
    ("a", "href"),
    ("a", "ping"),
    ("img", "src"),
    ("img", "srcset"),
    ("img", "data-src"),
    ("iframe", "src"),
    ("object", "data"),
    ("embed", "src"),
    ("form", "action"),
    ("link rel=stylesheet", "href"),
    ("base", "href"),
    ("svg", "xlink:href"),
    ("video", "poster"),
    ("area", "href"),
    ("blockquote", "cite"),
    ("td", "background"),
)
_RAW = ("style", "script", "textarea", "title", "noscript", "xmp", "iframe", "noembed", "template")
_FOREIGN = ("svg", "math", "math><mtext", "svg><desc", "svg><foreignobject", "math><annotation-xml")
_MARKDOWN = (
    '\n{: onclick="X()" style="position:fixed"}\n',
    'x{: onmouseover="X()"}',
    '{::options parse_block_html="true" /}\n\n',
    "{::nomarkdown}<p>a{:/}",
    "{:/comment}",
    '\n\n*md*{: onclick="X()"}\n\n',
    "[t](javascript:X())",
    "[t]: javascript:X()\n\n[t]",
    "\n# heading\n",
    "\n```\n</div>\n```\n",
    "\n    indented\n",
    "\n* * *\n---\n",
    "$$x$$ US$$100",
    "[^1]\n\n[^1]: note\n",
    "*[HTML]: x\n",
    "\n| a | b |\n|---|---|\n",
    "<https://evil.example>",
    '"quoted" -- ... <<x>>',
    "\\*esc\\*",
    "\n---\nlayout: none\n---\n",
)
_STRAY = (
    "</div>",
    "</div></div>",
    "</p>",
    "</body>",
    "</article>",
    "<div>",
    "<p>",
    "]]>",
    "-->",
    "<!--",
)
_WORDS = (
    "中文句子。",
    "表情😀",
    "𠮷野家",
    "a < b && c > d",
    "5<6",
    "&amp;lt;b&amp;gt;",
    "&nbsp;",
    "é̂",
    "x",
)
_CONTROLS = "\x00\x01\x07\x08\t\n\x0b\x0c\r\x1b\x7f\x80\x85\x9f\u2028\u2029\ufeff"
_BIDI = "\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2066\u2069\u061c\u00ad\u2060"
_BROKEN = "\ud800\udbff\udc00\udfff\ufffe\uffff\ufdd0\U0001fffe\U0010ffff"
_YAML = (
    *("yes", "no", "on", "null", "~", "012", "0x1F", "1_000", "12:30:45", ".inf", ".nan", "1e3"),
    *("- a", "? x", ": x", "a: b", "x:", "a #b", "# c", "!ruby/symbol foo", "&a x", "*a", "|", ">"),
    *(
        "%TAG",
        "@x",
        "`x`",
        "[a",
        "{a: b}",
        "key: [x",
        "<<: *a",
        "---",
        "...",
        ":sym",
        "=",
        "'a",
        '"a',
    ),
    *(
        "2021-09-02",
        "2021-09-02T25:00:00Z",
        "a\\q",
        "\\",
        '"\n---\n<script>X()</script>',
        "x'\ny: z",
    ),
    *('x"\npublished: false\ny: "z', "\\u0000", "%2e%2e%2f", "../../x", "CON", "a.", "a:b|c?d*e"),
    *(
        "a](javascript:X()) [b",
        "*a* _b_ `c`",
        "[^1]",
        "</title><script>X()</script>",
        "<!--",
        "-->",
    ),
)


def body(rng: random.Random) -> str:
    """HTML for a story's box: one to five hostile pieces between plain ones."""
    pieces = [rng.choice(_BODY_KINDS)(rng) for _ in range(rng.randint(1, 5))]
    if rng.random() < 0.5:
        pieces = [_wrapped(rng, piece) for piece in pieces]
    return "".join(pieces)


def spoken(rng: random.Random) -> str:
    """HTML of which a reader must see every word: Liquid, Markdown, YAML, signs, in plain tags."""
    kinds = (_liquid, _liquid, _words, _marks, _markdown, lambda rng: rng.choice(_YAML[:30]))
    pieces = [rng.choice(kinds)(rng) for _ in range(rng.randint(1, 5))]
    tags = ("p", "li", "h3", "blockquote", "pre", "b", "em", "code", "center", "x-y", "font")
    return "".join(f"<{tag}>{piece}</{tag}>" for piece in pieces for tag in [rng.choice(tags)])


def active(rng: random.Random) -> str:
    """HTML that would act in a browser: handlers, addresses, parsers that disagree."""
    kinds = (_handler, _handler, _address, _address, _confused)
    return "".join(rng.choice(kinds)(rng) for _ in range(rng.randint(1, 3)))


def title(rng: random.Random) -> str:
    """A headline: YAML look-alikes, Liquid, Markdown, marks, signs, letters of many scripts."""
    made = "".join(rng.choice(_TITLE_KINDS)(rng) for _ in range(rng.randint(1, 4)))
    return made * rng.choice((1, 1, 1, 1, 1, 1, 3, 40)) if len(made) < 60 else made


def time(rng: random.Random) -> object:
    """What a page may say in place of a time: near the paper's forms, numbers, anything."""
    if rng.random() < 0.3:
        number = rng.choice((0, 1, -1, 1630576920, 1630576920000, 10**11, 10**18, 10**400))
        return rng.choice((number, float("nan"), float("inf"), str(number), True, None, [], {}))
    form = rng.choice(_TIME_FORMS)
    filled = "".join(rng.choice("0123456789") if char == "0" else char for char in form)
    for _ in range(rng.randint(0, 3)):
        at = rng.randrange(len(filled) + 1)
        filled = filled[:at] + rng.choice((*"0９:- /年月Z+٣²", "𝟗", "", "PM")) + filled[at + 1 :]
    return filled


def data(rng: random.Random) -> str:
    """The text of a script that ought to be the story's JSON."""
    if rng.random() < 0.05:
        return "[" * rng.choice((10, 100_000)) + '"@type":"NewsArticle"'
    node: dict[str, object] = {"@type": rng.choice(("NewsArticle", ["Article"], "NewsArticle", 3))}
    for key in ("headline", "datePublished", "dateModified", "author", "keywords", "wordCount"):
        node[key] = _value(rng, 0)
    for key in ("articleBody", "image", "url", "mainEntityOfPage", "__proto__", "@graph"):
        if rng.random() < 0.4:
            node[key] = _value(rng, 0)
    text = json.dumps(node, ensure_ascii=rng.random() < 0.5)
    if rng.random() < 0.4:
        at = rng.randrange(len(text))
        text = text[:at] + rng.choice(("", "\x00", '"', "\\", "}", ",", "\ud800")) + text[at + 1 :]
    return text


def _value(rng: random.Random, depth: int) -> object:
    kind = rng.randrange(8)
    if kind == 0 and depth < 4:
        return [_value(rng, depth + 1) for _ in range(rng.randrange(3))]
    if kind == 1 and depth < 4:
        names = ("name", "url", "@id", "caption", "@type", "headline")
        return {name: _value(rng, depth + 1) for name in rng.sample(names, 2)}
    if kind == 2:
        return rng.choice((None, True, 0, -1, 10**30, 1.5, float("nan")))
    if kind == 3:
        made = time(rng)
        return made if isinstance(made, (str, int)) else str(made)
    return title(rng) if kind < 7 else body(rng)


def _liquid(rng: random.Random) -> str:
    def brace(marks: tuple[str, ...]) -> str:
        return rng.choice(marks)

    gap, end = rng.choice(_GAPS), rng.choice(_GAPS)
    if rng.random() < 0.5:
        inner = rng.choice(_OUTPUT)
        closed = rng.choice((True, True, False))
        tail = brace(_CLOSE) + brace(_CLOSE) if closed else ""
        return brace(_OPEN) + gap[:2] + brace(_OPEN) + " " + inner + end + tail
    return brace(_OPEN) + gap + "%" + gap + " " + rng.choice(_TAGS) + end + "%" + brace(_CLOSE)


def _handler(rng: random.Random) -> str:
    quote = rng.choice(("", '"', "'", "`"))
    space = rng.choice((" ", "/", "\n", "\x0c"))
    name, handler = rng.choice(_TAG_NAMES), rng.choice(_HANDLERS)
    closing = rng.choice((">", "/>", ">x</" + name + ">", ""))
    return f"<{name}{space}src=x{space}{handler}={quote}{BEACON}{quote}{closing}"


def _address(rng: random.Random) -> str:
    tag, attribute = rng.choice(_ADDRESSED)
    value = rng.choice(_SCHEMES) + rng.choice(
        (BEACON, "x.jpg", "{{ site.secret }}", "a%0ab", '&quot; onx="')
    )
    return f'<{tag} {attribute}="{value}" id=c>x</{tag.split()[0]}>'


def _confused(rng: random.Random) -> str:
    raw, other = rng.choice(_RAW), rng.choice(_RAW)
    payload = f"<img src=x onerror={BEACON}>"
    foreign = rng.choice(_FOREIGN)
    return rng.choice(
        (
            f'<{raw}><p title="</{raw}>{payload}">',
            f"<{foreign}><{raw}><!--</{raw}>{payload}-->",
            f'<{foreign}><{other}><a id="</{other}>{payload}">',
            f"<{raw}>{payload}</{raw}>",
            f"<![CDATA[{payload}]]>",
            f"<!--!>{payload}-->",
            f"<?x {payload}?>",
            f"&lt;/{raw}&gt;{payload.replace('<', '&lt;')}",
            f"<p id=\"{payload}\" title='</p>{payload}'>x</p>",
            f"<script>{BEACON}</script>",
            f"<scr<script>ipt>{BEACON}</script>",
        )
    )


def _words(rng: random.Random) -> str:
    return rng.choice(_WORDS) * rng.choice((1, 1, 1, 4))


def _marks(rng: random.Random) -> str:
    return "".join(rng.choice(_CONTROLS[:-1] + _BIDI) for _ in range(rng.randint(1, 4)))


def _markdown(rng: random.Random) -> str:
    """Markdown that ends no element of the page."""
    return rng.choice([piece for piece in _MARKDOWN if "</" not in piece and "<p>" not in piece])


def _nest(rng: random.Random) -> str:
    tag = rng.choice(("div", "b", "blockquote", "ul><li", "span", "table><tr><td", "em", "x-y"))
    return f"<{tag}>" * rng.choice((3, 19, 25, 60)) + "里"


def _letters(rng: random.Random) -> str:
    low, high = rng.choice(
        (
            (0x20, 0x7E),
            (0x4E00, 0x9FFF),
            (0xA0, 0x24F),
            (0x370, 0x5FF),
            (0x600, 0x6FF),
            (0x1E00, 0x1FFF),
            (0x2000, 0x2BFF),
            (0x3000, 0x30FF),
            (0xAC00, 0xD7A3),
            (0xFF00, 0xFFEF),
            (0x10400, 0x104FF),
            (0x1F300, 0x1FAFF),
            (0x20000, 0x2A6DF),
            (0, 0x10FFFF),
        )
    )
    return "".join(chr(rng.randint(low, high)) for _ in range(rng.choice((1, 2, 8, 30))))


def _wrapped(rng: random.Random, piece: str) -> str:
    tag = rng.choice(("p", "div", "li", "td", "h2", "blockquote", "pre", "figcaption", "section"))
    extra = rng.choice(("", "", ' markdown="1"', ' style="position:fixed"', ' class="x" id="main"'))
    return f"<{tag}{extra}>{piece}</{tag}>"


_BODY_KINDS = (
    _liquid,
    _liquid,
    _handler,
    _address,
    _confused,
    _words,
    _marks,
    lambda rng: rng.choice(_MARKDOWN),
    lambda rng: rng.choice(_STRAY),
    _nest,
)
_TITLE_KINDS = (
    lambda rng: rng.choice(_YAML),
    _liquid,
    _words,
    _letters,
    _letters,
    lambda rng: rng.choice(_MARKDOWN),
    lambda rng: "".join(rng.choice(_CONTROLS + _BIDI + _BROKEN) for _ in range(2)),
    lambda rng: rng.choice("Ⱥİẞﬁ²①Ⅷ½ー々〇・·") * rng.choice((1, 3, 120)),
)
_TIME_FORMS = (
    "2026-00-00T00:00:00+08:00",
    "2026-00-00 00:00:00",
    "发布 / 2021年0月00日 0:00 PM",
    "发布/2025年0月00日 00:00",
    "更新 / 2026年00月00日 00:00",
    "00/00/2021 - 00:00",
    "00:00",
    "00分钟前",
    "星期00",
    "0000000000",
)
