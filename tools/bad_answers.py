"""Each bad answer, asked by a real `scrapy crawl`, and what came of it.

    python -m tools.bad_answers [NAME …]

prints a Markdown table. For a row, the bundled newspaper has three stories, the
second of which is answered badly (for some rows robots.txt or the list, or all
three), and `scrapy crawl realtime` reads it in a child process. `crawl_all` asks for
all bad answers to stories in one crawl.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import tempfile
from contextlib import closing
from dataclasses import dataclass
from email.utils import formatdate
from itertools import pairwise
from pathlib import Path
from time import time
from typing import TYPE_CHECKING

from demo.newspaper import Newspaper
from tests.support.archive import Archive
from tests.support.behaviours import BEHAVIOURS, BOMBS, CHALLENGE
from tests.support.chain import file_name, post, read
from tests.support.clock import fresh_paper
from tests.support.fault_server import ROBOTS, Server, html, reply

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.support.behaviours import Behaviour
    from tests.support.fault_server import Answer

LIST = "/realtime/china"
TIMEOUT, BUSY_TIMEOUT = 2, 4
"""Seconds that an answer may take: of a few, and of many that come at once, some of which are
seconds of work for a busy machine and hold up the others."""


def wait(seconds: int, status: str = "429 Slow") -> Answer:
    """Busy at the first request, with that wish; whole after that."""
    return lambda a, c: c.sendall(
        reply(b"", status, f"Retry-After: {seconds}") if a.times == 1 else WHOLE[a.path]
    )


def wait_until(seconds: int) -> Answer:
    """As `wait`, with the wish as a date."""

    def answer(asked, connection):
        date = formatdate(time() + seconds, usegmt=True)
        busy = reply(b"", "503 Busy", f"Retry-After: {date}", f"Date: {formatdate(usegmt=True)}")
        connection.sendall(busy if asked.times == 1 else WHOLE[asked.path])

    return answer


def half(answer: bytes) -> bytes:
    body = answer.partition(b"\r\n\r\n")[2]
    return body[: len(body) // 2]


WHOLE: dict[str, bytes] = {}
"""The whole answers by path, for those that come in the end."""
BUSY = reply(b"", "429 Slow", "Retry-After: 3600")
BLOCKS = {
    "403": reply(html("no"), "403 Forbidden"),
    "451": reply(html("no"), "451 Unavailable"),
    "challenge": reply(CHALLENGE),
    "challenge-503": reply(CHALLENGE, "503 Service Temporarily Unavailable"),
    "retry-after-3600": BUSY,
}
HOST: dict[str, dict[str, bytes | Answer]] = {
    # name: what robots.txt, the list and the stories (0, 1, 2) answer in place of the whole.
    **{f"robots-{name}": {"robots": answer} for name, answer in BLOCKS.items()},
    **{f"list-{name}": {"list": answer} for name, answer in BLOCKS.items()},
    **{f"three-{name}": dict.fromkeys("012", answer) for name, answer in BLOCKS.items()},
    **{f"one-{name}": {"1": answer} for name, answer in BLOCKS.items()},
    "robots-html": {"robots": reply(html("<h1>联合早报</h1>"))},
    "robots-500": {"robots": reply(b"", "500 Oops")},
    "robots-404": {"robots": reply(html("no"), "404 Not Found")},
    "robots-forbids-stories": {"robots": reply(b"User-agent: *\nDisallow: /*/story\n")},
    "robots-forbids-list": {"robots": reply(b"User-agent: *\nDisallow: /realtime/china$\n")},
    "list-cut": {"list": lambda _, c: c.sendall(reply(half(WHOLE[LIST])))},
    "list-500": {"list": reply(b"", "500 Oops")},
    "list-login-wall": {"list": reply(html("<input type=password>", "登录"))},
    "list-maintenance": {"list": reply(html("<h1>系统维护中</h1>", "系统维护中 | 联合早报"))},
    "list-to-inner": {"list": BEHAVIOURS["2-inner"](b"", "127.0.0.1:1")},
    "34-503-retry-after-3600": {"1": reply(b"", "503 Busy", "Retry-After: 3600")},
    "429-retry-after-2": {"1": wait(2)},
    "503-retry-after-date": {"1": wait_until(3)},
}


@dataclass
class Row:
    """What one crawl came to."""

    name: str
    asked: list[str]
    gaps: list[float]
    inner: int
    posts: dict[str, bytes]
    whole: dict[str, bytes]
    reasons: dict[str, str]
    exit_code: int
    log: str
    numbers: list[str]
    agents: set[str]
    cookies: int

    def has(self, number: str) -> bool:
        """Whether the story's post is there, whole."""
        name = next((n for n, data in self.whole.items() if number.encode() in data), None)
        return name is not None and self.posts.get(name) == self.whole[name]

    @property
    def short(self) -> int:
        """Posts that are not the very bytes of the whole story's."""
        return sum(self.whole.get(name) != data for name, data in self.posts.items())

    @property
    def came(self) -> str:
        return ", ".join(f"{n}: {self.reasons[number]}" for n, number in enumerate(self.numbers))


