"""Stories that become durable together, and then known in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zaobao.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from zaobao.archive.linefile import LineFile
    from zaobao.archive.record import Record
    from zaobao.archive.state import State

    Done = Callable[[ArchiveError | None], None]

MOST = 64
"""Stories from which on a larger group costs hardly less for each."""


class Group:
    """The stories that are waiting to be kept. Nothing of one is on the disk before `close`.

    `close` appends all lines and syncs them, writes all posts and syncs them, then
    commits. After a crash in between, the lines that are there lead to their posts
    (`recovery`), and a story whose line is not there is not known: it is read again.

    The rows stand in a transaction that the first story of a group opens, so the
    state gives a waiting story as known, and its names as taken. Whatever else is
    stored meanwhile becomes durable with the group.
    """

    def __init__(
        self,
        lines: LineFile,
        write_posts: Callable[[Mapping[str, bytes]], None],
        state: State,
    ) -> None:
        """write_posts: makes posts durable, by their files (`_posts/…`)."""
        self._file, self._write_posts, self._state = lines, write_posts, state
        self._reset()

    def _reset(self) -> None:
        self._lines = bytearray()
        self._posts: dict[str, bytes] = {}
        self._done: list[Done] = []
        self.size = 0
        """Bytes of the waiting lines and posts."""

    def __len__(self) -> int:
        """How many stories wait."""
        return len(self._done)

    def __contains__(self, file: str) -> bool:
        """Whether the post `file` (`_posts/…`) waits to be written."""
        return file in self._posts

    def add(
        self,
        record: Record,
        line: bytes = b"",
        posts: Mapping[str, bytes] | None = None,
        files: Sequence[str] = (),
        done: Done = lambda _error: None,
    ) -> None:
        """Let a story wait.

        line, posts: what is to be written of it; posts by their files. files: as of
        `State.remember`. done: is called once the story is durable and known, or with the
        error for which it is not.
        ArchiveError: the state cannot be written; then the whole group has failed.
        """
        try:
            if not self._done:
                self._state.begin()
            self._state.remember(record, files=files)
        except ArchiveError as error:
            self._fail(error)
            raise
        self._done.append(done)
        self._lines += line
        self._posts |= posts or {}
        self.size += len(line) + sum(map(len, (posts or {}).values()))

    def close(self) -> None:
        """Make all that waits durable, then known.

        ArchiveError: nothing of it is known, and nothing more is stored by this run.
        """
        if not self._done:
            return
        try:
            if self._lines:
                self._file.append(bytes(self._lines))
            if self._posts:
                self._write_posts(self._posts)
            if self._lines and self._state.length is not None:
                self._state.length = self._file.length
            self._state.commit()
        except BaseException as error:
            # Whatever it was, those who wait are told.
            self._fail(error if isinstance(error, ArchiveError) else ArchiveError(repr(error)))
            raise
        self._tell(None)

    def _fail(self, error: ArchiveError) -> None:
        """Forget what waits, the state too."""
        self._state.refuse(error)
        self._tell(error)

    def _tell(self, error: ArchiveError | None) -> None:
        done = self._done
        self._reset()
        for one in done:
            one(error)
