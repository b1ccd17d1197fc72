"""What Chromium shows of a story's box, and what the post of it says: the same, line by line.

    python -m tools.differential --count 2000

Bodies: the examples of the rules, the boxes of the written cases, generated markup, and with
`--stories FILE` those of a file of JSON lines, gzipped, with the `url`, `title` and `html` (of
the body) of a story each. Each stands in a page that Chromium opens. What the rules took is taken out of Chromium's tree by the paths in
`removed`; then the visible text (`innerText`) must be that of the post, white space and list
markers aside. Differences that are meant stand in `differences.toml`, each with its reason.

A difference that is found is made smaller, until nothing can be left out of it. Exit code 1:
there is one that is not listed, or one listed that no longer occurs.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.support.chain import STORIES
from tools import markup
from zaobao import dom, reader, text
from zaobao.browser import chromium
from zaobao.cleaning.blocks import TooDeep
from zaobao.cleaning.clean import Cleaned, TooLarge, TooMuchRemoved, clean
from zaobao.cleaning.media import CAPTIONS
from zaobao.cleaning.rules import RULES
from zaobao.errors import UnfitError, UnreadablePage

if TYPE_CHECKING:
    from playwright.sync_api import Page as Tab

KNOWN = Path(__file__).with_name("differences.toml")
KINDS = ("rules", "cases", "generated")
STORY = "https://www.zaobao.com/news/china/story20261105-9799003"
BATCH = 50
LEAST = 400
"""Characters in front of a body, so that the rules do not take more than half of it."""

_LEAD = "<p>" + "这一段是正文的开头。" * (LEAST // 10) + "</p>"
_CAPTION = ", ".join(["figcaption", *(f".{name}" for name in sorted(CAPTIONS))])
_SOFT = "\ue002"
"""Where a block was taken out: a line may go on there."""
_OPTIONAL = re.compile("\ue000(.*?)\ue001")
# Scripts are on, so that a `noscript` is text, and none runs; nothing is loaded. The frames have
# this from the page around them.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_FRAMES = (
    f'<!DOCTYPE html><meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    + '<iframe style="width: 900px; height: 600px"></iframe>' * 2
)
_PAGE = (
    '<!DOCTYPE html><html><head><meta charset="utf-8"></head><body><main><article>'
    '<div id="box">{}</div></article></main></body></html>'
)


@dataclass(frozen=True)
class Known:
    """A difference that is meant. See `differences.toml`."""

    name: str
    reason: str
    example: str
    selector: str
    op: str


@dataclass(frozen=True)
class Body:
    """What stands in a story's box. nodes: the tree that it was written from; title: a twin's."""

    name: str
    html: str
    nodes: markup.Nodes | None = None
    title: str = ""


@dataclass(frozen=True)
class Difference:
    """A body that a post does not say as Chromium shows it.

    kind: `words`, `lines` (the same words, other breaks), `path` (one that `removed` gives
    leads nowhere), `text` (the post and its `text` differ), `tree` (Chromium builds another one).
    """

    kind: str
    body: Body
    page: str
    post: str

    def __str__(self) -> str:
        return (
            f"{self.kind}: {self.body.name}\n  body     {self.body.html}\n"
            f"  Chromium {self.page}\n  post     {self.post}"
        )


class Chromium:
    """The browser, one page of it, and what it shows of many bodies."""

    def __init__(self, tab: Tab) -> None:
        self._tab = tab
        tab.set_content(_FRAMES)
        self._script = Path(__file__).with_suffix(".js").read_text("utf-8")

    def differences(
        self, bodies: Iterable[Body], known: Sequence[Known], became: Counter[str] | None = None
    ) -> Iterator[Difference]:
        """The bodies that differ. became: counts what was compared and what was refused."""
        became = Counter() if became is None else became
        bodies = iter(bodies)
        while batch := list(islice(bodies, BATCH)):
            jobs = []
            for body in batch:
                page = _PAGE.format(_LEAD + body.html)
                tree = dom.parse(page)
                box = tree.css_first("#box")
                assert box is not None
                shape = _shape(box)
                try:
                    cleaned = clean(box, STORY, source=page.encode())
                except (TooMuchRemoved, TooDeep, TooLarge) as error:
                    became[type(error).__name__] += 1
                    continue
                jobs.append((body, cleaned, page, shape))
            became["compared"] += len(jobs)
            for (body, cleaned, _, shape), answer in zip(
                jobs, self._answers(jobs, known), strict=True
            ):
                if answer and (difference := _judged(body, cleaned, shape, answer)):
                    yield difference

    def _answers(
        self, jobs: list[tuple[Body, Cleaned, str, str]], known: Sequence[Known]
    ) -> list[dict[str, Any] | None]:
        asked = [
            {
                "page": page,
                "post": cleaned.html,
                "removed": [
                    {"path": one.path, "chars": one.chars, "rule": one.rule}
                    for one in cleaned.removed
                    if not one.path.startswith("img[")
                ],
            }
            for _, cleaned, page, _ in jobs
        ]
        ops = [{"selector": one.selector, "op": one.op} for one in known]
        given = [asked, ops, list(dom.HIDING_CLASSES), _CAPTION]
        answers: list[dict[str, Any] | None] = self._tab.evaluate(self._script, given)
        return answers

    def smallest(self, difference: Difference, known: Sequence[Known]) -> Difference:
        """The same kind of difference, of the least body that has it."""
        least = difference
        nodes = difference.body.nodes or markup.parsed(difference.body.html)
        if not self._still(nodes, least, known):
            return difference
        while True:
            for candidate in _batches(markup.smaller(nodes)):
                bodies = [Body(str(n), markup.inner(one)) for n, one in enumerate(candidate)]
                same = (d for d in self.differences(bodies, known) if d.kind == least.kind)
                if found := next(same, None):
                    nodes = candidate[int(found.body.name)]
                    body = Body(difference.body.name, found.body.html)
                    least = Difference(found.kind, body, found.page, found.post)
                    break
            else:
                return least

    def _still(self, nodes: markup.Nodes, least: Difference, known: Sequence[Known]) -> bool:
        again = self.differences([Body("", markup.inner(nodes))], known)
        return any(one.kind == least.kind for one in again)


@contextmanager
def browser() -> Iterator[Chromium]:
    """Chromium without a network."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=chromium.executable(),
            chromium_sandbox=False,
            args=["--host-resolver-rules=MAP * ~NOTFOUND"],
        )
        try:
            yield Chromium(opened.new_page())
        finally:
            opened.close()


