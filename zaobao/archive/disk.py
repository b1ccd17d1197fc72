"""File writes that a crash cannot tear: either the old file or the new one is there, whole."""

from __future__ import annotations

import ctypes
import errno
import io
import itertools
import os
import re
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO

from zaobao.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

_HINTS = {
    errno.ENOSPC: "Make room on the disk and run again.",
    errno.EDQUOT: "Make room within the quota and run again.",
    errno.EROFS: "Make the file system writable, or set ZAOBAO_OUTPUT to another folder.",
    errno.EACCES: "Give this user the right to write there, or set ZAOBAO_OUTPUT.",
    errno.EPERM: "Give this user the right to write there, or set ZAOBAO_OUTPUT.",
    errno.EIO: "The disk may be failing: check it, then run again.",
    errno.EXDEV: "The whole output folder has to lie on one file system.",
    errno.ELOOP: "It is a symbolic link, and nothing is written through one: put a folder there.",
    errno.ENOTDIR: "A file or a link is where a folder has to be: move it away.",
}
_BLOCK = 1 << 17
"""Bytes that are copied or searched in one go: what the processor keeps close by."""
_MANY = 16
"""Files from which on one sync of the whole file system costs less than one for each."""
SETTLED = 2_000_000_000
"""Nanoseconds after which a file that changed cannot change again and keep its times: a tick of a
file system's clock, of FAT's two seconds."""
_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,99}")
_count = itertools.count(1)


@contextmanager
def guard(path: Path, doing: str) -> Iterator[None]:
    """Turn an OSError inside into an ArchiveError that names `path` and says what to do."""
    try:
        yield
    except ArchiveError:
        raise
    except OSError as error:
        raise trouble(error, path, doing) from error


def trouble(error: OSError, path: Path, doing: str) -> ArchiveError:
    """The error for the user: what happened, what was kept, what to do."""
    hint = _HINTS.get(error.errno or 0, "Mend that and run again.")
    what = error.strerror or str(error)
    return ArchiveError(f"{doing} {path}: {what}. What was written before it is whole. {hint}")


def local(name: str) -> str:
    """A file's name as this process has to give it to the system, so that UTF-8 stands on the disk.

    Python encodes a name by the locale. In one of GBK the name of a post would
    be GBK, and no other locale, git or Jekyll would find it. ArchiveError where
    the locale's encoding cannot carry the name's bytes.
    """
    data = name.encode("utf-8", "surrogateescape")
    found = os.fsdecode(data)
    if os.fsencode(found) != data:
        raise ArchiveError(
            f"The locale's encoding, {sys.getfilesystemencoding()}, cannot carry the UTF-8 name "
            f"{name!r}. Nothing was changed there. Set LC_ALL=C.UTF-8 and run again."
        )
    return found


def utf8(name: str) -> str:
    """The reverse of `local`: a name that the system gave, read as UTF-8 in every locale.

    Bytes that are no UTF-8 become lone surrogates, as in a locale of UTF-8.
    """
    return os.fsencode(name).decode("utf-8", "surrogateescape")


def check_name(name: str) -> str:
    """Return `name`; ValueError unless it is one plain file name."""
    if not name or name.startswith(".") or "/" in name or "\0" in name:
        raise ValueError(f"{name!r} is no file name")
    return name


def is_id(name: str) -> bool:
    """Whether it has the form of a story's id: letters, digits, `.`, `_`, `-`."""
    return _ID.fullmatch(name) is not None


def check_id(name: str) -> str:
    """Return `name`; ValueError unless it has the form of a story's id."""
    if not is_id(name):
        raise ValueError(f"{name!r} is no id")
    return name


def replace(folder: Path, name: str, data: bytes, temporary: Path) -> None:
    """Put `data` at `folder/name` in one step and make it durable.

    It is written to a file in the folder `temporary`, which must be on the same
    file system, and renamed. A link at the target is replaced, never followed; a
    `folder` that is a link itself is refused. ArchiveError as in `guard`; then
    the former file, if any, is untouched.
    """
    with guard(folder / local(check_name(name)), "Writing"):
        _replace(folder, {name: data}, temporary)