def newspaper(count: int, bulk: int = 0) -> tuple[Newspaper, list[str]]:
    """A newspaper of a few plain stories, and their paths as the list has them."""
    paper = fresh_paper(bulk=bulk)
    paper.specials = False
    china = paper.listed("china")
    plain = [s for s in china if not s.quirks and s.status == 200 and not s.mirrors][:count]
    for story in china:
        if story not in plain:
            del paper.stories[story.number]
    return paper, [story.path for story in plain]


def page(paper: Newspaper, path: str) -> bytes:
    body = paper.answer("GET", path, {}).body
    return body if isinstance(body, bytes) else body.encode()


def crawl_row(name: str, folder: Path, *arguments: str) -> Row:
    """One crawl of three stories under the behaviour `name`."""
    paper, paths = newspaper(3)
    pages = {path: page(paper, path) for path in (LIST, *paths)}
    WHOLE.update({path: reply(body) for path, body in pages.items()})
    with Server({}) as inner:
        answers: dict[str, bytes | Answer] = {path: WHOLE[path] for path in pages}
        robots: bytes | Answer = reply(ROBOTS, "200 OK", "Content-Type: text/plain")
        if name in HOST:
            given = HOST[name]
            robots = given.get("robots", robots)
            answers[LIST] = given.get("list", answers[LIST])
            answers |= {paths[int(n)]: answer for n, answer in given.items() if n.isdigit()}
        else:
            make = BEHAVIOURS.get(name) or (lambda *_: BOMBS[name])
            answers[paths[1]] = make(pages[paths[1]], f"127.0.0.1:{inner.port}")
        with Server(answers, robots, default=reply(html("no"), "404 Not Found")) as server:
            archive = Archive(folder / "bad", server.origin)
            arguments = ("realtime", "-a", "pages=1", f"-sDOWNLOAD_TIMEOUT={TIMEOUT}", *arguments)
            done = archive.crawl(*arguments)
        return row(name, archive, done, server, len(inner.hits), whole_posts(paper, paths), paths)


def whole_posts(paper: Newspaper, paths: list[str]) -> dict[str, bytes]:
    """What the posts are when nothing is wrong, made without a crawl."""
    found = {}
    for path in paths:
        article = read(page(paper, path), f"https://www.zaobao.com{path}", paper.now)
        found[file_name(article)] = post(article)
    return found


def row(name, archive, done, server, inner, whole, paths) -> Row:
    hits = server.hits
    numbers = [path.rpartition("-")[2] for path in paths]
    return Row(
        name,
        server.paths(robots=True),
        [after.at - before.at for before, after in pairwise(hits)],
        inner,
        archive.posts,
        whole,
        reasons(archive.folder, numbers),
        done.returncode,
        done.stderr,
        numbers,
        {hit.headers["user-agent"] for hit in hits},
        sum("cookie" in hit.headers for hit in hits),
    )


def reasons(folder: Path, numbers: list[str]) -> dict[str, str]:
    """By number: `post`, the reason why there is none, `due` or `unseen`."""
    found = dict.fromkeys(numbers, "unseen")
    if not (folder / "state.sqlite").exists():
        return found
    with closing(sqlite3.connect(folder / "state.sqlite")) as state:
        for number, status, reason in state.execute("SELECT number, status, reason FROM stories"):
            found[number] = "post" if status == "written" else reason or "due"
    return found


def crawl_all(folder: Path, behaviours: Mapping[str, Behaviour] = BEHAVIOURS) -> Row:
    """Every behaviour of a story at once: each has a story of its own."""
    paper, paths = newspaper(len(behaviours), bulk=12 * len(behaviours))
    assert len(paths) == len(behaviours)
    with Server({}) as inner:
        answers = {
            path: make(page(paper, path), f"127.0.0.1:{inner.port}")
            for make, path in zip(behaviours.values(), paths, strict=True)
        }
        with Server(answers, default=reply(html("no"), "404 Not Found")) as server:
            archive = Archive(folder / "all", server.origin)
            (folder / "urls").write_text("\n".join(server.origin + path for path in paths))
            many = [f"-sCONCURRENT_REQUESTS{name}=16" for name in ("", "_PER_DOMAIN")]
            done = archive.crawl(
                "stories",
                "-a",
                f"file={folder / 'urls'}",
                f"-sDOWNLOAD_TIMEOUT={BUSY_TIMEOUT}",
                *many,
            )
        return row("all", archive, done, server, len(inner.hits), whole_posts(paper, paths), paths)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="rows; all when none is given")
    names = parser.parse_args().names or [*BEHAVIOURS, *BOMBS, *HOST]
    write = sys.stdout.write
    write("| what the server does | requests | inner | stories 0, 1, 2 | short posts | exit |\n")
    write("|---|---|---|---|---|---|\n")
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            made = crawl_row(name, Path(folder))
        code = f"{made.exit_code}{' TRACEBACK' if 'Traceback' in made.log else ''}"
        cells = [name, len(made.asked), made.inner, made.came, made.short, code]
        write("| " + " | ".join(map(str, cells)) + " |\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
