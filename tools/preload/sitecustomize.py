"""Loaded by every Python that `tools.clock` starts: a `time.sleep` that works under faketime.

libfaketime 0.9.10 takes the moment at which Python's own sleep is to end for one of its faked
clock, and the call fails with EINVAL, also where the monotonic clock is left alone.
"""

import select
import time


def sleep(seconds: float) -> None:
    select.select([], [], [], seconds)


time.sleep = sleep
