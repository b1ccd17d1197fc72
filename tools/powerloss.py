"""A crawl whose machine loses power, and what is left of the archive.

    python -m tools.powerloss --cuts 1000

A first run and one with edits are traced once by strace, with all that they write,
sync, rename and remove in the output folder. For many moments of that log the folder
is built as a disk may have it: what was synced by then is there. Of what was not, nothing
is there in one image; in the other a part: some writes, the start of one, some
of its blocks, some names. What must be true of each image, before and after the next start
of a run, is in `Losses.verify`. `--seed` repeats the chosen moments.

    python -m tools.powerloss --without _posts

shows that the tool sees a sync that is missing: it leaves all of this file or folder out of the
log, and looks at the moments at which stories are told as written.
"""

from __future__ import annotations

import argparse
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from demo.newspaper import Newspaper
from demo.server import Served, serve
from tests.support.archive import PATIENCE, Archive
from tests.support.chain import options
from tests.support.clock import fresh_paper
from tests.support.whole import check, holds, rows, whole_lines
from zaobao.archive.recovery import open_archive
from zaobao.urls import number_in

BULK = 60
"""Generated stories beside the paper's own: together more than one group."""
EDITED = 12
FIRST = ("crawl", "realtime", "-a", "pages=40")
AGAIN = (*FIRST, "-a", "refresh=200000")

CALLS = (
    *("openat", "mkdir", "write", "pwrite64", "fsync", "fdatasync", "syncfs", "ftruncate"),
    *("rename", "renameat", "renameat2", "unlink", "unlinkat", "rmdir", "close"),
)
SYNCS = ("fsync", "fdatasync", "syncfs")
BLOCK = 4096
_SHARED = "-shm"
"""SQLite's memory that processes share; it is built again from the log of writes."""
_CALL = re.compile(r"(\w+)\((.*)\) += (-?\d+)(?:<(.*)>)?")
_STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(?:\.\.\.)?')
_PATH = re.compile(r"(?:AT_FDCWD|\d+)<([^>]*)>")
_WRITTEN = re.compile(rb" (\d{8}-\d+) (?:written|edited, revision \d+,|rewritten \S+ \S+ \S+ \S+) ")


@dataclass(frozen=True)
class Call:
    """A call of the log. path: below the output folder, "" for that itself; None: elsewhere."""

    name: str
    path: str | None = None
    other: str | None = None  # the new name of a rename
    data: bytes = b""
    offset: int | None = None  # None: at the end
    flags: frozenset[str] = frozenset()
    said: tuple[str, ...] = ()  # ids of stories that the log told as written


# --- the log of a run


def trace(archive: Archive, arguments: tuple[str, ...], folder: Path) -> list[Call]:
    """Run a command under strace; the calls that matter, in their order."""
    log, said = folder / "trace", folder / "said"
    traced = ["strace", "-f", "--seccomp-bpf", "-qqq", "-xx", "-y", "-s", str(1 << 26)]
    traced += ["-e", "signal=none", "-o", str(log), "-e", "trace=" + ",".join(CALLS)]
    with said.open("wb") as file:
        done = subprocess.run(
            [*traced, *archive.command(*arguments, *archive.fast())],
            **archive.where() | {"stderr": file},
            timeout=PATIENCE,
            check=False,
        )
    assert done.returncode in (0, 3), said.read_text()
    with log.open(encoding="ascii") as lines:
        return list(_calls(lines, str(archive.folder), str(said)))


def _calls(lines: Iterator[str], output: str, said: str) -> Iterator[Call]:
    begun: dict[str, str] = {}
    places: dict[str, int | None] = {}
    """By descriptor, where the next write of a file goes; None: at its end."""
    for line in lines:
        process, _, text = line.rstrip("\n").partition(" ")
        text = text.strip()
        if text.endswith("<unfinished ...>"):
            begun[process] = text.removesuffix("<unfinished ...>")
            continue
        if text.startswith("<... "):
            text = begun.pop(process) + text.partition("resumed>")[2]
        if found := _CALL.fullmatch(text):
            yield from _call(*found.groups(), output, said, places)


