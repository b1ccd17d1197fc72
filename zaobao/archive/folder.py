"""The output folder: every path below it, its lock, and the discipline of writing there.

The order for one story is: `append` (the line), `write_post`, then
`State.remember`. Each is durable when its call returns.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from zaobao.archive import disk
from zaobao.archive.keptpages import KeptPages, checked
from zaobao.archive.linefile import LineFile
from zaobao.archive.lock import Lock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import TracebackType

POSTS = "_posts"
REPORTS_KEPT = 200
"""How many reports stay in `runs/`."""

FOLDERS = (POSTS, "revisions", "quarantine", "runs", ".tmp")
"""The folders that every archive has; `raw/` comes with its first page."""


class Archive(KeptPages):
    """An open output folder; no other run can write there until `close`.

    Every method may raise ArchiveError: the folder cannot be written; what was
    written before is whole.
    """

    def __init__(self, folder: Path, command: str) -> None:
        """Take the lock, make the folders, sweep `.tmp/`, cut a torn line, install the site.

        command: what this run is, for the message of a second one. ArchiveError
        also when another run holds the lock.
        """
        self.folder = folder.absolute()
        self._temporary = self.folder / ".tmp"
        with disk.guard(self.folder, "Making"):
            self.folder.mkdir(parents=True, exist_ok=True)
        self._lock = Lock(self.folder / ".lock", command)
        try:
            self._make_folders()
            if not self.has_post("_config.yml"):
                from zaobao.archive import sitefiles  # only for a new folder

                sitefiles.install(self.folder, self._temporary)
            self._lines = LineFile(self.folder / "articles.jsonl")
        except BaseException:
            self._lock.release()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let the next run in. It can be called twice."""
        self._lines.close()
        self._lock.release()

    # --- articles.jsonl

    @property
    def length(self) -> int:
        """Bytes in articles.jsonl; every line up to there is whole."""
        return self._lines.length

    def append(self, lines: bytes) -> int:
        """Add one whole line, or several, in one write; the file's new length."""
        return self._lines.append(lines)

    def replace_lines(self, parts: Mapping[int, tuple[int, bytes]]) -> int:
        """Put other lines in place of some (start → end, bytes), in one step; the new length."""
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

    # --- posts

    @property
    def state_path(self) -> Path:
        return self.folder / "state.sqlite"

    @property
    def posts(self) -> Path:
        return self.folder / POSTS

    def write_post(self, name: str, data: bytes) -> str:
        """Put the post `_posts/<name>` there in one step; its path relative to the folder."""
        disk.replace(self.posts, name, data, self._temporary)
        return f"{POSTS}/{name}"

    def read_post(self, file: str) -> bytes | None:
        """The bytes of the post `file` (`_posts/…`, as in a line); None when there is none."""
        folder, _, name = file.partition("/")
        if folder != POSTS:
            raise ValueError(f"{file!r} is not below {POSTS}/")
        return disk.read(self.posts / disk.local(disk.check_name(name)))

    def has_post(self, file: str) -> bool:
        """Whether something, also a link or a folder, stands at `file` (`_posts/…`)."""
        return os.path.lexists(self.folder / disk.local(file))

    def post_files(self) -> list[str]:
        """Every Markdown file in `_posts/`, as `_posts/…`, sorted."""
        with disk.guard(self.posts, "Listing"), os.scandir(self.posts) as entries:
            names = [
                disk.utf8(entry.name) for entry in entries if entry.is_file(follow_symlinks=False)
            ]
        return sorted(
            f"{POSTS}/{name}"
            for name in names
            if name.endswith((".md", ".markdown")) and not name.startswith(".")
        )

    # --- earlier texts, reports

    def write_revision(self, story_id: str, revision: int, data: bytes) -> str:
        """Keep the post's bytes of an earlier revision: `revisions/<id>/<revision>.md`."""
        folder = self.folder / "revisions" / checked(story_id)
        disk.make_folder(folder)
        disk.replace(folder, f"{revision}.md", data, self._temporary)
        return f"revisions/{story_id}/{revision}.md"

    def read_revision(self, story_id: str, revision: int) -> bytes | None:
        return disk.read(self.folder / "revisions" / checked(story_id) / f"{revision}.md")

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
