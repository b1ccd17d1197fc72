"""`python -m MODULE …` and `python -c CODE …` without the price of its start: a process that has imported all forks.

A command of Scrapy takes 0.7 s of CPU until it begins, nearly all of it imports. The server is one
more Python, started from the repository's root at the first command. It imports what a command
needs, and forks a child for each. The child has arguments, environment and output of its own and
ends as any Python does, but without clearing away what was imported. What is made when a process
begins (settings, reactor, the browser's handler) is not made before the fork.

What Python or the C library reads when it starts cannot be given to a child; see `fits`.
"""

from __future__ import annotations

import atexit
import ctypes
import gc
import importlib
import json
import os
import pkgutil
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
LARGEST = 1 << 17
# They read the environment, or Playwright, which a run without a browser must not load.
LEFT_OUT = ("zaobao.settings", "zaobao.browser.handler")
# `MARK` is looked for in /proc, where a fork has the environment of its parent.
READ_AT_START = ("FAKETIME", "LANG", "LC_", "LD_", "MARK", "PYTHON", "TZ")

_here = {name: value for name, value in os.environ.items() if name.startswith(READ_AT_START)}
_one_at_a_time = threading.Lock()


def fits(environment: dict[str, str]) -> bool:
    """Whether a fork of this process's server runs as a Python started in `environment` would."""
    read = {name: environment[name] for name in environment if name.startswith(READ_AT_START)}
    return read == _here


def run(
    *command: str,
    environment: dict[str, str],
    timeout: float,
    attach: Callable[[int], object] = lambda pid: None,
) -> subprocess.CompletedProcess[str]:
    """Run `python <command>` to its end, from the repository's root. It begins with -m or -c.

    The process waits until `attach`, which is called with its number, has returned.
    """
    request = json.dumps([command, environment]).encode()
    door = _server()
    with _one_at_a_time, tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        gate, let_go = os.pipe()
        socket.send_fds(door, [request], [out.fileno(), err.fileno(), gate])
        os.close(gate)
        pid = json.loads(door.recv(LARGEST))
        try:
            with os.fdopen(let_go, "wb"):
                attach(pid)
            door.settimeout(timeout)
            code = json.loads(door.recv(LARGEST))
        except BaseException as error:
            os.kill(pid, signal.SIGKILL)
            door.settimeout(None)
            door.recv(LARGEST)
            if isinstance(error, TimeoutError):
                raise subprocess.TimeoutExpired(command, timeout) from None
            raise
        door.settimeout(None)
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(command, code, out.read(), err.read())


@cache
def _server() -> socket.socket:
    """The way to this process's server, which is started by the first who asks."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        command = [sys.executable, "-m", __name__]
        server = subprocess.Popen(command, cwd=ROOT, stdin=theirs, stdout=subprocess.DEVNULL)

    def end() -> None:
        ours.close()
        server.wait()

    atexit.register(end)
    return ours


def _preload() -> None:
    """Import every command, our own modules, and the components that Scrapy has by default."""
    import scrapy.commands
    from scrapy.settings import Settings
    from scrapy.utils.misc import load_object

    import zaobao

    for package in (scrapy.commands, zaobao):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if module.name not in LEFT_OUT:
                importlib.import_module(module.name)
    for value in Settings().values():
        paths = [*value, *value.values()] if hasattr(value, "values") else [value]
        for path in paths:
            if isinstance(path, str) and path.startswith("scrapy."):
                load_object(path)
    importlib.import_module("scrapy.cmdline")
    for name in (*LEFT_OUT, "twisted.internet.reactor"):
        assert name not in sys.modules, name


def _serve() -> tuple[list[str], dict[str, str]]:
    """Fork for each request; the children return from here with what was asked."""
    door = socket.socket(fileno=os.dup(0))
    # A terminal interrupts the children, too; this process ends with the one that started it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        request, files, _, _ = socket.recv_fds(door, LARGEST, 3)
        if not request:
            sys.exit()
        pid = os.fork()
        if not pid:
            break
        for each in files:
            os.close(each)
        door.send(json.dumps(pid).encode())
        _, status = os.waitpid(pid, 0)
        door.send(json.dumps(os.waitstatus_to_exitcode(status)).encode())
    door.close()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    *outputs, gate = files
    for number, each in enumerate([os.open(os.devnull, os.O_RDONLY), *outputs]):
        os.dup2(each, number)
        os.close(each)
    if sys.platform == "linux":
        # Where Yama lets ancestors only attach, others may: PR_SET_PTRACER, PR_SET_PTRACER_ANY.
        ctypes.CDLL(None).prctl(0x59616D61, ctypes.c_ulong(-1))
    os.read(gate, 1)
    os.close(gate)
    command, environment = json.loads(request)
    return command, environment


def _end() -> None:
    """Leave what was imported to the system: to clear it away takes longer than many a command."""
    if _exit_code is not None:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(_exit_code)


_exit_code: int | None = None

if __name__ == "__main__":
    atexit.register(_end)  # before all others, so that it comes after them
    _preload()
    gc.freeze()
    command, environment = _serve()
    kind, program, *arguments = command
    sys.argv = ["-c", *arguments]
    os.environ.clear()
    os.environ.update(environment)
    try:
        if kind == "-c":
            exec(program, {"__name__": "__main__"})
        else:
            runpy.run_module(program, run_name="__main__", alter_sys=True)
        _exit_code = 0
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            _exit_code = end.code or 0
        raise
