"""`python -m demo`: the newspaper, for browsing by hand."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from datetime import date, datetime, time

from demo.newspaper import EDITION_FORMS, Newspaper
from demo.server import start
from demo.story import SINGAPORE


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m demo",
        description="Serve a small newspaper in the markup of 联合早报 on 127.0.0.1.",
    )
    parser.add_argument("--port", type=int, default=0, help="0, the default, is a free one")
    parser.add_argument("--edition", choices=sorted(EDITION_FORMS), default="sg")
    parser.add_argument("--bulk", type=int, default=0, help="how many generated stories to add")
    parser.add_argument(
        "--today", type=date.fromisoformat, metavar="YYYY-MM-DD", help="a Singapore date"
    )
    parser.add_argument(
        "--hour", type=int, choices=range(24), metavar="0-23", help="of that day, in Singapore"
    )
    given = parser.parse_args()
    if not 0 <= given.port < 1 << 16:
        parser.error("--port takes a number from 0 to 65535")
    return given


async def _serve(paper: Newspaper, port: int) -> None:
    runner, origin = await start(paper, port)
    sys.stdout.write(f"{origin}\n{len(paper.stories)} stories; Ctrl-C stops.\n")
    sys.stdout.flush()
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
    await runner.cleanup()


def main() -> None:
    """Serve until SIGINT or SIGTERM; a sentence and exit code 1 where the port is taken."""
    arguments = _arguments()
    now = datetime.now(SINGAPORE)
    if arguments.today is not None:
        now = datetime.combine(arguments.today, time(), SINGAPORE)
    if arguments.hour is not None:
        now = now.replace(hour=arguments.hour, minute=0, second=0, microsecond=0)
    paper = Newspaper(now, arguments.bulk)
    paper.edition = arguments.edition
    try:
        asyncio.run(_serve(paper, arguments.port))
    except OSError as error:
        sys.exit(
            f"Port {arguments.port} of 127.0.0.1 cannot be used: {os.strerror(error.errno or 0)}. "
            "Stop what uses it, or name another one with --port."
        )


if __name__ == "__main__":
    main()
