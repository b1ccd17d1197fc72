"""Where much is to be read: the processes that read it, and their results in order.

They are those of this machine, or a Dask cluster's. Nothing that they call writes: one that is
lost costs time, and its work is done by another.
"""

from __future__ import annotations

import logging
import os
import signal
from collections import deque
from concurrent.futures import CancelledError
from contextlib import contextmanager
from functools import partial
from itertools import chain, islice
from multiprocessing import active_children, get_context
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from zaobao import __version__
from zaobao.errors import ArchiveError, WorkersLost

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from multiprocessing.pool import AsyncResult, Pool

_T = TypeVar("_T")
_R = TypeVar("_R")

PATIENCE = 30
"""Seconds in which a scheduler answers, and in which one without workers gets one."""
_MANY = 1000
"""Tasks of a fraction of a millisecond that take longer than to start processes."""
_AGAIN = "What was written before is whole. Run the same command again."


class Workers(Protocol):
    """Processes that call functions. The functions write nothing, so a call may be made again."""

    count: int

    def map(self, function: Callable[[_T], _R], tasks: Iterable[_T]) -> Iterator[_R]:
        """What the function gives for each task, in order; only some tasks wait at a time."""


@contextmanager
def workers(scheduler: str | None = None, count: int | None = None) -> Iterator[Workers]:
    """The workers of a Dask scheduler (`tcp://host:8786`), `count` of a cluster that Dask starts
    on this machine, or else one process for each core.

    To be opened before the archive: its processes must not inherit the lock. WorkersLost: there
    are none.
    """
    if scheduler or count:
        with _dask(scheduler, count) as cluster:
            yield cluster
    else:
        processes = os.cpu_count() or 1
        # Ctrl-C reaches them, too, and each would say so with a traceback of its own.
        quiet = signal.signal, (signal.SIGINT, signal.SIG_IGN)
        with get_context("fork").Pool(processes, *quiet) as started:
            yield _Pool(started, processes)


@contextmanager
def workers_for(count: int) -> Iterator[Workers]:
    """One process for each core, where `count` tasks are worth starting them; else this one."""
    if count < _MANY:
        yield _Here()
    else:
        with workers() as started:
            yield started


def groups(tasks: Iterable[_T], size: int) -> Iterator[list[_T]]:
    """The tasks in lists of `size`, each for one process at a time; the last may be shorter."""
    tasks = iter(tasks)
    while group := list(islice(tasks, size)):
        yield group


def each(
    workers: Workers, function: Callable[[_T], _R], tasks: Iterable[_T], size: int
) -> Iterator[_R]:
    """What the function gives for each task, in order; `size` tasks go to a process at a time."""
    return chain.from_iterable(workers.map(partial(_each, function), groups(tasks, size)))


def _each(function: Callable[[_T], _R], tasks: list[_T]) -> list[_R]:
    return list(map(function, tasks))


class _Here:
    """This process alone."""

    count = 1

    def map(self, function: Callable[[_T], _R], tasks: Iterable[_T]) -> Iterator[_R]:
        return map(function, tasks)


class _Pool:
    def __init__(self, processes: Pool, count: int) -> None:
        self._processes, self.count = processes, count
        self._started = active_children()

    def map(self, function: Callable[[_T], _R], tasks: Iterable[_T]) -> Iterator[_R]:
        waiting: deque[AsyncResult[Any]] = deque()
        for task in tasks:
            waiting.append(self._processes.apply_async(function, (task,)))
            if len(waiting) > 2 * self.count:
                yield self._result(waiting.popleft())
        while waiting:
            yield self._result(waiting.popleft())

    def _result(self, asked: AsyncResult[Any]) -> Any:
        asked.wait(1)
        while not asked.ready():
            # The pool starts another process, and what the lost one had to do is never done.
            if not all(process.is_alive() for process in self._started):
                raise WorkersLost(f"A process that reads was killed. {_AGAIN}")
            asked.wait(1)
        return asked.get()


@contextmanager
def _dask(scheduler: str | None, count: int | None) -> Iterator[Workers]:
    try:
        import distributed
    except ImportError:
        raise WorkersLost(
            "--scheduler and --workers need Dask: pip install -r requirements-dask.txt. "
            "Nothing was changed."
        ) from None
    # It tells a lost scheduler with pages of tracebacks; what is wrong is said in a sentence.
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] in ("distributed", "tornado"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
    cluster: Any = distributed.LocalCluster
    connect: Any = distributed.Client
    if scheduler is None:
        with (
            cluster(
                n_workers=count, threads_per_worker=1, dashboard_address=None, silence_logs=40
            ) as local,
            connect(local, set_as_default=False) as client,
        ):
            yield _Dask(client)
        return
    try:
        client = connect(scheduler, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise WorkersLost(
            f"No Dask scheduler answers at {scheduler} ({error}). Nothing was changed. "
            "Start one with `dask scheduler`."
        ) from None
    with client:
        yield _Dask(client)


class _Dask:
    """The workers of a scheduler. What a lost one had to do is done by another (Dask's default)."""

    def __init__(self, client: Any) -> None:
        self._client = client
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            raise WorkersLost(
                f"The Dask scheduler has no workers after {PATIENCE} seconds. Nothing was changed. "
                "Start some with `dask worker`."
            ) from None
        for name, said in client.run(_version, on_error="return").items():
            if said != __version__:
                raise WorkersLost(
                    f"The Dask worker {name} has another zaobao than {__version__}, or none "
                    f"({said}). Nothing was changed. Install this one there."
                )
        self.count = sum(client.nthreads().values())

    def map(self, function: Callable[[_T], _R], tasks: Iterable[_T]) -> Iterator[_R]:
        waiting: deque[Any] = deque()
        try:
            for task in tasks:
                waiting.append(self._client.submit(function, task, pure=False))
                if len(waiting) > 2 * self.count:
                    yield self._result(waiting.popleft())
            while waiting:
                yield self._result(waiting.popleft())
        except (CancelledError, OSError) as error:
            if isinstance(error, ArchiveError):
                raise
            raise WorkersLost(f"The Dask scheduler was lost ({error!r}). {_AGAIN}") from error

    def _result(self, future: Any) -> Any:
        from distributed import KilledWorker

        while True:
            try:
                return future.result(timeout=PATIENCE)
            except TimeoutError:
                if not self._client.nthreads():
                    raise WorkersLost(
                        f"The Dask scheduler has had no workers for {PATIENCE} seconds. {_AGAIN}"
                    ) from None
            except KilledWorker as error:
                raise WorkersLost(
                    f"Several Dask workers died over the same work ({error}). {_AGAIN}"
                ) from error


def _version() -> str:
    return __version__
