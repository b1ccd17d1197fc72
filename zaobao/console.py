"""What commands say: data on stdout, all else on stderr."""

from __future__ import annotations

import os
import sys
from typing import TextIO


def data(text: str) -> None:
    """Write to stdout at once."""
    _write(sys.stdout, text)


def note(text: str) -> None:
    """Write to stderr at once."""
    _write(sys.stderr, text)


def _write(stream: TextIO, text: str) -> None:
    """Where the reader has gone away (`scrapy doctor | head`), the rest goes nowhere.

    The command itself goes on, so that its work is done and its exit code right.
    """
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        # What the stream still holds is flushed when the interpreter ends.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