def _call(
    name: str,
    arguments: str,
    result: str,
    opened: str | None,
    output: str,
    said: str,
    places: dict[str, int | None],
) -> Iterator[Call]:
    if int(result) < 0:
        return
    given = [_text(one) for one in _STRING.findall(arguments)]
    path = _decoded(found[1]) if (found := _PATH.match(arguments)) else ""
    descriptor = arguments.partition("<")[0]
    if name == "close":
        places.pop(descriptor, None)
        return
    if name == "write" and path == said:
        ids = tuple(one.decode() for one in _WRITTEN.findall(given[0]))
        if ids:
            yield Call("said", said=ids)
        return
    if name == "openat":
        flags = frozenset(arguments.rpartition('"')[2].split(",")[1].strip().split("|"))
        path = _decoded(opened or "")
        places[result] = None if "O_APPEND" in flags else 0
        if (inside := _below(path, output)) is not None and flags & {"O_CREAT", "O_TRUNC"}:
            yield Call(name, inside, flags=flags)
        return
    if name in ("mkdir", "unlink", "rmdir", "unlinkat"):
        inside = _below(_join(path if name == "unlinkat" else "", given[0]), output)
        if inside is not None:
            yield Call("unlink" if name.startswith("unlink") else name, inside)
        return
    if name.startswith("rename"):
        folders = [_decoded(one) for one in _PATH.findall(arguments)] or ["", ""]
        old, new = (_below(_join(f, p), output) for f, p in zip(folders, given, strict=True))
        if old is not None or new is not None:
            yield Call("rename", old, new)
        return
    inside = _below(path, output)
    if inside is None:
        return
    if name == "write":
        data, at = given[0][: int(result)], places.get(descriptor, 0)
        if at is not None:
            places[descriptor] = at + len(data)
        yield Call("write", inside, data=data, offset=at)
    elif name == "pwrite64":
        at = int(arguments.rpartition(", ")[2])
        yield Call("write", inside, data=given[0][: int(result)], offset=at)
    elif name == "ftruncate":
        yield Call(name, inside, offset=int(arguments.rpartition(", ")[2]))
    else:
        yield Call(name, inside)


def _text(quoted: str) -> bytes:
    return bytes.fromhex(quoted.replace("\\x", ""))


def _decoded(path: str) -> str:
    return _text(path).decode("utf-8", "surrogateescape")


def _join(folder: str, name: bytes) -> str:
    return str(PurePosixPath(folder, name.decode("utf-8", "surrogateescape")))


def _below(path: str, output: str) -> str | None:
    if path == output:
        return ""
    return path.removeprefix(f"{output}/") if path.startswith(f"{output}/") else None


# --- a disk


@dataclass(eq=False)
class File:
    """What is synced of a file, and what was done to it since: (offset, bytes), or a new size."""

    synced: bytearray = field(default_factory=bytearray)
    size: int = 0
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)

    def write(self, offset: int | None, data: bytes) -> None:
        offset = self.size if offset is None else offset
        self.pending.append((offset, data))
        self.size = max(self.size, offset + len(data))

    def truncate(self, size: int) -> None:
        self.pending.append((size, None))
        self.size = size

    def sync(self) -> None:
        for offset, data in self.pending:
            _apply(self.synced, offset, data)
        self.pending.clear()

    def partly(self, rng: random.Random) -> bytes:
        """With a part of what was not synced."""
        content, how = bytearray(self.synced), rng.randrange(4)
        kept = self.pending[: rng.randint(0, len(self.pending))] if how else self.pending
        for n, (offset, data) in enumerate(kept):
            if data is None or how < 2:
                _apply(content, offset, data)
            elif how == 2:  # the last one is torn
                end = rng.randint(0, len(data)) if n == len(kept) - 1 else len(data)
                _apply(content, offset, data[:end])
            else:  # some blocks of it are missing
                for at in range(0, len(data), BLOCK):
                    if rng.random() < 0.5:
                        _apply(content, offset + at, data[at : at + BLOCK])
        return bytes(content)


def _apply(content: bytearray, offset: int, data: bytes | None) -> None:
    if data is None:
        del content[offset:]
    content.extend(bytes(max(0, offset - len(content))))
    if data is not None:
        content[offset : offset + len(data)] = data


Names = dict[str, File | None]
"""By path, the files; None: a folder."""


@dataclass(frozen=True)
class Change:
    """Of names: old ones that go, a new one that comes. Durable with the folder of any of them."""

    gone: str | None = None
    made: str | None = None
    file: File | None = None

    def apply(self, names: Names) -> None:
        if self.gone is not None:
            names.pop(self.gone, None)
        if self.made is not None:
            names[self.made] = self.file

    def is_in(self, folder: str) -> bool:
        return any(
            one is not None and one.rpartition("/")[0] == folder for one in (self.gone, self.made)
        )


