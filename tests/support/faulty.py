"""A disk that fails."""

from __future__ import annotations

import os
from typing import Any


class Faulty:
    """`os` with one function that writes a part or nothing, and then fails."""

    def __init__(self, name: str, number: int, part: int = 0) -> None:
        self._name, self._number, self._part = name, number, part

    def __getattr__(self, name: str) -> Any:
        return self._fail if name == self._name else getattr(os, name)

    def _fail(self, descriptor: int, data: bytes = b"", *_: object, **__: object) -> int:
        if self._part:
            part, self._part = self._part, 0
            return os.write(descriptor, data[:part])
        raise OSError(self._number, os.strerror(self._number))
