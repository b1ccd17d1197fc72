"""The project's commands, one file each. Every `scrapy` command imports this package."""

from __future__ import annotations

import io
import re
import sys
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

if TYPE_CHECKING:
    import argparse

_SCHEDULER = re.compile(r"(?:tcp|tls|ws|wss|ucx)://[^\s/]+:\d{1,5}")

for _stream in (sys.stdout, sys.stderr):
    if isinstance(_stream, io.TextIOWrapper):
        # A console of GBK or Latin-1 shows `?` for what it does not have.
        _stream.reconfigure(errors="replace")


def add_worker_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say which processes read."""
    parser.add_argument(
        "--workers",
        metavar="N",
        help="let N processes of a Dask cluster on this machine read",
    )
    parser.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="let a Dask scheduler's workers read: tcp://host:8786",
    )


def check_worker_options(opts: argparse.Namespace) -> None:
    """Make the options values; UsageError names the one that is wrong."""
    if opts.workers and opts.scheduler:
        raise UsageError("--workers and --scheduler: name one of them")
    if opts.scheduler is not None and not _SCHEDULER.fullmatch(opts.scheduler):
        raise UsageError(f"--scheduler {opts.scheduler}: it takes an address like tcp://host:8786")
    if opts.workers is not None:
        if not (opts.workers.isascii() and opts.workers.isdigit() and int(opts.workers) > 0):
            raise UsageError(f"--workers {opts.workers}: it takes a whole number above 0")
        opts.workers = int(opts.workers)