@dataclass
class Disk:
    """The output folder as processes see it (`names`), and as it is on the disk."""

    names: Names = field(default_factory=dict)
    synced: Names = field(default_factory=dict)
    pending: list[Change] = field(default_factory=list)
    said: set[str] = field(default_factory=set)
    """Numbers of the stories that the log has told as written."""

    def do(self, call: Call) -> None:
        if call.name == "said":
            self.said |= {number_in(story) for story in call.said}
        elif call.name == "syncfs":
            self._sync_all()
        elif call.name in SYNCS:
            self._sync(call.path)
        elif call.name == "rename":
            self._change(Change(call.path, call.other, self.names.get(call.path or "")))
        elif call.name in ("unlink", "rmdir"):
            self._change(Change(gone=call.path))
        elif (call.name == "mkdir" or call.path not in self.names) and call.path:
            made = None if call.name == "mkdir" else File()
            self._change(Change(made=call.path, file=made))
        if call.name in ("openat", "write", "ftruncate"):
            file = self.names.get(call.path or "")
            assert file is not None, call
            if call.name == "write":
                file.write(call.offset, call.data)
            elif call.name == "ftruncate" or "O_TRUNC" in call.flags:
                file.truncate(call.offset or 0)

    def _change(self, change: Change) -> None:
        change.apply(self.names)
        self.pending.append(change)

    def _sync(self, path: str | None) -> None:
        file = self.names.get(path or "")
        if file is not None:
            file.sync()
            return
        waiting, self.pending = self.pending, []
        for change in waiting:
            if change.is_in(path or ""):
                change.apply(self.synced)
            else:
                self.pending.append(change)

    def _sync_all(self) -> None:
        for file in self.names.values():
            if file is not None:
                file.sync()
        for change in self.pending:
            change.apply(self.synced)
        self.pending.clear()

    def without(self) -> dict[str, bytes | None]:
        """What is there when nothing is that was not synced."""
        return {name: file and bytes(file.synced) for name, file in self.synced.items()}

    def partly(self, rng: random.Random) -> dict[str, bytes | None]:
        """What is there when a part of that is, too."""
        names, share = dict(self.synced), rng.choice((0.5, 1.0))
        for change in self.pending:
            if rng.random() < share:
                change.apply(names)
        return {name: file and file.partly(rng) for name, file in names.items()}


# --- what is left


@dataclass
class Losses:
    """The log of one archive, and moments in it at which the power goes."""

    folder: Path
    done: Counter[str] = field(default_factory=Counter)
    calls: list[Call] = field(default_factory=list)

    def record(self, served: Served, edit: Callable[[], None]) -> None:
        """Crawl, edit some stories, crawl again; the log of both."""
        archive = Archive(self.folder / "traced", served.origin)
        self.calls += trace(archive, FIRST, self.folder)
        edit()
        self.calls += trace(archive, AGAIN, self.folder)
        self.done["calls"] = len(self.calls)
        self.done["syncs"] = sum(call.name in SYNCS for call in self.calls)
        shutil.rmtree(archive.folder)

    def run(self, cuts: int, rng: random.Random, crawls: Callable[[Archive], None]) -> None:
        """Cut the power at so many moments; AssertionError when an image is not as it must be.

        Half of the moments are right before, at and after a sync. crawls: what a
        last run has to show of one image in fifty.
        """
        syncs = [n for n, call in enumerate(self.calls) if call.name in SYNCS]
        chosen = [min(len(self.calls), rng.choice(syncs) + rng.randint(0, 2)) for _ in range(cuts)]
        chosen[::2] = [rng.randint(1, len(self.calls)) for _ in chosen[::2]]
        disk, at = Disk(), 0
        for n, cut in enumerate(sorted(chosen)):
            for call in self.calls[at:cut]:
                disk.do(call)
            at = cut
            for how in ("without", "partly"):
                files = disk.without() if how == "without" else disk.partly(rng)
                try:
                    self.verify(files, disk.said, crawls if n % 50 == 49 else None)
                except Exception as error:
                    last = self.calls[max(0, cut - 5) : cut]
                    error.add_note(
                        f"cut {cut} of {len(self.calls)}, {how}; before it: " + str(last)
                    )
                    raise
                self.done[how] += 1
            print(f"\r{n + 1} cuts", end="", file=sys.stderr, flush=True)
        print(file=sys.stderr)

    def verify(
        self,
        files: dict[str, bytes | None],
        said: set[str],
        crawls: Callable[[Archive], None] | None = None,
    ) -> None:
        """AssertionError when an image is not as it must be. said: as of `Disk`."""
        archive = Archive(self.folder / "image", "")
        shutil.rmtree(archive.folder, ignore_errors=True)
        _build(archive.folder, files)
        check(archive, {})
        known = {n for (n,) in rows(archive, "SELECT number FROM stories WHERE status = 'written'")}
        assert said <= known, (said - known, "were told as written and are not known")
        open_archive(options(ZAOBAO_OUTPUT=str(archive.folder)), "x").close()
        if (archive.folder / "articles.jsonl").stat().st_size:
            versions = whole_lines(archive)
            assert known <= versions.keys(), (known - versions.keys(), "have no line")
            holds(archive, set(versions))
            self.done["stories"] += len(versions)
        if crawls:
            crawls(archive)
            self.done["crawls"] += 1


