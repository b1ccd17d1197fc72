"""One run at a time on one output folder."""

from __future__ import annotations

import fcntl
import json
import os
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from zaobao.archive.disk import guard
from zaobao.errors import ArchiveError

if TYPE_CHECKING:
    from pathlib import Path


class Lock:
    """The lock on an output folder. It goes with its process, however that ends."""

    def __init__(self, path: Path, command: str) -> None:
        """Take the lock at `path`; ArchiveError names the run that holds it.

        command: what this run is, as its user typed it, for the other's message.
        """
        with guard(path, "Locking"):
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
            self._descriptor = os.open(path, flags, 0o666)
            try:
                self._take(path, command)
            except OSError:
                os.close(self._descriptor)
                raise

    def _take(self, path: Path, command: str) -> None:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ArchiveError(
                f"{path.parent} is in use by {self._holder()}. "
                "Nothing was changed. Wait for its end, or stop it."
            ) from None
        started = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        holder = {"pid": os.getpid(), "command": command, "started": started}
        # On a full disk the lock holds all the same; only its label is missing.
        with suppress(OSError):
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, json.dumps(holder, ensure_ascii=False).encode(), 0)

    def _holder(self) -> str:
        try:
            holder = json.loads(os.pread(self._descriptor, 4096, 0))
            return f"process {holder['pid']} ({holder['command']}, since {holder['started']})"
        except (ValueError, KeyError, TypeError):
            return "another run that is just starting"

    def release(self) -> None:
        """Give the folder free. The file stays: removing it would let two runs in."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
