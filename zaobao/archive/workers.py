"""Where much is to be read: the processes that read it, and their results in order."""

from __future__ import annotations

import os
from collections import deque
from contextlib import contextmanager
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from multiprocessing.pool import AsyncResult, Pool

_T = TypeVar("_T")
_R = TypeVar("_R")


class Workers(Protocol):
    """Processes that call functions. The functions write nothing, so a call may be made again."""

    count: int

    def map(self, function: Callable[[_T], _R], tasks: Iterable[_T]) -> Iterator[_R]:
        """What the function gives for each task, in order; only some tasks wait at a time."""


@contextmanager
def pool() -> Iterator[Workers]:
    """One process for each core of this machine."""
    count = os.cpu_count() or 1
    with get_context("fork").Pool(count) as processes:
        yield _Pool(processes, count)


class _Pool:
    def __init__(self, processes: Pool, count: int) -> None:
        self._processes, self.count = processes, count

    def map(self, function: Callable[[_T], _R], tasks: Iterable[_T]) -> Iterator[_R]:
        waiting: deque[AsyncResult[Any]] = deque()
        for task in tasks:
            waiting.append(self._processes.apply_async(function, (task,)))
            if len(waiting) > 2 * self.count:
                yield waiting.popleft().get()
        while waiting:
            yield waiting.popleft().get()
