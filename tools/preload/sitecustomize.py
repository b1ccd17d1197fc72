"""Loaded by every Python that `tools.clock` starts: what does not work under faketime, made to.

- libfaketime 0.9.10 takes the moment at which Python's sleep is to end, which is one of the
  monotonic clock, for one of the faked clock, and the call fails with EINVAL.
- Chromium and Node.js, with libfaketime loaded, spin or die. They run at the machine's own clock,
  as does `npx`, which shells start (bin/).
"""

import os
import select
import subprocess
import time
from pathlib import Path

REAL = ("node", "chromium", "chromium-headless-shell", "headless_shell")
_init = subprocess.Popen.__init__


def sleep(seconds):
    select.select([], [], [], seconds)


def init(self, args, *rest, env=None, **options):
    first = args if isinstance(args, (str, bytes, os.PathLike)) else next(iter(args))
    if Path(os.fsdecode(first)).name in REAL:
        env = dict(os.environ if env is None else env)
        env.pop("LD_PRELOAD", None)
    _init(self, args, *rest, env=env, **options)


time.sleep = sleep
subprocess.Popen.__init__ = init