def _build(folder: Path, files: dict[str, bytes | None]) -> None:
    """Write an image. What stands in a folder that is not there is not there."""
    folder.mkdir()
    for name, data in sorted(files.items()):
        path = folder / name
        if name.endswith(_SHARED) or not path.parent.is_dir():
            continue
        if data is None:
            path.mkdir()
        else:
            path.write_bytes(data)


# --- the newspaper


@dataclass
class Edition:
    """A newspaper between the two runs: some stories come, some are edited."""

    served: Served
    rng: random.Random

    def __post_init__(self) -> None:
        listed = [one for one in self.served.paper.listed("china") if one.status == 200]
        self.later = self.rng.sample(listed, min(EDITED, len(listed)))
        for story in self.later:
            story.listed = False

    def edit(self) -> None:
        for story in self.later:
            story.listed = True
        free = [one for one in self.served.paper.listed("china") if one.access == "free"]
        others = [one for one in free if one.status == 200 and one not in self.later]
        for story in self.rng.sample(others, min(EDITED, len(others))):
            story.title = "第2版：" + story.title
            story.body += f"\n<p>后来加上的一段，说的是{story.title}。</p>"

    def crawl(self, image: Archive) -> None:
        """What a next run makes of an image: all of the list, and nothing lost on the way."""
        before = whole_lines(image).keys() if image.lines else set()
        archive = Archive(image.folder, self.served.origin)
        done = archive.scrapy(*FIRST, *archive.fast())
        assert done.returncode in (0, 3), done.stderr
        paper = self.served.paper
        listed = {one.number for one in paper.listed("china") if one.status == 200}
        assert before | listed <= archive.by_number.keys()
        holds(archive, {*archive.by_number})


def lose(folder: Path, cuts: int, rng: random.Random, paper: Newspaper) -> Losses:
    """Record the runs and cut the power so many times."""
    with serve(paper) as served:
        edition, losses = Edition(served, rng), Losses(folder)
        losses.record(served, edition.edit)
        losses.run(cuts, rng, edition.crawl)
    return losses


def without(losses: Losses, path: str, folder: Path) -> Iterator[str]:
    """What is wrong at the moments at which stories are told as written, when every sync of `path`
    and of what is in it is left out.

    Not at each of these moments: a `syncfs` for other stories makes up for the one of a file.
    """
    is_in = f"{path}/"
    calls = [
        one for one in losses.calls if one.name not in SYNCS or not f"{one.path}/".startswith(is_in)
    ]
    assert len(calls) < len(losses.calls), f"{path} is never synced"
    unsynced, disk = Losses(folder, calls=calls), Disk()
    for call in calls:
        disk.do(call)
        if call.said:
            try:
                unsynced.verify(disk.without(), disk.said)
            except AssertionError as error:
                yield str(error)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.powerloss")
    parser.add_argument("--cuts", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--without", metavar="PATH", help="leave out its syncs; must be seen")
    given = parser.parse_args()
    print(f"seed {given.seed}", file=sys.stderr)
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="zaobao-powerloss-"))
    cuts = 0 if given.without else given.cuts
    losses = lose(folder, cuts, random.Random(given.seed), fresh_paper(bulk=BULK))
    seen = [*without(losses, given.without, folder)] if given.without else []
    shutil.rmtree(folder)
    if given.without:
        print(f"{len(seen)} of {sum(bool(call.said) for call in losses.calls)} moments are wrong")
        print(*(line[:200] for line in seen[:1]))
        sys.exit(not seen)
    print(f"{time.monotonic() - began:.0f} s")
    for name, count in losses.done.items():
        print(f"{count:6} {name}")


if __name__ == "__main__":
    main()