def known_differences() -> list[Known]:
    """What `differences.toml` lists."""
    return [Known(**one) for one in tomllib.loads(KNOWN.read_text("utf-8"))["difference"]]


def no_longer(chrome: Chromium, known: Sequence[Known]) -> list[str]:
    """The names of the listed differences whose example differs no more, or differs otherwise."""
    gone = []
    for one in known:
        body = [Body(one.name, one.example)]
        if not any(chrome.differences(body, [])) or any(chrome.differences(body, [one])):
            gone.append(one.name)
    return gone


def bodies_of(kind: str, count: int, seed: int) -> Iterator[Body]:
    """The bodies of a kind; `count` of those that are generated."""
    if kind == "rules":
        for rule in RULES:
            yield Body(f"rule {rule.name}", f"<p>前一段话。</p>{rule.example}<p>后一段话。</p>")
            yield Body(f"rule {rule.name}, alone", f"<p>前一段话。</p>{rule.example}")
    elif kind == "cases":
        for case in STORIES:
            if box := box_of(case.folder / "page.html", case.url):
                yield Body(case.name, box)
    else:
        for number in range(count):
            made = markup.Maker(f"{seed}.{number}").body()
            yield Body(f"generated {number} of seed {seed}", markup.inner(made), made)


def stories(path: Path) -> Iterator[Body]:
    """The bodies of a file of stories, by their addresses."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            story = json.loads(line)
            yield Body(story["url"], story["html"], title=story["title"])


def box_of(path: Path, address: str) -> str | None:
    """What stands in the box of a page's story; None where there is no story."""
    story = reader.story_of(address)
    try:
        page = reader.checked_page(path.read_bytes(), address)
        box = reader.read(page, story, datetime(2026, 11, 29, tzinfo=UTC)).box
    except (UnfitError, UnreadablePage):
        return None
    html: str = box.inner_html
    return html


def _shape(box: dom.Node) -> str:
    """The elements of a tree."""
    return "".join(f"{child.tag}({_shape(child)})" for child in box.iter() if child.is_element_node)


def _judged(body: Body, cleaned: Cleaned, shape: str, answer: dict[str, Any]) -> Difference | None:
    page, post = answer["page"], answer["post"]
    kind = ""
    if shape != answer["tree"]:
        kind = "tree"
        page, post = {"all": answer["tree"]}, {"all": shape}
    elif answer["lost"]:
        kind = "path"
        page, post = {"all": "; ".join(answer["lost"])}, {"all": ""}
    else:
        whole = _compared(page["all"], post["all"])
        if whole and (
            not _are_captions_told(cleaned, answer) or _compared(page["text"], post["text"])
        ):
            kind = whole
        elif _compared(_flat(answer["said"]), _flat(cleaned.text.replace("\n", _SOFT))):
            kind, page, post = "text", {"all": answer["said"]}, {"all": cleaned.text}
    return Difference(kind, body, _lined(page["all"]), _lined(post["all"])) if kind else None


