"""The output folder: its paths, its lock, its state, and the order of writes.

The order for a story, or for a group of them: its line, its post, then its row in the state.
What is not in `group` is durable when its call returns.
"""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from zaobao.archive import disk
from zaobao.archive.exclusions import Exclusions
from zaobao.archive.group import Group
from zaobao.archive.linefile import LineFile
from zaobao.archive.lock import Lock
from zaobao.archive.quarantine import Quarantine
from zaobao.archive.spool import Spool
from zaobao.archive.state import State
from zaobao.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from importlib.resources.abc import Traversable

POSTS = "_posts"
REPORTS_KEPT = 200
"""How many reports stay in `runs/`."""

FOLDERS = (POSTS, "revisions", "quarantine", "runs", ".tmp")
"""The folders that every archive has; `raw/` comes with its first page."""
DOCTOR = ".doctor.sqlite"
"""What `scrapy doctor` has seen. It can be deleted; a withdrawal does so."""
_CONFIG = "_config.yml"


class Archive:
    """An open output folder; no other run can write there until `close`.

    state: what is known of each story. exclusions: the rules of exclude.txt, as
    they were at the start. quarantine: the pages that gave no story. group: the stories
    that become durable together; who adds to it closes it. Every method
    may raise ArchiveError: the folder cannot be written; what was written before
    is whole. `recovery.open_archive` opens one whose state fits its lines and posts.
    """

    def __init__(self, folder: Path, command: str) -> None:
        """Take the lock, make the folders, sweep `.tmp/`, cut a torn line, install the site.

        command: what this run is, for the message of a second one. ArchiveError
        also when another run holds the lock.
        """
        self.folder = folder.absolute()
        self._temporary = self.folder / ".tmp"
        self._broken: ArchiveError | None = None
        with disk.guard(self.folder, "Making"):
            self.folder.mkdir(parents=True, exist_ok=True)
        self._lock = Lock(self.folder / ".lock", command)
        try:
            self._make_folders()
            self._install_site()
            self.exclusions = Exclusions.read(self.folder)
            self.quarantine = Quarantine(self.folder / "quarantine", self._temporary)
            self._lines = LineFile(self.folder / "articles.jsonl")
            try:
                self.state = State(self.folder / "state.sqlite")
            except BaseException:
                self._lines.close()
                raise
            self.group = Group(self._lines, self.write_posts, self.state)
        except BaseException:
            self._lock.release()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the state and the lines and release the lock. May be called twice.

        A group that still waits is forgotten, as by a crash.
        """
        self.state.close()
        self._lines.close()
        self._lock.release()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Around each step of writing stories: lines, posts, rows in the state.

        When one fails, nothing more is written by this run: the next row
        would remember a length of articles.jsonl with a line in it whose story is
        not known, and the next run would write that line once more.
        """
        if self._broken:
            raise self._broken
        try:
            yield
        except ArchiveError as error:
            self._broken = error
            raise

    def close_group(self) -> None:
        """Make the stories that wait durable and known."""
        if len(self.group):
            with self.writing():
                self.group.close()

    # --- articles.jsonl

    @property
    def length(self) -> int:
        """Bytes in articles.jsonl; every line up to there is whole."""
        return self._lines.length

    def cut_hole(self, start: int) -> None:
        """Cut what a loss of power has left of lines from the byte `start` on, with a log line."""
        self._lines.cut_hole(start)

    def replace_lines(self, parts: Iterable[tuple[int, int, bytes]]) -> int:
        """Put other lines in place of some (start, end, bytes), in one step; the new length.

        They come in the order of their places.
        """
        return self._lines.replace(parts, self._temporary)

    def lines(self, start: int = 0) -> Iterator[tuple[int, dict[str, Any]]]:
        """Each line from the byte `start` on, with the length of the file up to its end.

        What is no JSON object is passed over with a log line.
        """
        return self._lines.read(start)

    def change_lines(self, changed: Callable[[int, bytes], bytes], start: int = 0) -> int:
        """Put other bytes in place of lines from `start` on, in one step; how many.

        changed: offset and bytes of a line, to its bytes; b"" takes it out.
        """
        return self._lines.change(changed, self._temporary, start)

    def find_lines(self, mark: bytes) -> Iterator[tuple[int, bytes]]:
        """The lines that `mark` stands in, each with its offset; others cost next to nothing."""
        return self._lines.find(mark)

    def spool(self, tables: str) -> Spool:
        """A place for what does not fit into memory. tables: what makes them, in SQL."""
        return Spool(self._temporary, tables)

    # --- posts

    @property
    def posts(self) -> Path:
        return self.folder / POSTS

    def write_post(self, file: str, data: bytes) -> None:
        """Put the post `file` (`_posts/…`, as in a line) there in one step."""
        self._settle(file)
        disk.replace(self.posts, _post_name(file), data, self._temporary)

    def write_posts(self, files: Mapping[str, bytes]) -> None:
        """Put several posts there, by their files; each is whole, and all are durable."""
        posts = {_post_name(file): data for file, data in files.items()}
        disk.replace_all(self.posts, posts, self._temporary)

    def read_post(self, file: str) -> bytes | None:
        """The bytes of the post `file` (`_posts/…`); None when there is none."""
        self._settle(file)
        return disk.read(self.posts / disk.local(disk.check_name(_post_name(file))))

    def _settle(self, file: str) -> None:
        """Write a post that waits before it is read or changed."""
        if file in self.group:
            self.close_group()

    def has_post(self, file: str) -> bool:
        """Whether something, also a link or a folder, stands at `file` (`_posts/…`)."""
        return os.path.lexists(f"{self.folder}/{disk.local(file)}")

    def is_taken(self, name: str) -> bool:
        """Whether a story has this name of a post or its URL, or something unknown is there."""
        file = f"{POSTS}/{name}"
        return self.state.owner(file) is not None or self.has_post(file)

    def post_files(self) -> list[str]:
        """Every Markdown file in `_posts/`, as `_posts/…`, sorted."""
        with disk.guard(self.posts, "Listing"), os.scandir(os.fsencode(self.posts)) as entries:
            names = [entry.name for entry in entries if entry.is_file(follow_symlinks=False)]
        return sorted(
            f"{POSTS}/{name.decode('utf-8', 'surrogateescape')}"
            for name in names
            if name.endswith((b".md", b".markdown")) and not name.startswith(b".")
        )

    # --- earlier texts, reports

    def write_revision(self, story_id: str, revision: int, data: bytes) -> str:
        """Keep the post's bytes of an earlier revision: `revisions/<id>/<revision>.md`."""
        folder = self.folder / "revisions" / disk.check_id(story_id)
        disk.make_folder(folder)
        disk.replace(folder, f"{revision}.md", data, self._temporary)
        return f"revisions/{story_id}/{revision}.md"

    def revised(self) -> set[str]:
        """The ids of the stories that have earlier texts in `revisions/`."""
        with disk.guard(self.folder / "revisions", "Listing"):
            return {path.name for path in (self.folder / "revisions").iterdir()}

    def read_revision(self, story_id: str, revision: int) -> bytes | None:
        return disk.read(self.folder / "revisions" / disk.check_id(story_id) / f"{revision}.md")

    def write_report(self, name: str, data: bytes) -> None:
        """Put `runs/<name>` there and remove all but the newest, by name."""
        folder = self.folder / "runs"
        disk.replace(folder, name, data, self._temporary)
        with disk.guard(folder, "Tidying"):
            for old in sorted(path.name for path in folder.glob("*.json"))[:-REPORTS_KEPT]:
                (folder / old).unlink(missing_ok=True)

    def put(self, place: str, data: bytes) -> None:
        """Write a file of the site or a rule file: `exclude.txt`, `_data/audit.json`."""
        folder, _, name = place.rpartition("/")
        target = self.folder / folder if folder else self.folder
        disk.make_folder(target)
        disk.replace(target, name, data, self._temporary)

    # --- at the start

    def _make_folders(self) -> None:
        for name in FOLDERS:
            disk.make_folder(self.folder / name)
        with disk.guard(self._temporary, "Sweeping"), os.scandir(self._temporary) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    shutil.rmtree(entry.path)
                else:
                    Path(entry.path).unlink()

    def _install_site(self) -> None:
        """Put the files of `zaobao/site` into a folder that has none; never over one that is there.

        `_config.yml` is the last one: its presence says that the others are there.
        """
        if self.has_post(_CONFIG):
            return
        site = files("zaobao") / "site"
        self._install(site, self.folder)
        disk.replace(self.folder, _CONFIG, (site / _CONFIG).read_bytes(), self._temporary)

    def _install(self, source: Traversable, folder: Path) -> None:
        for entry in source.iterdir():
            target = folder / entry.name
            if entry.is_dir():
                if entry.name != "__pycache__":
                    disk.make_folder(target)
                    self._install(entry, target)
            elif entry.name != _CONFIG and not os.path.lexists(target):
                disk.replace(folder, entry.name, entry.read_bytes(), self._temporary)


def _post_name(file: str) -> str:
    folder, _, name = file.partition("/")
    if folder != POSTS:
        raise ValueError(f"{file!r} is not below {POSTS}/")
    return name
