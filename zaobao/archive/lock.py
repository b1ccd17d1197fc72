"""One run at a time on one output folder."""

from __future__ import annotations

import fcntl
import json
import os
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from zaobao.archive.disk import guard
from zaobao.errors import ArchiveError

LABELLED = 1.0
"""Seconds in which a run that has taken the lock has written who it is."""


class Lock:
    """The lock on an output folder. It ends with its process, however that ends."""

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
        """Who holds the lock, by its label.

        For a moment after a run took the lock, the file still has the last one's label or none.
        """
        end = time.monotonic() + LABELLED
        while True:
            label, process = _label(os.pread(self._descriptor, 4096, 0))
            if _lives(process) or time.monotonic() > end:
                return label
            time.sleep(0.01)

    def release(self) -> None:
        """Release the lock. The file stays: removing it would let two runs in."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def holder(path: Path) -> str | None:
    """Who holds the lock at `path`, without taking it; None for nobody.

    Linux lists its locks. Elsewhere the process that wrote the label tells, if it
    still lives.
    """
    try:
        label, process = _label(path.read_bytes())
        at = path.stat()
    except FileNotFoundError:
        return None
    try:
        listed = [line.split() for line in Path("/proc/locks").read_text("ascii").splitlines()]
    except OSError:
        return label if _lives(process) else None
    device = f"{os.major(at.st_dev):02x}:{os.minor(at.st_dev):02x}"
    for _, kind, _, _, pid, place, *_ in listed:
        where, _, inode = place.rpartition(":")
        # On some file systems the device that is listed is another than the file's.
        if kind == "FLOCK" and inode == str(at.st_ino) and (where == device or pid == str(process)):
            return label
    return None


def _label(data: bytes) -> tuple[str, int]:
    try:
        wrote = json.loads(data)
        process = int(wrote["pid"])
        return f"process {process} ({wrote['command']}, since {wrote['started']})", process
    except (ValueError, KeyError, TypeError):
        return "another run that is just starting", 0


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return process > 0