def _flat(said: str) -> str:
    """A text with plain characters for raised and lowered ones, and one kind of minus."""
    return re.sub("[−–]", "-", unicodedata.normalize("NFKC", said))


def _are_captions_told(cleaned: Cleaned, answer: dict[str, Any]) -> bool:
    """Whether each caption of the page is one of the post or recorded, and no other is there."""
    shown = [_taken_apart(one)[0] for one in answer["page"]["captions"]]
    told = [_taken_apart(one)[0] for one in answer["post"]["captions"]]
    allowed = "".join(shown + [text.squeeze(one) for one in answer["attributes"]])
    is_recorded = any(one.path.startswith("img[") and one.chars for one in cleaned.removed)
    return is_recorded or (
        all(one in "".join(told) for one in shown) and all(one in allowed for one in told)
    )


def _compared(page: str, post: str) -> str:
    """`words` or `lines` where two texts differ in that, else ""."""
    wanted, breaks, may_break = _taken_apart(page)
    said, done, may_be_done = _taken_apart(post)
    if wanted != said:
        pieces = _OPTIONAL.split(wanted)  # text, words of an option, text, …
        pattern = "".join(
            f"({'|'.join(map(re.escape, piece.split('|')))})?" if n % 2 else re.escape(piece)
            for n, piece in enumerate(pieces)
        )
        found = re.fullmatch(pattern, said)
        if not found:
            return "words"
        chosen = iter(found.groups(""))
        filled = _OPTIONAL.sub(lambda _: next(chosen), page)
        _, breaks, may_break = _taken_apart(filled)
    free = may_break | may_be_done
    return "" if breaks - free == done - free else "lines"


def _taken_apart(shown: str) -> tuple[str, set[int], set[int]]:
    """The characters of a text without white space, and before which of them a line begins; and
    before which of them one may."""
    words, breaks, may_break = "", set[int](), set[int]()
    for part in re.split("([\n\ue002])", shown):
        if part == "\n":
            breaks.add(len(words))
        elif part == _SOFT:
            may_break.add(len(words))
        else:
            words += text.squeeze(text.body(part))
    ends = {0, len(words)}
    return words, breaks - ends, may_break


def _lines(shown: str) -> list[str]:
    return [line for one in shown.split("\n") if (line := text.squeeze(text.body(one)))]


def _lined(shown: str) -> str:
    return " / ".join(_lines(shown.replace(_LEAD[3:-4], "…")))


def _batches(trees: Iterator[markup.Nodes]) -> Iterator[list[markup.Nodes]]:
    while batch := list(islice(trees, BATCH)):
        yield batch


def main() -> int:
    parser = argparse.ArgumentParser(description="What Chromium shows, and what the post says.")
    parser.add_argument("--bodies", default=",".join(KINDS), help="of " + ", ".join(KINDS))
    parser.add_argument("--stories", type=Path, help="a file of stories, gzipped JSON lines")
    parser.add_argument("--count", type=int, default=2000, help="how many are generated")
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--most", type=int, default=20, help="how many are made smaller")
    args = parser.parse_args()
    known = known_differences()
    became: Counter[str] = Counter()
    found: dict[str, Difference] = {}
    times: Counter[str] = Counter()
    with browser() as chrome:
        kinds = [bodies_of(kind, args.count, args.seed) for kind in args.bodies.split(",")]
        if args.stories:
            kinds.append(stories(args.stories))
        different = list(chrome.differences(chain.from_iterable(kinds), known, became))
        for difference in different[: args.most]:
            least = chrome.smallest(difference, known)
            found.setdefault(f"{least.kind} {_form(least.body.html)}", least)
            times[f"{least.kind} {_form(least.body.html)}"] += 1
        gone = no_longer(chrome, known)
    print(", ".join(f"{count} {what}" for what, count in sorted(became.items())))
    print(f"{len(different)} differ, {len(known)} differences listed")
    for form, count in times.most_common():
        print(f"{count} times: {found[form]}")
    for name in gone:
        print(f"listed, and occurs no more: {name}")
    return 1 if different or gone else 0


def _form(html: str) -> str:
    """A body without its words."""
    return re.sub(r"[^<>]+(?=<|$)", "…", re.sub(r'(src|alt)="[^"]*"', r"\1", html))


if __name__ == "__main__":
    sys.exit(main())
