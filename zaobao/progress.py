"""How far long work has come: one line on a terminal, and nothing where stderr is none."""

from __future__ import annotations

import logging
import sys
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rich.console import Console
    from rich.progress import Task

_T = TypeVar("_T")


@cache
def console() -> Console:
    """The terminal. Only one may draw on it at a time, or one line above the other."""
    from rich.console import Console  # only needed on a terminal

    return Console(stderr=True)


@contextmanager
def logged_above(start: Callable[[], None], stop: Callable[[], None]) -> Iterator[None]:
    """Between start and stop of a line of rich's, log lines go above it."""
    handlers = [h for h in logging.root.handlers if isinstance(h, logging.StreamHandler)]
    handlers = [handler for handler in handlers if handler.stream is sys.stderr]
    start()
    try:
        for handler in handlers:
            handler.setStream(sys.stderr)  # rich has put its own there
        yield
    finally:
        stop()
        for handler in handlers:
            handler.setStream(sys.stderr)


def track(items: Iterable[_T], what: str, total: int | None = None) -> Iterator[_T]:
    """The items; meanwhile a terminal shows how many of how many, a rate and the time left.

    what: is done with them, in a few words. total: None where it is not known.
    """
    with bar(what, total) as advance:
        for item in items:
            yield item
            advance(1)


@contextmanager
def bar(what: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """A bar that moves on by what the function that it gives is called with."""
    if not sys.stderr.isatty():
        yield _nothing
        return
    from rich import progress

    class Rate(progress.ProgressColumn):
        def render(self, task: Task) -> str:
            return f"{task.speed:,.0f}/s" if task.speed else ""

    drawn = progress.Progress(
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.MofNCompleteColumn(),
        Rate(),
        progress.TimeRemainingColumn(),
        console=console(),
        transient=True,
        # What goes to a file must not be drawn instead.
        redirect_stdout=sys.stdout.isatty(),
    )
    task = drawn.add_task(what, total=total)
    with logged_above(drawn.start, drawn.stop):
        yield lambda count: drawn.advance(task, count)


def _nothing(_: Any) -> None:
    """Nobody looks."""