def replace_all(folder: Path, files: Mapping[str, bytes], temporary: Path) -> None:
    """The same for several files by name, each in one step; the folder is synced once.

    When it fails, each file is the former one or the other one, whole.
    """
    for name in files:
        check_name(name)
    with guard(folder, "Writing"):
        _replace(folder, files, temporary)


def _replace(folder: Path, files: Mapping[str, bytes], temporary: Path) -> None:
    sources = {str(next(_count)): name for name in files}
    # Open before the first write: then syncfs tells of each one that fails.
    there = os.open(temporary, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _write_all({source: files[name] for source, name in sources.items()}, there)
        target = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            for source, name in sources.items():
                os.rename(source, local(name), src_dir_fd=there, dst_dir_fd=target)
            os.fsync(target)
        finally:
            os.close(target)
    except OSError:
        for source in sources:
            with suppress(OSError):
                os.unlink(source, dir_fd=there)
        raise
    finally:
        os.close(there)


def _write_all(files: Mapping[str, bytes], folder: int) -> None:
    """Write new files, by name, into the open `folder`. Durable are their bytes, not the names."""
    for name, data in files.items():
        _write_new(name, folder, data, durably=len(files) == 1)
    if len(files) >= _MANY and syncfs is not None:
        syncfs(folder)
    elif len(files) > 1:  # what was written by then is synced with the first ones
        for name in files:
            _sync(name, folder)


def replace_parts(path: Path, parts: Iterable[tuple[int, int, bytes]], temporary: Path) -> None:
    """Put other bytes in place of some stretches (start, end, bytes) of a file, in one step.

    parts: in the order of their places. The file is copied to `temporary`, as in
    `replace`. OSError: it is the former one.
    """
    new = temporary / path.name
    with path.open("rb") as old, new.open("wb") as file:
        for start, end, data in parts:
            _copy(old, file, start)
            file.write(data)
            old.seek(end)
        _copy(old, file, None)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    sync_folder(path.parent)


def line_blocks(file: BinaryIO) -> Iterator[bytes]:
    """The rest of a file in large blocks that end with a whole line."""
    while block := file.read(_BLOCK):
        yield block + file.readline()


def _copy(source: BinaryIO, target: BinaryIO, end: int | None) -> None:
    """Copy from where `source` stands up to the byte `end`, or all of it."""
    while size := _BLOCK if end is None else min(_BLOCK, end - source.tell()):
        block = source.read(size)
        if not block:
            return
        target.write(block)


def _write_new(name: str, folder: int, data: bytes, *, durably: bool) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    descriptor = os.open(name, flags, 0o666, dir_fd=folder)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]
        if durably:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync(path: Path | str, folder: int | None = None) -> None:
    descriptor = os.open(path, os.O_RDONLY, dir_fd=folder)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _find_syncfs() -> Callable[[int], None] | None:
    """syncfs(2): makes all of the file system durable on which an open file lies.

    None where there is none, and on Linux before 5.8, where it keeps write errors to itself.
    """
    release = tuple(map(int, re.findall(r"\d+", os.uname().release)[:2]))
    if sys.platform != "linux" or release < (5, 8):
        return None
    function = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
    if function is None:
        return None

    def call(descriptor: int) -> None:
        if function(descriptor) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))

    return call


syncfs = _find_syncfs()


def sync_folder(folder: Path) -> None:
    """Make new and removed names in `folder` durable."""
    _sync(folder)


def make_folder(folder: Path) -> None:
    """Make `folder`, durably, where it is not there. ArchiveError also for a link to one."""
    with guard(folder, "Making"):
        if folder.is_symlink():
            raise ArchiveError(
                f"{folder} is a symbolic link, and nothing is written through one: "
                "put a folder there."
            )
        if not folder.is_dir():
            folder.mkdir()
            sync_folder(folder.parent)


def read(path: Path) -> bytes | None:
    """The file's bytes; None when there is no file there. A link is refused."""
    with guard(path, "Reading"):
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        except FileNotFoundError:
            return None
        with io.FileIO(descriptor) as file:
            return file.readall()
